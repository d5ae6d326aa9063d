"""Object ids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.domain.ids import IdGenerator, is_id


@given(st.integers(0, 2**32 - 1))
def test_an_id_has_the_form_and_begins_with_its_second(now_seconds: int) -> None:
    id = IdGenerator()(now_seconds)
    assert is_id(id)
    assert int(id[:8], 16) == now_seconds


def test_ids_of_one_second_ascend_and_never_repeat() -> None:
    new_id = IdGenerator()
    made = [new_id(1_767_225_600) for _ in range(10_000)]
    assert made == sorted(set(made))


def test_the_next_id_follows_at_once() -> None:
    new_id = IdGenerator()
    first, second = new_id(1_767_225_600), new_id(1_767_225_600)
    assert int(second, 16) == int(first, 16) + 1


def test_two_processes_do_not_make_the_same_ids() -> None:
    one, other = IdGenerator(), IdGenerator()
    assert {one(1) for _ in range(1000)}.isdisjoint({other(1) for _ in range(1000)})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5f" * 11,
        "5f" * 13,
        "5F" * 12,
        "5g" * 12,
        "5f" * 11 + "5\n",
        " " + "5f" * 11 + "5",
        "٠" * 24,
        "-" + "5" * 23,
    ],
)
def test_what_is_no_id(text: str) -> None:
    assert not is_id(text)
