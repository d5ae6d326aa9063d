"""One run of the benchmark: measurements that take turns, round by round, and what they come to."""

import operator
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from bench import load
from bench.client import Outcome
from bench.load import CONNECTIONS, Ask
from bench.report import Row
from bench.servers import Server

# Above this share of its time the load tool, and not the server, may be what is measured.
BUSY = 0.9
MOST_SIGNED_A_SECOND = 100_000
_KEPT = {"≥": operator.ge, "≤": operator.le}


class Turn(NamedTuple):
    """One measurement: its name, and what measures for some seconds."""

    name: str
    measure: Callable[[int], Outcome | float]


class Run:
    """The samples of a run, by name: rates, or whatever a turn returns.

    What was pressed by the load tool has its latencies at "NAME p50" and "NAME p99", in milliseconds.
    """

    def __init__(self, folder: Path, *, rounds: int, seconds: int, starts: int, own: bool) -> None:
        """Prepare a run.

        folder: an existing one, on the disk to measure. seconds: how long each measurement takes. starts: how
        often servers are started to see how long that takes. own: press with our own client, wrk or not.
        """
        self.folder, self.starts, self.own = folder, starts, own
        self._rounds, self._seconds = rounds, seconds
        self.samples: dict[str, list[float]] = {}
        self._busy: dict[str, list[float]] = {}

    def measure(self, *turns: Turn) -> None:
        """Let the turns follow each other, every other round backwards, after a round that does not count."""
        for turn in turns:
            turn.measure(1)
        for number in range(self._rounds):
            for turn in reversed(turns) if number % 2 else turns:
                measured = turn.measure(self._seconds)
                if isinstance(measured, float):
                    self.keep(turn.name, measured)
                    continue
                self.keep(turn.name, measured.rate)
                self.keep(f"{turn.name} p50", measured.p50_ms)
                self.keep(f"{turn.name} p99", measured.p99_ms)
                self._busy.setdefault(turn.name, []).append(measured.busy)

    def keep(self, name: str, sample: float) -> None:
        """Keep one sample."""
        self.samples.setdefault(name, []).append(sample)

    def pressed(self, name: str, server: Server, ask: Ask, *, connections: int = CONNECTIONS) -> Turn:
        """Return the turn in which a request is sent over and over."""
        return Turn(
            name,
            lambda seconds: load.press(server.port, ask, seconds, own=self.own, connections=connections),
        )

    def signed(self, name: str, server: Server, ask: Ask, key: load.Key, minting: Server) -> Turn:
        """Return the turn in which each request has a Digest answer of its own. minting: who mints nonces."""

        def measure(seconds: int) -> Outcome:
            # Twice what was answered last time: running out would mean to repeat answers, which are refused.
            most = 2 * self.samples.get(name, [MOST_SIGNED_A_SECOND / 2])[-1]
            answers = load.signed(minting.port, ask, key, int(most * seconds))
            return load.press(server.port, ask, seconds, answers, own=self.own)

        return Turn(name, measure)

    def row(
        self, measure: str, ours: str, other: str, compared_with: str, goal: str = "", unit: str = "/s"
    ) -> Row:
        """Return the row that compares two turns. goal: of the ratio, such as "≥ 0.60"."""
        # Not the ratio of the medians: what else the machine does changes from round to round, and less
        # between two measurements in turn.
        rounds = [one / two for one, two in zip(self.samples[ours], self.samples[other], strict=True)]
        ratio = statistics.median(rounds)
        return Row(
            measure,
            unit,
            ours=self.median(ours),
            p50=self._latency(ours, "p50"),
            p99=self._latency(ours, "p99"),
            other=self.median(other),
            compared_with=compared_with,
            ratio=ratio,
            rounds=rounds,
            goal=goal,
            met=is_met(ratio, goal),
        )

    def single(self, measure: str, name: str, unit: str = "/s", goal: str = "") -> Row:
        """Return the row of one turn. goal: of its number, such as "≤ 50 ms"."""
        return Row(
            measure,
            unit,
            ours=self.median(name),
            p50=self._latency(name, "p50"),
            p99=self._latency(name, "p99"),
            goal=goal,
            met=is_met(self.median(name), goal),
        )

    def median(self, name: str) -> float:
        """Return the median of a name's samples."""
        return statistics.median(self.samples[name])

    def _latency(self, name: str, which: str) -> float | None:
        return self.median(f"{name} {which}") if f"{name} {which}" in self.samples else None

    def notes(self) -> list[str]:
        """Return where the load tool was the limit, which would flatter us in a comparison with bare."""
        if not self._busy:
            return []
        shares = {name: statistics.median(shares) for name, shares in self._busy.items()}
        tool = "own client" if self.own else load.tool()
        busiest = max(shares, key=lambda name: shares[name])
        said = [f"load tool: {tool}, busy at most {shares[busiest]:.0%} of its time ({busiest})"]
        too_busy = [name for name, share in shares.items() if share > BUSY]
        if too_busy:
            said.append(f"the load tool was the limit of {', '.join(too_busy)}: the servers may do more")
        return said


def is_met(value: float, goal: str) -> bool | None:
    """Return whether a goal such as "≥ 0.60" or "≤ 50 ms" is met, None where there is none."""
    if not goal:
        return None
    sign, limit, *_ = goal.split()
    return bool(_KEPT[sign](value, float(limit)))


def plain_loop(name: str, once: Callable[[], object]) -> Turn:
    """Return the turn in which something is done over and over in this thread; its number is the rate."""

    def measure(seconds: int) -> float:
        done, began = 0, time.perf_counter()
        while time.perf_counter() - began < seconds:
            once()
            done += 1
        return done / (time.perf_counter() - began)

    return Turn(name, measure)
