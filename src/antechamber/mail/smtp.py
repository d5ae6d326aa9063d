"""Mail through an SMTP server (RFC 5321), with STARTTLS (RFC 3207), TLS or neither, and AUTH (RFC 4954)."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import TYPE_CHECKING, Literal

from antechamber.mail.delivery import Refused, Undelivered, Unreachable, recipient_of

if TYPE_CHECKING:
    from aiosmtplib import SMTP, SMTPResponseException

# Of one step, and of all steps together.
STEP_SECONDS = 20.0
MESSAGE_SECONDS = 60.0
Security = Literal["starttls", "tls", "none"]


@dataclass(frozen=True, slots=True)
class SmtpDelivery:
    """One server. Each message has a connection of its own.

    host_name: what this machine calls itself there. username: empty for no sign-in. step_seconds,
    message_seconds: how long to wait.
    """

    host: str
    port: int
    security: Security
    host_name: str
    username: str = ""
    password: str = field(default="", repr=False)
    step_seconds: float = STEP_SECONDS
    message_seconds: float = MESSAGE_SECONDS

    async def deliver(self, message: EmailMessage) -> None:
        """Return when the server took the message. Raises Refused, Unreachable.

        Only a server's last word (5xx) on this recipient or this content is final. When it refuses the
        connection, the sign-in or the sender, every message suffers, and all wait until that is mended.
        """
        sender = message["From"].addresses[0].addr_spec
        recipient = recipient_of(message)
        async with self._in_time(), self._connected() as client:
            await self._hand_over(client, sender, recipient, message.as_bytes())

    async def check(self) -> None:
        """Connect and sign in, and send nothing. Raises Unreachable."""
        async with self._in_time(), self._connected() as client:
            await client.noop()

    @contextlib.asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        """Turn whatever goes wrong into Unreachable, slowness too."""
        import aiosmtplib

        try:
            async with asyncio.timeout(self.message_seconds):
                yield
        except Undelivered:
            raise
        except aiosmtplib.SMTPResponseException as error:
            raise Unreachable(_in_words(error)) from error
        except TimeoutError as error:
            raise Unreachable(f"{self.host}: no answer in time") from error
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise Unreachable(f"{self.host}: {_one_line(str(error)) or type(error).__name__}") from error

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator["SMTP"]:
        import aiosmtplib

        client = aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            local_hostname=self.host_name,
            timeout=self.step_seconds,
            use_tls=self.security == "tls",
            start_tls=self.security == "starttls",
            tls_context=None if self.security == "none" else ssl.create_default_context(),
            username=self.username or None,
            password=self.password if self.username else None,
        )
        try:
            await client.connect()
            yield client
            # What was taken stays taken, however the farewell goes.
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await client.quit()
        finally:
            client.close()

    async def _hand_over(self, client: "SMTP", sender: str, recipient: str, content: bytes) -> None:
        import aiosmtplib

        await client.mail(sender)
        try:
            await client.rcpt(recipient)
            await client.data(content)
        except (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError) as error:
            if 500 <= error.code < 600:
                raise Refused(_in_words(error)) from error
            raise


def _in_words(error: "SMTPResponseException") -> str:
    return f"{error.code} {_one_line(error.message)}"


def _one_line(text: str) -> str:
    return " ".join(text.split())[:300]
