"""The operation table of /api/atlas/v2: a row for every operation in every version, one file a noun.

Source: contract, OPERATIONS.md section 1 (paths, versions, roles, statuses), WIRE.md section 3
(deprecation headers) and section 12 (endpoint sets).
"""

from antechamber.api.atlas_v2.routes import invitations, organizations, projects, system, teams
from antechamber.api.wire.operations import Operation

BASE_PATH = "/api/atlas/v2"

OPERATIONS: tuple[Operation, ...] = (
    *system.OPERATIONS,
    *organizations.OPERATIONS,
    *invitations.OPERATIONS,
    *projects.OPERATIONS,
    *teams.OPERATIONS,
)
