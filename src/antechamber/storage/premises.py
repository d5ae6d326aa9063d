"""Reading what a job rests on together with what it reads first: one round trip instead of two.

A remembered credential holds as long as its organization's authority version stands still, which must be
read in the request's own transaction (INV-25). Here that is taken for granted until the first row is read,
and read in the same statement; where it turns out wrong, the job runs again and looks first.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeVar

from antechamber.storage.database import Row, Statement, Transaction

Result = TypeVar("Result")

_PREFIX = "premise_"


class _Premise(NamedTuple):
    statement: Statement
    values: dict[str, Any]
    expected: Any


class _WasWrong(Exception):
    """What was taken for granted does not hold."""


async def run(job: Callable[[Transaction], Awaitable[Result]], tx: Transaction) -> Result:
    """Return the job's result, or raise what it raises, once all that it took for granted was seen to hold.

    tx: one that only reads.
    """
    assuming = _Assuming(tx)
    try:
        try:
            result = await job(assuming)
        except Exception:
            # A refusal may rest on it as well.
            await assuming.verify()
            raise
        await assuming.verify()
    except _WasWrong:
        return await job(tx)
    return result


class _Assuming:
    """A transaction that takes the next premise for granted and looks at it with the first row."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._premise: _Premise | None = None
        self.now, self.policy, self.sealer, self.memory = tx.now, tx.policy, tx.sealer, tx.memory

    async def is_still(self, statement: Statement, expected: Any, **values: Any) -> bool:
        await self.verify()
        self._premise = _Premise(statement, values, expected)
        return True

    async def verify(self) -> None:
        """Look at what was taken for granted, if that was not done. Raises _WasWrong."""
        premise, self._premise = self._premise, None
        if premise is not None and not await self._tx.is_still(
            premise.statement, premise.expected, **premise.values
        ):
            raise _WasWrong

    async def row(self, statement: Statement, **values: Any) -> Row | None:
        premise = self._premise
        # Only where both are rows of one organization: elsewhere they may be on different machines.
        if (
            premise is None
            or statement.is_for_writing
            or values.get("organization_id") not in premise.values.values()
        ):
            await self.verify()
            return await self._tx.row(statement, **values)
        both = _together(statement, premise.statement)
        more = {f"{_PREFIX}{name}": value for name, value in premise.values.items()}
        # Where this fails nothing was read, and nothing more is asked on a connection that may be gone.
        self._premise = None
        row = await self._tx.row(both, **values, **more)
        if row is None:
            self._premise = premise
            await self.verify()
            return None
        if row[-1] != premise.expected:
            raise _WasWrong
        return row[:-1]

    async def rows(self, statement: Statement, **values: Any) -> list[Row]:
        await self.verify()
        return await self._tx.rows(statement, **values)

    async def run(self, statement: Statement, **values: Any) -> int:
        await self.verify()
        return await self._tx.run(statement, **values)

    async def run_many(self, statement: Statement, many: Sequence[Mapping[str, Any]]) -> list[Row]:
        await self.verify()
        return await self._tx.run_many(statement, many)

    async def breathe(self) -> None:
        await self._tx.breathe()

    def new_id(self) -> str:
        return self._tx.new_id()


@cache
def _together(statement: Statement, premise: Statement) -> Statement:
    """Return the statement with the premise's value as its last column."""
    looked_at = re.sub(r"(?<!:):(?=[a-z_])", f":{_PREFIX}", premise.sqlite)
    return Statement(f"SELECT found.*, ({looked_at}) FROM ({statement.sqlite}) AS found")
