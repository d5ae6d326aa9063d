"""Between columns and values: Unix seconds and instants, words separated by spaces and tuples."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache

# Rows of one list, and lists asked for again, say the same over and over: looking it up takes a quarter of
# the time of making it anew.
_remembering = lru_cache(4096)


@_remembering
def instant(seconds: int) -> datetime:
    """Return the aware UTC instant of a column of Unix seconds."""
    return datetime.fromtimestamp(seconds, UTC)


def seconds(at: datetime) -> int:
    """Return the column value of an aware instant."""
    return int(at.timestamp())


@_remembering
def split(words: str) -> tuple[str, ...]:
    """Return the roles or ids of a column."""
    return tuple(words.split())


def words(values: Iterable[str]) -> str:
    """Return the column value of roles or ids, none of which holds a space."""
    return " ".join(values)
