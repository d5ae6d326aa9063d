"""One server process a session, shared by the tests; each test makes an organization of its own in it."""

from collections.abc import Iterator

import pytest
from tests.api.desk import Office, Server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with what tests/api/seed.yaml says."""
    running = Server(log=tmp_path_factory.mktemp("server") / "stderr.log")
    yield running
    assert running.terminate() == 0


@pytest.fixture
def office(server: Server) -> Office:
    """A fresh organization."""
    return server.office()
