"""What pages say when the trouble is ours."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from antechamber.api.request_cycle import Observation
from antechamber.api.transports.mounted import Mounted
from antechamber.api.wire.messages import Request, Response
from antechamber.domain.errors import Unavailable
from antechamber.web.application import application


class Away:
    """A database that fails in one way."""

    def __init__(self, failure: Exception) -> None:
        self._failure = failure

    async def read(self, _job: Callable[[Any], Awaitable[Any]]) -> Any:
        """Fail."""
        raise self._failure

    write = read


def ask(failure: Exception, path: str, cookie: str) -> tuple[Response, list[Observation]]:
    """Return the answer to a GET and what was observed of it."""

    async def nothing(_limit_bytes: int) -> bytes:
        return b""

    seen: list[Observation] = []
    pages = application(Away(failure), csrf_key=b"k" * 32, development=False, language="ja")
    request = Request(
        "GET", path, "", {"cookie": cookie}, "203.0.113.7", "https://desk.example", nothing, "request-1"
    )
    return asyncio.run(Mounted(pages, "web", seen.append).respond(request)), seen


# The first meets it while it finds out who is signed in, the second in the handler.
ASKED = pytest.mark.parametrize(
    ("path", "cookie"),
    [("/sign-in", "__Host-antechamber-session=x"), ("/invitation", "__Host-antechamber-invitation=x")],
)


@ASKED
def test_the_database_is_away(path: str, cookie: str) -> None:
    answer, seen = ask(Unavailable(), path, cookie)
    assert answer.status == 503
    assert ("retry-after", "5") in answer.headers
    assert ("cache-control", "no-store") in answer.headers
    assert answer.body is not None
    assert "しばらくお待ちください" in answer.body.decode()
    assert [one.error for one in seen] == [None]


@ASKED
def test_a_bug_is_logged_and_never_shown(path: str, cookie: str) -> None:
    failure = RuntimeError("the details")
    answer, seen = ask(failure, path, cookie)
    assert answer.status == 500
    assert answer.body is not None
    assert "エラーが発生しました" in answer.body.decode()
    assert b"details" not in answer.body
    assert any(name == "content-security-policy" for name, _ in answer.headers)
    assert [one.error for one in seen] == [failure]
