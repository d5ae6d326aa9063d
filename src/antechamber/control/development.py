"""What `antechamber dev` makes before its workers are forked, and each of them is handed."""

import mmap
from dataclasses import dataclass, field
from pathlib import Path

from antechamber.control.clock import SteeredClock
from antechamber.control.requests import Requests

SEED = "seed"


class Flag:
    """Something that is said once, to all workers. Made before they are forked."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 1)

    def __call__(self) -> bool:
        return self._memory[0] != 0

    def set(self) -> None:
        """Say it."""
        self._memory[0] = 1


@dataclass(frozen=True, slots=True)
class Development:
    """A development server.

    url: what it announced itself as. mail_folder: where caught mail is. snapshots: the folder of snapshots
    of this engine and schema; the one called SEED is what it began with. is_exposed: it was told to listen
    on an address that other machines reach. is_stopping: whoever waits for something shall not any longer.
    is_history_changed: the clock was steered or data put back, so that what a worker remembers may be wrong.
    """

    url: str
    mail_folder: Path
    snapshots: Path
    is_exposed: bool
    clock: SteeredClock = field(default_factory=SteeredClock)
    requests: Requests = field(default_factory=Requests)
    is_stopping: Flag = field(default_factory=Flag)
    is_history_changed: Flag = field(default_factory=Flag)
