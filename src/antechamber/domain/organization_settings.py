"""What the owners of an organization set for all of it."""

from dataclasses import dataclass

from antechamber.domain import usernames
from antechamber.domain.errors import InvalidAttribute, InvalidEmailAddress, InvalidUsername
from antechamber.domain.service_accounts import (
    LONGEST_SECRET_LIFETIME_HOURS,
    SHORTEST_SECRET_LIFETIME_HOURS,
)

SHORTEST_SESSION_SECONDS = 3600
LONGEST_SESSION_SECONDS = 43_200
SHORTEST_IDLE_SECONDS = 300


@dataclass(frozen=True, slots=True)
class OrganizationSettings:
    """The settings, as they are for a new organization.

    max_secret_hours: how long a new secret of a service account may live. The two timeouts are of
    sessions of people, None for the service's own. security_contact: empty for none. Only
    api_access_list_required and max_secret_hours change what this server does.
    """

    api_access_list_required: bool = False
    absolute_session_timeout_seconds: int | None = None
    idle_session_timeout_seconds: int | None = None
    gen_ai_features_enabled: bool = True
    max_secret_hours: int = LONGEST_SECRET_LIFETIME_HOURS
    multi_factor_auth_required: bool = False
    operations_contact: str | None = None
    restrict_employee_access: bool = False
    security_contact: str = ""
    streams_cross_group_enabled: bool = False


def require_settings(settings: OrganizationSettings) -> OrganizationSettings:
    """Return the settings. Raises InvalidAttribute for a number out of range, InvalidEmailAddress.

    Source: contract, schema OrganizationSettings; DOMAIN.md section 5.
    """
    if not SHORTEST_SECRET_LIFETIME_HOURS <= settings.max_secret_hours <= LONGEST_SECRET_LIFETIME_HOURS:
        raise InvalidAttribute("maxServiceAccountSecretValidityInHours")
    absolute = settings.absolute_session_timeout_seconds
    if absolute is not None and not SHORTEST_SESSION_SECONDS <= absolute <= LONGEST_SESSION_SECONDS:
        raise InvalidAttribute("customSessionTimeouts.absoluteSessionTimeoutInSeconds")
    idle = settings.idle_session_timeout_seconds
    if idle is not None and not SHORTEST_IDLE_SECONDS <= idle <= (absolute or LONGEST_SESSION_SECONDS):
        raise InvalidAttribute("customSessionTimeouts.idleSessionTimeoutInSeconds")
    # An empty operations contact is refused; an empty security contact means that there is none.
    for contact in (settings.operations_contact, settings.security_contact or None):
        if contact is not None:
            _require_email_address(contact)
    return settings


def _require_email_address(text: str) -> None:
    try:
        usernames.parse(text)
    except InvalidUsername as error:
        raise InvalidEmailAddress from error
