"""What the invited person does with the link of the mail."""

import asyncio
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from tests.conftest import OpenDatabase
from tests.usecases.conftest import Desk
from tests.worlds import ADDRESS, Clock, World, join, plant_project

from antechamber.domain.callers import Caller, CallerKind
from antechamber.domain.errors import (
    InvitationChanged,
    InvitationEnded,
    InvitationForSomebodyElse,
    InvitationLinkUnknown,
    InvitationNeedsSignIn,
    InvitationNotFound,
    InviterLost,
    Refusal,
    SessionEnded,
    TicketRunOut,
    WrongCredentials,
)
from antechamber.domain.invitations import Invitation, State
from antechamber.domain.mail import MessageType
from antechamber.domain.paging import PageRequest
from antechamber.domain.policy import Policy
from antechamber.domain.users import Status, User
from antechamber.storage import invitations as stored
from antechamber.storage import organization_users, projects, teams, users
from antechamber.storage.database import Statement, Transaction
from antechamber.usecases import (
    invitations,
    invitee,
    sign_in,
)
from antechamber.usecases import (
    organization_users as people,
)
from antechamber.usecases import projects as project_cases
from antechamber.usecases import (
    teams as team_cases,
)
from antechamber.usecases import users as user_cases
from antechamber.usecases.invitee import Accepted, Look, NewPerson
from antechamber.usecases.sign_in import SignedIn

ANN = "ann@example.com"
ANN_LEE = NewPerson("Ann", "Lee")
_FLAG_AND_NOTE = Statement("SELECT is_flagged, note FROM invitations WHERE id = :id")
_COUNT_EVENTS = Statement("SELECT count(*) FROM events")


class Guest(Desk):
    """Somebody with a browser, at the same database."""

    async def invited(self, world: World, username: str = ANN, **values: Any) -> Invitation:
        """Return an invitation to the organization."""
        caller = values.pop("caller", world.caller)
        _, invitation = await self.ask(
            invitations.invite_to_organization,
            caller,
            organization_id=world.organization.id,
            username=username,
            **{"requested_roles": ["ORG_MEMBER"], **values},
        )
        return invitation

    async def invited_to_project(self, world: World, username: str = ANN, **values: Any) -> Invitation:
        """Return an invitation to the project."""
        _, invitation = await self.ask(
            invitations.invite_to_project,
            values.pop("caller", world.caller),
            project_id=values.pop("project_id", world.project.id),
            username=username,
            **{"requested_roles": ["GROUP_READ_ONLY"], **values},
        )
        return invitation

    async def token(self, invitation: Invitation) -> str:
        """Return the token of the latest mail about an invitation."""
        return [one.token for one in await self.mail() if one.invitation_id == invitation.id and one.token][
            -1
        ]

    async def opened(self, invitation: Invitation) -> str:
        """Return a ticket for the invitation."""
        token = await self.token(invitation)
        return await self.database.write(partial(invitee.open_link, token=token))

    async def seen(self, ticket: str) -> Look:
        """Return what the ticket shows."""
        return await self.database.read(partial(invitee.look, ticket=ticket))

    async def accept(
        self,
        ticket: str,
        signed_in: SignedIn | None = None,
        *,
        version: str | None = None,
        new_person: NewPerson | None = ANN_LEE,
    ) -> Accepted:
        """Accept what the ticket shows now, or a version of it."""
        if version is None:
            version = (await self.seen(ticket)).version
        return await self.database.write(
            partial(
                invitee.accept,
                ticket=ticket,
                signed_in=signed_in,
                version=version,
                address=ADDRESS,
                new_person=new_person,
            )
        )

    async def decline(self, ticket: str, signed_in: SignedIn | None = None, note: str = "") -> None:
        """Decline what the ticket shows."""
        await self.database.write(
            partial(invitee.decline, ticket=ticket, signed_in=signed_in, address=ADDRESS, note=note)
        )

    async def session(self, user: User) -> SignedIn:
        """Return the person signed in."""
        cookie = await self.database.write(partial(sign_in.begin_session, user=user))
        found = await self.who(cookie)
        assert found is not None
        return found

    async def who(self, cookie: str) -> SignedIn | None:
        """Return who is signed in."""
        return await self.database.read(partial(sign_in.who, cookie=cookie))

    async def user(self, username: str = ANN) -> User:
        """Return the account of an address."""
        found = await self.database.read(partial(users.find_by_key, key=username))
        assert found is not None
        return found

    async def state(self, invitation: Invitation) -> State:
        """Return how an invitation is kept."""
        found = await self.database.read(
            partial(stored.find, organization_id=invitation.organization_id, id=invitation.id)
        )
        assert found is not None
        return found.state

    async def roles(self, world: World, username: str = ANN) -> tuple[str, ...]:
        """Return somebody's organization roles."""
        user = await self.user(username)
        return await self.database.read(
            partial(users.organization_roles, organization_id=world.organization.id, user_id=user.id)
        )

    async def project_roles(self, world: World, project_id: str = "", username: str = ANN) -> tuple[str, ...]:
        """Return somebody's direct roles on the project."""
        user = await self.user(username)
        return await self.database.read(
            partial(
                projects.direct_roles,
                organization_id=world.organization.id,
                project_id=project_id or world.project.id,
                principal_id=user.id,
            )
        )

    async def pending(self, world: World, username: str = ANN) -> list[Invitation]:
        """Return what is still pending for somebody, hidden or not."""
        user = await self.user(username)
        return await self.database.read(
            partial(stored.list_pending_of_user, organization_id=world.organization.id, user_id=user.id)
        )


@pytest.fixture
def guest(desk: Desk) -> Guest:
    """The invited person."""
    return Guest(desk.database)


def as_caller(world: World, user: User, *roles: str) -> Caller:
    return Caller(CallerKind.USER, user.id, user.username, world.organization, frozenset(roles), ADDRESS)


# -- looking ----------------------------------------------------------------------------------------


async def test_the_link_shows_what_the_invitation_gives(guest: Guest, world: World) -> None:
    invitation = await guest.invited(
        world,
        requested_roles=["ORG_MEMBER", "ORG_READ_ONLY"],
        team_ids=[world.team.id],
        project_roles=[(world.project.id, ["GROUP_OWNER", "GROUP_READ_ONLY"])],
    )
    seen = await guest.seen(await guest.opened(invitation))
    assert seen.invitation == invitation
    assert seen.state is State.PENDING
    assert seen.organization.name == "Acme"
    assert seen.project is None
    assert seen.roles == ("ORG_MEMBER", "ORG_READ_ONLY")
    assert seen.team_names == ("Acme Crew",)
    assert seen.project_access == (("Acme Mobile", ("GROUP_OWNER", "GROUP_READ_ONLY")),)
    assert not seen.has_account


async def test_opening_the_link_changes_nothing_but_the_ticket(guest: Guest, world: World) -> None:
    invitation = await guest.invited(world)
    before = await guest.event_types(world)
    tickets = {await guest.opened(invitation) for _ in range(3)}
    assert len(tickets) == 3
    assert await guest.state(invitation) is State.PENDING
    assert await guest.event_types(world) == before
    assert not (await guest.user()).is_verified


@pytest.mark.parametrize("token", ["", "nothing", "é" * 43, "\ud800"])
async def test_a_token_that_was_never_made_opens_nothing(token: str, guest: Guest, world: World) -> None:
    with pytest.raises(InvitationLinkUnknown):
        await guest.database.write(partial(invitee.open_link, token=token))


async def test_inv11_the_id_of_an_invitation_is_no_token(guest: Guest, world: World) -> None:
    invitation = await guest.invited(world)
    with pytest.raises(InvitationLinkUnknown):
        await guest.database.write(partial(invitee.open_link, token=invitation.id))


@pytest.mark.parametrize("ticket", ["", "nothing"])
async def test_an_unknown_ticket_shows_nothing(ticket: str, guest: Guest, world: World) -> None:
    with pytest.raises(TicketRunOut):
        await guest.seen(ticket)


async def test_a_ticket_runs_out_after_ten_minutes_and_the_link_does_not(
    guest: Guest, world: World, clock: Clock
) -> None:
    invitation = await guest.invited(world)
    ticket = await guest.opened(invitation)
    clock.advance(seconds=599)
    version = (await guest.seen(ticket)).version
    clock.advance(seconds=1)
    with pytest.raises(TicketRunOut):
        await guest.accept(ticket, version=version)
    with pytest.raises(TicketRunOut):
        await guest.decline(ticket)
    await guest.accept(await guest.opened(invitation))


async def test_the_link_tells_what_became_of_the_invitation(guest: Guest, world: World, clock: Clock) -> None:
    cancelled = await guest.invited(world, "a@example.com")
    declined = await guest.invited(world, "b@example.com")
    expired = await guest.invited(world, "c@example.com")
    tokens = [await guest.token(one) for one in (cancelled, declined, expired)]
    await guest.ask(
        invitations.revoke_of_organization,
        world.caller,
        organization_id=world.organization.id,
        invitation_id=cancelled.id,
    )
    await guest.decline(await guest.opened(declined))
    clock.advance(days=30)
    states = []
    for token in tokens:
        ticket = await guest.database.write(partial(invitee.open_link, token=token))
        states.append((await guest.seen(ticket)).state)
    assert states == [State.REVOKED, State.REJECTED, State.EXPIRED]


async def test_inv09_the_link_opens_nothing_once_the_project_is_deleted(guest: Guest, world: World) -> None:
    invitation = await guest.invited_to_project(world)
    token, ticket = await guest.token(invitation), await guest.opened(invitation)
    await guest.ask(project_cases.delete, world.caller, project_id=world.project.id)
    with pytest.raises(InvitationLinkUnknown):
        await guest.database.write(partial(invitee.open_link, token=token))
    with pytest.raises(TicketRunOut):
        await guest.seen(ticket)


# -- accepting --------------------------------------------------------------------------------------


async def test_a_new_person_becomes_what_the_invitation_says(guest: Guest, world: World) -> None:
    invitation = await guest.invited(
        world,
        requested_roles=["ORG_READ_ONLY"],
        team_ids=[world.team.id],
        project_roles=[(world.project.id, ["GROUP_OWNER"])],
    )
    before = await guest.user()
    accepted = await guest.accept(await guest.opened(invitation))
    user = await guest.user()
    assert (user.id, user.first_name, user.last_name, user.is_verified) == (before.id, "Ann", "Lee", True)
    assert await guest.roles(world) == ("ORG_READ_ONLY",)
    assert await guest.project_roles(world) == ("GROUP_OWNER",)
    assert await guest.database.read(partial(teams.is_member, team=world.team, user_id=user.id))
    assert await guest.state(invitation) is State.ACCEPTED
    signed_in = await guest.who(accepted.cookie)
    assert signed_in is not None
    assert signed_in.user == replace(user, last_auth_at=signed_in.user.last_auth_at)


async def test_inv21_the_events_name_the_person(guest: Guest, world: World) -> None:
    invitation = await guest.invited(
        world, team_ids=[world.team.id], project_roles=[(world.project.id, ["GROUP_OWNER"])]
    )
    await guest.accept(await guest.opened(invitation))
    told = (await guest.events(world))[1:]
    assert [event.type_name for event in told] == ["JOINED_ORG", "JOINED_GROUP", "JOINED_TEAM"]
    user = await guest.user()
    for event in told:
        assert (event.actor_id, event.actor_name, event.target_username) == (user.id, ANN, ANN)
        assert event.address == ADDRESS


async def test_an_accepted_invitation_is_gone_and_the_member_is_shown(guest: Guest, world: World) -> None:
    invitation = await guest.invited(world)
    await guest.accept(await guest.opened(invitation))
    with pytest.raises(InvitationNotFound):
        await guest.look(
            invitations.get_of_organization,
            world.caller,
            organization_id=world.organization.id,
            invitation_id=invitation.id,
        )
    page = await guest.look(
        people.list_of_organization,
        world.caller,
        organization_id=world.organization.id,
        username=ANN,
        page=PageRequest(),
    )
    assert [(one.id, one.status) for one in page.items] == [(invitation.user_id, Status.ACTIVE)]


async def test_a_person_without_a_password_cannot_sign_in_by_one(guest: Guest, world: World) -> None:
    await guest.accept(await guest.opened(await guest.invited(world)))
    tried = await guest.database.write(partial(sign_in.attempt, username=ANN, address=ADDRESS))
    assert tried.password_hash is None
    assert not await sign_in.is_right(tried, "")
    with pytest.raises(WrongCredentials):
        await guest.database.write(partial(sign_in.begin, tried=tried))


@pytest.mark.parametrize("names", [("", "Lee"), ("Ann", " "), ("a" * 65, "Lee")])
async def test_inv20_a_refused_acceptance_changes_nothing(
    names: tuple[str, str], guest: Guest, world: World
) -> None:
    invitation = await guest.invited(world)
    ticket = await guest.opened(invitation)
    with pytest.raises(Refusal):
        await guest.accept(ticket, new_person=NewPerson(*names))
    assert await guest.state(invitation) is State.PENDING
    assert not (await guest.user()).is_verified
    await guest.accept(ticket)


async def test_an_unproven_account_cannot_be_had_without_a_name(guest: Guest, world: World) -> None:
    ticket = await guest.opened(await guest.invited(world))
    with pytest.raises(InvitationChanged):
        await guest.accept(ticket, new_person=None)


async def test_inv12_the_token_takes_an_unproven_account_and_ends_its_password(
    guest: Guest, world: World
) -> None:
    hers = await user_cases.hash_password("given by somebody")
    await guest.ask(
        user_cases.create,
        world.caller,
        username=ANN,
        password_hash=hers,
        first_name="Someone",
        last_name="Else",
        country="CH",
        requested_roles=[user_cases.RoleRequest(world.organization.id, None, "ORG_MEMBER")],
    )
    shadow = await guest.user()
    planted = await guest.session(shadow)
    (mail,) = await guest.mail()
    ticket = await guest.database.write(partial(invitee.open_link, token=mail.token))
    seen = await guest.seen(ticket)
    assert (seen.user.first_name, seen.has_account) == ("Someone", False)
    password_hash = await user_cases.hash_password("correct horse")
    await guest.accept(ticket, new_person=NewPerson("Ann", "Lee", password_hash))
    user = await guest.user()
    assert (user.id, user.first_name, user.country) == (shadow.id, "Ann", "CH")
    tried = await guest.database.write(partial(sign_in.attempt, username=ANN, address=ADDRESS))
    assert not await sign_in.is_right(tried, "given by somebody")
    assert await sign_in.is_right(tried, "correct horse")
    with pytest.raises(SessionEnded):
        await guest.database.read(partial(sign_in.require_session, signed_in=planted))


async def test_inv12_the_token_never_signs_in_to_a_proven_account(
    guest: Guest, world: World, stranger: World
) -> None:
    invitation = await guest.invited(world, stranger.member.username)
    ticket = await guest.opened(invitation)
    assert (await guest.seen(ticket)).has_account
    with pytest.raises(InvitationNeedsSignIn):
        await guest.accept(ticket, new_person=ANN_LEE)
    assert (await guest.user(stranger.member.username)).first_name == ""
    accepted = await guest.accept(ticket, await guest.session(stranger.member), new_person=None)
    assert accepted.cookie == ""
    assert await guest.roles(world, stranger.member.username) == ("ORG_MEMBER",)


@pytest.mark.parametrize("username", [ANN, "member@umbrella.example"])
async def test_inv12_somebody_else_is_refused_token_or_not(
    username: str, guest: Guest, world: World, stranger: World
) -> None:
    invitation = await guest.invited(world, username)
    ticket = await guest.opened(invitation)
    other = await guest.session(stranger.owner)
    with pytest.raises(InvitationForSomebodyElse) as caught:
        await guest.accept(ticket, other)
    assert caught.value.facts == (stranger.owner.username, username)
    with pytest.raises(InvitationForSomebodyElse):
        await guest.decline(ticket, other)
    assert await guest.state(invitation) is State.PENDING


async def test_inv25_a_session_that_has_ended_accepts_nothing(
    guest: Guest, world: World, stranger: World
) -> None:
    ticket = await guest.opened(await guest.invited(world, stranger.member.username))
    signed_in = await guest.session(stranger.member)
    await guest.database.write(partial(sign_in.sign_out, signed_in=signed_in))
    with pytest.raises(SessionEnded):
        await guest.accept(ticket, signed_in)


async def test_inv12_a_ticket_is_for_its_own_invitation_only(guest: Guest, world: World) -> None:
    hers = await guest.invited(world, requested_roles=["ORG_OWNER"])
    his = await guest.invited(world, "bob@example.com")
    version = (await guest.seen(await guest.opened(hers))).version
    with pytest.raises(InvitationChanged):
        await guest.accept(await guest.opened(his), version=version)


# -- ends -------------------------------------------------------------------------------------------


async def test_inv14_it_cannot_be_accepted_from_the_second_on_in_which_it_expires(
    guest: Guest, world: World, clock: Clock
) -> None:
    invitation = await guest.invited(world)
    clock.advance(days=30, seconds=-1)
    ticket = await guest.opened(invitation)
    version = (await guest.seen(ticket)).version
    clock.advance(seconds=1)
    for answer in (partial(guest.accept, version=version), guest.decline):
        with pytest.raises(InvitationEnded):
            await answer(ticket)
    assert not (await guest.user()).is_verified


async def test_inv13_what_has_ended_stays_ended(guest: Guest, world: World) -> None:
    invitation = await guest.invited(world)
    ticket = await guest.opened(invitation)
    version = (await guest.seen(ticket)).version
    await guest.decline(ticket)
    with pytest.raises(InvitationEnded):
        await guest.accept(ticket, version=version)
    again = await guest.invited(world)
    assert await guest.token(again) != await guest.token(invitation)
    with pytest.raises(InvitationEnded):
        await guest.accept(ticket, version=version)
    await guest.accept(await guest.opened(again))
    with pytest.raises(InvitationEnded):
        await guest.decline(await guest.opened(again), await guest.session(await guest.user()))


async def test_inv15_a_repeat_answers_alike_and_writes_nothing(guest: Guest, world: World) -> None:
    ticket = await guest.opened(await guest.invited(world))
    version = (await guest.seen(ticket)).version
    first = await guest.accept(ticket, version=version)
    told, mails = await guest.events(world), await guest.mail()
    user = await guest.user()
    again = await guest.accept(ticket, version=version, new_person=NewPerson("Eve", "Ill"))
    assert again.invitation.id == first.invitation.id
    assert again.cookie == ""
    assert (await guest.events(world), await guest.mail()) == (told, mails)
    assert await guest.user() == user


async def test_a_repeated_refusal_writes_nothing(guest: Guest, world: World) -> None:
    ticket = await guest.opened(await guest.invited(world))
    await guest.decline(ticket, note="no")
    told, mails = await guest.events(world), await guest.mail()
    await guest.decline(ticket, note="still no")
    assert (await guest.events(world), await guest.mail()) == (told, mails)


async def test_inv15_many_at_once_make_one_membership_and_one_event(guest: Guest, world: World) -> None:
    invitation = await guest.invited(world)
    tickets = [await guest.opened(invitation) for _ in range(8)]
    version = (await guest.seen(tickets[0])).version
    results = await asyncio.gather(*(guest.accept(ticket, version=version) for ticket in tickets))
    assert sum(bool(one.cookie) for one in results) == 1
    assert (await guest.event_types(world)).count("JOINED_ORG") == 1


async def test_inv15_by_password_and_in_two_windows_at_once(guest: Guest, world: World) -> None:
    """The same for somebody who is signed in already."""
    await guest.accept(await guest.opened(await guest.invited(world)))
    project = await guest.database.write(lambda tx: plant_project(tx, world.organization, "Another"))
    invitation = await guest.invited_to_project(world, project_id=project.id)
    ticket, signed_in = await guest.opened(invitation), await guest.session(await guest.user())
    version = (await guest.seen(ticket)).version
    accept = partial(guest.accept, ticket, signed_in, version=version, new_person=None)
    await asyncio.gather(*(accept() for _ in range(6)))
    assert (await guest.event_types(world)).count("JOINED_GROUP") == 1


async def test_inv15_against_cancelling_one_wins_and_both_hear_the_truth(guest: Guest, world: World) -> None:
    for number in range(6):
        username = f"guest{number}@example.com"
        invitation = await guest.invited(world, username)
        ticket = await guest.opened(invitation)
        version = (await guest.seen(ticket)).version
        cancelling = guest.ask(
            invitations.revoke_of_organization,
            world.caller,
            organization_id=world.organization.id,
            invitation_id=invitation.id,
        )
        accepting = guest.accept(ticket, version=version)
        both = (accepting, cancelling) if number % 2 else (cancelling, accepting)
        answers = await asyncio.gather(*both, return_exceptions=True)
        refused = [one for one in answers if isinstance(one, Refusal)]
        assert len(refused) == 1, answers
        is_member = bool(await guest.roles(world, username))
        if await guest.state(invitation) is State.ACCEPTED:
            assert is_member
            assert isinstance(refused[0], InvitationNotFound)
        else:
            assert not is_member
            assert isinstance(refused[0], InvitationEnded)


async def test_one_person_accepts_two_organizations_at_once(
    guest: Guest, world: World, stranger: World
) -> None:
    tickets = [await guest.opened(await guest.invited(one)) for one in (world, stranger)]
    answers = await asyncio.gather(*(guest.accept(one) for one in tickets), return_exceptions=True)
    kinds = sorted(type(one).__name__ for one in answers)
    # Whoever comes second finds an account that is proven by now.
    assert kinds == ["Accepted", "InvitationNeedsSignIn"]
    signed_in = await guest.session(await guest.user())
    for ticket in tickets:
        await guest.accept(ticket, signed_in)
    assert await guest.roles(world) == await guest.roles(stranger) == ("ORG_MEMBER",)


# -- what changed since the page was shown ----------------------------------------------------------


async def test_inv16_a_changed_invitation_is_shown_again(guest: Guest, world: World) -> None:
    invitation = await guest.invited(world)
    ticket = await guest.opened(invitation)
    version = (await guest.seen(ticket)).version
    await guest.ask(
        invitations.change_of_organization,
        world.caller,
        organization_id=world.organization.id,
        invitation_id=invitation.id,
        requested_roles=["ORG_OWNER"],
    )
    with pytest.raises(InvitationChanged):
        await guest.accept(ticket, version=version)
    assert await guest.state(invitation) is State.PENDING
    await guest.accept(ticket)
    assert await guest.roles(world) == ("ORG_OWNER",)


async def test_inv16_deleted_teams_and_projects_drop_out(guest: Guest, world: World) -> None:
    project = await guest.database.write(lambda tx: plant_project(tx, world.organization, "Gone"))
    invitation = await guest.invited(
        world,
        team_ids=[world.team.id],
        project_roles=[(world.project.id, ["GROUP_OWNER"]), (project.id, ["GROUP_OWNER"])],
    )
    ticket = await guest.opened(invitation)
    version = (await guest.seen(ticket)).version
    await guest.ask(project_cases.delete, world.caller, project_id=project.id)
    await guest.ask(
        team_cases.delete, world.caller, organization_id=world.organization.id, team_id=world.team.id
    )
    with pytest.raises(InvitationChanged):
        await guest.accept(ticket, version=version)
    seen = await guest.seen(ticket)
    assert (seen.team_names, seen.project_access) == ((), (("Acme Mobile", ("GROUP_OWNER",)),))
    await guest.accept(ticket, version=seen.version)
    assert await guest.project_roles(world) == ("GROUP_OWNER",)


# -- projects and organizations ---------------------------------------------------------------------


async def test_accepting_a_project_takes_the_organization_along(guest: Guest, world: World) -> None:
    invitation = await guest.invited_to_project(world)
    assert len(await guest.pending(world)) == 2
    seen = await guest.seen(await guest.opened(invitation))
    assert seen.project == world.project
    await guest.accept(await guest.opened(invitation))
    assert await guest.roles(world) == ("ORG_MEMBER",)
    assert await guest.project_roles(world) == ("GROUP_READ_ONLY",)
    assert await guest.pending(world) == []
    assert (await guest.event_types(world))[2:] == ["JOINED_ORG", "JOINED_GROUP"]


async def test_accepting_the_organization_leaves_the_project_pending(guest: Guest, world: World) -> None:
    to_organization = await guest.invited(world)
    to_project = await guest.invited_to_project(world)
    await guest.accept(await guest.opened(to_organization))
    assert [one.id for one in await guest.pending(world)] == [to_project.id]
    assert await guest.project_roles(world) == ()
    await guest.accept(await guest.opened(to_project), await guest.session(await guest.user()))
    assert await guest.project_roles(world) == ("GROUP_READ_ONLY",)


async def test_an_own_invitation_to_the_organization_outlives_that_to_the_project(
    guest: Guest, world: World
) -> None:
    """What the person has not seen is not accepted with it; accepted later, it adds what is missing."""
    to_organization = await guest.invited(world, requested_roles=["ORG_READ_ONLY"])
    to_project = await guest.invited_to_project(world)
    await guest.accept(await guest.opened(to_project))
    assert await guest.roles(world) == ("ORG_MEMBER",)
    assert await guest.state(to_organization) is State.PENDING
    await guest.accept(await guest.opened(to_organization), await guest.session(await guest.user()))
    assert await guest.roles(world) == ("ORG_MEMBER", "ORG_READ_ONLY")


async def test_roles_that_the_person_has_meanwhile_stay(guest: Guest, world: World) -> None:
    invitation = await guest.invited(world, project_roles=[(world.project.id, ["GROUP_READ_ONLY"])])
    to_project = await guest.invited_to_project(world, requested_roles=["GROUP_OWNER"])
    await guest.accept(await guest.opened(to_project))
    await guest.accept(await guest.opened(invitation), await guest.session(await guest.user()))
    assert await guest.project_roles(world) == ("GROUP_OWNER", "GROUP_READ_ONLY")
    assert (await guest.event_types(world))[-1] == "USER_ROLES_CHANGED_AUDIT"


# -- declining --------------------------------------------------------------------------------------


async def test_declining_leaves_a_note_in_the_event(guest: Guest, world: World) -> None:
    invitation = await guest.invited(world)
    await guest.decline(await guest.opened(invitation), note=" No,\x07 thanks.\r\n\r\n<b>Bye</b> \x1b[1m")
    assert await guest.state(invitation) is State.REJECTED
    event = (await guest.events(world))[-1]
    assert event.type_name == "ORG_INVITATION_DELETED"
    assert (event.actor_name, event.note) == (ANN, "No, thanks.\n<b>Bye</b> [1m")
    row = await guest.database.read(partial(_row, id=invitation.id))
    assert row == (0, event.note)
    found = await guest.database.read(
        partial(
            organization_users.find,
            organization_id=world.organization.id,
            user_id=invitation.user_id,
            statuses=frozenset(Status),
        )
    )
    assert found is not None
    assert found.status is Status.INVITATION_REJECTED
    assert not (await guest.user()).is_verified


async def _row(tx: Transaction, id: str) -> Any:
    return await tx.row(_FLAG_AND_NOTE, id=id)


async def test_a_note_is_cut_where_the_page_says(guest: Guest, world: World) -> None:
    await guest.decline(await guest.opened(await guest.invited(world)), note="ü" * 501)
    note = (await guest.events(world))[-1].note
    assert note == "ü" * 500


async def test_declining_a_project_declines_the_hidden_half_too(guest: Guest, world: World) -> None:
    await guest.decline(await guest.opened(await guest.invited_to_project(world)))
    assert await guest.pending(world) == []
    assert (await guest.event_types(world))[2:] == ["GROUP_INVITATION_DELETED", "ORG_INVITATION_DELETED"]


async def test_declining_one_project_leaves_the_way_to_another(guest: Guest, world: World) -> None:
    project = await guest.database.write(lambda tx: plant_project(tx, world.organization, "Another"))
    first = await guest.invited_to_project(world)
    second = await guest.invited_to_project(world, project_id=project.id)
    await guest.decline(await guest.opened(first))
    assert len(await guest.pending(world)) == 2
    await guest.accept(await guest.opened(second))
    assert await guest.pending(world) == []
    assert await guest.project_roles(world, project.id) == ("GROUP_READ_ONLY",)


async def test_the_inviter_hears_of_it_when_it_is_a_person(guest: Guest, world: World) -> None:
    owner = as_caller(world, world.owner, "ORG_OWNER")
    yes = await guest.invited(world, caller=owner)
    no = await guest.invited(world, "bob@example.com", caller=owner)
    by_key = await guest.invited(world, "eve@example.com")
    await guest.accept(await guest.opened(yes))
    await guest.decline(await guest.opened(no))
    await guest.accept(await guest.opened(by_key))
    notices = [one for one in await guest.mail() if one.recipient == world.owner.username]
    assert [(one.type, one.invitation_id, one.token) for one in notices] == [
        (MessageType.ACCEPTED_NOTICE, yes.id, ""),
        (MessageType.DECLINED_NOTICE, no.id, ""),
    ]


# -- may the inviter still invite? ------------------------------------------------------------------


async def _loses_right(guest: Guest, world: World) -> Invitation:
    """Return an invitation of an owner who is no owner any more."""
    second = await guest.database.write(
        lambda tx: join(tx, world.organization.id, "second@acme.example", "ORG_OWNER")
    )
    invitation = await guest.invited(world, caller=as_caller(world, second, "ORG_OWNER"))
    await guest.ask(
        people.update,
        world.caller,
        organization_id=world.organization.id,
        user_id=second.id,
        requested_roles=["ORG_MEMBER"],
    )
    return invitation


async def test_an_invitation_whose_inviter_lost_the_right_is_marked(guest: Guest, world: World) -> None:
    invitation = await _loses_right(guest, world)
    ticket = await guest.opened(invitation)
    assert (await guest.seen(ticket)).may_be_accepted
    await guest.accept(ticket)
    assert (await guest.database.read(partial(_row, id=invitation.id)))[0] == 1


async def test_an_invitation_whose_inviter_lost_the_right_is_refused_where_the_policy_says_so(
    database_url: str, open_url: OpenDatabase, guest: Guest, world: World
) -> None:
    strict = Guest(open_url(database_url, Policy(refuse_lost_inviters=True)))
    invitation = await _loses_right(guest, world)
    ticket = await guest.opened(invitation)
    assert not (await strict.seen(ticket)).may_be_accepted
    with pytest.raises(InviterLost):
        await strict.accept(ticket)
    assert await guest.state(invitation) is State.PENDING
    assert not (await guest.user()).is_verified


async def test_whoever_still_may_invite_is_not_marked(guest: Guest, world: World) -> None:
    account = replace(
        world.caller,
        kind=CallerKind.SERVICE_ACCOUNT,
        id=world.account.client_id,
        name=world.account.client_id,
    )
    leader = await guest.database.write(
        lambda tx: join(tx, world.organization.id, "p@a.example", "ORG_MEMBER")
    )
    await guest.database.write(
        partial(
            projects.grant,
            organization_id=world.organization.id,
            project_id=world.project.id,
            kind=CallerKind.USER,
            principal_id=leader.id,
            roles=("GROUP_OWNER",),
            at=world.organization.created_at,
        )
    )
    sent = [
        await guest.invited(world, "a@example.com"),
        await guest.invited(world, "b@example.com", caller=account),
        await guest.invited(world, "c@example.com", caller=as_caller(world, world.owner, "ORG_OWNER")),
        await guest.invited_to_project(world, "d@example.com", caller=as_caller(world, leader, "ORG_MEMBER")),
    ]
    for invitation in sent:
        await guest.accept(await guest.opened(invitation))
        assert (await guest.database.read(partial(_row, id=invitation.id)))[0] == 0


# -- on somebody's behalf ---------------------------------------------------------------------------


async def test_accepting_by_id_does_what_the_person_would(guest: Guest, world: World) -> None:
    invitation = await guest.invited_to_project(world)
    accept = partial(
        invitee.accept_for,
        organization_id=world.organization.id,
        invitation_id=invitation.id,
        address=ADDRESS,
        new_person=ANN_LEE,
    )
    assert (await guest.database.write(accept)).state is State.ACCEPTED
    assert await guest.roles(world) == ("ORG_MEMBER",)
    assert await guest.pending(world) == []
    with pytest.raises(InvitationEnded):
        await guest.database.write(accept)


async def test_accepting_by_id_needs_no_name(guest: Guest, world: World) -> None:
    invitation = await guest.invited(world)
    await guest.database.write(
        partial(
            invitee.accept_for,
            organization_id=world.organization.id,
            invitation_id=invitation.id,
            address=ADDRESS,
        )
    )
    assert (await guest.user()).is_verified


async def test_declining_by_id(guest: Guest, world: World) -> None:
    invitation = await guest.invited(world)
    decline = partial(
        invitee.decline_for,
        organization_id=world.organization.id,
        invitation_id=invitation.id,
        address=ADDRESS,
        note="no",
    )
    assert (await guest.database.write(decline)).state is State.REJECTED
    assert (await guest.events(world))[-1].note == "no"
    with pytest.raises(InvitationEnded):
        await guest.database.write(decline)


async def test_inv02_by_id_only_in_its_own_organization(guest: Guest, world: World, stranger: World) -> None:
    invitation = await guest.invited(world)
    for act in (invitee.accept_for, invitee.decline_for):
        with pytest.raises(InvitationNotFound):
            await guest.database.write(
                partial(
                    act,
                    organization_id=stranger.organization.id,
                    invitation_id=invitation.id,
                    address=ADDRESS,
                )
            )


async def test_signing_in_leads_back_to_an_invitation_that_is_for_the_person(
    guest: Guest, world: World, stranger: World
) -> None:
    invitation = await guest.invited(world, stranger.member.username)
    ticket = await guest.opened(invitation)
    hers = await guest.database.write(partial(sign_in.begin_session, user=stranger.member))
    other = await guest.database.write(partial(sign_in.begin_session, user=stranger.owner))

    async def waits(cookie: str, ticket: str = ticket) -> bool:
        return await guest.database.read(partial(invitee.is_waiting_for, ticket=ticket, cookie=cookie))

    assert await waits(hers)
    assert not await waits(other)
    assert not await waits(hers, "")
    await guest.decline(ticket)
    assert not await waits(hers)
