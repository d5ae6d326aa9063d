"""The load tool of last resort: HTTP/1.1 with keep-alive on asyncio, in a process of its own.

`python -m bench.client FILE` reads a `Work` as JSON and prints an `Outcome` as JSON. Of an answer it reads
what it must: the status, the length, and that all of it came.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from itertools import cycle
from pathlib import Path
from typing import cast

import msgspec

PATIENCE_SECONDS = 10


class Work(msgspec.Struct, frozen=True):
    """What to send.

    head: the request up to its last header line, without the empty line. answers: values of Authorization,
    one a request, connection n taking each `connections`-th from the n-th on; empty for no such header.
    """

    host: str
    port: int
    connections: int
    seconds: float
    head: str
    body: str
    answers: list[str]


class Outcome(msgspec.Struct, frozen=True):
    """What came back.

    seconds: how long it took. failures: statuses over 399. p50_ms, p99_ms: latencies. busy: the share of
    the time that the tool itself was at work; near 1 the tool is what is measured.
    """

    requests: int
    seconds: float
    failures: int
    p50_ms: float
    p99_ms: float
    busy: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


class _Connection(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes], deadline: float) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.failures = 0
        self.latencies: list[float] = []
        self._requests = requests
        self._deadline = deadline
        self._received = b""
        self._began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's is one by what it does, not by its class.
        self._transport = cast("asyncio.WriteTransport", transport)
        self._send()

    def _send(self) -> None:
        self._began = time.perf_counter()
        self._transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        if self._received:
            data = self._received + data
        end = data.find(b"\r\n\r\n")
        if end < 0 or len(data) < end + 4 + _length(data, end):
            self._received = data
            return
        self._received = b""
        now = time.perf_counter()
        self.latencies.append(now - self._began)
        if data[9] >= ord("4"):
            self.failures += 1
        if now < self._deadline:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if time.perf_counter() < self._deadline:
            self.done.set_exception(exc or ConnectionResetError("the server closed a connection"))
        else:
            self.done.set_result(None)


def _length(data: bytes, end: int) -> int:
    at = data.find(b"\r\ncontent-length: ", 0, end)
    if at < 0:
        if b"\r\ntransfer-encoding: " in data[:end]:
            raise NotImplementedError("an answer without a length")
        return 0
    return int(data[at + 18 : data.index(b"\r", at + 18)])


async def _run(work: Work) -> Outcome:
    loop = asyncio.get_running_loop()
    requests = [_requests(work, number) for number in range(work.connections)]
    busy_before, began = time.process_time(), time.perf_counter()
    deadline = began + work.seconds
    made = await asyncio.gather(
        *(
            loop.create_connection(partial(_Connection, own, deadline), work.host, work.port)
            for own in requests
        )
    )
    connections = [protocol for _, protocol in made]
    async with asyncio.timeout(work.seconds + PATIENCE_SECONDS):
        await asyncio.gather(*(connection.done for connection in connections))
    seconds = time.perf_counter() - began
    latencies = sorted(latency for connection in connections for latency in connection.latencies)
    return Outcome(
        requests=len(latencies),
        seconds=seconds,
        failures=sum(connection.failures for connection in connections),
        p50_ms=latencies[len(latencies) // 2] * 1000,
        p99_ms=latencies[len(latencies) * 99 // 100] * 1000,
        busy=(time.process_time() - busy_before) / seconds,
    )


def _requests(work: Work, number: int) -> Iterator[bytes]:
    rest = f"\r\n\r\n{work.body}"
    if not work.answers:
        return cycle([f"{work.head}{rest}".encode()])
    return cycle(
        [
            f"{work.head}\r\nAuthorization: {answer}{rest}".encode()
            for answer in work.answers[number :: work.connections]
        ]
    )


def main() -> None:
    """Do the work in the file that the command line names."""
    work = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Work)
    if find_spec("uvloop"):
        import uvloop

        outcome = uvloop.run(_run(work))
    else:
        outcome = asyncio.run(_run(work))
    sys.stdout.buffer.write(msgspec.json.encode(outcome))


if __name__ == "__main__":
    main()
