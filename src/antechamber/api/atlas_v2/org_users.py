"""Operations on the people of organizations."""

from typing import Any

from antechamber.api.atlas_v2.shapes import users as shapes
from antechamber.api.wire.operations import Call
from antechamber.api.wire.paging import paged
from antechamber.usecases import organization_users


async def list_org_users(call: Call) -> Any:
    """Return members and invited people, 2025-02-19."""
    page = await organization_users.list_of_organization(
        call.tx,
        call.caller,
        organization_id=call.parameters["orgId"],
        statuses=shapes.statuses(call.query),
        username=call.query.text("username"),
        page=call.query.page(),
    )
    return paged(page, shapes.org_user, base_url=call.base_url, path=call.path, query=call.query)


async def list_org_users_2023(call: Call) -> Any:
    """Return the members, 2023-01-01; filters are for later versions."""
    organization_id = call.parameters["orgId"]
    page = await organization_users.list_of_organization(
        call.tx,
        call.caller,
        organization_id=organization_id,
        statuses=organization_users.MEMBERS,
        page=call.query.page(),
    )
    return paged(
        page,
        lambda one: shapes.listed_cloud_app_user(one, organization_id, call.api_url),
        base_url=call.base_url,
        path=call.path,
        query=call.query,
    )


async def create_org_user(call: Call) -> Any:
    """Invite a person to an organization."""
    body: shapes.OrgUserRequest = call.body
    return shapes.org_user(
        await organization_users.create(
            call.tx,
            call.caller,
            organization_id=call.parameters["orgId"],
            username=body.username,
            requested_roles=body.roles.org_roles,
            team_ids=body.team_ids or (),
            project_roles=body.roles.project_roles() or (),
        )
    )


async def get_org_user(call: Call) -> Any:
    """Return one person of an organization."""
    return shapes.org_user(
        await organization_users.get(
            call.tx,
            call.caller,
            organization_id=call.parameters["orgId"],
            user_id=call.parameters["userId"],
            statuses=shapes.statuses(call.query),
        )
    )


async def update_org_user(call: Call) -> Any:
    """Change roles and teams of a person of an organization."""
    body: shapes.OrgUserChange = call.body
    return shapes.org_user(
        await organization_users.update(
            call.tx,
            call.caller,
            organization_id=call.parameters["orgId"],
            user_id=call.parameters["userId"],
            requested_roles=None if body.roles is None else body.roles.org_roles,
            team_ids=body.team_ids,
            project_roles=None if body.roles is None else body.roles.project_roles(),
        )
    )


async def remove_org_user(call: Call) -> None:
    """Remove a member, or cancel the invitation of somebody pending, 2025-02-19."""
    await organization_users.remove(
        call.tx,
        call.caller,
        organization_id=call.parameters["orgId"],
        user_id=call.parameters["userId"],
    )


async def remove_org_user_2023(call: Call) -> None:
    """Remove a member, 2023-01-01."""
    await organization_users.remove(
        call.tx,
        call.caller,
        organization_id=call.parameters["orgId"],
        user_id=call.parameters["userId"],
        statuses=organization_users.MEMBERS,
    )


async def update_org_user_roles(call: Call) -> Any:
    """Replace the organization roles of a member."""
    body: shapes.OrgRolesRequest = call.body
    return shapes.OrgRoles(
        await organization_users.replace_roles(
            call.tx,
            call.caller,
            organization_id=call.parameters["orgId"],
            user_id=call.parameters["userId"],
            requested_roles=body.org_roles,
        )
    )


async def add_org_user_role(call: Call) -> Any:
    """Give a person of an organization one role more."""
    body: shapes.OrgRoleRequest = call.body
    return shapes.org_user(
        await organization_users.add_role(
            call.tx,
            call.caller,
            organization_id=call.parameters["orgId"],
            user_id=call.parameters["userId"],
            role=body.org_role,
        )
    )


async def remove_org_user_role(call: Call) -> Any:
    """Take one role from a person of an organization."""
    body: shapes.OrgRoleRequest = call.body
    return shapes.org_user(
        await organization_users.remove_role(
            call.tx,
            call.caller,
            organization_id=call.parameters["orgId"],
            user_id=call.parameters["userId"],
            role=body.org_role,
        )
    )
