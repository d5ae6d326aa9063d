"""Several servers on one database."""

import signal
from pathlib import Path
from types import TracebackType

from tests.api.desk import Server


class Start:
    """Starts servers that share a database, in the folder or at the URL; leaving it ends them.

    log: what all of them say.
    """

    def __init__(self, folder: Path, url: str | None) -> None:
        self.log = folder / "stderr.log"
        self._data, self._url = folder / "data", url
        self._servers: list[Server] = []

    def __call__(self, *, workers: int = 1, options: tuple[str, ...] = ()) -> Server:
        server = Server(log=self.log, data=self._data, database=self._url, workers=workers, options=options)
        self._servers.append(server)
        return server

    def __enter__(self) -> "Start":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        running = [server for server in self._servers if server.process.poll() is None]
        for server in running:
            server.process.send_signal(signal.SIGTERM)
        statuses = [server.wait() for server in running]
        if error is None:
            assert statuses == [0] * len(running), self.log.read_text()
