"""How a finished message leaves, and what may keep it from leaving."""

from collections.abc import Iterable
from email.message import EmailMessage
from typing import Protocol

from antechamber.domain.usernames import key_of


class Undelivered(Exception):
    """The message did not leave; the text says why."""


class Refused(Undelivered):
    """It never will: trying again is of no use."""


class Unreachable(Undelivered):
    """It may leave later."""


class Delivery(Protocol):
    """A way out of the house."""

    async def deliver(self, message: EmailMessage) -> None:
        """Return when the message was taken. Raises Refused, Unreachable."""
        ...


class Recipients:
    """Addresses and @domains that mail may go to."""

    def __init__(self, listed: Iterable[str]) -> None:
        self._listed = frozenset(map(key_of, listed))

    def __contains__(self, address: str) -> bool:
        key = key_of(address)
        return key in self._listed or f"@{key.rpartition('@')[2]}" in self._listed


class OnlyTo:
    """Delivers to listed recipients alone; others are refused, for all to see."""

    def __init__(self, recipients: Recipients, delivery: Delivery) -> None:
        self._recipients, self._delivery = recipients, delivery

    async def deliver(self, message: EmailMessage) -> None:
        """Deliver the message, or raise Refused."""
        address = recipient_of(message)
        if address not in self._recipients:
            raise Refused(f"not sent: {address} is not in mail_recipients")
        await self._delivery.deliver(message)


class AlsoTo:
    """Delivers every message in one way, and those to listed recipients in another besides."""

    def __init__(self, first: Delivery, recipients: Recipients, besides: Delivery) -> None:
        self._first, self._recipients, self._besides = first, recipients, besides

    async def deliver(self, message: EmailMessage) -> None:
        """Deliver the message in one way or in both."""
        await self._first.deliver(message)
        if recipient_of(message) in self._recipients:
            await self._besides.deliver(message)


def recipient_of(message: EmailMessage) -> str:
    """Return the address of a message's only recipient."""
    (recipient,) = message["To"].addresses
    return str(recipient.addr_spec)
