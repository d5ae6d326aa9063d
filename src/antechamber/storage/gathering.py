"""Reads that came in while a statement was on its way are asked together, in one statement.

asyncpg costs 35 to 45 µs of CPU a statement, half of what a GET of one thing takes, and little more for each
further row of an answer. So who finds few of the same statement on their way is asked at once, as it is; the
others wait, and go out as one when fewer than AT_ONCE are left. Measured and reasoned in
docs/decisions/0005-postgresql-transactions.md.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from typing import Any, Protocol, TypeVar

import asyncpg

from antechamber.domain.errors import Unavailable
from antechamber.storage import connections
from antechamber.storage.database import Row

Result = TypeVar("Result")

AT_ONCE = 2
# Below that many askers at once, each alone is answered sooner; once MANY came together, AT_ONCE go alone.
ALONE = 8
MANY = 16
MOST_TOGETHER = 64
# What a parameter is where no column next to it says so. Of anything else, and of NULL, arrays are not made.
_TYPES = {str: "text", int: "bigint", bool: "boolean", bytes: "bytea"}
_PARAMETER = re.compile(r"\$([0-9]+)")


class _Try(Protocol):
    """Runs something on a connection, again where it was cut off. Raises Unavailable."""

    async def __call__(self, run: Callable[[Any], Awaitable[Result]]) -> Result: ...


class _Queue:
    """Who waits for the same statement, each with its values, and how many of it are on their way."""

    __slots__ = ("is_boarding", "most_alone", "on_their_way", "patience", "together", "waiting")

    def __init__(self, together: str) -> None:
        self.together = together
        self.on_their_way = 0
        self.most_alone = ALONE
        self.is_boarding = False
        self.waiting: list[tuple[Sequence[Any], asyncio.Future[Row | None]]] = []
        self.patience: asyncio.TimerHandle | None = None


class Gathering:
    """A stand-in for a connection, for reads each of which may be of another moment."""

    def __init__(self, attempt: _Try) -> None:
        self._try = attempt
        self._queues: dict[str, _Queue] = {}
        self._flights: set[asyncio.Task[None]] = set()
        # Statements that cannot be asked for many keys at once.
        self._only_alone: set[str] = set()

    async def fetch(self, text: str, *values: Any) -> list[Row]:
        """Return all rows, asked alone."""
        return await self._try(lambda connection: connection.fetch(text, *values))

    async def execute(self, text: str, *values: Any) -> str:
        """Return the status, asked alone."""
        return await self._try(lambda connection: connection.execute(text, *values))

    async def fetchmany(self, text: str, many: Sequence[Sequence[Any]]) -> list[Row]:
        """Return the rows of all, asked alone."""
        return await self._try(lambda connection: connection.fetchmany(text, many))

    async def fetchrow(self, text: str, *values: Any) -> Row | None:
        """Return the first row or None, as of a moment after this was called (INV-25).

        Raises Unavailable, or what PostgreSQL says of this statement with these values.
        """
        together = _together(text, tuple(map(type, values)))
        if together is None or text in self._only_alone:
            return await self._alone(text, values)
        queue = self._queues.get(together)
        if queue is None:
            queue = self._queues[together] = _Queue(together)
        if queue.on_their_way < queue.most_alone and not queue.waiting:
            queue.on_their_way += 1
            try:
                return await self._alone(text, values)
            finally:
                self._landed(text, queue)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Row | None] = loop.create_future()
        queue.waiting.append((values, answer))
        if queue.patience is None:
            queue.patience = loop.call_later(connections.WAIT_SECONDS, self._refuse, queue)
        return await answer

    async def close(self) -> None:
        """Wait for what is on its way, though nobody may want the answer any more."""
        while self._flights:
            await asyncio.wait(self._flights)

    def _refuse(self, queue: _Queue) -> None:
        """Refuse who waits: for so long none that is on its way has landed."""
        queue.patience = None
        waiting, queue.waiting = queue.waiting, []
        for _, answer in waiting:
            _fail(answer, Unavailable())

    def _landed(self, text: str, queue: _Queue) -> None:
        queue.on_their_way -= 1
        self._board(text, queue)

    def _board(self, text: str, queue: _Queue) -> None:
        if not queue.waiting or queue.is_boarding or queue.on_their_way >= AT_ONCE:
            return
        queue.on_their_way += 1
        queue.is_boarding = True
        # A task of its own: who has an answer goes on with it, and who comes until it runs goes along.
        flight = asyncio.get_running_loop().create_task(self._fly(text, queue))
        self._flights.add(flight)
        flight.add_done_callback(self._flights.discard)

    async def _fly(self, text: str, queue: _Queue) -> None:
        members, queue.waiting = queue.waiting[:MOST_TOGETHER], queue.waiting[MOST_TOGETHER:]
        queue.is_boarding = False
        queue.most_alone = AT_ONCE if len(members) >= MANY else ALONE
        if queue.patience is not None:
            queue.patience.cancel()
            queue.patience = None
        if queue.waiting:
            loop = asyncio.get_running_loop()
            queue.patience = loop.call_later(connections.WAIT_SECONDS, self._refuse, queue)
            self._board(text, queue)
        try:
            # Who went away meanwhile is not asked for.
            await self._ask(text, queue.together, [one for one in members if not one[1].done()])
        finally:
            self._landed(text, queue)

    async def _ask(
        self, text: str, together: str, members: list[tuple[Sequence[Any], asyncio.Future[Row | None]]]
    ) -> None:
        if len(members) > 1:
            columns = list(zip(*[values for values, _ in members], strict=True))
            try:
                records = await self._try(lambda connection: connection.fetch(together, *columns))
            except Exception as error:  # noqa: BLE001 - each is told below what is wrong with its own
                if isinstance(error, Unavailable):
                    for _, answer in members:
                        _fail(answer, Unavailable(), error.__cause__)
                    return
                if isinstance(error, asyncpg.SyntaxOrAccessError):
                    self._only_alone.add(text)
            else:
                found = {record[0]: record[1:] for record in records}
                for number, (_, answer) in enumerate(members, 1):
                    if not answer.done():
                        answer.set_result(found.get(number))
                return
        await asyncio.gather(*(self._answer_alone(text, *one) for one in members))

    async def _answer_alone(
        self, text: str, values: Sequence[Any], answer: asyncio.Future[Row | None]
    ) -> None:
        try:
            row = await self._alone(text, values)
        except Exception as error:  # noqa: BLE001 - it is raised where it is awaited
            _fail(answer, error, error.__cause__)
        else:
            if not answer.done():
                answer.set_result(row)

    async def _alone(self, text: str, values: Sequence[Any]) -> Row | None:
        return await self._try(lambda connection: connection.fetchrow(text, *values))


def _fail(answer: asyncio.Future[Row | None], error: Exception, cause: BaseException | None = None) -> None:
    error.__cause__ = cause
    if not answer.done():
        answer.set_exception(error)


@cache
def _together(text: str, kinds: tuple[type, ...]) -> str | None:
    """Return the statement for many keys, each parameter an array; None where there can be none.

    Its first column is the number of the key, from 1 on. LIMIT, besides giving the one row that is wanted,
    keeps the planner from making a join of it, for which it may read a whole table: each key is looked up by
    the plan of the statement alone.
    """
    if not kinds or not _TYPES.keys() >= set(kinds):
        return None
    arrays = ", ".join(f"${number}::{_TYPES[kind]}[]" for number, kind in enumerate(kinds, 1))
    names = ", ".join(f"p{number}" for number in range(1, len(kinds) + 1))
    one = _PARAMETER.sub(r"key.p\1", text)
    return (
        f"SELECT key.n, found.* FROM unnest({arrays}) WITH ORDINALITY AS key({names}, n)"
        f" CROSS JOIN LATERAL (SELECT * FROM ({one}) AS every LIMIT 1) AS found"
    )
