"""A request and its answer, free of any server interface."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

Header = tuple[str, str]


class Headers(Protocol):
    """Request headers by lower-case name."""

    def get(self, name: str, /) -> str | None:
        """Return the header's value, None for no such header."""
        ...

    def items(self) -> Iterable[Header]:
        """Return all headers, in the order they came in."""
        ...


@dataclass(slots=True)
class Request:
    """One request.

    path: percent-decoded. query: raw, without "?". address: the client's IP address. base_url: scheme
    and host that links are built from. read_body(limit_bytes): the whole body; raises BodyTooLarge and
    BodyTooSlow. id: names the request in the log and in the answer.
    """

    method: str
    path: str
    query: str
    headers: Headers
    address: str
    base_url: str
    read_body: Callable[[int], Awaitable[bytes]]
    id: str = ""


@dataclass(slots=True)
class Response:
    """One answer; a body of None is sent without a length."""

    status: int
    headers: list[Header]
    body: bytes | None = field(default=None)
