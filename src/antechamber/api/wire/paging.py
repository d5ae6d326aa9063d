"""Lists with paging: results, how many there are, and links to this page and its neighbours.

Source: contract, WIRE.md section 6.
"""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from antechamber.api.wire.queries import Query
from antechamber.domain.paging import Page

Item = TypeVar("Item")

_PATH_CHARACTERS = "/:@!$&'()*+,;=~-._"


class Link(msgspec.Struct):
    """A link to a related resource."""

    href: str
    rel: str


class Paged(msgspec.Struct, rename="camel"):
    """One page on the wire."""

    links: list[Link]
    results: list[Any]
    total_count: int | msgspec.UnsetType = msgspec.UNSET


def paged(page: Page[Item], shape: Callable[[Item], Any], *, base_url: str, path: str, query: Query) -> Paged:
    """Return a page on the wire, each item in its shape.

    path: percent-decoded, below base_url. includeCount=false leaves the total out.
    """
    number, size = page.request.number, page.request.size
    others = query.others()
    start = f"{base_url}{quote(path, safe=_PATH_CHARACTERS)}?{others}{'&' if others else ''}"
    links = [Link(f"{start}pageNum={number}&itemsPerPage={size}", "self")]
    if number > 1:
        links.append(Link(f"{start}itemsPerPage={size}&pageNum={number - 1}", "previous"))
    if page.total > number * size:
        links.append(Link(f"{start}itemsPerPage={size}&pageNum={number + 1}", "next"))
    total = page.total if query.flag("includeCount", default=True) else msgspec.UNSET
    return Paged(links, [shape(item) for item in page.items], total)
