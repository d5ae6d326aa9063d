"""A walk past every page: what is pictured, and searched for what keeps people out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page
from tests.e2e.desk import Desk, fresh_address

PASSWORD = "correct horse battery staple"
_PEOPLE = (
    ("Edsger", "Dijkstra", "ORG_READ_ONLY"),
    ("Barbara", "Liskov", "ORG_GROUP_CREATOR"),
    ("Donald", "Knuth", "ORG_MEMBER"),
    ("Frances", "Allen", "ORG_BILLING_ADMIN"),
)


@dataclass
class Town:
    """What there is to see, by id."""

    organization: str
    project: str
    team: str
    owner: str
    person: str
    key: str
    account: str
    invitation: str


def furnish(desk: Desk) -> Town:
    """Fill the demo organization as one would find it after a while."""
    organization, project = desk.organization, desk.project
    team = desk.got(f"/api/atlas/v2/orgs/{organization}/teams", version="2023-01-01")["results"][0]["id"]
    for first, last, role in _PEOPLE:
        address = f"{first.lower()}@mail.example"
        invited = desk.invite(address, roles=[role], teamIds=[team])
        token_of(desk, address)
        desk.control("POST", f"invitations/{invited['id']}/accept", {"firstName": first, "lastName": last})
    noted = desk.invite("alan@mail.example")
    token_of(desk, "alan@mail.example")
    desk.control("POST", f"invitations/{noted['id']}/decline", {"note": "I work somewhere else now."})
    gone = desk.invite("niklaus@mail.example")
    token_of(desk, "niklaus@mail.example")
    path = f"/api/atlas/v2/orgs/{organization}/invites/{gone['id']}"
    assert desk.ask("DELETE", path, version="2023-01-01").status_code == 204
    desk.invite_to_project("margaret@mail.example")
    pending = desk.invite(
        "katherine@mail.example",
        roles=["ORG_READ_ONLY"],
        teamIds=[team],
        groupRoleAssignments=[{"groupId": project, "roles": ["GROUP_OWNER"]}],
    )
    people = desk.got(f"/api/atlas/v2/orgs/{organization}/users?itemsPerPage=500")["results"]
    ids = {one["username"]: one["id"] for one in people}
    keys = desk.got(f"/api/atlas/v2/orgs/{organization}/apiKeys", version="2023-01-01")["results"]
    accounts = desk.got(f"/api/atlas/v2/orgs/{organization}/serviceAccounts", version="2024-08-05")["results"]
    return Town(
        organization,
        project,
        team,
        owner=ids[desk.info["ownerUsername"]],
        person=ids["barbara@mail.example"],
        key=keys[0]["id"],
        account=accounts[0]["clientId"],
        invitation=pending["id"],
    )


def token_of(desk: Desk, address: str) -> str:
    """Return the link of the last mail to an address; it is sent then."""
    messages = desk.control("GET", f"mail?address={address}")["messages"]
    link: str = messages[-1]["link"]
    return link


def _open(page: Page, link: str) -> None:
    page.goto(link)
    page.locator("main form [type=submit]").last.click()
    page.wait_for_url("**/invitation")


def _send(page: Page, form: str) -> None:
    page.locator(f"{form} [type=submit]").first.click()
    page.wait_for_load_state()


def invited(page: Page, desk: Desk, town: Town) -> Iterator[str]:
    """Go through what an invited person can get to see; yield the name of each page."""
    guest = fresh_address("rosa")
    invitation = desk.invite(
        guest,
        teamIds=[town.team],
        groupRoleAssignments=[{"groupId": town.project, "roles": ["GROUP_READ_ONLY"]}],
    )
    link = token_of(desk, guest)
    page.goto("/invite")
    yield "invite-without-link"
    page.goto("about:blank")
    page.goto(link)
    yield "invite"
    _open(page, link)
    yield "invitation-new-person"
    page.locator("#first_name").fill("Rosa")
    page.locator("#last_name").fill("Parks")
    page.locator("#password").fill("password")
    page.locator("#password_again").fill("something else")
    _send(page, "form:has(#password)")
    yield "invitation-with-mistakes"
    page.goto("/invitation/decline")
    yield "invitation-decline"
    page.goto("/invitation")
    page.locator("#first_name").fill("Rosa")
    page.locator("#last_name").fill("Parks")
    page.locator("#password").fill(PASSWORD)
    page.locator("#password_again").fill(PASSWORD)
    _send(page, "form:has(#password)")
    yield "invitation-accepted"
    page.goto("/account")
    yield "account"
    other = fresh_address("other")
    desk.invite(other)
    _open(page, token_of(desk, other))
    yield "invitation-somebody-else"
    page.context.clear_cookies(name="antechamber-session")
    for state in ("revoked", "rejected"):
        ended = fresh_address(state)
        invitation = desk.invite(ended)
        link = token_of(desk, ended)
        if state == "revoked":
            path = f"/api/atlas/v2/orgs/{town.organization}/invites/{invitation['id']}"
            desk.ask("DELETE", path, version="2023-01-01")
        else:
            desk.control("POST", f"invitations/{invitation['id']}/decline", {"note": ""})
        _open(page, link)
        yield f"invitation-{state}"
    late = fresh_address("late")
    desk.invite(late)
    link = token_of(desk, late)
    # Time ends other invitations too: what is seen next is as it was before.
    desk.control("POST", "snapshots", {"name": "before"})
    desk.control("PUT", "clock", {"advanceSeconds": 31 * 86400})
    _open(page, link)
    yield "invitation-expired"
    desk.control("PUT", "clock", {"real": True})
    desk.control("POST", "snapshots/before/restore")
    known = desk.invite_to_project("donald@mail.example")
    _open(page, token_of(desk, "donald@mail.example"))
    yield "invitation-sign-in"
    path = f"/api/atlas/v2/groups/{town.project}/invites/{known['id']}"
    desk.ask("DELETE", path, version="2023-01-01")
    page.goto("/sign-in")
    yield "sign-in"
    page.locator("#link-username").fill(fresh_address("nobody"))
    page.locator("form:has(#link-username) [type=submit]").click()
    page.wait_for_load_state()
    yield "sign-in-sent"
    page.goto("/invitation/nowhere")
    yield "not-found"


def sign_in(page: Page, desk: Desk) -> None:
    """Sign in as the owner."""
    page.goto("/sign-in")
    page.locator("#username").fill(desk.info["ownerUsername"])
    page.locator("#password").fill(desk.info["ownerPassword"])
    _send(page, "form:has(#username)")


def console(page: Page, desk: Desk, town: Town) -> Iterator[str]:
    """Go through the console as its owner; yield the name of each page."""
    sign_in(page, desk)
    root = f"/console/organizations/{town.organization}"
    places: dict[str, Any] = {
        "console": "/console",
        "organization": root,
        "people": f"{root}/people",
        "person": f"{root}/people/{town.person}",
        "person-removal": f"{root}/people/{town.person}/removal",
        "invitations": f"{root}/invitations",
        "invitations-past": f"{root}/invitations?state=past",
        "invitation": f"{root}/invitations/{town.invitation}",
        "invitation-cancel": f"{root}/invitations/{town.invitation}/end",
        "invite": f"{root}/inviting",
        "projects": f"{root}/projects",
        "project": f"{root}/projects/{town.project}",
        "project-person": f"{root}/projects/{town.project}/people/{town.owner}",
        "teams": f"{root}/teams",
        "team": f"{root}/teams/{town.team}",
        "keys": f"{root}/keys",
        "key": f"{root}/keys/{town.key}",
        "accounts": f"{root}/accounts",
        "account": f"{root}/accounts/{town.account}",
        "events": f"{root}/events",
        "mail": f"{root}/mail",
        "mail-preview": f"{root}/mail/preview",
    }
    for name, path in places.items():
        answer = page.goto(path)
        assert answer is not None
        assert answer.ok, path
        yield f"console-{name}"


def development(page: Page) -> Iterator[str]:
    """Go through the pages of the development desk; yield the name of each."""
    page.goto("/_antechamber/")
    yield "development"
    page.goto("/_antechamber/mail")
    yield "mailbox"
    page.locator("main a[href*='/_antechamber/mail/'], main a[href^='#'], main [data-message]").first.click()
    page.wait_for_timeout(500)
    yield "mailbox-message"
