"""The root of this generation."""

from typing import Any

from msgspec import Struct

from antechamber import __version__
from antechamber.api.wire.operations import Call
from antechamber.api.wire.paging import Link


class SystemStatus(Struct, rename="camel"):
    """What the server is."""

    app_name: str
    build: str
    links: list[Link]
    throttling: bool


async def get_system_status(call: Call) -> Any:
    """Return what the server says of itself. Source: contract, OPERATIONS.md section 3."""
    return SystemStatus("MongoDB Cloud", __version__, [Link(call.api_url, "self")], throttling=False)
