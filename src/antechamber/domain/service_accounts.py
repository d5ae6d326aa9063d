"""Service accounts: a client id with secrets, used with OAuth 2.0 client credentials."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from antechamber.domain.errors import AttributeNotPositive, InvalidAttribute

ACCESS_TOKEN_LIFETIME_SECONDS = 3600
MOST_ACCESS_TOKENS = 100
SHORTEST_SECRET_LIFETIME_HOURS = 8
LONGEST_SECRET_LIFETIME_HOURS = 8760
_CLIENT_ID = re.compile(r"mdb_sa_id_[a-fA-F0-9]{24}")
_NAME_CHARACTERS = 64
_DESCRIPTION_CHARACTERS = 250
_PUNCTUATION = frozenset("-_.,' ")


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret of an account; of the secret itself only the mask is left."""

    id: str
    client_id: str
    mask: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """One account of one organization. secrets: oldest first, expired ones too."""

    client_id: str
    organization_id: str
    name: str
    description: str
    roles: tuple[str, ...]
    created_at: datetime
    secrets: tuple[Secret, ...] = ()


def is_client_id(text: str) -> bool:
    """Tell whether text has the form of a client id. Source: contract, WIRE.md section 4."""
    return _CLIENT_ID.fullmatch(text) is not None


def require_name(text: str) -> str:
    """Return the name as it is kept. Raises InvalidAttribute. Source: contract, DOMAIN.md section 6."""
    return _plain(text, "name", _NAME_CHARACTERS)


def require_description(text: str) -> str:
    """Return the description as it is kept. Raises InvalidAttribute. Source: as for the name."""
    return _plain(text, "description", _DESCRIPTION_CHARACTERS)


def require_secret_lifetime(hours: int, longest_hours: int) -> int:
    """Return for how long a secret is to be good.

    longest_hours: what the organization's settings allow. Raises AttributeNotPositive, InvalidAttribute.
    Source: contract, DOMAIN.md section 5.
    """
    if hours <= 0:
        raise AttributeNotPositive("secretExpiresAfterHours")
    if not SHORTEST_SECRET_LIFETIME_HOURS <= hours <= longest_hours:
        raise InvalidAttribute("secretExpiresAfterHours")
    return hours


def _plain(text: str, attribute: str, most_characters: int) -> str:
    text = unicodedata.normalize("NFC", text)
    if (
        text.strip()
        and len(text) <= most_characters
        and all(letter in _PUNCTUATION or unicodedata.category(letter)[0] in "LN" for letter in text)
    ):
        return text
    raise InvalidAttribute(attribute)
