"""Request bodies: what is refused, what is ignored, what is kept."""

from typing import Any

import pytest
from tests.api.desk import LOBBY, NOBODY, Office, Server, fresh_address

GOOD = b'{"username":"guest@guest.example","roles":["ORG_MEMBER"]'


def _code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["errorCode"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="cut off"),
        pytest.param(GOOD + b"} x", id="more than one value"),
        pytest.param(b"{'roles':[]}", id="other quotes"),
        pytest.param(GOOD + b',"roles":["ORG_OWNER"]}', id="duplicate key"),
        pytest.param(b'{"groupRoleAssignments":[{"roles":[],"roles":[]}]}', id="duplicate key inside"),
        pytest.param(GOOD + b',"links":NaN}', id="not a number"),
        pytest.param(GOOD + b',"links":-Infinity}', id="infinity"),
        pytest.param(b"\xef\xbb\xbf" + GOOD + b"}", id="byte order mark"),
        pytest.param(GOOD + b',"links":"\xff"}', id="no UTF-8"),
        pytest.param(GOOD + b',"links":"\xed\xa0\x80"}', id="surrogate in UTF-8"),
        pytest.param(GOOD.decode().encode("utf-16") + b"}", id="UTF-16"),
        pytest.param(GOOD + rb',"links":"\ud800"}', id="lone surrogate"),
        pytest.param(GOOD + rb',"links":"a\u0000b"}', id="NUL"),
        pytest.param(GOOD + rb',"\u0000":1}', id="NUL in a key"),
        pytest.param(GOOD + b',"links":"a\x01b"}', id="raw control character"),
        pytest.param(GOOD + rb',"links":"a\u001bb"}', id="escaped control character"),
        pytest.param(GOOD + b',"links":9223372036854775808}', id="integer above 64 bits"),
        pytest.param(GOOD + b',"links":-9223372036854775809}', id="integer below 64 bits"),
        pytest.param(GOOD + b',"links":' + b"9" * 5000 + b"}", id="integer of 5,000 digits"),
        pytest.param(GOOD + b',"links":' + b"[" * 16 + b"]" * 16 + b"}", id="17 levels"),
        pytest.param(GOOD + b',"links":' + b"[" * 100_000 + b"]" * 100_000 + b"}", id="100,001 levels"),
        pytest.param(GOOD + b',"links":[' + b"1," * 10_000 + b"1]}", id="10,000 values"),
    ],
)
def test_inv29_what_is_not_strict_json_is_malformed(body: bytes, office: Office) -> None:
    assert _code(office.client.post(office.invites, body)) == (400, "MALFORMED_JSON")
    assert office.client.get(office.invites).json() == []


@pytest.mark.parametrize(
    "links",
    [b"9223372036854775807", b"-9223372036854775808", b"[" * 15 + b"]" * 15, rb'"\ud83d\ude00\n"', b"1e3"],
    ids=["largest integer", "smallest integer", "16 levels", "surrogate pair", "float"],
)
def test_json_within_the_bounds_is_taken(links: bytes, office: Office) -> None:
    response = office.client.post(office.invites, GOOD + b',"links":' + links + b"}")
    assert response.status_code == 200, response.text


@pytest.mark.parametrize("body", [b"null", b"[]", b'"text"', b"1", b"true"])
def test_json_of_another_outer_type_is_invalid(body: bytes, office: Office) -> None:
    assert _code(office.client.post(office.invites, body)) == (400, "INVALID_JSON")


@pytest.mark.parametrize(
    ("changes", "code", "attribute"),
    [
        ({"username": 1}, "INVALID_JSON_ATTRIBUTE", "username"),
        ({"username": None}, "INVALID_JSON_ATTRIBUTE", "username"),
        ({"roles": {}}, "INVALID_JSON_ATTRIBUTE", "roles"),
        ({"teamIds": "x"}, "INVALID_JSON_ATTRIBUTE", "teamIds"),
        ({"groupRoleAssignments": {}}, "INVALID_JSON_ATTRIBUTE", "groupRoleAssignments"),
        ({"Username": "x"}, "INVALID_ATTRIBUTE", "Username"),
        ({"team_ids": []}, "INVALID_ATTRIBUTE", "team_ids"),
        ({"username": "x" * 1025}, "INVALID_ATTRIBUTE", "username"),
        ({"roles": ["ORG_MEMBER"] * 51}, "INVALID_ATTRIBUTE", "roles"),
        ({"teamIds": [NOBODY] * 501}, "INVALID_ATTRIBUTE", "teamIds"),
        (
            {"groupRoleAssignments": [{"groupId": NOBODY, "roles": []}] * 501},
            "INVALID_ATTRIBUTE",
            "groupRoleAssignments",
        ),
    ],
)
def test_an_attribute_that_is_wrong_is_named(
    changes: dict[str, Any], code: str, attribute: str, office: Office
) -> None:
    body = {"username": fresh_address(), "roles": ["ORG_MEMBER"], **changes}
    response = office.client.post(office.invites, body)
    assert _code(response) == (400, code)
    assert response.json()["parameters"] == [attribute]


def test_an_attribute_inside_another_is_named_with_its_place(office: Office) -> None:
    for assignment, code in (
        ({"groupId": LOBBY, "roles": ["GROUP_OWNER"], "x": 1}, "INVALID_ATTRIBUTE"),
        ({"groupId": LOBBY}, "MISSING_ATTRIBUTE"),
        ({"groupId": "x", "roles": []}, "INVALID_ATTRIBUTE"),
        ({"groupId": 1, "roles": []}, "INVALID_JSON_ATTRIBUTE"),
    ):
        body = {"username": "a@guest.example", "roles": ["ORG_MEMBER"], "groupRoleAssignments": [assignment]}
        response = office.client.post(office.invites, body)
        assert _code(response) == (400, code)
        assert response.json()["parameters"][0].startswith("groupRoleAssignments[")


def test_inv06_what_was_read_may_be_sent_back_and_changes_nothing_that_is_read_only(office: Office) -> None:
    invitation = office.invite()
    changed = {
        **invitation,
        "createdAt": "2001-01-01T00:00:00Z",
        "expiresAt": "2099-01-01T00:00:00Z",
        "id": NOBODY,
        "inviterUsername": "somebody else",
        "links": [],
        "orgId": NOBODY,
        "orgName": "Elsewhere",
        "username": "other@guest.example",
    }
    response = office.client.patch(f"{office.invites}/{invitation['id']}", changed)
    assert (response.status_code, response.json()) == (200, invitation)


def test_inv06_read_only_attributes_are_ignored_on_creation_too(office: Office) -> None:
    project = office.project()["id"]
    read_only = {"id": NOBODY, "createdAt": 1, "expiresAt": None, "inviterUsername": [], "links": {}}
    made = office.invite(**read_only, orgId=NOBODY, orgName="x")
    assert made["id"] != NOBODY
    assert made["orgId"] == office.id
    assert office.invite_to(project, **read_only, groupId=NOBODY, groupName=1)["groupId"] == project


@pytest.mark.parametrize("path", ["/invites", "/invites/{id}"])
def test_what_a_change_leaves_out_stays_and_what_it_names_is_replaced(path: str, office: Office) -> None:
    team, project = office.team()["id"], office.project()["id"]
    assignments = [{"groupId": project, "roles": ["GROUP_OWNER"]}]
    before = office.invite(roles=["ORG_MEMBER"], teamIds=[team], groupRoleAssignments=assignments)
    where = office.path + path.format(id=before["id"])
    who = {"username": before["username"]}

    same = office.client.patch(where, who).json()
    roles = office.client.patch(where, {**who, "roles": ["ORG_OWNER", "ORG_OWNER"]}).json()
    emptied = office.client.patch(where, {**who, "teamIds": [], "groupRoleAssignments": []}).json()
    refused = office.client.patch(where, {**who, "roles": []})

    assert same == before
    assert roles == {**before, "roles": ["ORG_OWNER"]}
    assert emptied == {**roles, "teamIds": [], "groupRoleAssignments": []}
    assert _code(refused) == (400, "MISSING_ATTRIBUTE")
    assert office.client.get(f"{office.invites}/{before['id']}").json() == emptied


def test_inv20_a_refused_request_changes_nothing(office: Office) -> None:
    before = office.invite()
    for body in (
        {"roles": ["ORG_OWNER"], "teamIds": [NOBODY]},
        {"roles": ["ORG_OWNER"], "groupRoleAssignments": [{"groupId": NOBODY, "roles": ["GROUP_OWNER"]}]},
        {"teamIds": [], "roles": ["GROUP_OWNER"]},
    ):
        assert office.client.patch(f"{office.invites}/{before['id']}", body).status_code in (400, 404)
    assert office.client.get(office.invites).json() == [before]


def test_text_beyond_ascii_is_kept_and_sent_unescaped(office: Office) -> None:
    name = "Größe 大学"
    response = office.client.post("/groups", {"name": name, "orgId": office.id})
    assert response.status_code == 201
    assert f'"name":"{name}"'.encode() in response.content
    assert office.client.get("/groups/byName/Gr%C3%B6%C3%9Fe%20%E5%A4%A7%E5%AD%A6").json()["name"] == name


def test_a_body_in_pieces_is_read_whole_and_bounded(server: Server, office: Office) -> None:
    token = server.token(office.client_id, office.client_secret)
    headers = {
        "Host": "localhost",
        "Accept": "application/vnd.atlas.2023-01-01+json",
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Transfer-Encoding": "chunked",
    }

    def chunked(body: bytes) -> bytes:
        pieces = [body[start : start + 7000] for start in range(0, len(body), 7000)]
        return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"

    target = f"/api/atlas/v2{office.invites}"
    taken = server.raw("POST", target, headers=headers, body=chunked(GOOD + b" " * 20_000 + b"}"))
    assert taken.status == 200
    refused = server.raw("POST", target, headers=headers, body=chunked(b" " * (256 * 1024 + 1)))
    assert (refused.status, refused.json()["errorCode"]) == (413, "REQUEST_TOO_LARGE")


def test_a_compressed_body_is_refused(office: Office) -> None:
    response = office.client.post(office.invites, GOOD + b"}", headers={"Content-Encoding": "gzip"})
    assert _code(response) == (415, "UNSUPPORTED_MEDIA_TYPE")
