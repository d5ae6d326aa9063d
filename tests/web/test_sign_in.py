"""Signing in and out, and one's own account, over HTTP."""

import pytest
from tests.api.desk import Office, Server
from tests.web.visitor import Visitor, hidden, link_of, title

PASSWORD = "correct horse"


@pytest.fixture
def username(office: Office, server: Server) -> str:
    """The address of somebody with a password."""
    invitation = office.invite()
    visitor = Visitor(server.url)
    page = visitor.open(link_of(server.url, invitation["username"]))
    visitor.accept(page, password=PASSWORD, password_again=PASSWORD)
    return str(invitation["username"])


def is_signed_in(visitor: Visitor) -> bool:
    return visitor.get("/account").url == f"{visitor.url}/account"


def test_by_password_and_out_again(username: str, visitor: Visitor) -> None:
    assert not is_signed_in(visitor)
    visitor.sign_in(username, PASSWORD)
    cookie = visitor.cookie("antechamber-session")
    assert is_signed_in(visitor)
    assert visitor.submit(visitor.get("/account"), "/sign-out").url == f"{visitor.url}/sign-in"
    assert not is_signed_in(visitor)
    assert visitor.cookie("antechamber-session") is None
    visitor.session.cookies.set("antechamber-session", cookie)
    assert not is_signed_in(visitor)


def test_inv26_unknown_and_wrong_answer_alike(username: str, server: Server) -> None:
    pages = []
    for address in (username, "nobody@guest.example"):
        answer = Visitor(server.url).sign_in(address, "wrong horse")
        assert answer.status_code == 403
        page = answer.text.replace(address, "")
        pages.append("".join(line for line in page.splitlines() if "csrf" not in line))
    assert pages[0] == pages[1]


def test_inv26_asking_for_a_link_tells_nothing(username: str, server: Server) -> None:
    pages = []
    for address in (username, "nobody@guest.example", "no address"):
        visitor = Visitor(server.url)
        answer = visitor.submit(visitor.get("/sign-in"), "/sign-in/link", {"username": address})
        assert answer.status_code == 200
        assert answer.elapsed.total_seconds() >= 0.25
        pages.append(answer.text.replace(address, ""))
    assert pages[0] == pages[1] == pages[2]


def test_a_link_signs_in_once_and_only_by_a_click(username: str, visitor: Visitor, server: Server) -> None:
    visitor.submit(visitor.get("/sign-in"), "/sign-in/link", {"username": username})
    link = link_of(server.url, username)
    for _ in range(3):
        assert visitor.session.get(link, timeout=30).status_code == 200
        assert visitor.get(f"/sign-in?{link.partition('#')[2]}").status_code == 200
    assert not is_signed_in(visitor)
    visitor.submit(visitor.get("/sign-in"), "/sign-in/open", {"link": link})
    assert is_signed_in(visitor)
    other = Visitor(server.url)
    again = other.submit(other.get("/sign-in"), "/sign-in/open", {"link": link})
    assert (again.status_code, "no longer signs in" in again.text) == (403, True)


def test_too_many_tries_say_when_to_come_back(server: Server) -> None:
    visitor = Visitor(server.url)
    answers = [visitor.sign_in("somebody@guest.example", "wrong horse") for _ in range(11)]
    assert [one.status_code for one in answers] == [403] * 10 + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 90
    assert title(answers[-1]) == "Too many attempts"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/account",
        "/\\evil.example",
        "/account//evil.example",
        "javascript:alert(1)",
        "/nowhere",
        "/api/atlas/v2",
        "account",
        "/sign-out",
        "/account\r\nX: y",
    ],
)
def test_signing_in_leads_to_own_pages_only(elsewhere: str, username: str, visitor: Visitor) -> None:
    page = visitor.get("/sign-in", params={"next": elsewhere})
    fields = {**hidden(page, "/sign-in"), "username": username, "password": PASSWORD}
    for next_path in (fields["next"], elsewhere):
        answer = visitor.post("/sign-in", {**fields, "next": next_path}, allow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_signing_in_leads_back(username: str, visitor: Visitor) -> None:
    page = visitor.get("/account?x=1")
    assert page.url.endswith("/sign-in?next=%2Faccount%3Fx%3D1")
    answer = visitor.submit(page, "/sign-in", {"username": username, "password": PASSWORD})
    assert answer.url == f"{visitor.url}/account?x=1"


def test_a_new_password_ends_every_other_session(username: str, server: Server) -> None:
    here, there = Visitor(server.url), Visitor(server.url)
    for visitor in (here, there):
        visitor.sign_in(username, PASSWORD)
    page = here.get("/account")
    new = {"password": "another horse", "password_again": "another horse"}
    wrong = here.submit(page, "/account/password", {**new, "old_password": "wrong horse"})
    assert (wrong.status_code, '<a href="#old_password">' in wrong.text) == (400, True)
    done = here.submit(page, "/account/password", {**new, "old_password": PASSWORD})
    assert "Your password was changed" in done.text
    assert is_signed_in(here)
    assert not is_signed_in(there)
    assert there.sign_in(username, PASSWORD).status_code == 403
    assert there.sign_in(username, "another horse").status_code == 200


def test_a_name_is_changed(username: str, visitor: Visitor) -> None:
    visitor.sign_in(username, PASSWORD)
    page = visitor.get("/account")
    bad = visitor.submit(page, "/account/name", {"first_name": "", "last_name": "<Lee>"})
    assert (bad.status_code, "&lt;Lee&gt;" in bad.text) == (400, True)
    done = visitor.submit(page, "/account/name", {"first_name": "Bo", "last_name": "<Lee>"})
    assert "Your name was changed" in done.text
    assert 'value="Bo"' in done.text
    assert "Your name was changed" not in visitor.get("/account").text


def test_the_start_page_is_the_console_for_members(username: str, visitor: Visitor) -> None:
    assert visitor.get("/").url == f"{visitor.url}/sign-in"
    visitor.sign_in(username, PASSWORD)
    assert visitor.get("/").url.startswith(f"{visitor.url}/console")
