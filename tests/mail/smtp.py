"""A real mail server on loopback, of a library that is not ours, that does what a test tells it to."""

import asyncio
import datetime
import ipaddress
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


def certificate(folder: Path) -> tuple[Path, Path]:
    """Write a certificate for localhost and 127.0.0.1, and its key; return both files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "smtp.pem", folder / "smtp-key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return files


@dataclass
class MailServer:
    """What a server does and what it got.

    on_sender, on_recipient, on_content: what it says; empty for yes. delay_seconds: before it answers to
    content. hangs_up: it ends the connection instead. tls: its certificate and key; from_start: without
    STARTTLS. password: of the only user, `postman`; empty for no sign-in.
    """

    on_sender: str = ""
    on_recipient: str = ""
    on_content: str = ""
    delay_seconds: float = 0.0
    hangs_up: bool = False
    tls: tuple[Path, Path] | None = None
    from_start: bool = False
    password: str = ""
    port: int = 0
    received: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    signed_in: int = 0

    async def handle_MAIL(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not self.on_sender:
            envelope.mail_from = address
        return self.on_sender or "250 fine"

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not self.on_recipient:
            envelope.rcpt_tos.append(address)
        return self.on_recipient or "250 fine"

    async def handle_DATA(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.hangs_up:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            return ""
        await asyncio.sleep(self.delay_seconds)
        if self.on_content:
            return self.on_content
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.received.append(message)
        self.envelopes.append((envelope.mail_from or "", envelope.rcpt_tos))
        return "250 taken"

    def _sign_in(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        is_right = (data.login, data.password) == (b"postman", self.password.encode())
        self.signed_in += is_right
        return AuthResult(success=is_right, handled=False)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["MailServer"]:
        """Listen on a free port of 127.0.0.1 meanwhile."""
        context = None
        if self.tls is not None:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(*self.tls)
        starttls = None if self.from_start else context

        def protocol() -> SMTP:
            return SMTP(
                self,
                hostname="mail.test",
                tls_context=starttls,
                require_starttls=starttls is not None,
                authenticator=self._sign_in if self.password else None,
                auth_required=bool(self.password),
                auth_require_tls=starttls is not None or not self.password,
            )

        server = await asyncio.get_running_loop().create_server(
            protocol, "127.0.0.1", self.port, ssl=context if self.from_start else None
        )
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            await server.wait_closed()

    @contextmanager
    def in_thread(self) -> Iterator["MailServer"]:
        """The same for tests that block: in a loop of its own."""
        started, stop = threading.Event(), asyncio.Event()
        loop = asyncio.new_event_loop()

        async def run() -> None:
            async with self.running():
                started.set()
                await stop.wait()

        thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
        thread.start()
        assert started.wait(10)
        try:
            yield self
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join(10)
            loop.close()
