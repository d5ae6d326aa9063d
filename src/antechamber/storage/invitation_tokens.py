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
_OF_PROJECT = Statement(
    "SELECT id FROM invitations WHERE organization_id = :organization_id AND project_id = :project_id"
)
_DELETE_TOKENS = Statement("DELETE FROM invitation_tokens WHERE organization_id = :organization_id")
_DELETE_TICKETS = Statement("DELETE FROM invitation_tickets WHERE organization_id = :organization_id")
_IDS_A_STATEMENT = 100
_THESE = ", ".join(f":id_{number}" for number in range(_IDS_A_STATEMENT))
_DELETE_THESE_TOKENS = Statement(
    f"""DELETE FROM invitation_tokens
    WHERE organization_id = :organization_id AND invitation_id IN ({_THESE})"""
)
_DELETE_THESE_TICKETS = Statement(
    f"""DELETE FROM invitation_tickets
    WHERE organization_id = :organization_id AND invitation_id IN ({_THESE})"""
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


async def delete_of_organization(tx: Transaction, organization_id: str) -> None:
    """Let nothing open the invitations of an organization that goes (INV-9).

    Said and not left to foreign keys, here and below: a distributed database has none between these tables.
    """
    await tx.run(_DELETE_TOKENS, organization_id=organization_id)
    await tx.run(_DELETE_TICKETS, organization_id=organization_id)


async def delete_of_project(tx: Transaction, organization_id: str, project_id: str) -> None:
    """Let nothing open the invitations to a project that goes (INV-9)."""
    found = await tx.rows(_OF_PROJECT, organization_id=organization_id, project_id=project_id)
    ids = [row[0] for row in found]
    for start in range(0, len(ids), _IDS_A_STATEMENT):
        some = ids[start : start + _IDS_A_STATEMENT]
        # The last one again where there are fewer: one statement for any number.
        filled = some + some[-1:] * (_IDS_A_STATEMENT - len(some))
        values = {f"id_{number}": id for number, id in enumerate(filled)}
        await tx.run(_DELETE_THESE_TOKENS, organization_id=organization_id, **values)
        await tx.run(_DELETE_THESE_TICKETS, organization_id=organization_id, **values)
