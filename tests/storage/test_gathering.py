"""Reads that are asked together: what each is answered is what it would be answered alone."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import postgres
from tests.conftest import OpenDatabase
from tests.storage.test_postgresql import _OTHERS
from tests.worlds import World, plant

from antechamber.domain.errors import Unavailable
from antechamber.storage import connections, gathering, invitations, organizations, premises, projects
from antechamber.storage.database import Statement
from antechamber.storage.gathering import Gathering
from antechamber.storage.postgresql import PostgresDatabase

ECHO = "SELECT CAST($1 AS text), CAST($2 AS bigint) WHERE $2 <> 0"
SEVERAL = "SELECT n FROM generate_series(1, $1) AS n WHERE $2 <> 'none' ORDER BY n DESC"
QUOTIENT = "SELECT 100 / CAST($1 AS bigint)"
# No such function takes what an array of our integers has.
ONLY_ALONE = "SELECT left('abcdef', $1)"
SLOW = "SELECT CAST($1 AS text) FROM (SELECT pg_sleep(0.05)) AS slept"
WITH_PREMISE = premises._together(projects._FIND, organizations._AUTHORITY_VERSION).postgresql


class Watched(Gathering):
    """A gathering on a database that counts the statements that were asked."""

    def __init__(self, database: PostgresDatabase) -> None:
        super().__init__(self._counted)
        self._database = database
        self.asked = 0

    async def _counted(self, run: Callable[[Any], Awaitable[Any]]) -> Any:
        self.asked += 1
        return await self._database._try(run)

    async def all(self, *asks: tuple[str, tuple[Any, ...]]) -> list[Any]:
        """Return the rows of all, or what they failed with."""
        answers = (self.fetchrow(text, *values) for text, values in asks)
        return await asyncio.gather(*answers, return_exceptions=True)


@pytest.fixture
def database(postgres_url: str, open_url: OpenDatabase) -> PostgresDatabase:
    database = open_url(postgres_url, most_connections=8)
    assert isinstance(database, PostgresDatabase)
    return database


@pytest.fixture
def together(database: PostgresDatabase) -> Watched:
    return Watched(database)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(data=st.data())
def test_any_mixture_is_answered_as_it_is_alone(
    postgres_url: str, open_url: OpenDatabase, runner: asyncio.Runner, world: World, data: st.DataObject
) -> None:
    words = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5)
    organization = st.sampled_from([world.organization.id, "0" * 24, ""]) | words
    thing = st.sampled_from([world.project.id, world.owner.id]) | words
    number = st.integers(-(2**63), 2**63 - 1) | st.just(0)
    asks = st.one_of(
        st.tuples(st.just(invitations._FIND.postgresql), st.tuples(organization, thing)),
        st.tuples(st.just(organizations._FIND.postgresql), st.tuples(organization)),
        st.tuples(st.just(projects._FIND_WITH_ROLES.postgresql), st.tuples(thing, organization, thing)),
        st.tuples(st.just(WITH_PREMISE), st.tuples(organization, organization, thing)),
        st.tuples(st.just(ECHO), st.tuples(words | st.none(), number | st.none())),
        st.tuples(st.just(SEVERAL), st.tuples(st.integers(-1, 5), st.sampled_from(["none", "all"]))),
    )
    many = data.draw(st.lists(asks, max_size=40))

    async def compare() -> None:
        connection = await asyncpg.connect(postgres_url)
        try:
            wanted = [await connection.fetchrow(text, *values) for text, values in many]
        finally:
            await connection.close()
        database = open_url(postgres_url)
        assert isinstance(database, PostgresDatabase)
        found = await Watched(database).all(*many)
        assert [row if row is None else tuple(row) for row in found] == [
            row if row is None else tuple(row) for row in wanted
        ]
        await database.close()

    runner.run(compare())


@pytest.fixture
def world(postgres_url: str, open_url: OpenDatabase, runner: asyncio.Runner) -> World:
    return runner.run(open_url(postgres_url).write(plant))


async def test_who_comes_while_as_many_as_allowed_are_on_their_way_goes_along(together: Watched) -> None:
    asks = [(ECHO, (str(number), number)) for number in range(60)]
    found = await together.all(*asks)
    assert found == [None, *[(str(number), number) for number in range(1, 60)]]
    assert together.asked == gathering.ALONE + 1
    # And where that many come, fewer go alone.
    together.asked = 0
    assert await together.all(*asks) == found
    assert together.asked == gathering.AT_ONCE + 1


async def test_many_go_in_parts(together: Watched) -> None:
    asks = [(ECHO, (str(number), number)) for number in range(1, 501)]
    assert await together.all(*asks) == [values for _, values in asks]
    assert together.asked == gathering.ALONE + -(-(500 - gathering.ALONE) // gathering.MOST_TOGETHER)


async def test_statements_do_not_wait_for_others(together: Watched) -> None:
    slow = [together.fetchrow(SLOW, "a") for _ in range(20)]
    waiting = asyncio.gather(*slow)
    await asyncio.sleep(0)
    assert await together.fetchrow(ECHO, "b", 1) == ("b", 1)
    assert not waiting.done()
    assert await waiting == [("a",)] * 20


async def test_the_first_of_several_rows_is_the_first_of_the_order(together: Watched) -> None:
    found = await together.all(*[(SEVERAL, (number, "all")) for number in range(30)])
    assert found == [None, *[(number,) for number in range(1, 30)]]


@pytest.mark.parametrize(
    ("text", "good", "bad", "error"),
    [
        (QUOTIENT, 4, 0, asyncpg.DivisionByZeroError),
        (QUOTIENT, 4, 2**63, asyncpg.DataError),
        (SEVERAL, (3, "all"), (3, "\0"), asyncpg.CharacterNotInRepertoireError),
    ],
)
async def test_one_that_fails_fails_alone(
    together: Watched, text: str, good: Any, bad: Any, error: type[Exception]
) -> None:
    asks = [bad if number == 20 else good for number in range(40)]
    found = await together.all(*[(text, ask if isinstance(ask, tuple) else (ask,)) for ask in asks])
    assert isinstance(found.pop(20), error)
    assert len(set(found)) == 1
    assert isinstance(found[0], tuple | asyncpg.Record)
    # It is still asked together.
    together.asked = 0
    await together.all(*[(text, good if isinstance(good, tuple) else (good,))] * 40)
    assert together.asked == gathering.AT_ONCE + 1


async def test_a_statement_that_cannot_be_asked_together_is_asked_alone(together: Watched) -> None:
    for most in (41, 40):
        together.asked = 0
        assert await together.all(*[(ONLY_ALONE, (2,))] * 40) == [("ab",)] * 40
        assert together.asked == most


async def test_who_goes_away_hurts_nobody(together: Watched, database: PostgresDatabase) -> None:
    asks = [asyncio.create_task(together.fetchrow(SLOW, str(number))) for number in range(30)]
    await asyncio.sleep(0.02)
    # One that is on its way alone, and some that wait.
    for number in (0, 15, 16):
        asks[number].cancel()
    await asyncio.sleep(0.05)
    # And one of those that are asked together by now.
    asks[17].cancel()
    found = await asyncio.gather(*asks, return_exceptions=True)
    for number, answer in enumerate(found):
        if number in (0, 15, 16, 17):
            assert isinstance(answer, asyncio.CancelledError)
        else:
            assert answer == (str(number),)
    await together.close()
    assert [queue.on_their_way for queue in together._queues.values()] == [0]


async def test_a_connection_that_is_cut_costs_nobody_an_answer(together: Watched, postgres_url: str) -> None:
    await together.all(*[(SLOW, ("warm",))] * 30)
    for _ in range(3):
        asks = asyncio.gather(*(together.fetchrow(SLOW, str(number)) for number in range(30)))
        await asyncio.sleep(0.07)
        await postgres.execute(postgres_url, _OTHERS)
        assert await asks == [(str(number),) for number in range(30)]


async def test_inv33_who_waits_too_long_is_refused(
    together: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "WAIT_SECONDS", 0.02)
    found = await together.all(*[(SLOW, ("a",))] * 20)
    assert found[: gathering.ALONE] == [("a",)] * gathering.ALONE
    assert [type(one) for one in found[gathering.ALONE :]] == [Unavailable] * (20 - gathering.ALONE)
    assert await together.all(*[(ECHO, ("a", 1))] * 20) == [("a", 1)] * 20


async def test_inv33_where_there_is_no_server_all_are_refused(
    tmp_path: object, open_url: OpenDatabase
) -> None:
    database = open_url(f"postgresql://postgres@/postgres?host={tmp_path}")
    reads = (database.read(lambda tx: organizations.find(tx, "a"), snapshot=False) for _ in range(20))
    found = await asyncio.gather(*reads, return_exceptions=True)
    assert [type(one) for one in found] == [Unavailable] * 20
    assert all(isinstance(one.__cause__, OSError) for one in found)  # type: ignore[union-attr]


async def test_closing_waits_for_what_nobody_wants_any_more(database: PostgresDatabase) -> None:
    statement = Statement("SELECT CAST(:a AS text) FROM (SELECT pg_sleep(0.05)) AS slept")
    reads = [
        asyncio.create_task(database.read(lambda tx: tx.row(statement, a="x"), snapshot=False))
        for _ in range(20)
    ]
    await asyncio.sleep(0.08)
    for read in reads:
        read.cancel()
    await asyncio.gather(*reads, return_exceptions=True)
    await database.close()
    assert [queue.on_their_way for queue in database._gathering._queues.values()] == [0]


async def test_inv25_a_change_that_was_committed_is_seen_by_whoever_asks_after_it(
    postgres_url: str, database: PostgresDatabase, open_url: OpenDatabase, world: World
) -> None:
    """While many others ask for the same all the time."""
    other = open_url(postgres_url)
    find = Statement("SELECT authority_version FROM organizations WHERE id = :id")
    goes_on = True

    async def version() -> int:
        row = await database.read(lambda tx: tx.row(find, id=world.organization.id), snapshot=False)
        assert row is not None
        return int(row[0])

    async def ask_all_the_time() -> None:
        while goes_on:
            await version()

    others = [asyncio.create_task(ask_all_the_time()) for _ in range(40)]
    for _ in range(100):
        await other.write(lambda tx: organizations.authority_changed(tx, world.organization.id))
        wanted = await other.read(lambda tx: organizations.authority_version(tx, world.organization.id))
        assert await asyncio.gather(*(version() for _ in range(5))) == [wanted] * 5
    goes_on = False
    await asyncio.gather(*others)


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize("analyzed", [False, True])
async def test_each_key_is_looked_up_by_an_index(
    postgres_url: str, world: World, mode: str, analyzed: bool
) -> None:
    texts = [WITH_PREMISE, invitations._FIND.postgresql, projects._FIND_WITH_ROLES.postgresql]
    connection = await asyncpg.connect(postgres_url, statement_cache_size=0)
    try:
        if analyzed:
            await connection.execute(
                """INSERT INTO projects SELECT (json_populate_record(p, json_build_object(
                'id', lpad(n::text, 24, '0'), 'name', 'project ' || n))).* FROM projects p,
                generate_series(1, 20000) AS n; ANALYZE"""
            )
        await connection.execute(f"SET plan_cache_mode = {mode}")
        for text in texts:
            count = text.count("$")
            together = gathering._together(text, (str,) * count)
            await connection.execute(f"PREPARE one AS {together}")
            array = "ARRAY['a', 'b', 'c']"
            plan = await connection.fetch(f"EXPLAIN EXECUTE one({', '.join([array] * count)})")
            await connection.execute("DEALLOCATE one")
            lines = "\n".join(row[0] for row in plan)
            assert "Nested Loop" in lines
            assert "Hash" not in lines
            # An empty table that was analyzed is rightly read as it is.
            assert ("Seq Scan on projects" if analyzed else "Seq Scan") not in lines
    finally:
        await connection.close()
