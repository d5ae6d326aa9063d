"""The catalogue of event types: what each says, and whose events may be of it.

Source of names and feeds: contract, DOMAIN.md section 8; a type without a published name near it has one
of ours. Not all of them come about here; a filter may ask for any.
"""

from dataclasses import dataclass
from enum import Flag, auto


class Feed(Flag):
    """Whose events."""

    ORGANIZATION = auto()
    PROJECT = auto()
    BOTH = ORGANIZATION | PROJECT


@dataclass(frozen=True, slots=True)
class EventType:
    """One kind of event."""

    name: str
    feeds: Feed
    description: str


_O, _P, _B = Feed.ORGANIZATION, Feed.PROJECT, Feed.BOTH

_ROWS: tuple[tuple[str, Feed, str], ...] = (
    # People.
    ("INVITED_TO_ORG", _O, "A person was invited to the organization."),
    ("ORG_INVITATION_DELETED", _O, "An invitation to the organization was cancelled."),
    ("JOINED_ORG", _O, "A person became a member of the organization."),
    ("REMOVED_FROM_ORG", _O, "A person left the organization or was removed from it."),
    ("INVITED_TO_TEAM", _O, "A person was invited to a team."),
    ("JOINED_TEAM", _O, "A person became a member of a team."),
    ("REMOVED_FROM_TEAM", _O, "A person left a team or was removed from it."),
    ("USER_ROLES_CHANGED_AUDIT", _B, "The roles of a person, or of an invitation, were changed."),
    ("INVITED_TO_GROUP", _P, "A person was invited to the project."),
    ("GROUP_INVITATION_DELETED", _P, "An invitation to the project was cancelled."),
    ("JOINED_GROUP", _P, "A person was given access to the project."),
    ("REMOVED_FROM_GROUP", _P, "A person lost access to the project."),
    ("REQUESTED_TO_JOIN_GROUP", _P, "A person asked for access to the project."),
    ("JOIN_GROUP_REQUEST_APPROVED_AUDIT", _P, "A request for access to the project was granted."),
    ("JOIN_GROUP_REQUEST_DENIED_AUDIT", _P, "A request for access to the project was refused."),
    # Teams.
    ("TEAM_CREATED", _O, "A team was created."),
    ("TEAM_DELETED", _O, "A team was deleted."),
    ("TEAM_UPDATED", _O, "A team was changed."),
    ("TEAM_NAME_CHANGED", _O, "A team was renamed."),
    ("TEAM_ADDED_TO_GROUP", _B, "A team was assigned to a project."),
    ("TEAM_REMOVED_FROM_GROUP", _B, "A team was taken off a project."),
    ("TEAM_ROLES_MODIFIED", _B, "The roles of a team on a project were changed."),
    # API keys.
    ("API_KEY_CREATED", _B, "An API key was created."),
    ("API_KEY_DELETED", _B, "An API key was deleted."),
    ("API_KEY_DESCRIPTION_CHANGED", _B, "The description of an API key was changed."),
    ("API_KEY_ROLES_CHANGED", _B, "The roles of an API key were changed."),
    ("API_KEY_ADDED_TO_GROUP", _B, "An API key was assigned to a project."),
    ("API_KEY_REMOVED_FROM_GROUP", _B, "An API key was taken off a project."),
    ("API_KEY_ACCESS_LIST_ENTRY_ADDED", _B, "An address was added to an API key's access list."),
    ("API_KEY_ACCESS_LIST_ENTRY_DELETED", _B, "An address was struck off an API key's access list."),
    ("API_KEY_UI_IP_ACCESS_LIST_INHERITANCE_ENABLED", _B, "An API key follows the console's access list."),
    (
        "API_KEY_UI_IP_ACCESS_LIST_INHERITANCE_DISABLED",
        _B,
        "An API key no longer follows the console's access list.",
    ),
    # Service accounts.
    ("SERVICE_ACCOUNT_CREATED", _B, "A service account was created."),
    ("SERVICE_ACCOUNT_DELETED", _B, "A service account was deleted."),
    ("SERVICE_ACCOUNT_ROLES_CHANGED", _B, "The roles of a service account were changed."),
    ("SERVICE_ACCOUNT_DETAILS_CHANGED", _B, "The name or description of a service account was changed."),
    ("SERVICE_ACCOUNT_ADDED_TO_GROUP", _B, "A service account was assigned to a project."),
    ("SERVICE_ACCOUNT_REMOVED_FROM_GROUP", _B, "A service account was taken off a project."),
    (
        "SERVICE_ACCOUNT_ACCESS_LIST_ENTRY_ADDED",
        _B,
        "An address was added to a service account's access list.",
    ),
    (
        "SERVICE_ACCOUNT_ACCESS_LIST_ENTRY_DELETED",
        _B,
        "An address was struck off a service account's access list.",
    ),
    ("SERVICE_ACCOUNT_SECRET_ADDED", _B, "A service account was given a new secret."),
    ("SERVICE_ACCOUNT_SECRET_DELETED", _B, "A secret of a service account was deleted."),
    (
        "SERVICE_ACCOUNT_UI_IP_ACCESS_LIST_INHERITANCE_ENABLED",
        _B,
        "A service account follows the console's access list.",
    ),
    (
        "SERVICE_ACCOUNT_UI_IP_ACCESS_LIST_INHERITANCE_DISABLED",
        _B,
        "A service account no longer follows the console's access list.",
    ),
    ("ORG_SERVICE_ACCOUNT_SECRETS_EXPIRING", _O, "Secrets of the organization will expire soon."),
    ("ORG_SERVICE_ACCOUNT_SECRETS_EXPIRED", _O, "Secrets of the organization have expired."),
    (
        "ORG_SERVICE_ACCOUNT_SECRETS_NO_LONGER_EXPIRING",
        _O,
        "No secret of the organization is about to expire any more.",
    ),
    (
        "ORG_SERVICE_ACCOUNT_SECRETS_NO_LONGER_EXPIRED",
        _O,
        "No expired secret is left in the organization.",
    ),
    ("GROUP_SERVICE_ACCOUNT_SECRETS_EXPIRING", _P, "Secrets of the project will expire soon."),
    ("GROUP_SERVICE_ACCOUNT_SECRETS_EXPIRED", _P, "Secrets of the project have expired."),
    (
        "GROUP_SERVICE_ACCOUNT_SECRETS_NO_LONGER_EXPIRING",
        _P,
        "No secret of the project is about to expire any more.",
    ),
    (
        "GROUP_SERVICE_ACCOUNT_SECRETS_NO_LONGER_EXPIRED",
        _P,
        "No expired secret is left in the project.",
    ),
    (
        "ORG_SERVICE_ACCOUNT_MAX_SECRET_VALIDITY_EDITED",
        _O,
        "The longest life of a service account's secret was changed.",
    ),
    # Organizations.
    ("ORG_CREATED", _O, "The organization was created."),
    ("ORG_RENAMED", _O, "The organization was renamed."),
    ("ORG_SETTINGS_CONFIGURED", _O, "Settings of the organization were made for the first time."),
    ("ORG_SETTINGS_UPDATED", _O, "Settings of the organization were changed."),
    ("ORG_SETTINGS_DELETED", _O, "Settings of the organization were deleted."),
    ("ORG_TWO_FACTOR_AUTH_REQUIRED", _O, "Members must use a second factor."),
    ("ORG_TWO_FACTOR_AUTH_OPTIONAL", _O, "Members need no second factor any more."),
    ("ORG_PUBLIC_API_ACCESS_LIST_REQUIRED", _O, "The API wants callers from listed addresses only."),
    ("ORG_PUBLIC_API_ACCESS_LIST_NOT_REQUIRED", _O, "The API no longer wants an access list."),
    ("ORG_EMPLOYEE_ACCESS_RESTRICTED", _O, "Support staff are kept away from the infrastructure."),
    ("ORG_EMPLOYEE_ACCESS_UNRESTRICTED", _O, "Support staff are let near the infrastructure."),
    ("CUSTOM_SESSION_TIMEOUT_MODIFIED", _O, "The session lengths of the organization were changed."),
    ("SECURITY_CONTACT_MODIFIED", _O, "The security contact was changed."),
    ("OPERATIONS_CONTACT_MODIFIED", _O, "The operations contact was changed."),
    ("RESTRICT_ORG_MEMBERSHIP_ENABLED", _O, "Membership was restricted to the organization's domains."),
    ("RESTRICT_ORG_MEMBERSHIP_DISABLED", _O, "Membership was opened to all domains."),
    ("ORG_LIMIT_UPDATED", _O, "A limit of the organization was changed."),
    # Projects.
    ("GROUP_CREATED", _B, "The project was created."),
    ("GROUP_DELETED", _B, "The project was deleted."),
    ("GROUP_MOVED", _B, "The project was moved to another organization."),
    ("GROUP_MOVED_FROM_ORG", _O, "A project was moved away from the organization."),
    ("GROUP_NAME_CHANGED", _P, "The project was renamed."),
    ("GROUP_SETTINGS_UPDATED", _P, "Settings of the project were changed."),
    ("GROUP_DEFAULT_ALERTS_SETTINGS_CHANGED", _P, "Default alerts of the project were turned on or off."),
    ("DATA_EXPLORER_ENABLED", _P, "The data explorer was turned on."),
    ("DATA_EXPLORER_DISABLED", _P, "The data explorer was turned off."),
    (
        "PROJECT_COLLECT_DATABASE_STATISTICS_UPDATED",
        _P,
        "Collecting database statistics was turned on or off.",
    ),
    ("PROJECT_ENABLE_DATA_VALIDATION_UPDATED", _P, "Data validation was turned on or off."),
    (
        "PROJECT_ENABLE_EXTENDED_STORAGE_SIZES_UPDATED",
        _P,
        "Extended storage sizes were turned on or off.",
    ),
    ("GROUP_TAGS_MODIFIED", _B, "The tags of the project were changed."),
    ("TAGS_MODIFIED", _B, "The tags of a resource were changed."),
    ("PROJECT_LIMIT_UPDATED", _P, "A limit of the project was changed."),
)

CATALOGUE: dict[str, EventType] = {row[0]: EventType(*row) for row in sorted(_ROWS)}


def of_project() -> frozenset[str]:
    """Return the names of the types that the events of a project may have."""
    return _OF_PROJECT


_OF_PROJECT = frozenset(one.name for one in CATALOGUE.values() if Feed.PROJECT in one.feeds)
