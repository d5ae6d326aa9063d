"""Rows of invitation tickets: what a browser shows for minutes after it has opened an invitation's link."""

from datetime import datetime

from antechamber.storage.database import Statement, Transaction
from antechamber.storage.invitation_tokens import Opened
from antechamber.storage.rows import seconds

_INSERT = Statement(
    """INSERT INTO invitation_tickets (fingerprint, organization_id, invitation_id, expires_at)
    VALUES (:fingerprint, :organization_id, :invitation_id, :expires_at)"""
)
_FIND = Statement(
    """SELECT organization_id, invitation_id FROM invitation_tickets
    WHERE fingerprint = :fingerprint AND expires_at > :now"""
)
_SWEEP = Statement("DELETE FROM invitation_tickets WHERE expires_at <= :now")


async def insert(tx: Transaction, fingerprint: bytes, opened: Opened, expires_at: datetime) -> None:
    """Let a ticket show an invitation. fingerprint: the SHA-256 of the cookie."""
    await tx.run(
        _INSERT,
        fingerprint=fingerprint,
        organization_id=opened.organization_id,
        invitation_id=opened.invitation_id,
        expires_at=seconds(expires_at),
    )


async def find(tx: Transaction, fingerprint: bytes) -> Opened | None:
    """Return what the ticket shows; None for an unknown one and one that has run out."""
    row = await tx.row(_FIND, fingerprint=fingerprint, now=seconds(tx.now))
    return Opened(row[0], row[1]) if row else None


async def sweep(tx: Transaction) -> int:
    """Forget tickets that have run out; return how many."""
    return await tx.run(_SWEEP, now=seconds(tx.now))
