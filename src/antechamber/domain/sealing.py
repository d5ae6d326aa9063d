"""How secrets that must be readable again are kept: sealed to the place they belong to."""

from typing import Protocol


class Sealer(Protocol):
    """Encrypts what a backup must not show; `row` and `column` bind the result to its place."""

    def seal(self, plaintext: bytes, *, row: str, column: str) -> bytes:
        """Return plaintext encrypted and authenticated."""
        ...

    def unseal(self, sealed: bytes, *, row: str, column: str) -> bytes:
        """Return what was sealed for this row and column."""
        ...

    def is_current(self, sealed: bytes) -> bool:
        """Tell whether this was sealed with the key that seals now."""
        ...
