"""A MongoDB Cloud user: a person, known by an e-mail address that never changes."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class User:
    """One account. It exists from the first invitation on; names are empty until the person has joined."""

    id: str
    username: str
    created_at: datetime
    first_name: str = ""
    last_name: str = ""
    country: str = ""
    last_auth_at: datetime | None = None
