"""The embedded engine: SQLite through apsw, WAL, every commit durable.

Reads run in the event loop on one connection: an indexed read takes microseconds, a hop to a thread
and back takes tens of them. A long list is read in parts and keeps the connection meanwhile. Writes
queue up and are committed in groups: one transaction carries what came in while the previous one was on
its way to the disk, and only that COMMIT runs in a thread.
Measured in docs/decisions/0003-sqlite-group-commit.md.
"""

import asyncio
import contextlib
import fcntl
import os
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import apsw

from antechamber.domain.errors import Unavailable
from antechamber.domain.ids import IdGenerator
from antechamber.domain.policy import Policy
from antechamber.domain.sealing import Sealer
from antechamber.storage.database import Result, Row, Schema, Statement, Transaction, WriteInRead

# Older releases can lose a commit in a rare race between a checkpoint and a reader (sqlite.org/wal.html).
OLDEST_SQLITE = 3_051_003
MOST_JOBS_A_COMMIT = 128
MOST_WAITING_JOBS = 2_000
BUSY_TIMEOUT_MILLISECONDS = 10_000
# Beyond these, a long list is read in one go: better a pause than a page cache for everybody who asks.
MOST_LONG_READS = 8
_MOST_SPARE_READERS = 2
_STATEMENT_CACHE = 500
# What a credential was remembered with may have been true of another state of the same version.
_NEW_VERSIONS = "UPDATE organizations SET authority_version = random() & 0x3fffffffffffffff"
_TROUBLE = (
    apsw.BusyError,
    apsw.FullError,
    apsw.IOError,
    apsw.CantOpenError,
    apsw.ReadOnlyError,
    apsw.CorruptError,
    apsw.NotADBError,
)


class SqliteTransaction:
    """A transaction of one job on a connection.

    keep_reader: takes the connection out of the use of others, and tells whether it could; None for a write.
    """

    __slots__ = (
        "_cursor",
        "_is_apart",
        "_keep_reader",
        "_new_id",
        "_saved",
        "memory",
        "now",
        "now_seconds",
        "policy",
        "sealer",
    )

    def __init__(
        self,
        cursor: apsw.Cursor,
        now_seconds: int,
        new_id: IdGenerator,
        policy: Policy,
        sealer: Sealer,
        memory: dict[Any, Any],
        keep_reader: Callable[[], bool] | None,
    ) -> None:
        self.now_seconds = now_seconds
        self.now = datetime.fromtimestamp(now_seconds, UTC)
        self.policy = policy
        self.sealer = sealer
        self.memory = memory
        self._cursor = cursor
        self._new_id = new_id
        self._saved = False
        self._keep_reader = keep_reader
        self._is_apart = False

    def new_id(self) -> str:
        return self._new_id(self.now_seconds)

    async def rows(self, statement: Statement, **values: Any) -> list[Row]:
        return self._all(statement, values)

    async def row(self, statement: Statement, **values: Any) -> Row | None:
        rows = self._all(statement, values)
        return rows[0] if rows else None

    async def run(self, statement: Statement, **values: Any) -> int:
        self._all(statement, values)
        return self._cursor.connection.changes()

    def _all(self, statement: Statement, values: dict[str, Any]) -> list[Row]:
        if statement.is_for_writing:
            self._write(statement)
        return self._cursor.execute(statement.sqlite, values).fetchall()

    async def is_still(self, statement: Statement, expected: Any, **values: Any) -> bool:
        rows = self._all(statement, values)
        return bool(rows) and bool(rows[0][0] == expected)

    async def breathe(self) -> None:
        if not self._is_apart and self._keep_reader is not None:
            self._is_apart = self._keep_reader()
        if self._is_apart:
            await asyncio.sleep(0)

    async def run_many(self, statement: Statement, many: Sequence[Mapping[str, Any]]) -> list[Row]:
        if statement.is_for_writing:
            self._write(statement)
        return self._cursor.executemany(statement.sqlite, many).fetchall()

    def _write(self, statement: Statement) -> None:
        if self._keep_reader is not None:
            raise WriteInRead(statement.sqlite)
        if statement.writes and not self._saved:
            # Opened at a job's first write only: a job that is refused before it writes costs nothing.
            self._cursor.execute("SAVEPOINT job")
            self._saved = True

    def keep(self) -> None:
        """Let what the job wrote become part of the group's transaction."""
        if self._saved:
            self._cursor.execute("RELEASE job")

    def undo(self) -> None:
        """Take back what the job wrote, and nothing else."""
        if self._saved:
            self._cursor.execute("ROLLBACK TO job; RELEASE job")


class _Reader:
    """A connection for reading, and the transaction on it."""

    __slots__ = ("_connection", "cursor", "is_kept", "is_reading")

    def __init__(self, connection: apsw.Connection) -> None:
        connection.execute("PRAGMA query_only = ON")
        self._connection = connection
        self.cursor = connection.cursor()
        self.is_reading = False
        # By one job, which reads on in later turns of the loop.
        self.is_kept = False

    def begin(self) -> None:
        self.cursor.execute("BEGIN")
        self.is_reading = True

    def end_turn(self) -> None:
        if not self.is_kept:
            self.end()

    def end(self) -> None:
        """End the transaction, unless a failure has ended it."""
        if self.is_reading:
            self.is_reading = False
            if self._connection.in_transaction:
                self.cursor.execute("COMMIT")

    def close(self) -> None:
        self.end()
        self._connection.close()


class SqliteDatabase:
    """One database file, opened by one process; several processes may share the file."""

    def __init__(
        self,
        path: Path,
        *,
        policy: Policy,
        sealer: Sealer,
        clock: Callable[[], float] = time.time,
        remembers: Callable[[], bool] = lambda: True,
    ) -> None:
        if apsw.SQLITE_VERSION_NUMBER < OLDEST_SQLITE:
            raise RuntimeError(f"SQLite {apsw.sqlite_lib_version()} is too old: 3.51.3 or newer is needed")
        self._policy, self._sealer, self._clock = policy, sealer, clock
        self._new_id = IdGenerator()
        self._path = path
        self._memory: dict[Any, Any] = {}
        self._remembers = remembers
        self._writer = self._connect(path)
        self._writer.execute("PRAGMA journal_mode = WAL")
        self._writer.execute("PRAGMA synchronous = FULL")
        self._write_cursor = self._writer.cursor()
        self._reader = _Reader(self._connect(path))
        self._spare_readers: list[_Reader] = []
        self._long_reads = 0
        # SQLite's own busy handler sleeps and polls; a lock on a side file queues the processes fairly.
        self._lock = os.open(f"{path}-lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._jobs: deque[tuple[Callable[[Transaction], Awaitable[Any]], asyncio.Future[Any]]] = deque()
        self._committing: asyncio.Task[None] | None = None
        # The side file keeps processes apart, this the tasks of one.
        self._turn = asyncio.Lock()
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="sqlite-commit")

    @staticmethod
    def _connect(path: Path) -> apsw.Connection:
        try:
            connection = apsw.Connection(str(path), statementcachesize=_STATEMENT_CACHE)
            connection.set_busy_timeout(BUSY_TIMEOUT_MILLISECONDS)
            connection.execute("PRAGMA foreign_keys = ON; PRAGMA cache_size = -16000")
        except _TROUBLE as error:
            raise Unavailable from error
        return connection

    def _transaction(
        self, cursor: apsw.Cursor, keep_reader: Callable[[], bool] | None = None
    ) -> SqliteTransaction:
        memory = self._memory if self._remembers() else {}
        return SqliteTransaction(
            cursor, int(self._clock()), self._new_id, self._policy, self._sealer, memory, keep_reader
        )

    async def read(self, job: Callable[[Transaction], Awaitable[Result]], *, snapshot: bool = True) -> Result:
        # Without a snapshot it would be no faster.
        reader = self._reader
        try:
            if not reader.is_reading:
                # One state for all reads of this turn of the loop: taking and giving back the read lock costs
                # as much as a read. Its end is queued before it begins: whatever runs ahead of the end was
                # asked for before, so nobody is shown a state older than the own request (INV-25).
                asyncio.get_running_loop().call_soon(reader.end_turn)
                reader.begin()
            return await job(self._transaction(reader.cursor, self._keep_reader))
        except _TROUBLE as error:
            reader.end()
            raise Unavailable from error
        finally:
            if reader.is_kept:
                self._give_back(reader)

    def _keep_reader(self) -> bool:
        """Leave the connection to the job that runs now, with the state it reads; others get another one."""
        if self._long_reads == MOST_LONG_READS:
            return False
        another = self._spare_readers.pop() if self._spare_readers else _Reader(self._connect(self._path))
        self._long_reads += 1
        self._reader.is_kept = True
        self._reader = another
        return True

    def _give_back(self, reader: _Reader) -> None:
        self._long_reads -= 1
        reader.is_kept = False
        if len(self._spare_readers) < _MOST_SPARE_READERS:
            reader.end()
            self._spare_readers.append(reader)
        else:
            reader.close()

    async def write(self, job: Callable[[Transaction], Awaitable[Result]]) -> Result:
        if len(self._jobs) >= MOST_WAITING_JOBS:
            raise Unavailable
        done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._jobs.append((job, done))
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit_groups())
        # A caller that goes away cancels what it waits for, not the job: the group may hold that already.
        return await done

    async def _commit_groups(self) -> None:
        try:
            while self._jobs:
                async with self._turn:
                    await self._commit_group()
        finally:
            self._committing = None

    async def _commit_group(self) -> None:
        try:
            await self._begin()
        except _TROUBLE as error:
            self._refuse_waiting(error)
            return
        outcomes: list[tuple[asyncio.Future[Any], Any, BaseException | None]] = []
        broken: BaseException | None = None
        try:
            while self._jobs and len(outcomes) < MOST_JOBS_A_COMMIT and broken is None:
                job, done = self._jobs.popleft()
                tx = self._transaction(self._write_cursor)
                try:
                    result = await job(tx)
                    tx.keep()
                except BaseException as error:  # noqa: BLE001 - its job's answer, whatever it is
                    outcomes.append((done, None, error))
                    broken = self._undo(tx, error)
                else:
                    outcomes.append((done, result, None))
            if broken is None:
                # Too slow for the loop: this is where the disk is waited for.
                await asyncio.get_running_loop().run_in_executor(self._disk, self._commit)
        except apsw.Error as error:
            broken = error
        finally:
            self._rollback()
            fcntl.flock(self._lock, fcntl.LOCK_UN)
        for done, result, failure in outcomes:
            if done.cancelled():
                continue
            if failure is not None and not isinstance(failure, _TROUBLE):
                done.set_exception(failure)
            elif broken is not None or failure is not None:
                done.set_exception(Unavailable())
            else:
                done.set_result(result)

    def _undo(self, tx: SqliteTransaction, error: BaseException) -> BaseException | None:
        """Undo one job; return what broke the whole group, if anything did."""
        if not self._writer.in_transaction:
            return error
        try:
            tx.undo()
        except apsw.Error as undoing:
            return undoing
        return None

    async def _begin(self) -> None:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # Another process is writing: wait for it where waiting harms nobody.
            await asyncio.get_running_loop().run_in_executor(
                self._disk, fcntl.flock, self._lock, fcntl.LOCK_EX
            )
        try:
            self._write_cursor.execute("BEGIN IMMEDIATE")
        except BaseException:
            fcntl.flock(self._lock, fcntl.LOCK_UN)
            raise

    def _commit(self) -> None:
        self._write_cursor.execute("COMMIT")

    def _rollback(self) -> None:
        if self._writer.in_transaction:
            # On a new cursor: one that failed amid several statements takes no other one.
            self._writer.execute("ROLLBACK")

    def _refuse_waiting(self, error: BaseException) -> None:
        while self._jobs:
            _, done = self._jobs.popleft()
            if not done.cancelled():
                refusal = Unavailable()
                refusal.__cause__ = error
                done.set_exception(refusal)

    async def schema(self) -> Schema | None:
        try:
            return self._schema()
        except _TROUBLE as error:
            raise Unavailable from error

    def _schema(self) -> Schema | None:
        cursor = self._writer.cursor()
        named = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'alembic_version'"
        if not cursor.execute(named).fetchall():
            return None
        rows = cursor.execute(
            "SELECT version_num, (SELECT user_version FROM pragma_user_version) FROM alembic_version"
        ).fetchall()
        return Schema(str(rows[0][0]), f"{rows[0][1]:04}" if rows[0][1] else None) if rows else None

    async def run_script(self, script: str, *, after: str | None) -> bool:
        try:
            await self._begin()
        except _TROUBLE as error:
            raise Unavailable from error
        try:
            found = self._schema()
            if (found and found.revision) != after:
                return False
            # To the end: a statement that returns rows would hold up those after it.
            self._write_cursor.execute(script).fetchall()
            self._write_cursor.execute("COMMIT")
        except _TROUBLE as error:
            raise Unavailable from error
        finally:
            self._rollback()
            fcntl.flock(self._lock, fcntl.LOCK_UN)
        return True

    async def snapshot(self, file: Path) -> None:
        await asyncio.to_thread(self._copy_to, file)

    def _copy_to(self, file: Path) -> None:
        unfinished = file.with_name(f".{file.name}-{os.getpid()}")
        try:
            with (
                contextlib.closing(self._connect(self._path)) as source,
                contextlib.closing(apsw.Connection(str(unfinished))) as target,
            ):
                with target.backup("main", source, "main") as backup:
                    backup.step()
                # A single file: what is kept shall not need a second one beside it.
                target.execute("PRAGMA journal_mode = DELETE")
            unfinished.replace(file)
        except _TROUBLE as error:
            raise Unavailable from error
        finally:
            unfinished.unlink(missing_ok=True)

    async def restore(self, file: Path) -> None:
        async with self._turn:
            await asyncio.get_running_loop().run_in_executor(self._disk, self._copy_from, file)
        self._memory.clear()

    def _copy_from(self, file: Path) -> None:
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            taken = file.stat()
            with contextlib.closing(apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READWRITE)) as source:
                source.execute("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF")
                source.execute(_NEW_VERSIONS)
                # Nobody was promised that this survives a power cut; the next commit sees to it.
                self._writer.execute("PRAGMA synchronous = NORMAL")
                # Readers on other connections keep the state that they began with until they end.
                with self._writer.backup("main", source, "main") as backup:
                    backup.step()
            os.utime(file, ns=(taken.st_atime_ns, taken.st_mtime_ns))
        except _TROUBLE as error:
            raise Unavailable from error
        finally:
            self._writer.execute("PRAGMA synchronous = FULL")
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    async def close(self) -> None:
        if self._committing is not None:
            await self._committing
        self._disk.shutdown()
        for reader in (self._reader, *self._spare_readers):
            reader.close()
        self._writer.close()
        os.close(self._lock)
