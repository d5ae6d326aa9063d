"""Rows of events."""

from functools import partial

from antechamber.api.atlas_v2 import events
from antechamber.api.atlas_v2.routes import families
from antechamber.api.atlas_v2.shapes import events as shapes
from antechamber.api.wire import rate_limits
from antechamber.api.wire.operations import Evidence, Operation
from antechamber.api.wire.paging import Paged
from antechamber.domain.permissions import Permission

_FILTERS = ("eventType", "excludedEventType", "minDate", "maxDate", "includeRaw", *families.PAGING)

_events = partial(families.of_2023, tag="Events")

OPERATIONS: tuple[Operation, ...] = (
    _events(
        "listEventTypes",
        "GET",
        "/eventTypes",
        events.list_event_types,
        Permission.EVENT_TYPES_READ,
        "List the types of events that there are.",
        endpoints=rate_limits.EVENT_TYPES,
        evidence=Evidence.DOCUMENTED,
        result=Paged,
        items=shapes.EventTypeShape,
        parameters=families.PAGING,
    ),
    _events(
        "listOrgEvents",
        "GET",
        "/orgs/{orgId}/events",
        events.list_org_events,
        Permission.ORGANIZATION_EVENTS_READ,
        "List the events of the organization, newest first.",
        endpoints=rate_limits.ORGANIZATION_EVENTS,
        result=Paged,
        items=shapes.EventShape,
        parameters=_FILTERS,
    ),
    _events(
        "getOrgEvent",
        "GET",
        "/orgs/{orgId}/events/{eventId}",
        events.get_org_event,
        Permission.ORGANIZATION_EVENTS_READ,
        "Return an event of the organization.",
        endpoints=rate_limits.ORGANIZATION_EVENTS,
        result=shapes.EventShape,
        parameters=("includeRaw",),
    ),
    _events(
        "listGroupEvents",
        "GET",
        "/groups/{groupId}/events",
        events.list_group_events,
        Permission.PROJECT_EVENTS_READ,
        "List the events of the project, newest first.",
        endpoints=rate_limits.PROJECT_EVENTS,
        result=Paged,
        items=shapes.EventShape,
        parameters=("clusterNames", *_FILTERS),
    ),
    _events(
        "getGroupEvent",
        "GET",
        "/groups/{groupId}/events/{eventId}",
        events.get_group_event,
        Permission.PROJECT_EVENTS_READ,
        "Return an event of the project.",
        endpoints=rate_limits.PROJECT_EVENTS,
        result=shapes.EventShape,
        parameters=("includeRaw",),
    ),
)
