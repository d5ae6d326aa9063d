"""Rows about the server itself."""

from functools import partial

from antechamber.api.atlas_v2 import system
from antechamber.api.atlas_v2.routes import families
from antechamber.api.atlas_v2.shapes import system as shapes
from antechamber.api.wire import rate_limits
from antechamber.api.wire.operations import Operation
from antechamber.domain.permissions import Permission

_system = partial(families.of_2023, tag="Root", endpoints=rate_limits.ROOT)

OPERATIONS: tuple[Operation, ...] = (
    _system(
        "getSystemStatus",
        "GET",
        "/",
        system.get_system_status,
        Permission.SYSTEM_READ,
        "Say what the server is and who asks.",
        result=shapes.SystemStatus,
    ),
)
