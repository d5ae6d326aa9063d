"""Transactions: whole or not at all, durable when answered, alone where it matters; on every engine."""

import asyncio
import subprocess
import sys
from datetime import UTC

import pytest
from tests.conftest import VAULT, OpenDatabase
from tests.worlds import Clock

from antechamber.domain.errors import Unavailable, UserAlreadyExists
from antechamber.domain.ids import is_id
from antechamber.domain.organizations import Organization
from antechamber.domain.policy import Policy
from antechamber.storage import organizations
from antechamber.storage.database import Database, Statement, Transaction, WriteInRead
from antechamber.storage.engines import open_database

COUNT = Statement("SELECT count(*) FROM organizations")

# What another process does with the same database: it adds organizations, one transaction each.
_WRITER = """
import asyncio, sys
from antechamber.auth.secrets import Vault
from antechamber.domain.organizations import Organization
from antechamber.domain.policy import Policy
from antechamber.storage import organizations
from antechamber.storage.engines import open_database

async def main(url, most):
    database = open_database(url, policy=Policy(), sealer=Vault.from_master_key("00" * 32))
    async def add(tx):
        assert await organizations.insert(tx, Organization(tx.new_id(), "theirs", tx.now))
    for _ in range(int(most)):
        await database.write(add)
    await database.close()

asyncio.run(main(*sys.argv[1:]))
"""


async def add(tx: Transaction, name: str = "Acme") -> Organization:
    organization = Organization(tx.new_id(), name, tx.now)
    assert await organizations.insert(tx, organization)
    return organization


async def count(database: Database) -> int:
    row = await database.read(lambda tx: tx.row(COUNT))
    assert row is not None
    return int(row[0])


async def test_what_was_written_is_read(database: Database) -> None:
    written = await database.write(add)
    assert await database.read(lambda tx: organizations.find(tx, written.id)) == written


async def test_a_job_has_one_instant_of_whole_seconds_and_makes_ids_of_it(
    database: Database, clock: Clock
) -> None:
    async def job(tx: Transaction) -> tuple[object, str]:
        before = tx.now
        clock.advance(seconds=5)
        assert tx.now == before
        return tx.now, tx.new_id()

    start = clock.now
    for run in (database.read, database.write):
        now, id = await run(job)
        assert now == start
        assert start.tzinfo is UTC
        assert is_id(id)
        assert int(id[:8], 16) == int(start.timestamp())
        start = clock.now


@pytest.mark.parametrize("snapshot", [True, False])
async def test_inv23_a_read_neither_writes_nor_locks(database: Database, snapshot: bool) -> None:
    written = await database.write(add)
    with pytest.raises(WriteInRead, match="INSERT INTO organizations"):
        await database.read(add, snapshot=snapshot)
    with pytest.raises(WriteInRead):
        await database.read(lambda tx: organizations.lock(tx, written.id), snapshot=snapshot)
    assert await count(database) == 1


async def test_all_statements_of_a_read_see_one_state(
    database: Database, database_url: str, open_url: OpenDatabase
) -> None:
    other = open_url(database_url)

    async def job(tx: Transaction) -> list[int]:
        # Awaiting others, as no job of ours does, is what only one that reads a long list may do.
        await tx.breathe()
        seen = []
        for _ in range(3):
            row = await tx.row(COUNT)
            assert row is not None
            seen.append(int(row[0]))
            await other.write(add)
        return seen

    assert await database.read(job) == [0, 0, 0]
    assert await count(database) == 3


async def test_a_statement_runs_with_many_values_and_returns_the_rows_of_all(database: Database) -> None:
    insert = Statement(
        """INSERT INTO organizations (id, name, created_at) VALUES (:id, :name, :at)
        ON CONFLICT DO NOTHING RETURNING id"""
    )
    find = Statement("SELECT name FROM organizations WHERE id = :id")

    async def plant(tx: Transaction) -> list[list[tuple[object, ...]]]:
        ids = ["a", "b", "a", "c"]
        inserted = await tx.run_many(insert, [{"id": id, "name": id * 2, "at": 0} for id in ids])
        found = await tx.run_many(find, [{"id": id} for id in ("c", "missing", "a")])
        return [[tuple(row) for row in rows] for rows in (inserted, found, await tx.run_many(insert, []))]

    assert await database.write(plant) == [[("a",), ("b",), ("c",)], [("cc",), ("aa",)], []]


async def test_inv18_a_job_that_raises_leaves_nothing_and_its_refusal_reaches_the_caller(
    database: Database,
) -> None:
    async def refused(tx: Transaction) -> None:
        await add(tx)
        await add(tx)
        raise UserAlreadyExists("ann@example.com")

    with pytest.raises(UserAlreadyExists) as refusal:
        await database.write(refused)
    assert refusal.value.facts == ("ann@example.com",)
    assert await count(database) == 0


async def test_a_bug_in_a_job_rises_and_leaves_nothing(database: Database) -> None:
    async def buggy(tx: Transaction) -> None:
        await add(tx)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(buggy)
    assert await count(database) == 0
    await database.write(add)
    assert await count(database) == 1


async def test_inv18_a_failing_job_does_not_touch_its_neighbours(database: Database) -> None:
    """Thirty jobs wait together, every third fails after writing: the others are all there."""

    async def job(tx: Transaction, number: int) -> int:
        await add(tx, f"number {number}")
        if number % 3 == 0:
            raise UserAlreadyExists(str(number))
        return number

    answers = await asyncio.gather(
        *(database.write(lambda tx, n=number: job(tx, n)) for number in range(30)),  # type: ignore[misc]
        return_exceptions=True,
    )
    for number, answer in enumerate(answers):
        if number % 3 == 0:
            assert isinstance(answer, UserAlreadyExists)
            assert answer.facts == (str(number),)
        else:
            assert answer == number
    names = await database.read(lambda tx: tx.rows(Statement("SELECT name FROM organizations")))
    assert {name for (name,) in names} == {f"number {number}" for number in range(30) if number % 3}


async def test_inv20_a_statement_that_fails_undoes_its_own_job_only(database: Database) -> None:
    async def wrong(tx: Transaction) -> None:
        await add(tx)
        await tx.run(Statement("INSERT INTO organizations (id) VALUES (:id)"), id="without a name")

    good, bad, other = await asyncio.gather(
        database.write(add), database.write(wrong), database.write(add), return_exceptions=True
    )
    assert isinstance(good, Organization)
    assert isinstance(other, Organization)
    assert isinstance(bad, Exception)
    assert await count(database) == 2


async def test_inv19_an_answer_comes_after_the_commit_and_nobody_sees_anything_before(
    database: Database, database_url: str, open_url: OpenDatabase
) -> None:
    other = open_url(database_url)
    assert await count(other) == 0

    async def job(tx: Transaction) -> int:
        await add(tx)
        return await count(other)

    assert await database.write(job) == 0
    assert await count(other) == 1


async def test_a_job_sees_what_it_wrote(database: Database) -> None:
    async def job(tx: Transaction) -> bool:
        return await organizations.find(tx, (await add(tx)).id) is not None

    assert await database.write(job)


async def test_inv31_two_servers_on_one_database_lose_nothing(
    database: Database, database_url: str, open_url: OpenDatabase
) -> None:
    other = open_url(database_url)
    await asyncio.gather(*(each.write(add) for _ in range(50) for each in (database, other)))
    assert await count(database) == await count(other) == 100


async def test_inv31_several_processes_on_one_database_lose_nothing(
    database: Database, database_url: str
) -> None:
    processes = [
        subprocess.Popen(  # noqa: ASYNC220 - it only starts; waiting is done in threads
            [sys.executable, "-c", _WRITER, database_url, "30"], env={"PYTHONPATH": ":".join(sys.path)}
        )
        for _ in range(2)
    ]
    try:
        for _ in range(30):
            await database.write(add)
        codes = await asyncio.gather(*(asyncio.to_thread(process.wait, 30) for process in processes))
    finally:
        for process in processes:
            process.kill()
    assert codes == [0, 0]
    assert await count(database) == 90


async def test_inv31_jobs_that_lock_their_organization_run_one_after_the_other(database: Database) -> None:
    """Read, then write what was read plus one: with the lock no addition is lost."""
    organization = await database.write(lambda tx: add(tx, "0"))

    async def increase(tx: Transaction) -> None:
        await organizations.lock(tx, organization.id)
        found = await organizations.find(tx, organization.id)
        assert found is not None
        await organizations.update(tx, Organization(found.id, str(int(found.name) + 1), found.created_at))

    await asyncio.gather(*(database.write(increase) for _ in range(25)))
    found = await database.read(lambda tx: organizations.find(tx, organization.id))
    assert found is not None
    assert found.name == "25"


async def test_a_caller_who_goes_away_leaves_the_database_working(database: Database) -> None:
    waiting = asyncio.create_task(database.write(add))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await database.write(add)
    assert await count(database) in (1, 2)


async def test_inv19_closing_finishes_what_runs_and_refuses_the_rest(
    database: Database, database_url: str, clock: Clock
) -> None:
    other = open_database(database_url, policy=Policy(), sealer=VAULT, clock=clock)
    waiting = asyncio.gather(*(other.write(add) for _ in range(20)), return_exceptions=True)
    await asyncio.sleep(0)
    await other.close()
    answers = await waiting
    done = [answer for answer in answers if isinstance(answer, Organization)]
    assert all(isinstance(answer, Unavailable) for answer in answers if answer not in done)
    assert await count(database) == len(done)
