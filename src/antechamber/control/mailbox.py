"""The mail that dev caught: a folder with one `.eml` file a message."""

import asyncio
import functools
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from antechamber.domain.usernames import key_of

LONGEST_WAIT_SECONDS = 60.0
_LOOK_AGAIN_SECONDS = 0.03
_SUFFIX = ".eml"
_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
# The token stands in the fragment: no server on the way sees it.
_LINK = re.compile(r"https?://[^\s<>\"']+/(?:invite|sign-in)#[\w.~-]+")


@dataclass(frozen=True, slots=True)
class Caught:
    """One message.

    cursor: its place among all of them. link: to accept or to sign in with, empty for none.
    """

    id: str
    cursor: str
    to: str
    sender: str
    subject: str
    date: str
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    link: str

    def is_to(self, address: str) -> bool:
        """Tell whether it went to the address."""
        return key_of(address.strip()) == key_of(self.to)


class Mailbox:
    """Reads the folder anew each time, so every worker sees the same."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def messages(self, *, to: str = "", since: str = "") -> list[Caught]:
        """Return the messages, oldest first. to: for this address only. since: after this cursor only."""
        found = [_read(*place) for place in self._places() if place[1] > since]
        return [caught for caught in found if caught is not None and (not to or caught.is_to(to))]

    def find(self, id: str) -> Caught | None:
        """Return a message, or None."""
        if not _ID.fullmatch(id):
            return None
        file = self._folder / f"{id}{_SUFFIX}"
        cursor = _cursor(file)
        return _read(file, cursor) if cursor else None

    def raw(self, id: str) -> bytes | None:
        """Return a message as it would have gone over the wire, or None."""
        try:
            return (self._folder / f"{id}{_SUFFIX}").read_bytes() if _ID.fullmatch(id) else None
        except FileNotFoundError:
            return None

    async def wait(
        self, *, to: str, since: str, timeout_seconds: float, is_over: Callable[[], bool]
    ) -> Caught | None:
        """Return the first message after the cursor as soon as there is one, None when time is up.

        is_over: tells that nobody can wait any longer, since the server stops.
        """
        until = time.monotonic() + min(timeout_seconds, LONGEST_WAIT_SECONDS)
        while True:
            found = self.messages(to=to, since=since)
            if found:
                return found[0]
            if time.monotonic() >= until or is_over():
                return None
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    def clear(self, *, to: str = "") -> int:
        """Throw messages away, all or those to an address; return how many."""
        places = {caught.id for caught in self.messages(to=to)} if to else None
        count = 0
        for file, _ in self._places():
            if places is None or file.stem in places:
                file.unlink(missing_ok=True)
                count += 1
        return count

    def _places(self) -> list[tuple[Path, str]]:
        """Return files and their cursors, in the order in which they came."""
        try:
            files = [file for file in self._folder.iterdir() if file.suffix == _SUFFIX]
        except FileNotFoundError:
            return []
        places = [(file, _cursor(file)) for file in files]
        return sorted(((file, cursor) for file, cursor in places if cursor), key=lambda place: place[1])


def _cursor(file: Path) -> str:
    """Return the place of a file among all, empty where it has gone.

    The change time is the one of the renaming that made it appear; ids of one process ascend.
    """
    try:
        return f"{file.stat().st_ctime_ns:020d}-{file.stem}"
    except FileNotFoundError:
        return ""


@functools.lru_cache(maxsize=1000)
def _read(file: Path, cursor: str) -> Caught | None:
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return None
    message = BytesParser(policy=policy.default).parsebytes(content)
    text, html = _body(message, "plain"), _body(message, "html")
    link = _LINK.search(text) or _LINK.search(html)
    recipient = message["To"]
    addresses = [address.addr_spec for address in recipient.addresses] if recipient is not None else []
    return Caught(
        id=file.stem,
        cursor=cursor,
        to=addresses[0] if addresses else "",
        sender=str(message["From"] or ""),
        subject=str(message["Subject"] or ""),
        date=str(message["Date"] or ""),
        headers=tuple((name, str(value)) for name, value in message.items()),
        text=text,
        html=html,
        link=link[0] if link else "",
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    if part is None:
        return ""
    content = part.get_content()
    return content if isinstance(content, str) else ""
