"""A database that does not answer and does not hang up either: everybody who waits for it is told in time."""

import asyncio
import time
from collections.abc import Iterator

import pytest
from tests.conftest import OpenDatabase, _migrated
from tests.faults.cutting import Relay
from tests.storage.test_database import add, count

from antechamber.domain.errors import Unavailable
from antechamber.storage import connections
from antechamber.storage.database import Database

SECONDS = 0.5


@pytest.fixture
def database(relay: Relay, open_url: OpenDatabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database behind the relay, and little patience."""
    asyncio.run(_migrated(relay.url))
    for name in ("CONNECT_SECONDS", "WAIT_SECONDS", "_ANSWER_SECONDS"):
        monkeypatch.setattr(connections, name, SECONDS)
    yield open_url(relay.url, most_connections=4)
    relay.mend()


async def test_inv30_nobody_waits_longer_for_silence_than_the_limits_say(
    database: Database, relay: Relay
) -> None:
    await asyncio.gather(*(database.write(add) for _ in range(8)))
    relay.stall()
    began = time.monotonic()
    asked = [*(database.write(add) for _ in range(8)), *(count(database) for _ in range(8))]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert all(isinstance(answer, Unavailable) for answer in answers)
    # A connection, an answer on it, and the same once more on a new one.
    assert time.monotonic() - began < 4 * SECONDS + 1
    relay.mend()
    await database.write(add)
    assert await count(database) in range(9, 18)
