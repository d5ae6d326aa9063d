"""Operations on the people of teams."""

from typing import Any

from antechamber.api.atlas_v2.shapes import teams as requests
from antechamber.api.atlas_v2.shapes import users as shapes
from antechamber.api.wire.errors import InvalidQueryParameter
from antechamber.api.wire.operations import Call
from antechamber.api.wire.paging import Paged, paged
from antechamber.domain.ids import is_id
from antechamber.domain.paging import Page
from antechamber.domain.users import OrganizationUser
from antechamber.usecases import team_users
from antechamber.usecases.organization_users import MEMBERS


def _of_team(call: Call) -> dict[str, Any]:
    return {
        "tx": call.tx,
        "caller": call.caller,
        "organization_id": call.parameters["orgId"],
        "team_id": call.parameters["teamId"],
    }


def _members(call: Call, page: Page[OrganizationUser]) -> Paged:
    """Return a page of members, 2023-01-01."""
    organization_id = call.parameters["orgId"]
    answer = paged(
        page,
        lambda one: shapes.listed_cloud_app_user(one, organization_id, call.api_url),
        base_url=call.base_url,
        path=call.path,
        query=call.query,
    )
    # Here includeCount is no parameter: the total is always there.
    answer.total_count = page.total
    return answer


async def list_org_team_users(call: Call) -> Any:
    """Return the members and the invited people of a team, 2025-02-19."""
    user_id = call.query.text("userId")
    if user_id is not None and not is_id(user_id):
        raise InvalidQueryParameter("userId")
    page = await team_users.list_of_team(
        **_of_team(call),
        page=call.query.page(),
        statuses=shapes.statuses(call.query),
        username=call.query.text("username"),
        user_id=user_id,
    )
    answer = paged(page, shapes.org_user, base_url=call.base_url, path=call.path, query=call.query)
    answer.total_count = page.total
    return answer


async def list_org_team_users_2023(call: Call) -> Any:
    """Return the members of a team, 2023-01-01; filters are for later versions."""
    return _members(
        call, await team_users.list_of_team(**_of_team(call), page=call.query.page(), statuses=MEMBERS)
    )


async def add_org_team_users(call: Call) -> Any:
    """Seat members of the organization in a team; the answer is the whole team."""
    body: list[requests.TeamUserRequest] = call.body
    return _members(call, await team_users.add_members(**_of_team(call), user_ids=[one.id for one in body]))


async def remove_org_team_user_from_team(call: Call) -> None:
    """Take a member's seat in a team."""
    await team_users.remove_member(**_of_team(call), user_id=call.parameters["userId"])


async def add_org_team_user(call: Call) -> Any:
    """Seat a member or somebody invited in a team."""
    body: requests.TeamUserRequest = call.body
    return shapes.org_user(await team_users.add(**_of_team(call), user_id=body.id))


async def remove_org_team_user(call: Call) -> Any:
    """Take the seat of a member or of somebody invited in a team."""
    body: requests.TeamUserRequest = call.body
    return shapes.org_user(await team_users.remove(**_of_team(call), user_id=body.id))
