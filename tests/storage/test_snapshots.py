"""Keeping all that a database holds and putting it back, on every engine; and whose clock it goes by."""

import asyncio
import time
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from tests.conftest import VAULT, OpenDatabase
from tests.worlds import Clock, World, plant

from antechamber.domain.organizations import Organization
from antechamber.domain.policy import Policy
from antechamber.storage import api_keys, organizations
from antechamber.storage.database import Database, Transaction
from antechamber.storage.engines import open_database


async def _names(database: Database) -> set[str]:
    async def job(tx: Transaction) -> set[str]:
        found = [await organizations.find(tx, id) for id in IDS]
        return {one.name for one in found if one is not None}

    return await database.read(job)


IDS = ("a" * 24, "b" * 24, "c" * 24)


def _files_about(file: Path) -> list[str]:
    return [one.name for one in file.parent.iterdir() if file.name in one.name]


async def _add(database: Database, id: str) -> None:
    await database.write(lambda tx: organizations.insert(tx, Organization(id, id[:3], tx.now)))


async def test_what_was_kept_comes_back_and_what_came_since_is_gone(
    database: Database, world: World, tmp_path: Path
) -> None:
    await _add(database, IDS[0])
    await database.snapshot(tmp_path / "kept")
    await _add(database, IDS[1])
    await database.write(lambda tx: organizations.delete(tx, IDS[0]))
    await database.restore(tmp_path / "kept")
    assert await _names(database) == {"aaa"}
    kept = await database.read(partial(api_keys.find_kept, public_key=world.key.public_key))
    assert kept is not None
    assert kept.id == world.key.id
    # It goes on from there, and the same snapshot can be put back again.
    await _add(database, IDS[2])
    assert await _names(database) == {"aaa", "ccc"}
    await database.restore(tmp_path / "kept")
    assert await _names(database) == {"aaa"}
    assert _files_about(tmp_path / "kept") == ["kept"]


async def test_inv25_nothing_remembered_of_a_credential_outlives_it(
    database: Database, world: World, tmp_path: Path
) -> None:
    async def version() -> int | None:
        return await database.read(lambda tx: organizations.authority_version(tx, world.organization.id))

    await database.snapshot(tmp_path / "kept")
    seen = {await version()}
    for _ in range(3):
        await database.restore(tmp_path / "kept")
        seen.add(await version())
    assert len(seen) == 4


async def test_other_connections_see_it_and_writers_wait_their_turn(
    database: Database, database_url: str, open_url: OpenDatabase, tmp_path: Path
) -> None:
    other = open_url(database_url)
    await _add(database, IDS[0])
    await database.snapshot(tmp_path / "kept")

    async def write(at: Database, number: int) -> None:
        await at.write(lambda tx: organizations.insert(tx, Organization(f"{number:024x}", "x", tx.now)))

    for begin in range(0, 60, 20):
        await asyncio.gather(
            *(
                write(at, 2 * number + half)
                for number in range(begin, begin + 20)
                for half, at in enumerate((database, other))
            ),
            other.restore(tmp_path / "kept"),
            *(_names(at) for at in (database, other) for _ in range(5)),
        )
    await database.restore(tmp_path / "kept")
    assert await _names(other) == {"aaa"}
    await _add(other, IDS[1])
    assert await _names(database) == {"aaa", "bbb"}
    assert await database.read(lambda tx: organizations.find(tx, f"{1:024x}")) is None


async def test_the_clock_that_is_handed_in_decides_to_the_second(database: Database, clock: Clock) -> None:
    async def now(tx: Transaction) -> float:
        return tx.now.timestamp()

    assert await database.read(now) == clock.now.timestamp()
    clock.now -= timedelta(days=400)
    assert await database.write(now) == clock.now.timestamp()


@pytest.mark.usefixtures("runner")
async def test_without_one_the_time_is_real(database_url: str) -> None:
    database = open_database(database_url, policy=Policy(), sealer=VAULT)
    try:

        async def now(tx: Transaction) -> float:
            return tx.now.timestamp()

        assert await database.read(now) == pytest.approx(time.time(), abs=5)
    finally:
        await database.close()


async def test_a_small_database_is_back_in_less_than_fifty_milliseconds(
    database: Database, tmp_path: Path
) -> None:
    await database.write(plant)
    await database.snapshot(tmp_path / "kept")
    times = []
    for _ in range(10):
        await _add(database, IDS[0])
        began = time.perf_counter()
        await database.restore(tmp_path / "kept")
        times.append(time.perf_counter() - began)
    # The best of several: a shared machine is slow now and then.
    print("restored in", [f"{1000 * one:.1f} ms" for one in sorted(times)])  # noqa: T201
    assert min(times) < 0.05
