"""The database as use cases see it: jobs that run in one transaction each.

A job is `async def job(tx)`. It may run more than once, so nothing leaves the house inside it, and it
awaits nothing but `tx`.
"""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from antechamber.domain.policy import Policy
from antechamber.domain.sealing import Sealer

Result = TypeVar("Result")
Row = tuple[Any, ...]

_NAME = re.compile(r"(?<!:):([a-z_][a-z0-9_]*)")
_LOCK = "{for_update}"


class Statement:
    """One SQL statement with :name parameters, in the text that each engine wants.

    The text keeps to what SQLite and PostgreSQL have in common. `{for_update}` stands where PostgreSQL
    is to lock the rows read; SQLite has one writer at a time and needs nothing there.
    """

    __slots__ = ("names", "postgresql", "sqlite", "writes")

    def __init__(self, text: str) -> None:
        text = " ".join(text.split())
        self.names: tuple[str, ...] = tuple(dict.fromkeys(_NAME.findall(text)))
        self.sqlite: str = text.replace(_LOCK, "")
        self.postgresql: str = _NAME.sub(
            lambda match: f"${self.names.index(match[1]) + 1}", text.replace(_LOCK, "FOR UPDATE")
        )
        self.writes: bool = not text.startswith("SELECT")


class Transaction(Protocol):
    """One transaction of one job.

    now: aware UTC, whole seconds, one instant for the whole transaction. policy: the operator's settings.
    """

    now: datetime
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


class Database(Protocol):
    """An engine with its schema. Raises Unavailable where the database cannot serve."""

    async def read(self, job: Callable[[Transaction], Awaitable[Result]]) -> Result:
        """Run a job that changes nothing, on one consistent state, and return its result."""
        ...

    async def write(self, job: Callable[[Transaction], Awaitable[Result]]) -> Result:
        """Run a job and return its result after a durable commit (INV-18, INV-19).

        What the job raises is raised here, after all that it wrote was undone.
        """
        ...

    async def schema_version(self) -> str | None:
        """Return the revision of the schema, None where there is none yet."""
        ...

    async def run_script(self, script: str) -> None:
        """Run the statements of a migration as one transaction."""
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
