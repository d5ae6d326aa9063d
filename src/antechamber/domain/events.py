"""Audit events: what happened, by whom, to whom; one for every change (INV-21)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from antechamber.domain.callers import Caller, CallerKind

# Source of all type names: contract, DOMAIN.md section 8.
INVITED_TO_ORG = "INVITED_TO_ORG"
ORG_INVITATION_DELETED = "ORG_INVITATION_DELETED"
INVITED_TO_GROUP = "INVITED_TO_GROUP"
GROUP_INVITATION_DELETED = "GROUP_INVITATION_DELETED"
ORG_CREATED = "ORG_CREATED"
ORG_RENAMED = "ORG_RENAMED"
ORG_SETTINGS_UPDATED = "ORG_SETTINGS_UPDATED"
ORG_PUBLIC_API_ACCESS_LIST_REQUIRED = "ORG_PUBLIC_API_ACCESS_LIST_REQUIRED"
ORG_PUBLIC_API_ACCESS_LIST_NOT_REQUIRED = "ORG_PUBLIC_API_ACCESS_LIST_NOT_REQUIRED"
ORG_TWO_FACTOR_AUTH_REQUIRED = "ORG_TWO_FACTOR_AUTH_REQUIRED"
ORG_TWO_FACTOR_AUTH_OPTIONAL = "ORG_TWO_FACTOR_AUTH_OPTIONAL"
ORG_EMPLOYEE_ACCESS_RESTRICTED = "ORG_EMPLOYEE_ACCESS_RESTRICTED"
ORG_EMPLOYEE_ACCESS_UNRESTRICTED = "ORG_EMPLOYEE_ACCESS_UNRESTRICTED"
ORG_SERVICE_ACCOUNT_MAX_SECRET_VALIDITY_EDITED = "ORG_SERVICE_ACCOUNT_MAX_SECRET_VALIDITY_EDITED"  # noqa: S105
CUSTOM_SESSION_TIMEOUT_MODIFIED = "CUSTOM_SESSION_TIMEOUT_MODIFIED"
OPERATIONS_CONTACT_MODIFIED = "OPERATIONS_CONTACT_MODIFIED"
SECURITY_CONTACT_MODIFIED = "SECURITY_CONTACT_MODIFIED"
GROUP_CREATED = "GROUP_CREATED"
GROUP_NAME_CHANGED = "GROUP_NAME_CHANGED"
GROUP_DELETED = "GROUP_DELETED"
GROUP_TAGS_MODIFIED = "GROUP_TAGS_MODIFIED"
GROUP_DEFAULT_ALERTS_SETTINGS_CHANGED = "GROUP_DEFAULT_ALERTS_SETTINGS_CHANGED"
# Project settings that have no published type of their own.
GROUP_SETTINGS_UPDATED = "GROUP_SETTINGS_UPDATED"
DATA_EXPLORER_ENABLED = "DATA_EXPLORER_ENABLED"
DATA_EXPLORER_DISABLED = "DATA_EXPLORER_DISABLED"
PROJECT_COLLECT_DATABASE_STATISTICS_UPDATED = "PROJECT_COLLECT_DATABASE_STATISTICS_UPDATED"
PROJECT_ENABLE_DATA_VALIDATION_UPDATED = "PROJECT_ENABLE_DATA_VALIDATION_UPDATED"
PROJECT_ENABLE_EXTENDED_STORAGE_SIZES_UPDATED = "PROJECT_ENABLE_EXTENDED_STORAGE_SIZES_UPDATED"
PROJECT_LIMIT_UPDATED = "PROJECT_LIMIT_UPDATED"
TEAM_CREATED = "TEAM_CREATED"
TEAM_NAME_CHANGED = "TEAM_NAME_CHANGED"
TEAM_DELETED = "TEAM_DELETED"
TEAM_ADDED_TO_GROUP = "TEAM_ADDED_TO_GROUP"
TEAM_ROLES_MODIFIED = "TEAM_ROLES_MODIFIED"
TEAM_REMOVED_FROM_GROUP = "TEAM_REMOVED_FROM_GROUP"
INVITED_TO_TEAM = "INVITED_TO_TEAM"
JOINED_TEAM = "JOINED_TEAM"
REMOVED_FROM_TEAM = "REMOVED_FROM_TEAM"
JOINED_ORG = "JOINED_ORG"
REMOVED_FROM_ORG = "REMOVED_FROM_ORG"
JOINED_GROUP = "JOINED_GROUP"
REMOVED_FROM_GROUP = "REMOVED_FROM_GROUP"
API_KEY_CREATED = "API_KEY_CREATED"
API_KEY_DELETED = "API_KEY_DELETED"
API_KEY_DESCRIPTION_CHANGED = "API_KEY_DESCRIPTION_CHANGED"
API_KEY_ROLES_CHANGED = "API_KEY_ROLES_CHANGED"
API_KEY_ADDED_TO_GROUP = "API_KEY_ADDED_TO_GROUP"
API_KEY_REMOVED_FROM_GROUP = "API_KEY_REMOVED_FROM_GROUP"
API_KEY_ACCESS_LIST_ENTRY_ADDED = "API_KEY_ACCESS_LIST_ENTRY_ADDED"
API_KEY_ACCESS_LIST_ENTRY_DELETED = "API_KEY_ACCESS_LIST_ENTRY_DELETED"
SERVICE_ACCOUNT_CREATED = "SERVICE_ACCOUNT_CREATED"
SERVICE_ACCOUNT_DELETED = "SERVICE_ACCOUNT_DELETED"
SERVICE_ACCOUNT_DETAILS_CHANGED = "SERVICE_ACCOUNT_DETAILS_CHANGED"
SERVICE_ACCOUNT_ROLES_CHANGED = "SERVICE_ACCOUNT_ROLES_CHANGED"
SERVICE_ACCOUNT_ADDED_TO_GROUP = "SERVICE_ACCOUNT_ADDED_TO_GROUP"
SERVICE_ACCOUNT_REMOVED_FROM_GROUP = "SERVICE_ACCOUNT_REMOVED_FROM_GROUP"
SERVICE_ACCOUNT_ACCESS_LIST_ENTRY_ADDED = "SERVICE_ACCOUNT_ACCESS_LIST_ENTRY_ADDED"
SERVICE_ACCOUNT_ACCESS_LIST_ENTRY_DELETED = "SERVICE_ACCOUNT_ACCESS_LIST_ENTRY_DELETED"
SERVICE_ACCOUNT_SECRET_ADDED = "SERVICE_ACCOUNT_SECRET_ADDED"  # noqa: S105
SERVICE_ACCOUNT_SECRET_DELETED = "SERVICE_ACCOUNT_SECRET_DELETED"  # noqa: S105
TAGS_MODIFIED = "TAGS_MODIFIED"
# Also for a changed invitation: no published type is nearer.
USER_ROLES_CHANGED_AUDIT = "USER_ROLES_CHANGED_AUDIT"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the audit trail.

    project_id: set when it shows in the project's feed as well. At most one target is set. note: what the
    person who did it said.
    """

    id: str
    organization_id: str
    type_name: str
    created_at: datetime
    actor_kind: CallerKind | None
    actor_id: str | None
    actor_name: str | None
    address: str | None
    project_id: str | None = None
    target_username: str | None = None
    team_id: str | None = None
    target_public_key: str | None = None
    access_list_entry: str | None = None
    target_client_id: str | None = None
    resource_id: str | None = None
    resource_type: str | None = None
    note: str | None = None


def by(
    caller: Caller,
    type_name: str,
    *,
    id: str,
    organization_id: str,
    now: datetime,
    project_id: str | None = None,
    target_username: str | None = None,
    team_id: str | None = None,
    target_public_key: str | None = None,
    access_list_entry: str | None = None,
    target_client_id: str | None = None,
    resource_id: str | None = None,
    resource_type: str | None = None,
    note: str | None = None,
) -> Event:
    """Return the event of something that the caller did at now."""
    return Event(
        id=id,
        organization_id=organization_id,
        type_name=type_name,
        created_at=now,
        actor_kind=caller.kind,
        actor_id=caller.id,
        actor_name=caller.name,
        address=caller.address,
        project_id=project_id,
        target_username=target_username,
        team_id=team_id,
        target_public_key=target_public_key,
        access_list_entry=access_list_entry,
        target_client_id=target_client_id,
        resource_id=resource_id,
        resource_type=resource_type,
        note=note,
    )


def of_project_roles(before: Collection[str], after: Collection[str]) -> str:
    """Return the type for a person whose direct roles on a project change from these to those."""
    if not before:
        return JOINED_GROUP
    return USER_ROLES_CHANGED_AUDIT if after else REMOVED_FROM_GROUP
