"""One server process a session for the stories, with people in it who answered their invitations."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.api.desk import Office, Server

SEED = Path(__file__).parent / "seed.yaml"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with what tests/api/seed.yaml and seed.yaml beside this file say."""
    running = Server(log=tmp_path_factory.mktemp("stories") / "stderr.log", options=("--seed", str(SEED)))
    yield running
    assert running.terminate() == 0


@pytest.fixture
def office(server: Server) -> Office:
    """A fresh organization."""
    return server.office()
