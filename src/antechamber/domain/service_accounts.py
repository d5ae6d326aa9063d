"""Service accounts: a client id with secrets, used with OAuth 2.0 client credentials."""

from dataclasses import dataclass
from datetime import datetime

ACCESS_TOKEN_LIFETIME_SECONDS = 3600
MOST_ACCESS_TOKENS = 100
MOST_SECRETS = 2
LONGEST_SECRET_LIFETIME_HOURS = 8760


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """One account of one organization."""

    client_id: str
    organization_id: str
    name: str
    description: str
    roles: tuple[str, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret of an account; of the secret itself only the mask is left."""

    id: str
    client_id: str
    mask: str
    created_at: datetime
    expires_at: datetime
