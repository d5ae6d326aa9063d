"""API keys of organizations and their use in projects."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from antechamber.auth import api_keys as parts
from antechamber.auth import digest
from antechamber.domain import events, roles
from antechamber.domain.access_lists import Entry
from antechamber.domain.api_keys import ApiKey, require_description
from antechamber.domain.callers import Caller, CallerKind
from antechamber.domain.errors import ApiKeyNotFound, ApiKeyWithoutRoles, TooManyApiKeysInOrganization
from antechamber.domain.organizations import Organization
from antechamber.domain.paging import Page, PageRequest
from antechamber.domain.permissions import Permission
from antechamber.domain.policy import API_KEYS_PER_ORGANIZATION
from antechamber.domain.projects import Project
from antechamber.storage import api_keys, limits, organizations, projects
from antechamber.storage import events as trail
from antechamber.storage.database import Transaction
from antechamber.usecases import access, access_lists
from antechamber.usecases.access_lists import Holder


@dataclass(frozen=True, slots=True)
class ApiKeyRequest:
    """A key that is wanted."""

    description: str
    roles: Sequence[str]


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key and the one clear copy of its private half."""

    key: ApiKey
    private_key: str = field(repr=False)


def masked_private_key(key: ApiKey) -> str:
    """Return what is shown of a private key once it was made (INV-24)."""
    return parts.mask(key.private_key_tail)


# -- of an organization -----------------------------------------------------------------------------


async def list_of_organization(
    tx: Transaction, caller: Caller, *, organization_id: str, page: PageRequest
) -> Page[ApiKey]:
    """Return the organization's keys, by public key. Source: contract, listOrgApiKeys."""
    await access.organization(tx, caller, organization_id, to=Permission.ORGANIZATION_API_KEYS_READ)
    return await api_keys.list_of_organization(tx, organization_id, page)


async def get(tx: Transaction, caller: Caller, *, organization_id: str, key_id: str) -> ApiKey:
    """Return one key. Raises ApiKeyNotFound. Source: contract, getOrgApiKey."""
    await access.organization(tx, caller, organization_id, to=Permission.ORGANIZATION_API_KEYS_READ)
    return await _find(tx, organization_id, key_id)


async def create(
    tx: Transaction, caller: Caller, *, organization_id: str, request: ApiKeyRequest
) -> NewApiKey:
    """Create a key. Raises what `add` raises. Source: contract, createOrgApiKey."""
    organization = await access.organization(
        tx, caller, organization_id, to=Permission.ORGANIZATION_API_KEYS_MANAGE
    )
    return await add(tx, caller, organization, request)


async def add(
    tx: Transaction, caller: Caller, organization: Organization, request: ApiKeyRequest
) -> NewApiKey:
    """Add a key to an organization in which the caller may do so.

    Raises ApiKeyWithoutDescription, InvalidApiKeyDescription, ApiKeyWithoutRoles, the role refusals,
    TooManyApiKeysInOrganization.
    """
    private_key = parts.new_private_key()
    key = ApiKey(
        id=tx.new_id(),
        organization_id=organization.id,
        public_key=parts.new_public_key(),
        private_key_tail=parts.tail(private_key),
        description=require_description(request.description),
        roles=roles.organization_roles(_some(request.roles), organization.id),
        created_at=tx.now,
    )
    await organizations.lock(tx, organization.id)
    most = await limits.limit(tx, organization.id, organization.id, API_KEYS_PER_ORGANIZATION)
    if await api_keys.count(tx, organization.id) >= most:
        raise TooManyApiKeysInOrganization(str(most), organization.name)
    while not await api_keys.insert(tx, key, digest.ha1(key.public_key, private_key)):
        key = replace(key, public_key=parts.new_public_key())
    await _record(tx, caller, key, events.API_KEY_CREATED)
    return NewApiKey(key, private_key)


async def update(
    tx: Transaction,
    caller: Caller,
    *,
    organization_id: str,
    key_id: str,
    description: str | None,
    requested_roles: Sequence[str] | None,
) -> ApiKey:
    """Change a key's description, or replace its roles on the organization; what is None stays.

    Raises ApiKeyNotFound, ApiKeyWithoutDescription, InvalidApiKeyDescription, ApiKeyWithoutRoles, the
    role refusals. Source: contract, updateOrgApiKey.
    """
    await access.organization(
        tx, caller, organization_id, to=Permission.ORGANIZATION_API_KEYS_MANAGE, about=key_id
    )
    await organizations.lock(tx, organization_id)
    key = changed = await _find(tx, organization_id, key_id)
    if description is not None:
        changed = replace(changed, description=require_description(description))
    if requested_roles is not None:
        kept = roles.organization_roles(_some(requested_roles), organization_id)
        changed = replace(changed, roles=kept)
    await _keep(tx, caller, key, changed)
    return changed


async def delete(tx: Transaction, caller: Caller, *, organization_id: str, key_id: str) -> None:
    """Delete a key; it is refused from the next request on (INV-25). Raises ApiKeyNotFound.

    Source: contract, deleteOrgApiKey.
    """
    await access.organization(
        tx, caller, organization_id, to=Permission.ORGANIZATION_API_KEYS_MANAGE, about=key_id
    )
    await organizations.lock(tx, organization_id)
    key = await _find(tx, organization_id, key_id)
    await api_keys.delete(tx, key)
    await _record(tx, caller, key, events.API_KEY_DELETED)


# -- access lists -----------------------------------------------------------------------------------


async def list_access_entries(
    tx: Transaction, caller: Caller, *, organization_id: str, key_id: str, page: PageRequest
) -> Page[Entry]:
    """Return a key's access list. Raises ApiKeyNotFound, ApiKeyAccessListDenied.

    Source: contract, listOrgApiKeyAccessListEntries.
    """
    return await access_lists.page_of(tx, await _holder(tx, caller, organization_id, key_id), page)


async def get_access_entry(
    tx: Transaction, caller: Caller, *, organization_id: str, key_id: str, address: str
) -> Entry:
    """Return an entry of a key's access list, by its address or CIDR block.

    Raises ApiKeyNotFound, ApiKeyAccessListDenied, InvalidAddress, AccessListEntryNotFound.
    Source: contract, getOrgApiKeyAccessListEntry.
    """
    return await access_lists.find(tx, await _holder(tx, caller, organization_id, key_id), address)


async def add_access_entries(
    tx: Transaction,
    caller: Caller,
    *,
    organization_id: str,
    key_id: str,
    addresses: Sequence[str],
    page: PageRequest,
) -> Page[Entry]:
    """Add addresses and CIDR blocks to a key's access list; return a page of the whole list.

    Raises ApiKeyNotFound, ApiKeyAccessListDenied, and what `access_lists.add` raises.
    Source: contract, createOrgApiKeyAccessListEntry.
    """
    await organizations.lock(tx, caller.organization.id)
    holder = await _holder(tx, caller, organization_id, key_id)
    await access_lists.add(tx, caller, holder, addresses, event=events.API_KEY_ACCESS_LIST_ENTRY_ADDED)
    return await access_lists.page_of(tx, holder, page)


async def remove_access_entry(
    tx: Transaction, caller: Caller, *, organization_id: str, key_id: str, address: str
) -> None:
    """Take an address or CIDR block off a key's access list.

    Raises ApiKeyNotFound, ApiKeyAccessListDenied, InvalidAddress, AccessListEntryNotFound,
    CallersOwnAddress. Source: contract, deleteOrgApiKeyAccessListEntry.
    """
    await organizations.lock(tx, caller.organization.id)
    holder = await _holder(tx, caller, organization_id, key_id)
    await access_lists.remove(tx, caller, holder, address, event=events.API_KEY_ACCESS_LIST_ENTRY_DELETED)


async def _holder(tx: Transaction, caller: Caller, organization_id: str, key_id: str) -> Holder:
    """Return whose list it is to a caller who may see it: the key itself, or an owner."""
    own = caller.id == key_id
    to = Permission.ORGANIZATION_API_KEYS_READ if own else Permission.API_KEY_ACCESS_LISTS
    await access.organization(tx, caller, organization_id, to=to)
    key = await _find(tx, organization_id, key_id)
    return Holder(organization_id, key.id, public_key=key.public_key)


# -- in projects ------------------------------------------------------------------------------------


async def list_of_project(
    tx: Transaction, caller: Caller, *, project_id: str, page: PageRequest
) -> Page[ApiKey]:
    """Return the keys that are assigned to a project, by public key. Source: contract, listGroupApiKeys."""
    project = await access.project(tx, caller, project_id, to=Permission.PROJECT_API_KEYS_READ)
    return await api_keys.list_of_project(tx, project.organization_id, project_id, page)


async def create_in_project(
    tx: Transaction,
    caller: Caller,
    *,
    project_id: str,
    request: ApiKeyRequest,
    known_roles: frozenset[str] = roles.PROJECT_ROLES,
) -> NewApiKey:
    """Create a key of the project's organization, a member there, with these roles on the project.

    Raises what `add` raises. Source: contract, createGroupApiKey; DOMAIN.md section 7.
    """
    project = await access.project(tx, caller, project_id, to=Permission.PROJECT_API_KEYS_MANAGE)
    kept = roles.project_roles(_some(request.roles), project_id, known=known_roles)
    member = ApiKeyRequest(request.description, (roles.ORG_MEMBER,))
    new = await add(tx, caller, caller.organization, member)
    await _set_roles(tx, caller, new.key, project, kept)
    return replace(new, key=await _find(tx, project.organization_id, new.key.id))


async def assign(
    tx: Transaction, caller: Caller, *, project_id: str, key_id: str, requested_roles: Sequence[str]
) -> None:
    """Give a key of the organization exactly these roles on a project.

    Raises ApiKeyNotFound, ApiKeyWithoutRoles, the role refusals. Source: contract, addGroupApiKey.
    """
    project, key = await _of_project(tx, caller, project_id, key_id)
    kept = roles.project_roles(_some(requested_roles), project_id)
    await _set_roles(tx, caller, key, project, kept)


async def update_in_project(
    tx: Transaction,
    caller: Caller,
    *,
    project_id: str,
    key_id: str,
    description: str | None,
    requested_roles: Sequence[str] | None,
    known_roles: frozenset[str] = roles.PROJECT_ROLES,
) -> ApiKey:
    """Replace a key's roles on a project, or change its description; what is None stays.

    A key that is not on the project yet is assigned: that is how clients do it.
    Raises ApiKeyNotFound, ApiKeyWithoutDescription, InvalidApiKeyDescription, ApiKeyWithoutRoles, the
    role refusals. Source: contract, updateGroupApiKeyRoles; OPERATIONS.md section 2.
    """
    project, key = await _of_project(tx, caller, project_id, key_id)
    if requested_roles is not None:
        kept = roles.project_roles(_some(requested_roles), project_id, known=known_roles)
        await _set_roles(tx, caller, key, project, kept)
    elif not _roles_on(key, project):
        raise ApiKeyNotFound(key_id)
    if description is not None:
        await _keep(tx, caller, key, replace(key, description=require_description(description)))
    return await _find(tx, project.organization_id, key_id)


async def unassign(tx: Transaction, caller: Caller, *, project_id: str, key_id: str) -> None:
    """Take a key off a project; it stays in the organization. Raises ApiKeyNotFound.

    Source: contract, removeGroupApiKey.
    """
    project, key = await _of_project(tx, caller, project_id, key_id)
    if not await projects.revoke(tx, project.organization_id, project_id, key.id):
        raise ApiKeyNotFound(key_id)
    await _record(tx, caller, key, events.API_KEY_REMOVED_FROM_GROUP, project)


async def _of_project(
    tx: Transaction, caller: Caller, project_id: str, key_id: str
) -> tuple[Project, ApiKey]:
    project = await access.project(
        tx, caller, project_id, to=Permission.PROJECT_API_KEYS_MANAGE, about=key_id
    )
    await organizations.lock(tx, project.organization_id)
    return project, await _find(tx, project.organization_id, key_id)


async def _set_roles(
    tx: Transaction, caller: Caller, key: ApiKey, project: Project, kept: tuple[str, ...]
) -> None:
    before = _roles_on(key, project)
    if set(before) == set(kept):
        return
    await projects.grant(
        tx,
        project.organization_id,
        project.id,
        kind=CallerKind.API_KEY,
        principal_id=key.id,
        roles=kept,
        at=tx.now,
    )
    changed = events.API_KEY_ROLES_CHANGED if before else events.API_KEY_ADDED_TO_GROUP
    await _record(tx, caller, key, changed, project)


def _roles_on(key: ApiKey, project: Project) -> list[str]:
    return [assigned.role for assigned in key.project_roles if assigned.project_id == project.id]


# -- both -------------------------------------------------------------------------------------------


async def _find(tx: Transaction, organization_id: str, key_id: str) -> ApiKey:
    key = await api_keys.find(tx, organization_id, key_id)
    if key is None:
        raise ApiKeyNotFound(key_id)
    return key


async def _keep(tx: Transaction, caller: Caller, before: ApiKey, key: ApiKey) -> None:
    if key == before:
        return
    await api_keys.update(tx, key)
    if key.description != before.description:
        await _record(tx, caller, key, events.API_KEY_DESCRIPTION_CHANGED)
    if key.roles != before.roles:
        await _record(tx, caller, key, events.API_KEY_ROLES_CHANGED)


def _some(requested_roles: Sequence[str]) -> Sequence[str]:
    if not requested_roles:
        raise ApiKeyWithoutRoles
    return requested_roles


async def _record(
    tx: Transaction, caller: Caller, key: ApiKey, type_name: str, project: Project | None = None
) -> None:
    await trail.append(
        tx,
        events.by(
            caller,
            type_name,
            id=tx.new_id(),
            organization_id=key.organization_id,
            project_id=project.id if project else None,
            target_public_key=key.public_key,
            now=tx.now,
        ),
    )
