"""Prism, the mock server that people use today, on our own description of the same two operations."""

import contextlib
import shutil
import subprocess
import time
from http.client import HTTPException
from pathlib import Path

from bench import ROOT
from bench.load import Ask, LoadFailed
from bench.ours import MEDIA_TYPE, ours
from bench.report import Row
from bench.run import Run
from bench.servers import Server

PACKAGE = "@stoplight/prism-cli@5"
_FOLDER = ROOT / "build" / "prism"
_START_SECONDS = 60
_PATIENCE_SECONDS = 300
_TYPE = "application/vnd.atlas.2023-01-01+json"


def prism(run: Run) -> list[Row]:
    """Measure ours and Prism on GET and PATCH; nothing where there is no Node, or no way to get Prism."""
    program = _installed()
    if program is None:
        return []
    document = run.folder / "openapi.json"
    with contextlib.ExitStack() as stack:
        mine = stack.enter_context(ours(run.folder / "beside-prism", pending=100))
        document.write_bytes(mine.server.ask("GET", "/api/openapi.json", {}).body)
        command = (str(program), "mock", "--host", "127.0.0.1", "--port", "PORT", str(document))
        server = stack.enter_context(Server(command, run.folder))
        get, patch = (_exact(ask) for ask in (mine.get(), mine.patch()))
        _wait(server, get)
        run.measure(
            run.pressed("get beside prism", mine.server, get),
            run.pressed("prism get", server, get),
            run.pressed("patch beside prism", mine.server, patch),
            run.pressed("prism patch", server, patch),
        )
    return [
        run.row("GET one, against Prism", "get beside prism", "prism get", "Prism", "≥ 60"),
        run.row("PATCH one, against Prism", "patch beside prism", "prism patch", "Prism", "≥ 20"),
    ]


def _exact(ask: Ask) -> Ask:
    """Return the request with the version that there is: Prism does not look for the newest until a date."""
    headers = {name: _TYPE if value == MEDIA_TYPE else value for name, value in ask.headers.items()}
    return ask._replace(headers=headers)


def _wait(server: Server, ask: Ask) -> None:
    deadline, said = time.monotonic() + _START_SECONDS, None
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, HTTPException):
            said = server.ask(ask.method, ask.target, dict(ask.headers))
            if said.status == 200:
                return
        time.sleep(0.1)
    raise LoadFailed(f"Prism does not serve {ask.method} {ask.target}: {said}")


def _installed() -> Path | None:
    program = _FOLDER / "node_modules" / ".bin" / "prism"
    npm = shutil.which("npm")
    if not program.exists() and npm is not None:
        _FOLDER.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--no-audit", "--no-fund", "--silent", "--prefix", str(_FOLDER), PACKAGE]
        subprocess.run(command, check=False, timeout=_PATIENCE_SECONDS, capture_output=True)
    return program if program.exists() and shutil.which("node") is not None else None
