"""The permission table: complete, and refusing as it says."""

import pytest

from antechamber.domain.errors import (
    NotAuthorized,
    NotOrganizationOwner,
    NotOrganizationUserAdmin,
    NotPermitted,
    NotProjectCreator,
    NotProjectUserAdmin,
)
from antechamber.domain.permissions import GRANTS, Permission, Scope, require
from antechamber.domain.roles import CLOUD_MANAGER_PROJECT_ROLES as PROJECT_ROLES
from antechamber.domain.roles import GROUP_OWNER, ORG_OWNER, ORGANIZATION_ROLES

SCOPE = "5f0000000000000000000001"
ROLES = {Scope.ORGANIZATION: ORGANIZATION_ROLES, Scope.PROJECT: PROJECT_ROLES}
SCOPED = [permission for permission in Permission if GRANTS[permission].scope is not Scope.CALLER]


def test_inv01_every_permission_has_a_grant() -> None:
    assert set(GRANTS) == set(Permission)


@pytest.mark.parametrize("permission", Permission)
def test_a_permission_reads_resource_and_action(permission: Permission) -> None:
    resource, _, action = permission.value.partition(":")
    assert resource
    assert action


@pytest.mark.parametrize("permission", SCOPED)
def test_inv01_only_roles_of_its_scope_grant_a_permission_and_the_owner_always_may(
    permission: Permission,
) -> None:
    grant = GRANTS[permission]
    assert grant.roles <= ROLES[grant.scope]
    assert (ORG_OWNER if grant.scope is Scope.ORGANIZATION else GROUP_OWNER) in grant.roles


@pytest.mark.parametrize("permission", SCOPED)
def test_any_one_of_its_roles_grants_a_permission_and_no_other_does(permission: Permission) -> None:
    grant = GRANTS[permission]
    for role in grant.roles:
        require(permission, {role}, SCOPE)
    others = (ORGANIZATION_ROLES | PROJECT_ROLES) - grant.roles
    for held in (frozenset[str](), others, *({role} for role in others)):
        with pytest.raises(NotPermitted) as refused:
            require(permission, held, SCOPE)
        assert type(refused.value) is grant.refusal
        assert refused.value.facts == (SCOPE,)


@pytest.mark.parametrize("permission", [one for one in Permission if GRANTS[one].scope is Scope.CALLER])
def test_what_only_concerns_the_caller_needs_no_role_and_is_never_granted_on_a_scope(
    permission: Permission,
) -> None:
    assert not GRANTS[permission].roles


@pytest.mark.parametrize(
    ("permission", "refusal"),
    [
        (Permission.ORGANIZATION_INVITATIONS_READ, NotOrganizationUserAdmin),
        (Permission.ORGANIZATION_INVITATIONS_MANAGE, NotOrganizationUserAdmin),
        (Permission.TEAMS_MANAGE, NotOrganizationUserAdmin),
        (Permission.PROJECT_INVITATIONS_READ, NotProjectUserAdmin),
        (Permission.PROJECT_INVITATIONS_MANAGE, NotProjectUserAdmin),
        (Permission.ORGANIZATION_UPDATE, NotOrganizationOwner),
        (Permission.PROJECT_CREATE, NotProjectCreator),
        (Permission.PROJECT_UPDATE, NotAuthorized),
        (Permission.ORGANIZATION_READ, NotAuthorized),
    ],
)
def test_a_role_too_low_is_refused_by_its_own_name(
    permission: Permission, refusal: type[NotPermitted]
) -> None:
    with pytest.raises(NotPermitted) as refused:
        require(permission, set(), SCOPE)
    assert type(refused.value) is refusal
