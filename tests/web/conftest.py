"""One server a session for the pages, and browsers that visit it."""

from collections.abc import Iterator

import pytest
from tests.api.desk import Office, Server
from tests.web.visitor import Visitor


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with what tests/api/seed.yaml says."""
    running = Server(log=tmp_path_factory.mktemp("web") / "stderr.log")
    yield running
    assert running.terminate() == 0


@pytest.fixture
def office(server: Server) -> Office:
    """A fresh organization."""
    return server.office()


@pytest.fixture
def visitor(server: Server) -> Visitor:
    """A fresh browser."""
    return Visitor(server.url)
