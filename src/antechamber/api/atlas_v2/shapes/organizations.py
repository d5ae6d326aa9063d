"""Organizations on the wire. Source: contract, WIRE.md section 5."""

from datetime import datetime

from msgspec import UNSET, Struct, UnsetType

from antechamber.api.atlas_v2.shapes.fields import READ_ONLY, Id, ReadOnly, Roles, Text
from antechamber.api.wire.paging import Link
from antechamber.domain.organizations import Organization
from antechamber.usecases.organizations import NewApiKey, NewServiceAccount

_REL = "https://cloud.mongodb.com/"


class OrganizationShape(Struct, rename="camel"):
    """An organization."""

    id: str
    is_deleted: bool
    links: list[Link]
    name: str
    skip_default_alerts_settings: bool


def _self(organization: Organization, base_url: str) -> str:
    return f"{base_url}/api/atlas/v2/orgs/{organization.id}"


def _shape(organization: Organization, links: list[Link]) -> OrganizationShape:
    return OrganizationShape(
        organization.id, False, links, organization.name, organization.skip_default_alerts_settings
    )


def organization(one: Organization, base_url: str) -> OrganizationShape:
    """Return the shape of a single organization, 2023-01-01."""
    href = _self(one, base_url)
    related = [Link(f"{href}/{noun}", f"{_REL}{noun}") for noun in ("groups", "teams", "users")]
    return _shape(one, [Link(href, "self"), *related])


def listed_organization(one: Organization, base_url: str) -> OrganizationShape:
    """Return the shape of an organization in a list, 2023-01-01: with the self link only."""
    return _shape(one, [Link(_self(one, base_url), "self")])


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


class SecretShape(Struct, rename="camel", omit_defaults=True):
    """A secret of a service account; in clear only where it has just been made."""

    created_at: datetime
    expires_at: datetime
    id: str
    masked_secret_value: str | UnsetType = UNSET
    secret: str | UnsetType = UNSET


class ServiceAccountShape(Struct, rename="camel"):
    """A service account of an organization."""

    client_id: str
    created_at: datetime
    description: str
    name: str
    roles: tuple[str, ...]
    secrets: list[SecretShape]


class NewOrganizationShape(Struct, rename="camel", omit_defaults=True, kw_only=True):
    """A new organization with the only clear copy of its credentials (INV-24)."""

    api_key: ApiKeyShape | UnsetType = UNSET
    org_owner_id: str
    organization: OrganizationShape
    service_account: ServiceAccountShape | UnsetType = UNSET
    skip_default_alerts_settings: bool | UnsetType = UNSET


def new_api_key(new: NewApiKey, base_url: str) -> ApiKeyShape:
    """Return the shape of a new key, its private half in clear, 2023-01-01."""
    key = new.key
    href = f"{base_url}/api/atlas/v2/orgs/{key.organization_id}/apiKeys/{key.id}"
    return ApiKeyShape(
        key.description,
        key.id,
        [Link(href, "self")],
        new.private_key,
        key.public_key,
        [RoleAssignment(org_id=key.organization_id, role_name=role) for role in key.roles],
    )


def new_service_account(new: NewServiceAccount) -> ServiceAccountShape:
    """Return the shape of a new account, its first secret in clear, 2024-08-05."""
    account, secret = new.account, new.secret
    return ServiceAccountShape(
        account.client_id,
        account.created_at,
        account.description,
        account.name,
        account.roles,
        [SecretShape(secret.created_at, secret.expires_at, secret.id, UNSET, new.clear_secret)],
    )


class ApiKeyRequest(Struct, rename="camel", forbid_unknown_fields=True):
    """The key that a new organization starts with."""

    desc: Text
    roles: Roles


class ServiceAccountRequest(Struct, rename="camel", forbid_unknown_fields=True):
    """The service account that a new organization starts with."""

    description: Text
    name: Text
    roles: Roles
    secret_expires_after_hours: int


class OrganizationRequest(Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """The body of createOrg."""

    name: Text
    org_owner_id: Id | None = None
    api_key: ApiKeyRequest | None = None
    service_account: ServiceAccountRequest | None = None
    skip_default_alerts_settings: bool | None = None
    federation_settings_id: None = None


class OrganizationChange(Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """The body of updateOrg."""

    name: Text | None = None
    skip_default_alerts_settings: bool | None = None
    id: ReadOnly = READ_ONLY
    is_deleted: ReadOnly = READ_ONLY
    links: ReadOnly = READ_ONLY
