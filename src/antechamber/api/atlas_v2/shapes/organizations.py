"""Organizations on the wire. Source: contract, WIRE.md section 5."""

from msgspec import UNSET, Struct, UnsetType

from antechamber.api.atlas_v2.shapes.api_keys import ApiKeyRequest, ApiKeyShape
from antechamber.api.atlas_v2.shapes.fields import READ_ONLY, Id, ReadOnly, Text
from antechamber.api.atlas_v2.shapes.service_accounts import ServiceAccountRequest, ServiceAccountShape
from antechamber.api.wire.paging import Link
from antechamber.domain.organizations import Organization

_REL = "https://cloud.mongodb.com/"


class OrganizationShape(Struct, rename="camel"):
    """An organization."""

    id: str
    is_deleted: bool
    links: list[Link]
    name: str
    skip_default_alerts_settings: bool | UnsetType


def _self(organization: Organization, api_url: str) -> str:
    return f"{api_url}/orgs/{organization.id}"


def _shape(organization: Organization, links: list[Link]) -> OrganizationShape:
    return OrganizationShape(
        organization.id, False, links, organization.name, organization.skip_default_alerts_settings
    )


def organization(one: Organization, api_url: str) -> OrganizationShape:
    """Return the shape of a single organization, 2023-01-01."""
    href = _self(one, api_url)
    related = [Link(f"{href}/{noun}", f"{_REL}{noun}") for noun in ("groups", "teams", "users")]
    return _shape(one, [Link(href, "self"), *related])


def listed_organization(one: Organization, api_url: str) -> OrganizationShape:
    """Return the shape of an organization in a list, 2023-01-01: with the self link only."""
    return _shape(one, [Link(_self(one, api_url), "self")])


class NewOrganizationShape(Struct, rename="camel", omit_defaults=True, kw_only=True):
    """A new organization with the only clear copy of its credentials (INV-24)."""

    api_key: ApiKeyShape | UnsetType = UNSET
    org_owner_id: str
    organization: OrganizationShape
    service_account: ServiceAccountShape | UnsetType = UNSET
    skip_default_alerts_settings: bool | UnsetType = UNSET


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
