"""A relay between a server and PostgreSQL that can be cut like a cable."""

import contextlib
import socket
import threading
from pathlib import Path
from types import TracebackType


class Relay:
    """Carries connections from a TCP port to PostgreSQL's socket file. url: what to connect to."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = (
            f"postgresql://postgres@127.0.0.1:{self._listening.getsockname()[1]}/postgres?sslmode=disable"
        )
        self._is_cut = False
        self._flowing = threading.Event()
        self._flowing.set()
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)

    def cut(self) -> None:
        """End all connections, and every one that is opened from now on."""
        with self._lock:
            self._is_cut = True
            for one in self._open:
                _end(one)
            self._open.clear()

    def stall(self) -> None:
        """Carry nothing, and tell nobody: what a lost machine looks like."""
        self._flowing.clear()

    def mend(self) -> None:
        """Carry what is opened from now on, and what was held up."""
        with self._lock:
            self._is_cut = False
        self._flowing.set()

    def __enter__(self) -> "Relay":
        self._accepting.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.cut()
        self._flowing.set()
        # Wakes the thread that waits for connections up.
        self._listening.shutdown(socket.SHUT_RDWR)
        self._accepting.join(10)
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            with self._lock:
                if self._is_cut:
                    _end(near)
                    continue
                far = socket.socket(socket.AF_UNIX)
                try:
                    far.connect(str(self._target))
                except OSError:
                    _end(near)
                    continue
                self._open += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self._flowing.wait()
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)


def _end(one: socket.socket) -> None:
    # Closing alone would wait for the thread that reads.
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
