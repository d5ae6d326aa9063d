"""Inviting, looking through invitations, and steering them."""

import csv
import io
import json
import re
from functools import partial

import pytest
from tests.web.console.browser import Browser, words
from tests.web.console.conftest import Server
from tests.worlds import World

from antechamber.domain.events import ORG_INVITATION_DELETED
from antechamber.domain.invitations import Invitation, State
from antechamber.domain.paging import PageRequest
from antechamber.storage import events, invitations
from antechamber.storage.database import Statement, Transaction

_NOTE = Statement(
    """UPDATE invitations SET note = :note, is_flagged = :flagged
    WHERE organization_id = :organization_id AND id = :id"""
)


def pending(server: Server, world: World, address: str, scope_id: str = "") -> Invitation | None:
    of = world.organization.id
    return server.write(
        partial(invitations.find_pending, organization_id=of, scope_id=scope_id or of, username_key=address)
    )


def invite(server: Server, owner: Browser, world: World, address: str) -> Invitation:
    owner.done("inviting", addresses=address, roles=["ORG_MEMBER"])
    found = pending(server, world, address)
    assert found is not None
    return found


def end(
    server: Server, world: World, one: Invitation, state: State, note: str = "", flagged: int = 0
) -> None:
    async def job(tx: Transaction) -> None:
        assert await invitations.end(tx, one, state)
        await tx.run(_NOTE, organization_id=world.organization.id, id=one.id, note=note, flagged=flagged)

    server.write(job)


def test_one_person_is_invited_as_the_form_says(server: Server, owner: Browser, world: World) -> None:
    html = owner.done(
        "inviting",
        addresses="Kim@example.com",
        roles=["ORG_READ_ONLY"],
        teams=[world.team.id],
        project=world.project.id,
        project_roles=["GROUP_OWNER"],
    )
    assert "Kim@example.com is invited." in words(html)
    found = pending(server, world, "kim@example.com")
    assert found is not None
    assert found.inviter == world.owner.username
    assert (found.roles, found.team_ids) == (("ORG_READ_ONLY",), (world.team.id,))
    assert found.project_roles == ((world.project.id, "GROUP_OWNER"),)


def test_one_bad_row_does_not_stop_the_others(server: Server, owner: Browser, world: World) -> None:
    answer = owner.post(
        "inviting",
        addresses=f"a@example.com\nnobody\nb@example.com, ORG_OWNER ORG_MEMBER\na@example.com\n"
        f"c@example.com ORG_NONSENSE\n{world.member.username}\n",
        file="address,roles\nd@example.com,org_read_only\n",
        roles=["ORG_MEMBER"],
    )
    said = words(answer.text)
    assert answer.status_code == 200
    assert "3 of 7 invited." in said
    assert "This is not a complete e-mail address." in said
    assert "There is no organization role ORG_NONSENSE." in said
    assert "The address stands further up already." in said
    assert f"{world.member.username} is a member already" in said
    roles = {name: pending(server, world, f"{name}@example.com") for name in "abcd"}
    assert {name: one and one.roles for name, one in roles.items()} == {
        "a": ("ORG_MEMBER",),
        "b": ("ORG_OWNER", "ORG_MEMBER"),
        "c": None,
        "d": ("ORG_READ_ONLY",),
    }


@pytest.mark.parametrize(
    ("addresses", "status", "said"),
    [
        ("", 400, "Enter at least one address."),
        ("\n".join(f"p{n}@example.com" for n in range(501)), 413, "At most 500 people"),
        ("p@example.com\n" + " " * 70_000 + "x", 413, "At most 500 people"),
    ],
)
def test_inv30_nobody_and_too_many_are_refused(
    server: Server, owner: Browser, world: World, addresses: str, status: int, said: str
) -> None:
    answer = owner.post("inviting", addresses=addresses, roles=["ORG_MEMBER"])
    assert answer.status_code == status
    assert said in words(answer.text)
    assert pending(server, world, "p0@example.com") is None


def test_a_refused_address_is_told_at_its_field_and_what_was_chosen_stays(owner: Browser) -> None:
    answer = owner.post("inviting", addresses="not an address", roles=["ORG_OWNER"])
    assert answer.status_code == 400
    assert 'id="addresses-error"' in answer.text
    assert ">not an address</textarea>" in answer.text
    assert re.search(r'value="ORG_OWNER" checked', answer.text)


def test_filters_and_orders_show_what_they_say(server: Server, owner: Browser, world: World) -> None:
    ended = {}
    for state in (State.ACCEPTED, State.REJECTED, State.REVOKED, State.EXPIRED):
        ended[state] = invite(server, owner, world, f"{state.value}@example.com")
        end(server, world, ended[state], state, note="Not me" if state is State.REJECTED else "")
    invite(server, owner, world, "open@example.com")
    owner.done(f"projects/{world.project.id}/inviting", addresses="guest@example.com", roles=["GROUP_OWNER"])
    for state in State:
        said = words(owner.page("invitations", state=state.value))
        shown = {one for one in (*ended, State.PENDING) if f"{one.value}@example.com" in said}
        assert shown == ({state} if state is not State.PENDING else set())
    said = words(owner.page("invitations", state="pending"))
    assert "open@example.com" in said
    assert "guest@example.com" in said
    assert "accepted@example.com" not in said
    assert "Not me" in words(owner.page("invitations", state="rejected"))
    assert words(owner.page("invitations", address="OP")).count("@example.com") == 1
    assert "guest@" in words(owner.page("invitations", scope=world.project.id))
    assert "open@" not in words(owner.page("invitations", scope=world.project.id))
    assert "guest@" not in words(owner.page("invitations", scope=world.organization.id))
    by_address = re.findall(r">([a-z]+)@example\.com</a>", owner.page("invitations", order="address"))
    assert by_address == ["accepted", "expired", "guest", "open", "rejected", "revoked"]


def test_a_flagged_acceptance_is_marked(server: Server, owner: Browser, world: World) -> None:
    one = invite(server, owner, world, "flagged@example.com")
    end(server, world, one, State.ACCEPTED, flagged=1)
    assert "Inviter lost the right" in words(owner.page("invitations", state="flagged"))
    assert "could no longer have sent it" in words(owner.page(f"invitations/{one.id}"))


@pytest.mark.parametrize("order", ["newest", "oldest", "address"])
def test_pages_show_everybody_once(owner: Browser, order: str) -> None:
    addresses = [f"p{n:03}@example.com" for n in range(120)]
    owner.post("inviting", addresses="\n".join(addresses), roles=["ORG_MEMBER"])
    seen: list[str] = []
    after = ""
    for _ in range(3):
        html = owner.page("invitations", order=order, after=after)
        seen += re.findall(r">(p\d{3}@example\.com)</a>", html)
        following = re.search(r'rel="next" href="[^"]*after=([^"&]+)', html)
        after = following[1].replace("%2C", ",").replace("%40", "@") if following else ""
    assert not after
    assert sorted(seen) == addresses


def test_a_pending_one_is_changed_mailed_again_and_cancelled(
    server: Server, owner: Browser, world: World
) -> None:
    one = invite(server, owner, world, "kim@example.com")
    owner.done(f"invitations/{one.id}/access", roles=["ORG_OWNER"], teams=[world.team.id])
    changed = pending(server, world, "kim@example.com")
    assert changed is not None
    assert (changed.roles, changed.team_ids) == (("ORG_OWNER",), (world.team.id,))
    assert "on its way again" in words(owner.done(f"invitations/{one.id}/mail"))
    assert "Cancel this invitation?" in words(owner.page(f"invitations/{one.id}/end"))
    assert "The invitation is cancelled." in words(owner.done(f"invitations/{one.id}/end"))
    assert pending(server, world, "kim@example.com") is None
    trail = server.write(
        partial(events.list_of_organization, organization_id=world.organization.id, page=PageRequest())
    )
    assert trail.items[0].type_name == ORG_INVITATION_DELETED
    assert trail.items[0].actor_name == world.owner.username
    answer = owner.post(f"invitations/{one.id}/end")
    assert answer.status_code == 400
    assert "no longer pending" in words(answer.text)


def test_inv23_a_get_of_a_page_that_asks_changes_nothing(
    server: Server, owner: Browser, world: World
) -> None:
    one = invite(server, owner, world, "kim@example.com")
    owner.page(f"invitations/{one.id}/end")
    assert owner.get(f"invitations/{one.id}/mail").status_code == 405
    assert pending(server, world, "kim@example.com") == one


def test_an_export_holds_what_the_filter_shows_and_no_formula(
    server: Server, owner: Browser, world: World
) -> None:
    one = invite(server, owner, world, "=cmd@example.com")
    end(server, world, one, State.REJECTED, note="@SUM(1+1)")
    invite(server, owner, world, "open@example.com")
    answer = owner.get("exports/invitations/csv", state="rejected")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["address"], row["note"], row["state"]) for row in rows] == [
        ("'=cmd@example.com", "'@SUM(1+1)", "rejected")
    ]
    every = json.loads(owner.get("exports/invitations/json", order="address").content)
    assert [row["address"] for row in every] == ["=cmd@example.com", "open@example.com"]
    assert owner.get("exports/invitations/xml").status_code == 404


def test_an_export_can_be_pasted_again(server: Server, owner: Browser, world: World) -> None:
    answer = owner.post("inviting", addresses="'+x@example.com\n<y@example.com>", roles=["ORG_MEMBER"])
    assert "2 of 2 invited." in words(answer.text)
    assert pending(server, world, "+x@example.com") is not None


HOSTILE = "\"><script>alert(1)</script>'"


def test_what_people_say_is_never_markup(server: Server, owner: Browser, world: World) -> None:
    one = invite(server, owner, world, "x'y{}`|@example.com")
    end(server, world, one, State.REJECTED, note=HOSTILE)
    for path in ("invitations", f"invitations/{one.id}"):
        html = owner.page(path)
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert(1)" in html
    answer = owner.post("inviting", addresses=HOSTILE, roles=["ORG_MEMBER"])
    assert "<script>alert" not in answer.text
    assert "<script>alert" not in owner.page("invitations", address=HOSTILE, order=HOSTILE, after=HOSTILE)


@pytest.mark.parametrize("after", ["x", "x,y", ",", "99999999999999999999,a", "-1,a", "%00,a", "1,"])
@pytest.mark.parametrize("order", ["newest", "address"])
def test_inv29_nonsense_in_the_query_is_no_error_of_ours(owner: Browser, after: str, order: str) -> None:
    assert owner.get("invitations", after=after, order=order, address="\0é").status_code == 200
    assert owner.get("people", after=after).status_code == 200
    assert owner.get("events", after=after, since="9999-99-99", until="9999-12-31").status_code == 200
