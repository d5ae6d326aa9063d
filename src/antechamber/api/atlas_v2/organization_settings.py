"""Operations on settings of organizations."""

from typing import Any

from antechamber.api.atlas_v2.shapes import organization_settings as shapes
from antechamber.api.wire.operations import Call
from antechamber.usecases import organization_settings


async def get_org_settings(call: Call) -> Any:
    """Return the settings of an organization."""
    return shapes.organization_settings(
        await organization_settings.get(call.tx, call.caller, organization_id=call.parameters["orgId"])
    )


async def update_org_settings(call: Call) -> Any:
    """Change settings of an organization."""
    return shapes.organization_settings(
        await organization_settings.update(
            call.tx,
            call.caller,
            organization_id=call.parameters["orgId"],
            changes=shapes.changes(call.body),
        )
    )
