"""The envelope for clients that see neither status nor headers.

Source: contract, WIRE.md section 7; DECISIONS.md 11.
"""

from typing import Any

import msgspec

from antechamber.api.wire.paging import Link, Paged


class _Enveloped(msgspec.Struct):
    content: Any
    status: int


class _EnvelopedStatus(msgspec.Struct):
    status: int


class _EnvelopedPage(msgspec.Struct, rename="camel"):
    links: list[Link]
    results: list[Any]
    status: int
    total_count: int | msgspec.UnsetType


def enveloped(value: Any, status: int) -> msgspec.Struct:
    """Return the value with its status around it; a page takes the status in itself, nothing is alone."""
    if value is None:
        return _EnvelopedStatus(status)
    if isinstance(value, Paged):
        return _EnvelopedPage(value.links, value.results, status, value.total_count)
    return _Enveloped(value, status)
