"""Creating an organization, as this generation knows it: with an API key."""

from typing import Any

from msgspec import UNSET, Struct

from antechamber.api.atlas_v1.hiding import without
from antechamber.api.atlas_v2 import organizations
from antechamber.api.atlas_v2.shapes import api_keys, fields
from antechamber.api.atlas_v2.shapes import organizations as shapes
from antechamber.api.wire.operations import Call


class OrganizationRequest(Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """The body of createOrg. Source: contract, OPERATIONS.md section 2."""

    name: fields.Text
    org_owner_id: fields.Id | None = None
    api_key: api_keys.ApiKeyRequest | None = None
    federation_settings_id: None = None


_create = without(organizations.create_org, "skip_default_alerts_settings", inside="organization")


async def create_org(call: Call) -> Any:
    """Create an organization with the one key it starts with."""
    body: OrganizationRequest = call.body
    call.body = shapes.OrganizationRequest(
        name=body.name, org_owner_id=body.org_owner_id, api_key=body.api_key
    )
    answer = await _create(call)
    answer.skip_default_alerts_settings = UNSET
    return answer
