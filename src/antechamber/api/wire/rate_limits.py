"""Token buckets: how much of a resource one organization, project or caller may use.

Source of capacities: contract, WIRE.md section 12.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

REFILL_SECONDS = 60
_MOST_BUCKETS = 100_000


@dataclass(frozen=True, slots=True)
class EndpointSet:
    """Operations that draw on one bucket. key: the path parameter that names whose it is, "" the caller."""

    name: str
    key: str
    capacity: int
    refill: int


ORGANIZATIONS = EndpointSet("Organizations", "orgId", 500, 250)
ORGANIZATIONS_OF_CALLER = EndpointSet("Organizations of caller", "", 300, 100)
PROJECTS = EndpointSet("Projects", "groupId", 1200, 500)
PROJECTS_OF_CALLER = EndpointSet("Projects of caller", "", 1200, 500)
TEAMS = EndpointSet("Teams", "orgId", 1200, 500)
ROOT = EndpointSet("Root", "", 300, 100)


class Buckets:
    """The buckets as this process has counted them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        # Tokens left, and when that was; by endpoint set and whose bucket it is.
        self._levels: dict[tuple[str, str], tuple[float, float]] = {}

    def take(self, endpoints: EndpointSet, whose: str) -> int:
        """Take one token; return how many are left, not below zero."""
        now = self._clock()
        key = (endpoints.name, whose)
        before = self._levels.get(key)
        if before is None:
            if len(self._levels) >= _MOST_BUCKETS:
                self._levels.clear()
            level = endpoints.capacity - 1.0
        else:
            level = before[0] + (now - before[1]) * endpoints.refill / REFILL_SECONDS
            level = max(0.0, min(endpoints.capacity, level) - 1.0)
        self._levels[key] = (level, now)
        return int(level)
