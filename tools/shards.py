"""Which tables an operation may ask, read from the code: what its handler can reach, down to the SQL.

The reach is what is named, not what is called with these arguments: it may say too much, never too little.
"""

import ast
import functools
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from antechamber.storage.distribution import BY_ORGANIZATION, BY_OWN_KEY

SOURCE = Path(__file__).parents[1] / "src"
# Statements that ask every shard, and why they may. tests/storage/test_distribution.py holds it true.
FAN_OUT = {
    "digest_answers._SWEEP": "once a minute, by an index of the time",
    "invitation_tickets._SWEEP": "once a minute, by an index of the time",
    "rate_limits._SWEEP": "once a minute, a table of a few rows a caller",
    "sessions._SWEEP": "once a minute, by an index of the time",
    "sign_in_links._SWEEP": "once a minute, by an index of the time",
    "invitations._LIST_EXPIRED": "once a minute, by an index of the end of what is pending",
    "invitations._LIST_TO_REMIND": "once a minute, by an index of the end of what is pending",
    "outbox._COUNT_QUEUED": "once a minute for the metrics, by an index of what waits",
    "outbox._IS_DUE": "the mail worker's own question, by an index of what is due",
    "outbox._LIST_DUE": "the mail worker's own question, by an index of what is due",
    "outbox._SWEEP_DEAD": "once a minute, by an index of the time",
    "outbox._SWEEP_SENT": "once a minute, by an index of the time",
    "organizations._LIST_OF_USER": "a signed-in person's own organizations, wherever they are",
    "users._SOME_ORGANIZATION": "a person asks for a link by mail: which organization knows them?",
    "sessions._END_OF_USER": "an account gets a password or its person, and sessions lie by fingerprint",
    "sign_in_links._END_OF_USER": "an account gets a password or its person, and links lie by fingerprint",
    "development._FORGET_RATES": "asked by the development desk alone",
    "development._IS_KNOWN_ANYWHERE": "asked by the development desk alone",
    "development._IS_MAIL_IN_HAND": "asked by the development desk alone",
    "development._ORGANIZATION_OF_INVITATION": "asked by the development desk alone",
    "organizations._FIRST": "asked when a development server starts and by no request",
    "directory._DELETE_OF_ORGANIZATION": "an organization is deleted, and its names lie by name",
    "invitation_tokens._DELETE_TOKENS": "an organization is deleted, and tokens lie by fingerprint",
    "invitation_tokens._DELETE_TICKETS": "an organization is deleted, and tickets lie by fingerprint",
    "invitation_tokens._DELETE_THESE_TOKENS": "a project is deleted, and tokens lie by fingerprint",
    "invitation_tokens._DELETE_THESE_TICKETS": "a project is deleted, and tickets lie by fingerprint",
    "users._IS_MEMBER_ANYWHERE": "the address was only invited so far: is it a member of anything?",
    "users._COUNT_ORGANIZATIONS": "somebody joins: how many organizations do they have already?",
    "sealed.0.page": "`copy` and `rotate-keys` walk over all rows, by key",
    "sealed.1.page": "the same",
}
_TABLE = re.compile(r"\b(FROM|JOIN|INTO|UPDATE) ([a-z_]+)")
# A module and a name in it.
Place = tuple[str, str]


@cache
def _modules() -> dict[str, ast.Module]:
    found = {}
    for file in SOURCE.rglob("*.py"):
        name = ".".join(file.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
        found[name] = ast.parse(file.read_text("utf-8"))
    return found


@cache
def _names(module: str) -> dict[str, Place]:
    """Return what every name of a module stands for; of a module itself with an empty name."""
    found: dict[str, Place] = {}
    for node in _modules()[module].body:
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                place = (whole, "") if whole in _modules() else (node.module, alias.name)
                found[alias.asname or alias.name] = place
        for name in _made(node):
            found[name] = (module, name)
    return found


def _made(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from (one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name))


@cache
def _definition(place: Place) -> ast.stmt | None:
    module, name = place
    body = _modules()[module].body if module in _modules() else []
    return next((node for node in body if name in _made(node)), None)


@cache
def _named_in(place: Place) -> frozenset[Place]:
    """Return what a function or constant names, of this program."""
    node = _definition(place)
    names = _names(place[0]) if place[0] in _modules() else {}
    found = set()
    for part in ast.walk(node) if node is not None else ():
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
            module, inner = names.get(part.value.id, ("", ""))
            if module and not inner:
                found.add((module, part.attr))
        elif isinstance(part, ast.Name) and part.id in names:
            found.add(names[part.id])
    return frozenset(place for place in found if place[1])


def reached(start: Place) -> set[Place]:
    """Return every function and constant that can be reached by name."""
    found, waiting = {start}, [start]
    while waiting:
        fresh = _named_in(waiting.pop()) - found
        found |= fresh
        waiting += fresh
    return found


@cache
def _tables(place: Place) -> frozenset[tuple[str, bool]]:
    """Return the tables in the SQL of one constant or function, each with whether it is written."""
    node = _definition(place) if place[0].startswith("antechamber.storage.") else None
    found: set[tuple[str, bool]] = set()
    if node is not None:
        for part in ast.walk(node):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                text = " ".join(part.value.split())
                deletes = "DELETE FROM" in text
                found |= {
                    (table, word in ("INTO", "UPDATE") or deletes) for word, table in _TABLE.findall(text)
                }
    return frozenset(found)


def _places(handler: Any) -> Iterator[Place]:
    """Give the functions that a handler is made of."""
    if isinstance(handler, functools.partial):
        for part in (handler.func, *handler.args, *handler.keywords.values()):
            yield from _places(part)
    elif callable(handler) and hasattr(handler, "__qualname__"):
        yield handler.__module__, handler.__qualname__.split(".")[0]
        for cell in getattr(handler, "__closure__", None) or ():
            yield from _places(cell.cell_contents)


def asks(handler: Any) -> tuple[str, str, str, str]:
    """Return in words what an operation asks: one organization's shard, people, single keys, every shard."""
    places = {place for start in _places(handler) for place in reached(start)}
    asked = {one for place in places for one in _tables(place)}
    every = sorted(
        {
            FAN_OUT[name]
            for module, inner in places
            if (name := f"{module.rpartition('.')[2]}.{inner}") in FAN_OUT
        }
    )
    writes_people = ("users", True) in asked
    reads_people = ("users", False) in asked
    own = sorted({table for table, _ in asked if table in BY_OWN_KEY})
    return (
        "yes" if any(table in BY_ORGANIZATION for table, _ in asked) else "",
        "writes" if writes_people else "reads" if reads_people else "",
        ", ".join(f"`{table}`" for table in own),
        "; ".join(every),
    )
