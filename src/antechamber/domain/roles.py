"""Roles: which there are, where they may stand, and what an organization role means in its projects."""

from collections.abc import Iterable, Sequence

from antechamber.domain.errors import (
    GlobalRole,
    InvalidAttribute,
    InvalidOrganizationRole,
    InvalidProjectRole,
    MissingAttribute,
    OrganizationRoleInProject,
    ProjectRoleInOrganization,
)

ORG_OWNER = "ORG_OWNER"
ORG_MEMBER = "ORG_MEMBER"
ORG_GROUP_CREATOR = "ORG_GROUP_CREATOR"
ORG_BILLING_ADMIN = "ORG_BILLING_ADMIN"
ORG_BILLING_READ_ONLY = "ORG_BILLING_READ_ONLY"
ORG_STREAM_PROCESSING_ADMIN = "ORG_STREAM_PROCESSING_ADMIN"
ORG_READ_ONLY = "ORG_READ_ONLY"

GROUP_OWNER = "GROUP_OWNER"
GROUP_READ_ONLY = "GROUP_READ_ONLY"

ORGANIZATION_ROLES = frozenset(
    {
        ORG_OWNER,
        ORG_MEMBER,
        ORG_GROUP_CREATOR,
        ORG_BILLING_ADMIN,
        ORG_BILLING_READ_ONLY,
        ORG_STREAM_PROCESSING_ADMIN,
        ORG_READ_ONLY,
    }
)
PROJECT_ROLES = frozenset(
    {
        GROUP_OWNER,
        GROUP_READ_ONLY,
        "GROUP_CLUSTER_MANAGER",
        "GROUP_STREAM_PROCESSING_OWNER",
        "GROUP_DATA_ACCESS_ADMIN",
        "GROUP_DATA_ACCESS_READ_WRITE",
        "GROUP_DATA_ACCESS_READ_ONLY",
        "GROUP_DATABASE_ACCESS_ADMIN",
        "GROUP_BACKUP_MANAGER",
        "GROUP_OBSERVABILITY_VIEWER",
        "GROUP_SEARCH_INDEX_EDITOR",
    }
)
# Besides, in Cloud Manager and Ops Manager. Source: contract, DOMAIN.md section 3.
GROUP_USER_ADMIN = "GROUP_USER_ADMIN"
CLOUD_MANAGER_PROJECT_ROLES = PROJECT_ROLES | {
    GROUP_USER_ADMIN,
    "GROUP_AUTOMATION_ADMIN",
    "GROUP_BACKUP_ADMIN",
    "GROUP_MONITORING_ADMIN",
}
MOST_ROLES = 50


def organization_roles(
    roles: Sequence[str], organization_id: str, *, attribute: str = "roles"
) -> tuple[str, ...]:
    """Return the roles to keep: each once, in the order given.

    attribute: where they stand in the request.

    Raises MissingAttribute when there is none, InvalidOrganizationRole for an unknown one,
    ProjectRoleInOrganization, GlobalRole, InvalidAttribute for more than MOST_ROLES.
    Source: contract, ERRORS.md "Users, roles"; DECISIONS.md 9 and 18.
    """
    _require_some(roles, attribute)
    for role in roles:
        if role not in ORGANIZATION_ROLES:
            if role.startswith("GROUP_"):
                raise ProjectRoleInOrganization
            _refuse_global(role)
            raise InvalidOrganizationRole(role, organization_id)
    return tuple(dict.fromkeys(roles))


def project_roles(
    roles: Sequence[str],
    project_id: str,
    *,
    attribute: str = "roles",
    known: frozenset[str] = PROJECT_ROLES,
) -> tuple[str, ...]:
    """Return the roles to keep: each once, in the order given.

    attribute: where they stand in the request. known: those that there are, where the request came in.

    Raises MissingAttribute when there is none, InvalidProjectRole for an unknown one,
    OrganizationRoleInProject, GlobalRole, InvalidAttribute for more than MOST_ROLES.
    Source: contract, ERRORS.md "Users, roles"; DECISIONS.md 9 and 18.
    """
    _require_some(roles, attribute)
    for role in roles:
        if role not in known:
            if role.startswith("ORG_"):
                raise OrganizationRoleInProject
            _refuse_global(role)
            raise InvalidProjectRole(role, project_id)
    return tuple(dict.fromkeys(roles))


def implied_project_roles(organization_roles: Iterable[str]) -> frozenset[str]:
    """Return the roles that organization roles grant on every project of the organization.

    An organization owner owns every project; organization read-only reads all of them.
    Source: contract, DOMAIN.md section 3.
    """
    held = frozenset(organization_roles)
    if ORG_OWNER in held:
        return frozenset({GROUP_OWNER})
    return frozenset({GROUP_READ_ONLY}) if ORG_READ_ONLY in held else frozenset()


def effective_project_roles(
    direct: Iterable[str], *, through_teams: Iterable[str] = (), organization_roles: Iterable[str] = ()
) -> tuple[str, ...]:
    """Return what somebody may do on a project: direct roles, those of teams, and those implied.

    Each once, in that order. Source: contract, DOMAIN.md sections 3 and 4.
    """
    implied = sorted(implied_project_roles(organization_roles))
    return tuple(dict.fromkeys((*direct, *through_teams, *implied)))


def _require_some(roles: Sequence[str], attribute: str) -> None:
    if not roles:
        raise MissingAttribute(attribute)
    if len(roles) > MOST_ROLES:
        raise InvalidAttribute(attribute)


def _refuse_global(role: str) -> None:
    if role.startswith("GLOBAL_"):
        raise GlobalRole
