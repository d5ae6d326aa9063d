"""Long arrays: written in parts, and the same bytes as if written at once."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest

from antechamber.api.wire import printing
from antechamber.api.wire.arrays import long_array
from antechamber.api.wire.envelopes import enveloped

ITEMS: list[Any] = [
    {"id": number, "name": f'"{number}"', "roles": ["A", "B"][: number % 3], "more": [{"x": None}, {}]}
    for number in range(7)
]


@pytest.mark.usefixtures("runner")
@pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
@pytest.mark.parametrize("items", [ITEMS, []])
@pytest.mark.parametrize("pretty", [False, True])
@pytest.mark.parametrize("around", [lambda array: array, partial(enveloped, status=200)])
async def test_a_long_array_reads_as_if_written_at_once(
    size: int, items: list[Any], pretty: bool, around: Any
) -> None:
    async def parts() -> AsyncIterator[list[Any]]:
        for at in range(0, len(items) + 1, size):
            yield items[at : at + size]

    array = await long_array(parts(), lambda item: item)
    write = printing.pretty if pretty else printing.compact
    assert await array.printed(around=around, pretty=pretty) == write(around(items))
