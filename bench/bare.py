"""The bare application: one constant answer a method, under the same server as ours.

`python -m bench.bare INTERFACE PORT FILE` serves the `Answers` in the file, which are copies of what ours
said. INTERFACE: rsgi, as ours is served, or asgi.
"""

import gc
import multiprocessing
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
from granian.constants import Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from antechamber.cli.running import HEADER_BYTES, HEADER_SECONDS


class Answer(msgspec.Struct, frozen=True):
    """Status, headers but for those that the server adds to any answer, body."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Answers(msgspec.Struct, frozen=True):
    """The answer to requests without a body, and to those with one, which is read first."""

    get: Answer
    patch: Answer


def main() -> None:
    """Serve until told to end."""
    interface, port, file = sys.argv[1:]
    answers = msgspec.json.decode(Path(file).read_bytes(), type=Answers)
    application = {"rsgi": _rsgi, "asgi": _asgi}[interface](answers)
    # As antechamber.cli.running does it, so that nothing but the application differs.
    multiprocessing.set_start_method("fork")
    gc.collect()
    gc.freeze()
    Server(
        "bare",
        address="127.0.0.1",
        port=int(port),
        interface=Interfaces(interface),
        workers=1,
        websockets=False,
        loop=Loops.uvloop if find_spec("uvloop") else Loops.asyncio,
        log_level=LogLevels.warning,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000, max_buffer_size=HEADER_BYTES),
        respawn_failed_workers=False,
    ).serve(target_loader=lambda: application, wrap_loader=False)


def _rsgi(answers: Answers) -> Any:
    get, patch = answers.get, answers.patch

    async def application(scope: Any, protocol: Any) -> None:
        if scope.method == "GET":
            protocol.response_bytes(get.status, get.headers, get.body)
        else:
            await protocol()
            protocol.response_bytes(patch.status, patch.headers, patch.body)

    return application


def _asgi(answers: Answers) -> Any:
    ready = {
        method: (
            {
                "type": "http.response.start",
                "status": answer.status,
                "headers": [
                    *((name.encode(), value.encode()) for name, value in answer.headers),
                    (b"content-length", str(len(answer.body)).encode()),
                ],
            },
            {"type": "http.response.body", "body": answer.body},
        )
        for method, answer in (("GET", answers.get), ("PATCH", answers.patch))
    }

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["method"] != "GET":
            while (await receive()).get("more_body"):
                pass
        start, body = ready[scope["method"]]
        await send(start)
        await send(body)

    return application


if __name__ == "__main__":
    main()
