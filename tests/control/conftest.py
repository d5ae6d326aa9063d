"""One development server for the whole room, with two workers; each test gets a tenant or resets."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.program import Home

from antechamber.testing import Server


@pytest.fixture(scope="session")
def running() -> Iterator[Server]:
    """The server."""
    with Server("--workers", "2", "--set", "remind_days_before_expiry=3") as server:
        yield server


@pytest.fixture
def server(running: Server) -> Server:
    """The server as it was at its start."""
    running.reset()
    return running


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A folder to run the program in."""
    return Home(tmp_path)
