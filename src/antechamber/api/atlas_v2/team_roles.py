"""Operations on teams of projects."""

from typing import Any

from antechamber.api.atlas_v2.shapes import team_roles as shapes
from antechamber.api.wire.operations import Call
from antechamber.api.wire.paging import paged
from antechamber.domain.paging import Page
from antechamber.domain.teams import TeamRoles
from antechamber.usecases import team_roles


def _list(call: Call, page: Page[TeamRoles]) -> Any:
    return paged(
        page,
        lambda one: shapes.team_role(one, call.api_url),
        base_url=call.base_url,
        path=call.path,
        query=call.query,
    )


async def list_group_teams(call: Call) -> Any:
    """Return the teams of a project."""
    page = await team_roles.list_of_project(
        call.tx, call.caller, project_id=call.parameters["groupId"], page=call.query.page()
    )
    return _list(call, page)


async def add_group_teams(call: Call) -> Any:
    """Assign teams to a project."""
    body: list[shapes.TeamRoleRequest] = call.body
    page = await team_roles.add(
        call.tx,
        call.caller,
        project_id=call.parameters["groupId"],
        requested=[(one.team_id, one.role_names) for one in body],
        known_roles=call.project_roles,
    )
    return _list(call, page)


async def get_group_team(call: Call) -> Any:
    """Return one team of a project."""
    found = await team_roles.get(
        call.tx,
        call.caller,
        project_id=call.parameters["groupId"],
        team_id=call.parameters["teamId"],
    )
    return shapes.team_role(found, call.api_url)


async def update_group_team(call: Call) -> Any:
    """Replace the roles of one team of a project; recorded as answering with a list."""
    body: shapes.TeamRoleChange = call.body
    page = await team_roles.update(
        call.tx,
        call.caller,
        project_id=call.parameters["groupId"],
        team_id=call.parameters["teamId"],
        role_names=body.role_names,
        known_roles=call.project_roles,
    )
    return _list(call, page)


async def remove_group_team(call: Call) -> None:
    """Take one team off a project."""
    await team_roles.remove(
        call.tx,
        call.caller,
        project_id=call.parameters["groupId"],
        team_id=call.parameters["teamId"],
    )
