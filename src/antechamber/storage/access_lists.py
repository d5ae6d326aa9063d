"""Rows of IP access lists."""

from antechamber.domain.access_lists import Entry, Use
from antechamber.domain.paging import Page, PageRequest
from antechamber.storage import organizations
from antechamber.storage.database import Row, Statement, Transaction
from antechamber.storage.rows import instant, seconds

_COLUMNS = "cidr_block, created_at, used_count, last_used_at, last_used_address"

_INSERT = Statement(
    """INSERT INTO access_list_entries (organization_id, principal_id, cidr_block, created_at)
    VALUES (:organization_id, :principal_id, :cidr_block, :created_at) ON CONFLICT DO NOTHING"""
)

_LIST = Statement(
    """SELECT cidr_block FROM access_list_entries
    WHERE organization_id = :organization_id AND principal_id = :principal_id ORDER BY cidr_block"""
)
_PAGE = Statement(
    f"""SELECT {_COLUMNS} FROM access_list_entries
    WHERE organization_id = :organization_id AND principal_id = :principal_id
    ORDER BY cidr_block LIMIT :size OFFSET :skip"""
)
_COUNT = Statement(
    """SELECT count(*) FROM access_list_entries
    WHERE organization_id = :organization_id AND principal_id = :principal_id"""
)
_FIND = Statement(
    f"""SELECT {_COLUMNS} FROM access_list_entries WHERE organization_id = :organization_id
    AND principal_id = :principal_id AND cidr_block = :cidr_block"""
)
_DELETE = Statement(
    """DELETE FROM access_list_entries WHERE organization_id = :organization_id
    AND principal_id = :principal_id AND cidr_block = :cidr_block"""
)
_STAMP = Statement(
    """UPDATE access_list_entries SET used_count = used_count + :count, last_used_at = :at,
    last_used_address = :address WHERE organization_id = :organization_id
    AND principal_id = :principal_id AND cidr_block = :cidr_block"""
)
_DELETE_ALL = Statement(
    """DELETE FROM access_list_entries
    WHERE organization_id = :organization_id AND principal_id = :principal_id"""
)


def _entry(row: Row) -> Entry:
    return Entry(row[0], instant(row[1]), row[2], None if row[3] is None else instant(row[3]), row[4])


async def insert(tx: Transaction, organization_id: str, principal_id: str, cidr_block: str) -> bool:
    """Add a CIDR block to a key's or account's list; return False when it is on it.

    principal_id: an API key's id or a service account's client id.
    """
    await organizations.authority_changed(tx, organization_id)
    return (
        await tx.run(
            _INSERT,
            organization_id=organization_id,
            principal_id=principal_id,
            cidr_block=cidr_block,
            created_at=seconds(tx.now),
        )
        == 1
    )


async def list_of_principal(tx: Transaction, organization_id: str, principal_id: str) -> tuple[str, ...]:
    """Return the CIDR blocks of a key's or account's list, in byte order."""
    rows = await tx.rows(_LIST, organization_id=organization_id, principal_id=principal_id)
    return tuple(row[0] for row in rows)


async def page_of_principal(
    tx: Transaction, organization_id: str, principal_id: str, page: PageRequest
) -> Page[Entry]:
    """Return a page of a key's or account's list, in byte order of the blocks."""
    of = {"organization_id": organization_id, "principal_id": principal_id}
    rows = await tx.rows(_PAGE, **of, size=page.size, skip=page.offset)
    return Page([_entry(row) for row in rows], await count(tx, organization_id, principal_id), page)


async def count(tx: Transaction, organization_id: str, principal_id: str) -> int:
    """Return how many blocks are on a key's or account's list."""
    row = await tx.row(_COUNT, organization_id=organization_id, principal_id=principal_id)
    return int(row[0]) if row else 0


async def find(tx: Transaction, organization_id: str, principal_id: str, cidr_block: str) -> Entry | None:
    """Return one entry of a key's or account's list, or None."""
    row = await tx.row(
        _FIND, organization_id=organization_id, principal_id=principal_id, cidr_block=cidr_block
    )
    return _entry(row) if row else None


async def delete(tx: Transaction, organization_id: str, principal_id: str, cidr_block: str) -> None:
    """Take a block off a key's or account's list."""
    await tx.run(_DELETE, organization_id=organization_id, principal_id=principal_id, cidr_block=cidr_block)
    await organizations.authority_changed(tx, organization_id)


async def stamp(tx: Transaction, use: Use) -> None:
    """Add to what is known of an entry's use; for an entry that is gone nothing happens."""
    await tx.run(
        _STAMP,
        organization_id=use.organization_id,
        principal_id=use.principal_id,
        cidr_block=use.cidr_block,
        count=use.count,
        at=seconds(use.last_at),
        address=use.last_address,
    )


async def delete_all(tx: Transaction, organization_id: str, principal_id: str) -> None:
    """Remove the list of a key or account that is going itself (INV-9)."""
    await tx.run(_DELETE_ALL, organization_id=organization_id, principal_id=principal_id)
