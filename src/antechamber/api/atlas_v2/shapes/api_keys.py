"""API keys on the wire. Source: contract, WIRE.md section 5."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from antechamber.api.atlas_v2.shapes.fields import READ_ONLY, ReadOnly, Roles, Text
from antechamber.api.wire.paging import Link
from antechamber.domain.api_keys import ApiKey
from antechamber.usecases import api_keys
from antechamber.usecases.api_keys import NewApiKey


class RoleAssignment(Struct, rename="camel", omit_defaults=True):
    """A role on an organization or on a project."""

    group_id: str | UnsetType = UNSET
    org_id: str | UnsetType = UNSET
    role_name: str = ""


class ApiKeyShape(Struct, rename="camel"):
    """An API key."""

    desc: str
    id: str
    links: list[Link]
    private_key: str
    public_key: str
    roles: list[RoleAssignment]


def api_key(key: ApiKey, api_url: str) -> ApiKeyShape:
    """Return the shape of a key, its private half masked, 2023-01-01."""
    return _shape(key, api_keys.masked_private_key(key), api_url)


def new_api_key(new: NewApiKey, api_url: str) -> ApiKeyShape:
    """Return the shape of a new key, its private half in clear, 2023-01-01."""
    return _shape(new.key, new.private_key, api_url)


def _shape(key: ApiKey, private_key: str, api_url: str) -> ApiKeyShape:
    return ApiKeyShape(
        key.description,
        key.id,
        [Link(f"{api_url}/orgs/{key.organization_id}/apiKeys/{key.id}", "self")],
        private_key,
        key.public_key,
        [
            *(RoleAssignment(org_id=key.organization_id, role_name=role) for role in key.roles),
            *(RoleAssignment(group_id=project, role_name=role) for project, role in key.project_roles),
        ],
    )


class ApiKeyRequest(Struct, rename="camel", forbid_unknown_fields=True):
    """The key that is wanted."""

    desc: Text
    roles: Roles


class ApiKeyChange(Struct, rename="camel", forbid_unknown_fields=True):
    """The body of updateOrgApiKey and updateGroupApiKeyRoles."""

    desc: Text | None = None
    roles: Roles | None = None


class AssignmentRequest(Struct, rename="camel", forbid_unknown_fields=True):
    """An item of the body of addGroupApiKey."""

    roles: Roles = []
    user_id: ReadOnly = READ_ONLY


AssignmentRequests = Annotated[list[AssignmentRequest], Meta(max_length=50)]


def api_key_request(body: ApiKeyRequest) -> api_keys.ApiKeyRequest:
    """Return the key asked for."""
    return api_keys.ApiKeyRequest(body.desc, body.roles)
