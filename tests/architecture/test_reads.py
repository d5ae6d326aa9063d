"""What is read without a snapshot needs none: one statement reads the whole answer."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from tests.conftest import OpenDatabase
from tests.worlds import plant

from antechamber.api.atlas_v1 import routes as atlas_v1
from antechamber.api.atlas_v2 import routes as atlas_v2
from antechamber.api.public_v1 import routes as public_v1
from antechamber.api.wire.operations import Call, Operation
from antechamber.api.wire.queries import NO_QUERY
from antechamber.domain.roles import ORG_MEMBER, PROJECT_ROLES
from antechamber.storage.database import Transaction
from antechamber.usecases import invitations

READING_ONE = [
    row for generation in (atlas_v2, atlas_v1, public_v1) for row in generation.OPERATIONS if row.reads_one
]
# What says whether the caller may have the project.
ACCESS = "FROM projects p LEFT JOIN project_roles r"


class Watched:
    """A transaction that remembers what it was asked."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tx, name)

    async def rows(self, statement: Any, **values: Any) -> Any:
        self.asked.append(statement.sqlite)
        return await self._tx.rows(statement, **values)

    async def row(self, statement: Any, **values: Any) -> Any:
        self.asked.append(statement.sqlite)
        return await self._tx.row(statement, **values)


@pytest.mark.parametrize("row", READING_ONE, ids=lambda row: f"{row.id}-{row.version}")
def test_what_reads_one_thing_asks_once_after_it_knows_that_the_caller_may(
    row: Operation, sqlite_url: str, open_url: OpenDatabase, runner: asyncio.Runner
) -> None:
    database = open_url(sqlite_url)
    world = runner.run(database.write(plant))
    caller = replace(world.caller, id=world.owner.id)

    async def invite(tx: Transaction) -> str:
        _, to_organization = await invitations.invite_to_organization(
            tx,
            caller,
            organization_id=world.organization.id,
            username="ann@guest.example",
            requested_roles=[ORG_MEMBER],
        )
        _, to_project = await invitations.invite_to_project(
            tx,
            caller,
            project_id=world.project.id,
            username="ben@guest.example",
            requested_roles=["GROUP_OWNER"],
        )
        return to_project.id if "groupId" in row.path else to_organization.id

    ids = {
        "orgId": world.organization.id,
        "groupId": world.project.id,
        "invitationId": runner.run(database.write(invite)),
    }

    async def handle(tx: Transaction) -> list[str]:
        watched = Watched(tx)
        await row.handler(Call(watched, caller, ids, NO_QUERY, None, "", "", "", PROJECT_ROLES))
        return watched.asked

    asked = runner.run(database.read(handle))
    assert len([text for text in asked if ACCESS not in text]) <= 1, asked
