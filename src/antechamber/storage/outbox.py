"""Rows of the outbox: mail queued in the transaction of what it tells, sent after the commit.

A server that sends a message leases its row first; only one wins. What is sent or given up loses its token.
"""

from datetime import datetime
from typing import NamedTuple

from antechamber.domain.mail import KEPT_FOR, Mail, MailState, Message, MessageType
from antechamber.domain.paging import Page, PageRequest
from antechamber.domain.usernames import key_of
from antechamber.storage.database import Row, Statement, Transaction
from antechamber.storage.rows import instant, seconds

_INSERT = Statement(
    """INSERT INTO outbox
    (organization_id, id, message_type, recipient, recipient_key, language, invitation_id, sealed_token,
    created_at, due_at) VALUES (:organization_id, :id, :message_type, :recipient, :recipient_key, :language,
    :invitation_id, :sealed_token, :created_at, :created_at)"""
)
# The first words are those of the partial index.
_DUE = """sent_at IS NULL AND dead_at IS NULL AND due_at <= :now
    AND (leased_until IS NULL OR leased_until <= :now)"""
_LIST_DUE = Statement(
    f"""SELECT id, organization_id, message_type, recipient, language, invitation_id, created_at,
    sealed_token, attempts, tried_at FROM outbox WHERE {_DUE} ORDER BY due_at, id LIMIT :most"""
)
_IS_DUE = Statement(f"SELECT 1 FROM outbox WHERE {_DUE} LIMIT 1")
_ROW = "organization_id = :organization_id AND id = :id"
_LEASE = Statement(
    f"""UPDATE outbox SET leased_until = :until, attempts = attempts + 1, tried_at = COALESCE(tried_at, :now)
    WHERE {_ROW} AND {_DUE}"""
)
_SENT = Statement(
    f"""UPDATE outbox SET sent_at = :now, dead_at = NULL, sealed_token = NULL, leased_until = NULL,
    last_error = NULL WHERE {_ROW} AND sent_at IS NULL"""
)
_LEASED = f"{_ROW} AND sent_at IS NULL AND dead_at IS NULL AND leased_until = :until"
_RETRY = Statement(
    f"UPDATE outbox SET due_at = :due_at, leased_until = NULL, last_error = :error WHERE {_LEASED}"
)
_BURY = Statement(
    f"""UPDATE outbox SET dead_at = :now, sealed_token = NULL, leased_until = NULL, last_error = :error
    WHERE {_LEASED}"""
)
_POSTPONE = Statement(f"UPDATE outbox SET due_at = :until, last_error = :error WHERE {_ROW} AND {_DUE}")
_POSTPONE_ALL = Statement(
    f"""UPDATE outbox SET due_at = :until, last_error = :error
    WHERE organization_id = :organization_id AND message_type <> :but AND {_DUE}"""
)
_SENT_OF_ORGANIZATION = Statement(
    """SELECT sent_at FROM outbox WHERE organization_id = :organization_id AND sent_at > :since
    ORDER BY sent_at DESC LIMIT :most"""
)
_SENT_TO_RECIPIENT = Statement(
    """SELECT sent_at FROM outbox WHERE organization_id = :organization_id
    AND recipient_key = :recipient_key AND sent_at > :since ORDER BY sent_at DESC LIMIT :most"""
)
_LIST = Statement(
    """SELECT id, message_type, recipient, invitation_id, created_at, due_at, sent_at, dead_at, attempts,
    last_error FROM outbox WHERE organization_id = :organization_id
    ORDER BY created_at DESC, id DESC LIMIT :size OFFSET :skip"""
)
_COUNT = Statement("SELECT count(*) FROM outbox WHERE organization_id = :organization_id")
_COUNT_QUEUED = Statement("SELECT count(*) FROM outbox WHERE sent_at IS NULL AND dead_at IS NULL")
_SWEEP_SENT = Statement("DELETE FROM outbox WHERE sent_at <= :before")
_SWEEP_DEAD = Statement("DELETE FROM outbox WHERE dead_at <= :before")
_TOKEN = "token"  # noqa: S105 - the column that the seal is bound to


class Due(NamedTuple):
    """A message that waits to be sent, its token still sealed.

    attempts: how often it was tried. tried_at: when for the first time, None for never.
    """

    message: Message
    sealed_token: bytes | None
    attempts: int
    tried_at: datetime | None


async def put(tx: Transaction, message: Message) -> None:
    """Queue a message; its token is sealed to its row."""
    await tx.run(
        _INSERT,
        organization_id=message.organization_id,
        id=message.id,
        message_type=message.type.value,
        recipient=message.recipient,
        recipient_key=key_of(message.recipient),
        language=message.language,
        invitation_id=message.invitation_id,
        sealed_token=tx.sealer.seal(message.token.encode(), row=message.id, column=_TOKEN)
        if message.token
        else None,
        created_at=seconds(message.created_at),
    )


async def is_due(tx: Transaction) -> bool:
    """Tell whether any message waits to be sent."""
    return await tx.row(_IS_DUE, now=seconds(tx.now)) is not None


async def list_due(tx: Transaction, most: int) -> list[Due]:
    """Return messages that wait to be sent and that nobody has leased, longest due first."""
    rows = await tx.rows(_LIST_DUE, now=seconds(tx.now), most=most)
    return [
        Due(
            Message(
                id=row[0],
                organization_id=row[1],
                type=MessageType(row[2]),
                recipient=row[3],
                language=row[4],
                invitation_id=row[5],
                token="",
                created_at=instant(row[6]),
            ),
            sealed_token=row[7],
            attempts=row[8],
            tried_at=None if row[9] is None else instant(row[9]),
        )
        for row in rows
    ]


def unsealed(tx: Transaction, due: Due) -> str:
    """Return the message's token in clear, empty for none. Raises what the sealer raises."""
    if not due.sealed_token:
        return ""
    return tx.sealer.unseal(due.sealed_token, row=due.message.id, column=_TOKEN).decode()


async def lease(tx: Transaction, message: Message, until: datetime) -> bool:
    """Take the message out of others' reach until then; return False when somebody else was first."""
    return (
        await tx.run(
            _LEASE,
            organization_id=message.organization_id,
            id=message.id,
            now=seconds(tx.now),
            until=seconds(until),
        )
        == 1
    )


async def mark_sent(tx: Transaction, message: Message) -> None:
    """Keep that the message is sent, whoever holds the lease by now, and forget its token."""
    await tx.run(_SENT, organization_id=message.organization_id, id=message.id, now=seconds(tx.now))


async def retry(
    tx: Transaction, message: Message, *, leased_until: datetime, due_at: datetime, error: str
) -> None:
    """Give the lease back, and have the message tried again at due_at. error: why it was not sent."""
    await tx.run(
        _RETRY,
        organization_id=message.organization_id,
        id=message.id,
        until=seconds(leased_until),
        due_at=seconds(due_at),
        error=error,
    )


async def bury(tx: Transaction, message: Message, *, leased_until: datetime, error: str) -> None:
    """Give the message up, and forget its token. error: why it is not sent."""
    await tx.run(
        _BURY,
        organization_id=message.organization_id,
        id=message.id,
        until=seconds(leased_until),
        now=seconds(tx.now),
        error=error,
    )


async def postpone(tx: Transaction, message: Message, until: datetime, *, error: str) -> None:
    """Let a due message wait until then. error: why."""
    await tx.run(
        _POSTPONE,
        organization_id=message.organization_id,
        id=message.id,
        now=seconds(tx.now),
        until=seconds(until),
        error=error,
    )


async def postpone_all(
    tx: Transaction, organization_id: str, until: datetime, *, but: MessageType, error: str
) -> None:
    """Let all due messages of an organization wait until then, but for one type. error: why."""
    await tx.run(
        _POSTPONE_ALL,
        organization_id=organization_id,
        now=seconds(tx.now),
        until=seconds(until),
        but=but.value,
        error=error,
    )


async def sent_of_organization(
    tx: Transaction, organization_id: str, since: datetime, most: int
) -> list[datetime]:
    """Return when the organization's latest messages went, latest first, `most` of them, after `since`."""
    rows = await tx.rows(
        _SENT_OF_ORGANIZATION, organization_id=organization_id, since=seconds(since), most=most
    )
    return [instant(row[0]) for row in rows]


async def sent_to_recipient(
    tx: Transaction, organization_id: str, recipient: str, since: datetime, most: int
) -> list[datetime]:
    """Return when the organization's latest messages to an address went, latest first, after `since`."""
    rows = await tx.rows(
        _SENT_TO_RECIPIENT,
        organization_id=organization_id,
        recipient_key=key_of(recipient),
        since=seconds(since),
        most=most,
    )
    return [instant(row[0]) for row in rows]


async def list_of_organization(tx: Transaction, organization_id: str, page: PageRequest) -> Page[Mail]:
    """Return the organization's messages of the last weeks, newest first, without their secrets (INV-11)."""
    rows = await tx.rows(_LIST, organization_id=organization_id, size=page.size, skip=page.offset)
    total = await tx.row(_COUNT, organization_id=organization_id)
    return Page([_mail(row) for row in rows], int(total[0]) if total else 0, page)


def _mail(row: Row) -> Mail:
    id, type_name, recipient, invitation_id, created_at, due_at, sent_at, dead_at, attempts, error = row
    if sent_at is not None:
        state, at = MailState.SENT, sent_at
    elif dead_at is not None:
        state, at = MailState.DEAD, dead_at
    else:
        state, at = MailState.QUEUED, due_at
    return Mail(
        id,
        MessageType(type_name),
        recipient,
        invitation_id,
        state,
        instant(created_at),
        instant(at),
        attempts,
        error or "",
    )


async def count_queued(tx: Transaction) -> int:
    """Return how many messages of all organizations are neither sent nor given up."""
    row = await tx.row(_COUNT_QUEUED)
    return int(row[0]) if row else 0


async def sweep(tx: Transaction) -> int:
    """Forget messages that were sent or given up weeks ago; return how many."""
    before = seconds(tx.now - KEPT_FOR)
    return await tx.run(_SWEEP_SENT, before=before) + await tx.run(_SWEEP_DEAD, before=before)
