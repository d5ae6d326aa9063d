"""Who asks: a person, an API key or a service account."""

from dataclasses import dataclass
from enum import StrEnum

from antechamber.domain.organizations import Organization


class CallerKind(StrEnum):
    """How a caller is known."""

    USER = "user"
    API_KEY = "api_key"
    SERVICE_ACCOUNT = "service_account"


@dataclass(frozen=True, slots=True)
class Caller:
    """The authenticated principal of one request, with the authority it has in this very transaction.

    name: what others see of it: e-mail, public key or client id (contract, DECISIONS.md 10).
    organization, roles: the one organization a key or service account belongs to, and its roles there.
    address: where the request comes from. language: what it wants mails to be written in, empty for whatever
    the organization writes in.
    """

    kind: CallerKind
    id: str
    name: str
    organization: Organization
    roles: frozenset[str]
    address: str
    language: str = ""
