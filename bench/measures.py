"""The measures: which servers, which requests, in which order; and what the numbers come to."""

import contextlib
import statistics
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import msgspec

from bench import data, load
from bench.bare import Answer, Answers
from bench.load import Ask, LoadFailed, Signer
from bench.report import Row
from bench.servers import BARE, OURS, Response, Server

FEW, MANY = 100, 100_000
INVITATIONS = f"/api/atlas/v2/orgs/{data.ORGANIZATION_ID}/invites"
INVITATION = f"{INVITATIONS}/{data.INVITATION_ID}"
MEDIA_TYPE = "application/vnd.atlas.2025-02-19+json"
CHANGE = '{"roles":["ORG_MEMBER"]}'
# What the server library adds to any answer; the bare application gets it from there too.
ADDED_HEADERS = frozenset({"date", "content-length"})
MOST_SIGNED_A_SECOND = 100_000
# Above this share of its time the load tool, and not the server, may be what is measured.
BUSY = 0.9


class Bench:
    """The servers of one run, running from entering the context to leaving it.

    samples: what was measured so far, by name; requests a second, for lists milliseconds, for starts seconds.
    """

    def __init__(self, folder: Path, seconds: int, *, own: bool) -> None:
        """Prepare a run.

        folder: an existing one, on the disk to measure. seconds: how long each measurement takes. own: press
        with our own client, wrk or not.
        """
        self._folder, self._seconds, self._own = folder, seconds, own
        self._seed = folder / "seed.yaml"
        self._answers = folder / "answers.json"
        self.samples: dict[str, list[float]] = {}
        self._busy: dict[str, list[float]] = {}
        self._rates: dict[str, float] = {}
        self._backwards = False

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            data.write_seed(self._seed)
            self._ours, self._headers = self._filled(stack, FEW)
            self._many, self._many_headers = self._filled(stack, MANY)
            self._write_answers()
            self._bare = stack.enter_context(self._new_bare())
            self._bare.first_answer(INVITATION)
            self._require_same_answers()
            self._plain = stack.enter_context(contextlib.closing(data.PlainLoop(self._folder / str(FEW))))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _filled(self, stack: contextlib.ExitStack, pending: int) -> tuple[Server, dict[str, str]]:
        folder = self._folder / str(pending)
        server = stack.enter_context(self._new_ours("--data", str(folder)))
        server.first_answer(INVITATION)
        data.fill(folder, pending)
        return server, {"Accept": MEDIA_TYPE, "Authorization": f"Bearer {_token(server)}"}

    def _new_ours(self, *options: str) -> Server:
        limit = f"users-per-organization={2 * MANY}"
        arguments = ("--port", "PORT", "--seed", str(self._seed), "--limit", limit, *options)
        return Server((*OURS, *arguments), self._folder)

    def _new_bare(self) -> Server:
        return Server((*BARE, "PORT", str(self._answers)), self._folder)

    def _patch(self) -> Ask:
        return Ask("PATCH", INVITATION, {**self._headers, "Content-Type": MEDIA_TYPE}, CHANGE)

    def _write_answers(self) -> None:
        get, patch = (
            _answer(self._ours, ask) for ask in (Ask("GET", INVITATION, self._headers), self._patch())
        )
        self._answers.write_bytes(msgspec.json.encode(Answers(get, patch)))

    def _require_same_answers(self) -> None:
        for ask in (Ask("GET", INVITATION, self._headers), self._patch()):
            ours, bare = _ask(self._ours, ask), _ask(self._bare, ask)
            if (ours.status, _names(ours), ours.body) != (bare.status, _names(bare), bare.body):
                raise LoadFailed(f"the bare application's answer is another: {ours} {bare}")

    def warm_up(self) -> None:
        """Go through a short round that does not count."""
        self._round(1)
        self.samples.clear()
        self._busy.clear()

    def round(self) -> None:
        """Measure everything once, each time in the other order."""
        self._round(self._seconds)
        self._backwards = not self._backwards

    def _round(self, seconds: int) -> None:
        get = Ask("GET", INVITATION, self._headers)
        patch = self._patch()
        few = Ask("GET", f"{INVITATIONS}?username={data.username(FEW // 2)}", self._headers)
        many = Ask("GET", f"{INVITATIONS}?username={data.username(MANY // 2)}", self._many_headers)
        turns: list[Callable[[], None]] = [
            lambda: self._press("bearer", self._ours, get, seconds),
            lambda: self._press("bearer bare", self._bare, get, seconds),
            lambda: self._press_signed("digest", self._ours, seconds),
            lambda: self._press_signed("digest bare", self._bare, seconds),
            lambda: self._keep("patch plain", self._plain.rate(seconds)),
            lambda: self._press("patch", self._ours, patch, seconds),
            lambda: self._press("patch bare", self._bare, patch, seconds),
            lambda: self._press("list few", self._ours, few, seconds, latency=True),
            lambda: self._press("list many", self._many, many, seconds, latency=True),
        ]
        for turn in reversed(turns) if self._backwards else turns:
            turn()

    def _press_signed(self, name: str, server: Server, seconds: int) -> None:
        ask = Ask("GET", INVITATION, {"Accept": MEDIA_TYPE})
        # Twice what was answered last time: running out would mean to repeat answers, which are refused.
        most = 2 * self._rates.get(name, MOST_SIGNED_A_SECOND / 2)
        self._press(
            name, server, ask, seconds, load.signed(self._ours.port, ask, data.KEY, int(most * seconds))
        )

    def _press(
        self,
        name: str,
        server: Server,
        ask: Ask,
        seconds: int,
        answers: list[str] | None = None,
        *,
        latency: bool = False,
    ) -> None:
        outcome = load.press(server.port, ask, seconds, answers or (), own=self._own)
        self._rates[name] = outcome.rate
        self._keep(name, outcome.p50_ms if latency else outcome.rate)
        self._busy.setdefault(name, []).append(outcome.busy)

    def _keep(self, name: str, sample: float) -> None:
        self.samples.setdefault(name, []).append(sample)

    def start(self) -> None:
        """Start both sides once more and measure how long it takes until the invitation was read."""
        with self._new_ours() as server:
            challenged = server.first_answer(INVITATION)
            ask = Ask("GET", INVITATION, {"Accept": MEDIA_TYPE})
            sign = Signer(dict(challenged.headers)["www-authenticate"], ask, data.KEY)
            _answer(server, Ask("GET", INVITATION, {**ask.headers, "Authorization": sign()}))
            self._keep("start", server.age_seconds())
        with self._new_bare() as server:
            server.first_answer(INVITATION)
            self._keep("start bare", server.age_seconds())

    def rows(self) -> list[Row]:
        """Return what the samples come to."""
        return [
            self._ratio_row("GET one invitation, Bearer", "bearer", "bearer bare", "bare", 0.40),
            self._ratio_row("GET one invitation, Digest", "digest", "digest bare", "bare", 0.30),
            self._ratio_row("PATCH, Bearer, durable", "patch", "patch plain", "plain SQLite loop", 1.0),
            self._ratio_row("the same PATCH", "patch", "patch bare", "bare"),
            self._list_row(),
            self._start_row(),
        ]

    def notes(self) -> list[str]:
        """Return where the load tool was the limit, which would flatter us in a comparison with bare."""
        shares = {name: statistics.median(shares) for name, shares in self._busy.items()}
        tool = "own client" if self._own else load.tool()
        busiest = max(shares, key=lambda name: shares[name])
        most = f"{self._ceiling():,.0f} requests/s are the most that it could send"
        said = [f"load tool: {tool}, busy at most {shares[busiest]:.0%} of its time ({busiest}); {most}"]
        too_busy = [name for name, share in shares.items() if share > BUSY]
        if too_busy:
            said.append(f"the load tool was the limit of {', '.join(too_busy)}: the servers may do more")
        return said

    def _ceiling(self) -> float:
        rates, shares = self.samples["bearer bare"], self._busy["bearer bare"]
        return statistics.median(rate / busy for rate, busy in zip(rates, shares, strict=True))

    def _ratio_row(
        self, measure: str, ours: str, other: str, compared_with: str, goal: float | None = None
    ) -> Row:
        medians = [statistics.median(self.samples[name]) for name in (ours, other)]
        rounds = [one / two for one, two in zip(self.samples[ours], self.samples[other], strict=True)]
        # Not the ratio of the medians: what else the machine does changes from round to round, and less
        # between two measurements in turn.
        ratio = statistics.median(rounds)
        return Row(
            measure,
            "/s",
            ours=medians[0],
            other=medians[1],
            compared_with=compared_with,
            ratio=ratio,
            rounds=rounds,
            goal="" if goal is None else f"≥ {goal:.2f}",
            met=None if goal is None else ratio >= goal,
        )

    def _list_row(self) -> Row:
        many, few = self.samples["list many"], self.samples["list few"]
        rounds = [one / two for one, two in zip(many, few, strict=True)]
        ratio = statistics.median(rounds)
        return Row(
            f"list by username, {MANY:,} pending",
            "ms",
            ours=statistics.median(many),
            other=statistics.median(few),
            compared_with=f"{FEW} pending",
            ratio=ratio,
            rounds=rounds,
            goal="≤ 1.50",
            met=ratio <= 1.5,
        )

    def _start_row(self) -> Row:
        ours, bare = (statistics.median(self.samples[name]) for name in ("start", "start bare"))
        return Row(
            "start to first answer",
            "s",
            ours=ours,
            other=bare,
            compared_with="bare",
            goal="≤ 1.0 s",
            met=ours <= 1.0,
        )

    def memory_rows(self) -> list[Row]:
        """Return what the processes occupy now; nothing where there is no /proc."""
        ours, bare = self._ours.memory(), self._bare.memory()
        if not ours:
            return []
        rows = []
        # Of two processes the second is the worker.
        for name, number in (("worker", 1), ("parent", 0)):
            mine, theirs = ours[number], bare[number]
            goal = {"goal": "≤ 120 MB", "met": mine.resident <= 120} if name == "worker" else {}
            row: dict[str, Any] = {"ours": mine.resident, "other": theirs.resident, **goal}
            rows.append(Row(f"resident memory, {name}", "MB", compared_with="bare", **row))
        if all(process.proportional is not None for process in (*ours, *bare)):
            mine_all, theirs_all = (sum(one.proportional or 0 for one in all_) for all_ in (ours, bare))
            rows.append(
                Row(
                    "memory, both, shared once",
                    "MB",
                    ours=mine_all,
                    other=theirs_all,
                    compared_with="bare",
                )
            )
        return rows


def _ask(server: Server, ask: Ask) -> Response:
    return server.ask(ask.method, ask.target, dict(ask.headers), ask.body or None)


def _answer(server: Server, ask: Ask) -> Answer:
    said = _ask(server, ask)
    if said.status != 200:
        raise LoadFailed(f"{ask.method} {ask.target} was answered with {said.status}: {said.body[:500]!r}")
    return Answer(
        said.status, [(name, value) for name, value in said.headers if name not in ADDED_HEADERS], said.body
    )


def _names(said: Response) -> list[str]:
    return sorted(name for name, _ in said.headers)


def _token(server: Server) -> str:
    basic = b64encode(f"{data.CLIENT_ID}:{data.CLIENT_SECRET}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
    said = server.ask("POST", "/api/oauth/token", headers, "grant_type=client_credentials")
    token: str = msgspec.json.decode(said.body)["access_token"]
    return token
