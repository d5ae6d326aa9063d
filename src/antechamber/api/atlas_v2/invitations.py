"""The twelve invitation operations."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from antechamber.api.atlas_v2.shapes import invitations as shapes
from antechamber.api.wire.arrays import long_array
from antechamber.api.wire.operations import Call
from antechamber.usecases import invitations


def _assignments(
    requested: Sequence[shapes.GroupRolesRequest] | None,
) -> list[tuple[str, Sequence[str]]] | None:
    return None if requested is None else [(one.group_id, one.roles) for one in requested]


async def list_org_invites(call: Call) -> Any:
    """Return what is pending in an organization."""
    organization, found = await invitations.list_of_organization(
        call.tx,
        call.caller,
        organization_id=call.parameters["orgId"],
        username=call.query.text("username"),
    )
    return await long_array(found, partial(shapes.organization_invitation, organization))


async def create_org_invite(call: Call) -> Any:
    """Invite a person to an organization."""
    body: shapes.OrganizationInvitationRequest = call.body
    return shapes.organization_invitation(
        *await invitations.invite_to_organization(
            call.tx,
            call.caller,
            organization_id=call.parameters["orgId"],
            username=body.username,
            requested_roles=body.roles,
            team_ids=body.team_ids or (),
            project_roles=_assignments(body.group_role_assignments) or (),
        )
    )


async def update_org_invites(call: Call) -> Any:
    """Change the pending invitation of a username."""
    body: shapes.OrganizationInvitationByUsername = call.body
    return shapes.organization_invitation(
        *await invitations.change_of_organization(
            call.tx,
            call.caller,
            organization_id=call.parameters["orgId"],
            username=body.username,
            requested_roles=body.roles,
            team_ids=body.team_ids,
            project_roles=_assignments(body.group_role_assignments),
        )
    )


async def get_org_invite(call: Call) -> Any:
    """Return one pending invitation of an organization."""
    return shapes.organization_invitation(
        *await invitations.get_of_organization(
            call.tx,
            call.caller,
            organization_id=call.parameters["orgId"],
            invitation_id=call.parameters["invitationId"],
        )
    )


async def update_org_invite_by_id(call: Call) -> Any:
    """Change one pending invitation of an organization."""
    body: shapes.OrganizationInvitationChange = call.body
    return shapes.organization_invitation(
        *await invitations.change_of_organization(
            call.tx,
            call.caller,
            organization_id=call.parameters["orgId"],
            invitation_id=call.parameters["invitationId"],
            requested_roles=body.roles,
            team_ids=body.team_ids,
            project_roles=_assignments(body.group_role_assignments),
        )
    )


async def delete_org_invite(call: Call) -> None:
    """Cancel one pending invitation of an organization."""
    await invitations.revoke_of_organization(
        call.tx,
        call.caller,
        organization_id=call.parameters["orgId"],
        invitation_id=call.parameters["invitationId"],
    )


async def list_group_invites(call: Call) -> Any:
    """Return what is pending in a project."""
    project, found = await invitations.list_of_project(
        call.tx,
        call.caller,
        project_id=call.parameters["groupId"],
        username=call.query.text("username"),
    )
    return await long_array(found, partial(shapes.group_invitation, project))


async def create_group_invite(call: Call) -> Any:
    """Invite a person to a project."""
    body: shapes.GroupInvitationRequest = call.body
    return shapes.group_invitation(
        *await invitations.invite_to_project(
            call.tx,
            call.caller,
            project_id=call.parameters["groupId"],
            username=body.username,
            requested_roles=body.roles,
            known_roles=call.project_roles,
        )
    )


async def update_group_invites(call: Call) -> Any:
    """Change the pending project invitation of a username."""
    body: shapes.GroupInvitationByUsername = call.body
    return shapes.group_invitation(
        *await invitations.change_of_project(
            call.tx,
            call.caller,
            project_id=call.parameters["groupId"],
            username=body.username,
            requested_roles=body.roles,
            known_roles=call.project_roles,
        )
    )


async def get_group_invite(call: Call) -> Any:
    """Return one pending invitation of a project."""
    return shapes.group_invitation(
        *await invitations.get_of_project(
            call.tx,
            call.caller,
            project_id=call.parameters["groupId"],
            invitation_id=call.parameters["invitationId"],
        )
    )


async def update_group_invite_by_id(call: Call) -> Any:
    """Change one pending invitation of a project."""
    body: shapes.GroupInvitationChange = call.body
    return shapes.group_invitation(
        *await invitations.change_of_project(
            call.tx,
            call.caller,
            project_id=call.parameters["groupId"],
            invitation_id=call.parameters["invitationId"],
            requested_roles=body.roles,
            known_roles=call.project_roles,
        )
    )


async def delete_group_invite(call: Call) -> None:
    """Cancel one pending invitation of a project."""
    await invitations.revoke_of_project(
        call.tx,
        call.caller,
        project_id=call.parameters["groupId"],
        invitation_id=call.parameters["invitationId"],
    )
