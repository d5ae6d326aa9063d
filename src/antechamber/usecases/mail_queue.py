"""Queueing mail in the transaction of what it tells (INV-18); `mail_delivery` sends it after the commit."""

from antechamber.auth import secrets
from antechamber.domain.invitations import Invitation
from antechamber.domain.mail import Message, MessageType
from antechamber.storage import invitation_tokens, outbox
from antechamber.storage.database import Transaction


async def send_invitation(
    tx: Transaction, invitation: Invitation, message_type: MessageType, language: str
) -> None:
    """Queue a mail that opens the invitation; of its token only the fingerprint stays (INV-10)."""
    token = secrets.invitation_token()
    await invitation_tokens.insert(
        tx, secrets.token_fingerprint(token), invitation.organization_id, invitation.id
    )
    await _put(
        tx,
        message_type,
        invitation.organization_id,
        invitation.username,
        language=language,
        invitation_id=invitation.id,
        token=token,
    )


async def send_notice(
    tx: Transaction, invitation: Invitation, message_type: MessageType, recipient: str
) -> None:
    """Queue a mail that tells somebody what has become of an invitation, in the organization's language."""
    await _put(tx, message_type, invitation.organization_id, recipient, invitation_id=invitation.id)


async def send_sign_in_link(
    tx: Transaction, organization_id: str, recipient: str, *, token: str, language: str
) -> None:
    """Queue the mail with a sign-in link. organization_id: one that the person belongs to."""
    await _put(tx, MessageType.SIGN_IN_LINK, organization_id, recipient, language=language, token=token)


async def _put(
    tx: Transaction,
    message_type: MessageType,
    organization_id: str,
    recipient: str,
    *,
    language: str = "",
    invitation_id: str | None = None,
    token: str = "",
) -> None:
    await outbox.put(
        tx,
        Message(
            id=tx.new_id(),
            organization_id=organization_id,
            type=message_type,
            recipient=recipient,
            language=language,
            invitation_id=invitation_id,
            token=token,
            created_at=tx.now,
        ),
    )
