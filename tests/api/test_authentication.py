"""Who calls: HTTP Digest with a client of somebody else's making, and access tokens."""

import hashlib
import re
from typing import Any

import pytest
from requests.auth import HTTPDigestAuth
from tests.api.desk import (
    BASE_PATH,
    FRONT_DESK,
    LOBBY,
    NOBODY,
    OWNER_ID,
    PRIVATE_KEYS,
    VERSIONED,
    BearerAuth,
    Client,
    Office,
    Raw,
    Server,
    created,
    fresh,
    fresh_address,
)

CHALLENGE = re.compile(
    r'Digest realm="MMS Public API", domain="", nonce="[A-Za-z0-9+/]{32}", algorithm=MD5, qop="auth", '
    r"stale=(?:true|false)"
)
CHALLENGE_BODY = b"""{
  "error" : 401,
  "reason" : "Unauthorized",
  "detail" : "You are not authorized for this resource.",
  "errorCode" : "UNEXPECTED_ERROR"
}"""
ORG = f"/orgs/{FRONT_DESK}"


def _is_challenge(response: Raw, *, stale: bool = False) -> None:
    assert response.status == 401
    challenge = response.headers["www-authenticate"]
    assert CHALLENGE.fullmatch(challenge)
    assert challenge.endswith("stale=true" if stale else "stale=false")
    assert response.headers["content-type"] == "application/json"
    assert response.headers["content-length"] == "142"
    assert response.body == CHALLENGE_BODY


@pytest.mark.parametrize(
    ("method", "path", "headers", "body"),
    [
        pytest.param("GET", ORG, {"Accept": VERSIONED}, None, id="a good request"),
        pytest.param("GET", "/nowhere", {}, None, id="no such route"),
        pytest.param("GET", "/orgs/not-an-id/invites", {}, None, id="a bad id"),
        pytest.param("PUT", f"{ORG}/invites", {}, None, id="a bad method"),
        pytest.param("GET", ORG, {"Accept": "text/plain"}, None, id="a bad version"),
        pytest.param("GET", f"{ORG}?pretty=x", {}, None, id="a bad query"),
        pytest.param("GET", "/orgs?name=" + "x" * 9000, {}, None, id="a long target"),
        pytest.param("POST", f"{ORG}/invites", {"Content-Type": "text/plain"}, b"{", id="a bad body"),
        pytest.param("PATCH", f"{ORG}/invites", {}, b"", id="a probe without its body"),
        pytest.param("POST", f"{ORG}/invites", {}, b"x" * 300_000, id="a large body"),
        pytest.param("DELETE", f"{ORG}/invites/{NOBODY}", {}, None, id="a deletion"),
        pytest.param("GET", ORG, {"Authorization": "Basic Zm9vOmJhcg=="}, None, id="another scheme"),
        pytest.param("GET", ORG, {"Authorization": "Digest"}, None, id="an empty answer"),
        pytest.param("GET", ORG, {"Authorization": 'Digest username="x"'}, None, id="half an answer"),
        pytest.param("GET", ORG, {"Authorization": "nonsense"}, None, id="nonsense"),
        pytest.param("GET", ORG, {"Authorization": ""}, None, id="nothing"),
    ],
)
def test_the_challenge_comes_first_whatever_was_asked(
    method: str, path: str, headers: dict[str, str], body: bytes | None, server: Server
) -> None:
    _is_challenge(server.raw(method, BASE_PATH + path, headers={"Host": "localhost", **headers}, body=body))


def test_no_two_challenges_share_a_nonce(server: Server) -> None:
    answers = [server.nobody().get("/orgs").headers["WWW-Authenticate"] for _ in range(20)]
    assert len(set(answers)) == 20


def test_digest_works_for_every_method(server: Server, office: Office) -> None:
    client = server.digest("frontown")
    invitation = created(
        client.post(f"{ORG}/invites", {"username": fresh_address(), "roles": ["ORG_MEMBER"]}), 200
    )
    path = f"{ORG}/invites/{invitation['id']}"
    assert invitation["inviterUsername"] == "frontown"
    assert client.get(f"{path}?pretty=true").json() == invitation
    assert client.send("HEAD", path).status_code == 200
    assert client.patch(path, {"roles": ["ORG_OWNER"]}).json()["roles"] == ["ORG_OWNER"]
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404


def test_a_nonce_serves_again_with_a_growing_count(server: Server) -> None:
    client = server.digest("frontown")
    answers = []
    for number in range(4):
        if number % 2:
            body = {"username": fresh_address(), "roles": ["ORG_MEMBER"]}
            response = client.post(f"{ORG}/invites", body)
        else:
            response = client.get(ORG)
        assert response.status_code == 200
        # Only the first request had to be challenged.
        assert len(response.history) == (1 if number == 0 else 0)
        answers.append(str(response.request.headers["Authorization"]))
    assert len({re.findall(r'nonce="([^"]+)"', answer)[0] for answer in answers}) == 1
    counts = [re.findall(r"nc=(\w+)", answer)[0] for answer in answers]
    assert counts == ["00000001", "00000002", "00000003", "00000004"]


def test_digest_covers_the_query_and_encoded_paths(server: Server) -> None:
    client = server.digest("frontown")
    for path in (
        f"{ORG}/invites?username=a%2Bb%40guest.example&pretty=true",
        "/groups/byName/Lobb%79",
        "/orgs?name=Front%20Desk",
        "/orgs?",
    ):
        assert client.get(path).status_code == 200, path


def test_inv27_a_write_is_not_run_twice_for_one_answer_to_a_challenge(server: Server) -> None:
    body = b'{"username":"%s","roles":["ORG_MEMBER"]}' % fresh_address().encode()
    first = server.digest("frontown").post(f"{ORG}/invites", body)
    invitation = created(first, 200)
    deleted = server.digest("frontown").delete(f"{ORG}/invites/{invitation['id']}")
    assert deleted.status_code == 204

    for original, sent in ((first, body), (deleted, None)):
        assert original.request.method is not None
        replayed = server.raw(
            original.request.method,
            original.request.path_url,
            headers={
                "Host": "localhost",
                "Accept": VERSIONED,
                "Content-Type": "application/json",
                "Authorization": str(original.request.headers["Authorization"]),
            },
            body=sent,
        )
        _is_challenge(replayed, stale=True)
    found = server.front_desk.get(f"{ORG}/invites?username={invitation['username']}")
    assert found.json() == []


def test_inv27_parallel_replays_of_one_write_make_one(server: Server) -> None:
    """The counts come from one nonce; each is spent once even when all arrive together."""
    from concurrent.futures import ThreadPoolExecutor

    client = server.digest("frontown")
    name = fresh("Room")
    first = client.post("/groups", {"name": name, "orgId": FRONT_DESK})
    assert first.status_code == 201
    headers = {
        "Host": "localhost",
        "Accept": VERSIONED,
        "Content-Type": "application/json",
        "Authorization": str(first.request.headers["Authorization"]),
    }
    body = b'{"name":"%s again","orgId":"%s"}' % (name.encode(), FRONT_DESK.encode())
    with ThreadPoolExecutor(8) as threads:
        answers = list(
            threads.map(
                lambda _: server.raw("POST", f"{BASE_PATH}/groups", headers=headers, body=body), range(16)
            )
        )
    assert {answer.status for answer in answers} == {401}


def test_an_answer_serves_only_for_its_own_method_and_target(server: Server) -> None:
    answer = server.digest("frontown").get(ORG).request.headers["Authorization"]
    for method, target in (("GET", f"{ORG}/invites"), ("GET", f"{ORG}?pretty=true"), ("DELETE", ORG)):
        headers = {"Host": "localhost", "Accept": VERSIONED, "Authorization": str(answer)}
        _is_challenge(server.raw(method, BASE_PATH + target, headers=headers))


def test_a_nonce_of_our_own_making_is_needed(server: Server) -> None:
    def md5(text: str) -> str:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    uri, nonce = BASE_PATH + ORG, "A" * 32
    ha1 = md5(f"frontown:MMS Public API:{PRIVATE_KEYS['frontown']}")
    response = md5(f"{ha1}:{nonce}:00000001:abc:auth:{md5(f'GET:{uri}')}")
    answer = (
        f'Digest username="frontown", realm="MMS Public API", nonce="{nonce}", uri="{uri}", '
        f'algorithm="MD5", qop=auth, nc=00000001, cnonce="abc", response="{response}"'
    )
    headers = {"Host": "localhost", "Accept": VERSIONED, "Authorization": answer}
    _is_challenge(server.raw("GET", uri, headers=headers))


def test_inv26_an_unknown_key_and_a_wrong_one_are_answered_alike(server: Server) -> None:
    def seen(public_key: str, private_key: str) -> tuple[Any, ...]:
        client = Client(server.url, HTTPDigestAuth(public_key, private_key))
        response = client.get(ORG)
        # Challenged, answered, challenged again.
        assert len(response.history) == 1
        assert CHALLENGE.fullmatch(response.headers["WWW-Authenticate"])
        varying = {"date", "www-authenticate", "x-request-id"}
        headers = {name.lower(): value for name, value in response.headers.items()}
        return (
            response.status_code,
            response.content,
            {name: value for name, value in headers.items() if name not in varying},
        )

    wrong = seen("frontown", "11111111-1111-4111-8111-111111111111")
    unknown = seen("nosuchky", PRIVATE_KEYS["frontown"])
    assert wrong == unknown
    assert wrong[:2] == (401, CHALLENGE_BODY)


@pytest.mark.parametrize(
    "token",
    [
        "at_0a0000000000000000000001_" + "A" * 43,
        "at_ffffffffffffffffffffffff_" + "A" * 43,
        "nonsense",
        "",
        "eyJhbGciOiJub25lIn0.e30.",
        "x" * 8000,
    ],
)
def test_a_token_that_was_never_issued_is_refused_with_an_empty_body(token: str, server: Server) -> None:
    headers = {"Host": "localhost", "Accept": VERSIONED, "Authorization": f"Bearer {token}"}
    response = server.raw("GET", BASE_PATH + ORG, headers=headers)
    assert (response.status, response.body) == (401, b"")
    assert response.headers["content-length"] == "0"
    assert not response.headers.get("www-authenticate", "").startswith("Digest")


def test_a_token_in_the_query_is_no_credential(server: Server, office: Office) -> None:
    token = server.token(office.client_id, office.client_secret)
    response = server.raw(
        "GET", f"{BASE_PATH}{office.path}?access_token={token}", headers={"Host": "localhost"}
    )
    _is_challenge(response)


def test_an_unknown_token_is_told_before_what_else_is_wrong(server: Server) -> None:
    client = Client(server.url, BearerAuth("nonsense"))
    for response in (
        client.get("/nowhere"),
        client.post(f"{ORG}/invites", b"{"),
        client.get(ORG, headers={"Accept": "text/plain"}),
    ):
        assert (response.status_code, response.content) == (401, b"")


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_inv28_a_key_with_a_list_works_from_listed_addresses_only(method: str, server: Server) -> None:
    body = {"roles": ["ORG_OWNER"]} if method in ("POST", "PATCH") else None
    path = f"{ORG}/invites" if method == "POST" else f"{ORG}/invites/{NOBODY}"
    away = server.digest("fronaway").send(method, path, body)
    assert (away.status_code, away.json()["errorCode"]) == (403, "IP_ADDRESS_NOT_ON_ACCESS_LIST")
    assert away.json()["parameters"] == ["127.0.0.1"]
    assert server.digest("fronhere").send(method, path, body).status_code in (400, 404)


def test_inv28_forwarded_headers_of_no_listed_proxy_are_not_believed(server: Server) -> None:
    headers = {"X-Forwarded-For": "192.0.2.1", "Forwarded": "for=192.0.2.1", "X-Real-IP": "192.0.2.1"}
    assert server.digest("fronaway").get(ORG, headers=headers).status_code == 403


def test_the_root_shows_a_key_with_its_roles_and_its_list(server: Server) -> None:
    shown = server.digest("fronhere").get("/").json()["apiKey"]
    assert shown["publicKey"] == "fronhere"
    assert shown["roles"] == [{"orgId": FRONT_DESK, "roleName": "ORG_OWNER"}]
    assert shown["accessList"] == [
        {"cidrBlock": "127.0.0.0/8", "ipAddress": None},
        {"cidrBlock": "198.51.100.7/32", "ipAddress": "198.51.100.7"},
    ]
    roles = server.digest("frontpro").get("/").json()["apiKey"]["roles"]
    assert {"groupId": LOBBY, "roleName": "GROUP_OWNER"} in roles


def test_a_key_of_a_new_organization_works_at_once_there_and_only_there(server: Server) -> None:
    body = {
        "name": fresh("Office"),
        "orgOwnerId": OWNER_ID,
        "apiKey": {"desc": "x", "roles": ["ORG_OWNER"]},
    }
    new = created(server.front_desk.post("/orgs", body), 201)
    assert re.fullmatch(r"[a-z]{8}", new["apiKey"]["publicKey"])
    client = Client(server.url, HTTPDigestAuth(new["apiKey"]["publicKey"], new["apiKey"]["privateKey"]))
    assert client.get(f"/orgs/{new['organization']['id']}").status_code == 200
    assert client.get(ORG).status_code == 401


def test_inv24_no_answer_but_the_first_and_no_log_line_holds_a_secret(server: Server) -> None:
    account = {"name": "s", "description": "s", "roles": ["ORG_OWNER"], "secretExpiresAfterHours": 8}
    new = created(
        server.front_desk.post(
            "/orgs", {"name": fresh("Office"), "orgOwnerId": OWNER_ID, "serviceAccount": account}
        ),
        201,
    )
    organization_id, client_id = new["organization"]["id"], new["serviceAccount"]["clientId"]
    secret = new["serviceAccount"]["secrets"][0]["secret"]
    token = server.token(client_id, secret)
    client = Client(server.url, BearerAuth(token))
    address = fresh_address("secretive")
    client.post(f"/orgs/{organization_id}/invites", {"username": address, "roles": ["ORG_MEMBER"]})
    answers = [
        client.get(path)
        for path in ("/", "/orgs", f"/orgs/{organization_id}", f"/orgs/{organization_id}/invites", "/groups")
    ]
    answers.append(client.post(f"/orgs/{organization_id}/invites", b'{"username":"' + secret.encode()))
    digest = server.digest("frontown").get("/")
    answers.append(digest)
    answers.append(client.get(f"/orgs/{organization_id}/invites?username={address}"))

    secrets = [secret, token, PRIVATE_KEYS["frontown"]]
    for answer in answers:
        assert not any(one in answer.text for one in secrets)
    last = answers[-1].headers["X-Request-Id"]
    log = server.await_log(last)
    hashed = re.findall(r'response="(\w+)"', str(digest.request.headers["Authorization"]))[0]
    for one in (*secrets, hashed, *PRIVATE_KEYS.values(), address, "Bearer", "@"):
        assert one not in log
