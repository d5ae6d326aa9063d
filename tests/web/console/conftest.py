"""A running server, and organizations planted in its database, one a test."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest
from tests.cli.program import Home
from tests.conftest import VAULT
from tests.web.console.browser import Browser
from tests.worlds import World, join, plant

from antechamber.auth.secrets import token_fingerprint
from antechamber.domain.policy import Policy
from antechamber.domain.users import User
from antechamber.storage import sessions
from antechamber.storage.database import Transaction
from antechamber.storage.engines import open_database

Result = TypeVar("Result")


@dataclass
class Server:
    """A running server and the way into its database."""

    url: str
    database_url: str

    def write(self, job: Callable[[Transaction], Awaitable[Result]]) -> Result:
        """Do something in the server's database."""

        async def run() -> Result:
            database = open_database(self.database_url, policy=Policy(), sealer=VAULT)
            try:
                return await database.write(job)
            finally:
                await database.close()

        return asyncio.run(run())

    def sign_in(self, user: User, organization_id: str) -> Browser:
        """Return the browser of somebody who is signed in."""
        cookie = secrets.token_urlsafe(32)

        async def begin(tx: Transaction) -> None:
            await sessions.insert(tx, token_fingerprint(cookie), user.id, tx.now + timedelta(hours=1))

        self.write(begin)
        return Browser(self.url, organization_id, cookie)

    def member(self, world: World, username: str, *roles: str) -> tuple[User, Browser]:
        """Return somebody who joins the organization with these roles, and their browser."""
        user = self.write(
            partial(_join, organization_id=world.organization.id, username=username, roles=roles)
        )
        return user, self.sign_in(user, world.organization.id)


async def _join(tx: Transaction, organization_id: str, username: str, roles: tuple[str, ...]) -> User:
    return await join(tx, organization_id, username, *roles)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests of the console."""
    folder = tmp_path_factory.mktemp("console")
    data = folder / "data"
    with Home(folder).dev("--data", data) as dev:
        yield Server(dev.info["url"], f"sqlite:///{Path(data) / 'antechamber.db'}")


@pytest.fixture
def world(server: Server) -> World:
    """A fresh organization with an owner, a member, a project, a team and credentials."""
    return server.write(partial(plant, name=f"Acme{secrets.token_hex(4)}"))


@pytest.fixture
def owner(server: Server, world: World) -> Browser:
    """The owner's browser."""
    return server.sign_in(world.owner, world.organization.id)
