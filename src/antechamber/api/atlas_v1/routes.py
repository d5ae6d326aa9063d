"""The operation table of /api/atlas/v1.0.

The rows are those of the 2023-01-01 versions of v2, without dates and deprecations; what differs is said
here. Source: contract, OPERATIONS.md section 2.
"""

from dataclasses import replace

from antechamber.api.atlas_v1 import organizations
from antechamber.api.atlas_v1.hiding import without
from antechamber.api.atlas_v2 import routes as newer
from antechamber.api.wire.media_types import UNDATED
from antechamber.api.wire.operations import Evidence, Operation

BASE_PATH = "/api/atlas/v1.0"
DATE = "2023-01-01"

SERVED = frozenset(
    {
        *("getSystemStatus", "listOrgs", "getOrg", "updateOrg", "deleteOrg", "getOrgGroups"),
        *("listOrgUsers", "listGroupUsers", "removeGroupUser", "createUser", "getUser", "getUserByName"),
        *("listOrgInvites", "createOrgInvite", "updateOrgInvites"),
        *("getOrgInvite", "updateOrgInviteById", "deleteOrgInvite"),
        *("listGroupInvites", "createGroupInvite", "updateGroupInvites"),
        *("getGroupInvite", "updateGroupInviteById", "deleteGroupInvite"),
        *(
            "listOrgTeams",
            "createOrgTeam",
            "getOrgTeam",
            "getOrgTeamByName",
            "renameOrgTeam",
            "deleteOrgTeam",
        ),
        *("listOrgTeamUsers", "addOrgTeamUsers", "removeOrgTeamUserFromTeam"),
        *("listGroupTeams", "addGroupTeams", "updateGroupTeam", "removeGroupTeam"),
        *("listOrgApiKeys", "createOrgApiKey", "getOrgApiKey", "updateOrgApiKey", "deleteOrgApiKey"),
        *("listOrgApiKeyAccessListEntries", "createOrgApiKeyAccessListEntry"),
        *("getOrgApiKeyAccessListEntry", "deleteOrgApiKeyAccessListEntry"),
        *("listGroupApiKeys", "createGroupApiKey", "updateGroupApiKeyRoles", "removeGroupApiKey"),
        *("listGroups", "createGroup", "getGroup", "getGroupByName", "updateGroup", "deleteGroup"),
        *("getGroupSettings", "updateGroupSettings"),
        *("listOrgEvents", "getOrgEvent", "listGroupEvents", "getGroupEvent"),
    }
)
# What the generation does not know yet: its organizations have no flag, its projects no tags.
_HIDDEN = {
    **dict.fromkeys(("listOrgs", "getOrg", "updateOrg"), "skip_default_alerts_settings"),
    **dict.fromkeys(
        ("getOrgGroups", "listGroups", "createGroup", "getGroup", "getGroupByName", "updateGroup"), "tags"
    ),
}


def undated(row: Operation) -> Operation:
    """Return a row of v2 as an older generation serves it."""
    evidence = Evidence.DOCUMENTED if row.evidence is Evidence.RECORDED else row.evidence
    return replace(row, version=UNDATED, deprecated=None, evidence=evidence)


def _row(row: Operation) -> Operation:
    hidden = _HIDDEN.get(row.id)
    return undated(replace(row, handler=without(row.handler, hidden)) if hidden else row)


OPERATIONS: tuple[Operation, ...] = (
    *(_row(row) for row in newer.OPERATIONS if row.id in SERVED and row.version == DATE),
    *(
        undated(replace(row, handler=organizations.create_org, body=organizations.OrganizationRequest))
        for row in newer.OPERATIONS
        if row.id == "createOrg"
    ),
)
