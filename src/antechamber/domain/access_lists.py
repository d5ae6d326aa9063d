"""IP access lists: from which addresses a key or service account may be used."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from antechamber.domain.errors import InvalidAddress

_MAPPED_PREFIX = 96


@dataclass(frozen=True, slots=True)
class Entry:
    """One CIDR block of a list, and how it was used."""

    cidr_block: str
    created_at: datetime
    used_count: int = 0
    last_used_at: datetime | None = None
    last_used_address: str | None = None

    @property
    def address(self) -> str | None:
        """The address, where the block is a single one."""
        address, _, length = self.cidr_block.partition("/")
        return address if length == ("128" if ":" in address else "32") else None


@dataclass(frozen=True, slots=True)
class Use:
    """How often an entry let requests in lately, and when and from where the last one came."""

    organization_id: str
    principal_id: str
    cidr_block: str
    count: int
    last_at: datetime
    last_address: str


def network(text: str) -> str:
    """Return an address or CIDR block in canonical CIDR form. Raises InvalidAddress.

    Source: contract, DOMAIN.md section 7: a single address is kept with its /32 form.
    """
    address, slash, length = text.partition("/")
    if "%" in address or (slash and not (length.isascii() and length.isdigit())):
        raise InvalidAddress(text)
    try:
        block = ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise InvalidAddress(text) from error
    if isinstance(block, ipaddress.IPv6Network) and block.prefixlen >= _MAPPED_PREFIX:
        mapped = block.network_address.ipv4_mapped
        if mapped is not None:
            return f"{mapped}/{block.prefixlen - _MAPPED_PREFIX}"
    return str(block)


def admits(networks: Iterable[str], address: str) -> bool:
    """Tell whether one of the CIDR blocks contains the address (IPv4-mapped IPv6 is unmapped)."""
    return match(networks, address) is not None


def match(networks: Iterable[str], address: str) -> str | None:
    """Return the first of the CIDR blocks that contains the address, or None."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return None
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return next((block for block in networks if ip in ipaddress.ip_network(block)), None)
