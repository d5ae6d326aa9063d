"""The invited person's pages, over HTTP."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from tests.api.desk import Office, Server
from tests.web.visitor import Visitor, hidden, link_of, title

from antechamber import testing

PASSWORD = "correct horse"


def invited(office: Office, **fields: object) -> tuple[dict[str, object], str]:
    """Return a new invitation and the link of its mail."""
    invitation = office.invite(**fields)
    return invitation, link_of(office.client.url, str(invitation["username"]))


def is_pending(office: Office, invitation: dict[str, object]) -> bool:
    return office.client.get(f"{office.invites}/{invitation['id']}").status_code == 200


def person(office: Office, invitation: dict[str, object]) -> dict[str, object]:
    found: dict[str, object] = office.client.get(f"/users/byName/{invitation['username']}").json()
    return found


# -- from the mail to the membership ----------------------------------------------------------------


def test_a_new_person_accepts_and_is_signed_in(office: Office, visitor: Visitor) -> None:
    project = office.project()
    invitation, link = invited(
        office,
        roles=["ORG_READ_ONLY"],
        groupRoleAssignments=[{"groupId": project["id"], "roles": ["GROUP_OWNER"]}],
    )
    page = visitor.open(link)
    assert (page.status_code, title(page)) == (200, f"Join {office.name}")
    for shown in ("Organization Read Only", project["name"], "Project Owner", invitation["username"]):
        assert str(shown) in page.text
    assert f'<time datetime="{invitation["expiresAt"]}">' in page.text
    before = person(office, invitation)
    done = visitor.accept(page, password=PASSWORD, password_again=PASSWORD)
    assert (done.status_code, title(done)) == (200, "Invitation accepted")
    assert str(invitation["username"]) in visitor.get("/account").text
    assert not is_pending(office, invitation)
    after = person(office, invitation)
    assert (after["id"], after["firstName"], after["lastName"]) == (before["id"], "Ann", "Lee")
    roles = after["roles"]
    assert isinstance(roles, list)
    assert {one["roleName"] for one in roles} == {"ORG_READ_ONLY", "GROUP_OWNER"}
    assert visitor.sign_in(str(invitation["username"]), PASSWORD).url.startswith(visitor.url)


def test_an_existing_person_signs_in_on_the_way_and_comes_back(office: Office, server: Server) -> None:
    first, link = invited(office)
    newcomer = Visitor(server.url)
    newcomer.accept(newcomer.open(link), password=PASSWORD, password_again=PASSWORD)
    other = server.office()
    invitation, link = invited(other, username=first["username"])
    visitor = Visitor(server.url)
    page = visitor.open(link)
    assert "first_name" not in page.text
    back = visitor.submit(page, "/sign-in", {"password": PASSWORD})
    assert back.url == f"{server.url}/invitation"
    done = visitor.submit(back, "/invitation/accept")
    assert title(done) == "Invitation accepted"
    assert not is_pending(other, invitation)


def test_an_existing_person_signs_in_by_a_mailed_link_on_the_way(office: Office, server: Server) -> None:
    first, link = invited(office)
    newcomer = Visitor(server.url)
    newcomer.accept(newcomer.open(link))
    other = server.office()
    _, link = invited(other, username=first["username"])
    visitor = Visitor(server.url)
    page = visitor.open(link)
    assert title(visitor.submit(page, "/sign-in/link")) == "Look into your mail"
    mailed = link_of(server.url, str(first["username"]))
    assert mailed.startswith(f"{server.url}/sign-in#")
    back = visitor.submit(visitor.get("/sign-in"), "/sign-in/open", {"link": mailed})
    assert back.url == f"{server.url}/invitation"
    assert title(visitor.submit(back, "/invitation/accept")) == "Invitation accepted"


def test_a_project_from_outside_the_organization(office: Office, visitor: Visitor) -> None:
    project = office.project()
    invitation = office.invite_to(project["id"])
    page = visitor.open(link_of(visitor.url, invitation["username"]))
    assert title(page) == f"Join the project {project['name']}"
    assert title(visitor.accept(page)) == "Invitation accepted"
    roles = person(office, invitation)["roles"]
    assert isinstance(roles, list)
    assert {one["roleName"] for one in roles} == {"ORG_MEMBER", "GROUP_READ_ONLY"}


def test_who_cannot_belong_to_more_is_told_so_and_the_invitation_stays() -> None:
    with testing.Server("--limit", "organizations-per-user=1") as tight:
        tenants = [tight.tenant() for _ in range(2)]
        invitations = [tenant.invite("keen@example.com") for tenant in tenants]
        tight.accept(invitations[0]["id"], first_name="Ann", last_name="Lee", password=PASSWORD)
        visitor = Visitor(tight.url)
        visitor.sign_in("keen@example.com", PASSWORD)
        page = visitor.open(link_of(tight.url, "keen@example.com"))
        refused = visitor.submit(page, "/invitation/accept")
        assert (refused.status_code, title(refused)) == (400, "That did not work")
        assert "keen@example.com belongs to 1 organizations already" in refused.text
        still = tenants[1].api("GET", f"/orgs/{{org}}/invites/{invitations[1]['id']}", version="2023-01-01")
        assert still.status == 200


def test_declining_asks_once_and_leaves_a_note(office: Office, visitor: Visitor) -> None:
    invitation, link = invited(office)
    visitor.open(link)
    question = visitor.get("/invitation/decline")
    assert title(question) == "Decline this invitation?"
    assert is_pending(office, invitation)
    done = visitor.submit(question, "/invitation/decline", {"note": "<b>No</b> time"})
    assert title(done) == "Invitation declined"
    assert not is_pending(office, invitation)
    events = office.client.get(f"{office.path}/events?includeRaw=true").json()["results"]
    (told,) = [one for one in events if one["eventTypeName"] == "ORG_INVITATION_DELETED"]
    assert (told["username"], told["raw"]["note"]) == (invitation["username"], "<b>No</b> time")
    assert title(visitor.get("/invitation/decline")) == "Invitation declined"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"first_name": ""}, "first_name"),
        ({"last_name": "\x07 "}, "last_name"),
        ({"first_name": "x" * 65}, "first_name"),
        ({"password": "short", "password_again": "short"}, "password"),
        ({"password": "password", "password_again": "password"}, "password"),
        ({"password": PASSWORD}, "password_again"),
        ({"password_again": PASSWORD}, "password"),
    ],
)
def test_a_form_says_what_is_wrong_and_keeps_the_rest(
    fields: dict[str, str], field: str, office: Office, visitor: Visitor
) -> None:
    invitation, link = invited(office)
    answer = visitor.accept(visitor.open(link), **fields)
    assert answer.status_code == 400
    assert f'<a href="#{field}">' in answer.text
    assert f'aria-describedby="{field}-error"' in answer.text or f"{field}-error" in answer.text
    assert PASSWORD not in answer.text
    if "first_name" not in fields:
        assert 'value="Ann"' in answer.text
    assert is_pending(office, invitation)
    assert title(visitor.accept(answer)) == "Invitation accepted"


# -- GET never acts ---------------------------------------------------------------------------------


def test_a_scanner_that_follows_links_burns_nothing(office: Office, visitor: Visitor, server: Server) -> None:
    invitation, link = invited(office)
    scanner = Visitor(server.url)
    for _ in range(3):
        for method in ("GET", "HEAD"):
            assert scanner.session.request(method, link, timeout=30).status_code == 200
            # Some move the fragment to where servers see it.
            token = link.partition("#")[2]
            for path in (f"/invite?{token}", f"/invite?link={token}", f"/invite/{token}"):
                scanner.session.request(method, server.url + path, timeout=30)
    assert scanner.cookie("antechamber-invitation") is None
    assert title(scanner.get("/invitation")) == "Please open the link again"
    assert title(visitor.accept(visitor.open(link))) == "Invitation accepted"
    assert not is_pending(office, invitation)


def test_the_page_of_the_link_is_the_same_for_everybody(office: Office, server: Server) -> None:
    invited(office)
    pages = [re.sub(r'value="[^"]*"', "", Visitor(server.url).get("/invite").text) for _ in range(2)]
    assert pages[0] == pages[1]
    assert office.name not in pages[0]


def test_no_get_changes_anything(office: Office, visitor: Visitor) -> None:
    invitation, link = invited(office)
    visitor.open(link)
    for path in ("/invitation", "/invitation/decline", "/invite", "/sign-in", "/account", "/"):
        visitor.get(path)
    for path in ("/invitation/accept", "/sign-out", "/sign-in/open", "/sign-in/link"):
        answer = visitor.get(path)
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert is_pending(office, invitation)


# -- ends -------------------------------------------------------------------------------------------


def test_an_unknown_link(visitor: Visitor) -> None:
    for link in ("", "nonsense", f"{visitor.url}/invite#{'A' * 43}"):
        page = visitor.open(link)
        assert (page.status_code, title(page)) == (404, "This link opens nothing")
    assert visitor.cookie("antechamber-invitation") is None


def test_a_cancelled_invitation(office: Office, visitor: Visitor) -> None:
    invitation, link = invited(office)
    page = visitor.open(link)
    assert office.client.delete(f"{office.invites}/{invitation['id']}").status_code == 204
    answer = visitor.accept(page)
    assert title(answer) == "This invitation was cancelled"
    assert title(visitor.open(link)) == "This invitation was cancelled"


def test_an_accepted_invitation_opened_again(office: Office, server: Server) -> None:
    _, link = invited(office)
    visitor = Visitor(server.url)
    page = visitor.open(link)
    first = visitor.accept(page)
    again = visitor.accept(page)
    assert again.text == first.text
    elsewhere = Visitor(server.url).open(link)
    assert title(elsewhere) == "Invitation accepted"
    assert 'href="/sign-in"' in elsewhere.text


def test_an_invitation_that_changed_meanwhile_is_shown_again(office: Office, visitor: Visitor) -> None:
    invitation, link = invited(office)
    page = visitor.open(link)
    office.client.patch(f"{office.invites}/{invitation['id']}", {"roles": ["ORG_OWNER"]})
    shown = visitor.accept(page)
    assert "changed in the meantime" in shown.text
    assert "Organization Owner" in shown.text
    assert is_pending(office, invitation)
    assert "changed in the meantime" not in visitor.get("/invitation").text
    assert title(visitor.accept(shown)) == "Invitation accepted"


def test_the_wrong_account_is_told_and_can_go_on(office: Office, server: Server) -> None:
    his, his_link = invited(office)
    hers, her_link = invited(office)
    visitor = Visitor(server.url)
    visitor.accept(visitor.open(his_link))
    page = visitor.open(her_link)
    assert page.status_code == 403
    for address in (his["username"], hers["username"]):
        assert str(address) in page.text
    assert "/invitation/accept" not in page.text
    forced = visitor.post("/invitation/accept", {**hidden(page, "/sign-out"), "first_name": "A"})
    assert forced.status_code == 403
    assert title(visitor.get("/invitation/decline")) == title(page)
    assert is_pending(office, hers)
    out = visitor.submit(page, "/sign-out")
    assert out.url == f"{server.url}/invitation"
    assert title(visitor.accept(out)) == "Invitation accepted"


def test_two_windows_of_one_browser(office: Office, visitor: Visitor) -> None:
    """Signing in by accepting in one does not spoil the form that is open in the other."""
    _, link = invited(office)
    one, other = visitor.open(link), visitor.open(link)
    assert title(visitor.accept(one)) == title(visitor.accept(other)) == "Invitation accepted"


def test_many_clicks_at_once(office: Office, visitor: Visitor) -> None:
    _, link = invited(office)
    page = visitor.open(link)
    cookies = {name: value or "" for name, value in visitor.session.cookies.items()}

    def click(_: int) -> requests.Response:
        fields = {**hidden(page, "/invitation/accept"), "first_name": "Ann", "last_name": "Lee"}
        return requests.post(
            f"{visitor.url}/invitation/accept",
            data=fields,
            cookies=cookies,
            headers={"Origin": visitor.url},
            timeout=30,
        )

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(click, range(6)))
    assert {title(one) for one in answers} == {"Invitation accepted"}
    events = office.client.get(f"{office.path}/events").json()["results"]
    assert [one["eventTypeName"] for one in events].count("JOINED_ORG") == 1


def test_a_foreign_ticket_shows_nothing(office: Office, visitor: Visitor) -> None:
    invitation, link = invited(office)
    for value in ("x" * 43, link.partition("#")[2], str(invitation["id"]), ""):
        visitor.session.cookies.set("antechamber-invitation", value)
        page = visitor.get("/invitation")
        assert (page.status_code, title(page)) == (403, "Please open the link again")
        visitor.session.cookies.clear()


# -- with the clock moved on ------------------------------------------------------------------------


@pytest.fixture
def steered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose clock is moved."""
    running = Server(log=tmp_path_factory.mktemp("steered") / "stderr.log")
    yield running
    assert running.terminate() == 0


def advance(server: Server, seconds: int) -> None:
    answer = requests.put(f"{server.url}/_antechamber/clock", json={"advanceSeconds": seconds}, timeout=30)
    assert answer.ok, answer.text


def test_an_expired_invitation(steered: Server) -> None:
    office = steered.office()
    invitation, link = invited(office)
    visitor = Visitor(steered.url)
    page = visitor.open(link)
    advance(steered, 30 * 86400)
    assert title(visitor.accept(page)) == "Please open the link again"
    page = visitor.open(link)
    assert title(page) == "This invitation has expired"
    assert str(invitation["inviterUsername"]) in page.text


def test_the_ticket_and_the_session_run_out(steered: Server) -> None:
    office = steered.office()
    _, link = invited(office)
    visitor = Visitor(steered.url)
    page = visitor.open(link)
    advance(steered, 601)
    answer = visitor.accept(page)
    assert (answer.status_code, title(answer)) == (403, "Please open the link again")
    visitor.accept(visitor.open(link))
    advance(steered, 25 * 60)
    assert visitor.get("/account").url.endswith("/account")
    advance(steered, 25 * 60)
    assert visitor.get("/account").url.endswith("/account")
    advance(steered, 31 * 60)
    assert visitor.get("/account").url.endswith("/sign-in?next=%2Faccount")
