"""The clock: `GET` and `PUT /_antechamber/clock`."""

from datetime import datetime
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from antechamber.control import desk
from antechamber.control.clock import OutOfRange, Reading, SteeredClock
from antechamber.control.desk import In, Out, Refused
from antechamber.usecases import development as cases

_Time = Annotated[datetime, msgspec.Meta(tz=True)]


class Clock(Out):
    """What the clock shows. steered: it is not real time."""

    now: str
    frozen: bool
    steered: bool


class Steering(In):
    """One of them. frozen: stand still from now on, or run on from there. real: be real time again."""

    frozen: bool | None = None
    frozen_at: _Time | None = None
    set: _Time | None = None
    advance_seconds: int | None = None
    real: bool | None = None


async def clock(request: Request) -> Response:
    """Tell what time it is."""
    return desk.answer(shown(desk.of(request).development.clock.read()))


async def steer(request: Request) -> Response:
    """Steer the clock; when this is answered, all that was due by then is done."""
    here = desk.of(request)
    wish = await desk.body_of(request, Steering)
    if sum(value is not None for value in msgspec.structs.astuple(wish)) != 1 or wish.real is False:
        raise Refused(
            400,
            "INVALID_ATTRIBUTE",
            "One of frozen, frozenAt, set, advanceSeconds and real (true) is wanted.",
        )
    here.development.is_history_changed.set()
    try:
        _steer(here.development.clock, wish)
    except OutOfRange as error:
        raise Refused(400, "INVALID_ATTRIBUTE", "A time from 1970 to 2099 is wanted.") from error
    await caught_up(here)
    return desk.answer(shown(here.development.clock.read()))


async def caught_up(here: desk.Desk) -> None:
    """Bring the server to the clock's new time."""
    # Buckets that were filled in a later year would stay empty until then.
    await here.database.write(cases.forget_rates)
    await here.catch_up()


def shown(reading: Reading) -> Clock:
    """Return a reading as it is written."""
    return Clock(now=desk.moment(reading.now), frozen=reading.is_frozen, steered=reading.is_steered)


def _steer(clock: SteeredClock, wish: Steering) -> None:
    if wish.real:
        clock.be_real()
    elif wish.frozen_at is not None:
        clock.freeze(int(wish.frozen_at.timestamp()))
    elif wish.set is not None:
        clock.set(int(wish.set.timestamp()))
    elif wish.advance_seconds is not None:
        clock.advance(wish.advance_seconds)
    elif wish.frozen:
        clock.freeze()
    else:
        clock.go_on()
