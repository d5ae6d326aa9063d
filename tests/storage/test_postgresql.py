"""What only PostgreSQL does: connections that end, a server that is not there, locks that are waited for."""

import asyncio

import asyncpg
import pytest
from tests import postgres
from tests.conftest import OpenDatabase
from tests.storage.test_database import add, count

from antechamber.domain.errors import Unavailable
from antechamber.storage import connections, digest_answers, organizations
from antechamber.storage.database import Statement, Transaction

_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid()"
)


async def test_inv33_a_server_that_is_not_there_refuses(tmp_path: object, open_url: OpenDatabase) -> None:
    database = open_url(f"postgresql://postgres@/postgres?host={tmp_path}")
    with pytest.raises(Unavailable):
        await database.write(add)
    with pytest.raises(Unavailable):
        await count(database)
    with pytest.raises(Unavailable):
        await database.schema()


async def test_inv33_a_database_that_is_not_there_refuses(
    postgres_server: str, open_url: OpenDatabase
) -> None:
    database = open_url(postgres.url_of(postgres_server, "no_such_database"))
    with pytest.raises(Unavailable):
        await count(database)


async def test_connections_that_ended_while_nobody_used_them_cost_no_request(
    postgres_url: str, open_url: OpenDatabase
) -> None:
    database = open_url(postgres_url)
    await asyncio.gather(*(database.write(add) for _ in range(20)))
    await postgres.execute(postgres_url, _OTHERS)
    await asyncio.gather(*(database.write(add) for _ in range(20)))
    await postgres.execute(postgres_url, _OTHERS)
    assert await asyncio.gather(*(count(database) for _ in range(20))) == [40] * 20


async def test_inv18_a_transaction_whose_connection_ends_is_run_again_whole(
    postgres_url: str, open_url: OpenDatabase
) -> None:
    database = open_url(postgres_url)
    tries = 0

    async def job(tx: Transaction) -> None:
        nonlocal tries
        tries += 1
        await add(tx)
        if tries == 1:
            await postgres.execute(postgres_url, _OTHERS)
        await add(tx)

    await database.write(job)
    assert tries == 2
    assert await count(database) == 2


async def test_inv19_a_connection_that_ends_at_the_commit_is_neither_a_success_nor_tried_again(
    postgres_url: str, open_url: OpenDatabase
) -> None:
    """The commit waits for a deferred check that asks for a lock; meanwhile the connection is cut."""
    await postgres.execute(
        postgres_url,
        """CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NULL; END';
        CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON organizations DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION wait()""",
    )
    database = open_url(postgres_url)
    holder = await asyncpg.connect(postgres_url)
    await holder.execute("SELECT pg_advisory_lock(1)")
    tries = 0

    async def job(tx: Transaction) -> None:
        nonlocal tries
        tries += 1
        await add(tx)

    writing = asyncio.create_task(database.write(job))
    waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    while not await holder.fetchval(waits):  # noqa: ASYNC110 - what is awaited is in the database
        await asyncio.sleep(0.01)
    await holder.execute(_OTHERS)
    with pytest.raises(Unavailable):
        await writing
    await holder.close()
    assert tries == 1
    assert await count(database) == 0


async def test_inv33_who_waits_too_long_for_a_lock_is_refused_and_leaves_nothing(
    postgres_url: str, open_url: OpenDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connections.SESSION, "lock_timeout", "50ms")
    database = open_url(postgres_url)
    organization = await database.write(add)
    holder = await asyncpg.connect(postgres_url)
    await holder.execute("BEGIN; SELECT 1 FROM organizations FOR UPDATE")

    async def job(tx: Transaction) -> None:
        await add(tx)
        await organizations.lock(tx, organization.id)

    with pytest.raises(Unavailable):
        await database.write(job)
    await holder.close()
    assert await count(database) == 1
    await database.write(job)


async def test_inv30_a_statement_that_takes_too_long_is_ended_by_the_server(
    postgres_url: str, open_url: OpenDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connections.SESSION, "statement_timeout", "50ms")
    database = open_url(postgres_url)
    with pytest.raises(Unavailable):
        await database.read(lambda tx: tx.row(Statement("SELECT 1 FROM pg_sleep(20)")))
    assert await count(database) == 0


async def test_inv30_who_waits_too_long_for_a_connection_is_refused(
    postgres_url: str, open_url: OpenDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "WAIT_SECONDS", 0.05)
    database = open_url(postgres_url, most_connections=1)
    goes_on = asyncio.Event()

    async def job(tx: Transaction) -> None:
        await tx.row(Statement("SELECT 1"))
        await goes_on.wait()

    holding = asyncio.create_task(database.read(job))
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await count(database)
    goes_on.set()
    await holding
    assert await count(database) == 0


async def test_two_digest_writes_in_one_organization_wait_for_each_other_and_do_not_deadlock(
    postgres_url: str, open_url: OpenDatabase
) -> None:
    """An answer refers to its organization, which locks that a little: enough to stop a full lock."""
    database = open_url(postgres_url)
    organization = await database.write(add)
    both = asyncio.Barrier(2)
    tries = 0

    async def job(tx: Transaction, nonce: str) -> None:
        nonlocal tries
        tries += 1
        await digest_answers.insert(tx, organization.id, nonce, 1, 300)
        if tries <= 2:
            await both.wait()
        await organizations.lock(tx, organization.id)

    await asyncio.gather(*(database.write(lambda tx, n=nonce: job(tx, n)) for nonce in ("a", "b")))  # type: ignore[misc]
    assert tries == 2


async def test_a_deadlock_is_resolved_by_running_one_of_the_two_again(
    postgres_url: str, open_url: OpenDatabase
) -> None:
    database = open_url(postgres_url)
    one, two = [await database.write(add) for _ in range(2)]
    both = asyncio.Barrier(2)
    tries = 0

    async def job(tx: Transaction, first: str, second: str) -> None:
        nonlocal tries
        tries += 1
        await organizations.lock(tx, first)
        if tries <= 2:
            await both.wait()
        await organizations.lock(tx, second)
        await add(tx)

    await asyncio.gather(
        database.write(lambda tx: job(tx, one.id, two.id)), database.write(lambda tx: job(tx, two.id, one.id))
    )
    # Who is told to give way may be back before the other has noticed.
    assert tries > 2
    assert await count(database) == 4


async def test_inv33_a_database_that_cannot_be_written_refuses_and_can_be_read(
    postgres_url: str, open_url: OpenDatabase
) -> None:
    name = postgres_url.partition("?")[0].rpartition("/")[2]
    await postgres.execute(postgres_url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    database = open_url(postgres_url)
    with pytest.raises(Unavailable):
        await database.write(add)
    assert await count(database) == 0


async def test_inv19_commits_wait_for_the_disk(postgres_url: str, open_url: OpenDatabase) -> None:
    database = open_url(postgres_url)
    show = Statement("SELECT current_setting('synchronous_commit')")
    row = await database.write(lambda tx: tx.row(show))
    assert row is not None
    assert row[0] == "on"
