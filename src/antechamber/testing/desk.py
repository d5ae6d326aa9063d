"""The development desk, `/_antechamber/`, as Python objects."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from antechamber.testing.asking import Connection

_BASE = "/_antechamber"
LONGEST_WAIT_SECONDS = 60.0


class Problem(Exception):
    """The development desk refused. status, code: as it answered."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status, self.code = status, code


class NoMail(AssertionError):
    """The mail that a test waited for did not come."""


class Desk:
    """Asks the desk of one server."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def ask(
        self, method: str, path: str, body: object = None, *, query: dict[str, object] | None = None
    ) -> Any:
        """Return the body of an answer. path: below /_antechamber. Raises Problem, OSError."""
        answer = self.connection.ask(method, f"{_BASE}{path}", body, query=query)
        if answer.is_success:
            return answer.body
        problem = answer.body if isinstance(answer.body, dict) else {}
        raise Problem(answer.status, problem.get("errorCode", ""), problem.get("detail", str(answer.body)))


@dataclass(frozen=True)
class Mail:
    """A caught mail. link: where it is accepted or signed in, empty for none. headers: by name as sent."""

    id: str
    to: str
    sender: str
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    link: str
    headers: dict[str, str] = field(repr=False)


class Mailbox:
    """The mail that a server caught: all of it, or from one moment on."""

    def __init__(self, desk: Desk, since: str = "") -> None:
        self._desk = desk
        self._since = since
        # By address: what was waited for does not come a second time.
        self._cursors: dict[str, str] = {}

    def wait_for(self, address: str, timeout: float = 10.0) -> Mail:
        """Return the next mail to the address: each call another one, oldest first.

        timeout: seconds, 60 at most. Raises NoMail.
        """
        query: dict[str, object] = {
            "to": address,
            "since": self._cursors.get(address.lower(), self._since),
            "timeoutSeconds": min(timeout, LONGEST_WAIT_SECONDS),
        }
        try:
            found = self._desk.ask("GET", "/mail/next", query=query)
        except Problem as problem:
            if problem.status != 404:
                raise
            others = ", ".join(f"{mail.to} ({mail.subject})" for mail in self.messages()[-5:]) or "none"
            raise NoMail(
                f"no mail to {address} within {timeout:g} seconds; the last ones: {others}"
            ) from None
        self._cursors[address.lower()] = found["cursor"]
        return _mail(found)

    def messages(self, to: str = "") -> list[Mail]:
        """Return the mail, oldest first. to: of one address."""
        query: dict[str, object] = {"to": to, "since": self._since}
        return [_mail(one) for one in self._desk.ask("GET", "/mail", query=query)["messages"]]

    def clear(self, to: str = "") -> None:
        """Throw mail away, all of the server's or that of one address."""
        self._desk.ask("DELETE", "/mail", query={"to": to})


def mailbox_from_now(desk: Desk) -> Mailbox:
    """Return the mailbox without what came before."""
    return Mailbox(desk, desk.ask("GET", "/mail")["cursor"])


class Clock:
    """The server's clock. It is the server's: everybody who uses the same server sees it move."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @property
    def now(self) -> datetime:
        """What the server takes for now: aware UTC, whole seconds."""
        return datetime.fromisoformat(self._desk.ask("GET", "/clock")["now"])

    def freeze(self, at: datetime | None = None) -> datetime:
        """Let it stand still, now or at an aware time; return what it shows."""
        return self._steer({"frozen": True} if at is None else {"frozenAt": _written(at)})

    def go_on(self) -> datetime:
        """Let a frozen clock run from where it stands."""
        return self._steer({"frozen": False})

    def set(self, to: datetime) -> datetime:
        """Set it to an aware time; return what it shows."""
        return self._steer({"set": _written(to)})

    def advance(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0
    ) -> datetime:
        """Let time pass; what is due by then is done when this returns. Returns what it shows."""
        span = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        return self._steer({"advanceSeconds": int(span.total_seconds())})

    def real(self) -> datetime:
        """Let it show real time again."""
        return self._steer({"real": True})

    def _steer(self, wish: dict[str, object]) -> datetime:
        return datetime.fromisoformat(self._desk.ask("PUT", "/clock", wish)["now"])


def answer_invitation(desk: Desk, invitation_id: str, verb: str, body: dict[str, str]) -> dict[str, Any]:
    """Accept or decline; return the invitation as it is then."""
    given = {name: value for name, value in body.items() if value}
    answered: dict[str, Any] = desk.ask("POST", f"/invitations/{quote(invitation_id)}/{verb}", given)
    return answered


def _written(at: datetime) -> str:
    if at.tzinfo is None:
        raise ValueError("an aware time is wanted: datetime(…, tzinfo=UTC)")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _mail(found: dict[str, Any]) -> Mail:
    return Mail(
        id=found["id"],
        to=found["to"],
        sender=found["sender"],
        subject=found["subject"],
        text=found["text"],
        html=found["html"],
        link=found["link"],
        headers={one["name"]: one["value"] for one in found["headers"]},
    )
