"""Handing messages to mail servers that take them, and to others."""

import asyncio
import os
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from tests.mail.smtp import MailServer, certificate

from antechamber.mail import messages
from antechamber.mail.delivery import AlsoTo, OnlyTo, Recipients, Refused, Unreachable
from antechamber.mail.folder import FolderDelivery
from antechamber.mail.messages import Envelope, Stationery
from antechamber.mail.smtp import Security, SmtpDelivery
from antechamber.mail.templates import Templates

pytestmark = pytest.mark.usefixtures("runner")
ID = "0123456789abcdef01234567"


def message(recipient: str = "robin@example.com") -> EmailMessage:
    on = Stationery(Templates(), messages.sender_address("Acme <a@acme.example>"), "https://desk.example")
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return messages.sign_in_link(on, Envelope(ID, recipient, "zh", at), token="t" * 43, expires_at=at)


def delivery(
    server: MailServer, security: Security = "none", username: str = "", password: str = ""
) -> SmtpDelivery:
    return SmtpDelivery(
        "127.0.0.1", server.port, security, "desk.example", username, password, step_seconds=1.0
    )


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A certificate that this machine trusts."""
    files = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))
    return files


async def test_a_server_gets_the_message_whole_from_the_sender_to_one_recipient() -> None:
    async with MailServer().running() as server:
        await delivery(server).deliver(message())
    (received,) = server.received
    assert server.envelopes == [("a@acme.example", ["robin@example.com"])]
    assert received["Message-ID"] == f"<{ID}@desk.example>"
    body = received.get_body(("plain",))
    assert body is not None
    assert "https://desk.example/sign-in#" + "t" * 43 in body.get_content()


async def test_starttls_and_sign_in(tls: tuple[Path, Path]) -> None:
    async with MailServer(tls=tls, password="secret").running() as server:
        await delivery(server, "starttls", "postman", "secret").deliver(message())
        await delivery(server, "starttls", "postman", "secret").check()
    assert (len(server.received), server.signed_in) == (1, 2)


async def test_tls_from_the_first_byte(tls: tuple[Path, Path]) -> None:
    async with MailServer(tls=tls, from_start=True).running() as server:
        await delivery(server, "tls").deliver(message())
    assert len(server.received) == 1


async def test_a_certificate_that_nobody_vouches_for_is_not_talked_to(tmp_path: Path) -> None:
    async with MailServer(tls=certificate(tmp_path)).running() as server:
        with pytest.raises(Unreachable, match="certificate"):
            await delivery(server, "starttls").deliver(message())
    assert not server.received


async def test_a_server_without_starttls_gets_nothing_where_it_is_wanted() -> None:
    async with MailServer().running() as server:
        with pytest.raises(Unreachable):
            await delivery(server, "starttls").deliver(message())
    assert not server.received


@pytest.mark.parametrize(
    ("server", "wanted"),
    [
        (MailServer(on_recipient="550 no such user"), Refused),
        (MailServer(on_content="554 spam"), Refused),
        (MailServer(on_recipient="451 grey list"), Unreachable),
        (MailServer(on_content="452 disk full"), Unreachable),
        # These say nothing of the message: whoever runs the server has to do something.
        (MailServer(on_sender="550 not you"), Unreachable),
        (MailServer(hangs_up=True), Unreachable),
        (MailServer(delay_seconds=1.5), Unreachable),
    ],
    ids=["no-recipient", "spam", "grey-list", "disk-full", "no-sender", "hangs-up", "slow"],
)
async def test_what_a_server_says_of_the_message_is_final_and_the_rest_is_not(
    server: MailServer, wanted: type[Exception]
) -> None:
    async with server.running():
        with pytest.raises(wanted) as raised:
            await delivery(server).deliver(message())
    for answer in (server.on_recipient, server.on_content, server.on_sender):
        assert answer in str(raised.value)
    assert not server.received
    # A slow server ends its own session later.
    await asyncio.sleep(server.delay_seconds / 2)


async def test_a_wrong_password_and_a_missing_server_are_told_and_can_be_mended(
    tls: tuple[Path, Path],
) -> None:
    async with MailServer(tls=tls, password="secret").running() as server:
        with pytest.raises(Unreachable, match="535"):
            await delivery(server, "starttls", "postman", "wrong").deliver(message())
        with pytest.raises(Unreachable):
            await delivery(server, "starttls", "postman", "wrong").check()
    with pytest.raises(Unreachable, match="127"):
        await delivery(server).deliver(message())


def test_inv24_a_password_is_in_no_representation() -> None:
    assert "secret" not in repr(delivery(MailServer(port=1), "tls", "postman", "secret"))


async def test_a_folder_has_whole_messages_that_others_cannot_read(tmp_path: Path) -> None:
    folder = FolderDelivery(tmp_path / "mail")
    await folder.deliver(message())
    await folder.deliver(message())
    (file,) = (tmp_path / "mail").iterdir()
    assert file.name == f"{ID}.eml"
    assert file.stat().st_mode & 0o077 == 0
    written = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert written.items()[:6] == message().items()[:6]
    assert file.read_bytes().endswith(b"--\r\n")


async def test_a_folder_that_cannot_be_written_to_is_a_failure_like_others(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file")
    with pytest.raises(Unreachable, match="mail"):
        await FolderDelivery(tmp_path / "mail").deliver(message())


async def test_only_listed_recipients_get_mail_and_others_are_refused_aloud(tmp_path: Path) -> None:
    only = OnlyTo(Recipients(["Robin@Example.com", "@acme.example"]), FolderDelivery(tmp_path))
    for listed in ("robin@example.com", "anybody@ACME.example"):
        await only.deliver(message(listed))
    for other in ("kim@example.com", "x@sub.acme.example", "robin@example.com.evil.example"):
        with pytest.raises(Refused, match="mail_recipients"):
            await only.deliver(message(other))


async def test_beside_a_folder_a_server_gets_what_is_for_listed_recipients_alone(tmp_path: Path) -> None:
    async with MailServer().running() as server:
        both = AlsoTo(FolderDelivery(tmp_path), Recipients(["@example.com"]), delivery(server))
        await both.deliver(message("kim@elsewhere.example"))
        assert not server.received
        await both.deliver(message("robin@example.com"))
    assert [to for _, to in server.envelopes] == [["robin@example.com"]]
    assert os.listdir(tmp_path) == [f"{ID}.eml"]  # noqa: PTH208 - nothing here blocks for long
