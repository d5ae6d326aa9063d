"""Rows of teams on projects."""

from functools import partial

from antechamber.api.atlas_v2 import team_roles
from antechamber.api.atlas_v2.routes import families
from antechamber.api.atlas_v2.shapes import team_roles as shapes
from antechamber.api.wire import rate_limits
from antechamber.api.wire.operations import Operation
from antechamber.api.wire.paging import Paged
from antechamber.domain.permissions import Permission

_team_roles = partial(families.of_2023, tag="Teams", endpoints=rate_limits.PROJECT_TEAMS)

OPERATIONS: tuple[Operation, ...] = (
    _team_roles(
        "listGroupTeams",
        "GET",
        "/groups/{groupId}/teams",
        team_roles.list_group_teams,
        Permission.PROJECT_TEAMS_READ,
        "List the teams of the project.",
        result=Paged,
        items=shapes.TeamRoleShape,
        parameters=families.PAGING,
    ),
    _team_roles(
        "addGroupTeams",
        "POST",
        "/groups/{groupId}/teams",
        team_roles.add_group_teams,
        Permission.PROJECT_TEAMS_MANAGE,
        "Assign teams to the project.",
        body=shapes.TeamRolesRequest,
        result=Paged,
        items=shapes.TeamRoleShape,
    ),
    _team_roles(
        "getGroupTeam",
        "GET",
        "/groups/{groupId}/teams/{teamId}",
        team_roles.get_group_team,
        Permission.PROJECT_TEAMS_READ,
        "Return a team of the project.",
        result=shapes.TeamRoleShape,
    ),
    _team_roles(
        "updateGroupTeam",
        "PATCH",
        "/groups/{groupId}/teams/{teamId}",
        team_roles.update_group_team,
        Permission.PROJECT_TEAMS_MANAGE,
        "Replace the roles of a team of the project.",
        body=shapes.TeamRoleChange,
        result=Paged,
        items=shapes.TeamRoleShape,
    ),
    _team_roles(
        "removeGroupTeam",
        "DELETE",
        "/groups/{groupId}/teams/{teamId}",
        team_roles.remove_group_team,
        Permission.PROJECT_TEAMS_MANAGE,
        "Take a team off the project.",
        success=204,
    ),
)
