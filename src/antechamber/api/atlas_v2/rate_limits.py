"""Operations on rate limits."""

import ipaddress
from typing import Any

from antechamber.api.atlas_v2.shapes import rate_limits as shapes
from antechamber.api.wire.errors import InvalidQueryParameter
from antechamber.api.wire.operations import Call
from antechamber.api.wire.paging import paged
from antechamber.api.wire.rate_limits import EndpointSet
from antechamber.domain.errors import NotAuthorized, ResourceNotFound
from antechamber.domain.ids import is_id
from antechamber.domain.paging import Page
from antechamber.domain.permissions import Permission
from antechamber.usecases import access

# Which endpoints draw on which bucket.
Sets = dict[EndpointSet, list[shapes.Endpoint]]


async def list_rate_limits(call: Call, *, sets: Sets) -> Any:
    """Return the rate limits, those of one scope if one is named."""
    scope = await _scope(call)
    names, paths = call.query.texts("name"), call.query.texts("endpointPath")
    chosen = [
        (one, endpoints)
        for one, endpoints in sets.items()
        if (scope is None or one.key == scope)
        and (not names or one.name in names)
        and (not paths or any(endpoint.path in paths for endpoint in endpoints))
    ]
    request = call.query.page()
    page = Page(chosen[request.offset : request.offset + request.size], len(chosen), request)
    return paged(
        page,
        lambda one: shapes.rate_limit(*one),
        base_url=call.base_url,
        path=call.path,
        query=call.query,
    )


async def get_rate_limit(call: Call, *, sets: Sets) -> Any:
    """Return one rate limit."""
    scope = await _scope(call)
    for one, endpoints in sets.items():
        if one.id == call.parameters["endpointSetId"] and scope in (None, one.key):
            return shapes.rate_limit(one, endpoints)
    raise ResourceNotFound(call.path)


async def _scope(call: Call) -> str | None:
    """Return the key of the endpoint sets asked for, None for all.

    "ip" has none here. Raises InvalidQueryParameter, and the refusal for what is not the caller's own.
    """
    scope = None
    organization_id, project_id = call.query.text("orgId"), call.query.text("groupId")
    if project_id is not None:
        if not is_id(project_id):
            raise InvalidQueryParameter("groupId")
        await access.project(call.tx, call.caller, project_id, to=Permission.PROJECT_READ)
        scope = "groupId"
    if organization_id is not None:
        if not is_id(organization_id):
            raise InvalidQueryParameter("orgId")
        await access.organization(call.tx, call.caller, organization_id, to=Permission.ORGANIZATION_READ)
        scope = _only(scope, "orgId")
    if (user_id := call.query.text("userId")) is not None:
        if user_id != call.caller.id:
            raise NotAuthorized
        scope = _only(scope, "")
    if (address := call.query.text("ipAddress")) is not None:
        try:
            same = ipaddress.ip_address(address) == ipaddress.ip_address(call.caller.address)
        except ValueError:
            raise InvalidQueryParameter("ipAddress") from None
        if not same:
            raise NotAuthorized
        scope = _only(scope, "ip")
    return scope


def _only(before: str | None, scope: str) -> str:
    """Return the one scope that is named: two of them have no endpoint set in common."""
    return scope if before is None else "none"
