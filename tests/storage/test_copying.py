"""Copying a database: all of it, to any engine, over breaks, and never half of it unnoticed."""

import asyncio
import functools
import threading
from collections.abc import Iterator

import apsw
import asyncpg
import pytest
from tests import postgres
from tests.conftest import VAULT, OpenDatabase
from tests.full_world import plant_everything
from tests.worlds import plant

from antechamber.auth.secrets import UnsealFailed, Vault
from antechamber.domain.policy import Policy
from antechamber.storage import copying, distribution, sealed
from antechamber.storage.copying import Copied, CopyRefused, End
from antechamber.storage.database import Database, Statement, Transaction
from antechamber.storage.engines import dialect, open_database
from antechamber.storage.migrations import SchemaMismatch, migrate, require_current

WAYS = [
    ("sqlite", "postgresql"),
    ("postgresql", "sqlite"),
    ("sqlite", "sqlite"),
    ("postgresql", "postgresql"),
]


@pytest.fixture(params=WAYS, ids="-to-".join)
def ends(request: pytest.FixtureRequest, sqlite_url: str, open_url: OpenDatabase) -> tuple[End, End]:
    """A source and a target, both empty; the source is migrated."""
    first, second = request.param
    source = sqlite_url if first == "sqlite" else request.getfixturevalue("postgres_url")
    target = f"{sqlite_url}.copy" if second == "sqlite" else request.getfixturevalue("other_postgres_url")
    return End(open_url(source), dialect(source)), End(open_url(target), dialect(target))


@pytest.fixture
def few_rows_a_batch(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make small tables take several batches."""
    copying._paging.cache_clear()
    monkeypatch.setattr(copying, "ROWS_A_BATCH", 3)
    yield
    copying._paging.cache_clear()


async def _filled(ends: tuple[End, End]) -> tuple[End, End]:
    source, target = ends
    await migrate(target.database, target.dialect)
    await source.database.write(functools.partial(plant_everything, more_events=20))
    await source.database.write(lambda tx: plant_everything(tx, "Ümbrella"))
    return source, target


async def _copy(ends: tuple[End, End]) -> dict[str, Copied]:
    told: list[Copied] = []
    await copying.copy(*ends, copied=told.append)
    return {one.table: one for one in told}


async def _run(database: Database, statement: str, **values: object) -> None:
    await database.write(lambda tx: tx.run(Statement(statement), **values))


def test_every_table_is_copied_after_what_it_refers_to() -> None:
    assert {*copying.TABLES, "alembic_version"} == {*distribution.TABLES}


@pytest.mark.usefixtures("few_rows_a_batch")
async def test_everything_is_copied_and_proven_the_same(ends: tuple[End, End]) -> None:
    source, target = await _filled(ends)
    told = await _copy((source, target))
    assert list(told) == list(copying.TABLES)
    assert not [table for table, one in told.items() if not one.rows], "the world has rows in every table"
    assert told["events"].rows == 22
    await require_current(target.database, target.dialect)
    # Sealed secrets went over as they were, and this master key opens them.
    assert await sealed.walk(target.database.read, sealed.try_keys) == 4


class _Stopped(Exception):
    """Stands for the end of the process."""


@pytest.mark.usefixtures("few_rows_a_batch")
async def test_inv32_a_copy_that_breaks_off_goes_on_and_serves_nobody_before_its_end(
    ends: tuple[End, End], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = await _filled(ends)
    insert, batches = copying._insert, 0

    async def insert_some(tx: Transaction, **values: object) -> None:
        nonlocal batches
        batches += 1
        await insert(tx, **values)  # type: ignore[arg-type]
        if batches % 4 == 0:
            raise _Stopped

    monkeypatch.setattr(copying, "_insert", insert_some)
    breaks, told = 0, dict[str, Copied]()
    while True:
        try:
            told = await _copy((source, target))
        except _Stopped:
            breaks += 1
            with pytest.raises(SchemaMismatch, match="antechamber copy"):
                await require_current(target.database, target.dialect)
            with pytest.raises(SchemaMismatch, match="antechamber copy"):
                await migrate(target.database, target.dialect)
        else:
            break
    assert breaks > 5
    assert told["events"].rows == 22
    await require_current(target.database, target.dialect)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("UPDATE teams SET name = 'Other' WHERE name = 'Acme Crew'", "teams: the same number of rows, but"),
        ("DELETE FROM events WHERE type_name = 'ORG_CREATED'", "events: 22 rows in the source, 0 in"),
        ("UPDATE api_keys SET sealed_ha1 = fingerprint FROM invitation_tokens", "api_keys: the same number"),
    ],
)
async def test_a_damaged_copy_is_found_and_serves_nobody(
    ends: tuple[End, End], damage: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = await _filled(ends)
    compare = copying._compare

    async def damage_first(*arguments: object) -> str | None:
        await _run(target.database, damage)
        return await compare(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(copying, "_compare", damage_first)
    with pytest.raises(CopyRefused) as refused:
        await _copy((source, target))
    assert [problem for problem in refused.value.problems if problem.startswith(words)]
    with pytest.raises(SchemaMismatch, match="antechamber copy"):
        await require_current(target.database, target.dialect)


async def test_what_was_written_between_two_tries_is_found(
    ends: tuple[End, End], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = await _filled(ends)

    async def stop(*_: object) -> str | None:
        raise _Stopped

    with monkeypatch.context() as patched:
        patched.setattr(copying, "_compare", stop)
        with pytest.raises(_Stopped):
            await _copy((source, target))
    await _run(source.database, "UPDATE teams SET name = 'Renamed' WHERE name = 'Acme Crew'")
    with pytest.raises(CopyRefused, match="teams"):
        await _copy((source, target))


async def test_the_source_can_be_read_and_not_written_meanwhile(
    ends: tuple[End, End], sqlite_url: str, request: pytest.FixtureRequest
) -> None:
    source, target = await _filled(ends)
    refused: list[str] = []

    def write_to_sqlite(_: Copied) -> None:
        other = apsw.Connection(sqlite_url.removeprefix("sqlite:///"))
        assert other.execute("SELECT count(*) FROM teams").fetchall() == [(2,)]
        try:
            other.execute("UPDATE teams SET name = 'x'")
        except apsw.BusyError as error:
            refused.append(str(error))
        finally:
            other.close()

    async def write_to_postgresql(url: str) -> None:
        try:
            await postgres.execute(url, "SET lock_timeout = '50ms'; UPDATE teams SET name = 'x'")
        except asyncpg.LockNotAvailableError as error:
            refused.append(str(error))

    def write(one: Copied) -> None:
        if source.dialect == "sqlite":
            write_to_sqlite(one)
            return
        # In a thread with a loop of its own, so that the copy waits for the answer.
        url = request.getfixturevalue("postgres_url")
        thread = threading.Thread(target=lambda: asyncio.run(write_to_postgresql(url)))
        thread.start()
        thread.join()

    await copying.copy(source, target, copied=lambda one: write(one) if one.table == "users" else None)
    assert len(refused) == 1


async def test_a_target_in_use_or_of_another_schema_is_refused_and_left_alone(ends: tuple[End, End]) -> None:
    source, target = await _filled(ends)
    await target.database.write(plant)
    with pytest.raises(CopyRefused, match="the target is in use: users has rows"):
        await _copy((source, target))
    await require_current(target.database, target.dialect)
    await _run(target.database, "DELETE FROM organizations")
    await _run(target.database, "DELETE FROM users")
    await _run(target.database, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(CopyRefused, match="schema is 9999"):
        await _copy((source, target))


# -- the master key ---------------------------------------------------------------------------------


@pytest.fixture
def url(database_url: str) -> str:
    return database_url


async def test_rotation_seals_everything_anew_and_the_old_key_can_go(
    url: str, open_url: OpenDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = open_url(url)
    worlds = [await before.write(functools.partial(plant_everything, name=name)) for name in ("Acme", "Umb")]
    # Sent already: there is nothing to seal, and nothing comes back.
    await _run(
        before,
        "UPDATE outbox SET sealed_token = NULL WHERE organization_id = :id",
        id=worlds[0].organization.id,
    )
    new_key = "77" * 32
    both = open_database(url, policy=Policy(), sealer=Vault.from_master_keys(new_key, "00" * 32))
    only_new = open_database(url, policy=Policy(), sealer=Vault.from_master_key(new_key))
    try:
        with pytest.raises(UnsealFailed):
            await sealed.walk(only_new.read, sealed.try_keys)
        assert await sealed.walk(both.write, sealed.reseal) == 3
        assert await sealed.walk(both.write, sealed.reseal) == 0, "a second time there is nothing to do"
        assert await sealed.walk(only_new.read, sealed.try_keys) == 3
        with pytest.raises(UnsealFailed):
            await sealed.walk(before.read, sealed.try_keys)
    finally:
        await both.close()
        await only_new.close()


async def test_every_sealed_column_is_known(database: Database, url: str) -> None:
    columns = copying._COLUMNS[dialect(url)]
    found = {
        (table, row[0])
        for table in copying.TABLES
        for row in await database.read(lambda tx, t=table: tx.rows(columns, table=t))  # type: ignore[misc]
        if row[0].startswith("sealed")
    }
    assert found == {(one.table, one.column) for one in sealed.COLUMNS}
    assert VAULT.is_current(VAULT.seal(b"", row="", column=""))
