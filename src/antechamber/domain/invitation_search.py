"""Looking through the invitations of an organization or a project, whatever has become of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from antechamber.domain.invitations import Invitation, State
from antechamber.domain.mail import MailState


class Order(StrEnum):
    """What a list is sorted by."""

    NEWEST = "newest"
    OLDEST = "oldest"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which invitations, in which order.

    state: as it is shown, None for any: what has run out is expired, swept or not (INV-14). address: how the
    address begins, empty for any. scope_id: a project, or the organization for those to itself; None for any.
    is_flagged: only those accepted although the inviter could not have sent them any more.
    """

    state: State | None = None
    address: str = ""
    scope_id: str | None = None
    is_flagged: bool = False
    order: Order = Order.NEWEST


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of a list begins: after this invitation. by: its creation in seconds, or its address."""

    by: str
    id: str


@dataclass(frozen=True, slots=True)
class Record:
    """An invitation and what is known of its life.

    state: as it is shown. note: what the person said when declining. mail: of the latest mail that opens it,
    None where none was sent or it is long forgotten. mail_error: why that has not been sent.
    """

    invitation: Invitation
    state: State
    note: str
    is_flagged: bool
    language: str
    ended_at: datetime | None
    mail: MailState | None
    mail_error: str

    @property
    def can_be_sent(self) -> bool:
        """Tell whether the person can still answer it."""
        return self.state is State.PENDING


@dataclass(frozen=True, slots=True)
class Found:
    """A page of a list. next: where the following page begins, None for the last one."""

    records: list[Record]
    next: Place | None


def shown_state(invitation: Invitation, now: datetime) -> State:
    """Return where an invitation stands as people see it."""
    if invitation.state is State.PENDING and not invitation.is_pending(now):
        return State.EXPIRED
    return invitation.state
