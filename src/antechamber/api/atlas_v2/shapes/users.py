"""MongoDB Cloud users on the wire. Source: contract, WIRE.md section 5; DOMAIN.md section 2."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import UNSET, Struct, UnsetType

from antechamber.api.atlas_v2.shapes.fields import READ_ONLY, Id, Ids, ReadOnly, Roles, Text
from antechamber.api.wire.errors import InvalidEnumValue, MutuallyExclusiveQueryParameters
from antechamber.api.wire.paging import Link
from antechamber.api.wire.queries import Query
from antechamber.domain.invitations import ProjectRole
from antechamber.domain.users import SHOWN, OrganizationUser, ProjectUser, Status, User
from antechamber.usecases.users import Account

_REL = "https://cloud.mongodb.com/"

STATUS_FILTERS = ("username", "orgMembershipStatus", "orgMembershipStatuses")


def statuses(query: Query) -> frozenset[Status]:
    """Return the membership statuses asked for: ACTIVE and PENDING where none is.

    Raises MutuallyExclusiveQueryParameters, InvalidEnumValue. Source: contract, listOrgUsers 2025-02-19.
    """
    single, several = query.texts("orgMembershipStatus"), query.texts("orgMembershipStatuses")
    if single and several:
        raise MutuallyExclusiveQueryParameters("orgMembershipStatus", "orgMembershipStatuses")
    asked = single[:1] or several
    for value in asked:
        if value not in Status.__members__:
            raise InvalidEnumValue(value)
    return frozenset(map(Status, asked)) or SHOWN


# -- 2025-02-19 ---------------------------------------------------------------------------------------


class GroupRoleAssignment(Struct, rename="camel"):
    """The direct roles on one project."""

    group_id: str
    group_roles: list[str]


class OrgUserRoles(Struct, rename="camel"):
    """What somebody may do in an organization."""

    group_role_assignments: list[GroupRoleAssignment]
    org_roles: tuple[str, ...]


class _UserFields(Struct, rename="camel", kw_only=True):
    """A member has an account and no invitation, everybody else the reverse."""

    country: str | UnsetType = UNSET
    created_at: datetime | UnsetType = UNSET
    first_name: str | UnsetType = UNSET
    id: str
    invitation_created_at: datetime | UnsetType = UNSET
    invitation_expires_at: datetime | UnsetType | None = UNSET
    inviter_username: str | UnsetType = UNSET
    last_auth: datetime | UnsetType = UNSET
    last_name: str | UnsetType = UNSET
    mobile_number: str | UnsetType | None = UNSET
    org_membership_status: str


class OrgUser(_UserFields, kw_only=True):
    """A person of an organization."""

    roles: OrgUserRoles
    team_ids: tuple[str, ...]
    username: str


class GroupUser(_UserFields, kw_only=True):
    """A person of a project."""

    roles: tuple[str, ...]
    username: str


def _assignments(project_roles: Iterable[ProjectRole]) -> list[GroupRoleAssignment]:
    by_project: dict[str, list[str]] = {}
    for project_id, role in project_roles:
        by_project.setdefault(project_id, []).append(role)
    return [GroupRoleAssignment(project_id, roles) for project_id, roles in by_project.items()]


def _describe(shape: _UserFields, person: OrganizationUser) -> None:
    if person.account is not None:
        account = person.account
        shape.country = account.country or UNSET
        shape.created_at = account.created_at
        shape.first_name = account.first_name
        shape.last_auth = account.last_auth_at or UNSET
        shape.last_name = account.last_name
        shape.mobile_number = account.mobile_number or None
    if person.invitation is not None:
        rejected = person.status is Status.INVITATION_REJECTED
        shape.invitation_created_at = person.invitation.created_at
        shape.invitation_expires_at = None if rejected else person.invitation.expires_at
        shape.inviter_username = person.invitation.inviter


def org_user(person: OrganizationUser) -> OrgUser:
    """Return the shape of a person of an organization, 2025-02-19."""
    shape = OrgUser(
        id=person.id,
        org_membership_status=person.status.value,
        roles=OrgUserRoles(_assignments(person.project_roles), person.roles),
        team_ids=person.team_ids,
        username=person.username,
    )
    _describe(shape, person)
    return shape


def group_user(one: ProjectUser) -> GroupUser:
    """Return the shape of a person of a project, 2025-02-19."""
    person = one.person
    shape = GroupUser(
        id=person.id,
        org_membership_status=person.status.value,
        roles=one.roles,
        username=person.username,
    )
    _describe(shape, person)
    return shape


class GroupRoleAssignmentRequest(Struct, rename="camel", forbid_unknown_fields=True):
    """The roles to be held on one project."""

    group_id: Id
    group_roles: Roles


class OrgUserRolesRequest(Struct, rename="camel", forbid_unknown_fields=True):
    """The roles to be held in an organization; projects are left as they are where none are named."""

    org_roles: Roles
    group_role_assignments: list[GroupRoleAssignmentRequest] | None = None

    def project_roles(self) -> list[tuple[str, list[str]]] | None:
        """Return project ids and roles, None where the request says nothing of them."""
        if self.group_role_assignments is None:
            return None
        return [(one.group_id, one.group_roles) for one in self.group_role_assignments]


class OrgUserRequest(Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """The body of createOrgUser."""

    roles: OrgUserRolesRequest
    username: Text
    team_ids: Ids | None = None
    id: ReadOnly = READ_ONLY


class OrgUserChange(Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """The body of updateOrgUser."""

    roles: OrgUserRolesRequest | None = None
    team_ids: Ids | None = None


class OrgRoleRequest(Struct, rename="camel", forbid_unknown_fields=True):
    """The body of addOrgUserRole and removeOrgUserRole."""

    org_role: Text


class GroupUserRequest(Struct, forbid_unknown_fields=True):
    """The body of addGroupUsers and addGroupAccessUser."""

    roles: Roles
    username: Text


class GroupRoleRequest(Struct, rename="camel", forbid_unknown_fields=True):
    """The body of addGroupUserRole and removeGroupUserRole."""

    group_role: Text


# -- 2023-01-01 ---------------------------------------------------------------------------------------


class OrgRoles(Struct, rename="camel"):
    """The organization roles of a member."""

    org_roles: tuple[str, ...]


class GroupRoles(Struct, rename="camel"):
    """The direct project roles of a member."""

    group_roles: tuple[str, ...]


class OrgRolesRequest(Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """The body of updateOrgUserRoles."""

    org_roles: Roles
    links: ReadOnly = READ_ONLY


class GroupRolesRequest(Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """The body of updateGroupUserRoles."""

    group_roles: Roles
    links: ReadOnly = READ_ONLY


class CloudAppUserRole(Struct, rename="camel"):
    """A role on an organization or on a project."""

    group_id: str | UnsetType
    org_id: str | UnsetType
    role_name: str


class CloudAppUser(Struct, rename="camel"):
    """An account."""

    country: str | UnsetType
    created_at: datetime
    email_address: str
    first_name: str
    id: str
    last_auth: datetime | UnsetType
    last_name: str
    links: list[Link]
    roles: list[CloudAppUserRole]
    team_ids: tuple[str, ...]
    username: str


def _cloud_app_user(
    account: User, membership: OrganizationUser | None, organization_id: str, links: list[Link]
) -> CloudAppUser:
    roles: list[CloudAppUserRole] = []
    if membership is not None:
        roles += [CloudAppUserRole(UNSET, organization_id, role) for role in membership.roles]
        roles += [CloudAppUserRole(project_id, UNSET, role) for project_id, role in membership.project_roles]
    return CloudAppUser(
        account.country or UNSET,
        account.created_at,
        account.username,
        account.first_name,
        account.id,
        account.last_auth_at or UNSET,
        account.last_name,
        links,
        roles,
        () if membership is None else membership.team_ids,
        account.username,
    )


def _self(account: User, api_url: str) -> str:
    return f"{api_url}/users/{account.id}"


def cloud_app_user(one: Account, organization_id: str, api_url: str) -> CloudAppUser:
    """Return the shape of a single account, 2023-01-01, with its roles in one organization."""
    href = _self(one.user, api_url)
    related = [Link(f"{href}/{noun}", f"{_REL}{noun}") for noun in ("whitelist", "accessList")]
    return _cloud_app_user(one.user, one.membership, organization_id, [Link(href, "self"), *related])


def listed_cloud_app_user(member: OrganizationUser, organization_id: str, api_url: str) -> CloudAppUser:
    """Return the shape of a member in a list, 2023-01-01: with the self link only."""
    assert member.account is not None, "a member has an account"
    return _cloud_app_user(
        member.account, member, organization_id, [Link(_self(member.account, api_url), "self")]
    )


class CloudAppUserRoleRequest(Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """A role to be invited to."""

    role_name: Text
    group_id: Id | None = None
    org_id: Id | None = None


class CloudAppUserRequest(Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """The body of createUser."""

    country: Text
    first_name: Text
    last_name: Text
    password: Text
    roles: list[CloudAppUserRoleRequest]
    username: Text
    mobile_number: Text | None = None
    created_at: ReadOnly = READ_ONLY
    email_address: ReadOnly = READ_ONLY
    id: ReadOnly = READ_ONLY
    last_auth: ReadOnly = READ_ONLY
    links: ReadOnly = READ_ONLY
    team_ids: ReadOnly = READ_ONLY

    def __repr__(self) -> str:
        return "CloudAppUserRequest(…)"
