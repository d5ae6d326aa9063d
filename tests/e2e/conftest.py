"""A real server, a real mail server and a real browser."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from tests.e2e import guard
from tests.e2e.desk import Desk, PostOffice

SMTP_DOMAIN = "@mail.example"


def browser_path() -> str:
    """Return the Chromium to use. Raises FileNotFoundError."""
    named = os.environ.get("ANTECHAMBER_TEST_BROWSER")
    found = named or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if found is None:
        raise FileNotFoundError(
            "no Chromium found: install one (apt-get install chromium), or name yours in"
            " ANTECHAMBER_TEST_BROWSER"
        )
    return found


class OnFreePort(Controller):
    """A mail server that says on which port it listens before it calls itself to see whether it does."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@pytest.fixture(scope="session")
def post_office() -> Iterator[PostOffice]:
    """A mail server that keeps what it gets."""
    office = PostOffice()
    controller = OnFreePort(office, hostname="127.0.0.1", port=0)
    controller.start()
    office.port = controller.port
    yield office
    controller.stop()


@pytest.fixture(scope="session")
def desk(post_office: PostOffice, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The server, watched: whatever the tests make it do, nothing leaves the machine."""
    log = tmp_path_factory.mktemp("guard") / "connections.log"
    command = [
        str(Path(sys.executable).with_name("antechamber")),
        "dev",
        "--port",
        "0",
        "--json",
        "--smtp",
        f"smtp://127.0.0.1:{post_office.port}",
        "--mail-to",
        SMTP_DOMAIN,
    ]
    process = subprocess.Popen(guard.watched(command, log), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, "the server did not start"
    with process, process.stdout:
        yield Desk(json.loads(line))
        _stop(process)
    seen = log.read_text("utf-8", "replace")
    assert f"htons({post_office.port})" in seen, "the guard saw the mail that was sent"
    assert guard.left_the_machine(seen) == set()


def _stop(process: subprocess.Popen[str]) -> None:
    # strace passes no signal on; the server is its only child.
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("ascii").split()
    for child in children:
        os.kill(int(child), signal.SIGTERM)
    process.wait(30)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    with sync_playwright() as playwright:
        # Chromium's own sandbox does not work as root.
        arguments = ["--no-sandbox"] if os.getuid() == 0 else []
        yield (running := playwright.chromium.launch(executable_path=browser_path(), args=arguments))
        running.close()


@pytest.fixture
def person(browser: Browser, desk: Desk) -> Iterator[Callable[..., Page]]:
    """Return a page in a browser of its own: another person, or the same elsewhere."""
    contexts: list[BrowserContext] = []

    def arrive(**options: Any) -> Page:
        context = browser.new_context(base_url=desk.url, locale="en-US", **options)
        context.set_default_timeout(30_000)
        contexts.append(context)
        return context.new_page()

    yield arrive
    for context in contexts:
        context.close()
