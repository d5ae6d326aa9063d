"""Rows of sessions: who is signed in with which browser, by the cookie's fingerprint."""

from datetime import datetime
from typing import NamedTuple

from antechamber.domain.users import User
from antechamber.storage import users
from antechamber.storage.database import Statement, Transaction
from antechamber.storage.rows import instant, seconds

_INSERT = Statement(
    """INSERT INTO sessions (fingerprint, user_id, created_at, seen_at, expires_at)
    VALUES (:fingerprint, :user_id, :now, :now, :expires_at)"""
)
_FIND = Statement(
    """SELECT user_id, created_at, seen_at FROM sessions
    WHERE fingerprint = :fingerprint AND expires_at > :now AND seen_at > :seen_after"""
)
_TOUCH = Statement("UPDATE sessions SET seen_at = :now WHERE fingerprint = :fingerprint AND seen_at < :now")
_END = Statement("DELETE FROM sessions WHERE fingerprint = :fingerprint")
_END_OF_USER = Statement("DELETE FROM sessions WHERE user_id = :user_id AND fingerprint <> :kept")
_SWEEP = Statement("DELETE FROM sessions WHERE expires_at <= :now")


class Session(NamedTuple):
    """A session that has not ended."""

    user: User
    created_at: datetime
    seen_at: datetime


async def insert(tx: Transaction, fingerprint: bytes, user_id: str, expires_at: datetime) -> None:
    """Begin a session. fingerprint: the SHA-256 of its cookie."""
    await tx.run(
        _INSERT,
        fingerprint=fingerprint,
        user_id=user_id,
        now=seconds(tx.now),
        expires_at=seconds(expires_at),
    )


async def find(tx: Transaction, fingerprint: bytes, *, seen_after: datetime) -> Session | None:
    """Return the session unless it has run out or was last used before that moment."""
    row = await tx.row(_FIND, fingerprint=fingerprint, now=seconds(tx.now), seen_after=seconds(seen_after))
    if row is None:
        return None
    user = await users.find(tx, row[0])
    return None if user is None else Session(user, instant(row[1]), instant(row[2]))


async def touch(tx: Transaction, fingerprint: bytes) -> None:
    """Keep that the session is in use."""
    await tx.run(_TOUCH, fingerprint=fingerprint, now=seconds(tx.now))


async def end(tx: Transaction, fingerprint: bytes) -> None:
    """End a session, if there is one."""
    await tx.run(_END, fingerprint=fingerprint)


async def end_of_user(tx: Transaction, user_id: str, *, kept: bytes = b"") -> int:
    """End all sessions of a person but the one with this fingerprint; return how many."""
    return await tx.run(_END_OF_USER, user_id=user_id, kept=kept)


async def sweep(tx: Transaction) -> int:
    """Forget sessions that have run out; return how many."""
    return await tx.run(_SWEEP, now=seconds(tx.now))
