"""What every page has and every form needs."""

import re
from collections import Counter
from pathlib import Path

import pytest
import requests
from tests.api.desk import Office, Server
from tests.cli.program import Home
from tests.web.visitor import Visitor, hidden, link_of, title

from antechamber.web import texts
from antechamber.web.application import routes
from antechamber.web.texts import CATALOGS

PATHS = ("/invite", "/invitation", "/sign-in", "/account/nothing", "/invitation/accept", "/static/nothing")
STATIC = Path(__file__).parents[2] / "src/antechamber/web/static"


def test_no_two_routes_have_one_name() -> None:
    """Links and redirects find a page by its name, and would take the first."""
    names = Counter(getattr(route, "name", None) for route in routes())
    assert [name for name, count in names.items() if count > 1] == []
    assert len(names) > 70


@pytest.mark.parametrize("path", PATHS)
def test_every_page_has_the_headers(path: str, visitor: Visitor) -> None:
    headers = visitor.get(path).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "style-src": "'self'",
        "script-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    if not path.startswith("/static"):
        assert headers["cache-control"] == "no-store"
        assert headers["content-type"] == "text/html; charset=utf-8"
    assert "access-control-allow-origin" not in headers


def test_nothing_in_a_page_needs_more_than_the_policy(office: Office, visitor: Visitor) -> None:
    page = visitor.open(link_of(visitor.url, office.invite()["username"]))
    for text in (page.text, visitor.get("/sign-in").text):
        assert not re.search(r"<style|<script(?! src=\"/static/)|\sstyle=|\son[a-z]+=|javascript:", text)


@pytest.mark.parametrize("name", [path.name for path in STATIC.iterdir()])
def test_files_are_served_with_their_type(name: str, visitor: Visitor) -> None:
    answer = visitor.get(f"/static/{name}")
    assert answer.status_code == 200
    kinds = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
    assert answer.headers["content-type"].startswith(kinds[Path(name).suffix])
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert "31536000" in visitor.get(f"/static/{name}?v=1").headers["cache-control"]


@pytest.mark.parametrize("path", ["/static/../pages.py", "/static/%2e%2e/pages.py", "/static/..%2fpages.py"])
def test_nothing_else_is_served_as_a_file(path: str, server: Server) -> None:
    assert server.raw("GET", path, headers={"Host": "x"}).status == 404


# -- forms ------------------------------------------------------------------------------------------


@pytest.fixture
def form(office: Office, visitor: Visitor) -> dict[str, str]:
    """A form that would decline an invitation."""
    visitor.open(link_of(visitor.url, office.invite()["username"]))
    return hidden(visitor.get("/invitation/decline"), "/invitation/decline")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "OWN"},
    ],
)
def test_a_form_from_elsewhere_is_refused(
    headers: dict[str, str], form: dict[str, str], visitor: Visitor
) -> None:
    sent = {name: visitor.url if value == "OWN" else value for name, value in headers.items()}
    answer = visitor.post("/invitation/decline", form, headers=sent)
    assert (answer.status_code, title(answer)) == (403, "Sent from somewhere else")
    assert title(visitor.get("/invitation/decline")) == "Decline this invitation?"


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "OWN"}])
def test_a_form_of_ours_is_taken(headers: dict[str, str], form: dict[str, str], visitor: Visitor) -> None:
    sent = {name: visitor.url if value == "OWN" else value for name, value in headers.items()}
    assert title(visitor.post("/invitation/decline", form, headers=sent)) == "Invitation declined"


@pytest.mark.parametrize("token", ["", "x", "ü", "A" * 43])
def test_a_form_without_its_token_is_refused(token: str, form: dict[str, str], visitor: Visitor) -> None:
    answer = visitor.post("/invitation/decline", {**form, "csrf": token})
    assert (answer.status_code, title(answer)) == (403, "This form is out of date")
    assert title(visitor.get("/invitation/decline")) == "Decline this invitation?"


def test_a_token_is_good_in_one_browser_only(form: dict[str, str], visitor: Visitor) -> None:
    other = Visitor(visitor.url)
    foreign = hidden(other.get("/sign-in"), "/sign-in")["csrf"]
    answer = visitor.post("/invitation/decline", {**form, "csrf": foreign})
    assert answer.status_code == 403
    visitor.session.cookies.set("antechamber-form", None)
    assert visitor.post("/invitation/decline", form).status_code == 403


@pytest.mark.parametrize(
    "path", ["/invite", "/invitation/accept", "/invitation/decline", "/sign-in", "/sign-in/link"]
)
def test_every_form_needs_a_token(path: str, visitor: Visitor) -> None:
    visitor.get("/sign-in")
    assert visitor.post(path, {"link": "x"}).status_code == 403


def test_a_form_is_bounded(visitor: Visitor) -> None:
    fields = hidden(visitor.get("/sign-in"), "/sign-in")
    large = visitor.post("/sign-in", {**fields, "username": "x" * 16 * 1024})
    assert (large.status_code, title(large)) == (413, "Too large")
    assert visitor.post("/sign-in", {**fields, "username": "x" * 300 * 1024}).status_code == 413
    many = visitor.post("/sign-in", {f"f{number}": "" for number in range(1200)})
    assert many.status_code == 400


@pytest.mark.parametrize("kind", ["application/json", "text/plain", ""])
def test_only_forms_are_forms(kind: str, visitor: Visitor) -> None:
    headers = {"Origin": visitor.url, "Content-Type": kind}
    answer = visitor.session.post(f"{visitor.url}/sign-in", data=b"{}", headers=headers, timeout=30)
    assert answer.status_code == 415


@pytest.mark.parametrize("body", [b"\xff=\xff", b"csrf=%FF%FE&username=%00", b"&&&===", b"csrf=%ed%a0%80"])
def test_broken_forms_are_refused(body: bytes, visitor: Visitor) -> None:
    visitor.get("/sign-in")
    headers = {"Origin": visitor.url, "Content-Type": "application/x-www-form-urlencoded"}
    answer = visitor.session.post(f"{visitor.url}/sign-in", data=body, headers=headers, timeout=30)
    assert answer.status_code in {400, 403}


def test_a_broken_multipart_form_is_refused(visitor: Visitor) -> None:
    headers = {"Origin": visitor.url, "Content-Type": "multipart/form-data"}
    answer = visitor.session.post(f"{visitor.url}/sign-in", data=b"x", headers=headers, timeout=30)
    assert answer.status_code == 400


# -- cookies ----------------------------------------------------------------------------------------


def _cookies(page: requests.Response) -> dict[str, set[str]]:
    """Return the attributes of the cookies of an answer."""
    found = {}
    for line in page.raw.headers.getlist("set-cookie"):
        name, *attributes = line.split("; ")
        found[name.partition("=")[0]] = {attribute.lower() for attribute in attributes}
    return found


def test_cookies_by_http(office: Office, visitor: Visitor) -> None:
    page = visitor.get("/invite")
    link = link_of(visitor.url, office.invite()["username"])
    opened = visitor.submit(page, "/invite", {"link": link}, allow_redirects=False)
    shown = visitor.get("/invitation")
    fields = {**hidden(shown, "/invitation/accept"), "first_name": "A", "last_name": "B"}
    accepted = visitor.post("/invitation/accept", fields, allow_redirects=False)
    every = {"httponly", "path=/", "samesite=lax"}
    assert _cookies(page) == {"antechamber-form": every}
    assert _cookies(opened) == {"antechamber-invitation": {*every, "max-age=600"}}
    assert _cookies(accepted) == {"antechamber-session": every}
    assert _cookies(visitor.get("/account")) == {}


def test_cookies_by_https(tmp_path: Path) -> None:
    with Home(tmp_path).dev("--tls") as dev:
        url, authority = dev.info["url"], dev.info["caFile"]
        visitor = Visitor(url, verify=authority)
        page = visitor.get("/sign-in")
        every = {"httponly", "path=/", "samesite=lax", "secure"}
        assert _cookies(page) == {"__Host-antechamber-form": every}
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["strict-transport-security"].startswith("max-age=31536000")
        fields = {
            **hidden(page, "/sign-in"),
            "username": dev.info["ownerUsername"],
            "password": dev.info["ownerPassword"],
        }
        # What browsers send with "no-referrer".
        headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
        answer = visitor.post("/sign-in", fields, headers=headers, allow_redirects=False)
        assert _cookies(answer) == {"__Host-antechamber-session": every}
        # A cookie that another site of the domain could have planted counts for nothing.
        value = visitor.cookie("__Host-antechamber-session")
        planted = requests.get(
            f"{url}/account",
            cookies={"antechamber-session": value or ""},
            verify=authority,
            timeout=30,
            allow_redirects=False,
        )
        assert planted.status_code == 303


def test_the_api_ignores_cookies(office: Office, visitor: Visitor) -> None:
    visitor.accept(visitor.open(link_of(visitor.url, office.invite(roles=["ORG_OWNER"])["username"])))
    assert visitor.get("/account").url.endswith("/account")
    headers = {"Accept": "application/vnd.atlas.2023-01-01+json", "Origin": visitor.url}
    for path in ("/api/atlas/v2/orgs", f"/api/atlas/v2{office.path}", f"/api/atlas/v1.0{office.path}"):
        answer = visitor.get(path, headers=headers)
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers
    assert visitor.post(f"/api/atlas/v2{office.invites}", {}, headers=headers).status_code == 401


# -- requests of all kinds --------------------------------------------------------------------------


def test_head_is_get_without_the_page(visitor: Visitor) -> None:
    for path in ("/invite", "/sign-in", "/static/style.css"):
        head = visitor.session.head(visitor.url + path, timeout=30)
        get = visitor.get(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-type"] == get.headers["content-type"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
def test_other_methods_are_refused(method: str, visitor: Visitor) -> None:
    headers = {"Origin": visitor.url}
    answer = visitor.session.request(method, f"{visitor.url}/sign-in", headers=headers, timeout=30)
    assert answer.status_code == 405
    assert "access-control-allow-methods" not in answer.headers


def test_a_slash_too_many_leads_to_the_page(visitor: Visitor) -> None:
    answer = visitor.get("/sign-in/", allow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (308, "/sign-in")
    for path in ("//evil.example/", "/sign-in//", "//evil.example/%2e%2e"):
        assert "location" not in requests.get(visitor.url + path, timeout=30, allow_redirects=False).headers


def test_what_is_no_page_is_still_answered_by_the_api(visitor: Visitor) -> None:
    for path in ("/nowhere", "/invites", "/signin"):
        answer = visitor.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/json")


# -- languages --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("ja", "ja"), ("zh-CN,zh;q=0.9", "zh"), ("fr, ja;q=0.5, en;q=0.2", "ja"), ("fr", "en"), ("", "en")],
)
def test_a_page_speaks_what_the_browser_asks_for(accepted: str, language: str, server: Server) -> None:
    page = Visitor(server.url, language=accepted).get("/sign-in")
    assert f'<html lang="{language}">' in page.text
    assert title(page) == CATALOGS[language]["sign_in.title"]


def test_a_chosen_language_stays(server: Server) -> None:
    visitor = Visitor(server.url, language="ja")
    assert '<html lang="zh">' in visitor.get("/sign-in?lang=zh").text
    assert '<html lang="zh">' in visitor.get("/invite").text
    assert '<html lang="zh">' in visitor.get("/invite?lang=xx").text
    assert 'href="/sign-in?next=%2Faccount&amp;lang=en"' in visitor.get("/sign-in?next=/account").text


def test_an_invitation_speaks_the_language_that_it_was_sent_in(office: Office, server: Server) -> None:
    address = "inviter@guest.example"
    office.client.session.headers["Accept-Language"] = "ja"
    office.invite(username=address)
    visitor = Visitor(server.url, language="zh")
    assert '<html lang="ja">' in visitor.open(link_of(server.url, address)).text
    visitor.get("/invite?lang=en")
    assert '<html lang="en">' in visitor.get("/invitation").text


def test_error_pages_speak_it_too(server: Server) -> None:
    assert title(Visitor(server.url, language="ja").get("/account/nothing")) == "ページが見つかりません"


def test_all_languages_say_the_same() -> None:
    english = CATALOGS["en"]
    for language, catalog in CATALOGS.items():
        assert catalog.keys() == english.keys(), language
        for key, text in catalog.items():
            assert text.strip(), f"{language} {key}"
            assert _placeholders(text) == _placeholders(english[key]), f"{language} {key}"


def _placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def test_values_in_texts_are_escaped() -> None:
    shown = texts.text("en", "invitation.heading", organization="<script>{x}")
    assert shown == "Join &lt;script&gt;{x}"


def test_names_are_escaped_in_pages(server: Server, visitor: Visitor) -> None:
    office = server.office()
    project = office.project()
    invitation = office.invite_to(project["id"])
    page = visitor.open(link_of(server.url, invitation["username"]))
    answer = visitor.accept(page, first_name='"><script>alert(1)</script>', last_name="")
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text
