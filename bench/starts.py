"""How long a server takes to its first answer, and what memory it occupies."""

from typing import Any

from bench import data
from bench.load import Ask, LoadFailed, Signer
from bench.ours import INVITATION, SIGNED, answers_of, new_server, ours
from bench.report import Row
from bench.run import Run
from bench.servers import BARE, Server


def starts(run: Run) -> list[Row]:
    """Start both sides several times, and look at their memory after some load."""
    file = run.folder / "answers.json"
    with ours(run.folder / "starts", pending=100) as mine:
        answers_of(mine, file)
        with Server((*BARE, "PORT", str(file)), run.folder) as bare:
            bare.first_answer(INVITATION)
            run.measure(
                run.pressed("load", mine.server, mine.get()),
                run.pressed("load, patch", mine.server, mine.patch()),
                run.pressed("load, bare", bare, mine.get()),
            )
            memory = _memory(mine.server, bare)
    for _ in range(run.starts):
        with new_server(run.folder) as server:
            challenged = server.first_answer(INVITATION)
            sign = Signer(dict(challenged.headers)["www-authenticate"], SIGNED, data.KEY)
            _require(server, Ask("GET", INVITATION, {**SIGNED.headers, "Authorization": sign()}))
            run.keep("start", server.age_seconds())
        with Server((*BARE, "PORT", str(file)), run.folder) as bare:
            bare.first_answer(INVITATION)
            run.keep("start bare", bare.age_seconds())
    start = run.single("start to first answer", "start", "s", "≤ 0.6 s")
    return [_beside(start, run.median("start bare")), *memory]


def _require(server: Server, ask: Ask) -> None:
    said = server.ask(ask.method, ask.target, dict(ask.headers))
    if said.status != 200:
        raise LoadFailed(f"{ask.method} {ask.target} was answered with {said.status}")


def _beside(row: Row, bare: float) -> Row:
    return Row(row.measure, row.unit, row.ours, other=bare, compared_with="bare", goal=row.goal, met=row.met)


def _memory(ours: Server, bare: Server) -> list[Row]:
    """Return what the processes occupy now; nothing where there is no /proc."""
    mine, theirs = ours.memory(), bare.memory()
    if not mine:
        return []
    rows = []
    # Of two processes the second is the worker.
    for name, number in (("worker", 1), ("parent", 0)):
        resident = mine[number].resident
        goal: dict[str, Any] = {"goal": "≤ 110 MB", "met": resident <= 110} if name == "worker" else {}
        rows.append(
            Row(
                f"resident memory, {name}",
                "MB",
                resident,
                other=theirs[number].resident,
                compared_with="bare",
                **goal,
            )
        )
    if all(process.proportional is not None for process in (*mine, *theirs)):
        mine_all, theirs_all = (sum(one.proportional or 0 for one in every) for every in (mine, theirs))
        rows.append(Row("memory, both, shared once", "MB", mine_all, other=theirs_all, compared_with="bare"))
    return rows
