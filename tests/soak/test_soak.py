"""Every hot path for as long as SOAK_SECONDS says, half of it on each engine: fast to the end, memory flat.

Flat means: the median of the resident memory in the last quarter of the time is at most a tenth and four
megabytes above that of the second quarter, for each worker; the first quarter fills the caches.
"""

import itertools
import os
import statistics
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from tests.api.desk import Client, Office, Server
from tests.cli.program import children
from tests.faults.starting import Start

SECONDS = float(os.environ.get("SOAK_SECONDS", "600")) / 2
THREADS = 6
SAMPLE_SECONDS = 0.5
GROWTH, ALLOWANCE_MEGABYTES = 1.1, 4.0
# Nothing that hangs passes: what is measured besides is printed, for a reader to judge.
SLOWEST_SECONDS = 2.0
EVENTS_PAGE = "/events?itemsPerPage=100"


class Caller(threading.Thread):
    """Goes round all hot paths until told to stop; keeps how long each answer took, in seconds."""

    def __init__(self, server: Server, stopping: threading.Event) -> None:
        super().__init__(daemon=True)
        self.server, self.office, self.stopping = server, server.office(), stopping
        self.took: dict[str, list[float]] = defaultdict(list)
        self.wrong: list[str] = []
        self.digest = server.digest("frontown")

    def run(self) -> None:
        """Ask."""
        for number in itertools.count():
            if self.stopping.is_set():
                return
            for name, ask, status in self._round(self.office, number):
                began = time.perf_counter()
                answer = ask()
                self.took[name].append(time.perf_counter() - began)
                if answer.status_code != status:
                    self.wrong.append(f"{name}: {answer.status_code} {answer.text}")
                    self.stopping.set()
                    return

    def _round(
        self, office: Office, number: int
    ) -> Iterator[tuple[str, Callable[[], requests.Response], int]]:
        client, made = office.client, {}
        username = f"soak{number}@guest.example"

        def create() -> requests.Response:
            answer = client.post(office.invites, {"username": username, "roles": ["ORG_MEMBER"]})
            made.update(answer.json())
            return answer

        yield "create", create, 200
        one = f"{office.invites}/{made['id']}"
        for _ in range(3):
            yield "get", lambda: client.get(one), 200
        yield "list by username", lambda: client.get(f"{office.invites}?username={username}"), 200
        yield "change", lambda: client.patch(one, {"roles": ["ORG_READ_ONLY"]}), 200
        yield "list", lambda: client.get(office.invites), 200
        yield "users", lambda: client.get(f"{office.path}/users"), 200
        yield "events", lambda: client.get(f"{office.path}{EVENTS_PAGE}"), 200
        yield "get by Digest", lambda: self.digest.get("/orgs"), 200
        yield "delete", lambda: client.delete(one), 204
        if number % 20 == 0:
            yield "token", self._new_token, 200

    def _new_token(self) -> requests.Response:
        answer = requests.post(
            f"{self.server.url}/api/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(self.office.client_id, self.office.client_secret),
            timeout=30,
        )
        if answer.ok:
            auth: Any = self.office.client.session.auth
            self.office.client = Client(self.server.url, type(auth)(answer.json()["access_token"]))
        return answer


@pytest.mark.soak
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_memory_stays_flat_and_answers_fast_under_every_kind_of_load(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = request.getfixturevalue("postgres_url") if engine == "postgresql" else None
    stopping = threading.Event()
    with Start(tmp_path, url) as start:
        server = start(workers=2 if url else 1)
        callers = [Caller(server, stopping) for _ in range(THREADS)]
        for caller in callers:
            caller.start()
        samples = _watch(children(server.process.pid), stopping)
        stopping.set()
        for caller in callers:
            caller.join(30)
        assert not [wrong for caller in callers for wrong in caller.wrong]
    _print(engine, callers, samples)
    for megabytes in samples.values():
        second, last = _median_of_quarter(megabytes, 1), _median_of_quarter(megabytes, 3)
        assert last <= second * GROWTH + ALLOWANCE_MEGABYTES, f"memory grew from {second} to {last} MB"
    slowest = max(max(taken) for caller in callers for taken in caller.took.values())
    assert slowest < SLOWEST_SECONDS


def _watch(workers: list[int], stopping: threading.Event) -> dict[int, list[float]]:
    """Return the resident memory of each worker in megabytes, sampled until the time is over."""
    samples: dict[int, list[float]] = {worker: [] for worker in workers}
    until = time.monotonic() + SECONDS
    while time.monotonic() < until and not stopping.wait(SAMPLE_SECONDS):
        for worker in workers:
            status = Path("/proc", str(worker), "status").read_text()
            resident = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
            samples[worker].append(int(resident.split()[1]) / 1024)
    return samples


def _median_of_quarter(samples: list[float], quarter: int) -> float:
    size = len(samples) // 4
    return round(statistics.median(samples[quarter * size : (quarter + 1) * size]), 1)


def _print(engine: str, callers: list[Caller], samples: dict[int, list[float]]) -> None:
    every: dict[str, list[float]] = defaultdict(list)
    for caller in callers:
        for name, taken in caller.took.items():
            every[name] += taken
    total = sum(map(len, every.values()))
    print(f"\n{engine}: {total} requests in {SECONDS:.0f} s from {THREADS} clients")  # noqa: T201
    for name, taken in every.items():
        taken.sort()
        median, slow = taken[len(taken) // 2] * 1000, taken[int(len(taken) * 0.99)] * 1000
        print(f"  {name:18} {len(taken):8} times  p50 {median:7.1f} ms  p99 {slow:7.1f} ms")  # noqa: T201
    for megabytes in samples.values():
        quarters = ", ".join(f"{_median_of_quarter(megabytes, quarter)}" for quarter in range(4))
        print(f"  resident memory by quarters of the time: {quarters} MB")  # noqa: T201
