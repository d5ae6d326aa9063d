"""A server of `antechamber dev` for tests."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from antechamber.testing.asking import Connection
from antechamber.testing.desk import Clock, Desk, Mailbox, answer_invitation, mailbox_from_now
from antechamber.testing.tenants import Tenant, create_tenant

STOP_SECONDS = 35.0


class Server:
    """A development server: one of its own, or one that runs already.

    `with Server() as server:` starts one on a free port and stops it in the end. url: where it is. info: the
    line that `antechamber dev --json` prints, empty for a server that somebody else started.
    """

    def __init__(self, *options: str, url: str | None = None, ca_file: str | None = None) -> None:
        """Prepare a server. options: of `antechamber dev`. url: of one that runs already."""
        self._options: Sequence[str] = options
        self._process: subprocess.Popen[str] | None = None
        self._errors: Any = None
        self.info: dict[str, str] = {}
        self.url = ""
        if url is not None:
            self._connect(url, ca_file)

    def start(self) -> Self:
        """Start it, unless it runs. Raises RuntimeError with what it said when it does not start."""
        if self.url:
            return self
        # A file, not a pipe: nobody reads a pipe, and a full one would stop the server.
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed by stop()
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "antechamber", "dev", "--port", "0", "--json", *self._options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._process.wait(STOP_SECONDS)
            self._errors.seek(0, os.SEEK_SET)
            said = self._errors.read()
            self.stop()
            raise RuntimeError(f"antechamber dev did not start: {said}")
        self.info = json.loads(line)
        self._connect(self.info["url"], self.info.get("caFile"))
        return self

    def stop(self) -> None:
        """Stop it, if it was started here."""
        process, self._process = self._process, None
        if process is None:
            return
        self.url = ""
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert process.stdout is not None
        process.stdout.close()
        self._errors.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _connect(self, url: str, ca_file: str | None) -> None:
        self.connection = Connection(url, ca_file)
        self.url = self.connection.url
        self.desk = Desk(self.connection)
        self.clock = Clock(self.desk)

    def tenant(
        self, *, name: str = "", project_name: str = "", username: str = "", password: str = ""
    ) -> Tenant:
        """Return a new organization with all it takes to work in it; what is not given is made up."""
        wish = {"name": name, "projectName": project_name, "username": username, "password": password}
        return create_tenant(self.desk, wish)

    def mailbox(self, *, from_now: bool = False) -> Mailbox:
        """Return the mailbox. from_now: without what came before."""
        return mailbox_from_now(self.desk) if from_now else Mailbox(self.desk)

    def accept(
        self, invitation_id: str, *, first_name: str = "", last_name: str = "", password: str = ""
    ) -> dict[str, Any]:
        """Accept an invitation as the person whom it is for; return what it is then."""
        body = {"firstName": first_name, "lastName": last_name, "password": password}
        return answer_invitation(self.desk, invitation_id, "accept", body)

    def decline(self, invitation_id: str, *, note: str = "") -> dict[str, Any]:
        """Decline an invitation as the person whom it is for; return what it is then."""
        return answer_invitation(self.desk, invitation_id, "decline", {"note": note})

    def reset(
        self, *, keep_mail: bool = False, keep_clock: bool = False, keep_requests: bool = False
    ) -> None:
        """Go back to what the server began with: database, mailbox, clock and request log."""
        body = {"keepMail": keep_mail, "keepClock": keep_clock, "keepRequests": keep_requests}
        self.desk.ask("POST", "/reset", body)

    def snapshot(self, name: str) -> None:
        """Keep all that the database holds under a name."""
        self.desk.ask("POST", "/snapshots", {"name": name})

    def restore(self, name: str) -> None:
        """Put the database back to a snapshot; mailbox and clock stay."""
        self.desk.ask("POST", f"/snapshots/{name}/restore")

    def requests(self, most: int = 100) -> list[dict[str, Any]]:
        """Return the last requests, the newest first."""
        seen: list[dict[str, Any]] = self.desk.ask("GET", "/requests", query={"limit": most})["requests"]
        return seen
