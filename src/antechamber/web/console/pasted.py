"""Addresses as people paste them: one a line, or the lines of a CSV file.

A line is an address and, after a comma, a semicolon or spaces, the roles of that person.
"""

import csv
import re
from dataclasses import dataclass

MOST_ROWS = 500
MOST_BYTES = 64 * 1024
_HEADINGS = frozenset({"address", "email", "e-mail", "username", "mail"})
_BETWEEN = re.compile(r"[\s,;]+")


@dataclass(frozen=True, slots=True)
class Row:
    """One person to invite. line: where it stands. roles: empty for those chosen for all."""

    line: int
    address: str
    roles: tuple[str, ...]
    is_repeated: bool = False


class TooMuch(Exception):
    """More than MOST_ROWS people or MOST_BYTES bytes."""


def read(text: str) -> list[Row]:
    """Return the people of the lines that are not empty, without headings. Raises TooMuch."""
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise TooMuch
    rows: list[Row] = []
    seen: set[str] = set()
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        words = _words(line)
        if words and words[0].lower() in _HEADINGS:
            continue
        for address, roles in _people(words):
            if len(rows) == MOST_ROWS:
                raise TooMuch
            rows.append(Row(number, address, roles, is_repeated=address.lower() in seen))
            seen.add(address.lower())
    return rows


def _people(words: list[str]) -> list[tuple[str, tuple[str, ...]]]:
    """Return the addresses of a line with the roles that follow each."""
    people: list[tuple[str, list[str]]] = []
    for word in words:
        if "@" in word or not people:
            people.append((word, []))
        else:
            people[-1][1].append(word.upper())
    return [(address, tuple(dict.fromkeys(roles))) for address, roles in people]


def _words(line: str) -> list[str]:
    # A file made by a spreadsheet may quote its cells; a line is a line, whatever its quotes say.
    cells = next(csv.reader([line]), [])
    words = [word for cell in cells for word in _BETWEEN.split(cell) if word]
    if words:
        # What an export of ours put before the address to keep it from being a formula.
        words[0] = words[0].removeprefix("'").removeprefix("<").removesuffix(">")
    return words
