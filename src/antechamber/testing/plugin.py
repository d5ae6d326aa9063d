"""The pytest plugin: fixtures for a server, an organization, mail and time.

It is loaded wherever Antechamber is installed, so it imports nothing before a fixture is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from antechamber.testing import Clock, Mailbox, Server, Tenant


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our options."""
    group = parser.getgroup("antechamber")
    group.addoption(
        "--antechamber-url",
        metavar="URL",
        help="Use this server of `antechamber dev`; without it every test process starts its own.",
    )
    group.addoption(
        "--antechamber-option",
        action="append",
        default=[],
        metavar="OPTION",
        help="Start servers with this option of `antechamber dev`, as --antechamber-option=--rate-limits.",
    )


@pytest.fixture(scope="session")
def antechamber_server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A development server for the whole run; under xdist one for every worker."""
    from antechamber.testing import Server

    url = request.config.getoption("--antechamber-url")
    options: list[str] = request.config.getoption("--antechamber-option") or []
    with Server(*options, url=url) as server:
        yield server


@pytest.fixture
def antechamber_tenant(antechamber_server: Server) -> Iterator[Tenant]:
    """An organization for one test, gone afterwards."""
    from antechamber.testing import Problem

    tenant = antechamber_server.tenant()
    yield tenant
    try:
        tenant.delete()
    except Problem as problem:
        # The test may have deleted it, or reset the server.
        if problem.status != 404:
            raise


@pytest.fixture
def antechamber_mailbox(antechamber_server: Server) -> Mailbox:
    """The mail that comes from now on."""
    return antechamber_server.mailbox(from_now=True)


@pytest.fixture
def antechamber_clock(antechamber_server: Server) -> Iterator[Clock]:
    """The server's clock; it shows real time again afterwards.

    It is one for the whole server: with --antechamber-url for all who use that one.
    """
    yield antechamber_server.clock
    antechamber_server.clock.real()
