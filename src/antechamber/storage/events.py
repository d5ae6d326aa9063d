"""Rows of audit events; they are only ever added (INV-21)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from antechamber.domain.callers import CallerKind
from antechamber.domain.events import Event
from antechamber.domain.paging import Page, PageRequest
from antechamber.storage.database import Row, Statement, Transaction
from antechamber.storage.pages import Listing, listing, page_of
from antechamber.storage.rows import instant, seconds

_COLUMNS = """id, organization_id, type_name, created_at, actor_kind, actor_id, actor_name, address,
    project_id, target_username, team_id, target_public_key, access_list_entry, target_client_id,
    resource_id, resource_type, note"""

_INSERT = Statement(
    f"""INSERT INTO events ({_COLUMNS}) VALUES (:id, :organization_id, :type_name, :created_at,
    :actor_kind, :actor_id, :actor_name, :address, :project_id, :target_username, :team_id,
    :target_public_key, :access_list_entry, :target_client_id, :resource_id, :resource_type, :note)"""
)
_IN_ORGANIZATION = "organization_id = :organization_id"
_IN_PROJECT = f"{_IN_ORGANIZATION} AND project_id = :project_id"
_IN_TIME = "created_at >= :since AND created_at <= :until"
_COUNT_SINCE = Statement(f"SELECT count(*) FROM events WHERE {_IN_ORGANIZATION} AND created_at >= :since")
_GET = Statement(f"SELECT {_COLUMNS} FROM events WHERE {_IN_ORGANIZATION} AND id = :id")
# Longer than any transaction takes, its retries and the clocks of several servers included.
SETTLED_SECONDS = 600
MOST_REMEMBERED = 1_000
# Whatever an instant may be, it lies between these.
_EARLIEST, _LATEST = -(2**40), 2**40


@dataclass(frozen=True, slots=True)
class Filter:
    """Which events. types: names, None for all. since, until: Unix seconds, both included."""

    types: tuple[str, ...] | None = None
    since: int = _EARLIEST
    until: int = _LATEST


@cache
def _selection(scope: str, types: int) -> tuple[Listing, Statement]:
    """Return the statements that list and count events of so many types, 0 for all."""
    names = ", ".join(f":type_{number}" for number in range(types))
    where = f"{scope} AND {_IN_TIME}" + (f" AND type_name IN ({names})" if types else "")
    return (
        listing(f"SELECT {_COLUMNS} FROM events WHERE {where}", "created_at DESC", "id DESC"),
        Statement(f"SELECT count(*) FROM events WHERE {where}"),
    )


@cache
def _walk(scope: str, types: int, *, has_place: bool) -> Statement:
    names = ", ".join(f":type_{number}" for number in range(types))
    where = f"{scope} AND {_IN_TIME}" + (f" AND type_name IN ({names})" if types else "")
    before = " AND (created_at, id) < (:before, :before_id)" if has_place else ""
    # Ids first, from an index that holds the type too: few of one type are found among 100,000.
    columns = ", ".join(f"e.{name.strip()}" for name in _COLUMNS.split(","))
    return Statement(
        f"""SELECT {columns} FROM (SELECT id, created_at FROM events WHERE {where}{before}
        ORDER BY created_at DESC, id DESC LIMIT :size) AS chosen
        CROSS JOIN events e WHERE e.organization_id = :organization_id AND e.id = chosen.id
        ORDER BY chosen.created_at DESC, chosen.id DESC"""
    )


def walks() -> list[Statement]:
    """Return statements of every kind that `walk` may run, for tests."""
    return [
        _walk(scope, types, has_place=has_place)
        for scope in (_IN_ORGANIZATION, _IN_PROJECT)
        for types in (0, 2)
        for has_place in (False, True)
    ]


_EVERYTHING = Filter()


def _event(row: Row) -> Event:
    return Event(
        row[0],
        row[1],
        row[2],
        instant(row[3]),
        None if row[4] is None else CallerKind(row[4]),
        *row[5:],
    )


async def append(tx: Transaction, event: Event) -> None:
    """Add an event in the transaction of the change that it tells (INV-18)."""
    await tx.run(_INSERT, **_values(event))


async def append_many(tx: Transaction, many: Sequence[Event]) -> None:
    """Add events, as for one."""
    await tx.run_many(_INSERT, [_values(event) for event in many])


def _values(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "organization_id": event.organization_id,
        "type_name": event.type_name,
        "created_at": seconds(event.created_at),
        "actor_kind": None if event.actor_kind is None else event.actor_kind.value,
        "actor_id": event.actor_id,
        "actor_name": event.actor_name,
        "address": event.address,
        "project_id": event.project_id,
        "target_username": event.target_username,
        "team_id": event.team_id,
        "target_public_key": event.target_public_key,
        "access_list_entry": event.access_list_entry,
        "target_client_id": event.target_client_id,
        "resource_id": event.resource_id,
        "resource_type": event.resource_type,
        "note": event.note,
    }


async def list_of_organization(
    tx: Transaction,
    organization_id: str,
    page: PageRequest,
    wanted: Filter = _EVERYTHING,
    *,
    counted: bool = True,
) -> Page[Event]:
    """Return a page of the organization's events, newest first.

    counted: False spares the count; the total then only tells whether there is another page.
    """
    values = {"organization_id": organization_id}
    return await _list(tx, _IN_ORGANIZATION, values, page, wanted, counted=counted)


async def list_of_project(
    tx: Transaction,
    organization_id: str,
    project_id: str,
    page: PageRequest,
    wanted: Filter = _EVERYTHING,
    *,
    counted: bool = True,
) -> Page[Event]:
    """Return a page of the project's events, newest first; counted as above."""
    values = {"organization_id": organization_id, "project_id": project_id}
    return await _list(tx, _IN_PROJECT, values, page, wanted, counted=counted)


async def _list(
    tx: Transaction,
    scope: str,
    values: dict[str, Any],
    page: PageRequest,
    wanted: Filter,
    *,
    counted: bool,
) -> Page[Event]:
    if wanted.types == ():
        return Page([], 0, page)
    types = wanted.types or ()
    values.update(since=wanted.since, until=wanted.until)
    values.update({f"type_{number}": name for number, name in enumerate(types)})
    found, counting = _selection(scope, len(types))
    if counted:
        total = await _total(tx, counting, values)
        rows = await page_of(tx, found, page, total, **values)
    else:
        rows = await tx.rows(found.forwards, **values, size=page.size + 1, skip=page.offset)
        total = page.offset + len(rows)
    return Page([_event(row) for row in rows[: page.size]], total, page)


async def walk(
    tx: Transaction,
    organization_id: str,
    wanted: Filter,
    *,
    project_id: str | None = None,
    after: tuple[int, str] | None = None,
    size: int,
) -> tuple[list[Event], tuple[int, str] | None]:
    """Return events newest first, and where the following page begins, None for the last.

    project_id: only its own. after: the time (Unix seconds) and the id of the event before.
    """
    if wanted.types == ():
        return [], None
    types = wanted.types or ()
    scope = _IN_ORGANIZATION if project_id is None else _IN_PROJECT
    values: dict[str, Any] = {
        "organization_id": organization_id,
        "since": wanted.since,
        "until": wanted.until,
    }
    values.update({f"type_{number}": name for number, name in enumerate(types)})
    if project_id is not None:
        values["project_id"] = project_id
    if after is not None:
        values["before"], values["before_id"] = after
    rows = await tx.rows(_walk(scope, len(types), has_place=after is not None), **values, size=size + 1)
    last = rows[size - 1] if len(rows) > size else None
    return [_event(row) for row in rows[:size]], None if last is None else (last[3], last[0])


async def _total(tx: Transaction, counting: Statement, values: dict[str, Any]) -> int:
    """Return how many events there are.

    Counting a million takes 40 ms. But events are only ever added, with the instant of their transaction
    (INV-21): the number of those older than any transaction lives stays what it is, and is remembered for
    a while. Only the later ones are counted each time.
    """
    now, key = seconds(tx.now), (counting, *values.values())
    settled = tx.memory.get(key)
    if settled is None or not SETTLED_SECONDS <= now - settled[0] < 2 * SETTLED_SECONDS:
        until = now - SETTLED_SECONDS
        row = await tx.row(counting, **{**values, "until": min(values["until"], until)})
        if len(tx.memory) >= MOST_REMEMBERED:
            tx.memory.clear()
        settled = tx.memory[key] = (until, row[0] if row else 0)
    row = await tx.row(counting, **{**values, "since": max(values["since"], settled[0] + 1)})
    return settled[1] + (int(row[0]) if row else 0)


async def count_since(tx: Transaction, organization_id: str, since: int) -> int:
    """Return how many events the organization has from an instant on. since: Unix seconds.

    While it stands still, nothing that is audited has changed since SETTLED_SECONDS after the instant.
    """
    row = await tx.row(_COUNT_SINCE, organization_id=organization_id, since=since)
    return int(row[0]) if row else 0


async def find(tx: Transaction, organization_id: str, event_id: str) -> Event | None:
    """Return an event of the organization."""
    row = await tx.row(_GET, organization_id=organization_id, id=event_id)
    return _event(row) if row else None
