"""Rows of the outbox: mail queued in the transaction of what it tells, sent after the commit."""

from antechamber.domain.mail import Message, MessageType
from antechamber.storage.database import Statement, Transaction
from antechamber.storage.rows import instant, seconds

_INSERT = Statement(
    """INSERT INTO outbox
    (organization_id, id, message_type, recipient, invitation_id, sealed_token, created_at, due_at)
    VALUES (:organization_id, :id, :message_type, :recipient, :invitation_id, :sealed_token, :created_at,
    :created_at)"""
)
_LIST_DUE = Statement(
    """SELECT id, organization_id, message_type, recipient, invitation_id, sealed_token, created_at
    FROM outbox WHERE sent_at IS NULL AND due_at <= :now ORDER BY due_at, id LIMIT :most"""
)
_TOKEN = "token"  # noqa: S105 - the column that the seal is bound to


async def put(tx: Transaction, message: Message) -> None:
    """Queue a message; its token is sealed to its row."""
    await tx.run(
        _INSERT,
        organization_id=message.organization_id,
        id=message.id,
        message_type=message.type.value,
        recipient=message.recipient,
        invitation_id=message.invitation_id,
        sealed_token=tx.sealer.seal(message.token.encode(), row=message.id, column=_TOKEN),
        created_at=seconds(message.created_at),
    )


async def list_due(tx: Transaction, most: int) -> list[Message]:
    """Return messages that wait to be sent, longest due first."""
    rows = await tx.rows(_LIST_DUE, now=seconds(tx.now), most=most)
    return [
        Message(
            id=row[0],
            organization_id=row[1],
            type=MessageType(row[2]),
            recipient=row[3],
            invitation_id=row[4],
            token=tx.sealer.unseal(row[5], row=row[0], column=_TOKEN).decode(),
            created_at=instant(row[6]),
        )
        for row in rows
    ]
