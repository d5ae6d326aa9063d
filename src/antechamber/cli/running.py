"""Running the server: its address, its workers, and the moment from which it answers."""

import asyncio
import contextlib
import os
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from antechamber.settings import Settings

if TYPE_CHECKING:
    from antechamber.control.development import Development

# Source: SECURITY-MODEL "Limits": headers 16 KiB within 10 s, and a target of 8 KiB.
HEADER_BYTES = 24 * 1024
HEADER_SECONDS = 10
SHUTDOWN_SECONDS = 30
GC_THRESHOLD_OBJECTS = 20_000
_PROBE_SECONDS = 0.002
_STOPPING = (signal.SIGTERM, signal.SIGINT)


class AddressUnavailable(Exception):
    """The address cannot be listened on; the message says why."""


class Reservation:
    """An address that nobody else gets while the server is not listening on it yet.

    host: as it was asked for. address: the IP address it stands for. port: never 0.
    """

    def __init__(self, host: str, port: int) -> None:
        """Bind the address without listening. port: 0 for any free one. Raises AddressUnavailable."""
        self.host = host
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
            family, _, _, _, place = found[0]
            if port:
                # Workers share a port, so binding it like a worker would succeed beside another server.
                with socket.socket(family, socket.SOCK_STREAM) as alone:
                    alone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    alone.bind(place)
            self._socket = socket.socket(family, socket.SOCK_STREAM)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            self._socket.bind(place)
        except OSError as error:
            raise AddressUnavailable(
                f"cannot listen on {host} port {port}: {error.strerror or error}"
            ) from error
        self.address, self.port = self._socket.getsockname()[:2]

    def url(self, scheme: str = "http") -> str:
        """Return the address to be called from this machine, without a trailing slash."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104
        return f"{scheme}://[{host}]:{self.port}" if ":" in host else f"{scheme}://{host}:{self.port}"

    def close(self) -> None:
        """Give the address back."""
        self._socket.close()


@contextlib.contextmanager
def _metrics_folder(workers: int) -> Iterator[Path | None]:
    """Give several workers a folder to count requests in together; a single one needs none."""
    if workers < 2:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="antechamber-metrics-") as folder:
        yield Path(folder)


def run(
    settings: Settings,
    reservation: Reservation,
    *,
    announce: Callable[[], None],
    logging: dict[str, Any],
    respawn: bool,
    development: "Development | None" = None,
) -> None:
    """Serve until SIGTERM or SIGINT, then finish the requests that run.

    announce: called once, by one of the workers, as soon as all of them answer requests. logging: for the
    server's own messages, as logging.config.dictConfig takes it. respawn: a worker that died is replaced.
    development: of `antechamber dev`, and of nobody else.
    Raises SystemExit when workers die.
    """
    import gc
    import multiprocessing

    from granian.constants import Interfaces, Loops, SSLProtocols
    from granian.http import HTTP1Settings
    from granian.log import LogLevels
    from granian.server.mp import MPServer

    from antechamber.app import Application

    # Nothing is ever written: its end tells the workers that the parent is gone.
    read_end, write_end = os.pipe()
    started = multiprocessing.Value("i", 0)

    def load() -> Any:
        os.close(write_end)
        os.set_blocking(read_end, False)
        ready = partial(_stand_by, read_end, _last_of(settings.workers, started), reservation, announce)
        application = Application(
            settings, ready=ready, metrics_folder=metrics_folder, development=development
        )
        return application.rsgi()

    class Server(MPServer):
        def signal_handler_interrupt(self, *args: Any, **kwargs: Any) -> None:
            if development is not None:
                # Who waits for mail shall not hold up the end.
                development.is_stopping.set()
            super().signal_handler_interrupt(*args, **kwargs)  # type: ignore[no-untyped-call]

    # A worker that is told to stop before it listens would miss it: the word waits until it does.
    os.register_at_fork(
        before=partial(signal.pthread_sigmask, signal.SIG_BLOCK, _STOPPING),
        after_in_parent=_listen_to_signals,
    )
    # What the parent has loaded is shared with the workers, not copied.
    multiprocessing.set_start_method("fork", force=True)
    gc.collect()
    gc.freeze()
    # A request leaves no cycles behind: looking for them every 700 objects is time lost to all requests.
    gc.set_threshold(GC_THRESHOLD_OBJECTS)
    has_tls = bool(settings.tls_certificate)
    server = Server(
        "antechamber",
        address=reservation.address,
        port=reservation.port,
        interface=Interfaces.RSGI,
        workers=settings.workers,
        websockets=False,
        loop=Loops.uvloop if find_spec("uvloop") else Loops.asyncio,
        log_level=LogLevels.warning,
        log_dictconfig=logging,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000, max_buffer_size=HEADER_BYTES),
        ssl_cert=Path(settings.tls_certificate) if has_tls else None,
        ssl_key=Path(settings.tls_key) if has_tls else None,
        ssl_protocol_min=SSLProtocols.tls12,
        workers_kill_timeout=SHUTDOWN_SECONDS,
        respawn_failed_workers=respawn,
    )
    with _metrics_folder(settings.workers) as metrics_folder:
        server.serve(target_loader=load, wrap_loader=False)


def _last_of(workers: int, started: Any) -> Callable[[], bool]:
    """Return a function that counts a worker in, and tells the last one of the first start that it is.

    A worker hears a signal only once it runs: who is told that the server is ready may stop it at once.
    """

    def is_last() -> bool:
        with started.get_lock():
            started.value += 1
            return bool(started.value == workers)

    return is_last


def _stand_by(
    read_end: int, is_last: Callable[[], bool], reservation: Reservation, announce: Callable[[], None]
) -> None:
    """Listen to signals; announce, in the loop of the last worker that started; end with the parent."""
    loop = asyncio.get_running_loop()
    _listen_to_signals()

    def on_end() -> None:
        loop.remove_reader(read_end)
        os.kill(os.getpid(), signal.SIGTERM)

    loop.add_reader(read_end, on_end)
    if is_last():
        task = loop.create_task(_announce(reservation, announce))
        # Should announcing fail, the loop says so at once; the list keeps the task until then.
        _ANNOUNCING.append(task)
        task.add_done_callback(asyncio.Task.result)


def _listen_to_signals() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)


_ANNOUNCING: list[asyncio.Task[None]] = []


async def _announce(reservation: Reservation, announce: Callable[[], None]) -> None:
    # The listener is another thread's: the loop may run a moment earlier.
    while True:
        try:
            _, writer = await asyncio.open_connection(reservation.address, reservation.port)
        except ConnectionRefusedError:
            await asyncio.sleep(_PROBE_SECONDS)
        else:
            writer.close()
            break
    announce()
