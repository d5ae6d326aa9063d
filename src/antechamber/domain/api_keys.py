"""Programmatic API keys: a public and a private half, used with HTTP Digest."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key. The private half is not here: only its last characters, for showing it masked."""

    id: str
    organization_id: str
    public_key: str
    private_key_tail: str
    description: str
    roles: tuple[str, ...]
    created_at: datetime
