"""Operations on the people of projects."""

from typing import Any

from antechamber.api.atlas_v2.shapes import users as shapes
from antechamber.api.atlas_v2.shapes.invitations import organization_invitation
from antechamber.api.wire.operations import Call
from antechamber.api.wire.paging import paged
from antechamber.domain.permissions import Permission
from antechamber.usecases import project_users


async def list_group_users(call: Call) -> Any:
    """Return members and invited people, 2025-02-19."""
    page = await project_users.list_of_project(
        call.tx,
        call.caller,
        project_id=call.parameters["groupId"],
        statuses=shapes.statuses(call.query),
        username=call.query.text("username"),
        through_teams=call.query.flag("flattenTeams"),
        implied=call.query.flag("includeOrgUsers"),
        page=call.query.page(),
    )
    return paged(page, shapes.group_user, base_url=call.base_url, path=call.path, query=call.query)


async def list_group_users_2023(call: Call) -> Any:
    """Return the members, 2023-01-01; filters by person are for later versions."""
    page = await project_users.list_of_project(
        call.tx,
        call.caller,
        project_id=call.parameters["groupId"],
        statuses=project_users.MEMBERS,
        through_teams=call.query.flag("flattenTeams"),
        implied=call.query.flag("includeOrgUsers"),
        page=call.query.page(),
    )
    organization_id = call.caller.organization.id
    return paged(
        page,
        lambda one: shapes.listed_cloud_app_user(one.person, organization_id, call.api_url),
        base_url=call.base_url,
        path=call.path,
        query=call.query,
    )


async def add_group_users(call: Call) -> Any:
    """Give a person access to a project."""
    body: shapes.GroupUserRequest = call.body
    return shapes.group_user(
        await project_users.add(
            call.tx,
            call.caller,
            project_id=call.parameters["groupId"],
            username=body.username,
            requested_roles=body.roles,
        )
    )


async def add_group_access_user(call: Call) -> Any:
    """Give a person access to a project; return the invitation, or nothing for a member."""
    body: shapes.GroupUserRequest = call.body
    added = await project_users.add(
        call.tx,
        call.caller,
        project_id=call.parameters["groupId"],
        username=body.username,
        requested_roles=body.roles,
        permission=Permission.PROJECT_INVITATIONS_MANAGE,
    )
    invitation = added.person.invitation
    return None if invitation is None else organization_invitation(call.caller.organization, invitation)


async def get_group_user(call: Call) -> Any:
    """Return one person of a project."""
    return shapes.group_user(
        await project_users.get(
            call.tx,
            call.caller,
            project_id=call.parameters["groupId"],
            user_id=call.parameters["userId"],
            statuses=shapes.statuses(call.query),
        )
    )


async def remove_group_user(call: Call) -> None:
    """Take a member's or a pending person's roles on a project away, 2025-02-19."""
    await project_users.remove(
        call.tx,
        call.caller,
        project_id=call.parameters["groupId"],
        user_id=call.parameters["userId"],
    )


async def remove_group_user_2023(call: Call) -> None:
    """Take a member's roles on a project away, 2023-01-01."""
    await project_users.remove(
        call.tx,
        call.caller,
        project_id=call.parameters["groupId"],
        user_id=call.parameters["userId"],
        statuses=project_users.MEMBERS,
    )


async def update_group_user_roles(call: Call) -> Any:
    """Replace the project roles of a member."""
    body: shapes.GroupRolesRequest = call.body
    return shapes.GroupRoles(
        await project_users.replace_roles(
            call.tx,
            call.caller,
            project_id=call.parameters["groupId"],
            user_id=call.parameters["userId"],
            requested_roles=body.group_roles,
        )
    )


async def add_group_user_role(call: Call) -> Any:
    """Give a person of a project one role more."""
    body: shapes.GroupRoleRequest = call.body
    return shapes.group_user(
        await project_users.add_role(
            call.tx,
            call.caller,
            project_id=call.parameters["groupId"],
            user_id=call.parameters["userId"],
            role=body.group_role,
        )
    )


async def remove_group_user_role(call: Call) -> Any:
    """Take one role from a person of a project."""
    body: shapes.GroupRoleRequest = call.body
    return shapes.group_user(
        await project_users.remove_role(
            call.tx,
            call.caller,
            project_id=call.parameters["groupId"],
            user_id=call.parameters["userId"],
            role=body.group_role,
        )
    )
