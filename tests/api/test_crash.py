"""The server is ended in the middle of its work: what was acknowledged is there, nothing is half there."""

import json
import socket
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from tests.api.desk import BASE_PATH, VERSIONED, BearerAuth, Client, Office, Server

WRITERS = 6
PATIENCE_SECONDS = 30.0


@dataclass
class Written:
    """What one writer was told: roles of invitations by id, and how often each was changed."""

    roles: dict[str, list[str]] = field(default_factory=dict)
    changes: Counter[str] = field(default_factory=Counter)
    # Asked for when the connection broke: it may have happened or not.
    open_id: str | None = None


def _write(office: Office, prefix: str, written: Written) -> None:
    """Invite and change for as long as there is a server."""
    client = Client(office.client.url, office.client.session.auth)  # type: ignore[arg-type]
    try:
        for number in range(200):
            body = {"username": f"{prefix}{number}@guest.example", "roles": ["ORG_MEMBER"]}
            made = client.post(office.invites, body)
            assert made.status_code == 200, made.text
            id = made.json()["id"]
            written.roles[id] = ["ORG_MEMBER"]
            written.open_id = id
            changed = client.patch(f"{office.invites}/{id}", {"roles": ["ORG_OWNER", "ORG_READ_ONLY"]})
            assert changed.status_code == 200, changed.text
            written.roles[id] = changed.json()["roles"]
            written.changes[id] += 1
            written.open_id = None
    except requests.ConnectionError:
        pass


def _write_until_killed(server: Server, offices: list[Office], prefix: str, seconds: float) -> list[Written]:
    """Kill the server so long after every writer has heard of its first change."""
    written = [Written() for _ in offices]
    threads = [
        threading.Thread(target=_write, args=(office, prefix, kept))
        for office, kept in zip(offices, written, strict=True)
    ]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not all(kept.changes for kept in written):
        assert time.monotonic() < deadline, "nothing was written before the end"
        time.sleep(0.005)
    time.sleep(seconds)
    server.kill()
    for thread in threads:
        thread.join()
    return written


def test_inv19_what_was_acknowledged_survives_a_kill_and_nothing_is_half_written(tmp_path: Path) -> None:
    data = tmp_path / "data"
    server = Server(log=tmp_path / "stderr.log", data=data)
    offices = [server.office() for _ in range(WRITERS)]
    tokens = [server.token(office.client_id, office.client_secret) for office in offices]
    rounds = []
    for number, seconds in enumerate((0.03, 0.3)):
        rounds.append(_write_until_killed(server, offices, f"round{number}x", seconds))
        server = Server(log=tmp_path / "stderr.log", data=data)
        for office, token in zip(offices, tokens, strict=True):
            office.client = Client(server.url, BearerAuth(token))

    listed = [office.client.get(office.invites).json() for office in offices]
    assert server.terminate() == 0

    for office, found, *acknowledged in zip(offices, listed, *rounds, strict=True):
        shown = {one["id"]: one["roles"] for one in found}
        changed = ["ORG_OWNER", "ORG_READ_ONLY"]
        for written in acknowledged:
            for id, roles in written.roles.items():
                assert shown[id] == roles or (id == written.open_id and shown[id] == changed)
        # Besides, at most what was under way at each end.
        assert len(shown) - sum(len(written.roles) for written in acknowledged) in range(len(rounds) + 1)
        _check_rows(server, office.id, shown)


def _check_rows(server: Server, organization_id: str, shown: dict[str, list[str]]) -> None:
    """INV-18: each invitation has its event and its mail, each change its event, and there are no others."""

    def rows(columns: str, table: str) -> list[Any]:
        return server.rows(f"SELECT {columns} FROM {table} WHERE organization_id = '{organization_id}'")

    if (server.database or "").startswith("sqlite"):
        assert server.rows("PRAGMA integrity_check") == [("ok",)]
        assert server.rows("PRAGMA foreign_key_check") == []
    invitations = rows("id, username, roles", "invitations")
    assert {id: roles.split() for id, _, roles in invitations} == shown
    usernames = Counter(username for _, username, _ in invitations)
    events = rows("type_name, target_username", "events")
    assert Counter(who for what, who in events if what == "INVITED_TO_ORG") == usernames
    changed = Counter(username for _, username, roles in invitations if roles != "ORG_MEMBER")
    assert Counter(who for what, who in events if what == "USER_ROLES_CHANGED_AUDIT") == changed
    assert Counter(id for (id,) in rows("invitation_id", "outbox")) == Counter(shown.keys())
    people = {username for (username,) in server.rows("SELECT username FROM users")}
    assert usernames.keys() <= people


def test_a_server_that_is_asked_to_stop_finishes_the_requests_that_run(tmp_path: Path) -> None:
    data = tmp_path / "data"
    server = Server(log=tmp_path / "stderr.log", data=data)
    office = server.office()
    token = server.token(office.client_id, office.client_secret)
    connections = []
    bodies = [b'{"username":"g%d@guest.example","roles":["ORG_MEMBER"]}' % n for n in range(8)]
    for body in bodies:
        head = (
            f"POST {BASE_PATH}{office.invites} HTTP/1.1\r\nHost: localhost\r\nAccept: {VERSIONED}\r\n"
            f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        connection = socket.create_connection(server.address, timeout=20)
        connection.sendall(head.encode() + body[:10])
        connections.append(connection)
    # Answered behind them all: the server has taken them up.
    assert office.client.get(office.invites).json() == []

    server.process.terminate()
    _wait_until_nobody_is_let_in(server)
    ids = set()
    for connection, body in zip(connections, bodies, strict=True):
        with connection:
            connection.sendall(body[10:])
            answer = b""
            while chunk := connection.recv(65536):
                answer += chunk
                if answer.endswith(b"}"):
                    break
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        ids.add(json.loads(answer.partition(b"\r\n\r\n")[2])["id"])
    assert len(ids) == len(bodies)
    assert server.wait() == 0
    assert ids <= {id for (id,) in server.rows("SELECT id FROM invitations WHERE project_id IS NULL")}


def test_a_stop_keeps_how_access_lists_were_used_up_to_then(tmp_path: Path) -> None:
    server = Server(log=tmp_path / "stderr.log", data=tmp_path / "data")
    client = server.digest("fronhere")
    uses = [client.get("/orgs").status_code for _ in range(3)]
    assert server.terminate() == 0
    assert uses == [200] * 3
    used = server.rows("SELECT used_count FROM access_list_entries WHERE last_used_address = '127.0.0.1'")
    assert used == [(3,)]


def _wait_until_nobody_is_let_in(server: Server) -> None:
    for _ in range(1000):
        try:
            socket.create_connection(server.address, timeout=20).close()
        except OSError:
            return
        threading.Event().wait(0.01)
    raise AssertionError("the server still listens")


def test_inv19_under_load_a_stop_keeps_exactly_what_it_acknowledged(tmp_path: Path) -> None:
    """A connection that was not read from yet may be closed unanswered; then its request was not run."""
    data = tmp_path / "data"
    server = Server(log=tmp_path / "stderr.log", data=data)
    offices = [server.office() for _ in range(WRITERS)]
    acknowledged: Counter[str] = Counter()
    unexpected: list[str] = []

    def write(writer: int) -> None:
        office = offices[writer]
        for number in range(490):
            username = f"w{writer}n{number}@guest.example"
            client = Client(server.url, office.client.session.auth)  # type: ignore[arg-type]
            body = {"username": username, "roles": ["ORG_MEMBER"]}
            try:
                response = client.post(office.invites, body, headers={"Connection": "close"})
            except requests.ConnectionError as error:
                if "refused" in str(error):
                    return
                if not any(words in str(error) for words in ("closed connection without", "reset by peer")):
                    unexpected.append(str(error))
                continue
            if response.status_code != 200 or response.json()["username"] != username:
                unexpected.append(response.text)
            acknowledged[username] += 1

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(WRITERS)]
    for thread in threads:
        thread.start()
    threading.Event().wait(0.4)
    assert server.terminate() == 0
    for thread in threads:
        thread.join()
    assert not unexpected
    assert acknowledged
    rows = server.rows("SELECT username FROM invitations WHERE username LIKE 'w%n%@guest.example'")
    assert Counter(username for (username,) in rows) == acknowledged
