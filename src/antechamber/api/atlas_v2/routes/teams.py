"""Rows of teams."""

from functools import partial

from antechamber.api.atlas_v2 import teams
from antechamber.api.atlas_v2.routes import families
from antechamber.api.atlas_v2.shapes import teams as shapes
from antechamber.api.wire import rate_limits
from antechamber.api.wire.operations import Operation
from antechamber.api.wire.paging import Paged
from antechamber.domain.permissions import Permission

_teams = partial(families.of_2023, tag="Teams", endpoints=rate_limits.TEAMS)

OPERATIONS: tuple[Operation, ...] = (
    _teams(
        "listOrgTeams",
        "GET",
        "/orgs/{orgId}/teams",
        teams.list_org_teams,
        Permission.TEAMS_READ,
        "List the teams of the organization.",
        result=Paged,
        items=shapes.TeamShape,
        parameters=families.PAGING,
    ),
    _teams(
        "createOrgTeam",
        "POST",
        "/orgs/{orgId}/teams",
        teams.create_org_team,
        Permission.TEAMS_MANAGE,
        "Create a team.",
        body=shapes.TeamRequest,
        result=shapes.NewTeamShape,
        success=201,
    ),
    _teams(
        "getOrgTeamByName",
        "GET",
        "/orgs/{orgId}/teams/byName/{teamName}",
        teams.get_org_team_by_name,
        Permission.TEAMS_READ,
        "Return the team of a name.",
        result=shapes.TeamShape,
    ),
    _teams(
        "getOrgTeam",
        "GET",
        "/orgs/{orgId}/teams/{teamId}",
        teams.get_org_team,
        Permission.TEAMS_READ,
        "Return a team.",
        result=shapes.TeamShape,
    ),
    _teams(
        "renameOrgTeam",
        "PATCH",
        "/orgs/{orgId}/teams/{teamId}",
        teams.rename_org_team,
        Permission.TEAMS_MANAGE,
        "Rename a team.",
        body=shapes.TeamChange,
        result=shapes.TeamShape,
    ),
    _teams(
        "deleteOrgTeam",
        "DELETE",
        "/orgs/{orgId}/teams/{teamId}",
        teams.delete_org_team,
        Permission.TEAMS_MANAGE,
        "Delete a team that no project has.",
        success=204,
    ),
)
