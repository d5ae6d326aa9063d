"""The documented requests through curl itself, with HTTP Digest and with an access token."""

import json
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from tests.api.desk import BASE_PATH, FRONT_DESK, LOBBY, PRIVATE_KEYS, Office, Server, fresh_address

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")

Curl = Callable[..., tuple[int, str]]
# A date at which older resources are asked for too, as in the documentation.
ACCEPT = "Accept: application/vnd.atlas.2025-03-12+json"
JSON = "Content-Type: application/json"


@pytest.fixture(params=["digest", "bearer"])
def curl(request: pytest.FixtureRequest, server: Server) -> Curl:
    """Run curl with credentials of the front desk's owner; return status and body."""
    if request.param == "digest":
        credentials = ["--user", f"frontown:{PRIVATE_KEYS['frontown']}", "--digest"]
    else:
        command = ["curl", "--disable", "--silent", "--noproxy", "*", "--request", "POST"]
        user = f"{server.ready['clientId']}:{server.ready['clientSecret']}"
        command += ["--user", user, "--data", "grant_type=client_credentials"]
        output = subprocess.run(
            [*command, f"{server.url}/api/oauth/token"], capture_output=True, check=True, timeout=30
        ).stdout
        credentials = ["--header", f"Authorization: Bearer {json.loads(output)['access_token']}"]

    def run(method: str, path: str, body: Any = None) -> tuple[int, str]:
        command = ["curl", "--disable", "--silent", "--show-error", "--noproxy", "*", *credentials]
        command += ["--header", ACCEPT, "--request", method, "--write-out", "\n%{http_code}"]
        if body is not None:
            command += ["--header", JSON, "--data", json.dumps(body)]
        done = subprocess.run(
            [*command, f"{server.url}{BASE_PATH}{path}"], capture_output=True, check=True, timeout=30
        )
        text, _, status = done.stdout.decode().rpartition("\n")
        return int(status), text

    return run


def test_the_documented_requests_work(curl: Curl) -> None:
    invites = f"/orgs/{FRONT_DESK}/invites"
    username = fresh_address()

    status, text = curl("POST", invites, {"username": username, "roles": ["ORG_MEMBER"]})
    invitation = json.loads(text)
    assert (status, invitation["username"], invitation["roles"]) == (200, username, ["ORG_MEMBER"])
    path = f"{invites}/{invitation['id']}"

    status, text = curl("GET", f"{path}?pretty=true")
    assert (status, json.loads(text)) == (200, invitation)
    assert text.startswith('{\n  "createdAt" : "')

    status, text = curl("PATCH", path, {"roles": ["ORG_OWNER"], "teamIds": []})
    assert (status, json.loads(text)) == (200, {**invitation, "roles": ["ORG_OWNER"]})

    status, text = curl("PATCH", invites, {"username": username, "roles": ["ORG_READ_ONLY"]})
    invitation = {**invitation, "roles": ["ORG_READ_ONLY"]}
    assert (status, json.loads(text)) == (200, invitation)

    status, text = curl("GET", f"{invites}?username={username}")
    assert (status, json.loads(text)) == (200, [invitation])

    status, text = curl("GET", invites)
    assert status == 200
    assert invitation in json.loads(text)

    assert curl("DELETE", path) == (204, "")
    assert curl("GET", path)[0] == 404


def test_the_documented_requests_for_projects_work(curl: Curl) -> None:
    invites = f"/groups/{LOBBY}/invites"
    username = fresh_address()

    status, text = curl("POST", invites, {"username": username, "roles": ["GROUP_READ_ONLY"]})
    invitation = json.loads(text)
    assert (status, invitation["groupName"]) == (200, "Lobby")

    status, text = curl("PATCH", invites, {"username": username, "roles": ["GROUP_OWNER"]})
    invitation = {**invitation, "roles": ["GROUP_OWNER"]}
    assert (status, json.loads(text)) == (200, invitation)

    status, text = curl("GET", f"{invites}/{invitation['id']}")
    assert (status, json.loads(text)) == (200, invitation)
    assert curl("DELETE", f"{invites}/{invitation['id']}") == (204, "")


def test_a_refusal_reaches_curl_with_its_body(curl: Curl, office: Office) -> None:
    status, text = curl("POST", f"/orgs/{FRONT_DESK}/invites", {"username": "x", "roles": ["ORG_OWNER"]})
    assert (status, json.loads(text)["errorCode"]) == (400, "INVALID_USERNAME")
    assert curl("GET", office.path)[0] == 401
