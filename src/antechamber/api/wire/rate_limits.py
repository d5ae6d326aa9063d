"""Token buckets: how much of a resource one organization, project, caller or address may use.

Each process counts in its own memory and agrees with the others about once a second
(docs/decisions/0004-rate-limits.md).
Source of capacities: contract, WIRE.md section 12; SECURITY-MODEL "Limits" for wrong credentials.
"""

import hashlib
import ipaddress
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from antechamber.api.wire.errors import RateLimited, RateLimitedBucket, RateLimitedInvitations
from antechamber.domain.rate_limits import REFILL_SECONDS, Agreed, BucketKey, Taken

_MOST_BUCKETS = 100_000
_MOST_EXCHANGED = 500


@dataclass(frozen=True, slots=True)
class EndpointSet:
    """Operations that draw on one bucket.

    id: stable, for getRateLimit and for other processes. key: the path parameter that names whose bucket
    it is, "" for the caller's own.
    """

    id: str
    name: str
    key: str
    capacity: int
    refill: int


_ORG, _GROUP, _CALLER = "orgId", "groupId", ""

ORGANIZATIONS = EndpointSet("organizations", "Organizations", _ORG, 500, 250)
ORGANIZATIONS_OF_CALLER = EndpointSet("organizations-of-user", "Organizations", _CALLER, 300, 100)
ORGANIZATION_SETTINGS = EndpointSet("organization-settings", "Organization Settings", _ORG, 10, 5)
PROJECTS = EndpointSet("projects", "Projects", _GROUP, 1200, 500)
PROJECTS_OF_CALLER = EndpointSet("projects-of-user", "Projects", _CALLER, 1200, 500)
PROJECT_USERS = EndpointSet("project-users", "MongoDB Cloud Users", _GROUP, 1200, 500)
ORGANIZATION_USERS = EndpointSet("organization-users", "MongoDB Cloud Users", _ORG, 500, 250)
USERS = EndpointSet("users", "MongoDB Cloud Users", _CALLER, 2500, 2000)
TEAMS = EndpointSet("organization-teams", "Teams", _ORG, 1200, 500)
PROJECT_TEAMS = EndpointSet("project-teams", "Teams", _GROUP, 1200, 500)
PROJECT_API_KEYS = EndpointSet("project-api-keys", "Programmatic API Keys", _GROUP, 1200, 500)
ORGANIZATION_API_KEYS = EndpointSet("organization-api-keys", "Programmatic API Keys", _ORG, 500, 250)
PROJECT_SERVICE_ACCOUNTS = EndpointSet("project-service-accounts", "Service Accounts", _GROUP, 1200, 500)
ORGANIZATION_SERVICE_ACCOUNTS = EndpointSet(
    "organization-service-accounts", "Service Accounts", _ORG, 500, 250
)
PROJECT_EVENTS = EndpointSet("project-events", "Events", _GROUP, 300, 100)
ORGANIZATION_EVENTS = EndpointSet("organization-events", "Events", _ORG, 500, 250)
EVENT_TYPES = EndpointSet("event-types", "Event Types", _CALLER, 300, 100)
ROOT = EndpointSet("root", "Root", _CALLER, 300, 100)
RATE_LIMITS = EndpointSet("rate-limits", "Rate Limiting", _CALLER, 300, 100)

# No endpoint draws on these; whose they are is an address, or an address and what was presented there.
_WRONG_CREDENTIALS = EndpointSet("wrong-credentials", "", _CALLER, 20, 20)
_WRONG_CREDENTIALS_OF_ADDRESS = EndpointSet("wrong-credentials-of-address", "", _CALLER, 100, 100)
# Behind the setting `quirks`.
_INVITATIONS = EndpointSet("invitations-of-address", "", _CALLER, 10, 10)
_TOKENS = EndpointSet("tokens-of-client", "", _CALLER, 10, 10)
INVITING = frozenset(
    {
        "createOrgInvite",
        "createGroupInvite",
        "addGroupAccessUser",
        "createOrgUser",
        "addGroupUsers",
        "createUser",
    }
)


class _Bucket:
    """level: tokens left at `at`, by the process's clock. taken: since it was last agreed upon."""

    __slots__ = ("at", "endpoints", "level", "taken")

    def __init__(self, endpoints: EndpointSet, at: float) -> None:
        self.endpoints = endpoints
        self.level = float(endpoints.capacity)
        self.at = at
        self.taken = 0


class Buckets:
    """The buckets as this process has counted them.

    refuses: an empty bucket refuses; otherwise it is only shown. quirks: the two odd limits hold too.
    """

    def __init__(
        self, *, refuses: bool = False, quirks: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._refuses = refuses
        self._quirks = quirks
        self._clock = clock
        # By endpoint set and whose bucket it is.
        self._buckets: dict[BucketKey, _Bucket] = {}

    def take(self, endpoints: EndpointSet, whose: str, path: str) -> int:
        """Take one token; return how many are left. path: of the request, for the refusal.

        Raises RateLimitedBucket.
        """
        left = self._take(endpoints, whose)
        if left >= 0:
            return left
        if self._refuses:
            raise RateLimitedBucket(
                path.lstrip("/"),
                self._wait_seconds(endpoints, whose),
                endpoints.capacity,
                endpoints.refill,
                REFILL_SECONDS,
            )
        return 0

    def give_back(self, endpoints: EndpointSet, whose: str) -> None:
        """Undo a take, for a caller who turned out to have nothing to do with the bucket's owner."""
        bucket = self._buckets.get((endpoints.id, whose))
        if bucket is not None and bucket.taken > 0:
            bucket.taken -= 1
            bucket.level += 1.0

    def wrong_credentials(self, address: str, presented: str, path: str) -> None:
        """Count an attempt with wrong credentials.

        presented: the public key or client id, or a token. Raises RateLimited when there were too many
        from this address. Right credentials are never asked for a token here: nobody is locked out.
        """
        network = network_of(address)
        named = hashlib.sha256(presented.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        for endpoints, whose in (
            (_WRONG_CREDENTIALS, f"{network} {named}"),
            (_WRONG_CREDENTIALS_OF_ADDRESS, network),
        ):
            if self._take(endpoints, whose) < 0 and self._refuses:
                raise RateLimited(
                    path.lstrip("/"), endpoints.capacity, 1, self._wait_seconds(endpoints, whose)
                )

    def invitation(self, address: str) -> None:
        """Count an invitation from an address. Raises RateLimitedInvitations.

        Source: contract, ERRORS.md "Invitations".
        """
        if self._quirks and self._take(_INVITATIONS, network_of(address)) < 0:
            raise RateLimitedInvitations(_INVITATIONS.capacity, 1)

    def token(self, client_id: str, path: str) -> None:
        """Count an access token issued to a client. Raises RateLimited.

        Source: contract, WIRE.md section 9.
        """
        if self._quirks and self._take(_TOKENS, client_id[:64]) < 0:
            raise RateLimited(path, _TOKENS.capacity, 1, self._wait_seconds(_TOKENS, client_id[:64]))

    def _take(self, endpoints: EndpointSet, whose: str) -> int:
        """Take one token; return how many are left, -1 when there was none to take."""
        now = self._clock()
        key = (endpoints.id, whose)
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= _MOST_BUCKETS:
                self._buckets.clear()
            bucket = self._buckets[key] = _Bucket(endpoints, now)
        level = bucket.level + (now - bucket.at) * endpoints.refill / REFILL_SECONDS
        if level > endpoints.capacity:
            level = float(endpoints.capacity)
        bucket.at = now
        if level < 1.0:
            bucket.level = level
            return -1
        bucket.level = level = level - 1.0
        bucket.taken += 1
        return int(level)

    def _wait_seconds(self, endpoints: EndpointSet, whose: str) -> int:
        """Return how long it takes until there is a token again."""
        bucket = self._buckets[endpoints.id, whose]
        return max(1, math.ceil((1.0 - bucket.level) * REFILL_SECONDS / endpoints.refill))

    def taken(self) -> list[Taken]:
        """Return what was taken since it was last agreed upon, and count it as told.

        At most _MOST_EXCHANGED buckets, those first from which most was taken; the rest comes next time.
        """
        touched = [key for key, bucket in self._buckets.items() if bucket.taken]
        if len(touched) > _MOST_EXCHANGED:
            touched = sorted(touched, key=lambda key: -self._buckets[key].taken)[:_MOST_EXCHANGED]
        told = []
        # In one order everywhere, so that processes do not wait for each other in a circle.
        for key in sorted(touched):
            bucket = self._buckets[key]
            told.append(Taken(key, bucket.taken, bucket.endpoints.capacity, bucket.endpoints.refill))
            bucket.taken = 0
        return told

    def not_told(self, taken: Iterable[Taken]) -> None:
        """Count as not told after all what `taken` returned."""
        for one in taken:
            bucket = self._buckets.get(one.key)
            if bucket is not None:
                bucket.taken += one.taken

    def agree(self, agreed: Iterable[Agreed]) -> None:
        """Go on from the levels that all processes agree upon."""
        now = self._clock()
        for one in agreed:
            bucket = self._buckets.get(one.key)
            if bucket is not None:
                bucket.level = one.level - bucket.taken
                bucket.at = now

    def forget_full(self) -> None:
        """Forget buckets that are full again: a new one would be the same."""
        now = self._clock()
        for key, bucket in list(self._buckets.items()):
            refilled = bucket.level + (now - bucket.at) * bucket.endpoints.refill / REFILL_SECONDS
            if not bucket.taken and refilled >= bucket.endpoints.capacity:
                del self._buckets[key]


def network_of(address: str) -> str:
    """Return what counts as one address: an IPv4 address, or the /64 that an IPv6 address is in."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
