"""Pages from either end of a list, and totals that are remembered: always what counting anew would say."""

from pathlib import Path

import pytest
from tests.conftest import OpenDatabase
from tests.storage.test_invitations import Desk
from tests.worlds import Clock, World

from antechamber.domain import events
from antechamber.domain.events import Event
from antechamber.domain.paging import Page, PageRequest
from antechamber.domain.users import SHOWN, OrganizationUser
from antechamber.storage import events as trail
from antechamber.storage import invitations, organization_users
from antechamber.storage.database import Database, Transaction

HOUR_SECONDS = 3600


async def tell(tx: Transaction, world: World) -> None:
    """Append an event that says that somebody was invited."""
    event = events.by(
        world.caller,
        events.INVITED_TO_ORG,
        id=tx.new_id(),
        organization_id=world.organization.id,
        now=tx.now,
    )
    await trail.append(tx, event)


async def page_of_events(database: Database, world: World, page: PageRequest) -> Page[Event]:
    return await database.read(lambda tx: trail.list_of_organization(tx, world.organization.id, page))


async def page_of_people(
    database: Database, world: World, page: PageRequest | None = None
) -> Page[OrganizationUser]:
    page = page or PageRequest(size=1)
    return await database.read(
        lambda tx: organization_users.list_of_organization(tx, world.organization.id, page, statuses=SHOWN)
    )


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 20])
async def test_pages_from_either_end_make_up_the_list(
    database: Database, world: World, clock: Clock, size: int
) -> None:
    for _ in range(7):
        await database.write(lambda tx: tell(tx, world))
        clock.advance(seconds=1)
    whole = (await page_of_events(database, world, PageRequest(size=500))).items
    assert len(whole) >= 7
    assert whole == sorted(whole, key=lambda one: (one.created_at, one.id), reverse=True)
    pages = [
        await page_of_events(database, world, PageRequest(number, size))
        for number in range(1, len(whole) // size + 3)
    ]
    assert [one for page in pages for one in page.items] == whole
    assert {page.total for page in pages} == {len(whole)}


async def test_the_number_of_events_is_right_whenever_they_came(
    database: Database, world: World, clock: Clock
) -> None:
    before = (await page_of_events(database, world, PageRequest())).total
    for number in range(1, 9):
        clock.advance(seconds=HOUR_SECONDS // 8)
        await database.write(lambda tx: tell(tx, world))
        assert (await page_of_events(database, world, PageRequest())).total == before + number


async def test_the_number_of_people_is_right_after_every_change_and_expiry(
    database: Database, world: World, clock: Clock
) -> None:
    desk = Desk(database, world)
    before = (await page_of_people(database, world)).total

    async def invite(tx: Transaction, *usernames: str) -> None:
        for username in usernames:
            assert await invitations.insert(tx, desk.new(tx, username))
        await tell(tx, world)

    many = [f"guest-{number:04}@example.com" for number in range(1_200)]
    await database.write(lambda tx: invite(tx, *many))
    for _ in range(2):
        assert (await page_of_people(database, world)).total == before + 1_200
        clock.advance(days=1)
    for number in range(1, 4):
        await database.write(lambda tx, number=number: invite(tx, f"later-{number}@example.com"))  # type: ignore[misc]
        assert (await page_of_people(database, world)).total == before + 1_200 + number
    last = await page_of_people(database, world, PageRequest(before + 1_203, 1))
    assert len(last.items) == 1
    clock.advance(days=28)
    assert (await page_of_people(database, world)).total == before + 3, "by now the first have expired"


async def test_what_was_put_back_is_counted_anew(
    database: Database, world: World, clock: Clock, tmp_path: Path
) -> None:
    before = (await page_of_events(database, world, PageRequest())).total
    await database.snapshot(tmp_path / "kept")
    await database.write(lambda tx: tell(tx, world))
    clock.advance(seconds=HOUR_SECONDS)
    assert (await page_of_events(database, world, PageRequest())).total == before + 1
    await database.restore(tmp_path / "kept")
    assert (await page_of_events(database, world, PageRequest())).total == before


async def test_once_the_clock_was_set_back_nothing_is_remembered(
    database_url: str, database: Database, world: World, clock: Clock, open_url: OpenDatabase
) -> None:
    desk = open_url(database_url, remembers=lambda: False)
    before = (await page_of_events(desk, world, PageRequest())).total
    for number in (1, 2):
        await database.write(lambda tx: tell(tx, world))
        clock.advance(seconds=HOUR_SECONDS)
        assert (await page_of_events(desk, world, PageRequest())).total == before + number
        clock.advance(seconds=-HOUR_SECONDS)
