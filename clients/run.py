"""Run published clients against a dev server: each walks the operations it knows and checks what comes back.

Needs Python's standard library alone. A client whose tools this machine lacks is skipped, with one line that
says why. What is downloaded and built is kept in ${XDG_CACHE_HOME:-~/.cache}/antechamber-clients, and so are
the logs.

    python clients/run.py [--program .venv/bin/antechamber] [--only WORD] [--list]

Exit status: 0 when all that ran passed, 1 when something failed, 2 for a wrong command line.
"""

import argparse
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "antechamber-clients"
LOGS = CACHE / "logs"
START_SECONDS = 30
BUILD_SECONDS = 480
WALK_SECONDS = 180
MOST_SHOWN = 8

# What a program of ours prints for each operation: "ok NAME" or "FAIL NAME: what was wrong". The script with
# the documented requests prints a numbered heading for each, and stops at the first that is refused.
_OK = re.compile(r"^(?:ok \S|### \d)", re.MULTILINE)
# How package tools say that a registry is out of reach or does not have it; all else is a failure.
_NO_NETWORK = re.compile(
    "ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|ETIMEDOUT|no such host|dial tcp|i/o timeout"
    "|disabled by GOPROXY|Failed to establish a new connection|Temporary failure in name resolution"
    "|403 Forbidden|404 Not Found|No matching distribution found"
)
_FAIL = re.compile(r"^FAIL \S.*", re.MULTILINE)


class Missing(Exception):
    """This machine cannot run the client; the text says what is not there."""


@dataclass(frozen=True, slots=True)
class Client:
    """One client with one way to sign in.

    prepare: makes what is needed and returns the command; it may raise Missing. arguments: the command's.
    tls: the client refuses plain HTTP.
    """

    name: str
    version: str
    authentication: str
    prepare: Callable[[], list[str]]
    arguments: tuple[str, ...] = ()
    tls: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. passed is None for a client that was skipped."""

    client: Client
    operations: int
    failed: int
    passed: bool | None
    note: str = ""


def _need(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise Missing(f"{program} is not installed")
    return found


def _key(*parts: Path | str) -> str:
    """Return a name for a build: the same sources and the same tool, the same name."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.read_bytes() if isinstance(part, Path) else part.encode())
    return digest.hexdigest()[:16]


def _make(log: str, command: list[str], folder: Path, **variables: str) -> None:
    """Run one step of a build.

    Raises Missing when what it needs cannot be fetched, RuntimeError when it fails otherwise.
    """
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=BUILD_SECONDS,
        check=False,
    )
    (LOGS / f"{log}.log").write_text(f"$ {' '.join(command)}\n{done.stdout}")
    if done.returncode:
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        cannot = [line for line in lines if _NO_NETWORK.search(line)]
        tool = Path(command[0]).name
        if cannot:
            raise Missing(f"{tool} cannot fetch it: {cannot[0]}")
        raise RuntimeError(f"{tool} failed: {lines[-1] if lines else done.returncode}")


def curl() -> list[str]:
    """Return the command of the curl walk."""
    _need("curl")
    return ["sh", str(HERE / "curl.sh")]


def documented() -> list[str]:
    """Return the command of the documented requests."""
    _need("curl")
    return ["sh", str(HERE.parent / "examples" / "documented-requests.sh")]


def go(module: str) -> list[str]:
    """Build one of the Go programs; return its command."""
    tool = _need("go")
    folder = HERE / "go" / module
    version = subprocess.run([tool, "version"], capture_output=True, text=True, check=True).stdout
    sources = sorted(path for path in (HERE / "go").rglob("*") if path.suffix in {".go", ".mod", ".sum"})
    program = CACHE / "bin" / f"{module}-{_key(version, *sources)}"
    if not program.exists():
        _make(f"fetch-{module}", [tool, "mod", "download"], folder)
        _make(
            f"build-{module}", [tool, "build", "-mod=readonly", "-trimpath", "-o", str(program), "."], folder
        )
    return [str(program)]


def node(program: str) -> list[str]:
    """Install the locked packages; return the command of one Node program."""
    tool, npm = _need("node"), _need("npm")
    version = subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.strip("v\n").split(".")[0]) < 20:
        raise Missing(f"Node 20 or newer is needed, this is {version.strip()}")
    folder = CACHE / f"node-{_key(HERE / 'node' / 'package-lock.json', version)}"
    if not (folder / ".installed").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / "node" / name, folder / name)
        # No install scripts: they would fetch prebuilt binaries that these tools do not need.
        _make("build-node", [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)
        (folder / ".installed").touch()
    for path in (HERE / "node").glob("*.mjs"):
        shutil.copy(path, folder / path.name)
    return [tool, str(folder / program)]


def python(program: str) -> list[str]:
    """Install the pinned packages in an environment of their own; return the command of a Python program."""
    wanted = HERE / "python" / "requirements.txt"
    folder = CACHE / f"python-{_key(wanted, sys.version)}"
    interpreter = folder / ("Scripts" if sysconfig.get_platform().startswith("win") else "bin") / "python"
    if not (folder / ".installed").exists():
        venv.create(folder, with_pip=True, clear=True)
        pip = [str(interpreter), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _make("build-python", [*pip, "--require-hashes", "--requirement", str(wanted)], folder)
        (folder / ".installed").touch()
    return [str(interpreter), str(HERE / "python" / program)]


def clients() -> list[Client]:
    """Return all clients, in the order of the table."""
    transport, plain = partial(go, "sdk_transport"), partial(node, "atlas_api_client.mjs")
    found = _version("curl")
    return [
        Client("curl, v2", found, "digest", curl, ("v2", "digest")),
        Client("curl, v2", found, "bearer", curl, ("v2", "bearer")),
        Client("curl, v1.0", found, "digest", curl, ("v1.0", "digest")),
        Client("curl, v1.0", found, "bearer", curl, ("v1.0", "bearer")),
        Client("curl, public v1.0", found, "digest", curl, ("public", "digest")),
        Client("curl, documented requests", found, "both", documented),
        Client("Go SDK's HTTP libraries, v2", "digest 1.1.0", "digest", transport, ("sdk", "digest")),
        Client("Go SDK's HTTP libraries, v2", "oauth2 0.30.0", "oauth", transport, ("sdk", "oauth")),
        Client("the Atlas CLI's calls, replayed", "digest 1.1.0", "digest", transport, ("cli", "digest")),
        Client("the Atlas CLI's calls, replayed", "oauth2 0.30.0", "oauth", transport, ("cli", "oauth")),
        Client("Terraform's calls, replayed", "digest 1.1.0", "digest", transport, ("terraform", "digest")),
        Client("Terraform's calls, replayed", "oauth2 0.30.0", "oauth", transport, ("terraform", "oauth")),
        Client("Ops Manager's calls, replayed", "digest 1.1.0", "digest", transport, ("public", "digest")),
        Client("go.mongodb.org/atlas, v1.0", "0.38.0", "digest", partial(go, "atlas_v1")),
        Client("mongodb-atlas-api-client, v1.0", "4.19.0", "digest", plain, ("v1.0",)),
        Client("mongodb-atlas-api-client, v2", "4.19.0", "digest", plain, ("v2",)),
        Client("mongodb-mcp-server", "3.0.4", "oauth", partial(node, "mcp.mjs"), tls=True),
        Client("atlasapi (Python)", "2.0.11", "digest", partial(python, "atlasapi_walk.py")),
    ]


def _version(program: str) -> str:
    if not shutil.which(program):
        return ""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout.split()
    return said[1] if len(said) > 1 else ""


@contextmanager
def server(program: Path, folder: Path, *, tls: bool) -> Iterator[dict[str, str]]:
    """Run a dev server of its own, with demo data; give the variables that clients need.

    One server for each client: none of them sees what another left behind, or uses up its rate limit.
    """
    said = folder / "server.log"
    variables = folder / "env"
    command = [str(program), "dev", "--port", "0", "--json", "--env-file", str(variables)]
    command += ["--data", str(folder / "data"), "--tls"] if tls else []
    with said.open("w") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, start_new_session=True)
    try:
        for _ in range(START_SECONDS * 20):
            if process.poll() is not None or variables.exists():
                break
            time.sleep(0.05)
        else:
            raise RuntimeError(f"the server said nothing in {START_SECONDS} s")
        if process.poll() is not None:
            last = said.read_text().strip().splitlines()[-1:]
            raise RuntimeError(f"the server did not start: {''.join(last)}")
        lines = [line.removeprefix("export ") for line in variables.read_text().splitlines()]
        known = {
            name: value.strip("'\"") for name, _, value in (line.partition("=") for line in lines) if value
        }
        if tls:
            # The MCP server reads the first for its calls, and Node the second when it revokes the token.
            authority = next((value for value in known.values() if value.endswith((".pem", ".crt"))), "")
            known |= {"SSL_CERT_FILE": authority, "NODE_EXTRA_CA_CERTS": authority}
        yield known
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def walk(client: Client, program: Path, *, has_tls: bool) -> Row:
    """Prepare one client, run it against a server of its own, and count what it says."""
    log = LOGS / (
        re.sub(r"[^a-z0-9]+", "-", f"{client.name} {client.authentication}".lower()).strip("-") + ".log"
    )
    if client.tls and not has_tls:
        return Row(client, 0, 0, None, "it speaks HTTPS only, and this antechamber has no dev --tls")
    try:
        command = [*client.prepare(), *client.arguments]
    except Missing as reason:
        return Row(client, 0, 0, None, str(reason))
    except (RuntimeError, subprocess.TimeoutExpired) as reason:
        return Row(client, 0, 1, passed=False, note=str(reason))
    with tempfile.TemporaryDirectory(prefix="antechamber-clients-") as folder:
        # A home of its own: no client shall find, or leave, anything in the user's.
        home = {"HOME": folder, "XDG_CONFIG_HOME": folder, "XDG_CACHE_HOME": folder, "XDG_DATA_HOME": folder}
        try:
            with server(program, Path(folder), tls=client.tls) as variables:
                done = subprocess.run(
                    command,
                    cwd=folder,
                    env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **home, **variables},
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                    timeout=WALK_SECONDS,
                    check=False,
                )
        except (RuntimeError, subprocess.TimeoutExpired) as reason:
            return Row(client, 0, 1, passed=False, note=str(reason))
        said = (Path(folder) / "server.log").read_text()
        log.write_text(f"$ {' '.join(command)}\n{done.stdout}\n--- server ---\n{said}")
    ok, failures = len(_OK.findall(done.stdout)), _FAIL.findall(done.stdout)
    # A walk that says nothing has shown nothing.
    passed = done.returncode == 0 and not failures and ok > 0
    note = ""
    if not passed:
        note = "\n".join([f"exit status {done.returncode}, {log}", *failures[:MOST_SHOWN]])
    return Row(client, ok + len(failures), len(failures), passed, note)


def table(rows: list[Row]) -> str:
    """Return what is printed in the end."""
    head = ("client", "version", "authentication", "operations", "passed")
    cells = [
        (
            row.client.name,
            row.client.version,
            row.client.authentication,
            str(row.operations) if row.passed is not None else "-",
            {True: "yes", False: f"NO ({row.failed} failed)", None: "skipped"}[row.passed],
        )
        for row in rows
    ]
    widths = [max(len(line[column]) for line in (head, *cells)) for column in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in (head, *cells)
    ]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def main() -> int:
    """Run what the command line asks for; return the exit status."""
    parser = argparse.ArgumentParser(description="Run published clients against a dev server.")
    parser.add_argument("--program", type=Path, default=HERE.parent / ".venv" / "bin" / "antechamber")
    parser.add_argument("--only", default="", help="run the clients whose name holds this word")
    parser.add_argument("--list", action="store_true", help="name the clients and stop")
    asked = parser.parse_args()
    chosen = [client for client in clients() if asked.only in f"{client.name} {client.authentication}"]
    if asked.list:
        print(
            "\n".join(f"{client.name} {client.version} {client.authentication}".strip() for client in chosen)
        )
        return 0
    if not shutil.which(str(asked.program)):
        parser.error(f"there is no program {asked.program}: run make install first")
    program = Path(str(shutil.which(str(asked.program)))).absolute()
    if not chosen:
        parser.error(f"no client has {asked.only!r} in its name")
    LOGS.mkdir(parents=True, exist_ok=True)
    (CACHE / "bin").mkdir(exist_ok=True)
    said = subprocess.run([program, "dev", "--help"], capture_output=True, text=True, check=True).stdout
    began, rows = time.monotonic(), []
    for client in chosen:
        rows.append(walk(client, program, has_tls="--tls" in said))
        if rows[-1].passed is None:
            print(f"skipped {client.name} ({client.authentication}): {rows[-1].note}", flush=True)
        elif not rows[-1].passed:
            print(f"FAILED {client.name} ({client.authentication}): {rows[-1].note}", flush=True)
    print(table(rows))
    passed, failed = (sum(row.passed is what for row in rows) for what in (True, False))
    print(f"{passed} passed, {failed} failed, {len(rows) - passed - failed} skipped")
    print(f"{time.monotonic() - began:.0f} s; logs in {LOGS}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
