"""A team: people of one organization who get project roles together."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Team:
    """One team."""

    id: str
    organization_id: str
    name: str
    created_at: datetime
