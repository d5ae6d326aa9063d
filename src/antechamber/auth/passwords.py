"""Passwords of people: which are taken, how they are hashed, how they are compared.

One hash holds 19 MiB and one core for some 20 ms. Whoever calls lets at most 2 run at once, and not on
the event loop.
Source: OWASP Password Storage Cheat Sheet (argon2id, 19 MiB, t=2, p=1); RFC 9106; NIST SP 800-63B, 5.1.1.
"""

import base64
import secrets
import unicodedata
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

MINIMUM_CHARACTERS = 8
MAXIMUM_CHARACTERS = 128

_MEMORY_KIB = 19 * 1024
_PASSES = 2
_LANES = 1
_SALT_BYTES = 16
_HASH_BYTES = 32

_hasher = PasswordHasher(
    time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=_LANES, hash_len=_HASH_BYTES, salt_len=_SALT_BYTES
)
_common = frozenset(Path(__file__).with_name("common_passwords.txt").read_text("ascii").split())


def _random_base64(length: int) -> str:
    return base64.b64encode(secrets.token_bytes(length)).decode("ascii").rstrip("=")


# A well-formed hash of no known password: verifying against it costs what a real one costs.
_DUMMY = (
    f"$argon2id$v=19$m={_MEMORY_KIB},t={_PASSES},p={_LANES}"
    f"${_random_base64(_SALT_BYTES)}${_random_base64(_HASH_BYTES)}"
)


class WeakPassword(ValueError):
    """The password has fewer than 8 or more than 128 characters, or is no text."""


class CommonPassword(ValueError):
    """The password is among those that are tried first."""


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password in its standard text form, with a new salt.

    Raises WeakPassword and CommonPassword; the second ignores case.
    """
    prepared = _prepare(password)
    if prepared.casefold() in _common:
        raise CommonPassword
    return _hasher.hash(prepared)


def verify_password(password: str, password_hash: str | None) -> bool:
    """Return whether the password has this hash. Pass None for a missing user: it takes as long.

    Raises argon2.exceptions.InvalidHashError for a stored text that is no hash.
    """
    try:
        prepared = _prepare(password)
    except WeakPassword:
        # Nobody has such a password, so answering at once tells nothing about an account.
        return False
    try:
        return _hasher.verify(password_hash or _DUMMY, prepared)
    except VerifyMismatchError:
        return False


def _prepare(password: str) -> str:
    """Return the password in NFKC, so that one typed on another keyboard is the same one."""
    prepared = unicodedata.normalize("NFKC", password)
    if not MINIMUM_CHARACTERS <= len(prepared) <= MAXIMUM_CHARACTERS:
        raise WeakPassword
    # A lone surrogate has no UTF-8, hence no bytes to hash.
    if any("\ud800" <= character <= "\udfff" for character in prepared):
        raise WeakPassword
    return prepared
