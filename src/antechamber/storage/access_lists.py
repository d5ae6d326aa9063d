"""Rows of IP access lists."""

from antechamber.storage import organizations
from antechamber.storage.database import Statement, Transaction
from antechamber.storage.rows import seconds

_INSERT = Statement(
    """INSERT INTO access_list_entries (organization_id, principal_id, cidr_block, created_at)
    VALUES (:organization_id, :principal_id, :cidr_block, :created_at) ON CONFLICT DO NOTHING"""
)

_LIST = Statement(
    """SELECT cidr_block FROM access_list_entries
    WHERE organization_id = :organization_id AND principal_id = :principal_id ORDER BY cidr_block"""
)


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
