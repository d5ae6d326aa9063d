"""What an engine says of itself, for the operator."""

import time
from dataclasses import dataclass

from antechamber.storage.database import Statement, Transaction

_SQLITE = Statement(
    """SELECT 'SQLite ' || sqlite_version(), (SELECT journal_mode FROM pragma_journal_mode),
    (SELECT synchronous FROM pragma_synchronous)"""
)
_POSTGRESQL = Statement(
    """SELECT 'PostgreSQL ' || current_setting('server_version'), current_setting('synchronous_commit'),
    extract(epoch from clock_timestamp())"""
)


@dataclass(frozen=True, slots=True)
class Inspection:
    """An engine: its version, whether its commits survive a power cut, how far its clock is ahead of ours."""

    version: str
    durability: str
    is_durable: bool
    clock_ahead_seconds: float


async def sqlite(tx: Transaction) -> Inspection:
    """Return what SQLite says of itself. Its clock is ours."""
    row = await tx.row(_SQLITE)
    assert row is not None, "a SELECT without FROM has one row"
    version, journal_mode, synchronous = row
    words = f"journal mode {journal_mode}, synchronous {synchronous}"
    return Inspection(version, words, journal_mode == "wal" and synchronous >= 2, 0.0)


async def postgresql(tx: Transaction) -> Inspection:
    """Return what PostgreSQL says of itself."""
    row = await tx.row(_POSTGRESQL)
    assert row is not None, "a SELECT without FROM has one row"
    version, synchronous_commit, now = row
    words = f"synchronous_commit {synchronous_commit}"
    return Inspection(version, words, synchronous_commit != "off", float(now) - time.time())
