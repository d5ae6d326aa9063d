"""What the server says of itself and of the caller, and what it does for itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from antechamber.domain.access_lists import Use
from antechamber.domain.callers import Caller
from antechamber.storage import (
    access_lists,
    digest_answers,
    invitation_tickets,
    outbox,
    projects,
    rate_limits,
    sessions,
    sign_in_links,
)
from antechamber.storage.database import Transaction

_SWEPT = (digest_answers, invitation_tickets, outbox, rate_limits, sessions, sign_in_links)


@dataclass(frozen=True, slots=True)
class CallerStatus:
    """What a caller may do, and from where: direct project roles by project id, listed CIDR blocks."""

    caller: Caller
    project_roles: dict[str, tuple[str, ...]]
    networks: tuple[str, ...]


async def caller_status(tx: Transaction, caller: Caller) -> CallerStatus:
    """Return what the server knows of the caller. Source: contract, getSystemStatus."""
    return CallerStatus(
        caller,
        await projects.roles_of_principal(tx, caller.organization.id, caller.id),
        await access_lists.list_of_principal(tx, caller.organization.id, caller.id),
    )


async def stamp_uses(tx: Transaction, uses: Sequence[Use]) -> None:
    """Keep how entries of access lists were used since the last time (INV-23).

    uses: in the order that every server keeps to, so that none waits for another in a circle.
    """
    for use in uses:
        await access_lists.stamp(tx, use)


async def sweep(tx: Transaction) -> int:
    """Forget what has run out and is of no use any more; return how many rows.

    Every server may run it at any time: each deletion is complete in itself.
    """
    return sum([await noun.sweep(tx) for noun in _SWEPT])


async def count_queued_mail(tx: Transaction) -> int:
    """Return how many messages wait to be sent."""
    return await outbox.count_queued(tx)
