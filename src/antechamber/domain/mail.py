"""A message to be sent after the commit of what it tells, and the rules of trying again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# Source of these numbers: SECURITY-MODEL "Log, proxy, workers" and "Limits".
GIVE_UP_AFTER = timedelta(hours=48)
KEPT_FOR = timedelta(days=30)
MOST_TO_RECIPIENT, RECIPIENT_WINDOW = 10, timedelta(days=1)
MOST_OF_ORGANIZATION, ORGANIZATION_WINDOW = 200, timedelta(hours=1)
_FIRST_DELAY, _LONGEST_DELAY = timedelta(minutes=1), timedelta(hours=6)


class MessageType(StrEnum):
    """What a message tells."""

    ORGANIZATION_INVITATION = "organization-invitation"
    PROJECT_INVITATION = "project-invitation"
    CHANGED_INVITATION = "changed-invitation"
    REMINDER = "reminder"
    ACCEPTED_NOTICE = "accepted-notice"
    DECLINED_NOTICE = "declined-notice"
    SIGN_IN_LINK = "sign-in-link"


# They go while the invitation is pending, and at no other time (INV-17).
INVITING = frozenset(
    {
        MessageType.ORGANIZATION_INVITATION,
        MessageType.PROJECT_INVITATION,
        MessageType.CHANGED_INVITATION,
        MessageType.REMINDER,
    }
)


@dataclass(frozen=True, slots=True)
class Message:
    """One queued message to one recipient.

    organization_id: whose mail it is. language: empty for the organization's. invitation_id: what it is
    about; None for a sign-in link. token: the secret part of its link, empty for none; kept sealed, wiped
    once sent and never shown elsewhere (INV-11).
    """

    id: str
    organization_id: str
    type: MessageType
    recipient: str
    language: str
    invitation_id: str | None
    token: str
    created_at: datetime

    def __repr__(self) -> str:
        return f"Message(id={self.id!r}, type={self.type!r}, invitation_id={self.invitation_id!r})"


class MailState(StrEnum):
    """What has become of a message."""

    QUEUED = "queued"
    SENT = "sent"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Mail:
    """A message as its organization sees it, without its secret (INV-11).

    at: when it was sent or given up; when it is tried next while it is queued. last_error: why it has not
    been sent, empty for no failure so far.
    """

    id: str
    type: MessageType
    recipient: str
    invitation_id: str | None
    state: MailState
    created_at: datetime
    at: datetime
    attempts: int
    last_error: str


def retry_delay(attempts: int, luck: float) -> timedelta:
    """Return how long to wait after so many failed attempts: twice as long each time, 1 minute to 6 hours.

    luck: between 0 and 1; it has what failed together come back at different times, up to a quarter sooner.
    """
    doubled = _FIRST_DELAY * (1 << min(attempts - 1, 16))
    return min(doubled, _LONGEST_DELAY) * (0.75 + luck / 4)


def free_from(sent: list[datetime], most: int, window: timedelta, now: datetime) -> datetime | None:
    """Return when one more message may go, None for now.

    sent: when the latest messages went, up to `most` of them, latest first, with those about to go as `now`.
    """
    if len(sent) < most or sent[most - 1] + window <= now:
        return None
    return sent[most - 1] + window
