"""API keys: the two halves as they are made and shown."""

import re
import uuid

from antechamber.auth.api_keys import mask, new_private_key, new_public_key, tail


def test_a_public_key_is_eight_lower_case_letters() -> None:
    keys = {new_public_key() for _ in range(1_000)}
    assert len(keys) > 990
    assert all(re.fullmatch(r"[a-z]{8}", key) for key in keys)
    assert set("".join(keys)) == set("abcdefghijklmnopqrstuvwxyz")


def test_a_private_key_is_a_random_uuid() -> None:
    keys = {new_private_key() for _ in range(1_000)}
    assert len(keys) == 1_000
    assert all(str(uuid.UUID(key)) == key and uuid.UUID(key).version == 4 for key in keys)


def test_inv24_a_masked_private_key_shows_its_last_twelve_characters_only() -> None:
    private_key = "55c3bbb6-b4bb-0be1-e66d20841f3e"
    assert tail(private_key) == "e66d20841f3e"
    assert mask(tail(private_key)) == "********-****-****-e66d20841f3e"
    assert len(tail(new_private_key())) == 12
