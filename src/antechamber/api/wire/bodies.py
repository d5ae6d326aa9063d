"""Reading JSON bodies: strictly, and into typed values.

Source: SECURITY-MODEL "Limits" and "Bad input"; contract, WIRE.md section 10.
"""

import json
import re
from typing import Any, TypeVar

import msgspec

from antechamber.api.wire.errors import InvalidEnumValue, InvalidJson, InvalidJsonAttribute, MalformedJson
from antechamber.domain.errors import InvalidAttribute, MissingAttribute

Body = TypeVar("Body")

DEEPEST = 16
MOST_NODES = 10_000
_LARGEST_INTEGER = 2**63
_FORBIDDEN_CHARACTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_PLACE = re.compile(r" - at `([^`]*)`")
_NAMED = re.compile(r"`([^`]*)`")


def read(body: bytes, kind: type[Body]) -> Body:
    """Return the body as a value of kind.

    Raises MalformedJson; InvalidJson when the outermost value is of another type; MissingAttribute,
    InvalidAttribute (unknown, too long, of the wrong form), InvalidJsonAttribute (of the wrong type).
    """
    value = parse(body)
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise _refusal(str(error)) from error


def parse(body: bytes) -> Any:
    """Return the JSON value of a body. Raises MalformedJson.

    Refused besides what JSON forbids: duplicate keys, NaN, a byte order mark, more than DEEPEST levels
    or MOST_NODES values, integers beyond 64 bits, control characters and lone surrogates in strings.
    """
    try:
        value = _DECODER.decode(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise MalformedJson from error
    if _count(value, 1) > MOST_NODES:
        raise MalformedJson
    return value


def _count(value: Any, depth: int) -> int:
    """Return how many values there are, having looked at each. Raises MalformedJson."""
    if isinstance(value, str):
        if _FORBIDDEN_CHARACTERS.search(value):
            raise MalformedJson
        return 1
    if isinstance(value, (dict, list)):
        if depth > DEEPEST:
            raise MalformedJson
        total = 1
        if isinstance(value, dict):
            for key, item in value.items():
                total += _count(key, depth) + _count(item, depth + 1)
        else:
            for item in value:
                total += _count(item, depth + 1)
        return total
    return 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError("duplicate key")
    return value


def _integer(text: str) -> int:
    if len(text) > 20 or not -_LARGEST_INTEGER <= int(text) < _LARGEST_INTEGER:
        raise ValueError("integer beyond 64 bits")
    return int(text)


def _no_constant(text: str) -> None:
    raise ValueError(text)


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_constant=_no_constant)


def _refusal(problem: str) -> Exception:
    """Return the refusal for what msgspec says is wrong: its texts name the field and the place."""
    place = _PLACE.search(problem)
    where = place[1].removeprefix("$").removeprefix(".") if place else ""
    named = _NAMED.search(problem)
    if named and problem.startswith("Object missing required field"):
        return MissingAttribute(f"{where}.{named[1]}" if where else named[1])
    if named and problem.startswith("Object contains unknown field"):
        return InvalidAttribute(f"{where}.{named[1]}" if where else named[1])
    if not where:
        return InvalidJson()
    if problem.startswith("Invalid enum value"):
        return InvalidEnumValue(problem.partition("'")[2].partition("'")[0] or where)
    if " of length " in problem or "matching regex" in problem:
        return InvalidAttribute(where)
    return InvalidJsonAttribute(where)
