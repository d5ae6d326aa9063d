"""What an owner does in the console, and what comes of it for the people invited."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tests.e2e import tour
from tests.e2e.desk import Desk, PostOffice, fresh_address, link_of
from tests.e2e.test_invitations import accept_as_new, heading, open_link, require_member, said, users

from antechamber.web import texts

pytestmark = pytest.mark.e2e


@pytest.fixture
def owner(desk: Desk, person: Callable[..., Page]) -> Page:
    """The owner, signed in."""
    page = person()
    tour.sign_in(page, desk)
    page.wait_for_url("**/console**")
    return page


def test_an_owner_invites_several_at_once_and_hears_what_became_of_each(
    desk: Desk, post_office: PostOffice, person: Callable[..., Page], owner: Page
) -> None:
    first, second = fresh_address("first"), fresh_address("second")
    owner.goto(f"/console/organizations/{desk.organization}/inviting")
    owner.locator("#addresses").fill(f"{first}\n{second}, ORG_READ_ONLY\nno address\n{first}")
    owner.get_by_role("checkbox", name=said("role.ORG_MEMBER")).check()
    owner.get_by_role("button", name=said("console.invite.send")).click()
    expect(owner.get_by_text(said("console.invite.summary", invited=2, all=4))).to_be_visible()
    (entry,) = users(desk, second)
    assert entry["roles"]["orgRoles"] == ["ORG_READ_ONLY"]
    open_link(guest := person(), link_of(post_office.wait_for(first)))
    accept_as_new(guest)
    require_member(desk, first)


def test_mail_that_was_sent_again_opens_the_same_invitation_until_it_is_cancelled(
    desk: Desk, post_office: PostOffice, person: Callable[..., Page], owner: Page
) -> None:
    guest = fresh_address("again")
    invitation = desk.invite(guest)
    older = link_of(post_office.wait_for(guest))
    place = f"/console/organizations/{desk.organization}/invitations/{invitation['id']}"
    owner.goto(place)
    owner.get_by_role("button", name=said("console.invitations.resend")).click()
    newer = link_of(post_office.wait_for(guest, number=2))
    assert newer != older
    for link in (older, newer):
        open_link(page := person(), link)
        expect(page.get_by_text("Demo Organization").first).to_be_visible()
    owner.goto(f"{place}/end")
    owner.locator("main form [type=submit]").click()
    owner.wait_for_load_state()
    for link in (older, newer):
        open_link(page := person(), link)
        heading(page, "invitation.revoked")


def test_inv24_a_new_key_is_shown_once_and_works(desk: Desk, owner: Page) -> None:
    place = f"/console/organizations/{desk.organization}/keys"
    owner.goto(place)
    owner.locator("#description").fill("From the console")
    owner.get_by_role("button", name=str(texts.text("en", "console.create"))).click()
    shown = owner.locator(".secret")
    expect(shown.first).to_be_visible()
    text = owner.locator("main").inner_text()
    keys = desk.got(f"/api/atlas/v2/orgs/{desk.organization}/apiKeys", version="2023-01-01")["results"]
    (made,) = [key for key in keys if key["desc"] == "From the console"]
    tail = made["privateKey"][-12:]
    assert tail in text
    assert made["privateKey"] not in text, "here it is whole"
    owner.goto(f"{place}/{made['id']}")
    assert tail in owner.locator("main").inner_text()
    assert not owner.locator(".secret").count(), "and never again"
