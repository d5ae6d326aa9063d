"""What messages look like: every type in every language, and what becomes of names that want more."""

import itertools
import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.domain.languages import LANGUAGES
from antechamber.domain.mail import MessageType
from antechamber.mail import messages
from antechamber.mail.messages import Envelope, Invited, Stationery, plain
from antechamber.mail.templates import FOLDER, BrokenTemplate, Templates

TEMPLATES = Templates()
AT = datetime(2026, 2, 3, 4, 5, tzinfo=UTC)
ON = Stationery(TEMPLATES, messages.sender_address("Acme <a@acme.example>"), "https://desk.example:8443")
WICKED = (
    "Acme\r\nBcc: all@evil.example\x00\x1b <script>alert(1)</script> \u202egnp.exe http://evil.com www.a.b"
)


def envelope(language: str = "en") -> Envelope:
    return Envelope("a" * 24, "robin@example.com", language, AT)


def invitation(name: str, language: str = "en", inviter: str = "kim@example.com") -> EmailMessage:
    invited = Invited(name, name, inviter, ("ORG_READ_ONLY", "ORG_OWNER"), AT, "s3cret")
    return messages.reminder(ON, envelope(language), invited)


def parts(message: EmailMessage) -> tuple[str, str]:
    text, html = message.iter_parts()
    return text.get_content().replace("\r\n", "\n"), html.get_content()


class Links(HTMLParser):
    """Where the links of a page lead, and which elements it has."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: set[str | None] = set()
        self.elements: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.links |= {value for name, value in attrs if name in ("href", "src", "action")}


@pytest.mark.parametrize(("message_type", "language"), list(itertools.product(MessageType, LANGUAGES)))
def test_every_message_is_there_in_every_language(message_type: MessageType, language: str) -> None:
    subject, text, html = messages.preview(message_type, language, TEMPLATES, "https://desk.example")
    assert subject
    assert "\n" not in subject
    page = Links(html)
    assert "{" not in subject + text + html.partition("</style>")[2]
    if message_type in (MessageType.ACCEPTED_NOTICE, MessageType.DECLINED_NOTICE):
        assert not page.links
    else:
        path = "sign-in" if message_type is MessageType.SIGN_IN_LINK else "invite"
        assert page.links == {f"https://desk.example/{path}#preview"}
        assert f"\nhttps://desk.example/{path}#preview\n" in text
        assert "2027" in text
        assert "UTC" in html
    assert f'<html lang="{language}">' in html
    assert not page.elements & {"script", "img", "form", "table"}


def test_every_template_belongs_to_a_message() -> None:
    folders = {folder.name for folder in FOLDER.iterdir()}
    assert folders == {message_type.value for message_type in MessageType} | {"common"}


def test_the_head_says_who_when_and_that_a_machine_wrote_it() -> None:
    message = invitation("Acme", "ja")
    assert message["Message-ID"] == f"<{'a' * 24}@desk.example>"
    assert message["From"] == "Acme <a@acme.example>"
    assert message["To"] == "robin@example.com"
    assert message["Date"].datetime == AT
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "ja"
    assert not {"reply-to", "cc", "bcc", "sender"} & {name.lower() for name in message}
    assert message.get_content_type() == "multipart/alternative"
    assert all(byte < 128 for byte in message.as_bytes())


def test_a_message_sent_again_has_the_same_id() -> None:
    assert invitation("Acme")["Message-ID"] == invitation("Renamed meanwhile")["Message-ID"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_name_is_no_header_no_markup_and_no_link(language: str) -> None:
    sent = message_from_bytes(invitation(WICKED, language).as_bytes(), policy=policy.default)
    assert isinstance(sent, EmailMessage)
    assert "Bcc" not in sent
    text, html = parts(sent)
    page = Links(html)
    assert "script" not in page.elements
    assert page.links == {"https://desk.example:8443/invite#s3cret"}
    for words in (str(sent["Subject"]), text, html):
        assert not re.search(r"[\x00-\x09\x0b-\x1f\u202e]", words.replace("\r\n", "\n"))
        for linked in ("evil.com", "evil.example", "http://evil", "www.a", "all@evil"):
            assert linked not in words


@given(st.text(st.characters(codec="utf-8"), max_size=80))
def test_whatever_a_name_is_the_message_keeps_its_shape(name: str) -> None:
    sent = message_from_bytes(invitation(name).as_bytes(), policy=policy.default)
    assert isinstance(sent, EmailMessage)
    assert sent.keys() == invitation("Acme").keys()
    assert [part.get_content_type() for part in sent.iter_parts()] == ["text/plain", "text/html"]
    assert Links(parts(sent)[1]).links == {"https://desk.example:8443/invite#s3cret"}
    assert not re.search(r"[.:/@]\S*[.:/@]", plain(name).replace("\u2060", " "))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Acme", "Acme"),
        ("Ünïcode 株式会社", "Ünïcode 株式会社"),
        ("A\tb\n c", "A b c"),
        ("evil.com", "evil.\u2060com"),
        ("x。com", "x。\u2060com"),
        ("e.g. this", "e.\u2060g. this"),
        ("a\u200bb\u2066c\ufeff", "abc"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("x" * 600, "x" * 500),
    ],
)
def test_names_become_plain(text: str, wanted: str) -> None:
    assert plain(text) == wanted


def test_a_key_that_invites_is_not_named_and_roles_are_called_as_the_service_calls_them() -> None:
    text, _ = parts(invitation("Acme", inviter="abcdefgh"))
    assert "abcdefgh" not in text
    assert "Organization Read Only, Organization Owner" in text


def test_what_somebody_declined_with_is_told_and_left_out_when_there_is_nothing() -> None:
    def told(note: str) -> str:
        return parts(
            messages.declined_notice(
                ON, envelope(), person="p@q.example", organization="Acme", project="", note=note
            )
        )[0]

    assert "No time,\u2060 sorry" not in told("No time, sorry")
    assert "What they said:\n  No time, sorry" in told("No time,\nsorry")
    assert "What they said" not in told("")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("access@acme.example", "access@acme.example"),
        ("<access@acme.example>", "access@acme.example"),
        ("Acme access <access@acme.example>", "Acme access <access@acme.example>"),
        ("株式会社 <access@acme.example>", "株式会社 <access@acme.example>"),
    ],
)
def test_a_sender_is_an_address_perhaps_with_a_name(text: str, wanted: str) -> None:
    assert str(messages.sender_address(text)) == wanted


@pytest.mark.parametrize(
    "text", ["", "Acme", "a@b@c", "A <a@b.c> <d@e.f>", "A\r\nBcc: x@y.z <a@b.example>", 'A "x" <a@b.example>']
)
def test_another_sender_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="wanted"):
        messages.sender_address(text)


def test_templates_of_ones_own_take_the_place_of_ours_one_by_one(tmp_path: Path) -> None:
    own = tmp_path / "sign-in-link"
    own.mkdir()
    (own / "en.txt").write_text("Subject: Hello {{ recipient }}\n\n{{ link }}\n")
    rendered = messages.preview(MessageType.SIGN_IN_LINK, "en", Templates(tmp_path), "https://desk.example")
    assert rendered.subject == "Hello robin@\u2060example.\u2060com"
    assert rendered.text == "https://desk.example/sign-in#preview\n"
    assert (
        rendered.html
        == messages.preview(MessageType.SIGN_IN_LINK, "en", TEMPLATES, "https://desk.example").html
    )


@pytest.mark.parametrize(
    ("own", "why"),
    [
        ("Subject: {{ link", "TemplateSyntaxError"),
        ("Subject: {{ nobody_knows }}", "nobody_knows"),
        ("Subject: {{ 1 / 0 }}", "ZeroDivisionError"),
        ("No subject\n", "first line"),
    ],
)
def test_a_broken_template_of_ones_own_is_told_and_ours_is_not_sent_instead(
    tmp_path: Path, own: str, why: str
) -> None:
    (tmp_path / "reminder").mkdir()
    (tmp_path / "reminder" / "ja.txt").write_text(own)
    with pytest.raises(BrokenTemplate, match=f"reminder/ja.txt: .*{why}"):
        messages.preview(MessageType.REMINDER, "ja", Templates(tmp_path), "https://desk.example")


def test_an_ipv6_host_is_written_as_headers_want_it() -> None:
    assert messages.host_of("http://[::1]:8080") == "[::1]"
    assert messages.host_of("http://127.0.0.1:8080") == "127.0.0.1"
