"""Writing JSON: compact, or laid out for people.

Source: contract, WIRE.md section 4.
"""

from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder()


def compact(value: Any) -> bytes:
    """Return JSON without spaces; keys in the order of the struct, which is alphabetical."""
    return _ENCODER.encode(value)


def pretty(value: Any) -> bytes:
    """Return JSON with two-space indent, " : " after keys and arrays opened inline."""
    return _laid_out(_DECODER.decode(_ENCODER.encode(value)), "").encode()


def pretty_items(array: bytes, indent: str) -> bytes:
    """Return what stands between the brackets of an array, laid out. indent: of the line it begins in."""
    return ", ".join(_laid_out(item, indent) for item in _DECODER.decode(array)).encode()


def _laid_out(value: Any, indent: str) -> str:
    if isinstance(value, dict):
        if not value:
            return "{ }"
        inner = indent + "  "
        lines = (f"{inner}{_scalar(key)} : {_laid_out(item, inner)}" for key, item in value.items())
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    if isinstance(value, list):
        if not value:
            return "[ ]"
        return "[ " + ", ".join(_laid_out(item, indent) for item in value) + " ]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    return _ENCODER.encode(value).decode()
