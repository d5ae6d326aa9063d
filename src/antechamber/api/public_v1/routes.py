"""The operation table of /api/public/v1.0.

The rows are those of atlas_v1 that the contract lists here, but for shapes and statuses that differ.
Source: contract, OPERATIONS.md section 3.
"""

from collections.abc import Callable
from dataclasses import replace

from antechamber.api.atlas_v1 import routes as atlas_v1
from antechamber.api.public_v1 import invitations, projects, system
from antechamber.api.wire.operations import Operation

BASE_PATH = "/api/public/v1.0"

_NOT_SERVED = frozenset({"updateOrg", "createOrg", "updateGroup", "getGroupSettings", "updateGroupSettings"})
_PROJECTS = frozenset({"getOrgGroups", "listGroups", "createGroup", "getGroup", "getGroupByName"})


def _invitation(row: Operation) -> Operation:
    """Return an invitation row with the handler and bodies of this generation."""
    mine = {
        "listOrgInvites": (invitations.list_org_invites, None, list[invitations.OrganizationInvitation]),
        "createOrgInvite": (
            invitations.create_org_invite,
            invitations.InvitationRequest,
            invitations.OrganizationInvitation,
        ),
        "updateOrgInvites": (
            invitations.update_org_invites,
            invitations.ChangeByUsername,
            invitations.OrganizationInvitation,
        ),
        "getOrgInvite": (invitations.get_org_invite, None, invitations.OrganizationInvitation),
        "updateOrgInviteById": (
            invitations.update_org_invite_by_id,
            invitations.Change,
            invitations.OrganizationInvitation,
        ),
        "createGroupInvite": (invitations.create_group_invite, row.body, row.result),
        "updateGroupInvites": (row.handler, invitations.ChangeByUsername, row.result),
        "updateGroupInviteById": (row.handler, invitations.Change, row.result),
    }.get(row.id)
    if mine is not None:
        row = replace(row, handler=mine[0], body=mine[1], result=mine[2])
    # Created, where Atlas says OK.
    return replace(row, success=201) if row.method == "POST" else row


def _project(row: Operation) -> Operation:
    paged = row.items is not None
    return replace(
        row,
        handler=projects.reshaped(row.handler),
        result=row.result if paged else projects.ProjectShape,
        items=projects.ProjectShape if paged else None,
    )


def _row(row: Operation) -> Operation:
    adapt: Callable[[Operation], Operation] | None = None
    if row.id.endswith(("Invites", "Invite", "InviteById")):
        adapt = _invitation
    elif row.id in _PROJECTS:
        adapt = _project
    elif row.id == "getSystemStatus":
        return replace(row, handler=system.get_system_status, result=system.SystemStatus)
    return adapt(row) if adapt else row


OPERATIONS: tuple[Operation, ...] = tuple(
    _row(row) for row in atlas_v1.OPERATIONS if row.id not in _NOT_SERVED
)
