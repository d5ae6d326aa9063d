"""Attributes that a newer generation shows and an older one does not know."""

from collections.abc import Iterable
from typing import Any

from msgspec import UNSET

from antechamber.api.wire.operations import Call, Handler, Reply
from antechamber.api.wire.paging import Paged


def without(handler: Handler, *names: str, inside: str = "") -> Handler:
    """Return a handler that answers like this one, without some attributes.

    names: fields of the answer's struct, of each result of a page or of each element of a list; all may be
    UNSET. inside: the field in which the struct stands.
    """

    async def hiding(call: Call) -> Any:
        answer = await handler(call)
        shape = answer.value if isinstance(answer, Reply) else answer
        for struct in _structs(getattr(shape, inside) if inside else shape):
            for name in names:
                setattr(struct, name, UNSET)
        return answer

    return hiding


def _structs(shape: Any) -> Iterable[Any]:
    if isinstance(shape, Paged):
        return shape.results
    return shape if isinstance(shape, list) else (shape,)
