"""Operations on organizations."""

from typing import Any

from antechamber.api.atlas_v2.shapes import api_keys as key_shapes
from antechamber.api.atlas_v2.shapes import organizations as shapes
from antechamber.api.atlas_v2.shapes import service_accounts as account_shapes
from antechamber.api.atlas_v2.shapes.projects import listed_group
from antechamber.api.wire.errors import MissingOneOfAttributes
from antechamber.api.wire.operations import Call
from antechamber.api.wire.paging import paged
from antechamber.domain.errors import InvalidAttribute, MissingAttribute
from antechamber.usecases import organizations, projects


async def list_orgs(call: Call) -> Any:
    """Return the organizations that the caller belongs to."""
    page = await organizations.list_for_caller(
        call.tx, call.caller, name_prefix=call.query.text("name") or "", page=call.query.page()
    )
    return paged(
        page,
        lambda one: shapes.listed_organization(one, call.api_url),
        base_url=call.base_url,
        path=call.path,
        query=call.query,
    )


async def create_org(call: Call) -> Any:
    """Create an organization with the one credential it starts with."""
    body: shapes.OrganizationRequest = call.body
    if body.api_key is None and body.service_account is None:
        raise MissingOneOfAttributes("apiKey", "serviceAccount")
    if body.api_key is not None and body.service_account is not None:
        raise InvalidAttribute("serviceAccount")
    if body.org_owner_id is None:
        raise MissingAttribute("orgOwnerId")
    key, account = body.api_key, body.service_account
    organization, new_key, new_account = await organizations.create(
        call.tx,
        call.caller,
        name=body.name,
        owner_id=body.org_owner_id,
        skip_default_alerts_settings=bool(body.skip_default_alerts_settings),
        api_key=key_shapes.api_key_request(key) if key else None,
        service_account=account_shapes.service_account_request(account) if account else None,
    )
    shape = shapes.NewOrganizationShape(
        org_owner_id=body.org_owner_id,
        organization=shapes.organization(organization, call.api_url),
        skip_default_alerts_settings=organization.skip_default_alerts_settings,
    )
    if new_key is not None:
        shape.api_key = key_shapes.new_api_key(new_key, call.api_url)
    if new_account is not None:
        shape.service_account = account_shapes.new_service_account(new_account, new_account.account.roles)
    return shape


async def get_org(call: Call) -> Any:
    """Return one organization."""
    organization = await organizations.get(call.tx, call.caller, organization_id=call.parameters["orgId"])
    return shapes.organization(organization, call.api_url)


async def update_org(call: Call) -> Any:
    """Rename an organization, or set its flag."""
    body: shapes.OrganizationChange = call.body
    organization = await organizations.update(
        call.tx,
        call.caller,
        organization_id=call.parameters["orgId"],
        name=body.name,
        skip_default_alerts_settings=body.skip_default_alerts_settings,
    )
    return shapes.organization(organization, call.api_url)


async def delete_org(call: Call) -> None:
    """Delete an organization."""
    await organizations.delete(call.tx, call.caller, organization_id=call.parameters["orgId"])


async def get_org_groups(call: Call) -> Any:
    """Return the projects of an organization that the caller can reach."""
    page = await projects.list_of_organization(
        call.tx,
        call.caller,
        organization_id=call.parameters["orgId"],
        name_prefix=call.query.text("name") or "",
        page=call.query.page(),
    )
    return paged(
        page,
        lambda one: listed_group(one, call.api_url),
        base_url=call.base_url,
        path=call.path,
        query=call.query,
    )
