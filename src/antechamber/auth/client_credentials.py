"""Client ids and secrets of service accounts, and the Basic header that carries them.

Source: RFC 6749, sections 2.3.1 and 4.4; contract, "OAuth2 client credentials".
"""

import hashlib
import secrets
from binascii import a2b_base64, b2a_base64
from urllib.parse import unquote

HEADER_LIMIT = 4096
_ID_PREFIX = "mdb_sa_id_"
_KEY_PREFIX = "mdb_sa_sk_"

_SECRET_BYTES = 32
_RANDOM_CHARACTERS = 43


def parse_basic(header: str) -> tuple[str, str] | None:
    """Return client id and secret from an Authorization value that begins with `Basic `, else None.

    Both halves are percent-decoded after base64, which some clients encode and some do not; the two
    alphabets have no percent sign. Anything but visible ASCII and spaces is refused.
    Source: RFC 6749, section 2.3.1 and appendix A.1, A.2.
    """
    if len(header) > HEADER_LIMIT or header[:6].lower() != "basic ":
        return None
    encoded = header[6:].strip(" ")
    try:
        raw = a2b_base64(encoded)
        text = raw.decode("ascii")
    except ValueError:
        return None
    # The decoder forgives, differently from one Python to the next; encoding again does not.
    if b2a_base64(raw, newline=False).decode("ascii") != encoded:
        return None
    client_id, colon, secret = text.partition(":")
    if not colon:
        return None
    client_id, secret = unquote(client_id), unquote(secret)
    both = client_id + secret
    return (client_id, secret) if both.isascii() and both.isprintable() else None


def new_client_id(account_id: str) -> str:
    """Return the client id of the service account with this id (24 hex digits)."""
    return _ID_PREFIX + account_id


def new_secret() -> str:
    """Return a new client secret with 256 random bits, to be shown once."""
    return _KEY_PREFIX + secrets.token_urlsafe(_SECRET_BYTES)


def mask(secret: str) -> str:
    """Return what later reads show of a secret: its prefix, stars, and the last 4 characters."""
    return _KEY_PREFIX + "*" * (_RANDOM_CHARACTERS - 4) + secret[-4:]


def fingerprint(secret: str) -> bytes:
    """Return the 32 bytes by which a secret is stored and compared."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
