"""Limits that differ from the defaults, for one organization, project or team."""

from antechamber.storage.database import Statement, Transaction

_FIND = Statement(
    """SELECT value FROM limits
    WHERE organization_id = :organization_id AND scope_id = :scope_id AND name = :name"""
)
_LIST = Statement(
    "SELECT name, value FROM limits WHERE organization_id = :organization_id AND scope_id = :scope_id"
)
_SET = Statement(
    """INSERT INTO limits (organization_id, scope_id, name, value)
    VALUES (:organization_id, :scope_id, :name, :value)
    ON CONFLICT (organization_id, scope_id, name) DO UPDATE SET value = excluded.value"""
)
_RESET = Statement(
    """DELETE FROM limits
    WHERE organization_id = :organization_id AND scope_id = :scope_id AND name = :name"""
)
_RESET_ALL = Statement("DELETE FROM limits WHERE organization_id = :organization_id AND scope_id = :scope_id")


async def limit(tx: Transaction, organization_id: str, scope_id: str, name: str) -> int:
    """Return how many of what `name` says the scope may have: its own number, else the operator's.

    scope_id: the id of the organization, project or team that holds them. name: one of domain.policy.
    """
    row = await tx.row(_FIND, organization_id=organization_id, scope_id=scope_id, name=name)
    return int(row[0]) if row else tx.policy.limits[name]


async def own(tx: Transaction, organization_id: str, scope_id: str) -> dict[str, int]:
    """Return the scope's own numbers by name."""
    rows = await tx.rows(_LIST, organization_id=organization_id, scope_id=scope_id)
    return {row[0]: int(row[1]) for row in rows}


async def set_own(tx: Transaction, organization_id: str, scope_id: str, name: str, value: int) -> None:
    """Give the scope a number of its own."""
    await tx.run(_SET, organization_id=organization_id, scope_id=scope_id, name=name, value=value)


async def reset(tx: Transaction, organization_id: str, scope_id: str, name: str) -> bool:
    """Take the scope's own number away; return False when it had none."""
    return await tx.run(_RESET, organization_id=organization_id, scope_id=scope_id, name=name) == 1


async def reset_all(tx: Transaction, organization_id: str, scope_id: str) -> None:
    """Take all numbers of a scope away that is gone (INV-9)."""
    await tx.run(_RESET_ALL, organization_id=organization_id, scope_id=scope_id)
