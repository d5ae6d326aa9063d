"""What is taken for granted until the first row is read: never in what a job is answered."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from tests.conftest import OpenDatabase
from tests.worlds import World

from antechamber.domain.errors import InvitationNotFound
from antechamber.storage import invitations, organizations, projects, users
from antechamber.storage.database import Database, Statement, Transaction, WriteInRead


async def one_row(tx: Transaction, world: World) -> object:
    return await projects.find(tx, world.organization.id, world.project.id)


async def no_row(tx: Transaction, world: World) -> object:
    return await invitations.find(tx, world.organization.id, world.project.id)


async def another_kind_of_row(tx: Transaction, world: World) -> object:
    return await users.find(tx, world.owner.id)


async def many_rows(tx: Transaction, world: World) -> object:
    return await invitations.list_pending_of_user(tx, world.organization.id, world.owner.id)


async def nothing(tx: Transaction, world: World) -> object:
    return None


async def a_refusal(tx: Transaction, world: World) -> object:
    raise InvitationNotFound


@pytest.mark.parametrize("then", [one_row, no_row, another_kind_of_row, many_rows, nothing, a_refusal])
async def test_inv25_a_job_that_rests_on_what_has_changed_is_run_again(
    database: Database, world: World, then: Callable[[Transaction, World], Awaitable[object]]
) -> None:
    told: list[bool] = []

    async def job(tx: Transaction) -> tuple[bool, object]:
        told.append(await organizations.has_same_authority(tx, before))
        return told[-1], await then(tx, world)

    async def answered() -> object:
        told.clear()
        try:
            return await database.read(job)
        except InvitationNotFound:
            return told[-1], None

    found = await database.read(lambda tx: organizations.find(tx, world.organization.id))
    assert found is not None
    before = found
    wanted = await database.read(lambda tx: then(tx, world)) if then is not a_refusal else None
    assert await answered() == (True, wanted)
    assert told == [True]
    await database.write(lambda tx: organizations.authority_changed(tx, world.organization.id))
    assert await answered() == (False, wanted)
    await database.write(lambda tx: organizations.delete(tx, world.organization.id))
    told.clear()
    if then in (nothing, a_refusal):
        assert await answered() == (False, None)


async def test_inv25_a_change_is_seen_by_whoever_asks_after_it(
    database: Database, database_url: str, world: World, open_url: OpenDatabase
) -> None:
    other = open_url(database_url)

    async def job(tx: Transaction) -> bool:
        holds = await organizations.has_same_authority(tx, before)
        await one_row(tx, world)
        return holds

    for _ in range(5):
        found = await database.read(lambda tx: organizations.find(tx, world.organization.id))
        assert found is not None
        before = found
        assert await asyncio.gather(*(database.read(job) for _ in range(3))) == [True] * 3
        await other.write(lambda tx: organizations.authority_changed(tx, world.organization.id))
        assert await asyncio.gather(*(database.read(job) for _ in range(3))) == [False] * 3


async def test_inv23_a_read_that_rests_on_something_does_not_lock_either(
    database: Database, world: World
) -> None:
    async def job(tx: Transaction) -> None:
        await organizations.has_same_authority(tx, before)
        await invitations.find(tx, world.organization.id, world.project.id, lock=True)

    found = await database.read(lambda tx: organizations.find(tx, world.organization.id))
    assert found is not None
    before = found
    for snapshot in (True, False):
        with pytest.raises(WriteInRead):
            await database.read(job, snapshot=snapshot)


async def test_a_statement_that_fails_is_told_as_it_is(database: Database, world: World) -> None:
    broken = Statement("SELECT no_such_column FROM projects WHERE organization_id = :organization_id")

    async def job(tx: Transaction) -> None:
        await organizations.has_same_authority(tx, before)
        await tx.row(broken, organization_id=world.organization.id)

    found = await database.read(lambda tx: organizations.find(tx, world.organization.id))
    assert found is not None
    before = found
    with pytest.raises(Exception, match="no_such_column"):
        await database.read(job)
    assert await database.read(lambda tx: one_row(tx, world)) is not None
