"""What time does to invitations: they run out, and people are reminded before.

Every server may do this at any moment: each row is changed on a condition that only one can meet.
"""

from datetime import timedelta

from antechamber.domain.invitations import State
from antechamber.domain.mail import MessageType
from antechamber.storage import invitations
from antechamber.storage.database import Database, Transaction
from antechamber.usecases import mail_queue

MOST_AT_ONCE = 200


async def run(database: Database) -> None:
    """Do all that is to be done by now, some rows a transaction. Raises Unavailable."""
    for job in (end_expired, remind):
        while await database.write(job) == MOST_AT_ONCE:
            pass


async def end_expired(tx: Transaction) -> int:
    """Give invitations that have run out their final state; return how many were looked at.

    They count as expired before as well (INV-14): this keeps lists of what is pending short.
    """
    expired = await invitations.list_expired(tx, MOST_AT_ONCE)
    for invitation in expired:
        await invitations.end(tx, invitation, State.EXPIRED)
    return len(expired)


async def remind(tx: Transaction) -> int:
    """Mail invitations that end soon once more, each once; return how many were looked at.

    The hidden half of a project invitation is not mailed: the project's own invitation is.
    """
    if not tx.policy.reminder_days:
        return 0
    until = tx.now + timedelta(days=tx.policy.reminder_days)
    ending = await invitations.list_to_remind(tx, until, MOST_AT_ONCE)
    for invitation in ending:
        if await invitations.mark_reminded(tx, invitation) and not invitation.from_project:
            language, _ = await invitations.language_and_note(tx, invitation.organization_id, invitation.id)
            await mail_queue.send_invitation(tx, invitation, MessageType.REMINDER, language)
    return len(ending)
