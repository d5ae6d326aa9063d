"""Servers of ours for the benchmark, the requests that they are sent, and copies of what they answer."""

import contextlib
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import msgspec

from bench import data
from bench.bare import Answer, Answers
from bench.load import Ask, LoadFailed
from bench.servers import OURS, Response, Server

ORGANIZATION = f"/api/atlas/v2/orgs/{data.ORGANIZATION_ID}"
INVITATIONS = f"{ORGANIZATION}/invites"
INVITATION = f"{INVITATIONS}/{data.INVITATION_ID}"
MEDIA_TYPE = "application/vnd.atlas.2025-02-19+json"
CHANGE = '{"roles":["ORG_MEMBER"]}'
SIGNED = Ask("GET", INVITATION, {"Accept": MEDIA_TYPE})
_MOST_PEOPLE = 200_000
# What the server library adds to any answer; the bare application gets it from there too.
_ADDED_HEADERS = frozenset({"date", "content-length"})


class Ours:
    """A running server of ours with an access token.

    folder: where its SQLite database is, if it has one.
    """

    def __init__(self, server: Server, folder: Path) -> None:
        self.server, self.folder = server, folder
        basic = b64encode(f"{data.CLIENT_ID}:{data.CLIENT_SECRET}".encode()).decode()
        headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
        said = server.ask("POST", "/api/oauth/token", headers, "grant_type=client_credentials")
        token = msgspec.json.decode(said.body)["access_token"]
        self.headers = {"Accept": MEDIA_TYPE, "Authorization": f"Bearer {token}"}

    def get(self, target: str = INVITATION) -> Ask:
        """Return a GET with the access token."""
        return Ask("GET", target, self.headers)

    def patch(self) -> Ask:
        """Return the change of the one invitation, with the access token."""
        return Ask("PATCH", INVITATION, {**self.headers, "Content-Type": MEDIA_TYPE}, CHANGE)


@contextlib.contextmanager
def ours(folder: Path, *options: str, pending: int = 1) -> Iterator[Ours]:
    """Give a server of ours with so many pending invitations. folder: for its files, made if need be."""
    folder.mkdir(exist_ok=True)
    with new_server(folder, "--data", str(folder), *options) as server:
        server.first_answer(INVITATION)
        if pending > 1:
            data.fill(folder, pending)
        yield Ours(server, folder)


def new_server(folder: Path, *options: str) -> Server:
    """Return a server of ours that is not running yet."""
    seed = folder / "seed.yaml"
    data.write_seed(seed)
    limit = f"users-per-organization={_MOST_PEOPLE}"
    return Server((*OURS, "--port", "PORT", "--seed", str(seed), "--limit", limit, *options), folder)


def answers_of(server: Ours, file: Path) -> None:
    """Write what the server answers to a GET and a PATCH to a file for the bare application."""
    get, patch = (_answer(server.server, ask) for ask in (server.get(), server.patch()))
    file.write_bytes(msgspec.json.encode(Answers(get, patch)))


def require_same_answers(server: Ours, bare: Server) -> None:
    """Raise LoadFailed when the bare application answers something else."""
    for ask in (server.get(), server.patch()):
        mine, theirs = (one.ask(*_sent(ask)) for one in (server.server, bare))
        if (mine.status, _names(mine), mine.body) != (theirs.status, _names(theirs), theirs.body):
            raise LoadFailed(f"the bare application's answer is another: {mine} {theirs}")


def _answer(server: Server, ask: Ask) -> Answer:
    said = server.ask(*_sent(ask))
    if said.status != 200:
        raise LoadFailed(f"{ask.method} {ask.target} was answered with {said.status}: {said.body[:500]!r}")
    kept = [(name, value) for name, value in said.headers if name not in _ADDED_HEADERS]
    return Answer(said.status, kept, said.body)


def _sent(ask: Ask) -> tuple[str, str, dict[str, str], str | None]:
    return ask.method, ask.target, dict(ask.headers), ask.body or None


def _names(said: Response) -> list[str]:
    return sorted(name for name, _ in said.headers)
