"""Limits of what a project may hold of things that this server has none of: the numbers are kept and
shown, and none of it is in use.
"""

from dataclasses import dataclass
from typing import NamedTuple

from antechamber.domain.errors import InvalidAttribute, LimitNotFound


class Bounds(NamedTuple):
    """What a limit is without having been set, and the most it can be set to."""

    default: int
    most: int


# Source: the service's published table of project limits. Left out are those in bytes and in bits of a
# network mask: there is nothing here to count them by.
BOUNDS: dict[str, Bounds] = {
    "atlas.project.deployment.clusters": Bounds(25, 100),
    "atlas.project.deployment.nodesPerPrivateLinkRegion": Bounds(50, 90),
    "atlas.project.security.databaseAccess.customRoles": Bounds(100, 1400),
    "atlas.project.security.databaseAccess.users": Bounds(100, 900),
    "atlas.project.security.networkAccess.crossRegionEntries": Bounds(40, 220),
    "atlas.project.security.networkAccess.entries": Bounds(200, 200),
}


@dataclass(frozen=True, slots=True)
class ProjectLimit:
    """One limit of one project."""

    name: str
    value: int
    bounds: Bounds


def bounds_of(name: str) -> Bounds:
    """Return the bounds of a limit. Raises LimitNotFound."""
    try:
        return BOUNDS[name]
    except KeyError as error:
        raise LimitNotFound(name) from error


def require_value(name: str, value: int) -> int:
    """Return the value that the limit may have. Raises LimitNotFound, InvalidAttribute."""
    if not 0 <= value <= bounds_of(name).most:
        raise InvalidAttribute("value")
    return value
