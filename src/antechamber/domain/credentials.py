"""What a caller shows to prove who it is, and what is kept to check it."""

from dataclasses import dataclass, field
from datetime import datetime

from antechamber.domain.organizations import Organization


@dataclass(frozen=True, slots=True)
class DigestAnswer:
    """An answer to a Digest challenge and the request it signs.

    authorization: the header value. path: percent-decoded. query: raw, without "?".
    """

    authorization: str = field(repr=False)
    method: str
    path: str
    query: str


@dataclass(frozen=True, slots=True)
class BearerToken:
    """An access token as it was presented."""

    token: str = field(repr=False)


Credentials = DigestAnswer | BearerToken


@dataclass(frozen=True, slots=True)
class KeptApiKey:
    """What is kept of an API key for checking an answer: HA1 is as good as the private key.

    networks: the CIDR blocks of its access list, empty for no list.
    """

    id: str
    public_key: str
    ha1: str = field(repr=False)
    roles: frozenset[str]
    organization: Organization
    networks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeptAccessToken:
    """What is kept of an access token: the account it speaks for and until when."""

    client_id: str
    roles: frozenset[str]
    organization: Organization
    networks: tuple[str, ...]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class KeptSecret:
    """What is kept of a service account's secret: a SHA-256 fingerprint."""

    id: str
    client_id: str
    organization_id: str
    fingerprint: bytes = field(repr=False)
    expires_at: datetime
