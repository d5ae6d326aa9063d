"""Sending what waits in the outbox, and showing it to those whose mail it is.

One transaction takes messages and reads all that they tell; then they are written and handed over, with no
transaction open; one transaction each keeps the outcome. A message is leased for longer than handing over
takes at most, so no other server sends it meanwhile. Only when a server dies between the handing over and
the keeping is a message sent twice, and then with the same Message-ID.
"""

import asyncio
import random
import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from enum import StrEnum
from functools import partial
from typing import NamedTuple

from antechamber.auth import secrets
from antechamber.domain.callers import Caller
from antechamber.domain.invitations import Invitation
from antechamber.domain.mail import (
    GIVE_UP_AFTER,
    INVITING,
    MOST_OF_ORGANIZATION,
    MOST_TO_RECIPIENT,
    ORGANIZATION_WINDOW,
    RECIPIENT_WINDOW,
    Mail,
    Message,
    MessageType,
    free_from,
    retry_delay,
)
from antechamber.domain.paging import Page, PageRequest
from antechamber.domain.permissions import Permission
from antechamber.domain.usernames import key_of
from antechamber.mail import messages
from antechamber.mail.delivery import Delivery, Refused, Unreachable
from antechamber.mail.messages import Envelope, Invited, Stationery
from antechamber.mail.templates import BrokenTemplate, Rendered, Templates
from antechamber.storage import invitations, organizations, outbox, projects, sign_in_links
from antechamber.storage.database import Database, Transaction
from antechamber.storage.outbox import Due
from antechamber.usecases import access

MOST_A_ROUND = 20
MOST_AT_ONCE = 5
# Longer than the messages of one round can take: 20 in fives, a minute each.
LEASE = timedelta(minutes=5)
_ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")
NOT_PENDING = "not sent: the invitation is not pending any more"
NO_LINK = "not sent: the link has been used or has run out"
NO_KEY = "not sent: its link cannot be unsealed; was the master key replaced without keeping the old one?"
TOO_MANY_TO_RECIPIENT = f"waits: {MOST_TO_RECIPIENT} mails a day to one address"
TOO_MANY_OF_ORGANIZATION = f"waits: {MOST_OF_ORGANIZATION} mails an hour from one organization"


class Fate(StrEnum):
    """What became of one message in one round."""

    SENT = "sent"
    FAILED = "failed"
    DEAD = "dead"
    # What it led to was over before it could go: nobody misses it.
    NEEDLESS = "needless"


class Outcome(NamedTuple):
    """One message of a round. error: why it was not sent, empty when it was."""

    message: Message
    fate: Fate
    error: str = ""

    @property
    def is_sent(self) -> bool:
        """Tell whether the message went out."""
        return self.fate is Fate.SENT

    @property
    def is_trouble(self) -> bool:
        """Tell whether an operator should hear of it."""
        return self.fate in (Fate.FAILED, Fate.DEAD)

    def facts(self) -> dict[str, str]:
        """Return what a log may tell of it: no address (SECURITY-MODEL "Log, proxy, workers")."""
        return {
            "message": self.message.id,
            "organization": self.message.organization_id,
            "type": self.message.type.value,
            "fate": self.fate.value,
            "error": _ADDRESS.sub("…@…", self.error),
        }


@dataclass(frozen=True, slots=True)
class Post:
    """Everything that sending needs besides the database."""

    delivery: Delivery
    stationery: Stationery


@dataclass(frozen=True, slots=True)
class _Letter:
    """A leased message with all that it tells.

    invitation: None for a sign-in link. expires_at: of its link. project: a name, empty for none.
    """

    message: Message
    token: str
    language: str
    attempts: int
    tried_at: datetime
    leased_until: datetime
    organization: str
    invitation: Invitation | None = None
    project: str = ""
    note: str = ""
    expires_at: datetime | None = None

    def __repr__(self) -> str:
        return f"_Letter({self.message!r})"


class _Undeliverable(Exception):
    """The message is not to be sent; the text says why."""

    fate = Fate.DEAD


class _Needless(_Undeliverable):
    """The message is not to be sent any more."""

    fate = Fate.NEEDLESS


async def deliver_due(database: Database, post: Post) -> list[Outcome]:
    """Send messages that are due, at most MOST_A_ROUND, and return what became of them; nothing when none is.

    Raises Unavailable when the database is away; what was leased is then tried again after LEASE.
    """
    letters: list[_Letter] = []
    outcomes: list[Outcome] = []
    # What has to wait longer, and what others took first, is due no more.
    while not letters and not outcomes and await database.read(outbox.is_due):
        letters, outcomes = await database.write(_take)
    turns = asyncio.Semaphore(MOST_AT_ONCE)
    # All of them come to their end, even when the outcome of one cannot be kept.
    for result in await asyncio.gather(
        *(_send(database, post, letter, turns) for letter in letters), return_exceptions=True
    ):
        if isinstance(result, BaseException):
            raise result
        outcomes.append(result)
    return outcomes


async def list_of_organization(
    tx: Transaction, caller: Caller, *, organization_id: str, page: PageRequest
) -> Page[Mail]:
    """Return the organization's mail of the last 30 days, newest first, never with a link (INV-11)."""
    await access.organization(tx, caller, organization_id, to=Permission.ORGANIZATION_INVITATIONS_READ)
    return await outbox.list_of_organization(tx, organization_id, page)


class Previews:
    """Messages with made-up content, as their readers see them."""

    def __init__(self, templates: Templates, public_url: str) -> None:
        self._templates, self._public_url = templates, public_url

    def of(self, message_type: MessageType, language: str) -> Rendered:
        """Return subject, text and HTML; of a broken template what is wrong with it, as text."""
        try:
            return messages.preview(message_type, language, self._templates, self._public_url)
        except BrokenTemplate as error:
            return Rendered("", str(error), "")


# -- taking -----------------------------------------------------------------------------------------


async def _take(tx: Transaction) -> tuple[list[_Letter], list[Outcome]]:
    """Lease what is due and may go now; return it, and what is given up."""
    letters: list[_Letter] = []
    given_up: list[Outcome] = []
    rates = _Rates(tx)
    until = tx.now + LEASE
    for due in await outbox.list_due(tx, MOST_A_ROUND):
        message = due.message
        if await rates.postponed(message) or not await outbox.lease(tx, message, until):
            continue
        try:
            letters.append(await _letter(tx, due, until))
        except _Undeliverable as error:
            await outbox.bury(tx, message, leased_until=until, error=str(error))
            given_up.append(Outcome(message, error.fate, str(error)))
        else:
            rates.count(message)
    return letters, given_up


class _Rates:
    """How much mail goes to whom; what is too much waits, and nothing of it is lost.

    What other servers have in hand at this moment is not counted. Sign-in links wait for no one's
    invitations. Source: SECURITY-MODEL "Limits".
    """

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._taken: Counter[tuple[str, str]] = Counter()
        self._postponed: set[str] = set()
        self._sent: dict[str, list[datetime]] = {}

    def count(self, message: Message) -> None:
        """Take down a message that is about to go."""
        self._taken[message.organization_id, ""] += 1
        self._taken[message.organization_id, key_of(message.recipient)] += 1

    async def postponed(self, message: Message) -> bool:
        """Tell whether the message has to wait, and see to it."""
        tx, organization_id = self._tx, message.organization_id
        if message.type is not MessageType.SIGN_IN_LINK:
            if organization_id in self._postponed:
                return True
            if organization_id not in self._sent:
                since = tx.now - ORGANIZATION_WINDOW
                self._sent[organization_id] = await outbox.sent_of_organization(
                    tx, organization_id, since, MOST_OF_ORGANIZATION
                )
            sent = self._sent[organization_id]
            until = self._free_from(sent, (organization_id, ""), MOST_OF_ORGANIZATION, ORGANIZATION_WINDOW)
            if until is not None:
                self._postponed.add(organization_id)
                await outbox.postpone_all(
                    tx,
                    organization_id,
                    until,
                    but=MessageType.SIGN_IN_LINK,
                    error=TOO_MANY_OF_ORGANIZATION,
                )
                return True
        recipient = message.recipient
        sent = await outbox.sent_to_recipient(
            tx, organization_id, recipient, tx.now - RECIPIENT_WINDOW, MOST_TO_RECIPIENT
        )
        whose = (organization_id, key_of(recipient))
        until = self._free_from(sent, whose, MOST_TO_RECIPIENT, RECIPIENT_WINDOW)
        if until is not None:
            await outbox.postpone(tx, message, until, error=TOO_MANY_TO_RECIPIENT)
        return until is not None

    def _free_from(
        self, sent: list[datetime], whose: tuple[str, str], most: int, window: timedelta
    ) -> datetime | None:
        now = self._tx.now
        return free_from([now] * self._taken[whose] + sent, most, window, now)


async def _letter(tx: Transaction, due: Due, leased_until: datetime) -> _Letter:
    """Return the leased message with all that it tells. Raises _Undeliverable."""
    message = due.message
    try:
        token = outbox.unsealed(tx, due)
    except secrets.UnsealFailed:
        raise _Undeliverable(NO_KEY) from None
    organization = await organizations.find(tx, message.organization_id)
    assert organization is not None, "mail goes with its organization"
    letter = _Letter(
        message=message,
        token=token,
        language=message.language or await organizations.language(tx, organization.id) or tx.policy.language,
        attempts=due.attempts + 1,
        tried_at=due.tried_at or tx.now,
        leased_until=leased_until,
        organization=organization.name,
    )
    if message.type is not MessageType.SIGN_IN_LINK:
        return await _about_invitation(tx, letter)
    expires_at = await sign_in_links.expires_at(tx, secrets.token_fingerprint(token))
    if expires_at is None or tx.now >= expires_at:
        raise _Needless(NO_LINK)
    return replace(letter, expires_at=expires_at)


async def _about_invitation(tx: Transaction, letter: _Letter) -> _Letter:
    """Return the letter with its invitation. Raises _Undeliverable (INV-17)."""
    organization_id, id = letter.message.organization_id, letter.message.invitation_id
    assert id is not None, "what is no sign-in link is about an invitation"
    invitation = await invitations.find(tx, organization_id, id)
    assert invitation is not None, "mail goes with its invitation"
    if letter.message.type in INVITING and not invitation.is_pending(tx.now):
        raise _Needless(NOT_PENDING)
    project = None
    if invitation.project_id is not None:
        project = await projects.find(tx, organization_id, invitation.project_id)
    _, note = await invitations.language_and_note(tx, organization_id, id)
    return replace(letter, invitation=invitation, project=project.name if project else "", note=note)


# -- handing over -----------------------------------------------------------------------------------


async def _send(database: Database, post: Post, letter: _Letter, turns: asyncio.Semaphore) -> Outcome:
    """Hand a message over and keep what became of it."""
    async with turns:
        try:
            await post.delivery.deliver(_written(post.stationery, letter))
        except Refused as error:
            return await _keep_failure(database, letter, str(error), is_final=True)
        except (Unreachable, BrokenTemplate) as error:
            return await _keep_failure(database, letter, str(error), is_final=False)
        except Exception as error:  # noqa: BLE001 - a message that breaks something must not come back forever
            return await _keep_failure(database, letter, f"{type(error).__name__}: {error}", is_final=False)
        await database.write(partial(outbox.mark_sent, message=letter.message))
        return Outcome(letter.message, Fate.SENT)


def _written(on: Stationery, letter: _Letter) -> EmailMessage:
    message = letter.message
    to = Envelope(message.id, message.recipient, letter.language, message.created_at)
    if message.type is MessageType.SIGN_IN_LINK:
        assert letter.expires_at is not None, "a link runs out"
        return messages.sign_in_link(on, to, token=letter.token, expires_at=letter.expires_at)
    invitation = letter.invitation
    assert invitation is not None, "what is no sign-in link is about an invitation"
    invited = Invited(
        organization=letter.organization,
        project=letter.project,
        inviter=invitation.inviter,
        roles=invitation.roles,
        expires_at=invitation.expires_at,
        token=letter.token,
    )
    answered = {
        "person": invitation.username,
        "organization": letter.organization,
        "project": letter.project,
    }
    match message.type:
        case MessageType.ORGANIZATION_INVITATION:
            return messages.organization_invitation(on, to, invited)
        case MessageType.PROJECT_INVITATION:
            return messages.project_invitation(on, to, invited)
        case MessageType.CHANGED_INVITATION:
            return messages.changed_invitation(on, to, invited)
        case MessageType.REMINDER:
            return messages.reminder(on, to, invited)
        case MessageType.ACCEPTED_NOTICE:
            return messages.accepted_notice(on, to, **answered)
        case MessageType.DECLINED_NOTICE:
            return messages.declined_notice(on, to, **answered, note=letter.note)


async def _keep_failure(database: Database, letter: _Letter, error: str, *, is_final: bool) -> Outcome:
    if letter.token:
        # A server that repeats what it was sent does not make us keep a token.
        error = error.replace(letter.token, "…")
    luck = random.random()  # noqa: S311 - spreads tries, protects nothing

    async def keep(tx: Transaction) -> Fate:
        if is_final or tx.now - letter.tried_at >= GIVE_UP_AFTER:
            await outbox.bury(tx, letter.message, leased_until=letter.leased_until, error=error)
            return Fate.DEAD
        due_at = tx.now + retry_delay(letter.attempts, luck)
        await outbox.retry(tx, letter.message, leased_until=letter.leased_until, due_at=due_at, error=error)
        return Fate.FAILED

    return Outcome(letter.message, await database.write(keep), error)
