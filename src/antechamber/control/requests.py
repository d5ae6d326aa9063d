"""The last requests, whichever worker answered them."""

import mmap
import time
from datetime import UTC, datetime
from multiprocessing import Lock

import msgspec

from antechamber.control import BASE_PATH

MOST_REQUESTS = 1000
_SLOT_BYTES = 1024
_PATH_CHARACTERS = 400
_COUNT_BYTES = 8


class Seen(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """One request: never a query, a header or a body, which may hold secrets.

    at: real time. operation: the API's operation id or the page, empty for neither. caller: public key,
    client id or user name, empty for nobody. id: as in the answer's X-Request-Id.
    """

    id: str
    at: str
    method: str
    path: str
    status: int
    operation: str
    milliseconds: float
    caller: str
    address: str


class Requests:
    """A ring in memory that all workers share. Made before they are forked."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _COUNT_BYTES + MOST_REQUESTS * _SLOT_BYTES)
        self._writing = Lock()

    def put(self, seen: Seen) -> None:
        """Take down a request; the oldest one makes room."""
        if len(seen.path) > _PATH_CHARACTERS:
            seen = msgspec.structs.replace(seen, path=f"{seen.path[:_PATH_CHARACTERS]}…")
        line = msgspec.json.encode(seen)
        if len(line) >= _SLOT_BYTES - 2:
            line = msgspec.json.encode(msgspec.structs.replace(seen, path="…", caller="…"))
        with self._writing:
            count = self._count()
            at = _COUNT_BYTES + count % MOST_REQUESTS * _SLOT_BYTES
            self._memory[at : at + 2] = len(line).to_bytes(2, "big")
            self._memory[at + 2 : at + 2 + len(line)] = line
            self._keep_count(count + 1)

    def last(self, most: int) -> list[Seen]:
        """Return the last requests, the newest first."""
        lines = []
        with self._writing:
            count = self._count()
            for number in range(count - 1, max(count - min(most, MOST_REQUESTS), 0) - 1, -1):
                at = _COUNT_BYTES + number % MOST_REQUESTS * _SLOT_BYTES
                length = int.from_bytes(self._memory[at : at + 2], "big")
                lines.append(self._memory[at + 2 : at + 2 + length])
        return [_decode(line) for line in lines]

    def clear(self) -> None:
        """Forget all of them."""
        with self._writing:
            self._keep_count(0)

    def _count(self) -> int:
        return int.from_bytes(self._memory[:_COUNT_BYTES], "big")

    def _keep_count(self, count: int) -> None:
        self._memory[:_COUNT_BYTES] = count.to_bytes(_COUNT_BYTES, "big")


class Recorder:
    """Takes down what one worker answers; what the desk itself is asked is left out."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests
        self._observed: dict[str, tuple[str, str]] = {}

    def observed(self, id: str, operation: str, caller: str) -> None:
        """Note what a request turned out to be, until it is answered."""
        self._observed[id] = (operation, caller)

    def answered(
        self, id: str, method: str, path: str, status: int, address: str, began_seconds: float
    ) -> None:
        """Take down a request. began_seconds: by time.perf_counter()."""
        operation, caller = self._observed.pop(id, ("", ""))
        if path.startswith(BASE_PATH):
            return
        self._requests.put(
            Seen(
                id=id,
                at=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                method=method,
                path=path,
                status=status,
                operation=operation,
                milliseconds=round((time.perf_counter() - began_seconds) * 1000, 2),
                caller=caller,
                address=address,
            )
        )


_decode = msgspec.json.Decoder(Seen).decode
