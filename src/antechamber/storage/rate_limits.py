"""Rows of shared token buckets."""

from antechamber.domain.rate_limits import FORGET_SECONDS, REFILL_SECONDS, Agreed, Taken
from antechamber.storage.database import Statement, Transaction
from antechamber.storage.rows import seconds

# The least of capacity and level, spelled so that both engines have it.
# A clock that was set back refills nothing, and takes nothing away either.
_REFILLED = f"""rate_limit_buckets.level
    + (CASE WHEN CAST(:now AS BIGINT) > rate_limit_buckets.at
    THEN CAST(:now AS BIGINT) - rate_limit_buckets.at ELSE 0 END)
    * CAST(:refill AS DOUBLE PRECISION) / {REFILL_SECONDS}"""
_TAKE = Statement(
    f"""INSERT INTO rate_limit_buckets (endpoint_set, whose, level, at)
    VALUES (:endpoint_set, :whose, CAST(:capacity AS DOUBLE PRECISION) - CAST(:taken AS DOUBLE PRECISION),
    CAST(:now AS BIGINT))
    ON CONFLICT (endpoint_set, whose) DO UPDATE SET
    level = CASE WHEN {_REFILLED} < CAST(:capacity AS DOUBLE PRECISION) THEN {_REFILLED}
    ELSE CAST(:capacity AS DOUBLE PRECISION) END - CAST(:taken AS DOUBLE PRECISION),
    at = CAST(:now AS BIGINT)
    RETURNING level"""
)
_SWEEP = Statement("DELETE FROM rate_limit_buckets WHERE at <= :before")


async def take(tx: Transaction, taken: Taken) -> Agreed:
    """Take tokens from a bucket, after refilling it, and return what is left."""
    row = await tx.row(
        _TAKE,
        endpoint_set=taken.key[0],
        whose=taken.key[1],
        capacity=float(taken.capacity),
        refill=float(taken.refill),
        taken=float(taken.taken),
        now=seconds(tx.now),
    )
    assert row is not None, "an upsert returns its row"
    return Agreed(taken.key, float(row[0]))


async def sweep(tx: Transaction) -> int:
    """Forget buckets that must be full again; return how many."""
    return await tx.run(_SWEEP, before=seconds(tx.now) - FORGET_SECONDS)
