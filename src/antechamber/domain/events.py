"""Audit events: what happened, by whom, to whom; one for every change (INV-21)."""

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
GROUP_CREATED = "GROUP_CREATED"
GROUP_NAME_CHANGED = "GROUP_NAME_CHANGED"
GROUP_DELETED = "GROUP_DELETED"
GROUP_TAGS_MODIFIED = "GROUP_TAGS_MODIFIED"
TEAM_CREATED = "TEAM_CREATED"
JOINED_TEAM = "JOINED_TEAM"
JOINED_ORG = "JOINED_ORG"
API_KEY_CREATED = "API_KEY_CREATED"
SERVICE_ACCOUNT_CREATED = "SERVICE_ACCOUNT_CREATED"
TAGS_MODIFIED = "TAGS_MODIFIED"
# Also for a changed invitation: no published type is nearer.
USER_ROLES_CHANGED_AUDIT = "USER_ROLES_CHANGED_AUDIT"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the audit trail.

    project_id: set when it shows in the project's feed as well. At most one target is set.
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
    )
