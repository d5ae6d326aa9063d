"""A clock that all workers of one server share and that can be steered."""

import math
import mmap
import time
from multiprocessing import Lock
from typing import NamedTuple

# Ids carry their second in 32 bits, dates of the wire have four digits for the year.
EARLIEST_SECONDS = 0
LATEST_SECONDS = 4_102_444_800
_OFFSET, _FROZEN_AT, _SLOTS = 0, 1, 2


class OutOfRange(ValueError):
    """A time before 1970 or after 2099."""


class Reading(NamedTuple):
    """What the clock shows: Unix seconds, whether it stands still, and whether anybody has steered it."""

    now: float
    is_frozen: bool
    is_steered: bool


class SteeredClock:
    """Unix seconds, from real time or as steered. Made before the workers are forked, it is one for all.

    Transactions ask it; Digest nonces, TLS and how long something takes go by real time.
    """

    def __init__(self) -> None:
        # One 8-byte number is read or written as a whole, so readers need no lock.
        self._memory = mmap.mmap(-1, 8 * _SLOTS)
        self._slots = memoryview(self._memory).cast("d")
        self._slots[_FROZEN_AT] = math.nan
        self._writing = Lock()

    def __call__(self) -> float:
        frozen_at = self._slots[_FROZEN_AT]
        return time.time() + self._slots[_OFFSET] if math.isnan(frozen_at) else frozen_at

    def read(self) -> Reading:
        """Return what it shows."""
        is_frozen = not math.isnan(self._slots[_FROZEN_AT])
        return Reading(self(), is_frozen, is_frozen or self._slots[_OFFSET] != 0)

    def freeze(self, at: int | None = None) -> None:
        """Stand still: at a time in Unix seconds, or now. Raises OutOfRange."""
        with self._writing:
            self._slots[_FROZEN_AT] = _in_range(math.floor(self()) if at is None else at)

    def go_on(self) -> None:
        """Run again, from where it stands."""
        with self._writing:
            self._go_on()

    def set(self, to: int) -> None:
        """Show a time in Unix seconds, and run on from there or stand there, as before. Raises OutOfRange."""
        with self._writing:
            self._show(to)

    def advance(self, seconds: int) -> None:
        """Let time pass, or go back by a negative number. Raises OutOfRange."""
        with self._writing:
            self._show(self() + seconds)

    def be_real(self) -> None:
        """Show real time again."""
        with self._writing:
            self._slots[_OFFSET] = 0.0
            self._slots[_FROZEN_AT] = math.nan

    def _show(self, to: float) -> None:
        _in_range(to)
        if math.isnan(self._slots[_FROZEN_AT]):
            self._slots[_OFFSET] = to - time.time()
        else:
            self._slots[_FROZEN_AT] = to

    def _go_on(self) -> None:
        frozen_at = self._slots[_FROZEN_AT]
        if not math.isnan(frozen_at):
            # Offset first: between the two the clock still stands, and never jumps.
            self._slots[_OFFSET] = frozen_at - time.time()
            self._slots[_FROZEN_AT] = math.nan


def _in_range(seconds: float) -> float:
    if not EARLIEST_SECONDS <= seconds < LATEST_SECONDS:
        raise OutOfRange
    return seconds
