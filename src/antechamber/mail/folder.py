"""Mail as files, for development and tests: whole messages with all headers, one file each."""

import asyncio
from email.message import EmailMessage
from pathlib import Path

from antechamber.mail.delivery import Unreachable


class FolderDelivery:
    """Writes each message to `<outbox id>.eml`; who lists the folder sees whole files only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def deliver(self, message: EmailMessage) -> None:
        """Write the message; one delivered again replaces itself. Raises Unreachable."""
        name = str(message["Message-ID"]).strip("<>").partition("@")[0]
        try:
            await asyncio.to_thread(self._write, name, message.as_bytes())
        except OSError as error:
            raise Unreachable(f"{self._folder}: {error.strerror or error}") from error

    def _write(self, name: str, content: bytes) -> None:
        # Links in it sign people in: nobody else on this machine may read them.
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = self._folder / f".{name}.new"
        unfinished.touch(mode=0o600)
        unfinished.write_bytes(content)
        unfinished.replace(self._folder / f"{name}.eml")
