"""What is written down of every request: a line in the log, and numbers for Prometheus.

Never a body, a secret, an e-mail address or a raw path (SECURITY-MODEL "Log, proxy, workers").
"""

import os
import sys
import traceback
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path

import msgspec
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric

from antechamber.api.request_cycle import Observation
from antechamber.domain.callers import CallerKind

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BOUNDS_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)


class _Seen(msgspec.Struct, array_like=True):
    """What was seen of one operation and status: how often, how long in all, how many in each bucket."""

    count: int
    seconds: float
    buckets: list[int]


_Numbers = dict[str, dict[int, _Seen]]


class _Published(msgspec.Struct, array_like=True):
    """What one worker has seen: requests, mail by what became of it, how much of it waits."""

    requests: _Numbers
    mail: dict[str, int]
    queued_mail: int = 0


class Metrics:
    """Requests by operation and status, and how long they took.

    A request adds to plain numbers, which costs a tenth of adding to the library's own; they become
    metrics when they are asked for. folder: where the workers of one server keep their numbers, so that
    any of them can tell the sum; None for a single worker.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._numbers: _Numbers = {}
        self._own = _Published(self._numbers, {})

    def count_mail(self, fate: str) -> None:
        """Take down what became of one message: sent, failed for now, dead, or needless."""
        self._own.mail[fate] = self._own.mail.get(fate, 0) + 1

    def set_queued_mail(self, messages: int) -> None:
        """Take down how many messages wait, of all servers together."""
        self._own.queued_mail = messages

    def count(self, operation_id: str, status: int, seconds: float) -> None:
        """Take down one request."""
        by_status = self._numbers.setdefault(operation_id, {})
        seen = by_status.get(status)
        if seen is None:
            seen = by_status[status] = _Seen(0, 0.0, [0] * (len(_BOUNDS_SECONDS) + 1))
        seen.count += 1
        seen.seconds += seconds
        seen.buckets[bisect_left(_BOUNDS_SECONDS, seconds)] += 1

    def publish(self) -> None:
        """Put this worker's numbers where the others find them."""
        if self._folder is not None:
            path = self._folder / f"{os.getpid()}.json"
            path.with_suffix(".new").write_bytes(msgspec.json.encode(self._own))
            path.with_suffix(".new").replace(path)

    def text(self) -> bytes:
        """Return the numbers of all workers in the Prometheus text format."""
        self.publish()
        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        return generate_latest(registry)

    def collect(self) -> Iterator[Metric]:
        """Return the metrics, for the library's registry."""
        requests = CounterMetricFamily(
            "antechamber_requests", "Requests answered.", labels=("operation", "status")
        )
        seconds = HistogramMetricFamily(
            "antechamber_request_seconds", "Time to the answer.", labels=("operation",)
        )
        published = self._sum()
        for operation_id, by_status in published.requests.items():
            buckets = [0] * (len(_BOUNDS_SECONDS) + 1)
            for status, seen in by_status.items():
                requests.add_metric((operation_id, str(status)), seen.count)
                buckets = [a + b for a, b in zip(buckets, seen.buckets, strict=True)]
            bounds = [*(str(bound) for bound in _BOUNDS_SECONDS), "+Inf"]
            total = sum(seen.seconds for seen in by_status.values())
            seconds.add_metric((operation_id,), list(zip(bounds, accumulate(buckets), strict=True)), total)
        yield requests
        yield seconds
        mail = CounterMetricFamily("antechamber_mail", "Attempts to send mail.", labels=("fate",))
        for fate, messages in published.mail.items():
            mail.add_metric((fate,), messages)
        yield mail
        yield GaugeMetricFamily("antechamber_mail_queued", "Mail that waits.", value=published.queued_mail)

    def _sum(self) -> _Published:
        if self._folder is None:
            return self._own
        both = _Published({}, {})
        total = both.requests
        for path in self._folder.glob("*.json"):
            published = _DECODE(path.read_bytes())
            both.queued_mail = max(both.queued_mail, published.queued_mail)
            for fate, messages in published.mail.items():
                both.mail[fate] = both.mail.get(fate, 0) + messages
            for operation_id, by_status in published.requests.items():
                for status, seen in by_status.items():
                    before = total.setdefault(operation_id, {}).get(status)
                    if before is None:
                        total[operation_id][status] = seen
                        continue
                    before.count += seen.count
                    before.seconds += seen.seconds
                    before.buckets = [a + b for a, b in zip(before.buckets, seen.buckets, strict=True)]
        return both


_DECODE = msgspec.json.Decoder(_Published).decode


class _Line(msgspec.Struct, omit_defaults=True):
    time: str
    level: str
    event: str
    request: str
    operation: str
    method: str
    status: int
    milliseconds: float
    principal: str = ""
    organization: str = ""
    address: str = ""
    error: str = ""


class RequestLog:
    """One JSON line a request on stderr, written in batches.

    schedule: calls a function some time later; a line that cannot wait is written at once.
    """

    def __init__(self, schedule: Callable[[Callable[[], None]], object]) -> None:
        self._schedule = schedule
        self._waiting: list[bytes] = []
        self._encode = msgspec.json.Encoder().encode

    def write(self, seen: Observation) -> None:
        """Take down one request; an error of ours with its trace."""
        caller = seen.caller
        principal = ""
        if caller is not None:
            # A person's name is an e-mail address: the id stands for it.
            principal = caller.id if caller.kind is CallerKind.USER else caller.name
        line = _Line(
            time=datetime.now(UTC).isoformat(timespec="milliseconds"),
            level="error" if seen.error is not None else "info",
            event="request",
            request=seen.request_id,
            operation=seen.operation_id,
            method=seen.method,
            status=seen.status,
            milliseconds=round(seen.seconds * 1000, 3),
            principal=principal,
            organization=caller.organization.id if caller is not None else "",
            address=seen.address,
            error="".join(traceback.format_exception(seen.error)) if seen.error is not None else "",
        )
        self._waiting.append(self._encode(line))
        if seen.error is not None:
            self.flush()
        elif len(self._waiting) == 1:
            self._schedule(self.flush)

    def tell(self, event: str, facts: Mapping[str, str]) -> None:
        """Write down something else that went wrong."""
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "level": "warning",
            "event": event,
        }
        self._waiting.append(self._encode({**line, **facts}))
        self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if self._waiting:
            lines = b"\n".join(self._waiting) + b"\n"
            self._waiting.clear()
            sys.stderr.buffer.write(lines)
            sys.stderr.buffer.flush()
