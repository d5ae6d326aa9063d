"""Who sees and may do what: the one permission table, seen from the console."""

import re
from functools import partial
from typing import Any

import pytest
from tests.web.console.browser import Browser, words
from tests.web.console.conftest import Server
from tests.web.console.test_pages import PAGES, path
from tests.worlds import World, plant

from antechamber.domain.callers import CallerKind
from antechamber.domain.paging import PageRequest
from antechamber.domain.permissions import GRANTS, Permission
from antechamber.domain.roles import GROUP_OWNER, ORGANIZATION_ROLES, implied_project_roles
from antechamber.domain.teams import TeamRoles
from antechamber.storage import events, projects, teams
from antechamber.storage.database import Transaction

# A form, what it sends, and the permission that it needs.
ON_ORGANIZATION: dict[str, tuple[dict[str, Any], Permission]] = {
    "name": ({"name": "Renamed"}, Permission.ORGANIZATION_UPDATE),
    "language": ({"language": "ja"}, Permission.ORGANIZATION_SETTINGS_UPDATE),
    "people/{member}/access": ({"roles": ["ORG_READ_ONLY"]}, Permission.ORGANIZATION_USERS_MANAGE),
    "people/{member}/removal": ({}, Permission.ORGANIZATION_USERS_MANAGE),
    "inviting": (
        {"addresses": "new@example.com", "roles": ["ORG_MEMBER"]},
        Permission.ORGANIZATION_INVITATIONS_MANAGE,
    ),
    "projects": ({"name": "New one"}, Permission.PROJECT_CREATE),
    "teams": ({"name": "New crew", "address": "{owner_address}"}, Permission.TEAMS_MANAGE),
    "teams/{team}/name": ({"name": "Other crew"}, Permission.TEAMS_MANAGE),
    "teams/{team}/members": ({"address": "{member_address}"}, Permission.TEAMS_MANAGE),
    "teams/{team}/members/{owner}/removal": ({}, Permission.TEAMS_MANAGE),
    "teams/{team}/deletion": ({}, Permission.TEAMS_MANAGE),
    "keys": ({"description": "x", "roles": ["ORG_MEMBER"]}, Permission.ORGANIZATION_API_KEYS_MANAGE),
    "keys/{key}/details": (
        {"description": "y", "roles": ["ORG_MEMBER"]},
        Permission.ORGANIZATION_API_KEYS_MANAGE,
    ),
    "keys/{key}/addresses": ({"block": "203.0.113.9"}, Permission.API_KEY_ACCESS_LISTS),
    "keys/{key}/deletion": ({}, Permission.ORGANIZATION_API_KEYS_MANAGE),
    "accounts": (
        {"name": "x", "description": "x", "roles": ["ORG_MEMBER"], "hours": "8"},
        Permission.ORGANIZATION_SERVICE_ACCOUNTS_MANAGE,
    ),
    "accounts/{account}/secrets": ({"hours": "8"}, Permission.ORGANIZATION_SERVICE_ACCOUNTS_MANAGE),
    "accounts/{account}/addresses": (
        {"block": "203.0.113.9"},
        Permission.ORGANIZATION_SERVICE_ACCOUNTS_MANAGE,
    ),
    "accounts/{account}/deletion": ({}, Permission.ORGANIZATION_SERVICE_ACCOUNTS_MANAGE),
}
ON_PROJECT: dict[str, tuple[dict[str, Any], Permission]] = {
    "projects/{project}/name": ({"name": "Renamed"}, Permission.PROJECT_UPDATE),
    "projects/{project}/people": (
        {"address": "new@example.com", "roles": ["GROUP_READ_ONLY"]},
        Permission.PROJECT_USERS_MANAGE,
    ),
    "projects/{project}/people/{owner}": ({"roles": ["GROUP_READ_ONLY"]}, Permission.PROJECT_USERS_MANAGE),
    "projects/{project}/people/{owner}/removal": ({}, Permission.PROJECT_USERS_MANAGE),
    "projects/{project}/teams": (
        {"team": "{team}", "roles": ["GROUP_READ_ONLY"]},
        Permission.PROJECT_TEAMS_MANAGE,
    ),
    "projects/{project}/inviting": (
        {"addresses": "new@example.com", "roles": ["GROUP_READ_ONLY"]},
        Permission.PROJECT_INVITATIONS_MANAGE,
    ),
    "projects/{project}/deletion": ({}, Permission.PROJECT_DELETE),
}
READS = {
    "": Permission.ORGANIZATION_READ,
    "people": Permission.ORGANIZATION_USERS_READ,
    "invitations": Permission.ORGANIZATION_INVITATIONS_READ,
    "inviting": Permission.ORGANIZATION_INVITATIONS_MANAGE,
    "teams": Permission.TEAMS_READ,
    "keys": Permission.ORGANIZATION_API_KEYS_READ,
    "accounts": Permission.ORGANIZATION_SERVICE_ACCOUNTS_READ,
    "events": Permission.ORGANIZATION_EVENTS_READ,
    "mail": Permission.ORGANIZATION_INVITATIONS_READ,
    "exports/people/csv": Permission.ORGANIZATION_USERS_READ,
    "exports/invitations/csv": Permission.ORGANIZATION_INVITATIONS_READ,
    "exports/events/json": Permission.ORGANIZATION_EVENTS_READ,
}


def filled(fields: dict[str, Any], world: World) -> dict[str, Any]:
    facts = {"{owner_address}": world.owner.username, "{member_address}": world.member.username}
    facts["{team}"] = world.team.id
    return {
        name: facts.get(value, value) if isinstance(value, str) else value for name, value in fields.items()
    }


def changes(server: Server, world: World) -> int:
    page = server.write(
        partial(events.list_of_organization, organization_id=world.organization.id, page=PageRequest())
    )
    return page.total


@pytest.mark.parametrize("role", sorted(ORGANIZATION_ROLES))
def test_pages_open_to_those_whom_the_table_lets_read(server: Server, world: World, role: str) -> None:
    _, browser = server.member(world, f"{role.lower()}@example.com", role)
    for template, permission in READS.items():
        allowed = role in GRANTS[permission].roles
        assert browser.get(path(template, world)).status_code == (200 if allowed else 403), template


@pytest.mark.parametrize("template", ON_ORGANIZATION)
@pytest.mark.parametrize("role", ["ORG_MEMBER", "ORG_READ_ONLY", "ORG_GROUP_CREATOR", "ORG_OWNER"])
def test_forms_of_an_organization_do_what_the_table_allows(
    server: Server, world: World, role: str, template: str
) -> None:
    _, browser = server.member(world, f"someone@{world.organization.name.lower()}.example", role)
    fields, permission = ON_ORGANIZATION[template]
    before = changes(server, world)
    answer = browser.post(path(template, world), **filled(fields, world))
    allowed = role in GRANTS[permission].roles
    assert answer.status_code in ((200, 303) if allowed else (403,)), words(answer.text)
    assert (changes(server, world) > before) == allowed


@pytest.mark.parametrize("template", ON_PROJECT)
@pytest.mark.parametrize(
    "role", ["nothing", "GROUP_READ_ONLY", GROUP_OWNER, "through a team", "ORG_READ_ONLY"]
)
def test_forms_of_a_project_do_what_the_table_allows(
    server: Server, world: World, role: str, template: str
) -> None:
    organization_role = role if role.startswith("ORG_") else "ORG_MEMBER"
    address = f"someone@{world.organization.name.lower()}.example"
    user, browser = server.member(world, address, organization_role)
    held = implied_project_roles([organization_role])

    async def grant(tx: Transaction) -> None:
        of = world.organization.id
        if role == "through a team":
            assigned = TeamRoles(world.project.id, world.team.id, (GROUP_OWNER,))
            await teams.assign(tx, of, assigned, tx.now)
            await teams.add_member(tx, world.team, user.id, tx.now)
        else:
            await projects.grant(
                tx,
                of,
                world.project.id,
                kind=CallerKind.USER,
                principal_id=user.id,
                roles=(role,),
                at=tx.now,
            )

    if role.startswith(("GROUP_", "through")):
        server.write(grant)
        held = frozenset({GROUP_OWNER if role.startswith("through") else role})
    fields, permission = ON_PROJECT[template]
    before = changes(server, world)
    answer = browser.post(path(template, world), **filled(fields, world))
    allowed = not GRANTS[permission].roles.isdisjoint(held)
    refused = 403 if held else 404
    assert answer.status_code in ((200, 303) if allowed else (refused,)), words(answer.text)
    assert (changes(server, world) > before) == allowed


@pytest.mark.parametrize("role", ["ORG_MEMBER", "ORG_READ_ONLY"])
def test_pages_hide_what_the_person_may_not_do(server: Server, world: World, role: str) -> None:
    _, browser = server.member(world, f"{role.lower()}@example.org", role)
    for template in (
        "",
        "people",
        "people/{owner}",
        "projects",
        "teams",
        "teams/{team}",
        "keys",
        "keys/{key}",
    ):
        html = browser.page(path(template, world))
        main = html.partition("<main")[2]
        assert 'method="post"' not in main, template
        assert f"/{world.organization.id}/invitations" not in main
        assert "/inviting" not in main


def test_a_project_owner_sees_and_steers_the_project_only(server: Server, world: World) -> None:
    user, browser = server.member(world, "lead@example.net", "ORG_MEMBER")

    async def grant(tx: Transaction) -> None:
        await projects.grant(
            tx,
            world.organization.id,
            world.project.id,
            kind=CallerKind.USER,
            principal_id=user.id,
            roles=(GROUP_OWNER,),
            at=tx.now,
        )

    server.write(grant)
    one = f"projects/{world.project.id}"
    browser.done(f"{one}/inviting", addresses="guest@example.net", roles=["GROUP_READ_ONLY"])
    html = browser.page(f"{one}/invitations")
    found = re.search(r'/invitations/([0-9a-f]{24})">guest@example\.net<', html)
    assert found
    invitation_id = found[1]
    assert "Send the mail again" in words(browser.page(f"invitations/{invitation_id}"))
    assert browser.get("invitations").status_code == 403
    assert "The invitation is cancelled." in words(browser.done(f"invitations/{invitation_id}/end"))


@pytest.mark.parametrize("template", PAGES)
def test_inv02_what_is_anothers_looks_like_what_there_is_not(
    server: Server, world: World, owner: Browser, template: str
) -> None:
    stranger = server.write(partial(plant, name=f"Stranger{world.organization.name}"))
    hostile = server.sign_in(stranger.owner, world.organization.id)
    nobody = Browser(hostile.url, "0" * 24)
    nobody.session.cookies = hostile.session.cookies
    theirs, unknown = hostile.get(path(template, world)), nobody.get(path(template, world))
    assert theirs.status_code == unknown.status_code == 404
    assert words(theirs.text) == words(unknown.text)
    # In one's own organization too, for ids of another one.
    own = Browser(hostile.url, stranger.organization.id)
    own.session.cookies = hostile.session.cookies
    if "{" in template:
        assert own.get(path(template, world)).status_code == 404


@pytest.mark.parametrize("template", [*ON_ORGANIZATION, *ON_PROJECT])
def test_inv02_nobody_changes_what_is_anothers(server: Server, world: World, template: str) -> None:
    stranger = server.write(partial(plant, name=f"Stranger{world.organization.name}"))
    fields, _ = {**ON_ORGANIZATION, **ON_PROJECT}[template]
    before = changes(server, world)
    hostile = server.sign_in(stranger.owner, world.organization.id)
    assert hostile.post(path(template, world), **filled(fields, world)).status_code == 404
    own = server.sign_in(stranger.owner, stranger.organization.id)
    if "{" in template:
        assert own.post(path(template, world), **filled(fields, world)).status_code in (400, 404)
    assert changes(server, world) == before


@pytest.mark.parametrize("template", [*ON_ORGANIZATION, *ON_PROJECT])
def test_a_form_without_its_token_changes_nothing(
    server: Server, world: World, owner: Browser, template: str
) -> None:
    fields, _ = {**ON_ORGANIZATION, **ON_PROJECT}[template]
    before = changes(server, world)
    assert owner.post(path(template, world), token="", **filled(fields, world)).status_code == 403
    assert changes(server, world) == before
