"""Arrays without paging: as long as the organization makes them, so written part by part.

Other requests have their turn between two parts. The whole is kept in memory and sent at once, not
streamed: whatever fails on the way is still answered as an error, the length is known, and a client that
reads slowly holds up no database transaction. Measured in docs/benchmarks.md.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, TypeVar

from antechamber.api.wire import printing

Item = TypeVar("Item")

_PLACE = "\x00here\x00"


class LongArray:
    """An array as its compact parts, each without its brackets."""

    def __init__(self, parts: list[bytes]) -> None:
        """Keep the parts; none is empty."""
        self._parts = parts

    async def printed(self, *, around: Callable[[Any], Any], pretty: bool) -> bytes:
        """Return the JSON. around: what it stands in, such as the envelope, made of it."""
        write = printing.pretty if pretty else printing.compact
        if not self._parts:
            return write(around([]))
        before, _, after = write(around([_PLACE])).partition(printing.compact(_PLACE))
        if not pretty:
            return b"".join((before, b",".join(self._parts), after))
        # The last line so far is as far to the right as the array itself is.
        line = before.rpartition(b"\n")[2]
        indent = " " * (len(line) - len(line.lstrip()))
        parts: list[bytes] = []
        for part in self._parts:
            parts.append(printing.pretty_items(b"[" + part + b"]", indent))
            await asyncio.sleep(0)
        return b"".join((before, b", ".join(parts), after))


async def long_array(parts: AsyncIterator[Sequence[Item]], shape: Callable[[Item], Any]) -> LongArray:
    """Return the array of all items, each in its shape. parts: read in the transaction that is open now."""
    written = [printing.compact([shape(item) for item in part])[1:-1] async for part in parts if part]
    return LongArray(written)
