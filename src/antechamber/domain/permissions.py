"""The one permission table: what may be done, which roles allow it, and how a lower role is refused."""

from collections.abc import Set
from dataclasses import dataclass
from enum import Enum

from antechamber.domain.errors import (
    ApiKeyAccessListDenied,
    NotApiKeyAdmin,
    NotAuthorized,
    NotOrganizationOwner,
    NotOrganizationUserAdmin,
    NotPermitted,
    NotProjectCreator,
    NotProjectUserAdmin,
)
from antechamber.domain.roles import (
    CLOUD_MANAGER_PROJECT_ROLES,
    GROUP_OWNER,
    GROUP_USER_ADMIN,
    ORG_GROUP_CREATOR,
    ORG_OWNER,
    ORG_READ_ONLY,
    ORGANIZATION_ROLES,
)


class Scope(Enum):
    """What a permission is held on."""

    ORGANIZATION = "organization"
    PROJECT = "project"
    CALLER = "caller"


@dataclass(frozen=True, slots=True)
class Grant:
    """Who holds a permission: any one of `roles` on the scope. `refusal` answers everybody else.

    On the scope CALLER everybody who is known holds it.
    """

    scope: Scope
    roles: frozenset[str]
    refusal: type[NotPermitted] = NotAuthorized


_ANYONE: frozenset[str] = frozenset()
_OWNER = frozenset({ORG_OWNER})
_READER = frozenset({ORG_OWNER, ORG_READ_ONLY})
_CREATOR = frozenset({ORG_OWNER, ORG_GROUP_CREATOR})
_MEMBER = ORGANIZATION_ROLES
_PROJECT_OWNER = frozenset({GROUP_OWNER})
_PROJECT_USER_ADMIN = frozenset({GROUP_OWNER, GROUP_USER_ADMIN})
_PROJECT_READER = CLOUD_MANAGER_PROJECT_ROLES


class Permission(Enum):
    """resource:action. Source: contract, OPERATIONS.md column "Role", and DECISIONS.md 7."""

    SYSTEM_READ = "system:read"
    EVENT_TYPES_READ = "event-types:read"
    RATE_LIMITS_READ = "rate-limits:read"
    ORGANIZATIONS_LIST = "organizations:list"
    ORGANIZATION_CREATE = "organization:create"
    ORGANIZATION_READ = "organization:read"
    ORGANIZATION_UPDATE = "organization:update"
    ORGANIZATION_DELETE = "organization:delete"
    ORGANIZATION_SETTINGS_READ = "organization-settings:read"
    ORGANIZATION_SETTINGS_UPDATE = "organization-settings:update"
    ORGANIZATION_INVITATIONS_READ = "organization-invitations:read"
    ORGANIZATION_INVITATIONS_MANAGE = "organization-invitations:manage"
    ORGANIZATION_USERS_READ = "organization-users:read"
    ORGANIZATION_USERS_MANAGE = "organization-users:manage"
    ORGANIZATION_API_KEYS_READ = "organization-api-keys:read"
    ORGANIZATION_API_KEYS_MANAGE = "organization-api-keys:manage"
    # Of another key than the caller: a key reads and changes its own list.
    API_KEY_ACCESS_LISTS = "api-key-access-lists:manage"
    ORGANIZATION_SERVICE_ACCOUNTS_READ = "organization-service-accounts:read"
    ORGANIZATION_SERVICE_ACCOUNTS_MANAGE = "organization-service-accounts:manage"
    ORGANIZATION_EVENTS_READ = "organization-events:read"
    TEAMS_READ = "teams:read"
    TEAMS_MANAGE = "teams:manage"
    PROJECTS_LIST = "projects:list"
    PROJECT_CREATE = "project:create"
    PROJECT_READ = "project:read"
    PROJECT_UPDATE = "project:update"
    PROJECT_DELETE = "project:delete"
    PROJECT_SETTINGS_READ = "project-settings:read"
    PROJECT_SETTINGS_UPDATE = "project-settings:update"
    PROJECT_INVITATIONS_READ = "project-invitations:read"
    PROJECT_INVITATIONS_MANAGE = "project-invitations:manage"
    PROJECT_USERS_READ = "project-users:read"
    PROJECT_USERS_MANAGE = "project-users:manage"
    PROJECT_TEAMS_READ = "project-teams:read"
    PROJECT_TEAMS_MANAGE = "project-teams:manage"
    PROJECT_API_KEYS_READ = "project-api-keys:read"
    PROJECT_API_KEYS_MANAGE = "project-api-keys:manage"
    PROJECT_SERVICE_ACCOUNTS_READ = "project-service-accounts:read"
    PROJECT_SERVICE_ACCOUNTS_MANAGE = "project-service-accounts:manage"
    PROJECT_EVENTS_READ = "project-events:read"
    USER_CREATE = "user:create"
    USER_READ = "user:read"


GRANTS: dict[Permission, Grant] = {
    Permission.SYSTEM_READ: Grant(Scope.CALLER, _ANYONE),
    Permission.EVENT_TYPES_READ: Grant(Scope.CALLER, _ANYONE),
    Permission.RATE_LIMITS_READ: Grant(Scope.CALLER, _ANYONE),
    Permission.ORGANIZATIONS_LIST: Grant(Scope.CALLER, _ANYONE),
    Permission.ORGANIZATION_CREATE: Grant(Scope.CALLER, _ANYONE),
    Permission.ORGANIZATION_READ: Grant(Scope.ORGANIZATION, _MEMBER),
    Permission.ORGANIZATION_UPDATE: Grant(Scope.ORGANIZATION, _OWNER, NotOrganizationOwner),
    Permission.ORGANIZATION_DELETE: Grant(Scope.ORGANIZATION, _OWNER, NotOrganizationOwner),
    Permission.ORGANIZATION_SETTINGS_READ: Grant(Scope.ORGANIZATION, _MEMBER),
    Permission.ORGANIZATION_SETTINGS_UPDATE: Grant(Scope.ORGANIZATION, _OWNER, NotOrganizationOwner),
    Permission.ORGANIZATION_INVITATIONS_READ: Grant(Scope.ORGANIZATION, _OWNER, NotOrganizationUserAdmin),
    Permission.ORGANIZATION_INVITATIONS_MANAGE: Grant(Scope.ORGANIZATION, _OWNER, NotOrganizationUserAdmin),
    Permission.ORGANIZATION_USERS_READ: Grant(Scope.ORGANIZATION, _MEMBER),
    Permission.ORGANIZATION_USERS_MANAGE: Grant(Scope.ORGANIZATION, _OWNER, NotOrganizationUserAdmin),
    Permission.ORGANIZATION_API_KEYS_READ: Grant(Scope.ORGANIZATION, _MEMBER),
    Permission.ORGANIZATION_API_KEYS_MANAGE: Grant(Scope.ORGANIZATION, _OWNER, NotApiKeyAdmin),
    Permission.API_KEY_ACCESS_LISTS: Grant(Scope.ORGANIZATION, _OWNER, ApiKeyAccessListDenied),
    Permission.ORGANIZATION_SERVICE_ACCOUNTS_READ: Grant(Scope.ORGANIZATION, _READER),
    Permission.ORGANIZATION_SERVICE_ACCOUNTS_MANAGE: Grant(Scope.ORGANIZATION, _OWNER),
    Permission.ORGANIZATION_EVENTS_READ: Grant(Scope.ORGANIZATION, _MEMBER),
    Permission.TEAMS_READ: Grant(Scope.ORGANIZATION, _MEMBER),
    Permission.TEAMS_MANAGE: Grant(Scope.ORGANIZATION, _OWNER, NotOrganizationUserAdmin),
    Permission.PROJECTS_LIST: Grant(Scope.CALLER, _ANYONE),
    Permission.PROJECT_CREATE: Grant(Scope.ORGANIZATION, _CREATOR, NotProjectCreator),
    Permission.PROJECT_READ: Grant(Scope.PROJECT, _PROJECT_READER),
    Permission.PROJECT_UPDATE: Grant(Scope.PROJECT, _PROJECT_OWNER),
    Permission.PROJECT_DELETE: Grant(Scope.PROJECT, _PROJECT_OWNER),
    Permission.PROJECT_SETTINGS_READ: Grant(Scope.PROJECT, _PROJECT_READER),
    Permission.PROJECT_SETTINGS_UPDATE: Grant(Scope.PROJECT, _PROJECT_OWNER),
    Permission.PROJECT_INVITATIONS_READ: Grant(Scope.PROJECT, _PROJECT_USER_ADMIN, NotProjectUserAdmin),
    Permission.PROJECT_INVITATIONS_MANAGE: Grant(Scope.PROJECT, _PROJECT_USER_ADMIN, NotProjectUserAdmin),
    Permission.PROJECT_USERS_READ: Grant(Scope.PROJECT, _PROJECT_READER),
    Permission.PROJECT_USERS_MANAGE: Grant(Scope.PROJECT, _PROJECT_USER_ADMIN, NotProjectUserAdmin),
    Permission.PROJECT_TEAMS_READ: Grant(Scope.PROJECT, _PROJECT_READER),
    Permission.PROJECT_TEAMS_MANAGE: Grant(Scope.PROJECT, _PROJECT_OWNER, NotProjectUserAdmin),
    Permission.PROJECT_API_KEYS_READ: Grant(Scope.PROJECT, _PROJECT_READER),
    Permission.PROJECT_API_KEYS_MANAGE: Grant(Scope.PROJECT, _PROJECT_OWNER, NotApiKeyAdmin),
    Permission.PROJECT_SERVICE_ACCOUNTS_READ: Grant(Scope.PROJECT, _PROJECT_READER),
    Permission.PROJECT_SERVICE_ACCOUNTS_MANAGE: Grant(Scope.PROJECT, _PROJECT_OWNER),
    Permission.PROJECT_EVENTS_READ: Grant(Scope.PROJECT, _PROJECT_READER),
    Permission.USER_CREATE: Grant(Scope.CALLER, _ANYONE),
    Permission.USER_READ: Grant(Scope.CALLER, _ANYONE),
}


def require(permission: Permission, held: Set[str], scope_id: str) -> None:
    """Return when one of the roles held grants the permission, else raise the permission's refusal.

    held: the caller's roles on the scope. scope_id: organization or project id, for the refusal.
    """
    grant = GRANTS[permission]
    if grant.roles.isdisjoint(held):
        raise grant.refusal(scope_id)
