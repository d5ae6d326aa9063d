"""Teams on projects on the wire. Source: contract, WIRE.md section 5."""

from typing import Annotated

from msgspec import Meta, Struct

from antechamber.api.atlas_v2.shapes.fields import READ_ONLY, Id, ReadOnly, Roles
from antechamber.api.wire.paging import Link
from antechamber.domain.teams import TeamRoles


class TeamRoleShape(Struct, rename="camel"):
    """A team with its roles on a project."""

    links: list[Link]
    role_names: tuple[str, ...]
    team_id: str


def team_role(one: TeamRoles, api_url: str) -> TeamRoleShape:
    """Return the shape of a team on a project, 2023-01-01."""
    href = f"{api_url}/groups/{one.project_id}/teams/{one.team_id}"
    return TeamRoleShape([Link(href, "self")], one.roles, one.team_id)


class TeamRoleRequest(Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """An element of the body of addGroupTeams."""

    team_id: Id
    role_names: Roles
    links: ReadOnly = READ_ONLY


TeamRolesRequest = Annotated[list[TeamRoleRequest], Meta(min_length=1, max_length=500)]


class TeamRoleChange(Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """The body of updateGroupTeam; a team id is ignored, the path has it."""

    role_names: Roles
    team_id: ReadOnly = READ_ONLY
    links: ReadOnly = READ_ONLY
