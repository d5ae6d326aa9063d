"""Rows of sign-in links, by the fingerprint of the token in the mail."""

from datetime import datetime

from antechamber.storage.database import Statement, Transaction
from antechamber.storage.rows import instant, seconds

_INSERT = Statement(
    """INSERT INTO sign_in_links (fingerprint, user_id, created_at, expires_at)
    VALUES (:fingerprint, :user_id, :now, :expires_at)"""
)
# Deleting is what makes it work once, whoever asks at the same moment.
_TAKE = Statement(
    "DELETE FROM sign_in_links WHERE fingerprint = :fingerprint AND expires_at > :now RETURNING user_id"
)
_EXPIRES_AT = Statement("SELECT expires_at FROM sign_in_links WHERE fingerprint = :fingerprint")
_END_OF_USER = Statement("DELETE FROM sign_in_links WHERE user_id = :user_id")
_SWEEP = Statement("DELETE FROM sign_in_links WHERE expires_at <= :now")


async def insert(tx: Transaction, fingerprint: bytes, user_id: str, expires_at: datetime) -> None:
    """Let a token sign the person in, once. fingerprint: its SHA-256."""
    await tx.run(
        _INSERT,
        fingerprint=fingerprint,
        user_id=user_id,
        now=seconds(tx.now),
        expires_at=seconds(expires_at),
    )


async def take(tx: Transaction, fingerprint: bytes) -> str | None:
    """Return whom the token signs in, and use it up; None for an unknown, used or old one."""
    row = await tx.row(_TAKE, fingerprint=fingerprint, now=seconds(tx.now))
    return str(row[0]) if row else None


async def expires_at(tx: Transaction, fingerprint: bytes) -> datetime | None:
    """Return until when the token signs somebody in, None for an unknown or used one."""
    row = await tx.row(_EXPIRES_AT, fingerprint=fingerprint)
    return instant(row[0]) if row else None


async def end_of_user(tx: Transaction, user_id: str) -> int:
    """Make the person's links useless; return how many."""
    return await tx.run(_END_OF_USER, user_id=user_id)


async def sweep(tx: Transaction) -> int:
    """Forget links that have run out; return how many."""
    return await tx.run(_SWEEP, now=seconds(tx.now))
