"""Lists, short and long, on the embedded engine: what their length costs, and whom they hold up."""

import contextlib
import json
import statistics
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from itertools import pairwise

from bench import data
from bench.client import Outcome
from bench.ours import INVITATIONS, ORGANIZATION, Ours, ours
from bench.report import Row
from bench.run import Run, Turn
from bench.servers import Server

SIZES = (10, 100, 1_000, 100_000)
WHOLE = 10_000
ORGANIZATIONS = 10_000
EVENTS = {100: 1_000, 100_000: 1_000_000}
_PAGE = 100


def sizes(run: Run) -> list[Row]:
    """Measure how long pages and single rows take among few and among many."""
    with contextlib.ExitStack() as stack:
        servers = {
            size: stack.enter_context(ours(run.folder / f"pending-{size}", pending=size)) for size in SIZES
        }
        for size, events in EVENTS.items():
            data.tell(servers[size].folder, events)
        crowded = stack.enter_context(ours(run.folder / "organizations"))
        data.found(crowded.folder, ORGANIZATIONS)
        few, many = servers[100], servers[100_000]
        by_username = [
            run.pressed(f"by username, {size}", one.server, one.get(_by_username(size // 2)))
            for size, one in servers.items()
        ]
        # The owner is one of the people too.
        last = (100_000 + 1 + _PAGE - 1) // _PAGE
        run.measure(
            *by_username,
            _alone(run, "users, few", few, "/users"),
            _alone(run, "users, first", many, "/users"),
            _alone(run, "users, last", many, f"/users?pageNum={last - 1}"),
            _alone(run, "events, few", few, "/events"),
            _alone(run, "events, first", many, "/events"),
            run.pressed("one of few organizations", few.server, few.get()),
            run.pressed("one of many organizations", crowded.server, crowded.get()),
        )
    names = [f"by username, {size}" for size in SIZES]
    return [
        *(
            _times(run, f"list by username, {size:,} pending", name, "by username, 100", "100 pending", goal)
            for size, name in zip(SIZES, names, strict=True)
            for goal in ("≤ 1.3" if size == max(SIZES) else "",)
            if size != 100
        ),
        _times(run, "users, first page of 100,001", "users, first", "users, few", "first of 101", "≤ 1.5"),
        _times(run, "users, last full page of 100,001", "users, last", "users, few", "first of 101", "≤ 1.5"),
        _times(run, "events, first page of 1,000,000", "events, first", "events, few", "of 1,000", "≤ 1.5"),
        run.row(
            f"GET one, {ORGANIZATIONS:,} organizations",
            "one of many organizations",
            "one of few organizations",
            "1 organization",
        ),
    ]


def _by_username(number: int) -> str:
    return f"{INVITATIONS}?username={data.username(number)}"


def _alone(run: Run, name: str, one: Ours, target: str) -> Turn:
    """Return the turn of a page on one connection: what it takes, not how many wait."""
    return run.pressed(name, one.server, one.get(f"{ORGANIZATION}{target}"), connections=1)


def _times(run: Run, measure: str, name: str, other: str, compared_with: str, goal: str) -> Row:
    return run.row(measure, f"{name} p50", f"{other} p50", compared_with, goal, "ms")


def whole(run: Run) -> list[Row]:
    """Measure the whole list of invitations, which has no pages, and what others get while it is read."""
    with ours(run.folder / "whole", pending=WHOLE) as one:
        ask = one.get(INVITATIONS)
        body = one.server.ask(ask.method, ask.target, dict(ask.headers)).body
        values = json.loads(body)
        if len(values) != WHOLE:
            raise ValueError(f"{len(values)} instead of {WHOLE} invitations")
        quiet = run.pressed("others, quiet", one.server, one.get())

        def disturbed(seconds: int) -> Outcome | float:
            with _reading(one.server, ask.target, dict(ask.headers)):
                return quiet.measure(seconds)

        run.measure(
            Turn("whole list", lambda seconds: _median_ms(_fetching(one, ask.target), seconds)),
            Turn("encoding", lambda seconds: _median_ms(lambda: json.dumps(values), min(seconds, 1))),
            quiet,
            Turn("others", disturbed),
        )
    return [
        run.row(
            f"whole list of {WHOLE:,} ({len(body) / 1e6:.1f} MB)",
            "whole list",
            "encoding",
            "json.dumps of the same",
            "≤ 3",
            "ms",
        ),
        run.single("GET one while a whole list is read, p99", "others p99", "ms", "≤ 50 ms"),
        run.row("GET one while a whole list is read", "others", "others, quiet", "nobody reads it"),
    ]


def _fetching(one: Ours, target: str) -> "_Fetch":
    return _Fetch(one.server, target, one.headers)


class _Fetch:
    """One client that reads the same thing over and over on one connection."""

    def __init__(self, server: Server, target: str, headers: dict[str, str]) -> None:
        self._connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
        self._target, self._headers = target, headers

    def __call__(self) -> None:
        self._connection.request("GET", self._target, headers=self._headers)
        self._connection.getresponse().read()


def _median_ms(once: object, seconds: int) -> float:
    """Return how long it takes, in milliseconds, the median of as many times as fit."""
    assert callable(once)
    marks = [time.perf_counter()]
    while marks[-1] - marks[0] < seconds:
        once()
        marks.append(time.perf_counter())
    return statistics.median(later - earlier for earlier, later in pairwise(marks)) * 1000


@contextlib.contextmanager
def _reading(server: Server, target: str, headers: dict[str, str]) -> Iterator[None]:
    """Have one client read all the time."""
    ended, fetch = threading.Event(), _Fetch(server, target, headers)

    def run() -> None:
        while not ended.is_set():
            fetch()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
