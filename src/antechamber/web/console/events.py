"""The audit trail of an organization."""

import re
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from antechamber.domain import event_types
from antechamber.domain.events import Event
from antechamber.usecases import events
from antechamber.usecases.events import Wanted
from antechamber.web import pages, texts
from antechamber.web.console import desk, exports
from antechamber.web.console.organizations import ROOT

_COLUMNS = ("createdAt", "type", "actor", "actorKind", "address", "target", "projectId", "note", "id")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_PLACE = re.compile(r"(-?\d{1,12}),([A-Za-z0-9]{1,64})")


def target(event: Event) -> str:
    """Return whom or what an event is about, empty for the organization itself."""
    return (
        event.target_username
        or event.access_list_entry
        or event.target_public_key
        or event.target_client_id
        or ""
    )


def _said(request: Request, type_name: str) -> Markup:
    """Return what an event of a type says, empty where there are no words for it."""
    key = f"event.{type_name}"
    return pages.text(request, key) if texts.has(key) else Markup()


def _day(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _filters(request: Request) -> dict[str, str]:
    return {
        "type": desk.asked(request, "type", event_types.CATALOGUE),
        "since": desk.asked(request, "since") if _day(desk.asked(request, "since")) else "",
        "until": desk.asked(request, "until") if _day(desk.asked(request, "until")) else "",
    }


def _wanted(filters: Mapping[str, str]) -> Wanted:
    until = _day(filters["until"])
    return Wanted(
        types=(filters["type"],) if filters["type"] else (),
        since=_day(filters["since"]),
        # The last second of the day.
        until=None
        if until is None
        else min(until, datetime.max.replace(tzinfo=UTC) - timedelta(days=2)) + timedelta(days=1, seconds=-1),
    )


def _place(request: Request) -> tuple[int, str] | None:
    match = _PLACE.fullmatch(desk.asked(request, "after"))
    return (int(match[1]), match[2]) if match else None


async def show_all(request: Request) -> Response:
    """Show the events of an organization, newest first."""
    filters = _filters(request)
    after = _place(request)
    job = desk.of(request, events.walk, wanted=_wanted(filters), after=after, size=desk.PAGE_SIZE)
    caller, (found, following, names) = await desk.look(request, job)
    return desk.render(
        request,
        caller,
        "events.html",
        active="events",
        events=found,
        following="" if following is None else f"{following[0]},{following[1]}",
        after=after,
        project_names=names.projects,
        target=target,
        said=partial(_said, request),
        types=event_types.CATALOGUE,
        filters=filters,
        errors={},
    )


async def export(request: Request) -> Response:
    """Return the same events as a file."""
    kind = request.path_params["kind"]
    if kind not in exports.KINDS:
        raise pages.Refused(404, "not_found")
    wanted = _wanted(_filters(request))

    async def slices() -> AsyncIterator[list[Mapping[str, object]]]:
        after: tuple[int, str] | None = None
        while True:
            job: Any = desk.of(request, events.walk, wanted=wanted, after=after, size=exports.SLICE)
            _, (found, after, _) = await desk.look(request, job)
            yield [_exported(event) for event in found]
            if after is None:
                return

    return await exports.export(kind, "events", _COLUMNS, slices())


def _exported(event: Event) -> Mapping[str, object]:
    return {
        "createdAt": event.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "type": event.type_name,
        "actor": event.actor_name,
        "actorKind": event.actor_kind.value if event.actor_kind else None,
        "address": event.address,
        "target": target(event) or None,
        "projectId": event.project_id,
        "note": event.note,
        "id": event.id,
    }


def routes() -> list[Route]:
    """Return the routes of these pages."""
    return [
        Route(f"{ROOT}/events", show_all, name="events"),
        Route(f"{ROOT}/exports/events/{{kind}}", export, name="export_events"),
    ]
