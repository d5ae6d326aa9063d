"""HTTP Digest, the server's side: challenges, nonces, answers (RFC 7616, qop=auth, MD5 and SHA-256)."""

import hashlib
import hmac
import re
import secrets
from binascii import a2b_base64, b2a_base64
from collections import OrderedDict
from collections.abc import Callable
from enum import Enum
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

REALM = "MMS Public API"
HEADER_LIMIT = 4096
CLOCK_SKEW_SECONDS = 30
WINDOW_WIDTH = 64

# Stands in for the hash of an unknown key, so that an unknown and a wrong key cost the same. It is
# random, not a constant: nobody can compute the response that would fit it.
DUMMY_HA1 = secrets.token_hex(16)

_KEY_BYTES = 16
_STAMPED_BYTES = 12  # 4 of time, 8 of chance
_TAG_BYTES = 12
_NONCE_CHARACTERS = 32
_MOST_PROVEN = 10_000
_WINDOW_MASK = (1 << WINDOW_WIDTH) - 1

_WORD = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]++"
# Every character belongs to a directive or to the fourth group, which takes the rest of a header that
# is not well-formed: a gap between two directives cannot go unseen.
_DIRECTIVE = re.compile(
    rf"[ \t]*+({_WORD})[ \t]*+=[ \t]*+"
    rf'(?:"([\t !#-\[\]-~]*+(?:\\[\t -~][\t !#-\[\]-~]*+)*+)"|({_WORD}))'
    r"[ \t]*+(?:,[ \t,]*+|\Z)"
    r"|((?s:.)++)"
)
_ESCAPED = re.compile(r"\\(.)")


class InvalidAnswer(ValueError):
    """The Authorization value is no Digest answer that this server takes. It never quotes the value."""


class NonceState(Enum):
    """What a nonce is worth: ours and young, ours but spent, or not ours."""

    FRESH = "fresh"
    STALE = "stale"
    FORGED = "forged"


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


_HASHES: dict[str, Callable[[str], str]] = {"MD5": _md5, "SHA-256": _sha256}


def ha1(public_key: str, private_key: str, algorithm: str = "MD5", *, realm: str = REALM) -> str:
    """Return the hex hash kept in place of the private key; it is worth as much as the key itself.

    Raises KeyError for an algorithm other than MD5 and SHA-256.
    Source: RFC 7616, section 3.4.2.
    """
    return _HASHES[algorithm](f"{public_key}:{realm}:{private_key}")


def challenge(nonce: str, *, stale: bool = False, algorithm: str = "MD5") -> str:
    """Return a WWW-Authenticate value in the recorded order and quoting, which clients parse strictly.

    Source: contract, "Digest authentication and the 401 family"; RFC 7616, section 3.3.
    """
    spent = "true" if stale else "false"
    return (
        f'Digest realm="{REALM}", domain="", nonce="{nonce}", '
        f'algorithm={algorithm}, qop="auth", stale={spent}'
    )


class Nonces:
    """Nonces that prove their own age: time, chance, and a tag keyed with a secret all servers share.

    Nothing need be remembered, so any server can check what another one minted. Which nonces are genuine is
    remembered all the same: a client answers one of them many times.
    """

    __slots__ = ("_lifetime_seconds", "_minted_at", "_tagger")

    def __init__(self, key: bytes, lifetime_seconds: int = 300) -> None:
        """Keep the key and how long a nonce is fresh.

        Raises ValueError for a key of fewer than 16 or more than 64 bytes.
        """
        if len(key) < _KEY_BYTES:
            # BLAKE2b with an empty key is no MAC at all.
            raise ValueError(f"a nonce key has at least {_KEY_BYTES} bytes")
        # Copying a keyed state is cheaper than keying a new one for every nonce.
        self._tagger = hashlib.blake2b(key=key, digest_size=_TAG_BYTES)
        self._lifetime_seconds = lifetime_seconds
        self._minted_at: dict[str, int] = {}

    def mint(self, now: float) -> str:
        """Return a new nonce of 32 base64 characters. now: Unix seconds."""
        stamped = int(now).to_bytes(4, "big") + secrets.token_bytes(8)
        return b2a_base64(stamped + self._tag(stamped), newline=False).decode("ascii")

    def check(self, nonce: str, now: float) -> NonceState:
        """Return whether the nonce is ours and younger than its lifetime. now: Unix seconds.

        A nonce from the future is forged, unless the clocks of two servers explain it.
        """
        minted_at = self._minted_at.get(nonce)
        if minted_at is None:
            minted_at = self._prove(nonce)
            if minted_at is None:
                return NonceState.FORGED
            if len(self._minted_at) >= _MOST_PROVEN:
                self._minted_at.clear()
            self._minted_at[nonce] = minted_at
        age_seconds = now - minted_at
        if age_seconds < -CLOCK_SKEW_SECONDS:
            return NonceState.FORGED
        return NonceState.FRESH if age_seconds < self._lifetime_seconds else NonceState.STALE

    def _prove(self, nonce: str) -> int | None:
        """Return when a nonce of ours was minted, in Unix seconds, None for one that is not ours."""
        if len(nonce) != _NONCE_CHARACTERS:
            return None
        try:
            raw = a2b_base64(nonce)
        except ValueError:
            return None
        # The decoder skips characters outside the alphabet; a skipped one leaves the tag too short.
        stamped = raw[:_STAMPED_BYTES]
        if not hmac.compare_digest(self._tag(stamped), raw[_STAMPED_BYTES:]):
            return None
        return int.from_bytes(stamped[:4], "big")

    def _tag(self, stamped: bytes) -> bytes:
        tagger = self._tagger.copy()
        tagger.update(stamped)
        return tagger.digest()


class Answer(NamedTuple):
    """A client's answer to a challenge, its form already checked; whether it is right is for `matches`.

    A tuple: one is made for every request, and a frozen dataclass takes four times as long.
    """

    username: str
    nonce: str
    uri: str
    response: str
    algorithm: str
    nc: int
    cnonce: str
    qop: str

    def __repr__(self) -> str:
        return f"Answer(username={self.username!r}, uri={self.uri!r}, nc={self.nc})"


def parse(header: str) -> Answer:
    """Return the answer in an Authorization value that begins with `Digest `.

    Directives we do not use (opaque, userhash) are ignored, once each. `nc` is lower-case, since that is
    the text that was hashed.
    Raises InvalidAnswer for a directive that is missing, repeated or malformed, for a realm, algorithm
    or qop not offered, and for more than 4,096 characters.
    Source: RFC 7616, section 3.4; RFC 2617, section 3.2.2 for the eight digits of nc.
    """
    if len(header) > HEADER_LIMIT:
        raise InvalidAnswer("the header is too long")
    if header[:7].lower() != "digest ":
        raise InvalidAnswer("the scheme is not Digest")
    found = _DIRECTIVE.findall(header, 7)
    if not found or found[-1][3]:
        raise InvalidAnswer("the directives are malformed")
    values = {name.lower(): quoted or token for name, quoted, token, _ in found}
    if len(values) != len(found):
        raise InvalidAnswer("a directive is repeated")
    if "\\" in header:
        values = {name: _ESCAPED.sub(r"\1", value) for name, value in values.items()}
    return _answer(values)


def _answer(values: dict[str, str]) -> Answer:
    try:
        answer = Answer(
            values["username"],
            values["nonce"],
            values["uri"],
            values["response"],
            values.get("algorithm", "MD5").upper(),
            _count(values["nc"]),
            values["cnonce"],
            values["qop"],
        )
        realm = values["realm"]
    except KeyError as missing:
        raise InvalidAnswer(f"{missing} is missing") from None
    if realm != REALM or answer.qop != "auth" or answer.algorithm not in _HASHES:
        raise InvalidAnswer("the realm, algorithm or qop was not offered")
    if not answer.cnonce:
        raise InvalidAnswer("cnonce is empty")
    return answer


def _count(digits: str) -> int:
    try:
        count = int(digits, 16)
    except ValueError:
        count = 0
    # Writing it back settles everything that int() forgives: a plus, underscores, a prefix, other lengths.
    if count < 1 or f"{count:08x}" != digits:
        raise InvalidAnswer("nc is not a positive number of eight lower-case hex digits")
    return count


def matches(answer: Answer, ha1: str, method: str) -> bool:
    """Return whether the answer was made with the key behind `ha1`, for this method and the answer's uri.

    For an unknown key pass DUMMY_HA1: it takes as long and never matches.
    Source: RFC 7616, section 3.4.1.
    """
    ha2 = _ha2(answer.algorithm, method, answer.uri)
    expected = _HASHES[answer.algorithm](
        f"{ha1}:{answer.nonce}:{answer.nc:08x}:{answer.cnonce}:{answer.qop}:{ha2}"
    )
    return hmac.compare_digest(expected, answer.response)


# It depends on no secret, and what was asked for is asked for again.
@lru_cache(1024)
def _ha2(algorithm: str, method: str, uri: str) -> str:
    return _HASHES[algorithm](f"{method}:{uri}")


def same_target(uri: str, path: str, query: str) -> bool:
    """Return whether an answer's uri names the request's target, so that it serves for no other one.

    path: percent-decoded; query: raw, without its question mark. Two spellings of one path are equal,
    two of a query are not.
    """
    named, _, asked = uri.partition("?")
    return asked == query and (unquote(named) if "%" in named else named) == path


class NonceWindows:
    """Remembers which counts were seen with which nonce, for reads: a window of 64 for each nonce.

    The least recently used nonce is forgotten when there are too many. Ask only after the answer has
    matched, so that nobody without a key can push a nonce out. Not for use by several threads at once.
    """

    __slots__ = ("_capacity", "_windows")

    def __init__(self, capacity: int = 10_000) -> None:
        """Keep at most `capacity` nonces, some 200 bytes each."""
        self._capacity = capacity
        self._windows: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def accept(self, nonce: str, count: int) -> bool:
        """Return True the first time a count comes with a nonce, and remember it.

        Counts may overtake each other by less than 64; what is older than that is refused, seen or not.
        """
        known = self._windows.get(nonce)
        if known is None:
            if len(self._windows) >= self._capacity:
                self._windows.popitem(last=False)
            self._windows[nonce] = (count, 1)
            return True
        self._windows.move_to_end(nonce)
        highest, seen = known
        ahead = count - highest
        if ahead > 0:
            # Past the window nothing is left to shift; the count is the client's and may be 2**32 - 1.
            seen = (seen << ahead) & _WINDOW_MASK if ahead < WINDOW_WIDTH else 0
            self._windows[nonce] = (count, seen | 1)
            return True
        if -ahead >= WINDOW_WIDTH or seen >> -ahead & 1:
            return False
        self._windows[nonce] = (highest, seen | 1 << -ahead)
        return True
