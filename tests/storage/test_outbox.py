"""Rows of the outbox on each engine: leases, waiting, forgetting."""

from datetime import timedelta

from tests.worlds import Clock, World

from antechamber.domain.mail import MailState, Message, MessageType
from antechamber.domain.paging import PageRequest
from antechamber.storage import outbox
from antechamber.storage.database import Database, Transaction

LEASE = timedelta(minutes=5)


async def put(database: Database, world: World, token: str = "secret") -> Message:
    async def job(tx: Transaction) -> Message:
        message = Message(
            tx.new_id(),
            world.organization.id,
            MessageType.SIGN_IN_LINK,
            "Robin@example.com",
            "",
            None,
            token,
            tx.now,
        )
        await outbox.put(tx, message)
        return message

    return await database.write(job)


async def state(database: Database, world: World) -> MailState:
    page = await database.read(
        lambda tx: outbox.list_of_organization(tx, world.organization.id, PageRequest())
    )
    (mail,) = page.items
    return mail.state


async def lease(database: Database, message: Message) -> bool:
    return await database.write(lambda tx: outbox.lease(tx, message, tx.now + LEASE))


async def is_due(database: Database) -> bool:
    return await database.read(outbox.is_due)


async def test_one_lease_at_a_time_until_it_ends(database: Database, world: World, clock: Clock) -> None:
    message = await put(database, world)
    assert await lease(database, message)
    assert not await lease(database, message)
    assert not await is_due(database)
    clock.advance(seconds=300)
    assert await is_due(database)
    assert await lease(database, message)


async def test_who_lost_the_lease_marks_nothing_but_that_it_is_sent(
    database: Database, world: World, clock: Clock
) -> None:
    message = await put(database, world)
    first_until = clock.now + LEASE
    assert await lease(database, message)
    clock.advance(seconds=300)
    assert await lease(database, message)
    await database.write(lambda tx: outbox.bury(tx, message, leased_until=first_until, error="late"))
    await database.write(
        lambda tx: outbox.retry(tx, message, leased_until=first_until, due_at=tx.now, error="late")
    )
    assert await state(database, world) is MailState.QUEUED
    assert not await is_due(database)
    await database.write(lambda tx: outbox.mark_sent(tx, message))
    assert await state(database, world) is MailState.SENT
    second_until = clock.now + LEASE
    await database.write(lambda tx: outbox.bury(tx, message, leased_until=second_until, error="late"))
    assert await state(database, world) is MailState.SENT


async def test_what_is_over_is_forgotten_after_a_month_and_what_waits_is_not(
    database: Database, world: World, clock: Clock
) -> None:
    sent, dead, waiting = [await put(database, world) for _ in range(3)]
    until = clock.now + LEASE
    for message in (sent, dead):
        assert await lease(database, message)
    await database.write(lambda tx: outbox.mark_sent(tx, sent))
    await database.write(lambda tx: outbox.bury(tx, dead, leased_until=until, error="refused"))
    assert await database.read(outbox.count_queued) == 1
    clock.advance(days=30, seconds=-1)
    assert await database.write(outbox.sweep) == 0
    clock.advance(seconds=1)
    assert await database.write(outbox.sweep) == 2
    (due,) = await database.read(lambda tx: outbox.list_due(tx, 10))
    assert due.message.id == waiting.id


async def test_mail_is_listed_newest_first_with_its_key_folded_for_rates_alone(
    database: Database, world: World, clock: Clock
) -> None:
    first = await put(database, world)
    clock.advance(seconds=1)
    second = await put(database, world, "")
    page = await database.read(
        lambda tx: outbox.list_of_organization(tx, world.organization.id, PageRequest(size=1))
    )
    assert ([mail.id for mail in page.items], page.total) == ([second.id], 2)
    assert page.items[0].recipient == "Robin@example.com"
    await database.write(lambda tx: outbox.mark_sent(tx, first))
    since = clock.now - timedelta(hours=1)
    sent = await database.read(
        lambda tx: outbox.sent_to_recipient(tx, world.organization.id, "ROBIN@EXAMPLE.COM", since, 10)
    )
    assert sent == [clock.now]
