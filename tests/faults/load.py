"""Writers that go on through faults and remember what they were told, and a check of what is there after."""

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import requests
from tests.api.desk import Client, Office, Server

ROLES = (["ORG_MEMBER"], ["ORG_READ_ONLY", "ORG_BILLING_ADMIN"])


@dataclass
class Kept:
    """One invitation as its writer knows it.

    roles: those that it may have now, one unless a change was asked for and not acknowledged. asked,
    acknowledged: changes.
    """

    username: str
    roles: list[list[str]]
    asked: int = 0
    acknowledged: int = 0


class Writer(threading.Thread):
    """Invites people to one office and changes what they are invited to, until told to stop.

    kept: what was acknowledged, by id. asked: usernames that may be there besides. statuses: how often each.
    """

    def __init__(self, office: Office, prefix: str) -> None:
        super().__init__(daemon=True)
        self.office, self.prefix = office, prefix
        self.kept: dict[str, Kept] = {}
        self.asked: set[str] = set()
        self.statuses: Counter[int | str] = Counter()
        self.wrong: list[str] = []
        self.stopping = threading.Event()
        self.first = threading.Event()
        # Set anew by whoever waits for the next success.
        self.succeeded = threading.Event()

    def run(self) -> None:
        """Write."""
        number = 0
        while not self.stopping.is_set():
            number += 1
            username = f"{self.prefix}{number}@guest.example"
            self.asked.add(username)
            made = self._send("post", "", {"username": username, "roles": ROLES[0]})
            if made is None:
                continue
            self.asked.discard(username)
            kept = self.kept[made["id"]] = Kept(username, [made["roles"]])
            for roles in (ROLES[1], ROLES[0]):
                kept.roles.append(roles)
                kept.asked += 1
                if self._send("patch", f"/{made['id']}", {"roles": roles}) is not None:
                    kept.roles = [roles]
                    kept.acknowledged += 1

    def _send(self, method: str, path: str, body: Any) -> Any:
        try:
            answer = getattr(self.office.client, method)(self.office.invites + path, body)
        except requests.ConnectionError:
            self.statuses["cut"] += 1
            # A new session: the old connection is gone, as a client would see it.
            self.office.client = Client(self.office.client.url, self.office.client.session.auth)  # type: ignore[arg-type]
            self.stopping.wait(0.02)
            return None
        self.statuses[answer.status_code] += 1
        if answer.status_code == 200:
            self.first.set()
            self.succeeded.set()
            return answer.json()
        if answer.status_code != 503 or "Retry-After" not in answer.headers:
            self.wrong.append(f"{answer.status_code}: {answer.text}")
        # Sooner than asked for, to see when the server is back.
        self.stopping.wait(0.02)
        return None


class Load:
    """Writers in the background, for the time of a `with`; leaving it checks that none was told nonsense."""

    def __init__(self, offices: Sequence[Office], prefix: str = "w") -> None:
        self.writers = [Writer(office, f"{prefix}{number}n") for number, office in enumerate(offices)]

    def __enter__(self) -> "Load":
        for writer in self.writers:
            writer.start()
        for writer in self.writers:
            assert writer.first.wait(10), "nothing is written at first"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for writer in self.writers:
            writer.stopping.set()
        for writer in self.writers:
            writer.join(40)
        if error is None:
            assert not [wrong for writer in self.writers for wrong in writer.wrong]

    def await_success(self, seconds: float) -> None:
        """Return when every writer has written something from now on."""
        for writer in self.writers:
            writer.succeeded.clear()
        for writer in self.writers:
            assert writer.succeeded.wait(seconds), f"nothing is written within {seconds} s"

    @property
    def statuses(self) -> Counter[int | str]:
        """How often each status was answered."""
        return sum((writer.statuses for writer in self.writers), Counter())


def offices(server: Server, count: int = 4) -> list[Office]:
    """Return fresh organizations of the server."""
    return [server.office() for _ in range(count)]


def elsewhere(office: Office, server: Server) -> Office:
    """Return the same organization as another server, or the next process of the same one, shows it."""
    client = Client(server.url, office.client.session.auth)  # type: ignore[arg-type]
    return Office(office.id, office.name, client, office.client_id, office.client_secret)


def require_whole(server: Server, loads: Sequence[Load]) -> None:
    """Return when all that was acknowledged is there, and all that is there is whole (INV-18, INV-19)."""
    for writers in zip(*(load.writers for load in loads), strict=True):
        _require_whole(server, writers)
    if (server.database or "").startswith("sqlite"):
        assert server.rows("PRAGMA integrity_check") == [("ok",)]
        assert server.rows("PRAGMA foreign_key_check") == []


def _require_whole(server: Server, writers: Sequence[Writer]) -> None:
    organization_id = writers[0].office.id

    def rows(columns: str, table: str) -> list[tuple[Any, ...]]:
        return server.rows(f"SELECT {columns} FROM {table} WHERE organization_id = '{organization_id}'")

    found = {
        id: (username, roles.split()) for id, username, roles in rows("id, username, roles", "invitations")
    }
    events = Counter(rows("type_name, target_username", "events"))
    mails = Counter(id for (id,) in rows("invitation_id", "outbox"))
    known: dict[str, Kept] = {}
    asked: set[str] = set()
    for writer in writers:
        known |= writer.kept
        asked |= writer.asked
    assert known, "nothing was written"
    assert found.keys() >= known.keys(), "what was acknowledged is lost"
    assert mails == Counter(found.keys())
    for id, (username, roles) in found.items():
        assert events.pop(("INVITED_TO_ORG", username)) == 1
        changes = events.pop(("USER_ROLES_CHANGED_AUDIT", username), 0)
        kept = known.get(id)
        if kept is None:
            assert username in asked
            assert (roles, changes) == (ROLES[0], 0)
            continue
        assert roles in kept.roles
        assert kept.acknowledged <= changes <= kept.asked
    assert not {(what, who) for what, who in events if who in asked}, "an event tells of what is not there"
