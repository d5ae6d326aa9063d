"""Rows of invitation tokens: which invitation the link of a mail opens."""

from typing import NamedTuple

from antechamber.storage.database import Statement, Transaction
from antechamber.storage.rows import seconds

_INSERT = Statement(
    """INSERT INTO invitation_tokens (fingerprint, organization_id, invitation_id, created_at)
    VALUES (:fingerprint, :organization_id, :invitation_id, :now)"""
)
_FIND = Statement(
    "SELECT organization_id, invitation_id FROM invitation_tokens WHERE fingerprint = :fingerprint"
)


class Opened(NamedTuple):
    """The invitation that a token or a ticket opens, whatever has become of it."""

    organization_id: str
    invitation_id: str


async def insert(tx: Transaction, fingerprint: bytes, organization_id: str, invitation_id: str) -> None:
    """Let a token open an invitation. fingerprint: its SHA-256 (INV-10)."""
    await tx.run(
        _INSERT,
        fingerprint=fingerprint,
        organization_id=organization_id,
        invitation_id=invitation_id,
        now=seconds(tx.now),
    )


async def find(tx: Transaction, fingerprint: bytes) -> Opened | None:
    """Return what the token with this SHA-256 opens, or None."""
    row = await tx.row(_FIND, fingerprint=fingerprint)
    return Opened(row[0], row[1]) if row else None
