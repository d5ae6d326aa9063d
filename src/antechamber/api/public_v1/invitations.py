"""Invitations as this generation shows and takes them.

No project roles on an organization's; `roles` is required on update and replaces the whole set.
Source: contract, OPERATIONS.md section 3; DECISIONS.md 18.
"""

from datetime import datetime
from functools import partial
from typing import Any

from msgspec import Struct

from antechamber.api.atlas_v2.shapes import fields
from antechamber.api.atlas_v2.shapes.invitations import GroupInvitationRequest, group_invitation
from antechamber.api.wire.arrays import long_array
from antechamber.api.wire.operations import Call
from antechamber.domain.invitations import Invitation
from antechamber.domain.organizations import Organization
from antechamber.usecases import invitations


class OrganizationInvitation(Struct, rename="camel"):
    """An invitation to an organization."""

    created_at: datetime
    expires_at: datetime
    id: str
    inviter_username: str
    org_id: str
    org_name: str
    roles: tuple[str, ...]
    team_ids: tuple[str, ...]
    username: str


def _shape(organization: Organization, invitation: Invitation) -> OrganizationInvitation:
    return OrganizationInvitation(
        invitation.created_at,
        invitation.expires_at,
        invitation.id,
        invitation.inviter,
        organization.id,
        organization.name,
        invitation.roles,
        invitation.team_ids,
        invitation.username,
    )


class _Echoed(Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    created_at: fields.ReadOnly = fields.READ_ONLY
    expires_at: fields.ReadOnly = fields.READ_ONLY
    id: fields.ReadOnly = fields.READ_ONLY
    inviter_username: fields.ReadOnly = fields.READ_ONLY
    org_id: fields.ReadOnly = fields.READ_ONLY
    org_name: fields.ReadOnly = fields.READ_ONLY
    group_id: fields.ReadOnly = fields.READ_ONLY
    group_name: fields.ReadOnly = fields.READ_ONLY


class InvitationRequest(_Echoed, kw_only=True):
    """The body of createOrgInvite."""

    username: fields.Text
    roles: fields.Roles
    team_ids: fields.Ids | None = None


class ChangeByUsername(_Echoed, kw_only=True):
    """The body of updateOrgInvites and updateGroupInvites."""

    username: fields.Text
    roles: fields.Roles
    team_ids: fields.ReadOnly = fields.READ_ONLY


class Change(_Echoed, kw_only=True):
    """The body of updateOrgInviteById and updateGroupInviteById: roles alone."""

    roles: fields.Roles
    username: fields.ReadOnly = fields.READ_ONLY
    team_ids: fields.ReadOnly = fields.READ_ONLY


async def list_org_invites(call: Call) -> Any:
    """Return what is pending in an organization."""
    organization, found = await invitations.list_of_organization(
        call.tx,
        call.caller,
        organization_id=call.parameters["orgId"],
        username=call.query.text("username"),
    )
    return await long_array(found, partial(_shape, organization))


async def create_org_invite(call: Call) -> Any:
    """Invite a person to an organization."""
    body: InvitationRequest = call.body
    return _shape(
        *await invitations.invite_to_organization(
            call.tx,
            call.caller,
            organization_id=call.parameters["orgId"],
            username=body.username,
            requested_roles=body.roles,
            team_ids=body.team_ids or (),
            may_bypass=True,
        )
    )


async def update_org_invites(call: Call) -> Any:
    """Replace the roles of the pending invitation of a username."""
    body: ChangeByUsername = call.body
    return _shape(
        *await invitations.change_of_organization(
            call.tx,
            call.caller,
            organization_id=call.parameters["orgId"],
            username=body.username,
            requested_roles=body.roles,
        )
    )


async def get_org_invite(call: Call) -> Any:
    """Return one pending invitation of an organization."""
    return _shape(
        *await invitations.get_of_organization(
            call.tx,
            call.caller,
            organization_id=call.parameters["orgId"],
            invitation_id=call.parameters["invitationId"],
        )
    )


async def update_org_invite_by_id(call: Call) -> Any:
    """Replace the roles of one pending invitation of an organization."""
    body: Change = call.body
    return _shape(
        *await invitations.change_of_organization(
            call.tx,
            call.caller,
            organization_id=call.parameters["orgId"],
            invitation_id=call.parameters["invitationId"],
            requested_roles=body.roles,
        )
    )


async def create_group_invite(call: Call) -> Any:
    """Invite a person to a project."""
    body: GroupInvitationRequest = call.body
    return group_invitation(
        *await invitations.invite_to_project(
            call.tx,
            call.caller,
            project_id=call.parameters["groupId"],
            username=body.username,
            requested_roles=body.roles,
            known_roles=call.project_roles,
            may_bypass=True,
        )
    )
