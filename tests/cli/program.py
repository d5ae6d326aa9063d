"""The program as its users have it: processes, signals, files."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from requests.auth import AuthBase, HTTPDigestAuth

import antechamber

PROGRAM = (sys.executable, "-m", "antechamber")
ROOT = Path(__file__).resolve().parents[2]
ACCEPT = {"Accept": "application/vnd.atlas.2023-01-01+json"}
MASTER_KEY = "5e" * 32
SECONDS = 20


class Home:
    """A folder of one test: the program's working folder, and where it puts what is temporary."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.temporary = folder / "temporary"
        self.temporary.mkdir()

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the environment of a process: nothing of ours but what is given."""
        ours = re.compile("ANTECHAMBER_|MONGODB_|XDG_|.*_proxy$", re.IGNORECASE)
        kept = {name: value for name, value in os.environ.items() if not ours.match(name)}
        source = str(Path(antechamber.__file__).parents[1])
        return {**kept, "PYTHONPATH": source, "TMPDIR": str(self.temporary), **(more or {})}

    def run(
        self, *arguments: str | Path, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            [*PROGRAM, *arguments],
            cwd=self.folder,
            env=self.environment(environment),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    @contextmanager
    def start(
        self, *arguments: str | Path, environment: Mapping[str, str] | None = None
    ) -> Iterator["subprocess.Popen[str]"]:
        """Start a command; what is still running in the end is stopped."""
        with subprocess.Popen(
            [*PROGRAM, *arguments],
            cwd=self.folder,
            env=self.environment(environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.send_signal(signal.SIGTERM)
                    try:
                        process.wait(SECONDS)
                    except subprocess.TimeoutExpired:
                        process.kill()

    @contextmanager
    def dev(self, *arguments: str | Path) -> Iterator["Dev"]:
        """Start `dev --json` on a free port and wait until it answers."""
        with self.start("dev", "--port", "0", "--json", *arguments) as process:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, process.stderr and process.stderr.read()
            yield Dev(process, json.loads(line))

    @contextmanager
    def serve(
        self, *arguments: str | Path, environment: Mapping[str, str]
    ) -> Iterator[tuple["subprocess.Popen[str]", str]]:
        """Start `serve` on a free port, wait until it answers, and give the process and its address."""
        with self.start("serve", "--port", "0", *arguments, environment=environment) as process:
            assert process.stderr is not None
            for line in process.stderr:
                said = json.loads(line)
                if said["event"] == "ready":
                    yield process, said["address"]
                    return
            raise AssertionError("serve ended before it was ready")


@dataclass
class Dev:
    """A running dev server and what it said of itself."""

    process: "subprocess.Popen[str]"
    info: dict[str, str]

    @property
    def key(self) -> AuthBase:
        """The printed key, for Digest."""
        return HTTPDigestAuth(self.info["publicKey"], self.info["privateKey"])

    @property
    def invitations_path(self) -> str:
        """Where the printed organization's invitations are."""
        return f"/orgs/{self.info['orgId']}/invites"

    def get(self, path: str, auth: AuthBase | None = None, **options: Any) -> Any:
        """Return the body of a GET below /api/atlas/v2 that succeeds."""
        return self._ask("GET", path, auth, **options)

    def post(self, path: str, body: object, auth: AuthBase | None = None) -> Any:
        """Return the body of a POST that succeeds."""
        return self._ask("POST", path, auth, json=body)

    def _ask(self, method: str, path: str, auth: AuthBase | None, **options: Any) -> Any:
        answer = requests.request(
            method,
            f"{self.info['url']}/api/atlas/v2{path}",
            auth=auth or self.key,
            headers=ACCEPT,
            timeout=SECONDS,
            **options,
        )
        assert answer.ok, answer.text
        return answer.json()

    def stop(self, with_signal: signal.Signals = signal.SIGTERM) -> int:
        """Stop the server and return its exit status."""
        self.process.send_signal(with_signal)
        return self.process.wait(SECONDS)


def children(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False, timeout=SECONDS
    )
    return [int(word) for word in found.stdout.split()]
