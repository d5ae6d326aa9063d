"""Dated media types: which version of a resource a request asks for.

Source: contract, WIRE.md section 2.
"""

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import TypeVar

from antechamber.api.wire.errors import InvalidVersionDate, UnsupportedMediaType

Version = TypeVar("Version")

_VERSIONED = re.compile(r"application/vnd\.atlas\.(\d{4}-\d{2}-\d{2}|preview)\+json", re.IGNORECASE)
_CHARSET = re.compile(r"\s*charset\s*=\s*\"?utf-8\"?\s*", re.IGNORECASE)
PREVIEW = "preview"
# The version of generations that have no dates.
UNDATED = ""


def of_date(date: str) -> str:
    """Return the Content-Type of an answer in this version."""
    if date == UNDATED:
        return "application/json"
    return f"application/vnd.atlas.{date}+json;charset=utf-8"


def negotiate(accept: str | None, versions: Mapping[str, Version]) -> Version:
    """Return the newest version not later than the date asked for.

    versions: by date. The first versioned type in the header counts. Raises InvalidVersionDate when none
    is named, or no date of the calendar, or one before the first version, or a preview where there is none.
    An undated version is served to everybody.
    """
    if UNDATED in versions:
        return versions[UNDATED]
    for part in (accept or "").split(","):
        match = _VERSIONED.fullmatch(part.partition(";")[0].strip())
        if match is None:
            continue
        asked = match[1].lower()
        if asked == PREVIEW:
            if PREVIEW in versions:
                return versions[PREVIEW]
            break
        if not _is_date(asked):
            break
        served = [version for version in versions if version != PREVIEW and version <= asked]
        if served:
            return versions[max(served)]
        break
    raise InvalidVersionDate


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


# Clients send few different ones, over and over; what is refused is not kept.
@lru_cache(256)
def require_json(content_type: str | None) -> None:
    """Return when the type of a request body is plain or versioned JSON in UTF-8.

    Raises UnsupportedMediaType.
    """
    media_type, _, parameters = (content_type or "").partition(";")
    media_type = media_type.strip()
    known = media_type.lower() == "application/json" or _VERSIONED.fullmatch(media_type)
    if not known or (parameters.strip() and not _CHARSET.fullmatch(parameters)):
        raise UnsupportedMediaType
