"""Who may ask the development desk: this machine, and no page of somebody else's in its browser.

Whoever may ask reads every mail and becomes a member of anything. So requests from other machines are
refused, and so are a foreign Host (a name that was made to point here, DNS rebinding) and changes that a
page of another origin asks for (CSRF).
"""

import ipaddress
from urllib.parse import urlsplit

from antechamber.control.development import Development

_SAFE = frozenset({"GET", "HEAD"})
_OWN_SITES = frozenset({"same-origin", "none"})


def refusal(
    development: Development, *, method: str, address: str, host: str, headers: dict[str, str]
) -> str | None:
    """Return why a request is refused, in words; None for one that is not.

    address: where from. host: the Host header or its like. headers: by lower-case name.
    """
    if not development.is_exposed and not _is_loopback(address):
        return "The development desk answers requests from this machine only."
    if not _is_ours(development, host):
        return f"The development desk does not answer to the name {host[:100]}."
    if method in _SAFE:
        return None
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
        return "A page of another origin asked for this."
    if headers.get("sec-fetch-site", "none") not in _OWN_SITES:
        return "A page of another site asked for this."
    return None


def _is_loopback(address: str) -> bool:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return (getattr(ip, "ipv4_mapped", None) or ip).is_loopback


def _is_ours(development: Development, host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    if name == "localhost" or name == urlsplit(development.url).hostname or _is_loopback(name):
        return True
    # Nobody can make an address point elsewhere.
    return development.is_exposed and _is_address(name)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
