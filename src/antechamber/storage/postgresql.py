"""The engine for production: PostgreSQL through asyncpg.

Reads are statements in autocommit on one connection; a write is one transaction at READ COMMITTED, in
which the rules that count things lock the row they count under (INV-7, INV-8).
"""

import asyncio
import contextlib
import io
import os
import time
import zipfile
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import asyncpg

from antechamber.domain.errors import Unavailable
from antechamber.domain.ids import IdGenerator
from antechamber.domain.policy import Policy
from antechamber.domain.sealing import Sealer
from antechamber.storage.database import Result, Row, Statement, Transaction

MOST_CONNECTIONS = 16
MOST_TRIES = 5
CONNECT_TIMEOUT_SECONDS = 10.0
STATEMENT_TIMEOUT_SECONDS = 20.0
_CLOCK_LIFETIME_SECONDS = 30.0
# Every table of ours, and what it refers to.
_TABLES = """SELECT t.tablename, r.relname FROM pg_tables t
    LEFT JOIN pg_constraint c ON c.contype = 'f'
    AND c.conrelid = format('%I.%I', t.schemaname, t.tablename)::regclass
    LEFT JOIN pg_class r ON r.oid = c.confrelid
    WHERE t.schemaname = current_schema() AND t.tablename <> 'alembic_version'"""
# What a credential was remembered with may have been true of another state of the same version.
_NEW_VERSIONS = "UPDATE organizations SET authority_version = (random() * 4611686018427387904)::bigint"
_AGAIN = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    # What a row hangs on was deleted meanwhile: the next try sees that it is gone.
    asyncpg.ForeignKeyViolationError,
    asyncpg.InvalidCachedStatementError,
)
_TROUBLE = (
    OSError,
    asyncpg.InterfaceError,
    # What the driver says when a connection ends between two of its own steps.
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.DiskFullError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.QueryCanceledError,
)


class _Connection(asyncpg.Connection):
    """A connection that is given back as it is: no statement here leaves session state behind.

    The reset query that asyncpg sends otherwise costs as much as the read itself.
    """

    def get_reset_query(self) -> str:
        return ""


class PostgresTransaction:
    """A transaction, or a series of reads, on one connection."""

    __slots__ = ("_connection", "_new_id", "now", "now_seconds", "policy", "sealer")

    def __init__(
        self, connection: Any, now_seconds: int, new_id: IdGenerator, policy: Policy, sealer: Sealer
    ) -> None:
        self.now_seconds = now_seconds
        self.now = datetime.fromtimestamp(now_seconds, UTC)
        self.policy = policy
        self.sealer = sealer
        self._connection = connection
        self._new_id = new_id

    def new_id(self) -> str:
        return self._new_id(self.now_seconds)

    async def rows(self, statement: Statement, **values: Any) -> list[Row]:
        records: list[Row] = await self._connection.fetch(
            statement.postgresql, *[values[name] for name in statement.names]
        )
        return records

    async def row(self, statement: Statement, **values: Any) -> Row | None:
        record: Row | None = await self._connection.fetchrow(
            statement.postgresql, *[values[name] for name in statement.names]
        )
        return record

    async def run(self, statement: Statement, **values: Any) -> int:
        status: str = await self._connection.execute(
            statement.postgresql, *[values[name] for name in statement.names]
        )
        return int(status.rpartition(" ")[2])


class PostgresDatabase:
    """One database on a server; the pool opens connections as they are needed."""

    def __init__(
        self,
        url: str,
        *,
        policy: Policy,
        sealer: Sealer,
        clock: Callable[[], float] = time.time,
        most_connections: int = MOST_CONNECTIONS,
    ) -> None:
        self._url, self._policy, self._sealer, self._clock = url, policy, sealer, clock
        self._most_connections = most_connections
        self._new_id = IdGenerator()
        self._pool: asyncpg.Pool[Any] | None = None
        self._opening = asyncio.Lock()
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._offset_seconds = 0.0
        self._offset_until = 0.0

    async def _connections(self) -> "asyncpg.Pool[Any]":
        if self._pool is None:
            async with self._opening:
                if self._pool is None:
                    self._pool = await asyncpg.create_pool(
                        self._url,
                        min_size=1,
                        max_size=self._most_connections,
                        connection_class=_Connection,
                        timeout=CONNECT_TIMEOUT_SECONDS,
                        command_timeout=STATEMENT_TIMEOUT_SECONDS,
                        server_settings={"synchronous_commit": "on", "application_name": "antechamber"},
                    )
        return self._pool

    async def _transaction(self, connection: Any) -> PostgresTransaction:
        # The database's clock decides (INV-14): its distance from ours is measured now and then. A clock
        # that was handed in decides itself.
        if self._clock is time.time and time.monotonic() >= self._offset_until:
            theirs = await connection.fetchval("SELECT extract(epoch FROM clock_timestamp())::float8")
            self._offset_seconds = theirs - time.time()
            self._offset_until = time.monotonic() + _CLOCK_LIFETIME_SECONDS
        now_seconds = int(self._clock() + self._offset_seconds)
        return PostgresTransaction(connection, now_seconds, self._new_id, self._policy, self._sealer)

    @contextlib.contextmanager
    def _counted(self) -> Iterator[None]:
        """Let close() wait for what runs."""
        self._running += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()

    async def read(self, job: Callable[[Transaction], Awaitable[Result]]) -> Result:
        with self._counted():
            try:
                pool = await self._connections()
                async with pool.acquire(timeout=CONNECT_TIMEOUT_SECONDS) as connection:
                    return await job(await self._transaction(connection))
            except (*_TROUBLE, TimeoutError) as error:
                raise Unavailable from error

    async def write(self, job: Callable[[Transaction], Awaitable[Result]]) -> Result:
        with self._counted():
            return await self._write(job)

    async def _write(self, job: Callable[[Transaction], Awaitable[Result]]) -> Result:
        for attempt in range(1, MOST_TRIES + 1):
            try:
                pool = await self._connections()
                async with pool.acquire(timeout=CONNECT_TIMEOUT_SECONDS) as connection:
                    tx = await self._transaction(connection)
                    async with connection.transaction():
                        return await job(tx)
            except _AGAIN as error:
                if attempt == MOST_TRIES:
                    if isinstance(error, asyncpg.ForeignKeyViolationError):
                        raise
                    raise Unavailable from error
                await asyncio.sleep(0.002 * 2**attempt)
            except (*_TROUBLE, TimeoutError) as error:
                raise Unavailable from error
        raise AssertionError("unreachable")

    async def schema_version(self) -> str | None:
        try:
            pool = await self._connections()
            if await pool.fetchval("SELECT to_regclass('alembic_version')") is None:
                return None
            return await pool.fetchval("SELECT version_num FROM alembic_version")  # type: ignore[no-any-return]
        except (*_TROUBLE, TimeoutError) as error:
            raise Unavailable from error

    async def run_script(self, script: str) -> None:
        try:
            pool = await self._connections()
            async with pool.acquire(timeout=CONNECT_TIMEOUT_SECONDS) as connection, connection.transaction():
                await connection.execute(script)
        except (*_TROUBLE, TimeoutError) as error:
            raise Unavailable from error

    async def snapshot(self, file: Path) -> None:
        unfinished = file.with_name(f".{file.name}-{os.getpid()}")
        try:
            pool = await self._connections()
            async with (
                pool.acquire(timeout=CONNECT_TIMEOUT_SECONDS) as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                with zipfile.ZipFile(unfinished, "w") as archive:
                    for table in await _tables(connection):
                        rows = io.BytesIO()
                        await connection.copy_from_table(table, output=rows, format="binary")
                        archive.writestr(table, rows.getvalue())
            unfinished.replace(file)
        except (*_TROUBLE, TimeoutError) as error:
            raise Unavailable from error
        finally:
            unfinished.unlink(missing_ok=True)

    async def restore(self, file: Path) -> None:
        for attempt in range(1, MOST_TRIES + 1):
            try:
                pool = await self._connections()
                async with (
                    pool.acquire(timeout=CONNECT_TIMEOUT_SECONDS) as connection,
                    connection.transaction(),
                ):
                    await _fill(connection, file)
                    return
            except _AGAIN as error:
                if attempt == MOST_TRIES:
                    raise Unavailable from error
                await asyncio.sleep(0.002 * 2**attempt)
            except (*_TROUBLE, TimeoutError) as error:
                raise Unavailable from error

    async def close(self) -> None:
        await self._idle.wait()
        if self._pool is not None:
            await self._pool.close()


async def _tables(connection: Any) -> list[str]:
    """Return the tables of ours, each after those that it refers to."""
    graph: dict[str, set[str]] = {}
    for table, refers_to in await connection.fetch(_TABLES):
        graph.setdefault(table, set()).update({refers_to} - {None, table})
    return list(TopologicalSorter(graph).static_order())


async def _fill(connection: Any, file: Path) -> None:
    """Empty every table and put back what the file keeps of it."""
    tables = await _tables(connection)
    # Writers wait from here on; readers go on reading what was there. That, and the time that making new
    # files takes, is why this is no TRUNCATE.
    await connection.execute(f"LOCK TABLE {', '.join(tables)} IN EXCLUSIVE MODE")
    for table in reversed(tables):
        await connection.execute(f"DELETE FROM {table}")
    with zipfile.ZipFile(file) as archive:
        for table in tables:
            await connection.copy_to_table(table, source=io.BytesIO(archive.read(table)), format="binary")
    await connection.execute(_NEW_VERSIONS)
