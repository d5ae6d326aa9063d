"""From the outbox to whoever takes it: once, to the right person, while it is meant, and never lost."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from functools import partial
from pathlib import Path

import pytest
from tests.conftest import OpenDatabase
from tests.usecases.conftest import Desk
from tests.worlds import Clock, World, whole

from antechamber.auth import secrets
from antechamber.auth.secrets import Vault
from antechamber.domain.callers import Caller
from antechamber.domain.errors import NoTieToOrganization, NotOrganizationUserAdmin
from antechamber.domain.invitations import Invitation
from antechamber.domain.mail import Mail, MailState, MessageType, free_from, retry_delay
from antechamber.domain.paging import PageRequest
from antechamber.domain.policy import Policy
from antechamber.domain.roles import ORG_MEMBER
from antechamber.mail import messages
from antechamber.mail.delivery import Refused, Unreachable
from antechamber.mail.messages import Stationery
from antechamber.mail.smtp import MESSAGE_SECONDS
from antechamber.mail.templates import Templates
from antechamber.storage import invitation_tokens, sign_in_links
from antechamber.storage.database import Database, Statement, Transaction
from antechamber.storage.engines import open_database
from antechamber.usecases import invitations, mail_delivery, mail_queue
from antechamber.usecases.mail_delivery import Fate, Outcome, Post

TEMPLATES = Templates()
STATIONERY = Stationery(TEMPLATES, messages.sender_address("desk@acme.example"), "https://desk.example")


class Outlet:
    """A way out that keeps what it takes, and fails as told: `failure` once a message, None for never."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.failure: Callable[[], Exception] | None = None
        self.pause_seconds = 0.0

    async def deliver(self, message: EmailMessage) -> None:
        await asyncio.sleep(self.pause_seconds)
        if self.failure is not None:
            raise self.failure()
        self.taken.append(message)

    @property
    def recipients(self) -> list[str]:
        return [str(message["To"]) for message in self.taken]


@pytest.fixture
def outlet() -> Outlet:
    return Outlet()


@pytest.fixture
def post(outlet: Outlet) -> Post:
    return Post(outlet, STATIONERY)


async def invite(desk: Desk, world: World, username: str, caller: Caller | None = None) -> Invitation:
    _, invitation = await desk.ask(
        invitations.invite_to_organization,
        caller or world.caller,
        organization_id=world.organization.id,
        username=username,
        requested_roles=[ORG_MEMBER],
    )
    return invitation


async def invite_many(desk: Desk, world: World, count: int) -> None:
    await asyncio.gather(*(invite(desk, world, f"p{number}@example.com") for number in range(count)))


async def drain(database: Database, post: Post) -> list[Outcome]:
    done: list[Outcome] = []
    while outcomes := await mail_delivery.deliver_due(database, post):
        done += outcomes
    return done


async def mail_of(desk: Desk, world: World) -> list[Mail]:
    page = await desk.look(
        mail_delivery.list_of_organization,
        world.caller,
        organization_id=world.organization.id,
        page=PageRequest(size=500),
    )
    return page.items


def link_of(message: EmailMessage) -> str:
    (text, _) = message.iter_parts()
    found = re.search(r"https://desk\.example/\S+", text.get_content())
    assert found is not None
    return found[0]


async def test_an_invitation_is_mailed_with_a_link_that_opens_it(
    desk: Desk, world: World, outlet: Outlet, post: Post
) -> None:
    invitation = await invite(desk, world, "robin@example.com")
    (outcome,) = await mail_delivery.deliver_due(desk.database, post)
    assert outcome.fate is Fate.SENT
    (message,) = outlet.taken
    assert message["To"] == "robin@example.com"
    path, _, token = link_of(message).partition("#")
    assert path == "https://desk.example/invite"
    opened = await desk.database.read(
        partial(invitation_tokens.find, fingerprint=secrets.token_fingerprint(token))
    )
    assert opened == (world.organization.id, invitation.id)
    assert await mail_delivery.deliver_due(desk.database, post) == []
    (mail,) = await mail_of(desk, world)
    assert (mail.state, mail.attempts, mail.last_error) == (MailState.SENT, 1, "")


@pytest.mark.parametrize(
    ("asked", "of_organization", "of_server", "wanted"),
    [("ja", "zh", "en", "ja"), ("", "zh", "en", "zh"), ("", "", "ja", "ja")],
)
async def test_the_request_then_the_organization_then_the_server_choose_the_language(
    desk: Desk,
    world: World,
    outlet: Outlet,
    post: Post,
    open_url: OpenDatabase,
    database_url: str,
    asked: str,
    of_organization: str,
    of_server: str,
    wanted: str,
) -> None:
    speak = Statement("UPDATE organizations SET language = :language WHERE id = :id")
    await desk.database.write(lambda tx: tx.run(speak, language=of_organization, id=world.organization.id))
    await invite(desk, world, "robin@example.com", replace(world.caller, language=asked))
    database = open_url(database_url, Policy(language=of_server))
    await mail_delivery.deliver_due(database, post)
    assert outlet.taken[0]["Content-Language"] == wanted


async def test_inv22_two_servers_send_each_message_once(
    desk: Desk, world: World, outlet: Outlet, post: Post, open_url: OpenDatabase, database_url: str
) -> None:
    await invite_many(desk, world, 50)
    outlet.pause_seconds = 0.002
    servers = [open_url(database_url) for _ in range(3)]
    await asyncio.gather(*(drain(server, post) for server in servers))
    assert Counter(outlet.recipients) == {f"p{number}@example.com": 1 for number in range(50)}
    assert {mail.state for mail in await mail_of(desk, world)} == {MailState.SENT}


async def test_inv22_a_failure_changes_nothing_but_when_it_is_tried_again(
    desk: Desk, world: World, outlet: Outlet, post: Post, clock: Clock
) -> None:
    invitation = await invite(desk, world, "robin@example.com")
    outlet.failure = lambda: Unreachable("451 robin@example.com, later")
    (outcome,) = await mail_delivery.deliver_due(desk.database, post)
    assert outcome.fate is Fate.FAILED
    assert "robin" not in str(outcome.facts()), "the log has no address"
    (mail,) = await mail_of(desk, world)
    assert (mail.state, mail.last_error) == (MailState.QUEUED, "451 robin@example.com, later")
    assert timedelta(seconds=44) <= mail.at - clock.now <= timedelta(seconds=76)
    assert await mail_delivery.deliver_due(desk.database, post) == []
    outlet.failure = None
    clock.advance(seconds=76)
    await mail_delivery.deliver_due(desk.database, post)
    assert outlet.recipients == ["robin@example.com"]
    assert outlet.taken[0]["Message-ID"] == f"<{mail.id}@desk.example>"
    _, listed = await desk.look(
        whole(invitations.list_of_organization), world.caller, organization_id=world.organization.id
    )
    assert listed == [invitation]


async def test_inv22_what_waits_is_sent_by_the_next_server(
    desk: Desk,
    world: World,
    outlet: Outlet,
    post: Post,
    open_url: OpenDatabase,
    database_url: str,
    clock: Clock,
) -> None:
    await invite(desk, world, "robin@example.com")
    clock.advance(days=5)
    await drain(open_url(database_url), post)
    assert outlet.recipients == ["robin@example.com"]


async def test_a_server_that_dies_before_it_keeps_the_outcome_sends_twice_with_the_same_id(
    desk: Desk, world: World, outlet: Outlet, post: Post, clock: Clock
) -> None:
    await invite(desk, world, "robin@example.com")

    class Dies:
        async def deliver(self, message: EmailMessage) -> None:
            await outlet.deliver(message)
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await mail_delivery.deliver_due(desk.database, Post(Dies(), STATIONERY))
    assert await mail_delivery.deliver_due(desk.database, post) == [], "it is leased"
    clock.advance(seconds=int(mail_delivery.LEASE.total_seconds()))
    await mail_delivery.deliver_due(desk.database, post)
    assert len(outlet.taken) == 2
    assert len({message["Message-ID"] for message in outlet.taken}) == 1
    assert len({link_of(message) for message in outlet.taken}) == 1
    clock.advance(days=1)
    assert await mail_delivery.deliver_due(desk.database, post) == []


async def test_a_refused_message_is_dead_at_once_and_others_go(
    desk: Desk, world: World, outlet: Outlet, post: Post, clock: Clock
) -> None:
    await invite(desk, world, "robin@example.com")
    outlet.failure = lambda: Refused("550 no such user")
    await mail_delivery.deliver_due(desk.database, post)
    outlet.failure = None
    clock.advance(days=1)
    await invite(desk, world, "kim@example.com")
    await drain(desk.database, post)
    assert outlet.recipients == ["kim@example.com"]
    mail = {mail.recipient: mail for mail in await mail_of(desk, world)}["robin@example.com"]
    assert (mail.state, mail.last_error) == (MailState.DEAD, "550 no such user")


async def test_what_cannot_be_sent_is_dead_after_two_days_of_trying(
    desk: Desk, world: World, outlet: Outlet, post: Post, clock: Clock
) -> None:
    await invite(desk, world, "robin@example.com")
    # Without a server to send it, it only waits.
    clock.advance(days=3)
    outlet.failure = lambda: Unreachable("no answer")
    tried_from = clock.now
    while (await mail_of(desk, world))[0].state is MailState.QUEUED:
        await mail_delivery.deliver_due(desk.database, post)
        clock.advance(seconds=600)
    (mail,) = await mail_of(desk, world)
    assert mail.state is MailState.DEAD
    assert timedelta(hours=48) <= mail.at - tried_from <= timedelta(hours=56)
    assert 16 <= mail.attempts <= 24


@pytest.mark.parametrize("failure", [None, Refused("550 no")])
async def test_inv11_a_token_is_wiped_once_its_mail_is_over_and_is_in_no_list(
    desk: Desk, world: World, outlet: Outlet, post: Post, failure: Exception | None
) -> None:
    await invite(desk, world, "robin@example.com")
    ((queued,), sealed) = await desk.mail(), Statement("SELECT sealed_token FROM outbox")
    assert queued.token not in repr(queued)
    assert all(queued.token not in repr(mail) for mail in await mail_of(desk, world))
    (row,) = await desk.database.read(lambda tx: tx.rows(sealed))
    assert row[0]
    assert queued.token.encode() not in row[0]
    outlet.failure = None if failure is None else lambda: Refused(f"550 no {queued.token}")
    await mail_delivery.deliver_due(desk.database, post)
    assert [row[0] for row in await desk.database.read(lambda tx: tx.rows(sealed))] == [None]
    (mail,) = await mail_of(desk, world)
    assert queued.token not in mail.last_error, "a server may repeat what it refuses"


@pytest.mark.parametrize("end", ["revoked", "expired"])
async def test_inv17_an_invitation_that_is_over_is_not_mailed(
    desk: Desk, world: World, outlet: Outlet, post: Post, clock: Clock, end: str
) -> None:
    invitation = await invite(desk, world, "robin@example.com")
    if end == "expired":
        clock.advance(days=30)
    else:
        await desk.ask(
            invitations.revoke_of_organization,
            world.caller,
            organization_id=world.organization.id,
            invitation_id=invitation.id,
        )
    (outcome,) = await mail_delivery.deliver_due(desk.database, post)
    assert not outlet.taken
    assert (outcome.fate, outcome.error) == (Fate.NEEDLESS, mail_delivery.NOT_PENDING)
    (mail,) = await mail_of(desk, world)
    assert (mail.state, mail.last_error) == (MailState.DEAD, mail_delivery.NOT_PENDING)


async def test_inv17_a_notice_goes_when_the_invitation_is_over(
    desk: Desk, world: World, outlet: Outlet, post: Post
) -> None:
    invitation = await invite(desk, world, "robin@example.com")
    await drain(desk.database, post)
    await desk.ask(
        invitations.revoke_of_organization,
        world.caller,
        organization_id=world.organization.id,
        invitation_id=invitation.id,
    )
    note = Statement("UPDATE invitations SET note = 'Not for me' WHERE organization_id = :of AND id = :id")

    async def decline(tx: Transaction) -> None:
        await tx.run(note, of=world.organization.id, id=invitation.id)
        for message_type in (MessageType.ACCEPTED_NOTICE, MessageType.DECLINED_NOTICE):
            await mail_queue.send_notice(tx, invitation, message_type, world.owner.username)

    await desk.database.write(decline)
    await drain(desk.database, post)
    accepted, declined = (message.as_string() for message in outlet.taken[1:])
    assert outlet.recipients[1:] == ["owner@acme.example"] * 2
    assert "has accepted your invitation" in accepted
    assert "Not for me" in declined


async def test_a_lost_master_key_kills_the_message_and_nothing_else(
    desk: Desk,
    world: World,
    outlet: Outlet,
    post: Post,
    database_url: str,
    clock: Clock,
) -> None:
    await invite(desk, world, "robin@example.com")
    other = Vault.from_master_key("11" * 32)
    database = open_database(database_url, policy=Policy(), sealer=other, clock=clock)
    try:
        (outcome,) = await mail_delivery.deliver_due(database, post)
    finally:
        await database.close()
    assert (outcome.fate, outcome.error) == (Fate.DEAD, mail_delivery.NO_KEY)
    assert not outlet.taken


async def test_a_broken_template_is_a_failure_that_can_be_mended(
    desk: Desk, world: World, outlet: Outlet, post: Post, clock: Clock, tmp_path: Path
) -> None:
    (tmp_path / "organization-invitation").mkdir()
    own = tmp_path / "organization-invitation" / "en.txt"
    own.write_text("Subject: {{ organisation }}")
    broken = Post(outlet, STATIONERY._replace(templates=Templates(tmp_path)))
    await invite(desk, world, "robin@example.com")
    (outcome,) = await mail_delivery.deliver_due(desk.database, broken)
    assert outcome.fate is Fate.FAILED
    assert "organization-invitation/en.txt" in outcome.error
    own.write_text("Subject: Mended\n\n{{ link }}")
    clock.advance(seconds=76)
    await mail_delivery.deliver_due(desk.database, broken)
    assert outlet.taken[0]["Subject"] == "Mended"


async def sign_in_link(desk: Desk, world: World, minutes: int = 15) -> str:
    token = secrets.invitation_token()

    async def put(tx: Transaction) -> None:
        expires_at = tx.now + timedelta(minutes=minutes)
        await sign_in_links.insert(tx, secrets.token_fingerprint(token), world.owner.id, expires_at)
        await mail_queue.send_sign_in_link(
            tx, world.organization.id, world.owner.username, token=token, language="ja"
        )

    await desk.database.write(put)
    return token


async def test_a_sign_in_link_is_mailed_while_it_is_of_use(
    desk: Desk, world: World, outlet: Outlet, post: Post, clock: Clock
) -> None:
    token = await sign_in_link(desk, world)
    await drain(desk.database, post)
    assert link_of(outlet.taken[0]) == f"https://desk.example/sign-in#{token}"
    await sign_in_link(desk, world)
    clock.advance(seconds=15 * 60)
    (outcome,) = await drain(desk.database, post)
    assert (outcome.fate, outcome.error) == (Fate.NEEDLESS, mail_delivery.NO_LINK)


async def test_one_address_gets_ten_mails_a_day_and_the_rest_later(
    desk: Desk, world: World, outlet: Outlet, post: Post, clock: Clock
) -> None:
    invitation = await invite(desk, world, "robin@example.com")
    for _ in range(11):
        clock.advance(seconds=60)
        await desk.ask(
            invitations.resend,
            world.caller,
            organization_id=world.organization.id,
            invitation_id=invitation.id,
        )
        await drain(desk.database, post)
    assert len(outlet.taken) == 10
    waiting = [mail for mail in await mail_of(desk, world) if mail.state is MailState.QUEUED]
    assert {mail.last_error for mail in waiting} == {mail_delivery.TOO_MANY_TO_RECIPIENT}
    await invite(desk, world, "kim@example.com")
    await drain(desk.database, post)
    assert outlet.recipients[-1] == "kim@example.com"
    clock.advance(days=1)
    await drain(desk.database, post)
    assert len(outlet.taken) == 13


async def test_an_organization_sends_two_hundred_mails_an_hour_and_the_rest_later(
    desk: Desk, world: World, stranger: World, outlet: Outlet, post: Post, clock: Clock
) -> None:
    await invite_many(desk, world, 205)
    await drain(desk.database, post)
    assert len(outlet.taken) == 200
    waiting = [mail for mail in await mail_of(desk, world) if mail.state is MailState.QUEUED]
    assert {mail.last_error for mail in waiting} == {mail_delivery.TOO_MANY_OF_ORGANIZATION}
    # Neither another organization nor somebody who wants to sign in waits for it.
    await invite(desk, stranger, "robin@example.com")
    await sign_in_link(desk, world)
    await drain(desk.database, post)
    assert sorted(outlet.recipients[200:]) == ["owner@acme.example", "robin@example.com"]
    clock.advance(seconds=3600)
    await drain(desk.database, post)
    assert len(outlet.taken) == 207


async def test_only_who_may_see_invitations_sees_mail(desk: Desk, world: World, stranger: World) -> None:
    await invite(desk, world, "robin@example.com")
    for caller in (world.caller_with(ORG_MEMBER), stranger.caller):
        with pytest.raises((NotOrganizationUserAdmin, NoTieToOrganization)):
            await desk.look(
                mail_delivery.list_of_organization,
                caller,
                organization_id=world.organization.id,
                page=PageRequest(),
            )


def test_the_pause_doubles_from_a_minute_to_six_hours() -> None:
    minutes = [retry_delay(attempts, 1.0).total_seconds() / 60 for attempts in range(1, 12)]
    assert minutes == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]
    assert retry_delay(1, 0.0).total_seconds() == 45
    assert retry_delay(10_000, 1.0) == timedelta(hours=6)


def test_a_message_may_go_when_the_oldest_of_its_window_leaves_it() -> None:
    now = Clock().now
    hour = timedelta(hours=1)
    assert free_from([], 2, hour, now) is None
    assert free_from([now, now - hour], 2, hour, now) is None
    assert free_from([now, now - hour / 2], 2, hour, now) == now + hour / 2


def test_a_lease_outlasts_the_slowest_round() -> None:
    turns = -(-mail_delivery.MOST_A_ROUND // mail_delivery.MOST_AT_ONCE)
    assert mail_delivery.LEASE.total_seconds() > turns * MESSAGE_SECONDS


def test_a_preview_is_there_for_the_console_and_says_what_is_wrong_with_a_template(tmp_path: Path) -> None:
    previews = mail_delivery.Previews(Templates(tmp_path), "https://desk.example")
    assert "招待" in previews.of(MessageType.CHANGED_INVITATION, "ja").subject
    (tmp_path / "reminder").mkdir()
    (tmp_path / "reminder" / "ja.txt").write_text("Subject: {{ organisation }}")
    assert "reminder/ja.txt" in previews.of(MessageType.REMINDER, "ja").text
