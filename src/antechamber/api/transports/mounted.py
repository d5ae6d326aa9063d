"""An ASGI application inside ours: how the pages, which are Starlette's, get their requests."""

import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import quote, urlsplit

from antechamber.api.request_cycle import Observation
from antechamber.api.wire.errors import BodyTooLarge, BodyTooSlow
from antechamber.api.wire.messages import Header, Request, Response

BODY_LIMIT_BYTES = 256 * 1024
Message = MutableMapping[str, Any]
Asgi = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]


class Mounted:
    """Hands requests to an ASGI application. Source: ASGI specification 3.0, HTTP.

    name: what its requests begin with in log and metrics. observe: told of every request when it is over.
    """

    def __init__(self, application: Asgi, name: str, observe: Callable[[Observation], None]) -> None:
        self._application = application
        self._name = name
        self._observe = observe

    async def respond(self, request: Request) -> Response:
        """Return the application's answer. Raises nothing."""
        began = time.perf_counter()
        scope = _scope(request)
        failure: BaseException | None = None
        try:
            response = await self._respond(scope, request)
        except BodyTooLarge:
            response = _plain(413, b"The request is too large.\n")
        except BodyTooSlow:
            response = _plain(408, b"The request came too slowly.\n")
        except Exception as error:  # noqa: BLE001 - a bug is answered, logged and counted, never shown
            response = _plain(500, b"Something went wrong. Please try again.\n")
            failure = error
        # What it answered with a page of its own is to be logged all the same.
        failure = failure or scope["state"].get("failure")
        endpoint = getattr(scope.get("endpoint"), "__name__", "none")
        self._observe(
            Observation(
                request.id,
                f"{self._name}.{endpoint}",
                response.status,
                time.perf_counter() - began,
                request.method,
                None,
                request.address,
                failure,
            )
        )
        return response

    async def _respond(self, scope: Message, request: Request) -> Response:
        status = 500
        headers: list[Header] = []
        body = bytearray()

        async def receive() -> Message:
            return {"type": "http.request", "body": await request.read_body(BODY_LIMIT_BYTES)}

        async def send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers.extend(
                    (name.decode("latin-1"), value.decode("latin-1"))
                    for name, value in message["headers"]
                    # The server says it of what it really sends.
                    if name.lower() != b"content-length"
                )
            else:
                body.extend(message.get("body", b""))

        await self._application(scope, receive, send)
        return Response(status, headers, bytes(body))


def _scope(request: Request) -> Message:
    scheme, host, port = _origin(request.base_url)
    path = request.path
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": scheme,
        "path": path,
        "raw_path": quote(path).encode(),
        "root_path": "",
        "query_string": request.query.encode("latin-1", "replace"),
        "headers": [
            (name.encode("latin-1"), value.encode("latin-1", "replace"))
            for name, value in request.headers.items()
        ],
        "client": (request.address, 0),
        "server": (host, port),
        "state": {"base_url": request.base_url, "request_id": request.id},
    }


def _origin(base_url: str) -> tuple[str, str, int]:
    """Return scheme, host and port; no host where the client made up a Host that is none."""
    scheme = base_url.partition(":")[0]
    try:
        base = urlsplit(base_url)
        return scheme, base.hostname or "", base.port or (443 if scheme == "https" else 80)
    except ValueError:
        return scheme, "", 0


def _plain(status: int, text: bytes) -> Response:
    return Response(status, [("content-type", "text/plain; charset=utf-8")], text)
