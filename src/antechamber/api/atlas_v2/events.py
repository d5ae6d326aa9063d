"""Operations on events."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from antechamber.api.atlas_v2.shapes import events as shapes
from antechamber.api.wire.errors import InvalidDate, InvalidEnumValue
from antechamber.api.wire.operations import Call
from antechamber.api.wire.paging import Paged, paged
from antechamber.api.wire.queries import Query
from antechamber.domain import event_types
from antechamber.domain.errors import InvalidDateRange
from antechamber.domain.events import Event
from antechamber.domain.paging import Page
from antechamber.usecases import events
from antechamber.usecases.events import Names, Wanted


async def list_event_types(call: Call) -> Any:
    """Return the catalogue of event types, by name."""
    request = call.query.page()
    every = list(event_types.CATALOGUE.values())
    page = Page(every[request.offset : request.offset + request.size], len(every), request)
    return paged(page, shapes.event_type, base_url=call.base_url, path=call.path, query=call.query)


async def list_org_events(call: Call) -> Any:
    """Return events of an organization, newest first."""
    page, names = await events.list_of_organization(
        call.tx,
        call.caller,
        organization_id=call.parameters["orgId"],
        wanted=_wanted(call.query, event_types.CATALOGUE),
        page=call.query.page(),
        counted=call.query.flag("includeCount", default=True),
        named=call.query.flag("includeRaw"),
    )
    return _paged(call, page, names)


async def get_org_event(call: Call) -> Any:
    """Return one event of an organization."""
    event, names = await events.get_of_organization(
        call.tx,
        call.caller,
        organization_id=call.parameters["orgId"],
        event_id=call.parameters["eventId"],
        named=call.query.flag("includeRaw"),
    )
    return shapes.event(event, names, call.api_url, with_raw=call.query.flag("includeRaw"))


async def list_group_events(call: Call) -> Any:
    """Return events of a project, newest first. There are no clusters, so their names choose nothing."""
    page, names = await events.list_of_project(
        call.tx,
        call.caller,
        project_id=call.parameters["groupId"],
        wanted=_wanted(call.query, event_types.of_project()),
        page=call.query.page(),
        counted=call.query.flag("includeCount", default=True),
        named=call.query.flag("includeRaw"),
    )
    return _paged(call, page, names)


async def get_group_event(call: Call) -> Any:
    """Return one event of a project."""
    event, names = await events.get_of_project(
        call.tx,
        call.caller,
        project_id=call.parameters["groupId"],
        event_id=call.parameters["eventId"],
        named=call.query.flag("includeRaw"),
    )
    return shapes.event(event, names, call.api_url, with_raw=call.query.flag("includeRaw"))


def _paged(call: Call, page: Page[Event], names: Names) -> Paged:
    with_raw = call.query.flag("includeRaw")
    answer = paged(
        page,
        lambda one: shapes.event(one, names, call.api_url, with_raw=with_raw),
        base_url=call.base_url,
        path=call.path,
        query=call.query,
    )
    if not call.query.flag("includeCount", default=True):
        # Recorded so for lists of events, against what is documented.
        answer.total_count = 0
    return answer


def _wanted(query: Query, known: Collection[str]) -> Wanted:
    """Return the filters. Raises InvalidEnumValue, InvalidDate, InvalidDateRange."""
    types, without = query.texts("eventType"), query.texts("excludedEventType")
    for name in (*types, *without):
        if name not in known:
            raise InvalidEnumValue(name)
    since, until = _instant(query, "minDate"), _instant(query, "maxDate")
    if since is not None and until is not None and until < since:
        raise InvalidDateRange(query.text("minDate"), query.text("maxDate"))
    return Wanted(tuple(types), tuple(without), since, until)


def _instant(query: Query, name: str) -> datetime | None:
    """Return a date of any ISO 8601 form; one without a zone is in UTC. Raises InvalidDate.

    Source: contract, WIRE.md section 4.
    """
    text = query.text(name)
    if text is None:
        return None
    try:
        # A plus sign that was not encoded has become a space.
        value = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        if value.tzinfo is None:
            return value.replace(tzinfo=UTC)
        return value.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidDate(text) from None
