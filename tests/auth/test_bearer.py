"""Bearer tokens: their form, what they carry, how they are stored."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.auth.bearer import fingerprint, mint, parse

ORGANIZATION_ID = "64d3a1b2c3d4e5f607182930"
RANDOM = "Zm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm8"
TOKEN = f"at_{ORGANIZATION_ID}_{RANDOM}"

object_ids = st.text("0123456789abcdef", min_size=24, max_size=24)


@given(object_ids)
def test_a_minted_token_names_its_organization(organization_id: str) -> None:
    token = mint(organization_id)
    assert parse(token) == organization_id
    assert token.startswith(f"at_{organization_id}_")
    assert len(token) == 71


def test_no_two_tokens_are_equal() -> None:
    assert len({mint(ORGANIZATION_ID) for _ in range(1_000)}) == 1_000


@pytest.mark.parametrize(
    "token",
    [
        "",
        "at_",
        TOKEN[:-1],
        TOKEN + "A",
        TOKEN + "\n",
        " " + TOKEN,
        TOKEN.upper(),
        "AT_" + TOKEN[3:],
        "bt_" + TOKEN[3:],
        f"at_{ORGANIZATION_ID[:-1]}g_{RANDOM}",
        f"at_{ORGANIZATION_ID.upper()}_{RANDOM}",
        f"at_{ORGANIZATION_ID[:-1]}٣_{RANDOM}",
        f"at_{ORGANIZATION_ID}-{RANDOM}",
        f"at_{ORGANIZATION_ID}_{RANDOM[:-1]}+",
        f"at_{ORGANIZATION_ID}_{RANDOM[:-1]}=",
        f"at_{ORGANIZATION_ID}_{RANDOM[:-1]}\ud800",
        f"at_{ORGANIZATION_ID}_{RANDOM[:-1]}é",
    ],
)
def test_a_text_of_another_form_is_no_token(token: str) -> None:
    assert parse(TOKEN) == ORGANIZATION_ID
    assert parse(token) is None


@given(st.text())
def test_no_other_text_is_a_token_and_every_text_has_a_fingerprint(text: str) -> None:
    assert parse(text) is None
    assert len(fingerprint(text)) == 32


def test_inv24_a_token_is_stored_as_its_sha256() -> None:
    assert fingerprint(TOKEN) == hashlib.sha256(TOKEN.encode()).digest()
    assert fingerprint(TOKEN) != fingerprint(TOKEN[:-1] + "A")
