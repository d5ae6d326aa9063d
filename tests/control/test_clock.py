"""The clock itself: what it shows, and that a fork does not divide it."""

import os
import time

import pytest

from antechamber.control.clock import LATEST_SECONDS, OutOfRange, SteeredClock


def test_it_shows_real_time_until_it_is_steered() -> None:
    clock = SteeredClock()
    assert clock() == pytest.approx(time.time(), abs=1)
    assert clock.read()[1:] == (False, False)


def test_it_can_be_set_advanced_frozen_and_let_go() -> None:
    clock = SteeredClock()
    clock.set(1_000_000)
    assert clock() == pytest.approx(1_000_000, abs=1)
    assert clock.read()[1:] == (False, True)
    clock.freeze(2_000_000)
    assert clock() == 2_000_000
    clock.advance(60)
    clock.advance(-10)
    assert clock.read() == (2_000_050, True, True)
    clock.go_on()
    assert clock() == pytest.approx(2_000_050, abs=1)
    assert not clock.read().is_frozen
    clock.be_real()
    assert clock() == pytest.approx(time.time(), abs=1)
    clock.freeze()
    assert clock() == int(clock())


@pytest.mark.parametrize("to", [-1, LATEST_SECONDS])
def test_times_that_nothing_can_write_are_refused(to: int) -> None:
    clock = SteeredClock()
    for steer in (clock.set, clock.freeze, lambda at: clock.advance(at - int(clock()))):
        with pytest.raises(OutOfRange):
            steer(to)
    assert not clock.read().is_steered


def test_what_one_process_steers_all_see() -> None:
    clock = SteeredClock()
    child = os.fork()
    if not child:
        clock.freeze(1_000_000)
        os._exit(0)
    os.waitpid(child, 0)
    assert clock.read() == (1_000_000, True, True)
