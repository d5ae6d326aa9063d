"""The ASGI adapter, for servers and test clients that do not speak RSGI. Source: ASGI specification 3.0."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from antechamber.api.transports.origin import Origin
from antechamber.api.wire.errors import BodyTooLarge, BodyTooSlow
from antechamber.api.wire.messages import Request, Response

BODY_TIMEOUT_SECONDS = 30


class AsgiApplication:
    """An ASGI application around a function from request to response; see RsgiApplication."""

    def __init__(
        self,
        respond: Callable[[Request], Awaitable[Response]],
        origin: Origin,
        *,
        opened: Callable[[asyncio.AbstractEventLoop], None] = lambda _loop: None,
        closed: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._respond = respond
        self._origin = origin
        self._opened = opened
        self._closed = closed

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        headers: dict[str, str] = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }

        async def read_body(limit_bytes: int) -> bytes:
            if int(headers.get("content-length", "0")) > limit_bytes:
                raise BodyTooLarge
            body = bytearray()
            try:
                async with asyncio.timeout(BODY_TIMEOUT_SECONDS):
                    while True:
                        message = await receive()
                        body += message.get("body", b"")
                        if len(body) > limit_bytes:
                            raise BodyTooLarge
                        if not message.get("more_body", False):
                            return bytes(body)
            except TimeoutError:
                raise BodyTooSlow from None

        peer = (scope.get("client") or ("",))[0]
        response = await self._respond(
            Request(
                scope["method"],
                scope["path"],
                scope["query_string"].decode("latin-1"),
                headers,
                self._origin.address(peer, headers),
                self._origin.base_url(scope["scheme"], headers.get("host")),
                read_body,
            )
        )
        wire_headers = [(name.encode(), value.encode("latin-1")) for name, value in response.headers]
        body = response.body
        if body is not None:
            wire_headers.append((b"content-length", str(len(body)).encode()))
        if body is None or scope["method"] == "HEAD":
            body = b""
        await send({"type": "http.response.start", "status": response.status, "headers": wire_headers})
        await send({"type": "http.response.body", "body": body})

    async def _live(self, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._opened(asyncio.get_running_loop())
                await send({"type": "lifespan.startup.complete"})
            else:
                if self._closed is not None:
                    await self._closed()
                await send({"type": "lifespan.shutdown.complete"})
                return
