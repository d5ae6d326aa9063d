"""Rows of API keys."""

from functools import partial

from antechamber.api.atlas_v2 import api_keys
from antechamber.api.atlas_v2.routes import families
from antechamber.api.atlas_v2.shapes import access_lists as list_shapes
from antechamber.api.atlas_v2.shapes import api_keys as shapes
from antechamber.api.wire import rate_limits
from antechamber.api.wire.operations import Evidence, Operation
from antechamber.api.wire.paging import Paged
from antechamber.domain.permissions import Permission

_keys = partial(families.of_2023, tag="Programmatic API Keys")
_of_organization = partial(_keys, endpoints=rate_limits.ORGANIZATION_API_KEYS)
_of_project = partial(_keys, endpoints=rate_limits.PROJECT_API_KEYS)

OPERATIONS: tuple[Operation, ...] = (
    _of_organization(
        "listOrgApiKeys",
        "GET",
        "/orgs/{orgId}/apiKeys",
        api_keys.list_org_api_keys,
        Permission.ORGANIZATION_API_KEYS_READ,
        "List the API keys of the organization.",
        result=Paged,
        items=shapes.ApiKeyShape,
        parameters=families.PAGING,
    ),
    _of_organization(
        "createOrgApiKey",
        "POST",
        "/orgs/{orgId}/apiKeys",
        api_keys.create_org_api_key,
        Permission.ORGANIZATION_API_KEYS_MANAGE,
        "Create an API key.",
        body=shapes.ApiKeyRequest,
        result=shapes.ApiKeyShape,
    ),
    _of_organization(
        "getOrgApiKey",
        "GET",
        "/orgs/{orgId}/apiKeys/{apiUserId}",
        api_keys.get_org_api_key,
        Permission.ORGANIZATION_API_KEYS_READ,
        "Return an API key.",
        result=shapes.ApiKeyShape,
    ),
    _of_organization(
        "updateOrgApiKey",
        "PATCH",
        "/orgs/{orgId}/apiKeys/{apiUserId}",
        api_keys.update_org_api_key,
        Permission.ORGANIZATION_API_KEYS_MANAGE,
        "Change the description or the roles of an API key.",
        body=shapes.ApiKeyChange,
        result=shapes.ApiKeyShape,
    ),
    _of_organization(
        "deleteOrgApiKey",
        "DELETE",
        "/orgs/{orgId}/apiKeys/{apiUserId}",
        api_keys.delete_org_api_key,
        Permission.ORGANIZATION_API_KEYS_MANAGE,
        "Delete an API key.",
        success=204,
    ),
    _of_organization(
        "listOrgApiKeyAccessListEntries",
        "GET",
        "/orgs/{orgId}/apiKeys/{apiUserId}/accessList",
        api_keys.list_org_api_key_access_list_entries,
        Permission.API_KEY_ACCESS_LISTS,
        "List from where an API key may be used.",
        result=Paged,
        items=list_shapes.ApiKeyEntryShape,
        parameters=families.PAGING,
    ),
    _of_organization(
        "createOrgApiKeyAccessListEntry",
        "POST",
        "/orgs/{orgId}/apiKeys/{apiUserId}/accessList",
        api_keys.create_org_api_key_access_list_entry,
        Permission.API_KEY_ACCESS_LISTS,
        "Add to the access list of an API key.",
        body=list_shapes.ApiKeyEntryRequests,
        result=Paged,
        items=list_shapes.ApiKeyEntryShape,
        parameters=families.PAGING,
    ),
    _of_organization(
        "getOrgApiKeyAccessListEntry",
        "GET",
        "/orgs/{orgId}/apiKeys/{apiUserId}/accessList/{ipAddress}",
        api_keys.get_org_api_key_access_list_entry,
        Permission.API_KEY_ACCESS_LISTS,
        "Return an entry of the access list of an API key.",
        result=list_shapes.ApiKeyEntryShape,
    ),
    _of_organization(
        "deleteOrgApiKeyAccessListEntry",
        "DELETE",
        "/orgs/{orgId}/apiKeys/{apiUserId}/accessList/{ipAddress}",
        api_keys.delete_org_api_key_access_list_entry,
        Permission.API_KEY_ACCESS_LISTS,
        "Remove an entry of the access list of an API key.",
        success=204,
    ),
    _of_project(
        "listGroupApiKeys",
        "GET",
        "/groups/{groupId}/apiKeys",
        api_keys.list_group_api_keys,
        Permission.PROJECT_API_KEYS_READ,
        "List the API keys that are assigned to the project.",
        result=Paged,
        items=shapes.ApiKeyShape,
        parameters=families.PAGING,
    ),
    _of_project(
        "createGroupApiKey",
        "POST",
        "/groups/{groupId}/apiKeys",
        api_keys.create_group_api_key,
        Permission.PROJECT_API_KEYS_MANAGE,
        "Create an API key and assign it to the project.",
        body=shapes.ApiKeyRequest,
        result=shapes.ApiKeyShape,
    ),
    _of_project(
        "addGroupApiKey",
        "POST",
        "/groups/{groupId}/apiKeys/{apiUserId}",
        api_keys.add_group_api_key,
        Permission.PROJECT_API_KEYS_MANAGE,
        "Assign an API key to the project.",
        evidence=Evidence.DOCUMENTED,
        body=shapes.AssignmentRequests,
        success=204,
    ),
    _of_project(
        "updateGroupApiKeyRoles",
        "PATCH",
        "/groups/{groupId}/apiKeys/{apiUserId}",
        api_keys.update_group_api_key_roles,
        Permission.PROJECT_API_KEYS_MANAGE,
        "Replace the roles of an API key on the project.",
        body=shapes.ApiKeyChange,
        result=shapes.ApiKeyShape,
    ),
    _of_project(
        "removeGroupApiKey",
        "DELETE",
        "/groups/{groupId}/apiKeys/{apiUserId}",
        api_keys.remove_group_api_key,
        Permission.PROJECT_API_KEYS_MANAGE,
        "Take an API key off the project.",
        success=204,
    ),
)
