"""Reading the audit trail of an organization or a project; nobody sees another tenant's (INV-21)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from math import ceil, floor

from antechamber.domain import event_types
from antechamber.domain.callers import Caller
from antechamber.domain.errors import EventNotFound, OrganizationEventNotFound
from antechamber.domain.events import Event
from antechamber.domain.organizations import Organization
from antechamber.domain.paging import Page, PageRequest
from antechamber.domain.permissions import Permission
from antechamber.storage import events, projects
from antechamber.storage.database import Transaction
from antechamber.usecases import access


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events. types: names from the catalogue, none for all. since, until: both included."""

    types: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Names:
    """What an event's ids stand for today: the organization, and its projects by id."""

    organization: Organization
    projects: dict[str, str]


async def list_of_organization(
    tx: Transaction,
    caller: Caller,
    *,
    organization_id: str,
    wanted: Wanted,
    page: PageRequest,
    counted: bool = True,
    named: bool = False,
) -> tuple[Page[Event], Names]:
    """Return a page of the organization's events, those of its projects among them, newest first.

    counted: False spares the count. named: the names of projects are wanted too.
    Source: contract, listOrgEvents.
    """
    organization = await access.organization(
        tx, caller, organization_id, to=Permission.ORGANIZATION_EVENTS_READ
    )
    chosen = _filter(wanted, event_types.CATALOGUE)
    found = await events.list_of_organization(tx, organization.id, page, chosen, counted=counted)
    return found, await _names(tx, organization, named=named)


async def list_of_project(
    tx: Transaction,
    caller: Caller,
    *,
    project_id: str,
    wanted: Wanted,
    page: PageRequest,
    counted: bool = True,
    named: bool = False,
) -> tuple[Page[Event], Names]:
    """Return a page of the project's events, newest first. Source: contract, listGroupEvents."""
    project = await access.project(tx, caller, project_id, to=Permission.PROJECT_EVENTS_READ)
    chosen = _filter(wanted, event_types.of_project())
    found = await events.list_of_project(
        tx, project.organization_id, project.id, page, chosen, counted=counted
    )
    return found, await _names(tx, caller.organization, named=named)


async def walk(
    tx: Transaction,
    caller: Caller,
    *,
    organization_id: str,
    project_id: str | None = None,
    wanted: Wanted,
    after: tuple[int, str] | None = None,
    size: int,
) -> tuple[list[Event], tuple[int, str] | None, Names]:
    """Return events newest first, where the following page begins (None for the last), and their names.

    project_id: only the project's. after: where the page begins.
    """
    if project_id is None:
        await access.organization(tx, caller, organization_id, to=Permission.ORGANIZATION_EVENTS_READ)
        known: Collection[str] = event_types.CATALOGUE
    else:
        await access.project(tx, caller, project_id, to=Permission.PROJECT_EVENTS_READ)
        known = event_types.of_project()
    found, following = await events.walk(
        tx,
        caller.organization.id,
        _filter(wanted, known),
        project_id=project_id,
        after=after,
        size=size,
    )
    return found, following, await _names(tx, caller.organization, named=True)


async def get_of_organization(
    tx: Transaction, caller: Caller, *, organization_id: str, event_id: str, named: bool = False
) -> tuple[Event, Names]:
    """Return one event of the organization. Raises OrganizationEventNotFound."""
    organization = await access.organization(
        tx, caller, organization_id, to=Permission.ORGANIZATION_EVENTS_READ
    )
    event = await events.find(tx, organization.id, event_id)
    if event is None:
        raise OrganizationEventNotFound(event_id, organization_id)
    return event, await _names(tx, organization, named=named)


async def get_of_project(
    tx: Transaction, caller: Caller, *, project_id: str, event_id: str, named: bool = False
) -> tuple[Event, Names]:
    """Return one event of the project. Raises EventNotFound."""
    project = await access.project(tx, caller, project_id, to=Permission.PROJECT_EVENTS_READ)
    event = await events.find(tx, project.organization_id, event_id)
    if event is None or event.project_id != project_id:
        raise EventNotFound(event_id, project_id)
    return event, await _names(tx, caller.organization, named=named)


async def _names(tx: Transaction, organization: Organization, *, named: bool) -> Names:
    return Names(organization, await projects.names_of_organization(tx, organization.id) if named else {})


def _filter(wanted: Wanted, known: Collection[str]) -> events.Filter:
    names: tuple[str, ...] | None = wanted.types or None
    if wanted.without:
        names = tuple(sorted(set(wanted.types or known) - set(wanted.without)))
    nothing = events.Filter()
    return events.Filter(
        None if names is None else tuple(dict.fromkeys(names)),
        nothing.since if wanted.since is None else ceil(wanted.since.timestamp()),
        nothing.until if wanted.until is None else floor(wanted.until.timestamp()),
    )
