"""Usernames are e-mail addresses: a strict reading of them and the key under which they are unique.

Source: RFC 5321 section 4.1.2 (Mailbox, without quoted strings and address literals), RFC 5891 (IDNA);
SECURITY-MODEL "E-mail".
"""

import re
from typing import NamedTuple

from antechamber.domain.errors import InvalidUsername

LENGTH_OCTETS = 254
LOCAL_LENGTH_OCTETS = 64

_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATEXT}(?:\.{_ATEXT})*")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+(?=[0-9-]*[A-Za-z]){_LABEL}")
_UPPER_TO_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


class Username(NamedTuple):
    """An address: as it is shown, and the key that makes it unique."""

    text: str
    key: str


def key_of(text: str) -> str:
    """Return the key of an address: ASCII letters lower, everything else untouched.

    Unicode folding is not used: the Kelvin sign and the dotless i are other letters.
    """
    return text.translate(_UPPER_TO_LOWER)


def parse(text: str) -> Username:
    """Return the address, its domain as A-labels. Raises InvalidUsername."""
    local, at, domain = text.rpartition("@")
    if not at or len(local) > LOCAL_LENGTH_OCTETS or not _LOCAL.fullmatch(local):
        raise InvalidUsername
    if not domain.isascii():
        domain = _a_labels(domain)
    if not _DOMAIN.fullmatch(domain) or any(len(label) > 63 for label in domain.split(".")):
        raise InvalidUsername
    address = f"{local}@{domain}"
    if len(address) > LENGTH_OCTETS:
        raise InvalidUsername
    return Username(address, key_of(address))


def _a_labels(domain: str) -> str:
    # The one library of this room, pure arithmetic too; its tables are loaded for the first such domain.
    import idna

    try:
        return idna.encode(domain, uts46=False).decode()
    except idna.IDNAError as error:
        raise InvalidUsername from error
