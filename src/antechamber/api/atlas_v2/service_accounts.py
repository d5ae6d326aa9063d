"""Operations on service accounts."""

from typing import Any

from antechamber.api.atlas_v2.shapes import access_lists as list_shapes
from antechamber.api.atlas_v2.shapes import service_accounts as shapes
from antechamber.api.wire.operations import Call
from antechamber.api.wire.paging import Paged, paged
from antechamber.domain.access_lists import Entry
from antechamber.domain.paging import Page
from antechamber.usecases import service_accounts
from antechamber.usecases.service_accounts import Assigned

# -- of an organization -----------------------------------------------------------------------------


async def list_org_service_accounts(call: Call) -> Any:
    """Return the accounts of an organization. None of ours is managed by the system."""
    call.query.flag("includeSystemManaged")
    page = await service_accounts.list_of_organization(
        call.tx, call.caller, organization_id=call.parameters["orgId"], page=call.query.page()
    )
    return paged(
        page,
        lambda one: shapes.service_account(one, one.roles),
        base_url=call.base_url,
        path=call.path,
        query=call.query,
    )


async def create_org_service_account(call: Call) -> Any:
    """Create an account; the answer has the only clear copy of its first secret."""
    new = await service_accounts.create(
        call.tx,
        call.caller,
        organization_id=call.parameters["orgId"],
        request=shapes.service_account_request(call.body),
    )
    return shapes.new_service_account(new, new.account.roles)


async def get_org_service_account(call: Call) -> Any:
    """Return one account."""
    account = await service_accounts.get(call.tx, call.caller, **_of_organization(call))
    return shapes.service_account(account, account.roles)


async def update_org_service_account(call: Call) -> Any:
    """Change an account."""
    account = await service_accounts.update(
        call.tx, call.caller, **_of_organization(call), change=shapes.service_account_change(call.body)
    )
    return shapes.service_account(account, account.roles)


async def delete_org_service_account(call: Call) -> None:
    """Delete an account."""
    await service_accounts.delete(call.tx, call.caller, **_of_organization(call))


async def get_org_service_account_groups(call: Call) -> Any:
    """Return the projects that an account is assigned to."""
    page = await service_accounts.list_projects(
        call.tx, call.caller, **_of_organization(call), page=call.query.page()
    )
    return paged(
        page,
        lambda assigned: shapes.AssignedProjectShape(*assigned),
        base_url=call.base_url,
        path=call.path,
        query=call.query,
    )


async def create_org_service_account_secret(call: Call) -> Any:
    """Give an account another secret; the answer has the only clear copy of it."""
    body: shapes.SecretRequest = call.body
    new = await service_accounts.create_secret(
        call.tx, call.caller, **_of_organization(call), lifetime_hours=body.secret_expires_after_hours
    )
    return shapes.new_secret(new)


async def delete_org_service_account_secret(call: Call) -> None:
    """Delete a secret of an account."""
    await service_accounts.delete_secret(
        call.tx, call.caller, **_of_organization(call), secret_id=call.parameters["secretId"]
    )


async def list_org_service_account_access_list(call: Call) -> Any:
    """Return an account's access list."""
    return _entries(
        call,
        await service_accounts.list_access_entries(
            call.tx, call.caller, **_of_organization(call), page=call.query.page()
        ),
    )


async def create_org_service_account_access_list(call: Call) -> Any:
    """Add to an account's access list; the answer is the whole list."""
    return _entries(
        call,
        await service_accounts.add_access_entries(
            call.tx,
            call.caller,
            **_of_organization(call),
            addresses=list_shapes.addresses(call.body),
            page=call.query.page(),
        ),
    )


async def delete_org_service_account_access_list_entry(call: Call) -> None:
    """Remove an entry of an account's access list."""
    await service_accounts.remove_access_entry(
        call.tx, call.caller, **_of_organization(call), address=call.parameters["ipAddress"]
    )


# -- in projects ------------------------------------------------------------------------------------


async def list_group_service_accounts(call: Call) -> Any:
    """Return the accounts that are assigned to a project. None of ours is managed by the system."""
    call.query.flag("includeSystemManaged")
    page = await service_accounts.list_of_project(
        call.tx, call.caller, project_id=call.parameters["groupId"], page=call.query.page()
    )
    return paged(page, _assigned, base_url=call.base_url, path=call.path, query=call.query)


async def create_group_service_account(call: Call) -> Any:
    """Create an account and assign it; the answer has the only clear copy of its first secret."""
    new, roles = await service_accounts.create_in_project(
        call.tx,
        call.caller,
        project_id=call.parameters["groupId"],
        request=shapes.service_account_request(call.body),
    )
    return shapes.new_service_account(new, roles)


async def get_group_service_account(call: Call) -> Any:
    """Return an account that is assigned to a project."""
    return _assigned(await service_accounts.get_in_project(call.tx, call.caller, **_in_project(call)))


async def update_group_service_account(call: Call) -> Any:
    """Change an account that is assigned to a project, and its roles there."""
    return _assigned(
        await service_accounts.update_in_project(
            call.tx, call.caller, **_in_project(call), change=shapes.service_account_change(call.body)
        )
    )


async def delete_group_service_account(call: Call) -> None:
    """Take an account off a project."""
    await service_accounts.unassign(call.tx, call.caller, **_in_project(call))


async def invite_group_service_account(call: Call) -> Any:
    """Assign an account to a project."""
    body: shapes.InvitationRequest = call.body
    return _assigned(
        await service_accounts.invite(call.tx, call.caller, **_in_project(call), requested_roles=body.roles)
    )


async def create_group_service_account_secret(call: Call) -> Any:
    """Give an account another secret; the answer has the only clear copy of it."""
    body: shapes.SecretRequest = call.body
    new = await service_accounts.create_secret_in_project(
        call.tx, call.caller, **_in_project(call), lifetime_hours=body.secret_expires_after_hours
    )
    return shapes.new_secret(new)


async def delete_group_service_account_secret(call: Call) -> None:
    """Delete a secret of an account."""
    await service_accounts.delete_secret_in_project(
        call.tx, call.caller, **_in_project(call), secret_id=call.parameters["secretId"]
    )


async def list_group_service_account_access_list(call: Call) -> Any:
    """Return an account's access list."""
    return _entries(
        call,
        await service_accounts.list_access_entries_in_project(
            call.tx, call.caller, **_in_project(call), page=call.query.page()
        ),
    )


async def create_group_service_account_access_list(call: Call) -> Any:
    """Add to an account's access list; the answer is the whole list."""
    return _entries(
        call,
        await service_accounts.add_access_entries_in_project(
            call.tx,
            call.caller,
            **_in_project(call),
            addresses=list_shapes.addresses(call.body),
            page=call.query.page(),
        ),
    )


async def delete_group_service_account_access_list_entry(call: Call) -> None:
    """Remove an entry of an account's access list."""
    await service_accounts.remove_access_entry_in_project(
        call.tx, call.caller, **_in_project(call), address=call.parameters["ipAddress"]
    )


def _of_organization(call: Call) -> dict[str, str]:
    return {"organization_id": call.parameters["orgId"], "client_id": call.parameters["clientId"]}


def _in_project(call: Call) -> dict[str, str]:
    return {"project_id": call.parameters["groupId"], "client_id": call.parameters["clientId"]}


def _assigned(one: Assigned) -> shapes.ServiceAccountShape:
    return shapes.service_account(one.account, one.roles)


def _entries(call: Call, page: Page[Entry]) -> Paged:
    return paged(
        page,
        list_shapes.service_account_entry,
        base_url=call.base_url,
        path=call.path,
        query=call.query,
    )
