"""Invitations as time goes by: they run out, people are reminded, mail is sent again and on changes."""

import asyncio
from datetime import timedelta

import pytest
from tests.conftest import OpenDatabase
from tests.usecases.conftest import Desk
from tests.worlds import Clock, World

from antechamber.auth import secrets
from antechamber.domain import events
from antechamber.domain.errors import InvitationNotFound, NotOrganizationUserAdmin
from antechamber.domain.invitations import LIFETIME, Invitation, State
from antechamber.domain.mail import MessageType
from antechamber.domain.policy import Policy
from antechamber.domain.roles import GROUP_OWNER, GROUP_READ_ONLY, ORG_MEMBER, ORG_READ_ONLY
from antechamber.storage import invitation_tokens
from antechamber.storage import invitations as stored
from antechamber.usecases import invitations, lifecycle


async def invite(desk: Desk, world: World, username: str = "robin@example.com") -> Invitation:
    _, invitation = await desk.ask(
        invitations.invite_to_organization,
        world.caller,
        organization_id=world.organization.id,
        username=username,
        requested_roles=[ORG_MEMBER],
    )
    return invitation


async def invite_to_project(desk: Desk, world: World) -> Invitation:
    _, invitation = await desk.ask(
        invitations.invite_to_project,
        world.caller,
        project_id=world.project.id,
        username="robin@example.com",
        requested_roles=[GROUP_READ_ONLY],
    )
    return invitation


async def kept(desk: Desk, invitation: Invitation) -> Invitation:
    found = await desk.database.read(lambda tx: stored.find(tx, invitation.organization_id, invitation.id))
    assert found is not None
    return found


async def mailed(desk: Desk) -> list[MessageType]:
    return [message.type for message in await desk.mail()]


async def test_inv14_what_has_run_out_is_ended_at_the_second_and_not_before(
    desk: Desk, world: World, clock: Clock
) -> None:
    invitation = await invite(desk, world)
    clock.advance(days=30, seconds=-1)
    await lifecycle.run(desk.database)
    assert (await kept(desk, invitation)).state is State.PENDING
    clock.advance(seconds=1)
    await lifecycle.run(desk.database)
    assert (await kept(desk, invitation)).state is State.EXPIRED


async def test_inv13_what_was_ended_before_stays_as_it_is(desk: Desk, world: World, clock: Clock) -> None:
    invitation = await invite(desk, world)
    await desk.ask(
        invitations.revoke_of_organization,
        world.caller,
        organization_id=world.organization.id,
        invitation_id=invitation.id,
    )
    clock.advance(days=31)
    await lifecycle.run(desk.database)
    assert (await kept(desk, invitation)).state is State.REVOKED


async def test_nobody_is_reminded_unless_the_policy_says_so(desk: Desk, world: World, clock: Clock) -> None:
    await invite(desk, world)
    clock.advance(days=29)
    await lifecycle.run(desk.database)
    assert await mailed(desk) == [MessageType.ORGANIZATION_INVITATION]


async def test_each_is_reminded_once_however_many_servers_there_are(
    desk: Desk, world: World, clock: Clock, open_url: OpenDatabase, database_url: str
) -> None:
    servers = [open_url(database_url, Policy(reminder_days=3)) for _ in range(2)]
    await asyncio.gather(*(invite(desk, world, f"p{number}@example.com") for number in range(5)))
    clock.advance(days=27, seconds=-1)
    await lifecycle.run(servers[0])
    assert MessageType.REMINDER not in await mailed(desk)
    clock.advance(seconds=1)
    await asyncio.gather(*(lifecycle.run(server) for server in servers))
    clock.advance(days=1)
    await lifecycle.run(servers[1])
    reminders = [message for message in await desk.mail() if message.type is MessageType.REMINDER]
    assert sorted(message.recipient for message in reminders) == [f"p{n}@example.com" for n in range(5)]
    token = secrets.token_fingerprint(reminders[0].token)
    opened = await desk.database.read(lambda tx: invitation_tokens.find(tx, token))
    assert opened is not None
    assert opened.invitation_id == reminders[0].invitation_id


async def test_of_a_project_invitation_one_reminder_goes_not_two(
    desk: Desk, world: World, clock: Clock, open_url: OpenDatabase, database_url: str
) -> None:
    invitation = await invite_to_project(desk, world)
    clock.advance(days=28)
    await lifecycle.run(open_url(database_url, Policy(reminder_days=3)))
    reminders = [message for message in await desk.mail() if message.type is MessageType.REMINDER]
    assert [message.invitation_id for message in reminders] == [invitation.id]


@pytest.mark.parametrize("renews", [False, True])
async def test_a_mail_sent_again_has_a_link_of_its_own_and_renews_where_the_policy_says_so(
    desk: Desk, world: World, clock: Clock, open_url: OpenDatabase, database_url: str, renews: bool
) -> None:
    invitation = await invite(desk, world)
    clock.advance(days=10)
    server = Desk(open_url(database_url, Policy(renew_on_resend=renews)))
    again = await server.ask(
        invitations.resend,
        world.caller,
        organization_id=world.organization.id,
        invitation_id=invitation.id,
    )
    assert again.expires_at == (clock.now + LIFETIME if renews else invitation.expires_at)
    assert await kept(desk, invitation) == again
    tokens = [message.token for message in await desk.mail()]
    assert len(set(tokens)) == 2
    for token in tokens:
        fingerprint = secrets.token_fingerprint(token)
        opened = await desk.database.read(lambda tx, of=fingerprint: invitation_tokens.find(tx, of))  # type: ignore[misc]
        assert opened is not None
        assert opened.invitation_id == invitation.id
    assert await desk.event_types(world) == [events.INVITED_TO_ORG] * 2, "one a change (INV-21)"


async def test_a_project_invitation_that_is_renewed_takes_its_hidden_half_along(
    desk: Desk, world: World, clock: Clock, open_url: OpenDatabase, database_url: str
) -> None:
    invitation = await invite_to_project(desk, world)
    clock.advance(days=10)
    server = Desk(open_url(database_url, Policy(renew_on_resend=True)))
    again = await server.ask(
        invitations.resend,
        world.caller,
        organization_id=world.organization.id,
        project_id=world.project.id,
        invitation_id=invitation.id,
    )
    half = await desk.database.read(
        lambda tx: stored.find_pending(tx, world.organization.id, world.organization.id, "robin@example.com")
    )
    assert half is not None
    assert (half.from_project, half.expires_at) == (True, again.expires_at)
    with pytest.raises(InvitationNotFound):
        await desk.ask(
            invitations.resend, world.caller, organization_id=world.organization.id, invitation_id=half.id
        )


async def test_only_who_may_invite_sends_again_and_only_what_is_pending(
    desk: Desk, world: World, clock: Clock
) -> None:
    invitation = await invite(desk, world)
    values = {"organization_id": world.organization.id, "invitation_id": invitation.id}
    with pytest.raises(NotOrganizationUserAdmin):
        await desk.ask(invitations.resend, world.caller_with(ORG_READ_ONLY), **values)
    clock.advance(days=30)
    with pytest.raises(InvitationNotFound):
        await desk.ask(invitations.resend, world.caller, **values)
    assert len(await desk.mail()) == 1


@pytest.mark.parametrize("mails", [False, True])
async def test_a_changed_invitation_is_mailed_where_the_policy_says_so(
    desk: Desk, world: World, open_url: OpenDatabase, database_url: str, mails: bool
) -> None:
    server = Desk(open_url(database_url, Policy(mail_on_change=mails)))
    invitation = await invite(server, world)
    project_invitation = await invite_to_project(server, world)
    for _ in range(2):
        # The second time nothing changes, and nobody wants to hear of that.
        await server.ask(
            invitations.change_of_organization,
            world.caller,
            organization_id=world.organization.id,
            invitation_id=invitation.id,
            requested_roles=[ORG_READ_ONLY],
        )
    await server.ask(
        invitations.change_of_project,
        world.caller,
        project_id=world.project.id,
        invitation_id=project_invitation.id,
        requested_roles=[GROUP_OWNER],
    )
    changed = [
        message.invitation_id
        for message in await desk.mail()
        if message.type is MessageType.CHANGED_INVITATION
    ]
    assert changed == ([invitation.id, project_invitation.id] if mails else [])


def test_a_reminder_is_for_an_invitation_that_has_lived_a_while() -> None:
    assert timedelta(days=29) < LIFETIME
