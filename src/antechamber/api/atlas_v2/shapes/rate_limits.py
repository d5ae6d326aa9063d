"""Rate limits on the wire. Source: contract, listRateLimits and getRateLimit."""

from msgspec import Struct

from antechamber.api.wire.rate_limits import EndpointSet
from antechamber.domain.rate_limits import REFILL_SECONDS

SCOPES = {"orgId": "ORGANIZATION", "groupId": "GROUP", "": "USER"}


class AppliedNumber(Struct):
    """A number that applies; none is overridden, so the default is not shown beside it."""

    value: int


class Endpoint(Struct, frozen=True, order=True):
    """An operation that draws on a bucket."""

    method: str
    path: str


class RateLimit(Struct, rename="camel"):
    """A bucket and what draws on it."""

    capacity: AppliedNumber
    endpoint_set_id: str
    endpoint_set_name: str
    endpoints: list[Endpoint]
    refill_duration_seconds: AppliedNumber
    refill_rate: AppliedNumber
    scope: str


def rate_limit(one: EndpointSet, endpoints: list[Endpoint]) -> RateLimit:
    """Return the shape of a rate limit, 2025-03-12 and preview."""
    return RateLimit(
        AppliedNumber(one.capacity),
        one.id,
        one.name,
        endpoints,
        AppliedNumber(REFILL_SECONDS),
        AppliedNumber(one.refill),
        SCOPES[one.key],
    )
