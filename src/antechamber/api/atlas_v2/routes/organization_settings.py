"""Rows of settings of organizations."""

from functools import partial

from antechamber.api.atlas_v2 import organization_settings
from antechamber.api.atlas_v2.routes import families
from antechamber.api.atlas_v2.shapes import organization_settings as shapes
from antechamber.api.wire import rate_limits
from antechamber.api.wire.operations import Evidence, Operation
from antechamber.domain.permissions import Permission

_settings = partial(
    families.organizations, endpoints=rate_limits.ORGANIZATION_SETTINGS, evidence=Evidence.DOCUMENTED
)

OPERATIONS: tuple[Operation, ...] = (
    _settings(
        "getOrgSettings",
        "GET",
        "/orgs/{orgId}/settings",
        organization_settings.get_org_settings,
        Permission.ORGANIZATION_SETTINGS_READ,
        "Return the settings of the organization.",
        result=shapes.OrganizationSettingsShape,
    ),
    _settings(
        "updateOrgSettings",
        "PATCH",
        "/orgs/{orgId}/settings",
        organization_settings.update_org_settings,
        Permission.ORGANIZATION_SETTINGS_UPDATE,
        "Change settings of the organization.",
        body=shapes.OrganizationSettingsShape,
        result=shapes.OrganizationSettingsShape,
    ),
)
