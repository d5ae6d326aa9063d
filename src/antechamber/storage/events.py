"""Rows of audit events; they are only ever added (INV-21)."""

from antechamber.domain.callers import CallerKind
from antechamber.domain.events import Event
from antechamber.domain.paging import Page, PageRequest
from antechamber.storage.database import Row, Statement, Transaction
from antechamber.storage.rows import instant, seconds

_COLUMNS = """id, organization_id, type_name, created_at, actor_kind, actor_id, actor_name, address,
    project_id, target_username, team_id, target_public_key, access_list_entry, target_client_id,
    resource_id, resource_type"""

_INSERT = Statement(
    f"""INSERT INTO events ({_COLUMNS}) VALUES (:id, :organization_id, :type_name, :created_at,
    :actor_kind, :actor_id, :actor_name, :address, :project_id, :target_username, :team_id,
    :target_public_key, :access_list_entry, :target_client_id, :resource_id, :resource_type)"""
)
_LIST = Statement(
    f"""SELECT {_COLUMNS} FROM events WHERE organization_id = :organization_id
    ORDER BY created_at DESC, id DESC LIMIT :size OFFSET :skip"""
)
_COUNT = Statement("SELECT count(*) FROM events WHERE organization_id = :organization_id")


def _event(row: Row) -> Event:
    return Event(
        row[0],
        row[1],
        row[2],
        instant(row[3]),
        None if row[4] is None else CallerKind(row[4]),
        *row[5:],
    )


async def append(tx: Transaction, event: Event) -> None:
    """Add an event in the transaction of the change that it tells (INV-18)."""
    await tx.run(
        _INSERT,
        id=event.id,
        organization_id=event.organization_id,
        type_name=event.type_name,
        created_at=seconds(event.created_at),
        actor_kind=None if event.actor_kind is None else event.actor_kind.value,
        actor_id=event.actor_id,
        actor_name=event.actor_name,
        address=event.address,
        project_id=event.project_id,
        target_username=event.target_username,
        team_id=event.team_id,
        target_public_key=event.target_public_key,
        access_list_entry=event.access_list_entry,
        target_client_id=event.target_client_id,
        resource_id=event.resource_id,
        resource_type=event.resource_type,
    )


async def list_of_organization(tx: Transaction, organization_id: str, page: PageRequest) -> Page[Event]:
    """Return a page of the organization's events, newest first."""
    rows = await tx.rows(_LIST, organization_id=organization_id, size=page.size, skip=page.offset)
    total = await tx.row(_COUNT, organization_id=organization_id)
    return Page([_event(row) for row in rows], total[0] if total else 0, page)
