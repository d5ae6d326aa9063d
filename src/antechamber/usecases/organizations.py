"""Organizations, and the credentials that a new one starts with."""

from dataclasses import dataclass, replace

from antechamber.domain import events, names, roles, usernames
from antechamber.domain.callers import Caller
from antechamber.domain.errors import OrganizationNotEmpty, OrganizationNotFound, UserNotFound
from antechamber.domain.organizations import Organization
from antechamber.domain.paging import Page, PageRequest
from antechamber.domain.permissions import Permission
from antechamber.domain.policy import ORGANIZATIONS_PER_USER
from antechamber.storage import api_keys as stored_keys
from antechamber.storage import events as trail
from antechamber.storage import invitations, organizations, projects, teams, users
from antechamber.storage.database import Transaction
from antechamber.usecases import access, api_keys, room, service_accounts
from antechamber.usecases.api_keys import ApiKeyRequest, NewApiKey
from antechamber.usecases.service_accounts import NewServiceAccount, ServiceAccountRequest
from antechamber.usecases.sign_in import SignedIn

MOST_COUNTED = 100_000


async def list_for_caller(
    tx: Transaction, caller: Caller, *, name_prefix: str, page: PageRequest
) -> Page[Organization]:
    """Return the organizations that the caller belongs to, by name.

    name_prefix: case-insensitive; empty for all. Source: contract, listOrgs.
    """
    own = [caller.organization]
    found = [one for one in own if one.name.casefold().startswith(name_prefix.casefold())]
    return Page(found[page.offset : page.offset + page.size], len(found), page)


async def get(tx: Transaction, caller: Caller, *, organization_id: str) -> Organization:
    """Return one organization. Source: contract, getOrg."""
    return await access.organization(tx, caller, organization_id, to=Permission.ORGANIZATION_READ)


@dataclass(frozen=True, slots=True)
class Overview:
    """An organization in numbers, each of them counted up to MOST_COUNTED."""

    organization: Organization
    language: str
    members: int
    pending: int
    projects: int
    teams: int
    api_keys: int


async def overview(tx: Transaction, caller: Caller, *, organization_id: str) -> Overview:
    """Return what an organization holds, and the language of its mails, empty for the server's own."""
    organization = await access.organization(tx, caller, organization_id, to=Permission.ORGANIZATION_READ)
    return Overview(
        organization,
        language=await organizations.language(tx, organization_id),
        members=await users.count_members(tx, organization_id, MOST_COUNTED),
        pending=await invitations.count_pending(tx, organization_id, organization_id, MOST_COUNTED),
        projects=await projects.count(tx, organization_id),
        teams=await teams.count(tx, organization_id),
        api_keys=await stored_keys.count(tx, organization_id),
    )


async def list_of_person(tx: Transaction, signed_in: SignedIn) -> list[tuple[Organization, tuple[str, ...]]]:
    """Return the organizations that somebody belongs to, with their roles there, by name."""
    return await organizations.list_of_user(tx, signed_in.user.id, tx.policy.limits[ORGANIZATIONS_PER_USER])


async def create(
    tx: Transaction,
    caller: Caller,
    *,
    name: str,
    owner_id: str,
    skip_default_alerts_settings: bool,
    api_key: ApiKeyRequest | None,
    service_account: ServiceAccountRequest | None,
) -> tuple[Organization, NewApiKey | None, NewServiceAccount | None]:
    """Create an organization with its human owner and the key or service account it starts with.

    owner_id: a member of the caller's organization. Raises InvalidOrganizationName, UserNotFound, the
    role refusals, InvalidAttribute, TooManyOrganizationsOfUser. Source: contract, createOrg; INV-3, INV-7.
    """
    organization = Organization(
        id=tx.new_id(),
        name=names.organization_name(name),
        created_at=tx.now,
        skip_default_alerts_settings=skip_default_alerts_settings,
    )
    owner = await users.find(tx, owner_id)
    if owner is None or not await users.organization_roles(tx, caller.organization.id, owner_id):
        raise UserNotFound(owner_id)
    await room.require_for_organization(tx, owner.id, owner.username, joins=True)
    await organizations.insert(tx, organization)
    await _record(tx, caller, organization, events.ORG_CREATED)
    await users.join_organization(
        tx, organization.id, owner, usernames.parse(owner.username), (roles.ORG_OWNER,), tx.now
    )
    new_key = new_account = None
    if api_key is not None:
        new_key = await api_keys.add(tx, caller, organization, api_key)
    if service_account is not None:
        new_account = await service_accounts.add(tx, caller, organization, service_account)
    return organization, new_key, new_account


async def update(
    tx: Transaction,
    caller: Caller,
    *,
    organization_id: str,
    name: str | None,
    skip_default_alerts_settings: bool | None,
) -> Organization:
    """Rename an organization, or set its flag; what is None stays.

    Raises InvalidOrganizationName. Source: contract, updateOrg.
    """
    await access.organization(tx, caller, organization_id, to=Permission.ORGANIZATION_UPDATE)
    await organizations.lock(tx, organization_id)
    organization = await organizations.find(tx, organization_id)
    if organization is None:
        raise OrganizationNotFound(organization_id)
    changed = organization
    if name is not None:
        changed = replace(changed, name=names.organization_name(name))
    if skip_default_alerts_settings is not None:
        changed = replace(changed, skip_default_alerts_settings=skip_default_alerts_settings)
    await organizations.update(tx, changed)
    if changed.name != organization.name:
        await _record(tx, caller, changed, events.ORG_RENAMED)
    if changed.skip_default_alerts_settings != organization.skip_default_alerts_settings:
        await _record(tx, caller, changed, events.ORG_SETTINGS_UPDATED)
    return changed


async def delete(tx: Transaction, caller: Caller, *, organization_id: str) -> None:
    """Delete an organization without projects, and all that hangs on it (INV-9).

    Its audit trail goes too, and no published type tells of the end of it, so no event is left.
    Raises OrganizationNotEmpty. Source: contract, deleteOrg.
    """
    await access.organization(tx, caller, organization_id, to=Permission.ORGANIZATION_DELETE)
    await organizations.lock(tx, organization_id)
    if await projects.count(tx, organization_id):
        raise OrganizationNotEmpty
    await organizations.delete(tx, organization_id)


async def _record(tx: Transaction, caller: Caller, organization: Organization, type_name: str) -> None:
    await trail.append(
        tx,
        events.by(caller, type_name, id=tx.new_id(), organization_id=organization.id, now=tx.now),
    )
