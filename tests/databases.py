"""Where the servers that tests start keep what they know.

SQLite in the server's own folder, or PostgreSQL where ANTECHAMBER_TEST_ENGINE=postgresql says so.
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw

VARIABLE = "ANTECHAMBER_TEST_ENGINE"
ENGINE = os.environ.get(VARIABLE, "sqlite")

# Makes a fresh, migrated PostgreSQL database and returns its URL; set for a whole run.
make_postgres: Callable[[], str] | None = None
_of_folders: dict[Path, str] = {}


def of_server(data: Path | None) -> str | None:
    """Return the URL of the database that a server is to use, None for its own.

    data: the folder that the server keeps; in the same folder it finds the same database again.
    """
    if make_postgres is None:
        return None
    if data is None:
        return make_postgres()
    if data not in _of_folders:
        _of_folders[data] = make_postgres()
    return _of_folders[data]


def rows(url: str, sql: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query on a connection of its own; the database may be in use."""
    if url.startswith("sqlite:///"):
        connection = apsw.Connection(url.removeprefix("sqlite:///"), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()
    return asyncio.run(_fetch(url, sql))


async def _fetch(url: str, sql: str) -> list[tuple[Any, ...]]:
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        return [tuple(record) for record in await connection.fetch(sql)]
    finally:
        await connection.close()
