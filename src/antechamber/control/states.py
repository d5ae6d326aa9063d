"""The server's state as a whole: back to the seed, snapshots, and what was asked of it."""

import re
from datetime import UTC, datetime
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from antechamber.control import desk, steering
from antechamber.control.desk import Desk, In, Out, Refused
from antechamber.control.development import SEED
from antechamber.control.requests import MOST_REQUESTS, Seen

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Reset(In):
    """What is to stay as it is."""

    keep_mail: bool = False
    keep_clock: bool = False
    keep_requests: bool = False


class NewSnapshot(In):
    """What a snapshot is to be called."""

    name: str


class Snapshot(Out):
    """A snapshot. taken_at: real time."""

    name: str
    taken_at: str
    bytes: int


class Snapshots(Out):
    """All of them, the oldest first."""

    snapshots: list[Snapshot]


class Asked(Out):
    """The last requests, the newest first."""

    requests: list[Seen]


async def reset(request: Request) -> Response:
    """Go back to the seed: database, mailbox, clock and request log."""
    here = desk.of(request)
    wish = await desk.body_of(request, Reset)
    here.development.is_history_changed.set()
    if not wish.keep_clock:
        here.development.clock.be_real()
    await here.database.restore(_file(here, SEED))
    if not wish.keep_mail:
        here.mailbox.clear()
    if not wish.keep_requests:
        here.development.requests.clear()
    return desk.nothing()


async def list_snapshots(request: Request) -> Response:
    """List the snapshots."""
    return desk.answer(Snapshots(snapshots=snapshots(desk.of(request))))


async def take_snapshot(request: Request) -> Response:
    """Keep all that the database holds; an older snapshot of the same name is replaced."""
    here = desk.of(request)
    name = (await desk.body_of(request, NewSnapshot)).name
    if not _NAME.fullmatch(name) or name == SEED:
        raise Refused(
            400,
            "INVALID_ATTRIBUTE",
            f"name: 1 to 64 letters, digits and ._- are wanted, and {SEED} is taken by what dev began with.",
        )
    await here.database.snapshot(_file(here, name))
    return desk.answer(_shown(_file(here, name)), 201)


async def restore_snapshot(request: Request) -> Response:
    """Put the database back to a snapshot; mailbox, clock and request log stay."""
    here = desk.of(request)
    snapshot = _known(here, request.path_params["name"])
    here.development.is_history_changed.set()
    await here.database.restore(snapshot)
    # The clock may have gone on since: what is due by now is done.
    await steering.caught_up(here)
    return desk.nothing()


async def delete_snapshot(request: Request) -> Response:
    """Throw a snapshot away."""
    here = desk.of(request)
    name = request.path_params["name"]
    if name == SEED:
        raise Refused(400, "INVALID_ATTRIBUTE", f"{SEED} is what dev began with, and stays.")
    _known(here, name).unlink(missing_ok=True)
    return desk.nothing()


async def asked(request: Request) -> Response:
    """List the last requests that any worker answered."""
    most = int(desk.number(request, "limit", 100, MOST_REQUESTS))
    return desk.answer(Asked(requests=desk.of(request).development.requests.last(most)))


def snapshots(here: Desk) -> list[Snapshot]:
    """Return the snapshots, the oldest first."""
    files = [file for file in here.development.snapshots.iterdir() if _NAME.fullmatch(file.name)]
    return sorted((_shown(file) for file in files), key=lambda snapshot: snapshot.taken_at)


def _file(here: Desk, name: str) -> Path:
    return here.development.snapshots / name


def _known(here: Desk, name: str) -> Path:
    file = _file(here, name)
    if not _NAME.fullmatch(name) or not file.exists():
        raise Refused(404, "RESOURCE_NOT_FOUND", f"There is no snapshot {name}.")
    return file


def _shown(file: Path) -> Snapshot:
    about = file.stat()
    taken_at = datetime.fromtimestamp(about.st_mtime, UTC).isoformat(timespec="milliseconds")
    return Snapshot(name=file.name, taken_at=taken_at.replace("+00:00", "Z"), bytes=about.st_size)
