"""Moving, saving and sealing anew what a database holds, with the program as its users have it."""

import asyncio
import functools
import shutil
import signal
import stat
import subprocess
import threading
import time
from pathlib import Path

import apsw
import pytest
from tests import postgres
from tests.cli.program import MASTER_KEY, SECONDS, Home
from tests.full_world import plant_everything

from antechamber.auth.secrets import Vault
from antechamber.domain.policy import Policy
from antechamber.storage.database import Statement, Transaction
from antechamber.storage.engines import open_database, sqlite_path
from antechamber.storage.migrations import COPYING


def environment(url: str, **more: str) -> dict[str, str]:
    return {"ANTECHAMBER_DATABASE": url, "ANTECHAMBER_MASTER_KEY": MASTER_KEY, **more}


async def _fill(url: str, events: int) -> str:
    database = open_database(url, policy=Policy(), sealer=Vault.from_master_key(MASTER_KEY))
    await database.write(functools.partial(plant_everything, more_events=events))
    await database.close()
    return url


@pytest.fixture
def filled(sqlite_url: str) -> str:
    """A SQLite database with something in every table, sealed with MASTER_KEY."""
    return asyncio.run(_fill(sqlite_url, 2_000))


@pytest.fixture
def much(sqlite_url: str) -> str:
    """The same with so much in it that a copy takes its time."""
    return asyncio.run(_fill(sqlite_url, 20_000))


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    """Return what a query says in whatever database, without the program."""

    async def ask() -> list[tuple[object, ...]]:
        database = open_database(url, policy=Policy(), sealer=Vault.from_master_key(MASTER_KEY))
        try:
            return [tuple(row) for row in await database.read(lambda tx: tx.rows(Statement(query)))]
        finally:
            await database.close()

    return asyncio.run(ask())


# -- copy -------------------------------------------------------------------------------------------


def test_a_copy_goes_on_after_kill_9_and_the_server_starts_on_it(
    home: Home, much: str, postgres_url: str
) -> None:
    key = {"ANTECHAMBER_MASTER_KEY": MASTER_KEY}
    command = ("copy", "--from", much, "--to", postgres_url)
    with home.start(*command, environment=key) as process:
        deadline = time.monotonic() + SECONDS
        while not rows(postgres_url, "SELECT 1 FROM events LIMIT 1"):
            assert time.monotonic() < deadline
        process.kill()
        process.wait(SECONDS)
    (before,) = rows(postgres_url, "SELECT count(*) FROM events")
    assert before < (20_001,), "it was killed in the middle"
    assert rows(postgres_url, "SELECT version_num FROM alembic_version") == [(f"{COPYING}0002",)]
    early = home.run("doctor", environment=environment(postgres_url))
    assert early.returncode == 1
    assert "a copy into this database is under way" in early.stdout
    again = home.run(*command, environment=key)
    assert (again.returncode, again.stderr) == (0, "")
    assert "copied, and every table is the same" in again.stdout
    back = f"sqlite:///{home.folder}/back.db"
    assert home.run("migrate", environment=environment(back)).returncode == 0
    returned = home.run("copy", "--from", postgres_url, "--to", back, environment=key)
    assert returned.returncode == 0, returned.stderr
    query = "SELECT organization_id, id, sealed_ha1 FROM api_keys ORDER BY 1, 2"
    assert rows(back, query) == rows(postgres_url, query) == rows(much, query)


def test_a_copy_needs_the_same_key_another_database_and_a_schema(home: Home, filled: str) -> None:
    other = f"sqlite:///{home.folder}/other.db"
    key = {"ANTECHAMBER_MASTER_KEY": MASTER_KEY}
    same = home.run("copy", "--from", filled, "--to", filled, environment=key)
    assert (same.returncode, same.stderr) == (2, "--from and --to are the same database\n")
    bare = home.run("copy", "--from", filled, "--to", other, environment=key)
    assert bare.returncode == 2
    assert "the target has no schema" in bare.stderr
    assert home.run("migrate", environment=environment(other)).returncode == 0
    wrong = {"ANTECHAMBER_MASTER_KEY": "77" * 32}
    sealed = home.run("copy", "--from", filled, "--to", other, environment=wrong)
    assert sealed.returncode == 2
    assert "the target needs the same key" in sealed.stderr
    assert rows(other, "SELECT version_num FROM alembic_version") == [("0002",)]


# -- migrate --distribute ---------------------------------------------------------------------------


def test_without_citus_distributing_says_so_and_changes_nothing(home: Home, empty_database_url: str) -> None:
    answer = home.run("migrate", "--distribute", environment=environment(empty_database_url))
    assert answer.returncode == 2
    assert "Citus" in answer.stderr
    plain = home.run("migrate", environment=environment(empty_database_url))
    assert plain.stdout.startswith("migrated: 0001"), "there was no schema yet"


# -- backup -----------------------------------------------------------------------------------------


def _write_on(url: str, until: threading.Event) -> None:
    async def write() -> None:
        database = open_database(url, policy=Policy(), sealer=Vault.from_master_key(MASTER_KEY))

        async def add(tx: Transaction) -> None:
            for _ in range(3):
                # Three at once: a copy that holds one or two of them is of no one instant.
                bucket = "INSERT INTO rate_limit_buckets VALUES ('backup', :whose, 1, 1)"
                await tx.run(Statement(bucket), whose=tx.new_id())

        while not until.is_set():
            await database.write(add)
        await database.close()

    asyncio.run(write())


def test_a_backup_made_under_writes_is_whole_and_restores(home: Home, filled: str) -> None:
    done = threading.Event()
    writer = threading.Thread(target=_write_on, args=(filled, done))
    writer.start()
    try:
        for number in range(3):
            file = home.folder / f"{number}.backup"
            made = home.run("backup", file, environment=environment(filled))
            assert made.returncode == 0, made.stderr
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
            connection = apsw.Connection(str(file), apsw.SQLITE_OPEN_READONLY)
            assert connection.pragma("integrity_check") == "ok"
            found = connection.execute("SELECT count(*) % 3 FROM rate_limit_buckets").fetchall()
            assert found == [(1,)], "one row was there before"
            connection.close()
    finally:
        done.set()
        writer.join(SECONDS)
    again = home.run("backup", home.folder / "0.backup", environment=environment(filled))
    assert again.returncode == 2
    assert "is there already" in again.stderr
    restored = home.folder / "restored.db"
    shutil.copyfile(home.folder / "2.backup", restored)
    settings = environment(f"sqlite:///{restored}", ANTECHAMBER_PUBLIC_URL="http://localhost")
    with home.serve(environment=settings) as (_, address):
        assert home.run("healthcheck", "--url", address).stdout == "ready\n"
    assert rows(f"sqlite:///{restored}", "SELECT count(*) FROM events") == [(2_001,)]


def test_a_backup_that_is_killed_leaves_nothing_under_its_name(home: Home, filled: str) -> None:
    file = home.folder / "kept.backup"
    partial = file.with_name("kept.backup.partial")
    with home.start("backup", file, environment=environment(filled)) as process:
        deadline = time.monotonic() + SECONDS
        while not partial.exists():
            assert time.monotonic() < deadline
        process.send_signal(signal.SIGSTOP)
        # Stopped in the middle or already through: what bears the name is whole.
        assert not file.exists() or not partial.exists()
        process.send_signal(signal.SIGKILL)
        process.wait(SECONDS)
    file.unlink(missing_ok=True)
    partial.write_bytes(b"half")
    assert home.run("backup", file, environment=environment(filled)).returncode == 0
    assert not partial.exists()
    assert apsw.Connection(str(file)).pragma("integrity_check") == "ok"


def test_a_copy_of_the_file_alone_loses_what_stands_in_the_log(home: Home, sqlite_url: str) -> None:
    """Why `cp` of a database in use is no backup."""
    database = open_database(sqlite_url, policy=Policy(), sealer=Vault.from_master_key(MASTER_KEY))

    async def write_and_copy() -> None:
        await database.write(plant_everything)
        shutil.copyfile(sqlite_path(sqlite_url), home.folder / "torn.db")
        await database.close()

    asyncio.run(write_and_copy())
    torn = apsw.Connection(str(home.folder / "torn.db"))
    assert torn.execute("SELECT count(*) FROM organizations").fetchall() == [(0,)]


def _postgres_tool(name: str, *arguments: str | Path) -> None:
    found = postgres.tool(name)
    subprocess.run([found, *arguments], check=True, capture_output=True, timeout=60)


def test_postgresql_is_backed_up_and_restored_with_its_own_tools(
    home: Home, filled: str, postgres_url: str, postgres_server: str
) -> None:
    ((number,),) = rows(postgres_url, "SELECT current_setting('server_version_num')")
    tool = subprocess.run([postgres.tool("pg_dump"), "--version"], capture_output=True, text=True, check=True)
    if int(str(number)) // 10_000 < int(tool.stdout.split()[2].partition(".")[0]):
        pytest.skip("a dump of newer tools is not made for an older server")
    key = {"ANTECHAMBER_MASTER_KEY": MASTER_KEY}
    assert home.run("copy", "--from", filled, "--to", postgres_url, environment=key).returncode == 0
    refused = home.run("backup", home.folder / "x", environment=environment(postgres_url))
    assert refused.returncode == 2
    assert "pg_dump" in refused.stderr
    dump = home.folder / "antechamber.dump"
    _postgres_tool("pg_dump", "--format=custom", "--no-owner", f"--file={dump}", postgres_url)
    name = f"restored_{home.folder.name.replace('-', '_')[-30:]}_{time.monotonic_ns()}"
    asyncio.run(postgres.execute(postgres_server, f"CREATE DATABASE {name} TEMPLATE template0"))
    url = postgres.url_of(postgres_server, name)
    try:
        _postgres_tool("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={url}", dump)
        said = home.run("doctor", environment=environment(url, ANTECHAMBER_PUBLIC_URL="http://localhost"))
        assert "schema: 0002, current" in said.stdout
        for table in ("events", "api_keys", "outbox"):
            query = f"SELECT * FROM {table} ORDER BY organization_id, id"
            assert rows(url, query) == rows(postgres_url, query)
    finally:
        asyncio.run(postgres.execute(postgres_server, f"DROP DATABASE {name} WITH (FORCE)"))


# -- rotate-keys ------------------------------------------------------------------------------------


def test_after_rotation_the_old_key_can_go(home: Home, filled: str) -> None:
    new = {"ANTECHAMBER_DATABASE": filled, "ANTECHAMBER_MASTER_KEY": "77" * 32}
    without = home.run("rotate-keys", environment=new)
    assert without.returncode == 2
    assert "old_master_keys" in without.stderr
    done = home.run("rotate-keys", environment={**new, "ANTECHAMBER_OLD_MASTER_KEYS": MASTER_KEY})
    assert done.stdout.startswith("sealed anew: 2;"), done.stderr
    again = home.run("rotate-keys", environment=new)
    assert again.stdout.startswith("sealed anew: 0;"), again.stderr
