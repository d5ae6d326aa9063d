"""What an operator's machines ask: alive, ready, numbers."""

from collections.abc import Awaitable, Callable

from antechamber.api.observing import METRICS_TYPE, Metrics
from antechamber.api.wire.messages import Header, Request, Response

PATHS = ("/healthz", "/readyz", "/metrics")


class Operating:
    """The three paths. is_ready: tells whether the database is reachable and its schema current."""

    def __init__(
        self,
        *,
        is_ready: Callable[[], Awaitable[bool]],
        metrics: Metrics,
        identity: tuple[Header, ...],
    ) -> None:
        self._is_ready = is_ready
        self._metrics = metrics
        self._headers: tuple[Header, ...] = (*identity, ("cache-control", "no-store"))

    async def respond(self, request: Request) -> Response:
        """Return the answer to a request for one of PATHS."""
        if request.method not in ("GET", "HEAD"):
            return self._text(405, b"method not allowed\n", ("allow", "GET, HEAD"))
        if request.path == "/metrics":
            return Response(200, [*self._headers, ("content-type", METRICS_TYPE)], self._metrics.text())
        if request.path == "/readyz" and not await self._is_ready():
            return self._text(503, b"not ready\n", ("retry-after", "1"))
        return self._text(200, b"ok\n")

    def _text(self, status: int, body: bytes, *more: Header) -> Response:
        return Response(status, [*self._headers, ("content-type", "text/plain; charset=utf-8"), *more], body)
