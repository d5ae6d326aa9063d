"""What the clients ask beside the API: their own address, the server's version, and to be counted.

Source: contract, OPERATIONS.md "Companion operations", CLIENTS.md sections 2 and 4. Telemetry is answered
and thrown away: nothing is kept, nothing is passed on.
"""

from typing import Any

from msgspec import Struct

from antechamber.api.wire import rate_limits
from antechamber.api.wire.errors import BodyTooLarge, BodyTooSlow
from antechamber.api.wire.media_types import UNDATED
from antechamber.api.wire.messages import Header, Request, Response
from antechamber.api.wire.operations import Call, Evidence, Operation
from antechamber.domain.permissions import Permission

BASE_PATH = "/api/private"
VERSION_PATH = f"{BASE_PATH}/unauth/version"
TELEMETRY_PATHS = frozenset({f"{BASE_PATH}/v1.0/telemetry/events", f"{BASE_PATH}/unauth/telemetry/events"})
_TELEMETRY_LIMIT_BYTES = 256 * 1024


class IpInfo(Struct, rename="camel"):
    """Where the caller comes from."""

    current_ipv4_address: str


async def get_ip_info(call: Call) -> Any:
    """Return the caller's address."""
    return IpInfo(call.caller.address)


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "getIpInfo",
        "GET",
        "/ipinfo",
        get_ip_info,
        Permission.SYSTEM_READ,
        "Say which address the caller comes from.",
        version=UNDATED,
        endpoints=rate_limits.ROOT,
        evidence=Evidence.RECORDED,
        tag="Root",
        result=IpInfo,
    ),
)


async def respond_to_anybody(request: Request, identity: tuple[Header, ...]) -> Response | None:
    """Return the answer to what may be asked without credentials, None for everything else."""
    if request.path == VERSION_PATH and request.method in ("GET", "HEAD"):
        # Clients read the X-MongoDB-Service-Version header of the answer.
        return Response(200, [*identity, ("content-type", "application/json")], b"{}")
    if request.path in TELEMETRY_PATHS and request.method == "POST":
        try:
            await request.read_body(_TELEMETRY_LIMIT_BYTES)
        except (BodyTooLarge, BodyTooSlow):
            return Response(413, list(identity), b"")
        return Response(200, [*identity, ("content-type", "application/json")], b"{}")
    return None
