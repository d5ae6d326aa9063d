"""Secrets at rest: sealing with the master key, keys derived from it, and tokens kept as fingerprints."""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_KEY_BYTES = 32
_NONCE_BYTES = 12
_STANDARD_BASE64 = str.maketrans("-_", "+/")


class UnsealFailed(Exception):
    """The sealed bytes were altered, belong elsewhere, or their key is not in the vault."""


class Vault:
    """Seals what must be stored but not read: AES-256-GCM, bound to one row and column.

    Sealed bytes: length of the key id (1 byte), key id, nonce (12 bytes), ciphertext, tag (16 bytes).
    """

    __slots__ = ("_ciphers", "_current", "_deriver")

    def __init__(self, keys: Mapping[str, bytes], current: str) -> None:
        """Open the vault with 32-byte keys by id; `current` names the one that seals and derives.

        Raises ValueError for a key of another length, an id of 0 or over 255 bytes, and a `current`
        without a key.
        """
        if current not in keys:
            raise ValueError("the current key is not among the keys")
        self._current = current.encode()
        self._ciphers = {key_id.encode(): _cipher(key_id, key) for key_id, key in keys.items()}
        self._deriver = hashlib.blake2b(key=keys[current], digest_size=_KEY_BYTES)

    @classmethod
    def from_master_key(cls, text: str) -> Self:
        """Return the vault of one master key: 64 hex digits or 43 or 44 base64 characters.

        Raises ValueError for any other text.
        """
        return cls.from_master_keys(text)

    @classmethod
    def from_master_keys(cls, current: str, *old: str) -> Self:
        """Return a vault that seals with `current` and still opens what the old keys sealed.

        Raises ValueError for a text that is no master key.
        """
        keys = {_key_id(key): key for key in map(_master_key, (current, *old))}
        return cls(keys, next(iter(keys)))

    def seal(self, plaintext: bytes, *, row: str, column: str) -> bytes:
        """Return the plaintext encrypted for this row (its id) and column (a name without NUL) alone."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(nonce, plaintext, _place(row, column))
        return bytes((len(self._current),)) + self._current + nonce + sealed

    def unseal(self, sealed: bytes, *, row: str, column: str) -> bytes:
        """Return the plaintext that was sealed for this row and column.

        Raises UnsealFailed, whatever the reason.
        """
        nonce_at = 1 + sealed[0] if sealed else 0
        cipher = self._ciphers.get(sealed[1:nonce_at])
        text_at = nonce_at + _NONCE_BYTES
        if cipher is None or len(sealed) < text_at:
            raise UnsealFailed
        try:
            return cipher.decrypt(sealed[nonce_at:text_at], sealed[text_at:], _place(row, column))
        except InvalidTag:
            raise UnsealFailed from None

    def is_current(self, sealed: bytes) -> bool:
        """Tell whether this was sealed with the key that seals now."""
        return sealed.startswith(bytes((len(self._current),)) + self._current)

    def derive(self, purpose: str) -> bytes:
        """Return 32 bytes that follow from the current key and the purpose, and reveal no other key."""
        deriver = self._deriver.copy()
        deriver.update(purpose.encode())
        return deriver.digest()

    def __repr__(self) -> str:
        return f"<Vault of {len(self._ciphers)} keys>"


def _cipher(key_id: str, key: bytes) -> AESGCM:
    if len(key) != _KEY_BYTES:
        raise ValueError(f"a key has {_KEY_BYTES} bytes")
    if len(key_id.encode()) not in range(1, 256):
        raise ValueError("a key id has 1 to 255 bytes")
    return AESGCM(key)


def _place(row: str, column: str) -> bytes:
    return f"{row}\0{column}".encode()


def _key_id(key: bytes) -> str:
    return hashlib.blake2b(key).hexdigest()[:8]


def _master_key(text: str) -> bytes:
    text = text.strip()
    try:
        if len(text) == 2 * _KEY_BYTES:
            key = bytes.fromhex(text)
        else:
            key = base64.b64decode(text.rstrip("=").translate(_STANDARD_BASE64) + "=", validate=True)
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        # The message must not repeat the text: it is the key, or nearly.
        raise ValueError("a master key is 64 hex digits or 43 or 44 base64 characters")
    return key


def new_master_key() -> str:
    """Return a new master key, 64 hex digits."""
    return secrets.token_hex(_KEY_BYTES)


def invitation_token() -> str:
    """Return a new invitation token, 43 url-safe characters of 32 random bytes."""
    return secrets.token_urlsafe(32)


def token_fingerprint(token: str) -> bytes:
    """Return the 32 bytes by which a token is stored and found."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
