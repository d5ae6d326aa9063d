"""An invitation, from the API over the mail to the person and back: in a real browser, with real mail."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect
from tests.e2e.desk import Desk, PostOffice, fresh_address, link_of

from antechamber.web import texts

pytestmark = pytest.mark.e2e

PASSWORD = "correct horse battery staple"
Person = Callable[..., Page]


def said(key: str, **values: object) -> str:
    """Return what a page says in English."""
    return str(texts.text("en", key, **values))


def open_link(page: Page, link: str) -> None:
    """Follow the link of a mail and press the one button there."""
    page.goto(link)
    page.get_by_role("button", name=said("invite.open")).click()
    page.wait_for_url("**/invitation")


def accept_as_new(page: Page, *, password: str = PASSWORD) -> None:
    """Fill in who one is and accept."""
    page.get_by_label(said("form.first_name")).fill("Grace")
    page.get_by_label(said("form.last_name")).fill("Hopper")
    if password:
        page.locator("#password").fill(password)
        page.locator("#password_again").fill(password)
    page.get_by_role("button", name=said("invitation.new_person.accept")).click()
    expect(page.get_by_role("heading", name=said("invitation.accepted.title"))).to_be_visible()


def heading(page: Page, key: str) -> None:
    """Require that the page has this heading."""
    expect(page.get_by_role("heading", name=said(f"{key}.title"))).to_be_visible()


def users(desk: Desk, username: str, statuses: str = "") -> list[dict[str, Any]]:
    """Return the organization's entry of a person in the users API."""
    query = f"?username={username}" + (f"&orgMembershipStatuses={statuses}" if statuses else "")
    found: list[dict[str, Any]] = desk.got(f"/api/atlas/v2/orgs/{desk.organization}/users{query}")["results"]
    return found


def require_member(desk: Desk, username: str) -> None:
    """Require that all three generations know the person as a member."""
    (entry,) = users(desk, username)
    assert (entry["orgMembershipStatus"], entry["firstName"]) == ("ACTIVE", "Grace")
    by_name = desk.got(f"/api/atlas/v2/users/byName/{username}", version="2023-01-01")
    assert by_name["id"] == entry["id"]
    assert {role.get("orgId") for role in by_name["roles"]} >= {desk.organization}
    for older in ("/api/atlas/v1.0", "/api/public/v1.0"):
        listed = desk.got(f"{older}/orgs/{desk.organization}/users?itemsPerPage=500")["results"]
        assert username in {person["username"] for person in listed}


def events_of(desk: Desk, username: str) -> list[dict[str, Any]]:
    """Return what the trail says of a person, oldest first."""
    feed = desk.got(
        f"/api/atlas/v2/orgs/{desk.organization}/events?includeRaw=true&itemsPerPage=500",
        version="2023-01-01",
    )
    return [event for event in reversed(feed["results"]) if event.get("targetUsername") == username]


def invitation_status(desk: Desk, invitation: dict[str, Any]) -> int:
    """Return with which status the API answers who asks for an invitation."""
    path = f"/api/atlas/v2/orgs/{desk.organization}/invites/{invitation['id']}"
    return desk.ask("GET", path, version="2023-01-01").status_code


def test_a_new_person_accepts_and_is_a_member_for_all_generations(
    desk: Desk, post_office: PostOffice, person: Person
) -> None:
    guest = fresh_address("grace")
    invitation = desk.invite(guest)
    page = person()
    open_link(page, link_of(post_office.wait_for(guest)))
    expect(page.get_by_text("Demo Organization").first).to_be_visible()
    accept_as_new(page)
    require_member(desk, guest)
    assert invitation_status(desk, invitation) == 404
    assert [event["eventTypeName"] for event in events_of(desk, guest)] == ["INVITED_TO_ORG", "JOINED_ORG"]


def test_inv23_a_scanner_that_follows_the_link_burns_nothing(
    desk: Desk, post_office: PostOffice, person: Person
) -> None:
    guest = fresh_address()
    invitation = desk.invite(guest)
    link = link_of(post_office.wait_for(guest))
    for method in ("HEAD", "GET", "GET"):
        assert requests.request(method, link, timeout=10).status_code == 200
    page = person()
    page.goto(link)
    page.reload()
    assert invitation_status(desk, invitation) == 200
    page.get_by_role("button", name=said("invite.open")).click()
    page.wait_for_url("**/invitation")
    assert "#" not in page.url
    accept_as_new(page)


def test_declining_reaches_the_trail_and_ends_the_invitation(
    desk: Desk, post_office: PostOffice, person: Person
) -> None:
    guest = fresh_address()
    invitation = desk.invite(guest)
    page = person()
    open_link(page, link_of(post_office.wait_for(guest)))
    page.get_by_role("link", name=said("invitation.decline.link")).click()
    page.locator("#note").fill("I have left that company.")
    assert invitation_status(desk, invitation) == 200, "nothing has happened yet"
    page.get_by_role("button", name=said("invitation.decline.decline")).click()
    heading(page, "invitation.rejected")
    assert invitation_status(desk, invitation) == 404
    assert users(desk, guest) == []
    (entry,) = users(desk, guest, "INVITATION_REJECTED")
    assert entry.get("invitationExpiresAt") is None
    last = events_of(desk, guest)[-1]
    assert (last["eventTypeName"], last["username"]) == ("ORG_INVITATION_DELETED", guest)
    assert "I have left that company." in str(last["raw"])


@pytest.fixture
def real_time(desk: Desk) -> Any:
    """Real time again when the test is over."""
    yield
    desk.control("PUT", "clock", {"real": True})


@pytest.mark.usefixtures("real_time")
def test_inv14_a_month_later_the_page_says_that_it_is_too_late(
    desk: Desk, post_office: PostOffice, person: Person
) -> None:
    guest = fresh_address()
    invitation = desk.invite(guest)
    link = link_of(post_office.wait_for(guest))
    early = person()
    open_link(early, link)
    desk.control("PUT", "clock", {"advanceSeconds": 31 * 86400})
    late = person()
    open_link(late, link)
    heading(late, "invitation.expired")
    assert invitation_status(desk, invitation) == 404
    assert users(desk, guest) == []
    (entry,) = users(desk, guest, "INVITATION_EXPIRED")
    assert entry["username"] == guest
    # Who had the page open all the time is told as well.
    early.get_by_label(said("form.first_name")).fill("Grace")
    early.get_by_label(said("form.last_name")).fill("Hopper")
    early.get_by_role("button", name=said("invitation.new_person.accept")).click()
    heading(early, "invitation.run_out")
    assert users(desk, guest) == []


def test_inv15_accepting_in_two_tabs_makes_one_membership(
    desk: Desk, post_office: PostOffice, person: Person
) -> None:
    guest = fresh_address()
    desk.invite(guest)
    first = person()
    open_link(first, link_of(post_office.wait_for(guest)))
    second = first.context.new_page()
    second.goto("/invitation")
    accept_as_new(first)
    second.get_by_label(said("form.first_name")).fill("Again")
    second.get_by_label(said("form.last_name")).fill("Again")
    second.get_by_role("button", name=said("invitation.new_person.accept")).click()
    heading(second, "invitation.accepted")
    require_member(desk, guest)
    assert [event["eventTypeName"] for event in events_of(desk, guest)].count("JOINED_ORG") == 1


def test_inv15_accepting_and_cancelling_at_once_has_one_winner(
    desk: Desk, post_office: PostOffice, person: Person
) -> None:
    winners = set()
    for _ in range(4):
        guest = fresh_address()
        invitation = desk.invite(guest)
        page = person()
        open_link(page, link_of(post_office.wait_for(guest)))
        page.get_by_label(said("form.first_name")).fill("Grace")
        page.get_by_label(said("form.last_name")).fill("Hopper")
        cancelled: list[int] = []

        def cancel(invitation: dict[str, Any] = invitation, cancelled: list[int] = cancelled) -> None:
            path = f"/api/atlas/v2/orgs/{desk.organization}/invites/{invitation['id']}"
            cancelled.append(desk.ask("DELETE", path, version="2023-01-01").status_code)

        owner = threading.Thread(target=cancel)
        owner.start()
        page.get_by_role("button", name=said("invitation.new_person.accept")).click()
        owner.join()
        page.wait_for_load_state()
        is_member = bool(users(desk, guest))
        assert cancelled == [404 if is_member else 204]
        heading(page, "invitation.accepted" if is_member else "invitation.revoked")
        winners.add(is_member)
    assert winners


def test_inv12_somebody_elses_account_cannot_take_it(
    desk: Desk, post_office: PostOffice, person: Person
) -> None:
    page = person()
    somebody, guest = fresh_address("somebody"), fresh_address()
    desk.invite(somebody)
    open_link(page, link_of(post_office.wait_for(somebody)))
    accept_as_new(page)
    desk.invite(guest)
    open_link(page, link_of(post_office.wait_for(guest)))
    heading(page, "invitation.somebody_else")
    expect(page.get_by_text(somebody).first).to_be_visible()
    expect(page.get_by_text(guest).first).to_be_visible()
    page.get_by_role("button", name=said("invitation.somebody_else.sign_out")).click()
    accept_as_new(page)
    require_member(desk, guest)


def test_inv12_somebody_with_an_account_signs_in_to_accept(
    desk: Desk, post_office: PostOffice, person: Person
) -> None:
    guest = fresh_address()
    desk.invite(guest)
    open_link(page := person(), link_of(post_office.wait_for(guest)))
    accept_as_new(page)
    (entry,) = users(desk, guest)
    removed = desk.ask("DELETE", f"/api/atlas/v2/orgs/{desk.organization}/users/{entry['id']}")
    assert removed.status_code == 204
    desk.invite(guest)
    elsewhere = person()
    open_link(elsewhere, link_of(post_office.wait_for(guest, number=2)))
    heading(elsewhere, "invitation.sign_in")
    elsewhere.locator("#password").fill("not the password")
    elsewhere.get_by_role("button", name=said("page.sign_in")).click()
    expect(elsewhere.get_by_role("alert")).to_be_visible()
    elsewhere.go_back()
    elsewhere.reload()
    elsewhere.locator("#password").fill(PASSWORD)
    elsewhere.get_by_role("button", name=said("page.sign_in")).click()
    heading(elsewhere, "invitation.accept")
    elsewhere.get_by_role("button", name=said("invitation.accept.accept")).click()
    heading(elsewhere, "invitation.accepted")
    require_member(desk, guest)


def test_without_a_password_a_mailed_link_signs_in(
    desk: Desk, post_office: PostOffice, person: Person
) -> None:
    guest = fresh_address()
    desk.invite(guest)
    open_link(page := person(), link_of(post_office.wait_for(guest)))
    accept_as_new(page, password="")
    elsewhere = person()
    elsewhere.goto("/sign-in")
    elsewhere.locator("#link-username").fill(guest)
    elsewhere.get_by_role("button", name=said("sign_in.mail_link")).click()
    elsewhere.wait_for_load_state()
    elsewhere.goto(link_of(post_office.wait_for(guest, number=2)))
    elsewhere.get_by_role("button", name=said("page.sign_in")).last.click()
    expect(elsewhere.get_by_text(guest).first).to_be_visible()


def test_an_invitation_to_a_project_brings_somebody_from_outside_in(
    desk: Desk, post_office: PostOffice, person: Person
) -> None:
    guest = fresh_address()
    desk.invite_to_project(guest)
    open_link(page := person(), link_of(post_office.wait_for(guest)))
    expect(page.get_by_text("Demo Project").first).to_be_visible()
    accept_as_new(page)
    require_member(desk, guest)
    listed = desk.got(f"/api/atlas/v2/groups/{desk.project}/users")["results"]
    (entry,) = [one for one in listed if one["username"] == guest]
    assert entry["roles"] == ["GROUP_READ_ONLY"]
    assert (
        desk.got(f"/api/atlas/v2/groups/{desk.project}/invites?username={guest}", version="2023-01-01") == []
    )
    assert post_office.count(guest) == 1, "one mail for both halves"


def test_inv16_what_was_changed_meanwhile_is_shown_again(
    desk: Desk, post_office: PostOffice, person: Person
) -> None:
    guest = fresh_address()
    invitation = desk.invite(guest)
    open_link(page := person(), link_of(post_office.wait_for(guest)))
    path = f"/api/atlas/v2/orgs/{desk.organization}/invites/{invitation['id']}"
    assert desk.ask("PATCH", path, {"roles": ["ORG_READ_ONLY"]}, version="2023-01-01").status_code == 200
    page.get_by_label(said("form.first_name")).fill("Grace")
    page.get_by_label(said("form.last_name")).fill("Hopper")
    page.get_by_role("button", name=said("invitation.new_person.accept")).click()
    expect(page.get_by_text(said("role.ORG_READ_ONLY"))).to_be_visible()
    assert invitation_status(desk, invitation) == 200
    accept_as_new(page)
    (entry,) = users(desk, guest)
    assert entry["roles"]["orgRoles"] == ["ORG_READ_ONLY"]


def test_without_script_the_link_is_pasted(desk: Desk, post_office: PostOffice, person: Person) -> None:
    guest = fresh_address()
    desk.invite(guest)
    page = person(java_script_enabled=False)
    link = link_of(post_office.wait_for(guest))
    page.goto(link)
    page.get_by_label(said("invite.link")).fill(link)
    page.get_by_role("button", name=said("invite.open")).click()
    page.wait_for_url("**/invitation")
    accept_as_new(page)
    require_member(desk, guest)


@pytest.mark.parametrize(("language", "locale"), [("zh", "zh-CN"), ("ja", "ja-JP")])
def test_mail_and_page_speak_the_language_that_was_asked_for(
    desk: Desk, post_office: PostOffice, person: Person, language: str, locale: str
) -> None:
    guest = fresh_address()
    answer = requests.post(
        f"{desk.url}/api/atlas/v2/orgs/{desk.organization}/invites",
        json={"username": guest, "roles": ["ORG_MEMBER"]},
        headers={"Accept": "application/vnd.atlas.2023-01-01+json", "Accept-Language": locale},
        auth=desk.digest(),
        timeout=10,
    )
    assert answer.ok
    letter = post_office.wait_for(guest)
    page = person()
    page.goto(link_of(letter))
    page.get_by_role("button", name=said("invite.open")).click()
    page.wait_for_url("**/invitation")
    assert page.locator("html").get_attribute("lang") == language
    expect(
        page.get_by_role("button", name=str(texts.text(language, "invitation.new_person.accept")))
    ).to_be_visible()
