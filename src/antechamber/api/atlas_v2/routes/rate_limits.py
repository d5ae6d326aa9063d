"""Rows about the rate limits of all other rows."""

from collections.abc import Iterable
from functools import partial

from antechamber.api.atlas_v2 import rate_limits as handlers
from antechamber.api.atlas_v2.routes import families
from antechamber.api.atlas_v2.shapes import rate_limits as shapes
from antechamber.api.wire import media_types, rate_limits
from antechamber.api.wire.operations import Deprecation, Evidence, Operation
from antechamber.api.wire.paging import Paged
from antechamber.domain.permissions import Permission

_VERSIONS = {"2025-03-12": None, media_types.PREVIEW: Deprecation("", "Tue, 21 Apr 2026 00:00:00 GMT")}
_SCOPES = ("groupId", "orgId", "userId", "ipAddress")


def operations(base_path: str, others: Iterable[Operation]) -> tuple[Operation, ...]:
    """Return the rows that tell the rate limits of these rows and of themselves."""
    sets: handlers.Sets = {}
    own: list[Operation] = []
    for version, deprecated in _VERSIONS.items():
        row = partial(
            Operation,
            version=version,
            deprecated=deprecated,
            tag="Rate Limiting",
            endpoints=rate_limits.RATE_LIMITS,
            evidence=Evidence.DOCUMENTED,
            permission=Permission.RATE_LIMITS_READ,
        )
        own.append(
            row(
                "listRateLimits",
                "GET",
                "/rateLimits",
                partial(handlers.list_rate_limits, sets=sets),
                summary="List the rate limits.",
                result=Paged,
                items=shapes.RateLimit,
                parameters=(*_SCOPES, "name", "endpointPath", *families.PAGING[:2]),
            )
        )
        own.append(
            row(
                "getRateLimit",
                "GET",
                "/rateLimits/{endpointSetId}",
                partial(handlers.get_rate_limit, sets=sets),
                summary="Return a rate limit.",
                result=shapes.RateLimit,
                parameters=_SCOPES,
            )
        )
    for one in (*others, *own):
        endpoint = shapes.Endpoint(one.method, f"{base_path}{one.path}".rstrip("/"))
        drawing = sets.setdefault(one.endpoints, [])
        if endpoint not in drawing:
            drawing.append(endpoint)
    return tuple(own)
