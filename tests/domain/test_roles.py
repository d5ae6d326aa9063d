"""Roles: which there are, where they may stand, what an organization role means in projects."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.domain.errors import (
    GlobalRole,
    InvalidAttribute,
    InvalidOrganizationRole,
    InvalidProjectRole,
    MissingAttribute,
    OrganizationRoleInProject,
    ProjectRoleInOrganization,
    Refusal,
)
from antechamber.domain.roles import (
    GROUP_OWNER,
    GROUP_READ_ONLY,
    MOST_ROLES,
    ORG_MEMBER,
    ORG_OWNER,
    ORG_READ_ONLY,
    ORGANIZATION_ROLES,
    PROJECT_ROLES,
    implied_project_roles,
    organization_roles,
    project_roles,
)

SCOPE = "5f0000000000000000000001"


def test_there_are_seven_organization_roles_and_eleven_project_roles() -> None:
    assert (len(ORGANIZATION_ROLES), len(PROJECT_ROLES)) == (7, 11)
    assert all(role.startswith("ORG_") for role in ORGANIZATION_ROLES)
    assert all(role.startswith("GROUP_") for role in PROJECT_ROLES)


@given(st.lists(st.sampled_from(sorted(ORGANIZATION_ROLES)), min_size=1, max_size=MOST_ROLES))
def test_each_organization_role_is_kept_once_in_the_order_given(roles: list[str]) -> None:
    kept = organization_roles(roles, SCOPE)
    assert set(kept) == set(roles)
    assert sorted(kept, key=roles.index) == list(kept)
    assert len(set(kept)) == len(kept)


@given(st.lists(st.sampled_from(sorted(PROJECT_ROLES)), min_size=1, max_size=MOST_ROLES))
def test_each_project_role_is_kept_once_in_the_order_given(roles: list[str]) -> None:
    kept = project_roles(roles, SCOPE)
    assert set(kept) == set(roles)
    assert sorted(kept, key=roles.index) == list(kept)
    assert len(set(kept)) == len(kept)


@given(st.text().filter(lambda role: role not in ORGANIZATION_ROLES))
def test_no_other_text_is_an_organization_role(role: str) -> None:
    with pytest.raises(Refusal):
        organization_roles([ORG_MEMBER, role], SCOPE)


@pytest.mark.parametrize(
    ("roles", "refusal", "facts"),
    [
        ([], MissingAttribute, ("roles",)),
        ([ORG_MEMBER] * (MOST_ROLES + 1), InvalidAttribute, ("roles",)),
        (["ORG_KING"], InvalidOrganizationRole, ("ORG_KING", SCOPE)),
        (["org_owner"], InvalidOrganizationRole, ("org_owner", SCOPE)),
        ([""], InvalidOrganizationRole, ("", SCOPE)),
        ([ORG_MEMBER, GROUP_OWNER], ProjectRoleInOrganization, ()),
        (["GROUP_CHARTS_ADMIN"], ProjectRoleInOrganization, ()),
        (["GLOBAL_OWNER"], GlobalRole, ()),
    ],
)
def test_organization_roles_that_are_refused(
    roles: list[str], refusal: type[Refusal], facts: tuple[str, ...]
) -> None:
    with pytest.raises(refusal) as refused:
        organization_roles(roles, SCOPE)
    assert refused.value.facts == facts


@pytest.mark.parametrize(
    ("roles", "refusal", "facts"),
    [
        ([], MissingAttribute, ("roles",)),
        ([GROUP_OWNER] * (MOST_ROLES + 1), InvalidAttribute, ("roles",)),
        (["GROUP_CHARTS_ADMIN"], InvalidProjectRole, ("GROUP_CHARTS_ADMIN", SCOPE)),
        ([GROUP_OWNER, ORG_OWNER], OrganizationRoleInProject, ()),
        (["GLOBAL_READ_ONLY"], GlobalRole, ()),
    ],
)
def test_project_roles_that_are_refused(
    roles: list[str], refusal: type[Refusal], facts: tuple[str, ...]
) -> None:
    with pytest.raises(refusal) as refused:
        project_roles(roles, SCOPE)
    assert refused.value.facts == facts


@given(st.sets(st.sampled_from(sorted(ORGANIZATION_ROLES))))
def test_owners_own_and_organization_readers_read_every_project_and_nobody_else_does(roles: set[str]) -> None:
    implied = implied_project_roles(roles)
    if ORG_OWNER in roles:
        assert implied == {GROUP_OWNER}
    elif ORG_READ_ONLY in roles:
        assert implied == {GROUP_READ_ONLY}
    else:
        assert not implied
