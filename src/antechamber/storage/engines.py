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
) -> Database:
    """Return the engine of a database URL: sqlite:///PATH or postgresql://….

    most_connections: of this process to a server; SQLite has its own two.
    Raises ValueError for another URL, Unavailable when a SQLite file cannot be opened.
    """
    if dialect(url) == "sqlite":
        from antechamber.storage.sqlite import SqliteDatabase

        return SqliteDatabase(sqlite_path(url), policy=policy, sealer=sealer, clock=clock)
    from antechamber.storage.postgresql import PostgresDatabase

    return PostgresDatabase(url, policy=policy, sealer=sealer, clock=clock, most_connections=most_connections)
