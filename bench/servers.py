"""Servers as processes: started for a benchmark, watched, and ended with it."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from bench import ROOT

_START_TIMEOUT_SECONDS = 20
_END_TIMEOUT_SECONDS = 15
_POLL_SECONDS = 0.005

OURS = (sys.executable, "-m", "antechamber", "dev", "--json", "--no-desk")
BARE = (sys.executable, "-m", "bench.bare", "rsgi")
BARE_ASGI = (sys.executable, "-m", "bench.bare", "asgi")


class Response(NamedTuple):
    """What a server said."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Memory(NamedTuple):
    """Megabytes of one process: resident, and with what it shares counted in part (None: unknown)."""

    process_id: int
    resident: float
    proportional: float | None


class ServerFailed(Exception):
    """A server did not start; the message holds what it printed."""


class Server:
    """One server on a free port of the loopback interface, from entering the context to leaving it."""

    def __init__(self, command: tuple[str, ...], folder: Path) -> None:
        """Prepare a server. command: with PORT for the port. folder: where what it prints is kept."""
        self._command = command
        self._log = folder / f"{Path(command[0]).name}-{time.monotonic_ns()}.log"
        self.port = free_port()

    def __enter__(self) -> Self:
        command = [word.replace("PORT", str(self.port)) for word in self._command]
        with self._log.open("wb") as log:
            self._began = time.perf_counter()
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        others = list(_descendants(self._process.pid))
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_END_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            for process_id in others:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process_id, signal.SIGKILL)

    def ask(self, method: str, target: str, headers: dict[str, str], body: str | None = None) -> Response:
        """Return the answer to one request, on a connection of its own. Raises OSError, HTTPException."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, target, body, headers)
            response = connection.getresponse()
            return Response(response.status, response.getheaders(), response.read())
        finally:
            connection.close()

    def first_answer(self, target: str) -> Response:
        """Wait for the first answer to a GET and return it.

        Raises ServerFailed, with what the server printed, when it ended or nothing came within 20 seconds.
        """
        while self.age_seconds() < _START_TIMEOUT_SECONDS and self._process.poll() is None:
            try:
                return self.ask("GET", target, {})
            except (OSError, HTTPException):
                time.sleep(_POLL_SECONDS)
        raise ServerFailed(f"no answer from {' '.join(self._command)}: {self._log.read_text()[-2000:]}")

    def age_seconds(self) -> float:
        """Return how long ago the server was started."""
        return time.perf_counter() - self._began

    def memory(self) -> list[Memory]:
        """Return the memory of the processes, the first one's first; nothing where there is no /proc."""
        return [
            found
            for process_id in (self._process.pid, *_descendants(self._process.pid))
            if (found := _memory(process_id)) is not None
        ]


def free_port() -> int:
    """Return a port that nobody listens on at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def _descendants(process_id: int) -> Iterator[int]:
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(stat.parent.name))
    waiting = children.get(process_id, [])
    while waiting:
        found = waiting.pop()
        yield found
        waiting.extend(children.get(found, []))


def _memory(process_id: int) -> Memory | None:
    folder = Path("/proc", str(process_id))
    resident = _megabytes(folder / "status", "VmRSS:")
    return (
        None
        if resident is None
        else Memory(process_id, resident, _megabytes(folder / "smaps_rollup", "Pss:"))
    )


def _megabytes(file: Path, name: str) -> float | None:
    """The kernel counts in units of 1024 bytes; a megabyte here has 1024 of those."""
    with contextlib.suppress(OSError):
        for line in file.read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) / 1024
    return None
