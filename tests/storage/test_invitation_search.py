"""Lists that people look through: invitations, people and events, page by page, on every engine."""

import re
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import apsw
import pytest
from tests.worlds import Clock, World, join

from antechamber.domain import events
from antechamber.domain.events import Event
from antechamber.domain.invitation_search import Order, Place, Record, Wanted
from antechamber.domain.invitations import LIFETIME, Invitation, State
from antechamber.domain.mail import MailState, Message, MessageType
from antechamber.domain.users import Status
from antechamber.storage import events as trail
from antechamber.storage import invitation_search, invitations, organization_users, outbox
from antechamber.storage.database import Database, Statement, Transaction

Result = TypeVar("Result")
Keep = Callable[..., Awaitable[Invitation]]
_FLAG = Statement(
    """UPDATE invitations SET is_flagged = 1, note = 'why'
    WHERE organization_id = :organization_id AND id = :id"""
)


@pytest.fixture
def keep(database: Database, world: World) -> Keep:
    """Keeps invitations of the organization."""

    async def keep(
        username: str, state: State = State.PENDING, *, project: bool = False, hidden: bool = False
    ) -> Invitation:
        async def job(tx: Transaction) -> Invitation:
            one = Invitation(
                id=tx.new_id(),
                organization_id=world.organization.id,
                project_id=world.project.id if project else None,
                from_project=hidden,
                user_id=tx.new_id(),
                username=username,
                inviter="abcdefgh",
                state=State.PENDING,
                roles=("GROUP_OWNER",) if project else ("ORG_MEMBER",),
                team_ids=(),
                project_roles=(),
                created_at=tx.now,
                expires_at=tx.now + LIFETIME,
            )
            assert await invitations.insert(tx, one, language="ja")
            if state is not State.PENDING:
                assert await invitations.end(tx, one, state)
            return one

        return await database.write(job)

    return keep


async def names(database: Database, world: World, wanted: Wanted, size: int = 2) -> list[str]:
    """Return the names of all pages together."""
    found: list[Record] = []
    after: Place | None = None
    while True:
        page = await database.read(
            partial(
                invitation_search.search,
                organization_id=world.organization.id,
                wanted=wanted,
                after=after,
                size=size,
            )
        )
        assert len(page.records) <= size
        found += page.records
        after = page.next
        if after is None:
            return [record.invitation.username.partition("@")[0] for record in found]


async def test_orders_go_through_everybody_once(
    database: Database, world: World, keep: Keep, clock: Clock
) -> None:
    for name in ("c", "A", "b"):
        await keep(f"{name}@example.com")
        clock.advance(seconds=1)
    for name in ("e", "d"):
        await keep(f"{name}@example.com")
    assert (await names(database, world, Wanted(order=Order.NEWEST)))[2:] == ["b", "A", "c"]
    assert (await names(database, world, Wanted(order=Order.OLDEST)))[:3] == ["c", "A", "b"]
    assert await names(database, world, Wanted(order=Order.ADDRESS)) == ["A", "b", "c", "d", "e"]


async def test_lists_are_narrowed(database: Database, world: World, keep: Keep) -> None:
    for state in State:
        await keep(f"{state.value}@example.com", state)
    await keep("guest@example.com", project=True)
    await keep("hidden@example.com", hidden=True)
    for state in State:
        expected = {state.value, "guest"} if state is State.PENDING else {state.value}
        assert set(await names(database, world, Wanted(state=state))) == expected
    assert await names(database, world, Wanted(scope_id=world.project.id)) == ["guest"]
    assert await names(database, world, Wanted(address="RE", order=Order.ADDRESS)) == ["rejected", "revoked"]
    assert await names(database, world, Wanted(address="é")) == []
    assert len(await names(database, world, Wanted())) == 6


async def test_inv14_what_has_run_out_is_expired_swept_or_not(
    database: Database, world: World, keep: Keep, clock: Clock
) -> None:
    await keep("old@example.com")
    clock.advance(days=30)
    assert await names(database, world, Wanted(state=State.PENDING)) == []
    assert await names(database, world, Wanted(state=State.EXPIRED)) == ["old"]


async def test_a_record_tells_the_life_of_an_invitation(database: Database, world: World, keep: Keep) -> None:
    one = await keep("kim@example.com", State.ACCEPTED)
    of = world.organization.id

    async def job(tx: Transaction) -> Record | None:
        await tx.run(_FLAG, organization_id=of, id=one.id)
        for message_type in (MessageType.ORGANIZATION_INVITATION, MessageType.ACCEPTED_NOTICE):
            await outbox.put(
                tx, Message(tx.new_id(), of, message_type, one.username, "", one.id, "", created_at=tx.now)
            )
        return await invitation_search.find(tx, of, one.id)

    record = await database.write(job)
    assert record is not None
    assert record.invitation == one._replace(state=State.ACCEPTED)
    assert (record.note, record.is_flagged, record.language) == ("why", True, "ja")
    assert record.ended_at == one.created_at
    assert (record.mail, record.mail_error) == (MailState.QUEUED, "")
    assert await names(database, world, Wanted(is_flagged=True)) == ["kim"]


async def test_inv02_another_organization_finds_nothing(
    database: Database, world: World, stranger: World, keep: Keep
) -> None:
    one = await keep("kim@example.com")
    of = stranger.organization.id
    assert await names(database, stranger, Wanted()) == []
    assert await names(database, stranger, Wanted(scope_id=world.organization.id)) == []
    assert await database.read(partial(invitation_search.find, organization_id=of, id=one.id)) is None


async def people(database: Database, world: World, *statuses: Status, address: str = "") -> list[str]:
    found: list[str] = []
    after: str | None = ""
    while after is not None:
        some, after = await database.read(
            partial(
                organization_users.search,
                organization_id=world.organization.id,
                statuses=frozenset(statuses or Status),
                address=address,
                after=after,
                size=2,
            )
        )
        found += [f"{one.username.partition('@')[0]} {one.status.value}" for one in some]
    return found


async def test_people_are_members_and_the_latest_invitation_of_others(
    database: Database, world: World, keep: Keep, clock: Clock
) -> None:
    await keep("kim@example.com", State.REJECTED)
    await keep("robin@example.com", State.REJECTED)
    await keep("guest@example.com", project=True)
    await keep("hidden@example.com", hidden=True)
    await keep(world.member.username, State.ACCEPTED)
    clock.advance(seconds=1)
    await keep("kim@example.com")
    every = ["kim PENDING", "member ACTIVE", "owner ACTIVE", "robin INVITATION_REJECTED"]
    assert await people(database, world) == every
    assert await people(database, world, Status.ACTIVE) == every[1:3]
    assert await people(database, world, Status.PENDING) == every[:1]
    assert await people(database, world, Status.INVITATION_REJECTED) == every[3:]
    assert await people(database, world, address="O") == every[2:3]
    clock.advance(days=30)
    assert await people(database, world, Status.INVITATION_EXPIRED) == ["kim INVITATION_EXPIRED"]


async def test_pages_of_people_hold_everybody_once(database: Database, world: World, keep: Keep) -> None:
    async def fill(tx: Transaction) -> None:
        for number in range(4):
            await join(tx, world.organization.id, f"p{2 * number}@example.com", "ORG_MEMBER")

    await database.write(fill)
    for number in range(4):
        await keep(f"p{2 * number + 1}@example.com")
    found = [one.partition(" ")[0] for one in await people(database, world, address="p")]
    assert found == [f"p{number}" for number in range(8)]


async def test_events_are_walked_newest_first(database: Database, world: World, clock: Clock) -> None:
    of = world.organization.id

    async def add(tx: Transaction, type_name: str, project_id: str | None = None) -> None:
        event = Event(tx.new_id(), of, type_name, tx.now, None, None, None, None, project_id=project_id)
        await trail.append(tx, event)

    for number in range(7):
        type_name = events.TEAM_CREATED if number % 3 else events.GROUP_CREATED
        await database.write(
            partial(add, type_name=type_name, project_id=None if number % 3 else world.project.id)
        )
        if number % 2:
            clock.advance(seconds=1)

    async def walk(wanted: trail.Filter, project_id: str | None = None) -> list[Event]:
        found: list[Event] = []
        after: tuple[int, str] | None = None
        while True:
            some, after = await database.read(
                partial(
                    trail.walk,
                    organization_id=of,
                    wanted=wanted,
                    project_id=project_id,
                    after=after,
                    size=2,
                )
            )
            found += some
            if after is None:
                return found

    every = await walk(trail.Filter())
    assert len(every) == len({event.id for event in every}) == 7
    assert every == sorted(every, key=lambda event: (event.created_at, event.id), reverse=True)
    assert len(await walk(trail.Filter(types=(events.GROUP_CREATED,)))) == 3
    assert len(await walk(trail.Filter(), world.project.id)) == 3
    assert await walk(trail.Filter(types=())) == []


LISTS = [
    *invitation_search.statements(),
    *trail.walks(),
    *(
        organization_users._search(statuses, has_place=has_place)
        for statuses in (frozenset(Status), *(frozenset({status}) for status in Status))
        for has_place in (False, True)
    ),
]


def test_a_page_is_found_by_an_index_that_holds_what_it_is_narrowed_by(sqlite_template: Path) -> None:
    connection = apsw.Connection(str(sqlite_template), apsw.SQLITE_OPEN_READONLY)
    for statement in LISTS:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {statement.sqlite}", dict.fromkeys(statement.names))
        steps = [step[3] for step in plan]
        walked = [step for step in steps if re.match(r"SEARCH [ci] USING (?!COVERING|PRIMARY)", step)]
        scanned = [step for step in steps if re.match(r"SCAN (?!CONSTANT|chosen|part_)", step)]
        # The mails of one invitation are sorted, and people of several kinds merged; lists are not.
        sorts = sum("TEMP B-TREE" in step for step in steps)
        mails = sum("SUBQUERY" in step for step in steps)
        is_of_people = "part_0" in statement.sqlite
        assert not scanned, (statement.sqlite, steps)
        assert is_of_people or not walked, (statement.sqlite, steps)
        assert is_of_people or sorts <= mails, (statement.sqlite, steps)


def test_inv02_every_list_names_the_organization() -> None:
    for statement in LISTS:
        tables = re.findall(r"(?:FROM|JOIN) (invitations|memberships|events|outbox) (\w*)", statement.sqlite)
        assert tables
        assert statement.sqlite.count("organization_id = ") >= len(tables)


async def test_every_list_runs_on_every_engine(database: Database, world: World) -> None:
    now = {"now": 0, "size": 1, "by": 0, "since": 0, "until": 0, "before": 0}
    texts = ("address", "address_end", "scope_id", "after_id", "begin", "before_id", "type_0", "type_1")
    values = {**dict.fromkeys(texts, ""), **now, "organization_id": world.organization.id}
    values["project_id"] = world.project.id

    async def job(tx: Transaction) -> None:
        for statement in LISTS:
            by = "" if "c.username_key, c.id) >" in statement.sqlite else 0
            await tx.rows(statement, **{name: {**values, "by": by}[name] for name in statement.names})

    await database.read(job)
