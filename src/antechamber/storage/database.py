"""The database as use cases see it: jobs that run in one transaction each.

A job is `async def job(tx)`. It may run more than once, so nothing leaves the house inside it, and it
awaits nothing but `tx`.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

from antechamber.domain.policy import Policy
from antechamber.domain.sealing import Sealer

Result = TypeVar("Result")
Row = tuple[Any, ...]

# How many rows of a long list are read at once: as many as the longest page has.
PART = 500

_NAME = re.compile(r"(?<!:):([a-z_][a-z0-9_]*)")
_LOCK = "{for_update}"
# Stops others who lock, change or delete the row, but nobody who only refers to it: two transactions that
# had each added something to an organization would never both come to lock it.
_LOCKING = "FOR NO KEY UPDATE"


class WriteInRead(Exception):
    """A read job ran a statement that writes or locks: a bug in the job, on every engine (INV-23)."""


class Schema(NamedTuple):
    """What a database's schema says of itself.

    revision: the newest that was run. oldest_program: the revision of the oldest program that can run on
    it, None where nothing is said.
    """

    revision: str
    oldest_program: str | None


class Statement:
    """One SQL statement with :name parameters, in the text that each engine wants.

    The text keeps to what SQLite and PostgreSQL have in common. `{for_update}` stands where PostgreSQL
    is to lock the rows read; SQLite has one writer at a time and needs nothing there.
    """

    __slots__ = ("is_for_writing", "names", "postgresql", "sqlite", "writes")

    def __init__(self, text: str) -> None:
        text = " ".join(text.split())
        self.names: tuple[str, ...] = tuple(dict.fromkeys(_NAME.findall(text)))
        self.sqlite: str = text.replace(_LOCK, "")
        self.postgresql: str = _NAME.sub(
            lambda match: f"${self.names.index(match[1]) + 1}", text.replace(_LOCK, _LOCKING)
        )
        self.writes: bool = not text.startswith("SELECT")
        self.is_for_writing: bool = self.writes or _LOCK in text


class Transaction(Protocol):
    """One transaction of one job.

    now: aware UTC, whole seconds, one instant for the whole transaction. policy: the operator's settings.
    memory: what this process remembers of the database; only what cannot become wrong belongs there.
    """

    now: datetime
    memory: dict[Any, Any]
    policy: Policy
    sealer: Sealer

    def new_id(self) -> str:
        """Return a new object id made now."""
        ...

    async def rows(self, statement: Statement, **values: Any) -> list[Row]:
        """Run the statement and return all its rows."""
        ...

    async def row(self, statement: Statement, **values: Any) -> Row | None:
        """Run the statement and return its first row, or None."""
        ...

    async def run(self, statement: Statement, **values: Any) -> int:
        """Run the statement and return how many rows it changed."""
        ...

    async def run_many(self, statement: Statement, many: Sequence[Mapping[str, Any]]) -> list[Row]:
        """Run the statement with each of these values, in one go; return the rows of all, in their order.

        A statement that changes rows returns those only that it names in RETURNING.
        """
        ...

    async def is_still(self, statement: Statement, expected: Any, **values: Any) -> bool:
        """Return whether the statement's one row begins with this value.

        A job that only reads may be told so too early; it then runs again, and none of it is answered.
        """
        ...

    async def breathe(self) -> None:
        """Let other jobs have a turn amid a long list; what this one reads stays the same state."""
        ...


class Database(Protocol):
    """An engine with its schema. Raises Unavailable where the database cannot serve."""

    async def read(self, job: Callable[[Transaction], Awaitable[Result]], *, snapshot: bool = True) -> Result:
        """Run a job that changes nothing, on one consistent state, and return its result.

        snapshot: False for a job of which only the last statement makes the answer, the ones before decide
        whether there is one: each may then see the state at its own time, which saves round trips.
        Raises WriteInRead.
        """
        ...

    async def write(self, job: Callable[[Transaction], Awaitable[Result]]) -> Result:
        """Run a job and return its result after a durable commit (INV-18, INV-19).

        What the job raises is raised here, after all that it wrote was undone.
        """
        ...

    async def schema(self) -> Schema | None:
        """Return what the schema says of itself, None where there is none yet."""
        ...

    async def run_script(self, script: str, *, after: str | None) -> bool:
        """Run the statements of a migration as one transaction, and nobody else's at the same time.

        after: the revision that it follows on; return False, with nothing done, where the schema is at
        another one by now.
        """
        ...

    async def snapshot(self, file: Path) -> None:
        """Keep all that the database holds, as of one moment, in a file; for development."""
        ...

    async def restore(self, file: Path) -> None:
        """Put back what a snapshot of the same engine and schema kept, in one commit; for development.

        Nothing that was remembered of a credential is true afterwards (INV-25).
        """
        ...

    async def close(self) -> None:
        """Give back connections; running jobs are finished first."""
        ...
