"""What the end-to-end tests hold: the server by its API, and the post office by its letters."""

import email
import itertools
import re
import threading
from email.message import EmailMessage
from email.policy import default
from typing import Any

import requests
from requests.auth import HTTPDigestAuth

_LINK = re.compile(r"http://\S+/(?:invite|sign-in)#[\w-]+")
_numbers = itertools.count(1)


def fresh_address(word: str = "guest") -> str:
    """Return an address of the domain that mail may really go to, used by no other test."""
    return f"{word}{next(_numbers)}@mail.example"


class PostOffice:
    """Takes mail as an SMTP server's handler and gives it out again."""

    def __init__(self) -> None:
        self.port = 0
        self._letters: list[EmailMessage] = []
        self._arrived = threading.Condition()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        letter = email.message_from_bytes(envelope.content, policy=default)
        assert isinstance(letter, EmailMessage)
        with self._arrived:
            self._letters.append(letter)
            self._arrived.notify_all()
        return "250 OK"

    def wait_for(
        self, address: str, *, about: str = "", number: int = 1, seconds: float = 10.0
    ) -> EmailMessage:
        """Return the address's letter of that number, counted from 1, whose subject holds these words."""

        def found() -> EmailMessage | None:
            of_address = [
                letter for letter in self._letters if letter["To"].addresses[0].addr_spec == address
            ]
            fitting = [letter for letter in of_address if about in letter["Subject"]]
            return fitting[number - 1] if len(fitting) >= number else None

        with self._arrived:
            assert self._arrived.wait_for(lambda: found() is not None, seconds), f"no mail for {address}"
            letter = found()
        assert letter is not None
        return letter

    def count(self, address: str) -> int:
        """Return how many letters the address has got."""
        with self._arrived:
            return sum(letter["To"].addresses[0].addr_spec == address for letter in self._letters)


def text_of(letter: EmailMessage) -> str:
    """Return the plain text of a letter."""
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def link_of(letter: EmailMessage) -> str:
    """Return the link that the letter is about."""
    found = _LINK.search(text_of(letter))
    assert found is not None, text_of(letter)
    return found[0]


class Desk:
    """The running server, seen by its owner's key."""

    def __init__(self, info: dict[str, Any]) -> None:
        self.info = info
        self.url: str = info["url"]
        self.organization: str = info["orgId"]
        self.project: str = info["projectId"]
        self._session = requests.Session()
        self._session.auth = HTTPDigestAuth(info["publicKey"], info["privateKey"])

    def digest(self) -> HTTPDigestAuth:
        """Return the owner's key for a request of its own."""
        return HTTPDigestAuth(self.info["publicKey"], self.info["privateKey"])

    def ask(
        self, method: str, path: str, body: Any = None, *, version: str = "2025-02-19"
    ) -> requests.Response:
        """Return the answer of the API; path begins with /api."""
        return self._session.request(
            method,
            self.url + path,
            json=body,
            headers={"Accept": f"application/vnd.atlas.{version}+json"} if "/v2/" in path else {},
        )

    def got(self, path: str, **options: Any) -> Any:
        """Return the body of what can be read."""
        answer = self.ask("GET", path, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def invite(self, username: str, **values: Any) -> dict[str, Any]:
        """Invite somebody to the organization; return the invitation."""
        answer = self.ask(
            "POST",
            f"/api/atlas/v2/orgs/{self.organization}/invites",
            {"username": username, "roles": ["ORG_MEMBER"], **values},
            version="2023-01-01",
        )
        assert answer.status_code in (200, 201), answer.text
        invitation: dict[str, Any] = answer.json()
        return invitation

    def invite_to_project(self, username: str) -> dict[str, Any]:
        """Invite somebody to the project; return the invitation."""
        answer = self.ask(
            "POST",
            f"/api/atlas/v2/groups/{self.project}/invites",
            {"username": username, "roles": ["GROUP_READ_ONLY"]},
            version="2023-01-01",
        )
        assert answer.status_code in (200, 201), answer.text
        invitation: dict[str, Any] = answer.json()
        return invitation

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Return what the control API answers."""
        answer = requests.request(method, f"{self.url}/_antechamber/{path}", json=body, timeout=30)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None
