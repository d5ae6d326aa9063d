"""Rows of organizations."""

from antechamber.api.atlas_v2 import organizations
from antechamber.api.atlas_v2.routes import families
from antechamber.api.atlas_v2.shapes import organizations as shapes
from antechamber.api.atlas_v2.shapes.projects import GroupShape
from antechamber.api.wire import rate_limits
from antechamber.api.wire.operations import Evidence, Operation
from antechamber.api.wire.paging import Paged
from antechamber.domain.permissions import Permission

OPERATIONS: tuple[Operation, ...] = (
    families.organizations(
        "listOrgs",
        "GET",
        "/orgs",
        organizations.list_orgs,
        Permission.ORGANIZATIONS_LIST,
        "List the organizations the caller belongs to.",
        endpoints=rate_limits.ORGANIZATIONS_OF_CALLER,
        result=Paged,
        items=shapes.OrganizationShape,
        parameters=("name", *families.PAGING),
    ),
    families.organizations(
        "createOrg",
        "POST",
        "/orgs",
        organizations.create_org,
        Permission.ORGANIZATION_CREATE,
        "Create an organization with its first credential.",
        endpoints=rate_limits.ORGANIZATIONS_OF_CALLER,
        evidence=Evidence.DOCUMENTED,
        body=shapes.OrganizationRequest,
        result=shapes.NewOrganizationShape,
        success=201,
    ),
    families.organizations(
        "getOrg",
        "GET",
        "/orgs/{orgId}",
        organizations.get_org,
        Permission.ORGANIZATION_READ,
        "Return an organization.",
        reads_one=True,
        result=shapes.OrganizationShape,
    ),
    families.organizations(
        "updateOrg",
        "PATCH",
        "/orgs/{orgId}",
        organizations.update_org,
        Permission.ORGANIZATION_UPDATE,
        "Rename an organization.",
        body=shapes.OrganizationChange,
        result=shapes.OrganizationShape,
    ),
    families.organizations(
        "deleteOrg",
        "DELETE",
        "/orgs/{orgId}",
        organizations.delete_org,
        Permission.ORGANIZATION_DELETE,
        "Delete an organization without projects.",
        success=204,
    ),
    families.organizations(
        "getOrgGroups",
        "GET",
        "/orgs/{orgId}/groups",
        organizations.get_org_groups,
        Permission.ORGANIZATION_READ,
        "List the projects of the organization that the caller can reach.",
        result=Paged,
        items=GroupShape,
        parameters=("name", *families.PAGING),
    ),
)
