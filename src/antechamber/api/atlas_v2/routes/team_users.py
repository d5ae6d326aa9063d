"""Rows of people of teams."""

from functools import partial

from antechamber.api.atlas_v2 import team_users
from antechamber.api.atlas_v2.routes import families
from antechamber.api.atlas_v2.shapes import teams as requests
from antechamber.api.atlas_v2.shapes import users as shapes
from antechamber.api.wire import rate_limits
from antechamber.api.wire.operations import Evidence, Operation
from antechamber.api.wire.paging import Paged
from antechamber.domain.permissions import Permission

_old = partial(families.of_2023, tag="Teams", endpoints=rate_limits.TEAMS, deprecated=families.SINCE_2025)
_new = partial(
    Operation,
    version="2025-02-19",
    tag="Teams",
    endpoints=rate_limits.TEAMS,
    evidence=Evidence.DOCUMENTED,
)

OPERATIONS: tuple[Operation, ...] = (
    _old(
        "listOrgTeamUsers",
        "GET",
        "/orgs/{orgId}/teams/{teamId}/users",
        team_users.list_org_team_users_2023,
        Permission.TEAMS_READ,
        "List the members of the team.",
        result=Paged,
        items=shapes.CloudAppUser,
        parameters=("pageNum", "itemsPerPage"),
    ),
    _new(
        "listOrgTeamUsers",
        "GET",
        "/orgs/{orgId}/teams/{teamId}/users",
        team_users.list_org_team_users,
        Permission.TEAMS_READ,
        "List the members and the invited people of the team.",
        result=Paged,
        items=shapes.OrgUser,
        parameters=("pageNum", "itemsPerPage", "userId", *shapes.STATUS_FILTERS),
    ),
    _old(
        "addOrgTeamUsers",
        "POST",
        "/orgs/{orgId}/teams/{teamId}/users",
        team_users.add_org_team_users,
        Permission.TEAMS_MANAGE,
        "Seat members of the organization in the team.",
        body=requests.TeamUsersRequest,
        result=Paged,
        items=shapes.CloudAppUser,
    ),
    _old(
        "removeOrgTeamUserFromTeam",
        "DELETE",
        "/orgs/{orgId}/teams/{teamId}/users/{userId}",
        team_users.remove_org_team_user_from_team,
        Permission.TEAMS_MANAGE,
        "Take a member's seat in the team.",
        success=204,
    ),
    _new(
        "addOrgTeamUser",
        "POST",
        "/orgs/{orgId}/teams/{teamId}:addUser",
        team_users.add_org_team_user,
        Permission.TEAMS_MANAGE,
        "Seat a member or somebody invited in the team.",
        body=requests.TeamUserRequest,
        result=shapes.OrgUser,
    ),
    _new(
        "removeOrgTeamUser",
        "POST",
        "/orgs/{orgId}/teams/{teamId}:removeUser",
        team_users.remove_org_team_user,
        Permission.TEAMS_MANAGE,
        "Take the seat of a member or of somebody invited in the team.",
        body=requests.TeamUserRequest,
        result=shapes.OrgUser,
    ),
)
