"""The RSGI adapter: what Granian speaks. Source: the RSGI specification 1.x of Granian."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]  # re-exported without saying so

from antechamber.api.transports.origin import Origin
from antechamber.api.wire.errors import BodyTooLarge, BodyTooSlow
from antechamber.api.wire.messages import Request, Response

BODY_TIMEOUT_SECONDS = 30
DRAINED_BYTES = 256 * 1024
_WITHOUT_BODY = frozenset({"GET", "HEAD"})


class RsgiApplication:
    """An RSGI application around a function from request to response.

    opened, closed: called with the loop before the first and after the last request of a worker.
    """

    def __init__(
        self,
        respond: Callable[[Request], Awaitable[Response]],
        origin: Origin,
        *,
        opened: Callable[[asyncio.AbstractEventLoop], None] = lambda _loop: None,
        closed: Callable[[asyncio.AbstractEventLoop], None] = lambda _loop: None,
    ) -> None:
        self._respond = respond
        self._origin = origin
        self._opened = opened
        self._closed = closed

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._opened(loop)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._closed(loop)

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        headers = scope.headers
        peer = scope.client.rpartition(":")[0].strip("[]")

        is_read = False

        async def read_body(limit_bytes: int) -> bytes:
            nonlocal is_read
            length = headers.get("content-length")
            if length is None and headers.get("transfer-encoding") is None and scope.http_version[0] == "1":
                return b""
            if length is not None and int(length) > limit_bytes:
                raise BodyTooLarge
            is_read = True
            try:
                async with asyncio.timeout(BODY_TIMEOUT_SECONDS):
                    if length is not None:
                        return bytes(await protocol())
                    body = bytearray()
                    async for chunk in protocol:
                        body += chunk
                        if len(body) > limit_bytes:
                            raise BodyTooLarge
                    return bytes(body)
            except (TimeoutError, ProtocolClosed):
                # Who has hung up does not hear it; it is no failure of ours either.
                raise BodyTooSlow from None

        response = await self._respond(
            Request(
                scope.method,
                scope.path,
                scope.query_string,
                headers,
                self._origin.address(peer, headers),
                self._origin.base_url(scope.scheme, scope.authority or headers.get("host")),
                read_body,
            )
        )
        if not is_read and scope.method not in _WITHOUT_BODY:
            # A connection with an unread body is closed under a client that is still sending it, and with
            # the first request of every Digest client the answer is given without looking at the body.
            with contextlib.suppress(BodyTooLarge, BodyTooSlow):
                await read_body(DRAINED_BYTES)
        if response.body is None or scope.method == "HEAD":
            protocol.response_empty(response.status, response.headers)
        else:
            protocol.response_bytes(response.status, response.headers, response.body)
