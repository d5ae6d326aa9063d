"""Operations about the server itself."""

from typing import Any

from antechamber import __version__
from antechamber.api.atlas_v2.shapes import system as shapes
from antechamber.api.wire.operations import Call
from antechamber.usecases import system


async def get_system_status(call: Call) -> Any:
    """Return what the server says of itself and of the caller."""
    status = await system.caller_status(call.tx, call.caller)
    return shapes.system_status(status, build=__version__, api_url=call.api_url)
