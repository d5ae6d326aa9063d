"""Operations on API keys."""

from typing import Any

from antechamber.api.atlas_v2.shapes import access_lists as list_shapes
from antechamber.api.atlas_v2.shapes import api_keys as shapes
from antechamber.api.wire.operations import Call
from antechamber.api.wire.paging import Paged, paged
from antechamber.domain.access_lists import Entry
from antechamber.domain.api_keys import ApiKey
from antechamber.domain.paging import Page
from antechamber.usecases import api_keys


async def list_org_api_keys(call: Call) -> Any:
    """Return the keys of an organization."""
    return _keys(
        call,
        await api_keys.list_of_organization(
            call.tx, call.caller, organization_id=call.parameters["orgId"], page=call.query.page()
        ),
    )


async def create_org_api_key(call: Call) -> Any:
    """Create a key; the answer has the only clear copy of its private half."""
    new = await api_keys.create(
        call.tx,
        call.caller,
        organization_id=call.parameters["orgId"],
        request=shapes.api_key_request(call.body),
    )
    return shapes.new_api_key(new, call.api_url)


async def get_org_api_key(call: Call) -> Any:
    """Return one key."""
    key = await api_keys.get(call.tx, call.caller, **_key_of(call))
    return shapes.api_key(key, call.api_url)


async def update_org_api_key(call: Call) -> Any:
    """Change a key's description or roles."""
    body: shapes.ApiKeyChange = call.body
    key = await api_keys.update(
        call.tx, call.caller, **_key_of(call), description=body.desc, requested_roles=body.roles
    )
    return shapes.api_key(key, call.api_url)


async def delete_org_api_key(call: Call) -> None:
    """Delete a key."""
    await api_keys.delete(call.tx, call.caller, **_key_of(call))


async def list_org_api_key_access_list_entries(call: Call) -> Any:
    """Return a key's access list."""
    return _entries(
        call,
        await api_keys.list_access_entries(call.tx, call.caller, **_key_of(call), page=call.query.page()),
    )


async def create_org_api_key_access_list_entry(call: Call) -> Any:
    """Add to a key's access list; the answer is the whole list."""
    return _entries(
        call,
        await api_keys.add_access_entries(
            call.tx,
            call.caller,
            **_key_of(call),
            addresses=list_shapes.addresses(call.body),
            page=call.query.page(),
        ),
    )


async def get_org_api_key_access_list_entry(call: Call) -> Any:
    """Return one entry of a key's access list."""
    entry = await api_keys.get_access_entry(
        call.tx, call.caller, **_key_of(call), address=call.parameters["ipAddress"]
    )
    return list_shapes.api_key_entry(entry, _list_url(call))


async def delete_org_api_key_access_list_entry(call: Call) -> None:
    """Remove an entry of a key's access list."""
    await api_keys.remove_access_entry(
        call.tx, call.caller, **_key_of(call), address=call.parameters["ipAddress"]
    )


async def list_group_api_keys(call: Call) -> Any:
    """Return the keys that are assigned to a project."""
    return _keys(
        call,
        await api_keys.list_of_project(
            call.tx, call.caller, project_id=call.parameters["groupId"], page=call.query.page()
        ),
    )


async def create_group_api_key(call: Call) -> Any:
    """Create a key and assign it; the answer has the only clear copy of its private half."""
    new = await api_keys.create_in_project(
        call.tx,
        call.caller,
        project_id=call.parameters["groupId"],
        request=shapes.api_key_request(call.body),
        known_roles=call.project_roles,
    )
    return shapes.new_api_key(new, call.api_url)


async def add_group_api_key(call: Call) -> None:
    """Assign a key to a project."""
    body: list[shapes.AssignmentRequest] = call.body
    await api_keys.assign(
        call.tx,
        call.caller,
        **_key_in_project(call),
        requested_roles=[role for one in body for role in one.roles],
    )


async def update_group_api_key_roles(call: Call) -> Any:
    """Replace a key's roles on a project."""
    body: shapes.ApiKeyChange = call.body
    key = await api_keys.update_in_project(
        call.tx,
        call.caller,
        **_key_in_project(call),
        description=body.desc,
        requested_roles=body.roles,
        known_roles=call.project_roles,
    )
    return shapes.api_key(key, call.api_url)


async def remove_group_api_key(call: Call) -> None:
    """Take a key off a project."""
    await api_keys.unassign(call.tx, call.caller, **_key_in_project(call))


def _key_of(call: Call) -> dict[str, str]:
    return {"organization_id": call.parameters["orgId"], "key_id": call.parameters["apiUserId"]}


def _key_in_project(call: Call) -> dict[str, str]:
    return {"project_id": call.parameters["groupId"], "key_id": call.parameters["apiUserId"]}


def _list_url(call: Call) -> str:
    organization_id, key_id = call.parameters["orgId"], call.parameters["apiUserId"]
    return f"{call.api_url}/orgs/{organization_id}/apiKeys/{key_id}/accessList"


def _keys(call: Call, page: Page[ApiKey]) -> Paged:
    return paged(
        page,
        lambda key: shapes.api_key(key, call.api_url),
        base_url=call.base_url,
        path=call.path,
        query=call.query,
    )


def _entries(call: Call, page: Page[Entry]) -> Paged:
    list_url = _list_url(call)
    return paged(
        page,
        lambda entry: list_shapes.api_key_entry(entry, list_url),
        base_url=call.base_url,
        path=call.path,
        query=call.query,
    )
