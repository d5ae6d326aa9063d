"""What the tests of the API talk with: a running server, clients of it, and a fresh organization a test."""

import http.client
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase, HTTPDigestAuth
from tests import databases

HERE = Path(__file__).parent
SEED = HERE / "seed.yaml"
BASE_PATH = "/api/atlas/v2"
ATLAS_V1 = "/api/atlas/v1.0"
PUBLIC_V1 = "/api/public/v1.0"
VERSIONED = "application/vnd.atlas.2023-01-01+json"

FRONT_DESK = "0a0000000000000000000001"
LOBBY = "0b0000000000000000000001"
STAIRS = "0b0000000000000000000002"
PORTERS = "0c0000000000000000000001"
OWNER_ID = "0d0000000000000000000001"
OWNER = "owner@front.example"
NEXT_DOOR = "0a0000000000000000000002"
ATTIC = "0b0000000000000000000003"
NEIGHBOURS = "0c0000000000000000000002"
STRANGER_ID = "0d0000000000000000000003"
NEXT_DOOR_INVITATION = "0f0000000000000000000005"
NOBODY = "0123456789abcdef01234567"

_PRIVATE_KEYS = (
    "frontown",
    "frontred",
    "frontmem",
    "frontpro",
    "frontprd",
    "fronaway",
    "fronhere",
    "nextdoor",
)
PRIVATE_KEYS = {
    public: f"00000000-0000-4000-8000-{number:012}" for number, public in enumerate(_PRIVATE_KEYS, start=1)
}

_numbers = itertools.count(1)


def fresh(word: str) -> str:
    """Return a name that no other test of this session uses."""
    return f"{word} {next(_numbers)}"


def fresh_address(word: str = "guest") -> str:
    """Return an e-mail address that no other test of this session uses."""
    return f"{word}{next(_numbers)}@guest.example"


class BearerAuth(AuthBase):
    """An access token on every request."""

    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


class Client:
    """One caller: a `requests` session below /api/atlas/v2 that asks for the one version there is."""

    def __init__(self, url: str, auth: AuthBase | None = None) -> None:
        self.url = url
        self.session = requests.Session()
        # Nothing of the machine's own: no proxy, no .netrc.
        self.session.trust_env = False
        self.session.auth = auth
        self.session.headers["Accept"] = VERSIONED

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str | None] | None = None,
        base: str = BASE_PATH,
    ) -> requests.Response:
        """Return the answer to a request. body: JSON, or bytes to be sent as they are. base: before path."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        every: dict[str, str | None] = {} if data is None else {"Content-Type": "application/json"}
        every.update(headers or {})
        return self.session.request(
            method,
            self.url + base + path,
            data=data,
            headers=every,  # type: ignore[arg-type]  # None takes a header out; the stubs do not know
            timeout=30,
        )

    def get(self, path: str, **more: Any) -> requests.Response:
        """Return the answer to a GET."""
        return self.send("GET", path, **more)

    def post(self, path: str, body: Any, **more: Any) -> requests.Response:
        """Return the answer to a POST."""
        return self.send("POST", path, body, **more)

    def patch(self, path: str, body: Any, **more: Any) -> requests.Response:
        """Return the answer to a PATCH."""
        return self.send("PATCH", path, body, **more)

    def delete(self, path: str, **more: Any) -> requests.Response:
        """Return the answer to a DELETE."""
        return self.send("DELETE", path, **more)


@dataclass
class Office:
    """A fresh organization: its client has a service account that owns it."""

    id: str
    name: str
    client: Client
    client_id: str
    client_secret: str = field(repr=False)

    @property
    def path(self) -> str:
        """Where the organization is, below the base path."""
        return f"/orgs/{self.id}"

    @property
    def invites(self) -> str:
        """Where its invitations are."""
        return f"{self.path}/invites"

    def invite(self, **fields: Any) -> dict[str, Any]:
        """Return a new invitation to the organization."""
        body = {"username": fresh_address(), "roles": ["ORG_MEMBER"], **fields}
        return created(self.client.post(self.invites, body), 200)

    def project(self, name: str | None = None) -> dict[str, Any]:
        """Return a new project."""
        return created(self.client.post("/groups", {"name": name or fresh("Room"), "orgId": self.id}), 201)

    def invite_to(self, project_id: str, **fields: Any) -> dict[str, Any]:
        """Return a new invitation to a project."""
        body = {"username": fresh_address(), "roles": ["GROUP_READ_ONLY"], **fields}
        return created(self.client.post(f"/groups/{project_id}/invites", body), 200)

    def team(self, name: str | None = None) -> dict[str, Any]:
        """Return a new team with the owner in it."""
        body = {"name": name or fresh("Shift"), "usernames": [OWNER]}
        return created(self.client.post(f"{self.path}/teams", body), 201)


def created(response: requests.Response, status: int) -> dict[str, Any]:
    """Return the body of an answer that a test relies on."""
    assert response.status_code == status, response.text
    body: dict[str, Any] = response.json()
    return body


class Server:
    """A running server process.

    data: a folder that keeps the database; a temporary one of the server's own otherwise. database: the
    URL of another one. options: more of the command line.
    """

    def __init__(
        self,
        *,
        log: Path,
        data: Path | None = None,
        database: str | None = None,
        workers: int = 1,
        options: Sequence[str] = (),
    ) -> None:
        command = [sys.executable, "-m", "antechamber", "dev", "--json", "--port", "0", "--seed", str(SEED)]
        # Every office of the session has the same owner.
        command += ["--limit", "organizations-per-user=100000"]
        command += ["--log-requests", "--workers", str(workers), *options]
        if data is not None:
            command += ["--data", str(data)]
        self.database = database or databases.of_server(data)
        if self.database is not None:
            command += ["--database", self.database]
        elif data is not None:
            self.database = f"sqlite:///{data / 'antechamber.db'}"
        self.log = log
        with log.open("ab") as errors:
            # A process group of its own: what is killed is the server with its workers and nothing else.
            self.process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=errors, start_new_session=True
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.kill()
            raise RuntimeError(f"the server did not start: {log.read_text()}")
        self.ready: dict[str, str] = json.loads(line)
        self.url = self.ready["url"]

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        parts = urlsplit(self.url)
        assert parts.hostname is not None
        assert parts.port is not None
        return parts.hostname, parts.port

    def digest(self, public_key: str) -> Client:
        """Return a caller with a key of the seed, by HTTP Digest."""
        return Client(self.url, HTTPDigestAuth(public_key, PRIVATE_KEYS[public_key]))

    def nobody(self) -> Client:
        """Return a caller without credentials."""
        return Client(self.url)

    def token(self, client_id: str, client_secret: str) -> str:
        """Return a new access token."""
        response = requests.post(
            f"{self.url}/api/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(client_id, client_secret),
            timeout=30,
        )
        token = created(response, 200)["access_token"]
        assert isinstance(token, str)
        return token

    @cached_property
    def front_desk(self) -> Client:
        """The owner of the seeded organization, by access token."""
        return Client(self.url, BearerAuth(self.token(self.ready["clientId"], self.ready["clientSecret"])))

    def office(self) -> Office:
        """Return a fresh organization."""
        name = fresh("Office")
        account = {
            "name": "tests",
            "description": "owner",
            "roles": ["ORG_OWNER"],
            "secretExpiresAfterHours": 8,
        }
        body = {"name": name, "orgOwnerId": OWNER_ID, "serviceAccount": account}
        new = created(self.front_desk.post("/orgs", body), 201)
        client_id = new["serviceAccount"]["clientId"]
        secret = new["serviceAccount"]["secrets"][0]["secret"]
        client = Client(self.url, BearerAuth(self.token(client_id, secret)))
        return Office(new["organization"]["id"], name, client, client_id, secret)

    def raw(
        self, method: str, target: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> "Raw":
        """Return the answer to a request whose target and headers are sent as they are, nothing added."""
        connection = http.client.HTTPConnection(*self.address, timeout=30)
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            if body is not None and not any(name.lower() == "transfer-encoding" for name in headers or {}):
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            return Raw(response.status, response.getheaders(), response.read())
        finally:
            connection.close()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query to the server's database, which must be a kept one."""
        assert self.database is not None
        return databases.rows(self.database, sql)

    def await_log(self, request_id: str) -> str:
        """Return what the server has logged, once the line of a request is there."""
        for _ in range(200):
            log = self.log.read_text()
            if request_id in log:
                return log
            time.sleep(0.02)
        raise AssertionError(f"no line of request {request_id} in the log")

    def terminate(self) -> int:
        """Ask the server to stop; return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def kill(self) -> None:
        """End the server and its workers as a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.wait()

    def wait(self) -> int:
        """Return the exit status once the server has ended."""
        status = self.process.wait(timeout=30)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return status


@dataclass
class Raw:
    """An answer as it came."""

    status: int
    header_lines: list[tuple[str, str]]
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        """Headers by lower-case name."""
        return {name.lower(): value for name, value in self.header_lines}

    def json(self) -> Any:
        """Return the body's JSON value."""
        return json.loads(self.body)
