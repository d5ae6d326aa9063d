"""Rows of the twelve invitation operations."""

from functools import partial

from antechamber.api.atlas_v2 import invitations
from antechamber.api.atlas_v2.routes import families
from antechamber.api.atlas_v2.shapes import invitations as shapes
from antechamber.api.wire.operations import Operation
from antechamber.domain.permissions import Permission

_org_invites = partial(families.organizations, deprecated=families.SINCE_2025)
_group_invites = partial(families.projects, deprecated=families.SINCE_2023)

OPERATIONS: tuple[Operation, ...] = (
    _org_invites(
        "listOrgInvites",
        "GET",
        "/orgs/{orgId}/invites",
        invitations.list_org_invites,
        Permission.ORGANIZATION_INVITATIONS_READ,
        "List what is pending in the organization.",
        reads_one=True,
        result=list[shapes.OrganizationInvitation],
        parameters=("username",),
    ),
    _org_invites(
        "createOrgInvite",
        "POST",
        "/orgs/{orgId}/invites",
        invitations.create_org_invite,
        Permission.ORGANIZATION_INVITATIONS_MANAGE,
        "Invite a person to the organization.",
        body=shapes.OrganizationInvitationRequest,
        result=shapes.OrganizationInvitation,
    ),
    _org_invites(
        "updateOrgInvites",
        "PATCH",
        "/orgs/{orgId}/invites",
        invitations.update_org_invites,
        Permission.ORGANIZATION_INVITATIONS_MANAGE,
        "Change the pending invitation of a username.",
        body=shapes.OrganizationInvitationByUsername,
        result=shapes.OrganizationInvitation,
    ),
    _org_invites(
        "getOrgInvite",
        "GET",
        "/orgs/{orgId}/invites/{invitationId}",
        invitations.get_org_invite,
        Permission.ORGANIZATION_INVITATIONS_READ,
        "Return one pending invitation.",
        reads_one=True,
        result=shapes.OrganizationInvitation,
    ),
    _org_invites(
        "updateOrgInviteById",
        "PATCH",
        "/orgs/{orgId}/invites/{invitationId}",
        invitations.update_org_invite_by_id,
        Permission.ORGANIZATION_INVITATIONS_MANAGE,
        "Change one pending invitation.",
        body=shapes.OrganizationInvitationChange,
        result=shapes.OrganizationInvitation,
    ),
    _org_invites(
        "deleteOrgInvite",
        "DELETE",
        "/orgs/{orgId}/invites/{invitationId}",
        invitations.delete_org_invite,
        Permission.ORGANIZATION_INVITATIONS_MANAGE,
        "Cancel one pending invitation.",
        success=204,
    ),
    _group_invites(
        "listGroupInvites",
        "GET",
        "/groups/{groupId}/invites",
        invitations.list_group_invites,
        Permission.PROJECT_INVITATIONS_READ,
        "List what is pending in the project.",
        reads_one=True,
        result=list[shapes.GroupInvitation],
        parameters=("username",),
    ),
    _group_invites(
        "createGroupInvite",
        "POST",
        "/groups/{groupId}/invites",
        invitations.create_group_invite,
        Permission.PROJECT_INVITATIONS_MANAGE,
        "Invite a person to the project.",
        body=shapes.GroupInvitationRequest,
        result=shapes.GroupInvitation,
    ),
    _group_invites(
        "updateGroupInvites",
        "PATCH",
        "/groups/{groupId}/invites",
        invitations.update_group_invites,
        Permission.PROJECT_INVITATIONS_MANAGE,
        "Change the pending invitation of a username.",
        body=shapes.GroupInvitationByUsername,
        result=shapes.GroupInvitation,
    ),
    _group_invites(
        "getGroupInvite",
        "GET",
        "/groups/{groupId}/invites/{invitationId}",
        invitations.get_group_invite,
        Permission.PROJECT_INVITATIONS_READ,
        "Return one pending invitation.",
        reads_one=True,
        result=shapes.GroupInvitation,
    ),
    _group_invites(
        "updateGroupInviteById",
        "PATCH",
        "/groups/{groupId}/invites/{invitationId}",
        invitations.update_group_invite_by_id,
        Permission.PROJECT_INVITATIONS_MANAGE,
        "Change one pending invitation.",
        body=shapes.GroupInvitationChange,
        result=shapes.GroupInvitation,
    ),
    _group_invites(
        "deleteGroupInvite",
        "DELETE",
        "/groups/{groupId}/invites/{invitationId}",
        invitations.delete_group_invite,
        Permission.PROJECT_INVITATIONS_MANAGE,
        "Cancel one pending invitation.",
        success=204,
    ),
)
