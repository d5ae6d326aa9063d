"""The engine for production: PostgreSQL through asyncpg.

A write is one transaction at READ COMMITTED, in which the rules that count things lock the row they count
under (INV-7, INV-8). A read sees one snapshot, except where it says that it needs none: that saves two
round trips. Measured and reasoned in docs/decisions/0005-postgresql-transactions.md.
"""

import asyncio
import io
import os
import time
import zipfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import asyncpg

from antechamber.domain.errors import Unavailable
from antechamber.domain.ids import IdGenerator
from antechamber.domain.policy import Policy
from antechamber.domain.sealing import Sealer
from antechamber.storage import connections, premises
from antechamber.storage.connections import Connections
from antechamber.storage.database import Result, Row, Schema, Statement, Transaction, WriteInRead
from antechamber.storage.gathering import Gathering

MOST_WAITING_JOBS = 2_000
MOST_TRIES = 5
_MIGRATION_SECONDS = 3_600
# Any number, as long as all versions agree on it: it stands for "the schema is being changed".
_MIGRATION_LOCK = 0x616E7465
_CLOCK_LIFETIME_SECONDS = 30.0
_AT_ONCE = 2_000
_SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
# Keeping all that there is, and putting it back; in development.
_COPY_SECONDS = 600
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
    # A migration went by: the driver asks anew what the columns are.
    asyncpg.InvalidCachedStatementError,
    asyncpg.OutdatedSchemaCacheError,
)
# The driver has stopped waiting for an answer.
_UNFINISHED = (TimeoutError, asyncio.CancelledError)
# The server says that it ends the connection; that it has ended is seen a moment later.
_ENDED = (asyncpg.AdminShutdownError, asyncpg.CrashShutdownError)
_TROUBLE = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    # What the driver says when a connection ends between two of its own steps.
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    # Shut down, starting, crashed, dropped, or a statement took too long.
    asyncpg.OperatorInterventionError,
    # Disk, memory or connections are used up.
    asyncpg.InsufficientResourcesError,
    asyncpg.PostgresSystemError,
    asyncpg.LockNotAvailableError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.ReadOnlySQLTransactionError,
)


class PostgresTransaction:
    """A transaction on one connection, or a series of reads on any."""

    __slots__ = ("_connection", "_new_id", "_reads", "memory", "now", "now_seconds", "policy", "sealer")

    def __init__(
        self,
        connection: Any,
        now_seconds: int,
        new_id: IdGenerator,
        policy: Policy,
        sealer: Sealer,
        memory: dict[Any, Any],
        *,
        reads: bool,
    ) -> None:
        self.now_seconds = now_seconds
        self.now = datetime.fromtimestamp(now_seconds, UTC)
        self.policy = policy
        self.sealer = sealer
        self.memory = memory
        self._connection = connection
        self._new_id = new_id
        self._reads = reads

    def new_id(self) -> str:
        return self._new_id(self.now_seconds)

    def _text(self, statement: Statement) -> str:
        if self._reads and statement.is_for_writing:
            raise WriteInRead(statement.postgresql)
        return statement.postgresql

    async def rows(self, statement: Statement, **values: Any) -> list[Row]:
        records: list[Row] = await self._connection.fetch(
            self._text(statement), *[values[name] for name in statement.names]
        )
        return records

    async def row(self, statement: Statement, **values: Any) -> Row | None:
        record: Row | None = await self._connection.fetchrow(
            self._text(statement), *[values[name] for name in statement.names]
        )
        return record

    async def run(self, statement: Statement, **values: Any) -> int:
        status: str = await self._connection.execute(
            self._text(statement), *[values[name] for name in statement.names]
        )
        return int(status.rpartition(" ")[2])

    async def run_many(self, statement: Statement, many: Sequence[Mapping[str, Any]]) -> list[Row]:
        text = self._text(statement)
        found: list[Row] = []
        # In parts: the driver's patience is for all of a call.
        for start in range(0, len(many), _AT_ONCE):
            part = many[start : start + _AT_ONCE]
            found += await self._connection.fetchmany(
                text, [[values[name] for name in statement.names] for values in part]
            )
        return found

    async def is_still(self, statement: Statement, expected: Any, **values: Any) -> bool:
        row = await self.row(statement, **values)
        return row is not None and bool(row[0] == expected)

    async def breathe(self) -> None:
        """Every statement lets others have a turn already."""


class PostgresDatabase:
    """One database on a server; the pool opens connections as they are needed."""

    def __init__(
        self,
        url: str,
        *,
        policy: Policy,
        sealer: Sealer,
        clock: Callable[[], float] = time.time,
        most_connections: int,
        remembers: Callable[[], bool] = lambda: True,
    ) -> None:
        self._policy, self._sealer, self._clock = policy, sealer, clock
        self._connections = Connections(url, most_connections)
        self._gathering = Gathering(self._try)
        self._new_id = IdGenerator()
        self._memory: dict[Any, Any] = {}
        self._remembers = remembers
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._offset_seconds = 0.0
        self._offset_until = 0.0

    async def _transaction(self, connection: Any, *, reads: bool) -> PostgresTransaction:
        # The database's clock decides (INV-14): its distance from ours is measured now and then. A clock
        # that was handed in decides itself.
        if self._clock is time.time and time.monotonic() >= self._offset_until:
            row = await connection.fetchrow("SELECT extract(epoch FROM clock_timestamp())::float8")
            self._offset_seconds = row[0] - time.time()
            self._offset_until = time.monotonic() + _CLOCK_LIFETIME_SECONDS
        now_seconds = int(self._clock() + self._offset_seconds)
        return PostgresTransaction(
            connection,
            now_seconds,
            self._new_id,
            self._policy,
            self._sealer,
            self._memory if self._remembers() else {},
            reads=reads,
        )

    async def read(self, job: Callable[[Transaction], Awaitable[Result]], *, snapshot: bool = True) -> Result:
        async def read(connection: Any) -> Result:
            tx = await self._transaction(connection, reads=True)
            await connection.execute(_SNAPSHOT)
            result = await _or_roll_back(connection, partial(premises.run, job), tx)
            await connection.execute("COMMIT")
            return result

        async def gathered() -> Result:
            return await premises.run(job, await self._transaction(self._gathering, reads=True))

        return await (self._run(read) if snapshot else self._admit(gathered))

    async def write(self, job: Callable[[Transaction], Awaitable[Result]]) -> Result:
        async def write(connection: Any) -> Result:
            tx = await self._transaction(connection, reads=False)
            await connection.execute("BEGIN")
            result = await _or_roll_back(connection, job, tx)
            try:
                await connection.execute("COMMIT")
            except _TROUBLE as error:
                # Committed or not, nobody knows: it is neither tried again nor called a success.
                connection.terminate()
                raise Unavailable from error
            return result

        return await self._run(write)

    async def _run(self, run: Callable[[Any], Awaitable[Result]]) -> Result:
        """Run it on a connection, again where the database says so or the connection turns out dead."""
        return await self._admit(partial(self._try, run))

    async def _admit(self, work: Callable[[], Awaitable[Result]]) -> Result:
        """Do the work, unless too much is being done."""
        if self._running >= MOST_WAITING_JOBS:
            raise Unavailable
        # close() waits for what runs.
        self._running += 1
        self._idle.clear()
        try:
            return await work()
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()

    async def _try(self, run: Callable[[Any], Awaitable[Result]]) -> Result:
        tries, was_cut_off = 1, False
        while True:
            try:
                async with self._connections.one() as connection:
                    try:
                        return await run(connection)
                    except _UNFINISHED:
                        # What was asked last may happen still, on a connection that nobody may have then.
                        connection.terminate()
                        raise
                    except _TROUBLE as error:
                        # One that was open all the time may have ended unnoticed: a new one tells more.
                        if was_cut_off or not (isinstance(error, _ENDED) or connection.is_closed()):
                            raise Unavailable from error
                        was_cut_off = True
                        self._connections.forget()
            except _AGAIN as error:
                if tries == MOST_TRIES:
                    if isinstance(error, asyncpg.ForeignKeyViolationError):
                        raise
                    raise Unavailable from error
                await asyncio.sleep(0.002 * 2**tries)
                tries += 1
            except _TROUBLE as error:
                raise Unavailable from error

    async def schema(self) -> Schema | None:
        async def read(connection: Any) -> Schema | None:
            return await _schema(connection)

        return await self._run(read)

    async def run_script(self, script: str, *, after: str | None) -> bool:
        async def migrate(connection: Any) -> bool:
            async with connection.transaction():
                await connection.execute(f"SET LOCAL statement_timeout = '{_MIGRATION_SECONDS}s'")
                await connection.execute(
                    f"SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})",
                    timeout=_MIGRATION_SECONDS,
                )
                found = await _schema(connection)
                if (found and found.revision) != after:
                    return False
                # A table that is in use is waited for no longer than requests wait for this.
                await connection.execute(f"SET LOCAL lock_timeout = '{connections.LOCK_SECONDS}s'")
                await connection.execute(script, timeout=_MIGRATION_SECONDS)
                return True

        return await self._run(migrate)

    async def snapshot(self, file: Path) -> None:
        unfinished = file.with_name(f".{file.name}-{os.getpid()}")
        try:
            await self._run(partial(_save, file=unfinished))
            unfinished.replace(file)
        finally:
            unfinished.unlink(missing_ok=True)

    async def restore(self, file: Path) -> None:
        await self._run(partial(_fill, file=file))
        self._memory.clear()

    async def close(self) -> None:
        await self._idle.wait()
        await self._gathering.close()
        await self._connections.close()


async def _or_roll_back(
    connection: Any, job: Callable[[Transaction], Awaitable[Result]], tx: Transaction
) -> Result:
    """Run the job in the transaction that was begun, which is rolled back where the job fails."""
    try:
        return await job(tx)
    except _UNFINISHED:
        raise
    except BaseException:
        # A connection that is gone has taken the transaction with it.
        if not connection.is_closed():
            await connection.execute("ROLLBACK")
        raise


async def _schema(connection: Any) -> Schema | None:
    if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
        return None
    row = await connection.fetchrow(
        "SELECT version_num, obj_description('alembic_version'::regclass, 'pg_class') FROM alembic_version"
    )
    return Schema(row[0], row[1]) if row else None


async def _tables(connection: Any) -> list[str]:
    """Return the tables of ours, each after those that it refers to."""
    graph: dict[str, set[str]] = {}
    for table, refers_to in await connection.fetch(_TABLES):
        graph.setdefault(table, set()).update({refers_to} - {None, table})
    return list(TopologicalSorter(graph).static_order())


async def _save(connection: Any, file: Path) -> None:
    """Write every table into the file, as of one moment."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute(f"SET LOCAL statement_timeout = '{_COPY_SECONDS}s'")
        with zipfile.ZipFile(file, "w") as archive:
            for table in await _tables(connection):
                rows = io.BytesIO()
                await connection.copy_from_table(table, output=rows, format="binary", timeout=_COPY_SECONDS)
                archive.writestr(table, rows.getvalue())


async def _fill(connection: Any, file: Path) -> None:
    """Empty every table and put back what the file keeps of it."""
    async with connection.transaction():
        tables = await _tables(connection)
        await connection.execute(f"SET LOCAL statement_timeout = '{_COPY_SECONDS}s'")
        # Writers wait from here on; readers go on reading what was there. That, and the time that making
        # new files takes, is why this is no TRUNCATE.
        await connection.execute(f"LOCK TABLE {', '.join(tables)} IN EXCLUSIVE MODE")
        for table in reversed(tables):
            await connection.execute(f"DELETE FROM {table}", timeout=_COPY_SECONDS)
        with zipfile.ZipFile(file) as archive:
            for table in tables:
                rows = io.BytesIO(archive.read(table))
                await connection.copy_to_table(table, source=rows, format="binary", timeout=_COPY_SECONDS)
        await connection.execute(_NEW_VERSIONS, timeout=_COPY_SECONDS)
