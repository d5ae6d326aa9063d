"""The two halves of an API key as they are made and shown.

Source: contract, public and private key as recorded.
"""

import secrets
import string
import uuid

_PUBLIC_CHARACTERS = 8
_TAIL_CHARACTERS = 12


def new_public_key() -> str:
    """Return a new public key of 8 lower-case letters. It is no secret, and not certain to be unique."""
    return "".join(secrets.choice(string.ascii_lowercase) for _ in range(_PUBLIC_CHARACTERS))


def new_private_key() -> str:
    """Return a new private key, a random UUID, to be shown once. The system's generator makes it."""
    return str(uuid.uuid4())


def tail(private_key: str) -> str:
    """Return the last 12 characters, all of a private key that is kept in the clear."""
    return private_key[-_TAIL_CHARACTERS:]


def mask(private_key_tail: str) -> str:
    """Return what later reads show of a private key. The recorded mask has one group fewer than a UUID."""
    return f"********-****-****-{private_key_tail}"
