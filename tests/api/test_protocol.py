"""Versions, methods, media types, paths and queries. Source: contract, WIRE.md sections 2, 3, 6 and 11."""

import re
import socket
import time
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests
from tests.api.desk import (
    BASE_PATH,
    FRONT_DESK,
    NOBODY,
    VERSIONED,
    Client,
    Office,
    Raw,
    Server,
    fresh_address,
)


@pytest.mark.parametrize(
    "accept",
    [
        pytest.param("application/vnd.atlas.2023-01-01+json", id="exact"),
        pytest.param("application/vnd.atlas.2023-02-01+json", id="between two dates of the service"),
        pytest.param("application/vnd.atlas.2025-03-12+json", id="later"),
        pytest.param("application/vnd.atlas.2999-12-31+json", id="far later"),
        pytest.param("Application/VND.Atlas.2023-01-01+JSON", id="other case"),
        pytest.param("application/vnd.atlas.2023-01-01+json;q=0.5", id="with a quality"),
        pytest.param("text/html, application/vnd.atlas.2024-08-05+json , */*", id="among others"),
    ],
)
def test_a_version_from_its_date_on_is_served_and_named(accept: str, office: Office) -> None:
    response = office.client.get(office.invites, headers={"Accept": accept})
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/vnd.atlas.2023-01-01+json;charset=utf-8"


@pytest.mark.parametrize(
    "accept",
    [
        pytest.param(None, id="none"),
        pytest.param("", id="empty"),
        pytest.param("*/*", id="anything"),
        pytest.param("application/json", id="plain"),
        pytest.param("application/*", id="half a wildcard"),
        pytest.param("application/vnd.atlas.2022-12-31+json", id="earlier"),
        pytest.param("application/vnd.atlas.preview+json", id="preview"),
        pytest.param("application/vnd.atlas.2023-01-01.upcoming+json", id="upcoming"),
        pytest.param("application/vnd.atlas.2023-13-45+json", id="no date of the calendar"),
        pytest.param("application/vnd.atlas.2023-1-1+json", id="short"),
        pytest.param("application/vnd.atlas.today+json", id="nonsense"),
        pytest.param("application/vnd.atlas.2023-01-01+csv", id="another format"),
        pytest.param("application/vnd.atlas.2023-01-01+json+json", id="more after it"),
        pytest.param(
            "application/vnd.atlas.2022-01-01+json, application/vnd.atlas.2023-01-01+json", id="two"
        ),
    ],
)
def test_a_version_that_does_not_exist_is_not_acceptable(
    accept: str | None, server: Server, office: Office
) -> None:
    headers = {"Host": "localhost", "Authorization": f"Bearer {_token(office.client)}"}
    if accept is not None:
        headers["Accept"] = accept
    response = server.raw("GET", BASE_PATH + office.invites, headers=headers)
    assert (response.status, response.json()["errorCode"]) == (406, "INVALID_VERSION_DATE")
    assert response.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ("application/json;charset=UTF-8", 200),
        ('application/json; charset="utf-8"', 200),
        ("Application/JSON", 200),
        ("application/vnd.atlas.2023-01-01+json", 200),
        ("application/vnd.atlas.2025-03-12+json;charset=utf-8", 200),
        ("application/json; charset=iso-8859-1", 415),
        ("application/x-www-form-urlencoded", 415),
        ("text/plain", 415),
        ("application/jsonx", 415),
        ("application/vnd.atlas.2023-01-01+csv", 415),
        ("", 415),
        (None, 415),
    ],
)
def test_a_body_is_plain_or_versioned_json(content_type: str | None, status: int, office: Office) -> None:
    body = {"username": fresh_address(), "roles": ["ORG_MEMBER"]}
    response = office.client.post(office.invites, body, headers={"Content-Type": content_type})
    assert response.status_code == status, response.text


def test_a_content_type_on_get_and_delete_is_no_matter(office: Office) -> None:
    for content_type in (VERSIONED, "text/plain"):
        headers = {"Content-Type": content_type}
        path = f"{office.invites}/{office.invite()['id']}"
        assert office.client.get(path, headers=headers).status_code == 200
        assert office.client.delete(path, headers=headers).status_code == 204


def test_a_body_on_get_and_delete_is_no_matter(office: Office) -> None:
    path = f"{office.invites}/{office.invite()['id']}"
    assert office.client.send("GET", path, b"{").status_code == 200
    assert office.client.send("DELETE", path, b"{").status_code == 204
    assert office.client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/orgs/{org}/invites", "GET, HEAD, PATCH, POST"),
        ("POST", "/orgs/{org}/invites/" + NOBODY, "DELETE, GET, HEAD, PATCH"),
        ("DELETE", "/orgs", "GET, HEAD, POST"),
        ("OPTIONS", "/groups", "GET, HEAD, POST"),
        ("PROPFIND", "/", "GET, HEAD"),
    ],
)
def test_another_method_is_told_which_are_allowed(
    method: str, path: str, allowed: str, office: Office
) -> None:
    response = office.client.send(method, path.format(org=office.id))
    assert (response.status_code, response.json()["errorCode"]) == (405, "METHOD_NOT_ALLOWED")
    assert response.headers["Allow"] == allowed


def test_head_answers_like_get_without_the_body(office: Office) -> None:
    invitation = office.invite()
    path = f"{office.invites}/{invitation['id']}"
    get, head = office.client.get(path), office.client.send("HEAD", path)
    assert (head.status_code, head.content) == (200, b"")
    differing = {"date", "content-length", "ratelimit-remaining", "x-request-id"}

    def fixed(response: requests.Response) -> dict[str, str]:
        named = {name.lower(): value for name, value in response.headers.items()}
        return {name: value for name, value in named.items() if name not in differing}

    assert fixed(head) == fixed(get)
    assert office.client.send("HEAD", f"{office.invites}/{NOBODY}").status_code == 404


@pytest.mark.parametrize("path", ["/orgs/", "/groups/", "/orgs/{org}/", "/orgs/{org}/invites/"])
def test_a_slash_at_the_end_makes_no_difference(path: str, office: Office) -> None:
    assert office.client.get(path.format(org=office.id)).status_code == 200


def test_the_root_is_found_with_and_without_its_slash(office: Office) -> None:
    assert office.client.get("").json() == office.client.get("/").json()


@pytest.mark.parametrize(
    "target",
    [
        "/api/atlas/v2orgs",
        "/api/atlas/v2.1/orgs",
        "/api/atlas/v22/orgs",
        "/api/atlas",
        "/api/atlas/v2/orgs/x/y/z",
        "/api/atlas/v2/ORGS",
        f"/api/atlas/v2/orgs/{FRONT_DESK}:addRole",
        f"/api/atlas/v2/orgs//{FRONT_DESK}",
        "/nowhere",
    ],
)
def test_what_is_not_an_operation_is_not_found(target: str, server: Server) -> None:
    response = _raw(server, "GET", target)
    assert response.status == 404
    assert response.json()["errorCode"] in ("RESOURCE_NOT_FOUND", "INVALID_ORG_ID")


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/orgs?name=%zz", 200),
        ("/orgs?name=%ff", 400),
        ("/orgs?name=a%00b", 400),
        ("/orgs?name=a%0ab", 400),
        ("/groups/byName/%ff", 404),
        ("/groups/byName/a%0ab", 400),
        ("/groups/byName/a%2Fb", 404),
        ("/orgs/../orgs", 404),
        ("/orgs/%2e%2e/orgs", 404),
        ("/orgs?" + "&".join(f"a{n}=1" for n in range(101)), 400),
    ],
)
def test_inv29_an_odd_target_is_answered_in_the_shape_of_the_api(
    target: str, status: int, server: Server
) -> None:
    response = _raw(server, "GET", BASE_PATH + target)
    assert response.status == status, response.body
    assert isinstance(response.json(), dict)


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        (f"{BASE_PATH}/orgs/{FRONT_DESK}/invites", "application/json"),
        ("/api/oauth/token", "application/x-www-form-urlencoded"),
    ],
)
@pytest.mark.parametrize("length", ["Content-Length: 100", "Transfer-Encoding: chunked"])
def test_who_hangs_up_half_way_is_no_failure_of_ours(
    path: str, content_type: str, length: str, server: Server
) -> None:
    credentials = "Basic YTpi" if "oauth" in path else f"Bearer {_token(server.front_desk)}"
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAccept: {VERSIONED}\r\n"
        f"Authorization: {credentials}\r\nContent-Type: {content_type}\r\n{length}\r\n\r\n5\r\n{{"
    )
    with socket.create_connection(server.address, timeout=10) as connection:
        connection.sendall(head.encode())
    server.await_log(server.front_desk.get("/orgs").headers["X-Request-Id"])
    time.sleep(0.05)
    log = server.log.read_text()
    assert "Traceback" not in log
    assert '"level":"error"' not in log


def test_inv30_more_headers_than_anybody_needs_are_refused(server: Server) -> None:
    headers = {"Host": "localhost", **{f"X-{number}": "1" for number in range(200)}}
    assert server.raw("GET", BASE_PATH, headers=headers).status == 431


def test_names_in_paths_may_be_encoded_or_not(server: Server, office: Office) -> None:
    office.project("A+B@C, (D): E&F' G")
    token = _token(office.client)
    for target in ("A+B@C,%20(D):%20E&F'%20G", "A%2BB%40C%2C%20%28D%29%3A%20E%26F%27%20G"):
        response = _raw(server, "GET", f"{BASE_PATH}/groups/byName/{target}", token=token)
        assert response.status == 200, response.body
        assert response.json()["name"] == "A+B@C, (D): E&F' G"


@pytest.mark.parametrize(
    "query",
    [
        "pageNum=0",
        "pageNum=-1",
        "pageNum=one",
        "pageNum=1.0",
        "pageNum=99999999999999999999",
        "pageNum=%D9%A1",
        "itemsPerPage=0",
        "itemsPerPage=501",
        "itemsPerPage=x",
        "includeCount=maybe",
        "envelope=1",
        "pretty=yes",
    ],
)
def test_a_bad_query_value_is_refused_by_its_name(query: str, office: Office) -> None:
    for path in ("/groups", "/orgs", f"{office.path}/teams"):
        response = office.client.get(f"{path}?{query}")
        assert (response.status_code, response.json()["errorCode"]) == (400, "INVALID_QUERY_PARAMETER")
        assert response.json()["parameters"] == [query.partition("=")[0]]


def test_empty_query_values_mean_not_given(office: Office) -> None:
    office.invite()
    assert len(office.client.get(f"{office.invites}?username=&pretty=&envelope=").json()) == 1
    assert office.client.get("/orgs?name=&pageNum=&itemsPerPage=&includeCount=").json()["totalCount"] == 1
    project = {"name": "New", "orgId": office.id}
    assert office.client.post("/groups?projectOwnerId=", project).status_code == 201


def test_the_list_of_invitations_can_be_asked_for_one_address(office: Office) -> None:
    invitation = office.invite(username="Jane.Doe+x@guest.example")
    office.invite()
    for value in ("Jane.Doe%2Bx%40guest.example", "jane.doe%2bx@GUEST.example", "Jane.Doe%2Bx@guest.example"):
        assert office.client.get(f"{office.invites}?username={value}").json() == [invitation]
    # A plus in a query is a space, there as everywhere.
    assert office.client.get(f"{office.invites}?username=Jane.Doe+x@guest.example").json() == []


def test_invitations_are_listed_by_username(office: Office) -> None:
    for name in ("b", "C", "a"):
        office.invite(username=f"{name}@guest.example")
    usernames = [one["username"] for one in office.client.get(office.invites).json()]
    assert usernames == ["a@guest.example", "b@guest.example", "C@guest.example"]


def test_an_invitation_lives_thirty_days_in_whole_seconds_of_utc(office: Office) -> None:
    invitation = office.invite()
    form = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
    assert form.fullmatch(invitation["createdAt"])
    assert form.fullmatch(invitation["expiresAt"])
    created, expires = (datetime.fromisoformat(invitation[key]) for key in ("createdAt", "expiresAt"))
    assert expires - created == timedelta(days=30)
    assert int(invitation["id"][:8], 16) == int(created.timestamp())


def test_a_page_links_to_itself_and_its_neighbours(server: Server, office: Office) -> None:
    for name in "abcde":
        office.team(name)
    start = f"{server.url}{BASE_PATH}{office.path}/teams?"

    def links(query: str) -> list[tuple[str, str]]:
        body = office.client.get(f"{office.path}/teams{query}").json()
        return [(link["rel"], link["href"].removeprefix(start)) for link in body["links"]]

    assert links("") == [("self", "pageNum=1&itemsPerPage=100")]
    assert links("?itemsPerPage=2") == [
        ("self", "pageNum=1&itemsPerPage=2"),
        ("next", "itemsPerPage=2&pageNum=2"),
    ]
    assert links("?itemsPerPage=2&pageNum=2&x=a%3Ab&empty=") == [
        ("self", "x=a%3Ab&empty=&pageNum=2&itemsPerPage=2"),
        ("previous", "x=a%3Ab&empty=&itemsPerPage=2&pageNum=1"),
        ("next", "x=a%3Ab&empty=&itemsPerPage=2&pageNum=3"),
    ]
    assert links("?pageNum=3&pretty=false&itemsPerPage=2") == [
        ("self", "pretty=false&pageNum=3&itemsPerPage=2"),
        ("previous", "pretty=false&itemsPerPage=2&pageNum=2"),
    ]


def test_pages_cover_a_list_once_and_end_empty(office: Office) -> None:
    for name in ("b", "A", "a", "C", "ä"):
        office.project(name)
    pages = [office.client.get(f"/groups?itemsPerPage=2&pageNum={number}").json() for number in range(1, 5)]
    # By name, in byte order: upper case first.
    assert [[one["name"] for one in page["results"]] for page in pages] == [
        ["A", "C"],
        ["a", "b"],
        ["ä"],
        [],
    ]
    assert {page["totalCount"] for page in pages} == {5}


def test_the_total_is_left_out_only_when_asked(office: Office) -> None:
    assert "totalCount" in office.client.get("/groups?includeCount=true").json()
    body = office.client.get("/groups?includeCount=false")
    assert list(body.json()) == ["links", "results"]
    assert "includeCount=false&pageNum=1&itemsPerPage=100" in body.json()["links"][0]["href"]


def test_the_largest_page_holds_500(office: Office) -> None:
    assert office.client.get("/groups?itemsPerPage=500").status_code == 200


def test_organizations_are_found_by_the_beginning_of_their_name(office: Office) -> None:
    office.client.patch(office.path, {"name": "Straße"})
    assert office.client.get("/orgs?name=STRA").json()["totalCount"] == 1
    assert office.client.get("/orgs?name=traße").json()["totalCount"] == 0


def test_the_bucket_is_counted_down_from_its_capacity(office: Office) -> None:
    first = office.client.get(office.invites)
    second = office.client.get(office.invites)
    assert first.headers["RateLimit-Limit"] == "500"
    assert (first.headers["RateLimit-Remaining"], second.headers["RateLimit-Remaining"]) == ("499", "498")
    assert office.client.get(f"{office.invites}/{NOBODY}").headers["RateLimit-Remaining"] == "497"


def test_an_unknown_project_or_organization_has_no_bucket(office: Office) -> None:
    for path in (f"/groups/{NOBODY}", f"/groups/{NOBODY}/invites", f"{office.path}x"):
        answer = office.client.get(path)
        assert answer.status_code == 404
        assert "RateLimit-Limit" not in answer.headers
        assert "RateLimit-Remaining" not in answer.headers


def test_a_stranger_does_not_draw_on_the_bucket_of_an_organization(server: Server, office: Office) -> None:
    before = int(office.client.get(office.invites).headers["RateLimit-Remaining"])
    for _ in range(5):
        assert server.front_desk.get(office.invites).status_code == 401
    after = int(office.client.get(office.invites).headers["RateLimit-Remaining"])
    assert after >= before - 1


def test_links_begin_with_what_the_request_was_addressed_to(server: Server, office: Office) -> None:
    response = _raw(server, "GET", f"{BASE_PATH}/orgs", token=_token(office.client), host="desk.example:81")
    assert response.json()["links"][0]["href"].startswith("http://desk.example:81/api/atlas/v2/orgs?")


@pytest.mark.parametrize(("path", "text"), [("/healthz", "ok\n"), ("/readyz", "ok\n")])
def test_the_server_says_that_it_is_alive_and_ready(path: str, text: str, server: Server) -> None:
    response = server.raw("GET", path, headers={"Host": "localhost"})
    assert (response.status, response.body) == (200, text.encode())
    assert server.raw("POST", path, headers={"Host": "localhost"}).status == 405


def test_inv24_metrics_name_operations_and_neither_people_nor_paths(server: Server, office: Office) -> None:
    invitation = office.invite()
    office.client.get(f"{office.invites}?username={invitation['username']}")
    response = server.raw("GET", "/metrics", headers={"Host": "localhost"})
    assert response.status == 200
    text = response.body.decode()
    assert "createOrgInvite" in text
    assert "@" not in text
    assert office.id not in text


def _token(client: Client) -> str:
    auth: Any = client.session.auth
    token = auth.token
    assert isinstance(token, str)
    return token


def _raw(
    server: Server, method: str, target: str, *, token: str | None = None, host: str = "localhost"
) -> Raw:
    headers = {
        "Host": host,
        "Accept": VERSIONED,
        "Authorization": f"Bearer {token or _token(server.front_desk)}",
    }
    return server.raw(method, target, headers=headers)
