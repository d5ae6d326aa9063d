"""IP access lists: from which addresses a key or service account may be used."""

import ipaddress
from collections.abc import Iterable

from antechamber.domain.errors import InvalidAttribute


def network(text: str) -> str:
    """Return an address or CIDR block in canonical CIDR form. Raises InvalidAttribute.

    Source: contract, DOMAIN.md section 7: a single address is kept with its /32 form.
    """
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError as error:
        raise InvalidAttribute("ipAddress") from error


def admits(networks: Iterable[str], address: str) -> bool:
    """Tell whether one of the CIDR blocks contains the address (IPv4-mapped IPv6 is unmapped)."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return any(ip in ipaddress.ip_network(block) for block in networks)
