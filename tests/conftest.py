"""What the suites share: both engines, each with a migrated, empty database for every test."""

import asyncio
import inspect
import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from tests import databases, postgres
from tests.worlds import Clock, World, plant

from antechamber.auth.secrets import Vault
from antechamber.domain.policy import Policy
from antechamber.storage.database import Database
from antechamber.storage.engines import dialect, open_database
from antechamber.storage.migrations import migrate
from antechamber.storage.sqlite import SqliteDatabase

VAULT = Vault.from_master_key("00" * 32)
# Databases of the workers of one run, and of several runs, may stand on one server.
PREFIX = f"antechamber_test_{os.getpid()}"

# A shared machine is slow now and then; that is no finding.
settings.register_profile("antechamber", deadline=None)
settings.load_profile("antechamber")

OpenDatabase = Callable[..., Database]


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run an async test in the event loop of its fixture `runner`."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    runner = pyfuncitem.funcargs["runner"]
    assert isinstance(runner, asyncio.Runner)
    names = inspect.signature(pyfuncitem.obj).parameters
    runner.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    """The event loop of one test."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def clock() -> Clock:
    """The time that transactions see; it stands still until a test moves it."""
    return Clock()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of the maintenance database of a PostgreSQL server."""
    with postgres.server() as url:
        yield url


async def _migrated(url: str) -> None:
    database = open_database(url, policy=Policy(), sealer=VAULT)
    try:
        await migrate(database, dialect(url))
    finally:
        await database.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "antechamber.db"
    asyncio.run(_migrated(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> Iterator[str]:
    """The name of a migrated PostgreSQL database to copy."""
    name = f"{PREFIX}_template"
    asyncio.run(postgres.execute(postgres_server, f"CREATE DATABASE {name}"))
    asyncio.run(_migrated(postgres.url_of(postgres_server, name)))
    yield name
    asyncio.run(postgres.execute(postgres_server, f"DROP DATABASE {name} WITH (FORCE)"))


_numbers = itertools.count()
_EMPTY = "DELETE FROM organizations; DELETE FROM users; DELETE FROM rate_limit_buckets"


@contextmanager
def _postgres_database(server_url: str, template: str) -> Iterator[str]:
    name = f"{PREFIX}_{next(_numbers)}"
    # Copying files beats writing the template through the log by far when nothing is synced.
    create = f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"
    asyncio.run(postgres.execute(server_url, create))
    try:
        yield postgres.url_of(server_url, name)
    finally:
        asyncio.run(postgres.execute(server_url, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="session", autouse=True)
def _databases_of_servers(request: pytest.FixtureRequest) -> Iterator[None]:
    """Give every server of the run a PostgreSQL database of its own, if that is the engine to test."""
    if databases.ENGINE != "postgresql":
        yield
        return
    server_url = request.getfixturevalue("postgres_server")
    template = request.getfixturevalue("postgres_template")
    with ExitStack() as made:
        databases.make_postgres = lambda: made.enter_context(_postgres_database(server_url, template))
        yield
        databases.make_postgres = None


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a fresh, migrated SQLite file."""
    path = tmp_path / "antechamber.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres_server: str, postgres_template: str) -> Iterator[str]:
    """The URL of a fresh, migrated PostgreSQL database."""
    with _postgres_database(postgres_server, postgres_template) as url:
        yield url


@pytest.fixture
def other_postgres_url(postgres_server: str, postgres_template: str) -> Iterator[str]:
    """The URL of another one."""
    with _postgres_database(postgres_server, postgres_template) as url:
        yield url


@pytest.fixture(scope="session")
def standing_postgres_url(postgres_server: str, postgres_template: str) -> Iterator[str]:
    """The URL of one migrated PostgreSQL database for the whole run."""
    with _postgres_database(postgres_server, postgres_template) as url:
        yield url


@pytest.fixture
def emptied_postgres_url(standing_postgres_url: str) -> Iterator[str]:
    """The URL of that database, which holds nothing before a test; its schema is not to be touched.

    Emptying it takes a tenth of what making a new one takes. Nearly everything goes with its organization.
    """
    yield standing_postgres_url
    asyncio.run(postgres.execute(standing_postgres_url, _EMPTY))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a migrated database without content of each engine in turn."""
    name = {"sqlite": "sqlite_url", "postgresql": "emptied_postgres_url"}[request.param]
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database of each engine in turn that has no schema yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
    else:
        with _postgres_database(request.getfixturevalue("postgres_server"), "template0") as url:
            yield url


@pytest.fixture
def open_url(runner: asyncio.Runner, clock: Clock) -> Iterator[OpenDatabase]:
    """Opens an engine on a URL, with a policy if wanted; it is closed after the test."""
    opened: list[Database] = []

    def open_url(url: str, policy: Policy | None = None, **more: Any) -> Database:
        opened.append(open_database(url, policy=policy or Policy(), sealer=VAULT, clock=clock, **more))
        return opened[-1]

    yield open_url
    for database in opened:
        runner.run(database.close())


@pytest.fixture
def database(database_url: str, open_url: OpenDatabase) -> Database:
    """An open engine on a fresh, migrated database; a test that takes it runs on every engine."""
    return open_url(database_url)


@pytest.fixture
def sqlite_database(sqlite_url: str, open_url: OpenDatabase) -> SqliteDatabase:
    """The same for what only SQLite does."""
    database = open_url(sqlite_url)
    assert isinstance(database, SqliteDatabase)
    return database


@pytest.fixture
def world(database: Database, runner: asyncio.Runner) -> World:
    """An organization with what most stories begin with."""
    return runner.run(database.write(plant))


@pytest.fixture
def stranger(world: World, database: Database, runner: asyncio.Runner) -> World:
    """Another organization on the same server."""
    return runner.run(database.write(lambda tx: plant(tx, "Umbrella")))
