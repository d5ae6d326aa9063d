"""Asking use cases as a caller, each in a transaction of its own, and looking at what they left behind."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import pytest
from tests.worlds import World

from antechamber.domain.callers import Caller
from antechamber.domain.events import Event
from antechamber.domain.mail import Message
from antechamber.domain.paging import PageRequest
from antechamber.storage import events, outbox
from antechamber.storage.database import Database, Transaction

Answer = TypeVar("Answer")
UseCase = Callable[..., Awaitable[Answer]]


class Desk:
    """The database as seen through use cases."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def ask(self, usecase: UseCase[Answer], caller: Caller, **values: Any) -> Answer:
        """Run a use case that may change something."""
        return await self.database.write(partial(usecase, caller=caller, **values))

    async def look(self, usecase: UseCase[Answer], caller: Caller, **values: Any) -> Answer:
        """Run a use case that changes nothing."""
        return await self.database.read(partial(usecase, caller=caller, **values))

    async def events(self, world: World) -> list[Event]:
        """Return the events of an organization, oldest first."""
        page = await self.database.read(
            partial(
                events.list_of_organization, organization_id=world.organization.id, page=PageRequest(size=500)
            )
        )
        return page.items[::-1]

    async def event_types(self, world: World) -> list[str]:
        """Return the types of these events, oldest first."""
        return [event.type_name for event in await self.events(world)]

    async def mail(self) -> list[Message]:
        """Return the queued mail, oldest first."""

        async def opened(tx: Transaction) -> list[Message]:
            return [
                replace(due.message, token=outbox.unsealed(tx, due)) for due in await outbox.list_due(tx, 500)
            ]

        return await self.database.read(opened)


@pytest.fixture
def desk(database: Database) -> Desk:
    """Where use cases are asked."""
    return Desk(database)
