"""Events and their types on the wire. Source: contract, WIRE.md section 5; DOMAIN.md section 8."""

from datetime import datetime

from msgspec import UNSET, Struct, UnsetType, field

from antechamber.api.wire.paging import Link
from antechamber.domain.callers import CallerKind
from antechamber.domain.event_types import EventType
from antechamber.domain.events import Event
from antechamber.usecases.events import Names

_ID_DIGITS = 24


class RawEvent(Struct, rename="camel", omit_defaults=True, kw_only=True):
    """The event as it is kept, in the short names of the service.

    note: ours alone, what somebody declined an invitation with.
    """

    type_name: str = field(name="_t")
    cid: str | UnsetType = UNSET
    cre: datetime
    description: str | UnsetType = UNSET
    gn: str | UnsetType = UNSET
    id: str
    note: str | UnsetType = UNSET
    org_id: str
    org_name: str
    severity: str


class EventShape(Struct, rename="camel", omit_defaults=True, kw_only=True):
    """An event: who did it, and one of the things it was done to."""

    api_key_id: str | UnsetType = UNSET
    client_id: str | UnsetType = UNSET
    created: datetime
    event_type_name: str
    group_id: str | UnsetType = UNSET
    id: str
    is_global_admin: bool
    links: list[Link]
    org_id: str
    public_key: str | UnsetType = UNSET
    raw: RawEvent | UnsetType = UNSET
    remote_address: str | UnsetType = UNSET
    resource_id: str | UnsetType = UNSET
    resource_type: str | UnsetType = UNSET
    target_public_key: str | UnsetType = UNSET
    target_username: str | UnsetType = UNSET
    team_id: str | UnsetType = UNSET
    user_id: str | UnsetType = UNSET
    username: str | UnsetType = UNSET
    whitelist_entry: str | UnsetType = UNSET


class EventTypeShape(Struct, rename="camel"):
    """A type of event; none can be an alert here."""

    alertable: bool
    description: str
    event_type: str


def event_type(one: EventType) -> EventTypeShape:
    """Return the shape of an event type, 2023-01-01."""
    return EventTypeShape(False, one.description, one.name)


def event(one: Event, names: Names, api_url: str, *, with_raw: bool) -> EventShape:
    """Return the shape of an event, 2023-01-01.

    Recorded: without a project the link says "null" in its place. Inferred: a service account is shown
    like a key whose public half is the client id.
    """
    href = f"{api_url}/groups/{one.project_id or 'null'}/events/{one.id}"
    shape = EventShape(
        client_id=one.target_client_id or UNSET,
        created=one.created_at,
        event_type_name=one.type_name,
        group_id=one.project_id or UNSET,
        id=one.id,
        is_global_admin=one.actor_kind is None,
        links=[Link(href, "self")],
        org_id=one.organization_id,
        raw=_raw(one, names) if with_raw else UNSET,
        remote_address=one.address or UNSET,
        resource_id=one.resource_id or UNSET,
        resource_type=one.resource_type or UNSET,
        target_public_key=one.target_public_key or UNSET,
        target_username=one.target_username or UNSET,
        team_id=one.team_id or UNSET,
        whitelist_entry=one.access_list_entry or UNSET,
    )
    if one.actor_kind is CallerKind.USER:
        shape.user_id = one.actor_id or UNSET
        shape.username = one.actor_name or UNSET
    elif one.actor_kind is not None:
        shape.api_key_id = (one.actor_id or "")[-_ID_DIGITS:]
        shape.public_key = one.actor_name or UNSET
    return shape


def _raw(one: Event, names: Names) -> RawEvent:
    return RawEvent(
        type_name=one.type_name,
        cid=one.project_id or UNSET,
        cre=one.created_at,
        gn=names.projects.get(one.project_id, UNSET) if one.project_id else UNSET,
        id=one.id,
        note=one.note or UNSET,
        org_id=one.organization_id,
        org_name=names.organization.name,
        severity="INFO",
    )
