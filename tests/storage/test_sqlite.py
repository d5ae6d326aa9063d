"""What only the embedded engine does: read-only reads, and real trouble with the file."""

import asyncio
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import pytest
from tests.conftest import OpenDatabase
from tests.storage.test_database import COUNT, add, count

from antechamber.domain.errors import Unavailable
from antechamber.storage.database import Database, Statement, Transaction
from antechamber.storage.sqlite import MOST_LONG_READS, SqliteDatabase


def path_of(database_url: str) -> Path:
    return Path(database_url.removeprefix("sqlite:///"))


async def add_much(tx: Transaction) -> None:
    await add(tx, "x" * 4_000_000)


@contextmanager
def files_grow_no_more(path: Path) -> Iterator[None]:
    """No write of this process beyond the present size of a file succeeds, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def works(database: Database) -> None:
    before = await count(database)
    await database.write(add)
    assert await count(database) == before + 1


async def test_inv19_commits_are_durable(sqlite_database: SqliteDatabase) -> None:
    writer = sqlite_database._writer
    assert writer.pragma("journal_mode") == "wal"
    assert writer.pragma("synchronous") == 2, "FULL"
    assert writer.pragma("foreign_keys") == 1


async def test_inv25_a_read_sees_what_another_process_was_acknowledged_before(
    sqlite_database: SqliteDatabase, sqlite_url: str, open_url: OpenDatabase
) -> None:
    """Reads of one turn of the loop share a state; it is given up before anybody can hear of a commit."""
    other = open_url(sqlite_url)
    for number in range(5):
        assert await asyncio.gather(*(count(sqlite_database) for _ in range(3))) == [number] * 3
        await other.write(add)
    assert await count(sqlite_database) == 5


async def test_a_long_read_keeps_its_state_while_others_write_and_read(
    sqlite_database: SqliteDatabase,
) -> None:
    written = asyncio.Event()

    async def long(tx: Transaction) -> int:
        before = await tx.row(COUNT)
        while not written.is_set():
            await tx.breathe()
        assert await tx.row(COUNT) == before
        return 1

    reading = [asyncio.create_task(sqlite_database.read(long)) for _ in range(MOST_LONG_READS)]
    for number in range(3):
        await works(sqlite_database)
        assert await count(sqlite_database) == number + 1
    written.set()
    assert await asyncio.gather(*reading) == [1] * MOST_LONG_READS
    await works(sqlite_database)


async def test_more_long_reads_than_may_stand_open_are_answered_too(sqlite_database: SqliteDatabase) -> None:
    async def long(tx: Transaction) -> list[int]:
        counts = []
        for _ in range(5):
            counts.append(int(((await tx.row(COUNT)) or [0])[0]))
            await tx.breathe()
        return counts

    answers = await asyncio.gather(*(sqlite_database.read(long) for _ in range(2 * MOST_LONG_READS)))
    assert answers == [[0] * 5] * (2 * MOST_LONG_READS)
    await works(sqlite_database)


async def test_inv33_a_full_database_refuses_and_serves_again_once_there_is_room(
    sqlite_database: SqliteDatabase,
) -> None:
    writer = sqlite_database._writer
    await works(sqlite_database)
    room = writer.pragma("max_page_count")
    writer.pragma("max_page_count", writer.pragma("page_count"))
    with pytest.raises(Unavailable):
        await sqlite_database.write(add_much)
    assert await count(sqlite_database) == 1, "reading goes on and sees nothing of it"
    writer.pragma("max_page_count", room)
    await works(sqlite_database)
    await sqlite_database.write(add_much)


async def test_inv33_a_disk_that_fills_up_at_the_commit_refuses_and_leaves_nothing(
    sqlite_database: SqliteDatabase, sqlite_url: str, open_url: OpenDatabase
) -> None:
    await works(sqlite_database)
    with files_grow_no_more(Path(f"{path_of(sqlite_url)}-wal")):
        with pytest.raises(Unavailable):
            await sqlite_database.write(add)
        assert await count(sqlite_database) == 1
    assert await count(open_url(sqlite_url)) == 1
    await works(sqlite_database)


async def test_inv33_a_database_locked_by_a_stranger_refuses_and_serves_again_afterwards(
    sqlite_database: SqliteDatabase, sqlite_url: str
) -> None:
    sqlite_database._writer.set_busy_timeout(20)
    stranger = apsw.Connection(str(path_of(sqlite_url)))
    stranger.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable):
        await sqlite_database.write(add)
    assert await count(sqlite_database) == 0
    stranger.execute("ROLLBACK")
    stranger.close()
    await works(sqlite_database)


async def test_inv33_a_database_that_cannot_be_written_refuses(sqlite_database: SqliteDatabase) -> None:
    sqlite_database._writer.pragma("query_only", True)
    with pytest.raises(Unavailable):
        await sqlite_database.write(add)
    sqlite_database._writer.pragma("query_only", False)
    await works(sqlite_database)


async def test_inv33_a_commit_that_fails_answers_every_job_of_its_group(
    sqlite_database: SqliteDatabase,
) -> None:
    await works(sqlite_database)
    sqlite_database._writer.set_commit_hook(lambda: True)
    answers = await asyncio.wait_for(
        asyncio.gather(*(sqlite_database.write(add) for _ in range(5)), return_exceptions=True), 5
    )
    assert all(isinstance(answer, Unavailable) for answer in answers)
    sqlite_database._writer.set_commit_hook(None)
    await works(sqlite_database)


@pytest.mark.parametrize("place", ["missing/antechamber.db", "."])
def test_inv33_a_file_that_cannot_be_opened_is_refused(
    tmp_path: Path, open_url: OpenDatabase, place: str
) -> None:
    with pytest.raises(Unavailable):
        open_url(f"sqlite:///{tmp_path / place}")


def test_inv33_a_file_that_is_no_database_is_refused_and_left_as_it_is(
    tmp_path: Path, open_url: OpenDatabase
) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear reader, this is a letter. " * 100)
    before = path.read_bytes()
    with pytest.raises(Unavailable):
        open_url(f"sqlite:///{path}")
    assert path.read_bytes() == before


async def test_the_same_statement_is_prepared_once(sqlite_database: SqliteDatabase) -> None:
    statement = Statement("SELECT count(*) FROM organizations WHERE name = :name OR name = :name")
    assert statement.names == ("name",)
    assert await sqlite_database.read(lambda tx: tx.row(statement, name="none")) == (0,)
