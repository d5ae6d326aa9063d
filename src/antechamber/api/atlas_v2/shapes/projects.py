"""Projects on the wire. Source: contract, WIRE.md section 5."""

from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from antechamber.api.atlas_v2.shapes.fields import READ_ONLY, Id, ReadOnly, Text
from antechamber.api.wire.paging import Link
from antechamber.domain.projects import Project, Tag

_REL = "https://cloud.mongodb.com/"
_RELATED = ("containers", "clusters", "databaseUsers", "peers", "processes", "whitelist")


class TagShape(Struct):
    """A label of a project."""

    key: Text
    value: Text


class GroupShape(Struct, rename="camel"):
    """A project."""

    cluster_count: int
    created: datetime
    id: str
    links: list[Link]
    name: str
    org_id: str
    tags: list[TagShape] | UnsetType
    with_default_alerts_settings: bool


def _self(project: Project, api_url: str) -> str:
    return f"{api_url}/groups/{project.id}"


def _shape(project: Project, links: list[Link], tags: list[TagShape] | UnsetType) -> GroupShape:
    return GroupShape(
        0,
        project.created_at,
        project.id,
        links,
        project.name,
        project.organization_id,
        tags,
        project.with_default_alerts_settings,
    )


def _tags(project: Project) -> list[TagShape]:
    return [TagShape(*tag) for tag in project.tags]


def group(project: Project, api_url: str, *, is_new: bool = False) -> GroupShape:
    """Return the shape of a single project, 2023-01-01; a new one without tags shows none."""
    href = _self(project, api_url)
    related = [Link(f"{href}/{noun}", f"{_REL}{noun}") for noun in _RELATED]
    tags = UNSET if is_new and not project.tags else _tags(project)
    return _shape(project, [Link(href, "self"), *related], tags)


def listed_group(project: Project, api_url: str) -> GroupShape:
    """Return the shape of a project in a list, 2023-01-01: with the self link only."""
    return _shape(project, [Link(_self(project, api_url), "self")], _tags(project))


class TagRequest(Struct, forbid_unknown_fields=True):
    """A label to be set."""

    key: Text
    value: Text


Tags = Annotated[list[TagRequest], Meta(max_length=500)]


def tags(requested: list[TagRequest]) -> tuple[Tag, ...]:
    """Return the labels asked for."""
    return tuple(Tag(tag.key, tag.value) for tag in requested)


class GroupRequest(Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """The body of createGroup."""

    name: Text
    org_id: Id
    tags: Tags | None = None
    with_default_alerts_settings: bool | None = None
    region_usage_restrictions: ReadOnly = READ_ONLY
    cluster_count: ReadOnly = READ_ONLY
    created: ReadOnly = READ_ONLY
    id: ReadOnly = READ_ONLY
    links: ReadOnly = READ_ONLY


class GroupChange(Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """The body of updateGroup."""

    name: Text | None = None
    tags: Tags | None = None
    with_default_alerts_settings: bool | None = None
    cluster_count: ReadOnly = READ_ONLY
    created: ReadOnly = READ_ONLY
    id: ReadOnly = READ_ONLY
    links: ReadOnly = READ_ONLY
    org_id: ReadOnly = READ_ONLY
