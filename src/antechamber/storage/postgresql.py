"""The engine for production: PostgreSQL through asyncpg.

Reads are statements in autocommit on one connection; a write is one transaction at READ COMMITTED, in
which the rules that count things lock the row they count under (INV-7, INV-8).
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
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
        # The database's clock decides (INV-14): its distance from ours is measured now and then.
        if time.monotonic() >= self._offset_until:
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

    async def close(self) -> None:
        await self._idle.wait()
        if self._pool is not None:
            await self._pool.close()
