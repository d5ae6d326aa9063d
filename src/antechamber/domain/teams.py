"""A team: people of one organization who get project roles together."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Team:
    """One team."""

    id: str
    organization_id: str
    name: str
    created_at: datetime


class TeamRoles(NamedTuple):
    """The project roles that a team has on one project, for every one of its members."""

    project_id: str
    team_id: str
    roles: tuple[str, ...]
