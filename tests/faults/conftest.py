"""Servers that are about to have a bad time: some seconds a test, so `make faults` runs them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests import postgres
from tests.api.desk import Server
from tests.faults.cutting import Relay
from tests.faults.starting import Start

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all of this folder."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.faults)


@pytest.fixture(params=["sqlite", "postgresql"])
def start(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Start]:
    """Starts servers on one database of each engine in turn; they are ended after the test."""
    url = None if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    with Start(tmp_path, url) as start:
        yield start


@pytest.fixture
def start_on_sqlite(tmp_path: Path) -> Iterator[Start]:
    """The same on SQLite alone."""
    with Start(tmp_path, None) as start:
        yield start


@pytest.fixture
def cluster() -> Iterator[postgres.Cluster]:
    """A PostgreSQL server to be ill-treated, whose commits wait for the disk."""
    with postgres.cluster(postgres.DURABLE) as running:
        yield running


@pytest.fixture
def start_on_cluster(cluster: postgres.Cluster, tmp_path: Path) -> Iterator[Start]:
    """Starts servers on that one."""
    with Start(tmp_path, cluster.url) as start:
        yield start


@pytest.fixture
def relay(cluster: postgres.Cluster) -> Iterator[Relay]:
    """A line to it that can be cut."""
    with Relay(cluster.socket) as relay:
        yield relay


@pytest.fixture
def relayed_server(relay: Relay, tmp_path: Path) -> Iterator[Server]:
    """A server at the other end of that line."""
    with Start(tmp_path, relay.url) as start:
        yield start()
