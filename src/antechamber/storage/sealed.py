"""Everything that is sealed with the master key, wherever it lies: sealing it anew, and trying the key."""

import functools
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from antechamber.storage.database import Statement, Transaction

ROWS_A_BATCH = 200


class Sealed(NamedTuple):
    """A column of sealed bytes: its table, its name, and the word that the seal is bound to."""

    table: str
    column: str
    bound_to: str


class Place(NamedTuple):
    """The row that a walk over a table has come to."""

    organization_id: str
    id: str


COLUMNS = (Sealed("api_keys", "sealed_ha1", "ha1"), Sealed("outbox", "sealed_token", "token"))
START = Place("", "")
_PAGES = {
    sealed: Statement(
        f"""SELECT organization_id, id, {sealed.column} FROM {sealed.table}
        WHERE (organization_id, id) > (:organization_id, :id) AND {sealed.column} IS NOT NULL
        ORDER BY organization_id, id LIMIT {ROWS_A_BATCH}"""
    )
    for sealed in COLUMNS
}
_KEEPS = {
    # Only over what was read: a token that was sent meanwhile stays wiped.
    sealed: Statement(
        f"""UPDATE {sealed.table} SET {sealed.column} = :anew
        WHERE organization_id = :organization_id AND id = :id AND {sealed.column} = :before"""
    )
    for sealed in COLUMNS
}


async def reseal(tx: Transaction, sealed: Sealed, after: Place) -> tuple[int, Place | None]:
    """Seal some rows after a place with the current master key; return how many changed, and how far it got.

    The place is None where nothing came after. Raises UnsealFailed for bytes that no known key opens.
    """
    rows = await tx.rows(_PAGES[sealed], organization_id=after.organization_id, id=after.id)
    changed = 0
    for organization_id, id, before in rows:
        if tx.sealer.is_current(before):
            continue
        clear = tx.sealer.unseal(before, row=id, column=sealed.bound_to)
        anew = tx.sealer.seal(clear, row=id, column=sealed.bound_to)
        of = {"organization_id": organization_id, "id": id}
        changed += await tx.run(_KEEPS[sealed], before=before, anew=anew, **of)
    return changed, Place(*rows[-1][:2]) if rows else None


async def try_keys(tx: Transaction, sealed: Sealed, after: Place) -> tuple[int, Place | None]:
    """Open some rows after a place; return how many, and how far it got. Raises as above."""
    rows = await tx.rows(_PAGES[sealed], organization_id=after.organization_id, id=after.id)
    for _, id, kept in rows:
        tx.sealer.unseal(kept, row=id, column=sealed.bound_to)
    return len(rows), Place(*rows[-1][:2]) if rows else None


Batch = tuple[int, Place | None]
Step = Callable[..., Awaitable[Batch]]


async def walk(
    run: Callable[[Callable[[Transaction], Awaitable[Batch]]], Awaitable[Batch]], step: Step
) -> int:
    """Take a step over every batch of rows in transactions of their own; return the sum of the numbers.

    run: `database.read` or `database.write`. step: one of the functions above.
    """
    total = 0
    for sealed in COLUMNS:
        place: Place | None = START
        while place is not None:
            count, place = await run(functools.partial(step, sealed=sealed, after=place))
            total += count
    return total
