"""The operation table of /api/atlas/v2: a row for every operation in every version, one file a noun.

Source: contract, OPERATIONS.md section 1 (paths, versions, roles, statuses), WIRE.md section 3
(deprecation headers) and section 12 (endpoint sets).
"""

from antechamber.api.atlas_v2.routes import (
    api_keys,
    events,
    invitations,
    organization_settings,
    organizations,
    project_settings,
    projects,
    rate_limits,
    service_accounts,
    system,
    team_roles,
    team_users,
    teams,
    users,
)
from antechamber.api.wire.operations import Operation

BASE_PATH = "/api/atlas/v2"

_OPERATIONS: tuple[Operation, ...] = (
    *system.OPERATIONS,
    *organizations.OPERATIONS,
    *organization_settings.OPERATIONS,
    *invitations.OPERATIONS,
    *projects.OPERATIONS,
    *project_settings.OPERATIONS,
    *teams.OPERATIONS,
    *team_users.OPERATIONS,
    *team_roles.OPERATIONS,
    *users.OPERATIONS,
    *api_keys.OPERATIONS,
    *service_accounts.OPERATIONS,
    *events.OPERATIONS,
)
OPERATIONS: tuple[Operation, ...] = (*_OPERATIONS, *rate_limits.operations(BASE_PATH, _OPERATIONS))
