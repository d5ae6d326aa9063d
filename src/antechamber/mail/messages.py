"""One function an e-mail: each returns a finished message to one recipient.

What people have chosen, names and notes, never becomes a link or a header of its own: controls and marks
that turn the direction of text are dropped, and an invisible word joiner (U+2060) behind each dot, colon,
slash and at sign keeps mail programs from making links of it. The templates escape what stands in HTML.
"""

import email.policy
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from typing import NamedTuple
from urllib.parse import urlsplit

from antechamber.domain import usernames
from antechamber.domain.errors import InvalidUsername
from antechamber.domain.languages import ENGLISH
from antechamber.domain.mail import MessageType
from antechamber.mail.templates import Rendered, Templates

MOST_CHARACTERS = 500
# Every server takes seven bits.
_POLICY = email.policy.SMTP.clone(cte_type="7bit")
_FROM = re.compile(r"(?P<name>[^<>\"]*)<(?P<address>[^<>]+)>")
# The last three are dots to whoever resolves names.
_LINKING = re.compile("([.:/@\u3002\uff0e\uff61])(?=\\S)")
_WORD_JOINER = "\u2060"
# Scripts that are joined or kept apart by them need these two.
_KEPT_FORMATS = "\u200c\u200d"
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October"),
    *("November", "December"),
)


class Stationery(NamedTuple):
    """What all messages of a server have in common.

    sender: see `sender_address`. public_url: what links begin with.
    """

    templates: Templates
    sender: Address
    public_url: str


class Envelope(NamedTuple):
    """Whom a message is for. id: of its row in the outbox. language: one that is known."""

    id: str
    recipient: str
    language: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Invited:
    """What an invitation is to, as people see it.

    project: empty for an invitation to the organization. inviter: an e-mail address, or the name of a key.
    roles: as on the wire. token: the secret part of the link.
    """

    organization: str
    project: str
    inviter: str
    roles: Sequence[str]
    expires_at: datetime
    token: str

    def __repr__(self) -> str:
        return f"Invited(organization={self.organization!r}, project={self.project!r})"


def organization_invitation(on: Stationery, to: Envelope, invited: Invited) -> EmailMessage:
    """Return the invitation to an organization."""
    return _message(on, to, MessageType.ORGANIZATION_INVITATION, _values(on, to, invited))


def project_invitation(on: Stationery, to: Envelope, invited: Invited) -> EmailMessage:
    """Return the invitation to a project."""
    return _message(on, to, MessageType.PROJECT_INVITATION, _values(on, to, invited))


def changed_invitation(on: Stationery, to: Envelope, invited: Invited) -> EmailMessage:
    """Return the news that an invitation carries something else now."""
    return _message(on, to, MessageType.CHANGED_INVITATION, _values(on, to, invited))


def reminder(on: Stationery, to: Envelope, invited: Invited) -> EmailMessage:
    """Return the reminder of an invitation that ends soon."""
    return _message(on, to, MessageType.REMINDER, _values(on, to, invited))


def accepted_notice(
    on: Stationery, to: Envelope, *, person: str, organization: str, project: str
) -> EmailMessage:
    """Return the news to the inviter that a person has joined. project: empty for the organization."""
    values = {"person": plain(person), "organization": plain(organization), "project": plain(project)}
    return _message(on, to, MessageType.ACCEPTED_NOTICE, values)


def declined_notice(
    on: Stationery, to: Envelope, *, person: str, organization: str, project: str, note: str
) -> EmailMessage:
    """Return the news to the inviter that a person has declined. note: what they said, perhaps nothing."""
    values = {"person": plain(person), "organization": plain(organization), "project": plain(project)}
    return _message(on, to, MessageType.DECLINED_NOTICE, {**values, "note": plain(note)})


def sign_in_link(on: Stationery, to: Envelope, *, token: str, expires_at: datetime) -> EmailMessage:
    """Return the link that signs the recipient in."""
    link = f"{on.public_url.rstrip('/')}/sign-in#{token}"
    values = {"link": link, "expires_at": in_words(expires_at, to.language)}
    return _message(on, to, MessageType.SIGN_IN_LINK, values)


def preview(message_type: MessageType, language: str, templates: Templates, public_url: str) -> Rendered:
    """Return what a message with made-up content says. Raises BrokenTemplate."""
    message = _example(message_type, language, templates, public_url)
    parts = {
        part.get_content_type(): part.get_content().replace("\r\n", "\n") for part in message.iter_parts()
    }
    return Rendered(str(message["Subject"]), parts["text/plain"], parts["text/html"])


def _example(message_type: MessageType, language: str, templates: Templates, public_url: str) -> EmailMessage:
    at = datetime(2027, 1, 31, 9, 30, tzinfo=UTC)
    on = Stationery(templates, Address(addr_spec="no-reply@example.com"), public_url)
    to = Envelope("0" * 24, "robin@example.com", language, at)
    project = "" if message_type is MessageType.ORGANIZATION_INVITATION else "Mobile"
    role = "GROUP_READ_ONLY" if project else "ORG_MEMBER"
    invited = Invited("Acme", project, "kim@example.com", (role,), at, "preview")
    answered = {"person": "robin@example.com", "organization": "Acme", "project": project}
    match message_type:
        case MessageType.ORGANIZATION_INVITATION:
            return organization_invitation(on, to, invited)
        case MessageType.PROJECT_INVITATION:
            return project_invitation(on, to, invited)
        case MessageType.CHANGED_INVITATION:
            return changed_invitation(on, to, invited)
        case MessageType.REMINDER:
            return reminder(on, to, invited)
        case MessageType.ACCEPTED_NOTICE:
            return accepted_notice(on, to, **answered)
        case MessageType.DECLINED_NOTICE:
            return declined_notice(on, to, **answered, note="Thanks, I have an account already.")
        case MessageType.SIGN_IN_LINK:
            return sign_in_link(on, to, token="preview", expires_at=at)  # noqa: S106 - no secret


def sender_address(text: str) -> Address:
    """Return a sender: an address, perhaps with a name: `Acme access <access@acme.example>`.

    Raises ValueError for anything else.
    """
    named = _FROM.fullmatch(text.strip())
    name, spec = (named["name"].strip(), named["address"]) if named else ("", text.strip())
    if not name.isprintable():
        raise ValueError("a name without controls is wanted")
    try:
        return Address(name, addr_spec=usernames.parse(spec).text)
    except InvalidUsername:
        raise ValueError("an address is wanted, or a name and <address>") from None


def plain(text: str) -> str:
    """Return what somebody has chosen as one line of inert text: no controls, nothing that becomes a link."""
    kept = "".join(_harmless(character) for character in text)
    return _LINKING.sub(rf"\1{_WORD_JOINER}", " ".join(kept.split())[:MOST_CHARACTERS])


def _harmless(character: str) -> str:
    category = unicodedata.category(character)
    if category[0] == "Z" or category == "Cc":
        return " "
    return "" if category[0] == "C" and character not in _KEPT_FORMATS else character


def in_words(at: datetime, language: str) -> str:
    """Return an instant as people write it, in UTC."""
    at = at.astimezone(UTC)
    if language == ENGLISH:
        return f"{at.day} {_MONTHS[at.month - 1]} {at.year}, {at:%H:%M} UTC"
    return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}（UTC）"


def role_name(role: str) -> str:
    """Return a role as the service calls it in every language: ORG_READ_ONLY is Organization Read Only."""
    scope, _, rest = role.partition("_")
    scope = {"ORG": "Organization", "GROUP": "Project"}.get(scope, scope.capitalize())
    return f"{scope} {rest.replace('_', ' ').title()}"


def host_of(public_url: str) -> str:
    """Return the host of the server as mail headers write it."""
    host = urlsplit(public_url).hostname or "localhost"
    return f"[{host}]" if ":" in host else host


def _values(on: Stationery, to: Envelope, invited: Invited) -> dict[str, object]:
    """Return what templates of mails that invite may use. Keys are not named: they mean nothing to people."""
    return {
        "organization": plain(invited.organization),
        "project": plain(invited.project),
        "inviter": plain(invited.inviter) if "@" in invited.inviter else "",
        "roles": [role_name(role) for role in invited.roles],
        "expires_at": in_words(invited.expires_at, to.language),
        "link": f"{on.public_url.rstrip('/')}/invite#{invited.token}",
    }


def _message(
    on: Stationery, to: Envelope, message_type: MessageType, values: Mapping[str, object]
) -> EmailMessage:
    """Return the message in words. Raises BrokenTemplate."""
    host = host_of(on.public_url)
    common = {"language": to.language, "recipient": plain(to.recipient), "server": host, "link": ""}
    rendered = on.templates.render(message_type.value, to.language, {**common, **values})
    message = EmailMessage(_POLICY)
    message["Message-ID"] = f"<{to.id}@{host}>"
    message["Date"] = to.created_at
    message["From"] = on.sender
    message["To"] = Address(addr_spec=to.recipient)
    message["Subject"] = rendered.subject
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(rendered.text)
    message.add_alternative(rendered.html, subtype="html")
    message["Content-Language"] = to.language
    return message
