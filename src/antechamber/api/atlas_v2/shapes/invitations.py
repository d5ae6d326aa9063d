"""Invitations on the wire. Source: contract, WIRE.md section 5; DOMAIN.md "Fields and relations"."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from antechamber.api.atlas_v2.shapes.fields import READ_ONLY, Id, Ids, ReadOnly, Roles, Text
from antechamber.domain.invitations import Invitation
from antechamber.domain.organizations import Organization
from antechamber.domain.projects import Project


class GroupRole(Struct, rename="camel"):
    """One project role that an organization invitation carries."""

    group_id: str
    group_role: str


class OrganizationInvitation(Struct, rename="camel"):
    """An invitation to an organization."""

    created_at: datetime
    expires_at: datetime
    group_role_assignments: list[GroupRole]
    id: str
    inviter_username: str
    org_id: str
    org_name: str
    roles: tuple[str, ...]
    team_ids: tuple[str, ...]
    username: str


class GroupInvitation(Struct, rename="camel"):
    """An invitation to a project."""

    created_at: datetime
    expires_at: datetime
    group_id: str
    group_name: str
    id: str
    inviter_username: str
    roles: tuple[str, ...]
    username: str


def organization_invitation(organization: Organization, invitation: Invitation) -> OrganizationInvitation:
    """Return the shape of an organization invitation, 2023-01-01."""
    return OrganizationInvitation(
        invitation.created_at,
        invitation.expires_at,
        [GroupRole(*assignment) for assignment in invitation.project_roles],
        invitation.id,
        invitation.inviter,
        organization.id,
        organization.name,
        invitation.roles,
        invitation.team_ids,
        invitation.username,
    )


def group_invitation(project: Project, invitation: Invitation) -> GroupInvitation:
    """Return the shape of a project invitation, 2023-01-01."""
    return GroupInvitation(
        invitation.created_at,
        invitation.expires_at,
        project.id,
        project.name,
        invitation.id,
        invitation.inviter,
        invitation.roles,
        invitation.username,
    )


class GroupRolesRequest(Struct, rename="camel", forbid_unknown_fields=True):
    """The roles to be granted on one project."""

    group_id: Id
    roles: Roles


class _OrganizationInvitationFields(Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    team_ids: Ids | None = None
    group_role_assignments: Annotated[list[GroupRolesRequest], Meta(max_length=500)] | None = None
    created_at: ReadOnly = READ_ONLY
    expires_at: ReadOnly = READ_ONLY
    id: ReadOnly = READ_ONLY
    inviter_username: ReadOnly = READ_ONLY
    links: ReadOnly = READ_ONLY
    org_id: ReadOnly = READ_ONLY
    org_name: ReadOnly = READ_ONLY


class OrganizationInvitationRequest(_OrganizationInvitationFields, kw_only=True):
    """The body of createOrgInvite."""

    username: Text
    roles: Roles


class OrganizationInvitationByUsername(_OrganizationInvitationFields, kw_only=True):
    """The body of updateOrgInvites."""

    username: Text
    roles: Roles | None = None


class OrganizationInvitationChange(_OrganizationInvitationFields, kw_only=True):
    """The body of updateOrgInviteById; a username is ignored, it never changes."""

    username: ReadOnly = READ_ONLY
    roles: Roles | None = None


class _GroupInvitationFields(Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    created_at: ReadOnly = READ_ONLY
    expires_at: ReadOnly = READ_ONLY
    group_id: ReadOnly = READ_ONLY
    group_name: ReadOnly = READ_ONLY
    id: ReadOnly = READ_ONLY
    inviter_username: ReadOnly = READ_ONLY
    links: ReadOnly = READ_ONLY


class GroupInvitationRequest(_GroupInvitationFields, kw_only=True):
    """The body of createGroupInvite."""

    username: Text
    roles: Roles


class GroupInvitationByUsername(_GroupInvitationFields, kw_only=True):
    """The body of updateGroupInvites."""

    username: Text
    roles: Roles | None = None


class GroupInvitationChange(_GroupInvitationFields, kw_only=True):
    """The body of updateGroupInviteById; a username is ignored, it never changes."""

    username: ReadOnly = READ_ONLY
    roles: Roles | None = None
