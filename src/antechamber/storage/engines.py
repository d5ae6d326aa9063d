"""From a database URL to the engine: the only file that knows SQLite from PostgreSQL."""

import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from antechamber.domain.policy import Policy
from antechamber.domain.sealing import Sealer
from antechamber.storage.database import Database

MOST_CONNECTIONS = 16


def dialect(url: str) -> str:
    """Return "sqlite" or "postgresql". Raises ValueError for other URLs."""
    scheme = urlsplit(url).scheme
    if scheme == "sqlite":
        return "sqlite"
    if scheme in ("postgresql", "postgres"):
        return "postgresql"
    raise ValueError("a database URL begins with sqlite:/// or postgresql://")


def sqlite_path(url: str) -> Path:
    """Return the file of a sqlite:///… URL."""
    return Path(url.removeprefix("sqlite://").removeprefix("/"))


def open_database(
    url: str,
    *,
    policy: Policy,
    sealer: Sealer,
    clock: Callable[[], float] = time.time,
    most_connections: int = MOST_CONNECTIONS,
    remembers: Callable[[], bool] = lambda: True,
) -> Database:
    """Return the engine of a database URL: sqlite:///PATH or postgresql://….

    most_connections: of this process to a server; SQLite has its own. remembers: whether what was counted
    before may still be true; it is not once the clock went back or a snapshot was put back, in development.
    Raises ValueError for another URL, Unavailable when a SQLite file cannot be opened.
    """
    if dialect(url) == "sqlite":
        from antechamber.storage.sqlite import SqliteDatabase

        return SqliteDatabase(
            sqlite_path(url), policy=policy, sealer=sealer, clock=clock, remembers=remembers
        )
    from antechamber.storage.postgresql import PostgresDatabase

    return PostgresDatabase(
        url,
        policy=policy,
        sealer=sealer,
        clock=clock,
        most_connections=most_connections,
        remembers=remembers,
    )
