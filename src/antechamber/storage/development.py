"""Rows across organizations, as the development desk needs them: nothing that answers the API asks these."""

from antechamber.storage.database import Statement, Transaction
from antechamber.storage.rows import seconds

_ORGANIZATION_OF_INVITATION = Statement("SELECT organization_id FROM invitations WHERE id = :id")
_PEOPLE = Statement(
    """SELECT user_id FROM memberships WHERE organization_id = :organization_id
    UNION SELECT user_id FROM invitations WHERE organization_id = :organization_id"""
)
_IS_KNOWN_ANYWHERE = Statement(
    """SELECT 1 FROM memberships WHERE user_id = :id
    UNION ALL SELECT 1 FROM invitations WHERE user_id = :id LIMIT 1"""
)
_DROP = Statement("DELETE FROM users WHERE id = :id")
_IS_MAIL_IN_HAND = Statement(
    "SELECT 1 FROM outbox WHERE sent_at IS NULL AND dead_at IS NULL AND leased_until > :now LIMIT 1"
)
_FORGET_RATES = Statement("DELETE FROM rate_limit_buckets WHERE at >= 0")


async def organization_of_invitation(tx: Transaction, id: str) -> str | None:
    """Return the id of the organization that an invitation, in any state, belongs to, or None."""
    row = await tx.row(_ORGANIZATION_OF_INVITATION, id=id)
    return str(row[0]) if row else None


async def people_of(tx: Transaction, organization_id: str) -> list[str]:
    """Return the ids of all whom the organization has as members or has ever invited."""
    return [str(row[0]) for row in await tx.rows(_PEOPLE, organization_id=organization_id)]


async def drop_if_nobodys(tx: Transaction, user_id: str) -> bool:
    """Delete the account of somebody whom no organization knows; return False for anybody else's."""
    # Not inside the delete: a distributed database keeps accounts and memberships by different keys.
    if await tx.row(_IS_KNOWN_ANYWHERE, id=user_id) is not None:
        return False
    return await tx.run(_DROP, id=user_id) == 1


async def is_mail_in_hand(tx: Transaction) -> bool:
    """Tell whether some server is about to send something."""
    return await tx.row(_IS_MAIL_IN_HAND, now=seconds(tx.now)) is not None


async def forget_rates(tx: Transaction) -> None:
    """Fill every bucket of request rates again."""
    await tx.run(_FORGET_RATES)
