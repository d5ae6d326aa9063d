"""Operations on teams."""

from typing import Any

from antechamber.api.atlas_v2.shapes import teams as shapes
from antechamber.api.wire.operations import Call, Reply
from antechamber.api.wire.paging import paged
from antechamber.usecases import teams


async def list_org_teams(call: Call) -> Any:
    """Return the teams of an organization."""
    page = await teams.list_of_organization(
        call.tx, call.caller, organization_id=call.parameters["orgId"], page=call.query.page()
    )
    return paged(
        page,
        lambda one: shapes.team(one, call.api_url),
        base_url=call.base_url,
        path=call.path,
        query=call.query,
    )


async def create_org_team(call: Call) -> Any:
    """Create a team."""
    body: shapes.TeamRequest = call.body
    team, usernames = await teams.create(
        call.tx,
        call.caller,
        organization_id=call.parameters["orgId"],
        name=body.name,
        member_usernames=body.usernames,
    )
    # Recorded without the API's base path; no client reads it.
    location = f"{call.base_url}/orgs/{team.organization_id}/teams/{team.id}"
    return Reply(shapes.new_team(team, usernames, call.api_url), (("location", location),))


async def get_org_team(call: Call) -> Any:
    """Return one team."""
    team = await teams.get(
        call.tx,
        call.caller,
        organization_id=call.parameters["orgId"],
        team_id=call.parameters["teamId"],
    )
    return shapes.team(team, call.api_url)


async def get_org_team_by_name(call: Call) -> Any:
    """Return the team of a name."""
    team = await teams.get_by_name(
        call.tx,
        call.caller,
        organization_id=call.parameters["orgId"],
        name=call.parameters["teamName"],
    )
    return shapes.team(team, call.api_url)


async def rename_org_team(call: Call) -> Any:
    """Rename one team."""
    body: shapes.TeamChange = call.body
    team = await teams.rename(
        call.tx,
        call.caller,
        organization_id=call.parameters["orgId"],
        team_id=call.parameters["teamId"],
        name=body.name,
    )
    return shapes.team(team, call.api_url)


async def delete_org_team(call: Call) -> None:
    """Delete one team."""
    await teams.delete(
        call.tx,
        call.caller,
        organization_id=call.parameters["orgId"],
        team_id=call.parameters["teamId"],
    )
