"""The vault, its keys, and tokens kept as fingerprints."""

import base64
import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.auth.secrets import (
    UnsealFailed,
    Vault,
    invitation_token,
    new_master_key,
    token_fingerprint,
)

KEY = bytes(range(200, 232))
OTHER_KEY = bytes(range(32))

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


def vault() -> Vault:
    return Vault({"a": KEY}, "a")


@given(st.binary(), texts, texts)
def test_what_is_sealed_comes_back_in_its_own_place(plaintext: bytes, row: str, column: str) -> None:
    sealed = vault().seal(plaintext, row=row, column=column)
    assert vault().unseal(sealed, row=row, column=column) == plaintext
    assert len(sealed) == 1 + 1 + 12 + len(plaintext) + 16


@given(texts, texts, texts, texts)
def test_inv24_what_is_sealed_opens_in_no_other_row_or_column(
    row: str, column: str, other_row: str, other_column: str
) -> None:
    sealed = vault().seal(b"secret", row=row, column=column)
    if (row, column) == (other_row, other_column):
        assert vault().unseal(sealed, row=other_row, column=other_column) == b"secret"
    else:
        with pytest.raises(UnsealFailed):
            vault().unseal(sealed, row=other_row, column=other_column)


def test_inv24_sealing_hides_the_plaintext_and_never_repeats_itself() -> None:
    sealed = {vault().seal(b"secret", row="r", column="c") for _ in range(100)}
    assert len(sealed) == 100
    assert not any(b"secret" in each for each in sealed)


@given(st.integers(min_value=0, max_value=(1 + 1 + 12 + 6 + 16) * 8 - 1))
def test_one_bit_changed_is_noticed(bit: int) -> None:
    sealed = bytearray(vault().seal(b"secret", row="r", column="c"))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(UnsealFailed):
        vault().unseal(bytes(sealed), row="r", column="c")


def test_every_shortened_text_is_refused() -> None:
    sealed = vault().seal(b"secret", row="r", column="c")
    for length in range(len(sealed)):
        with pytest.raises(UnsealFailed):
            vault().unseal(sealed[:length], row="r", column="c")


@given(st.binary(max_size=60))
def test_inv33_any_other_bytes_are_refused(sealed: bytes) -> None:
    with pytest.raises(UnsealFailed):
        vault().unseal(sealed, row="r", column="c")


def test_an_old_key_opens_what_it_sealed_and_seals_no_more() -> None:
    first, second = new_master_key(), new_master_key()
    before, after = Vault.from_master_key(first), Vault.from_master_keys(second, first)
    sealed = before.seal(b"secret", row="r", column="c")
    assert after.unseal(sealed, row="r", column="c") == b"secret"
    with pytest.raises(UnsealFailed):
        Vault.from_master_key(second).unseal(sealed, row="r", column="c")
    with pytest.raises(UnsealFailed):
        before.unseal(after.seal(b"secret", row="r", column="c"), row="r", column="c")


@pytest.mark.parametrize(
    "text",
    [
        KEY.hex(),
        KEY.hex().upper(),
        base64.b64encode(KEY).decode(),
        base64.b64encode(KEY).decode().rstrip("="),
        base64.urlsafe_b64encode(KEY).decode(),
        base64.urlsafe_b64encode(KEY).decode().rstrip("="),
        f"  {KEY.hex()}\n",
    ],
)
def test_a_master_key_may_be_written_in_hex_or_base64(text: str) -> None:
    sealed = Vault.from_master_key(KEY.hex()).seal(b"secret", row="r", column="c")
    assert Vault.from_master_key(text).unseal(sealed, row="r", column="c") == b"secret"
    assert sealed[1:9].decode() == hashlib.blake2b(KEY).hexdigest()[:8]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "short",
        KEY.hex()[:-1],
        KEY.hex() + "0",
        KEY.hex()[:-1] + "g",
        KEY.hex()[:-2] + "  ",
        KEY.hex()[:30] + "    " + KEY.hex()[34:],
        base64.b64encode(KEY).decode()[:-2],
        base64.b64encode(KEY).decode()[:-1] + "A",
        base64.b64encode(KEY).decode() + "A",
        "!" * 43,
        "é" * 64,
    ],
)
def test_inv33_any_other_text_is_no_master_key_and_is_not_repeated(text: str) -> None:
    with pytest.raises(ValueError, match="a master key is") as refusal:
        Vault.from_master_key(text)
    assert not text or text not in str(refusal.value)
    assert refusal.value.__cause__ is None
    with pytest.raises(ValueError, match="a master key is"):
        Vault.from_master_keys(new_master_key(), text)


@pytest.mark.parametrize(
    ("keys", "current"),
    [
        ({}, "a"),
        ({"a": KEY}, "b"),
        ({"a": KEY[:16]}, "a"),
        ({"a": KEY, "b": b""}, "a"),
        ({"": KEY}, ""),
        ({"a" * 256: KEY}, "a" * 256),
    ],
)
def test_inv33_a_vault_without_proper_keys_does_not_open(keys: dict[str, bytes], current: str) -> None:
    with pytest.raises(ValueError, match="key"):
        Vault(keys, current)


def test_derived_keys_follow_from_the_current_key_and_the_purpose() -> None:
    nonces = vault().derive("nonces")
    assert len(nonces) == 32
    assert nonces == Vault({"b": KEY, "a": OTHER_KEY}, "b").derive("nonces")
    assert len({nonces, vault().derive("cookies"), Vault({"a": OTHER_KEY}, "a").derive("nonces"), KEY}) == 4


def test_inv24_a_vault_never_shows_a_key() -> None:
    shown = repr(vault()) + str(vault()) + repr({name: getattr(vault(), name) for name in Vault.__slots__})
    for key in (repr(KEY), KEY.hex(), base64.b64encode(KEY).decode(), hashlib.blake2b(KEY).hexdigest()[:8]):
        assert key not in shown


def test_new_master_keys_differ_and_open_a_vault() -> None:
    first, second = new_master_key(), new_master_key()
    assert first != second
    assert re.fullmatch("[0-9a-f]{64}", first)
    Vault.from_master_keys(first, second)


def test_inv10_an_invitation_token_is_32_random_bytes_stored_as_sha256() -> None:
    tokens = {invitation_token() for _ in range(1_000)}
    assert len(tokens) == 1_000
    for token in tokens:
        assert re.fullmatch(r"[0-9A-Za-z_-]{43}", token)
        assert len(base64.urlsafe_b64decode(token + "=")) == 32
        assert token_fingerprint(token) == hashlib.sha256(token.encode()).digest()


@given(st.text())
def test_every_text_has_a_fingerprint(text: str) -> None:
    assert len(token_fingerprint(text)) == 32
