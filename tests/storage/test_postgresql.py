"""What only PostgreSQL does: connections that end, a server that is not there."""

import pytest
from tests import postgres
from tests.conftest import OpenDatabase
from tests.storage.test_database import add, count

from antechamber.domain.errors import Unavailable


async def test_inv33_a_server_that_is_not_there_refuses(tmp_path: object, open_url: OpenDatabase) -> None:
    database = open_url(f"postgresql://postgres@/postgres?host={tmp_path}")
    for ask in (database.read, database.write):
        with pytest.raises(Unavailable):
            await ask(add)
    with pytest.raises(Unavailable):
        await database.schema_version()


async def test_inv33_a_connection_that_ends_refuses_once_and_the_next_one_serves(
    postgres_url: str, open_url: OpenDatabase
) -> None:
    database = open_url(postgres_url)
    await database.write(add)
    await postgres.execute(
        postgres_url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid()",
    )
    try:
        await database.write(add)
    except Unavailable:
        await database.write(add)
    assert await count(database) == 2


async def test_inv33_a_database_that_cannot_be_written_refuses_and_can_be_read(
    postgres_url: str, open_url: OpenDatabase
) -> None:
    name = postgres_url.partition("?")[0].rpartition("/")[2]
    await postgres.execute(postgres_url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    database = open_url(postgres_url)
    with pytest.raises(Unavailable):
        await database.write(add)
    assert await count(database) == 0


async def test_inv19_commits_wait_for_the_disk(postgres_url: str, open_url: OpenDatabase) -> None:
    from antechamber.storage.database import Statement

    database = open_url(postgres_url)
    show = Statement("SELECT current_setting('synchronous_commit')")
    row = await database.write(lambda tx: tx.row(show))
    assert row is not None
    assert row[0] == "on"
