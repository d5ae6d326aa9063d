"""The embedded engine: single requests against a bare application and against SQLite itself; two workers."""

import contextlib

from bench import data
from bench.ours import INVITATION, SIGNED, answers_of, ours, require_same_answers
from bench.report import Row
from bench.run import Run, plain_loop
from bench.servers import BARE, BARE_ASGI, Server

FEW = 100


def requests(run: Run) -> list[Row]:
    """Measure GET and PATCH of one invitation."""
    file = run.folder / "answers.json"
    with contextlib.ExitStack() as stack:
        mine = stack.enter_context(ours(run.folder / "requests", pending=FEW))
        answers_of(mine, file)
        bare, bare_asgi = (
            stack.enter_context(Server((*command, "PORT", str(file)), run.folder))
            for command in (BARE, BARE_ASGI)
        )
        for server in (bare, bare_asgi):
            server.first_answer(INVITATION)
            require_same_answers(mine, server)
        plain = stack.enter_context(contextlib.closing(data.PlainLoop(mine.folder)))
        run.measure(
            run.pressed("bearer", mine.server, mine.get()),
            run.pressed("bearer bare", bare, mine.get()),
            run.signed("digest", mine.server, SIGNED, data.KEY, mine.server),
            run.signed("digest bare", bare, SIGNED, data.KEY, mine.server),
            run.pressed("bearer bare asgi", bare_asgi, mine.get()),
            plain_loop("patch plain", plain.once),
            run.pressed("patch", mine.server, mine.patch()),
            run.pressed("patch bare", bare, mine.patch()),
            run.pressed("bearer alone", mine.server, mine.get(), connections=1),
            run.pressed("bearer bare alone", bare, mine.get(), connections=1),
            run.pressed("patch alone", mine.server, mine.patch(), connections=1),
        )
    return [
        run.row("GET one, Bearer", "bearer", "bearer bare", "bare", "≥ 0.60"),
        run.row("GET one, Digest", "digest", "digest bare", "bare", "≥ 0.50"),
        run.row("the same GET, Bearer", "bearer", "bearer bare asgi", "bare ASGI"),
        run.row("PATCH one, durable", "patch", "patch plain", "plain SQLite loop", "≥ 1.8"),
        run.row("the same PATCH", "patch", "patch bare", "bare"),
        run.row("GET one, 1 connection", "bearer alone", "bearer bare alone", "bare, 1 connection"),
        run.row("PATCH one, 1 connection", "patch alone", "patch plain", "plain SQLite loop"),
    ]


def workers(run: Run) -> list[Row]:
    """Measure writes of two worker processes on one database, against those of one."""
    with (
        ours(run.folder / "worker") as one,
        ours(run.folder / "workers", "--workers", "2") as two,
    ):
        run.measure(
            run.pressed("patch, 1 worker", one.server, one.patch()),
            run.pressed("patch, 2 workers", two.server, two.patch()),
            run.pressed("get, 1 worker", one.server, one.get()),
            run.pressed("get, 2 workers", two.server, two.get()),
        )
    return [
        run.row("SQLite, 2 workers, PATCH", "patch, 2 workers", "patch, 1 worker", "1 worker", "≥ 1.0"),
        run.single("SQLite, 2 workers, PATCH, p99", "patch, 2 workers p99", "ms", "≤ 60 ms"),
        run.row("SQLite, 2 workers, GET", "get, 2 workers", "get, 1 worker", "1 worker"),
    ]
