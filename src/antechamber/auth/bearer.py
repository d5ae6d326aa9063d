"""Opaque bearer tokens: 32 random bytes behind the id of the organization they belong to.

The id is there to find the right rows with, and proves nothing; only the fingerprint is stored.
"""

import hashlib
import re
import secrets

_FORM = re.compile(r"at_([0-9a-f]{24})_[0-9A-Za-z_-]{43}")


def mint(organization_id: str) -> str:
    """Return a new token, `at_<organization id>_<43 url-safe characters>`."""
    return f"at_{organization_id}_{secrets.token_urlsafe(32)}"


def parse(token: str) -> str | None:
    """Return the organization id in a token of the right form, None for any other text."""
    form = _FORM.fullmatch(token)
    return form[1] if form else None


def fingerprint(token: str) -> bytes:
    """Return the 32 bytes by which a token is stored and found."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
