"""Connections to a PostgreSQL server, as many as are needed at once and no more than allowed.

asyncpg's own pool does more than is needed here, for each request: a task to give a connection back, a
timer, an object in between, a query that resets the session. No statement of ours leaves session state
behind. Measured in docs/decisions/0005-postgresql-transactions.md.
"""

import asyncio
import contextlib
from types import TracebackType
from typing import Any

import asyncpg

# One after the other they stay well below the 30 s that a request may take (SECURITY-MODEL "Limits").
CONNECT_SECONDS = 5.0
WAIT_SECONDS = 5.0
STATEMENT_SECONDS = 10
LOCK_SECONDS = 5
# Ends the transaction of a server that was cut off: others wait for what it has locked.
IDLE_IN_TRANSACTION_SECONDS = 15
# PostgreSQL gives up first and says so; the driver does only where PostgreSQL does not answer at all.
_ANSWER_SECONDS = STATEMENT_SECONDS + 2.0
# All statements that there are, on every connection.
_STATEMENT_CACHE = 500
SESSION = {
    "application_name": "antechamber",
    "synchronous_commit": "on",
    "statement_timeout": f"{STATEMENT_SECONDS}s",
    "lock_timeout": f"{LOCK_SECONDS}s",
    "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_SECONDS}s",
}


class Connections:
    """At most so many connections; the one that was given back last is used next."""

    def __init__(self, url: str, most: int) -> None:
        self._url = url
        self._places = asyncio.Semaphore(most)
        self._free: list[asyncpg.Connection[Any]] = []

    def one(self) -> "Borrowed":
        """Return a context with one connection.

        Entering it raises TimeoutError where all are in use for too long, OSError where there is none to be
        had.
        """
        return Borrowed(self)

    async def take(self) -> "asyncpg.Connection[Any]":
        """Return a connection that nobody else uses until it is given back."""
        if self._places.locked():
            async with asyncio.timeout(WAIT_SECONDS):
                await self._places.acquire()
        else:
            await self._places.acquire()
        while self._free:
            connection = self._free.pop()
            if not connection.is_closed():
                return connection
        try:
            return await asyncpg.connect(
                self._url,
                timeout=CONNECT_SECONDS,
                command_timeout=_ANSWER_SECONDS,
                statement_cache_size=_STATEMENT_CACHE,
                max_cached_statement_lifetime=0,
                server_settings=SESSION,
            )
        except BaseException as error:
            self._places.release()
            if isinstance(error, (asyncpg.PostgresError, TimeoutError)):
                # Starting, full, no such database, a wrong password: there is no connection.
                raise ConnectionRefusedError(str(error) or "the server does not answer") from error
            raise

    def give_back(self, connection: "asyncpg.Connection[Any]") -> None:
        """Let others use it; one that stopped in the middle of something is thrown away."""
        if not connection.is_closed():
            if connection.is_in_transaction():
                connection.terminate()
            else:
                self._free.append(connection)
        self._places.release()

    def forget(self) -> None:
        """Throw away what nobody uses at the moment: where one has ended, the others have as a rule."""
        while self._free:
            self._free.pop().terminate()

    async def close(self) -> None:
        """Close the connections; nobody uses one any more."""
        for connection in self._free:
            with contextlib.suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await connection.close(timeout=CONNECT_SECONDS)


class Borrowed:
    """A connection for the time of an `async with`."""

    __slots__ = ("_connection", "_connections")

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def __aenter__(self) -> "asyncpg.Connection[Any]":
        self._connection = await self._connections.take()
        return self._connection

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._connections.give_back(self._connection)
