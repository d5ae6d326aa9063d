"""A home for each test."""

from pathlib import Path

import pytest
from tests.cli.program import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A folder to run the program in."""
    return Home(tmp_path)
