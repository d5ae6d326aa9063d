"""A project of an organization; on the wire a "group"."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from antechamber.domain.errors import InvalidAttribute

TAG_LENGTH_CHARACTERS = 255
MOST_TAGS = 50


class Tag(NamedTuple):
    """A label of a project."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Project:
    """One project."""

    id: str
    organization_id: str
    name: str
    created_at: datetime
    tags: tuple[Tag, ...] = ()
    with_default_alerts_settings: bool = True


def require_tags(tags: tuple[Tag, ...]) -> tuple[Tag, ...]:
    """Return the tags. Raises InvalidAttribute when one is empty, too long or named twice.

    Source: contract, DOMAIN.md section 5.
    """
    if len(tags) > MOST_TAGS or len({tag.key for tag in tags}) < len(tags):
        raise InvalidAttribute("tags")
    for tag in tags:
        if not all(1 <= len(part) <= TAG_LENGTH_CHARACTERS for part in tag):
            raise InvalidAttribute("tags")
    return tags
