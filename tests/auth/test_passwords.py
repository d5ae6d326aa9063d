"""Passwords: which are taken, and what is the same password."""

import pytest
from argon2 import extract_parameters
from argon2.exceptions import InvalidHashError
from argon2.low_level import Type
from hypothesis import given, settings
from hypothesis import strategies as st

from antechamber.auth import passwords
from antechamber.auth.passwords import CommonPassword, WeakPassword, hash_password, verify_password


def test_a_password_is_verified_against_its_own_hash_only() -> None:
    password_hash = hash_password("tall grass, long road")
    assert verify_password("tall grass, long road", password_hash)
    assert not verify_password("tall grass, long roads", password_hash)
    assert not verify_password("Tall grass, long road", password_hash)


@settings(max_examples=10, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=8, max_size=20))
def test_any_text_of_the_right_length_can_be_a_password(password: str) -> None:
    try:
        password_hash = hash_password(password)
    except (WeakPassword, CommonPassword):
        # Composition may shorten a text below the limit.
        return
    assert verify_password(password, password_hash)


def test_a_hash_has_the_agreed_cost_and_a_salt_of_its_own() -> None:
    first, second = hash_password("tall grass, long road"), hash_password("tall grass, long road")
    assert first != second
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert extract_parameters(first).type is Type.ID


def test_inv26_a_missing_user_costs_the_same_and_is_never_verified() -> None:
    assert not verify_password("tall grass, long road", None)
    assert extract_parameters(passwords._DUMMY) == extract_parameters(hash_password("tall grass, long road"))


@pytest.mark.parametrize(
    "password",
    [
        "",
        "seven77",
        "x" * 129,
        "e\u0301" * 7,  # seven characters once composed
        "\ufdfa" * 8,  # eighteen characters each once decomposed
        "lone surrogate \ud800",
    ],
)
def test_a_password_of_the_wrong_length_or_no_text_is_weak(password: str) -> None:
    with pytest.raises(WeakPassword):
        hash_password(password)
    assert not verify_password(password, hash_password("tall grass, long road"))
    assert not verify_password(password, None)


@pytest.mark.parametrize("password", ["eight 8!", "x" * 128, "pass phrase with 🐎 and é"])
def test_a_password_at_the_limits_is_taken(password: str) -> None:
    assert verify_password(password, hash_password(password))


@pytest.mark.parametrize(
    "password",
    [
        "password",
        "PassWord",
        "12345678",
        "qwertyuiop",
        "P@ssw0rd",
        "iloveyou",
        "\uff50assword",  # full-width p
    ],
)
def test_a_common_password_is_refused_in_any_case_and_width(password: str) -> None:
    with pytest.raises(CommonPassword):
        hash_password(password)


def test_two_spellings_of_one_text_are_one_password() -> None:
    assert verify_password("un café très long", hash_password("un cafe\u0301 tre\u0300s long"))
    assert verify_password("\uff11\uff12 angry men", hash_password("12 angry men"))


def test_every_common_password_is_long_enough_to_be_asked_about() -> None:
    assert len(passwords._common) > 300
    for password in passwords._common:
        assert 8 <= len(password) <= 128
        assert password == password.casefold()


def test_inv24_a_refusal_does_not_hold_the_password() -> None:
    with pytest.raises(CommonPassword) as refusal:
        hash_password("password1")
    assert "password1" not in repr(refusal.value)


def test_inv33_a_stored_text_that_is_no_hash_is_not_taken_for_a_wrong_password() -> None:
    with pytest.raises(InvalidHashError):
        verify_password("tall grass, long road", "plain")
