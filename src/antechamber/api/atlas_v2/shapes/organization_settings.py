"""Settings of organizations on the wire. Source: contract, schema OrganizationSettings."""

from typing import Any

from msgspec import UNSET, Struct, UnsetType, field

from antechamber.api.atlas_v2.shapes.fields import Text
from antechamber.domain.organization_settings import OrganizationSettings


class SessionTimeouts(Struct, rename="camel", forbid_unknown_fields=True):
    """After how many seconds sessions of people end; null for the service's own choice."""

    absolute_session_timeout_in_seconds: int | UnsetType | None = UNSET
    idle_session_timeout_in_seconds: int | UnsetType | None = UNSET


class OrganizationSettingsShape(Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """The settings of an organization, and the body of updateOrgSettings."""

    api_access_list_required: bool | UnsetType = UNSET
    custom_session_timeouts: SessionTimeouts | UnsetType | None = UNSET
    gen_ai_features_enabled: bool | UnsetType = field(name="genAIFeaturesEnabled", default=UNSET)
    max_secret_hours: int | UnsetType = field(name="maxServiceAccountSecretValidityInHours", default=UNSET)
    multi_factor_auth_required: bool | UnsetType = UNSET
    operations_contact: Text | UnsetType | None = UNSET
    restrict_employee_access: bool | UnsetType = UNSET
    security_contact: Text | UnsetType = UNSET
    streams_cross_group_enabled: bool | UnsetType = UNSET


# By these names the domain knows them too.
_PLAIN = tuple(
    name for name in OrganizationSettingsShape.__struct_fields__ if name != "custom_session_timeouts"
)


def organization_settings(settings: OrganizationSettings) -> OrganizationSettingsShape:
    """Return the shape of an organization's settings, 2023-01-01.

    Shown is what applies: timeouts and a security contact that are not set are left out.
    """
    shape = OrganizationSettingsShape(**{name: getattr(settings, name) for name in _PLAIN})
    shape.security_contact = settings.security_contact or UNSET
    absolute, idle = settings.absolute_session_timeout_seconds, settings.idle_session_timeout_seconds
    shape.custom_session_timeouts = SessionTimeouts(
        UNSET if absolute is None else absolute, UNSET if idle is None else idle
    )
    return shape


def changes(body: OrganizationSettingsShape) -> dict[str, Any]:
    """Return the settings that a body names, by their names in the domain."""
    named = {name: getattr(body, name) for name in _PLAIN}
    timeouts = body.custom_session_timeouts
    if timeouts is None:
        timeouts = SessionTimeouts(None, None)
    if timeouts is not UNSET:
        named["absolute_session_timeout_seconds"] = timeouts.absolute_session_timeout_in_seconds
        named["idle_session_timeout_seconds"] = timeouts.idle_session_timeout_in_seconds
    return {name: value for name, value in named.items() if value is not UNSET}
