"""Between columns and values: Unix seconds and instants, words separated by spaces and tuples."""

from collections.abc import Iterable
from datetime import UTC, datetime


def instant(seconds: int) -> datetime:
    """Return the aware UTC instant of a column of Unix seconds."""
    return datetime.fromtimestamp(seconds, UTC)


def seconds(at: datetime) -> int:
    """Return the column value of an aware instant."""
    return int(at.timestamp())


def words(values: Iterable[str]) -> str:
    """Return the column value of roles or ids, none of which holds a space."""
    return " ".join(values)
