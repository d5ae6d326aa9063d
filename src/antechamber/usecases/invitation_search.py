"""Looking through invitations of every state; what is done to them is in `invitations`."""

from antechamber.domain.callers import Caller
from antechamber.domain.errors import InvitationNotFound
from antechamber.domain.invitation_search import Found, Place, Record, Wanted
from antechamber.domain.permissions import Permission
from antechamber.storage import invitation_search as stored
from antechamber.storage.database import Transaction
from antechamber.usecases import access


async def search(
    tx: Transaction,
    caller: Caller,
    *,
    organization_id: str,
    wanted: Wanted,
    after: Place | None = None,
    size: int,
) -> Found:
    """Return a page of the invitations to an organization and to its projects. after: where it begins."""
    await access.organization(tx, caller, organization_id, to=Permission.ORGANIZATION_INVITATIONS_READ)
    return await stored.search(tx, organization_id, wanted, after=after, size=size)


async def search_in_project(
    tx: Transaction,
    caller: Caller,
    *,
    project_id: str,
    wanted: Wanted,
    after: Place | None = None,
    size: int,
) -> Found:
    """Return a page of the invitations to a project. after: where it begins."""
    project = await access.project(tx, caller, project_id, to=Permission.PROJECT_INVITATIONS_READ)
    of_project = Wanted(
        state=wanted.state,
        address=wanted.address,
        scope_id=project.id,
        is_flagged=wanted.is_flagged,
        order=wanted.order,
    )
    return await stored.search(tx, project.organization_id, of_project, after=after, size=size)


async def get(tx: Transaction, caller: Caller, *, organization_id: str, invitation_id: str) -> Record:
    """Return one invitation, whatever has become of it, to whoever may read it where it leads to.

    Raises InvitationNotFound, also for one to a project that the caller has nothing to do with.
    """
    if caller.organization.id != organization_id:
        await access.organization(tx, caller, organization_id, to=Permission.ORGANIZATION_INVITATIONS_READ)
    record = await stored.find(tx, caller.organization.id, invitation_id)
    if record is None:
        raise InvitationNotFound
    project_id = record.invitation.project_id
    if project_id is None:
        await access.organization(tx, caller, organization_id, to=Permission.ORGANIZATION_INVITATIONS_READ)
    else:
        await access.project(tx, caller, project_id, to=Permission.PROJECT_INVITATIONS_READ)
    return record
