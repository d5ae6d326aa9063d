"""Migrations: from nothing to the present schema, once, whole, and never back."""

import re
import subprocess
import sys
from pathlib import Path

import apsw
import pytest
from tests.conftest import OpenDatabase
from tests.storage.test_database import add, count
from tools import render_migrations

from antechamber.storage.database import Database
from antechamber.storage.engines import dialect
from antechamber.storage.migrations import SchemaMismatch, migrate, require_current, revisions
from antechamber.storage.migrations import __path__ as migrations_path

# Tables that do not belong to an organization: people, the server's own book-keeping, the tenants themselves.
OF_NO_ORGANIZATION = {
    "alembic_version",
    "organizations",
    "rate_limit_buckets",
    "sessions",
    "sign_in_links",
    "users",
}
# Their names are unique everywhere and lead to the organization.
TO_AN_ORGANIZATION = {"directory", "invitation_tickets", "invitation_tokens"}


@pytest.fixture
def empty(empty_database_url: str, open_url: OpenDatabase) -> Database:
    return open_url(empty_database_url)


@pytest.fixture
def engine(empty_database_url: str) -> str:
    return dialect(empty_database_url)


async def test_an_empty_database_comes_to_the_present_schema(empty: Database, engine: str) -> None:
    assert await empty.schema() is None
    with pytest.raises(SchemaMismatch, match="antechamber migrate"):
        await require_current(empty, engine)
    assert await migrate(empty, engine) == list(revisions(engine))
    newest = max(revisions(engine))
    assert await empty.schema() == (newest, newest)
    await require_current(empty, engine)
    await empty.write(add)
    assert await count(empty) == 1


async def test_inv32_a_present_schema_is_left_alone(database: Database, database_url: str) -> None:
    await database.write(add)
    assert await migrate(database, dialect(database_url)) == []
    assert await count(database) == 1


async def upgrade(database: Database, engine: str, revision: str, oldest_program: str) -> None:
    """Do what the migration of a version to come does."""
    script = (
        f"UPDATE alembic_version SET version_num = '{revision}';"
        f"{render_migrations.declaration(engine, oldest_program)}"
    )
    assert await database.run_script(script, after=max(revisions(engine)))


async def test_inv32_a_newer_schema_is_refused_and_left_alone(empty: Database, engine: str) -> None:
    await migrate(empty, engine)
    await upgrade(empty, engine, "9999", "9998")
    with pytest.raises(SchemaMismatch, match=r"newer .* serves programs from 9998 on"):
        await migrate(empty, engine)
    with pytest.raises(SchemaMismatch):
        await require_current(empty, engine)
    assert await empty.schema() == ("9999", "9998")


async def test_inv32_a_newer_schema_that_serves_this_program_too_is_run_on_and_left_alone(
    empty: Database, engine: str
) -> None:
    await migrate(empty, engine)
    await upgrade(empty, engine, "9999", max(revisions(engine)))
    await require_current(empty, engine)
    assert await migrate(empty, engine) == []
    assert await empty.schema() == ("9999", max(revisions(engine)))


async def test_inv32_a_migration_that_another_process_has_run_is_not_run_again(
    empty: Database, engine: str
) -> None:
    first = next(iter(revisions(engine).values()))
    assert await empty.run_script(first, after=None)
    assert not await empty.run_script(first, after=None)


def test_inv32_of_several_first_migrations_at_once_each_revision_is_run_by_one(
    empty_database_url: str, engine: str
) -> None:
    command = [sys.executable, "-m", "antechamber", "migrate", "--database", empty_database_url]
    environment = {"PYTHONPATH": ":".join(sys.path), "ANTECHAMBER_MASTER_KEY": "00" * 32}
    processes = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    said = [process.communicate(timeout=30) for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, said
    lines = "".join(line for line, _ in said if line.startswith("migrated: "))
    assert sorted(re.findall(r"\d{4}", lines)) == list(revisions(engine))


async def test_inv32_a_migration_that_breaks_off_leaves_nothing_and_may_be_run_again(
    empty: Database, engine: str
) -> None:
    first = next(iter(revisions(engine).values()))
    with pytest.raises(Exception, match="no_such_table"):
        await empty.run_script(f"{first};\nINSERT INTO no_such_table VALUES (1);", after=None)
    assert await empty.schema() is None
    await migrate(empty, engine)
    await require_current(empty, engine)


def test_both_engines_have_the_same_revisions() -> None:
    assert list(revisions("sqlite")) == list(revisions("postgresql")) == sorted(revisions("sqlite"))


def test_the_rendered_sql_is_what_the_revisions_say(tmp_path: Path) -> None:
    """If not: `make migrations`."""
    render_migrations.main(tmp_path)
    kept = Path(migrations_path[0]) / "sql"
    rendered = {path.relative_to(tmp_path): path.read_text() for path in tmp_path.rglob("*.sql")}
    assert rendered == {path.relative_to(kept): path.read_text() for path in kept.rglob("*.sql")}


def test_inv02_every_table_of_an_organization_has_its_id_first_in_the_key(sqlite_template: Path) -> None:
    connection = apsw.Connection(str(sqlite_template), apsw.SQLITE_OPEN_READONLY)
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    assert tables > OF_NO_ORGANIZATION | TO_AN_ORGANIZATION
    for table in tables - OF_NO_ORGANIZATION - TO_AN_ORGANIZATION:
        key = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[5] == 1]
        assert key == ["organization_id"], table


def test_inv09_everything_goes_with_its_organization(sqlite_template: Path) -> None:
    connection = apsw.Connection(str(sqlite_template), apsw.SQLITE_OPEN_READONLY)
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    for table in tables - OF_NO_ORGANIZATION:
        rules = {row[6] for row in connection.execute(f"PRAGMA foreign_key_list({table})")}
        assert rules == {"CASCADE"}, table
