"""Rows of Digest answers that have written, so that none writes twice on any server (INV-27)."""

from antechamber.storage.database import Statement, Transaction
from antechamber.storage.rows import seconds

_INSERT = Statement(
    """INSERT INTO digest_answers (organization_id, nonce, count, expires_at)
    VALUES (:organization_id, :nonce, :count, :expires_at) ON CONFLICT DO NOTHING"""
)
_SWEEP = Statement("DELETE FROM digest_answers WHERE expires_at <= :now")


async def insert(
    tx: Transaction, organization_id: str, nonce: str, count: int, lifetime_seconds: int
) -> bool:
    """Take down an answer; return False when it was taken down before."""
    return (
        await tx.run(
            _INSERT,
            organization_id=organization_id,
            nonce=nonce,
            count=count,
            expires_at=seconds(tx.now) + lifetime_seconds,
        )
        == 1
    )


async def sweep(tx: Transaction) -> int:
    """Forget answers whose nonces have expired; return how many."""
    return await tx.run(_SWEEP, now=seconds(tx.now))
