"""Every statement of every storage module: both engines take it, and it stays within one organization."""

import asyncio
import importlib
import pkgutil
import re
from pathlib import Path

import apsw
import pytest

from antechamber import storage
from antechamber.storage.database import Statement

# The names in these are unique everywhere, or the work is the server's own, done for all organizations.
ACROSS_ORGANIZATIONS = {
    "development._IS_KNOWN_ANYWHERE",
    "development._FORGET_RATES",
    "development._IS_MAIL_IN_HAND",
    "development._ORGANIZATION_OF_INVITATION",
    "directory._FIND",
    "directory._DELETE",
    "invitation_tickets._FIND",
    "invitation_tickets._SWEEP",
    "invitation_tokens._FIND",
    "organizations._LIST_OF_USER",
    "digest_answers._SWEEP",
    "invitations._LIST_EXPIRED",
    "invitations._LIST_TO_REMIND",
    "outbox._COUNT_QUEUED",
    "outbox._IS_DUE",
    "outbox._LIST_DUE",
    "outbox._SWEEP_DEAD",
    "outbox._SWEEP_SENT",
    "users._COUNT_ORGANIZATIONS",
    "users._SOME_ORGANIZATION",
    "users._IS_MEMBER_ANYWHERE",
}
# What may look at a whole table: it is asked once, when a server starts, or finds its rows by another order.
SCANS = {
    "development._IS_KNOWN_ANYWHERE",
    "development._FORGET_RATES",
    "development._IS_MAIL_IN_HAND",
    "development._ORGANIZATION_OF_INVITATION",
    "organizations._FIRST",
    "outbox._COUNT_QUEUED",
    "rate_limits._SWEEP",
}
# What an engine is asked about itself, in its own words; and what is asked of whole databases.
OF_ONE_ENGINE = {"inspection", "distribution", "copying"}
_TABLE = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE) ([a-z_]+)")


def statements() -> dict[str, Statement]:
    found: dict[str, Statement] = {}
    for module in pkgutil.iter_modules(storage.__path__):
        if module.ispkg or module.name in OF_ONE_ENGINE:
            continue
        members = vars(importlib.import_module(f"{storage.__name__}.{module.name}"))
        found |= {
            f"{module.name}.{name}": member
            for name, member in members.items()
            if isinstance(member, Statement)
        }
    return found


STATEMENTS = statements()


@pytest.fixture(scope="module")
def sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> apsw.Connection:
    return apsw.Connection(str(sqlite_template), apsw.SQLITE_OPEN_READONLY)


def test_there_are_statements_in_every_noun() -> None:
    modules = {name.partition(".")[0] for name in STATEMENTS}
    assert modules >= {"invitations", "organizations", "projects", "teams", "users", "events", "outbox"}


@pytest.mark.parametrize("name", STATEMENTS)
def test_sqlite_takes_every_statement_and_finds_its_rows_by_an_index(
    name: str, sqlite: apsw.Connection
) -> None:
    statement = STATEMENTS[name]
    plan = sqlite.execute(f"EXPLAIN QUERY PLAN {statement.sqlite}", dict.fromkeys(statement.names))
    steps = [step[3] for step in plan]
    inner = [step.removeprefix("CO-ROUTINE ") for step in steps if step.startswith("CO-ROUTINE ")]
    scanned = [
        step
        for step in steps
        if re.match(r"SCAN (?!CONSTANT|counted|\(subquery)", step) and step.split()[1] not in inner
    ]
    assert name in SCANS or not scanned, steps


def test_postgresql_takes_every_statement(postgres_url: str) -> None:
    import asyncpg

    async def prepare_all() -> None:
        connection = await asyncpg.connect(postgres_url)
        try:
            for name, statement in STATEMENTS.items():
                try:
                    prepared = await connection.prepare(statement.postgresql)
                except asyncpg.PostgresError as error:
                    pytest.fail(f"{name}: {error}")
                assert len(prepared.get_parameters()) == len(statement.names), name
        finally:
            await connection.close()

    asyncio.run(prepare_all())


@pytest.mark.parametrize("name", sorted(set(STATEMENTS) - ACROSS_ORGANIZATIONS))
def test_inv02_a_statement_on_a_tenants_table_names_the_organization(
    name: str, sqlite: apsw.Connection
) -> None:
    statement = STATEMENTS[name].sqlite
    tables = _TABLE.findall(statement)
    assert tables
    for table in tables:
        columns = {row[1] for row in sqlite.execute(f"PRAGMA table_info({table})")}
        if "organization_id" in columns:
            bound = r"INSERT INTO \w+ ?\([^)]*organization_id|organization_id = "
            assert re.search(bound, statement), table


def test_the_exceptions_are_still_there() -> None:
    assert set(STATEMENTS) >= ACROSS_ORGANIZATIONS | SCANS
