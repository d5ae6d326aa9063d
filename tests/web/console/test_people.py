"""People, projects, teams and events as the console steers and shows them."""

import json
import re
from functools import partial

import pytest
from tests.web.console.browser import Browser, words
from tests.web.console.conftest import Server
from tests.worlds import World

from antechamber.domain.users import OrganizationUser, Status
from antechamber.storage import organization_users, organizations


def person(server: Server, world: World, user_id: str) -> OrganizationUser | None:
    return server.write(
        partial(
            organization_users.find,
            organization_id=world.organization.id,
            user_id=user_id,
            statuses=frozenset(Status),
        )
    )


def test_a_member_is_given_roles_teams_and_projects_in_one_form(
    server: Server, owner: Browser, world: World
) -> None:
    html = owner.done(
        f"people/{world.member.id}/access",
        roles=["ORG_MEMBER", "ORG_GROUP_CREATOR"],
        teams=[world.team.id],
        project=world.project.id,
        project_roles=["GROUP_READ_ONLY"],
    )
    assert "Saved." in words(html)
    kept = person(server, world, world.member.id)
    assert kept is not None
    assert kept.roles == ("ORG_MEMBER", "ORG_GROUP_CREATOR")
    assert kept.team_ids == (world.team.id,)
    assert kept.roles_on(world.project.id) == ("GROUP_READ_ONLY",)
    owner.done(
        f"people/{world.member.id}/access",
        **{"roles": ["ORG_MEMBER"], f"project:{world.project.id}": ["GROUP_OWNER"]},
    )
    kept = person(server, world, world.member.id)
    assert kept is not None
    assert (kept.team_ids, kept.roles_on(world.project.id)) == ((), ("GROUP_OWNER",))


def test_inv07_the_last_owner_stays_and_the_page_says_why(
    server: Server, owner: Browser, world: World
) -> None:
    demoted = owner.post(f"people/{world.owner.id}/access", roles=["ORG_MEMBER"])
    removed = owner.post(f"people/{world.owner.id}/removal")
    for answer in (demoted, removed):
        assert answer.status_code == 409
        assert "last owner of the organization" in words(answer.text)
    kept = person(server, world, world.owner.id)
    assert kept is not None
    assert kept.roles == ("ORG_OWNER",)


def test_a_removed_member_is_out_at_once(server: Server, owner: Browser, world: World) -> None:
    theirs = server.sign_in(world.member, world.organization.id)
    assert theirs.get().status_code == 200
    assert "Remove this person?" in words(owner.page(f"people/{world.member.id}/removal"))
    owner.done(f"people/{world.member.id}/removal")
    assert theirs.get().status_code == 404


def test_people_are_found_by_address_and_status(owner: Browser, world: World) -> None:
    owner.done("inviting", addresses="kim@example.com", roles=["ORG_MEMBER"])
    assert "kim@example.com" in owner.page("people")
    assert "kim@example.com" not in owner.page("people", status="active")
    assert world.member.username not in owner.page("people", status="pending")
    assert "kim@example.com" in owner.page("people", address="KI")
    assert world.member.username not in owner.page("people", address="KI", status="all")
    exported = json.loads(owner.get("exports/people/json", status="pending").content)
    assert [(row["address"], row["status"]) for row in exported] == [("kim@example.com", "PENDING")]


def test_somebody_invited_is_changed_and_cancelled_as_a_person(
    server: Server, owner: Browser, world: World
) -> None:
    owner.done("inviting", addresses="kim@example.com", roles=["ORG_MEMBER"])
    found = re.search(r'/people/([0-9a-f]{24})"', owner.page("people", address="kim@"))
    assert found
    user_id = found[1]
    owner.done(f"people/{user_id}/access", roles=["ORG_OWNER"])
    kept = person(server, world, user_id)
    assert kept is not None
    assert (kept.status, kept.roles) == (Status.PENDING, ("ORG_OWNER",))
    assert "Cancel this invitation?" in words(owner.page(f"people/{user_id}/removal"))
    owner.done(f"people/{user_id}/removal")
    assert person(server, world, user_id) is None


def test_an_organization_is_renamed_and_speaks_a_language(
    server: Server, owner: Browser, world: World
) -> None:
    assert "Umbrella &amp; Co" in owner.done("name", name="Umbrella & Co")
    owner.done("language", language="ja")
    assert server.write(partial(organizations.language, id=world.organization.id)) == "ja"
    wrong = owner.post("name", name="<b>")
    assert wrong.status_code == 400
    assert "A name has 1 to 64" in words(wrong.text)
    assert 'value="&lt;b&gt;"' in wrong.text
    assert owner.post("language", language="xx").status_code == 400


def test_a_project_has_people_and_teams(owner: Browser, world: World) -> None:
    html = owner.done("projects", name="Skunk Works")
    project_id = html.rpartition("/projects/")[2][:24]
    one = f"projects/{project_id}"
    owner.done(f"{one}/people", address=world.member.username, roles=["GROUP_OWNER"])
    owner.done(f"{one}/people", address="guest@example.com", roles=["GROUP_READ_ONLY"])
    said = words(owner.page(one))
    assert world.member.username in said
    assert "guest@example.com Pending Project Read Only" in said
    owner.done(f"{one}/people/{world.member.id}", roles=["GROUP_READ_ONLY", "GROUP_CLUSTER_MANAGER"])
    assert "Cluster Manager" in words(owner.page(one))
    owner.done(f"{one}/people/{world.member.id}/removal")
    assert owner.get(f"{one}/people/{world.member.id}").status_code == 404
    owner.done(f"{one}/teams", team=world.team.id, roles=["GROUP_OWNER"])
    owner.done(f"{one}/teams", team=world.team.id, roles=["GROUP_READ_ONLY"])
    assert "Skunk Works Project Read Only" in words(owner.page(f"teams/{world.team.id}"))
    refused = owner.post(f"teams/{world.team.id}/deletion")
    assert refused.status_code == 400
    assert "still has roles on projects" in words(refused.text)
    owner.done(f"{one}/teams/{world.team.id}/removal")
    owner.done(f"{one}/name", name="Skunk Works 2")
    taken = owner.post("projects", name="Skunk Works 2")
    assert (taken.status_code, "There is a project called" in words(taken.text)) == (409, True)
    assert "Deleted." in words(owner.done(f"{one}/deletion"))
    assert owner.get(one).status_code == 404


def test_a_team_is_made_filled_renamed_and_deleted(owner: Browser, world: World) -> None:
    html = owner.done("teams", name="Night Watch", address=world.owner.username)
    assert "Night Watch" in html
    team_id = html.partition("/members")[0].rpartition("/teams/")[2]
    one = f"teams/{team_id}"
    owner.done(f"{one}/members", address=world.member.username.upper())
    assert world.member.username in owner.page(one)
    for address, said in (
        ("nobody@example.com", "Nobody with this address"),
        (world.member.username, "already"),
    ):
        answer = owner.post(f"{one}/members", address=address)
        assert answer.status_code in (400, 409)
        assert said in words(answer.text)
    owner.done(f"{one}/members/{world.member.id}/removal")
    assert "Day Watch" in owner.done(f"{one}/name", name="Day Watch")
    assert "Deleted." in words(owner.done(f"{one}/deletion"))


def test_events_are_narrowed_and_exported(owner: Browser, world: World) -> None:
    owner.done("name", name="Renamed")
    owner.done("keys", description="x", roles=["ORG_MEMBER"])
    assert "API_KEY_CREATED" in words(owner.page("events").partition("<tbody>")[2])
    shown = words(owner.page("events", type="ORG_RENAMED").partition("<tbody>")[2])
    assert "ORG_RENAMED" in shown
    assert "API_KEY_CREATED" not in shown
    assert "Nothing here." in words(owner.page("events", until="2001-01-01"))
    rows = json.loads(owner.get("exports/events/json", type="ORG_RENAMED").content)
    assert [(row["type"], row["actor"]) for row in rows] == [("ORG_RENAMED", world.owner.username)]


@pytest.mark.parametrize("language", ["en", "zh", "ja"])
def test_every_message_can_be_looked_at(owner: Browser, language: str) -> None:
    html = owner.page("mail/preview", message="reminder", **{"in": language})
    assert "Acme" in words(html)
    answer = owner.get("mail/preview/html", message="reminder", **{"in": language})
    assert "sandbox" in answer.headers["content-security-policy"]


def test_mail_tells_what_went_out(owner: Browser) -> None:
    owner.done("inviting", addresses="kim@example.com", roles=["ORG_MEMBER"])
    said = words(owner.page("mail"))
    assert "kim@example.com" in said
    assert "Invitation to the organization" in said
