"""A message to be sent after the commit of what it tells."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class MessageType(StrEnum):
    """What a message tells."""

    ORGANIZATION_INVITATION = "organization-invitation"
    PROJECT_INVITATION = "project-invitation"


@dataclass(frozen=True, slots=True)
class Message:
    """One queued message to one recipient about one invitation.

    token: the invitation's secret link part, kept sealed and wiped once sent; never shown elsewhere (INV-11).
    """

    id: str
    organization_id: str
    type: MessageType
    recipient: str
    invitation_id: str
    token: str
    created_at: datetime

    def __repr__(self) -> str:
        return f"Message(id={self.id!r}, type={self.type!r}, invitation_id={self.invitation_id!r})"
