"""Where a request comes from and how it was addressed, proxies taken into account."""

import ipaddress
from collections.abc import Sequence

from antechamber.api.wire.messages import Headers


class Origin:
    """Reads client address and base URL.

    public_url: what links are built from; None for what the request itself was addressed to.
    proxies: CIDR blocks whose forwarded headers are believed; the rightmost address that is not one of
    theirs is the client (SECURITY-MODEL "Log, proxy, workers").
    """

    def __init__(self, public_url: str | None = None, proxies: Sequence[str] = ()) -> None:
        self._public_url = public_url.rstrip("/") if public_url else None
        self._proxies = [ipaddress.ip_network(block) for block in proxies]

    def address(self, peer: str, headers: Headers) -> str:
        """Return the client's IP address. peer: the other end of the connection."""
        if not self._proxies or not self._is_proxy(peer):
            return peer
        hops = [hop.strip() for hop in (headers.get("x-forwarded-for") or "").split(",") if hop.strip()]
        for hop in reversed(hops):
            if not self._is_proxy(hop):
                return hop
        return peer

    def base_url(self, scheme: str, host: str | None) -> str:
        """Return scheme and host that links begin with."""
        return self._public_url or f"{scheme}://{host or 'localhost'}"

    def _is_proxy(self, address: str) -> bool:
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            # Not an address: nothing beyond it can be believed, and it cannot be a proxy either.
            return False
        return any(ip in block for block in self._proxies)
