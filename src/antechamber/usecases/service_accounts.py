"""Service accounts of organizations, their secrets, and their use in projects."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from antechamber.auth import client_credentials
from antechamber.domain import events, roles
from antechamber.domain.access_lists import Entry
from antechamber.domain.callers import Caller, CallerKind
from antechamber.domain.errors import NotAuthorized, ResourceNotFound, TooManySecrets
from antechamber.domain.organizations import Organization
from antechamber.domain.paging import Page, PageRequest
from antechamber.domain.permissions import Permission
from antechamber.domain.policy import SECRETS_PER_SERVICE_ACCOUNT
from antechamber.domain.projects import Project
from antechamber.domain.service_accounts import (
    Secret,
    ServiceAccount,
    require_description,
    require_name,
    require_secret_lifetime,
)
from antechamber.storage import events as trail
from antechamber.storage import organizations, projects, service_accounts
from antechamber.storage.database import Transaction
from antechamber.usecases import access, access_lists
from antechamber.usecases.access_lists import Holder


@dataclass(frozen=True, slots=True)
class ServiceAccountRequest:
    """An account that is wanted."""

    name: str
    description: str
    roles: Sequence[str]
    secret_lifetime_hours: int


@dataclass(frozen=True, slots=True)
class ServiceAccountChange:
    """What is to be changed of an account; what is None stays."""

    name: str | None = None
    description: str | None = None
    roles: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A secret and the one clear copy of it."""

    secret: Secret
    clear: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewServiceAccount:
    """A service account and its first secret."""

    account: ServiceAccount
    secret: NewSecret


@dataclass(frozen=True, slots=True)
class Assigned:
    """A service account and its direct roles on one project."""

    account: ServiceAccount
    roles: tuple[str, ...]


# -- of an organization -----------------------------------------------------------------------------


async def list_of_organization(
    tx: Transaction, caller: Caller, *, organization_id: str, page: PageRequest
) -> Page[ServiceAccount]:
    """Return the organization's accounts, by client id. Source: contract, listOrgServiceAccounts."""
    await access.organization(tx, caller, organization_id, to=Permission.ORGANIZATION_SERVICE_ACCOUNTS_READ)
    return await service_accounts.list_of_organization(tx, organization_id, page)


async def get(tx: Transaction, caller: Caller, *, organization_id: str, client_id: str) -> ServiceAccount:
    """Return one account. Raises ResourceNotFound. Source: contract, getOrgServiceAccount."""
    await access.organization(tx, caller, organization_id, to=Permission.ORGANIZATION_SERVICE_ACCOUNTS_READ)
    return await _find(tx, organization_id, client_id)


async def list_projects(
    tx: Transaction, caller: Caller, *, organization_id: str, client_id: str, page: PageRequest
) -> Page[tuple[str, tuple[str, ...]]]:
    """Return ids of the projects an account is assigned to, and its roles there, by id.

    Raises ResourceNotFound. Source: contract, getOrgServiceAccountGroups.
    """
    await get(tx, caller, organization_id=organization_id, client_id=client_id)
    assigned = [*(await projects.roles_of_principal(tx, organization_id, client_id)).items()]
    return Page(assigned[page.offset : page.offset + page.size], len(assigned), page)


async def create(
    tx: Transaction, caller: Caller, *, organization_id: str, request: ServiceAccountRequest
) -> NewServiceAccount:
    """Create an account. Raises what `add` raises. Source: contract, createOrgServiceAccount."""
    organization = await access.organization(
        tx, caller, organization_id, to=Permission.ORGANIZATION_SERVICE_ACCOUNTS_MANAGE
    )
    return await add(tx, caller, organization, request)


async def add(
    tx: Transaction, caller: Caller, organization: Organization, request: ServiceAccountRequest
) -> NewServiceAccount:
    """Add an account with a first secret to an organization in which the caller may do so.

    Raises InvalidAttribute, AttributeNotPositive, the role refusals.
    """
    account = ServiceAccount(
        client_id=client_credentials.new_client_id(tx.new_id()),
        organization_id=organization.id,
        name=require_name(request.name),
        description=require_description(request.description),
        roles=roles.organization_roles(request.roles, organization.id),
        created_at=tx.now,
    )
    hours = await _lifetime(tx, organization.id, request.secret_lifetime_hours)
    await service_accounts.insert(tx, account)
    secret = await _add_secret(tx, account, hours)
    await _record(tx, caller, account, events.SERVICE_ACCOUNT_CREATED)
    return NewServiceAccount(replace(account, secrets=(secret.secret,)), secret)


async def update(
    tx: Transaction, caller: Caller, *, organization_id: str, client_id: str, change: ServiceAccountChange
) -> ServiceAccount:
    """Change an account; its roles on the organization are replaced.

    Raises ResourceNotFound, InvalidAttribute, the role refusals. Source: contract, updateOrgServiceAccount.
    """
    account = await _managed(tx, caller, organization_id, client_id)
    changed = _described(account, change)
    if change.roles is not None:
        changed = replace(changed, roles=roles.organization_roles(change.roles, organization_id))
    await _keep(tx, caller, account, changed)
    return changed


async def delete(tx: Transaction, caller: Caller, *, organization_id: str, client_id: str) -> None:
    """Delete an account; its tokens are refused from the next request on (INV-25).

    Raises ResourceNotFound. Source: contract, deleteOrgServiceAccount.
    """
    account = await _managed(tx, caller, organization_id, client_id)
    await service_accounts.delete(tx, account)
    await _record(tx, caller, account, events.SERVICE_ACCOUNT_DELETED)


async def create_secret(
    tx: Transaction, caller: Caller, *, organization_id: str, client_id: str, lifetime_hours: int
) -> NewSecret:
    """Give an account another secret.

    Raises ResourceNotFound, TooManySecrets, InvalidAttribute, AttributeNotPositive.
    Source: contract, createOrgServiceAccountSecret.
    """
    account = await _managed(tx, caller, organization_id, client_id)
    return await _create_secret(tx, caller, account, lifetime_hours, None)


async def delete_secret(
    tx: Transaction, caller: Caller, *, organization_id: str, client_id: str, secret_id: str
) -> None:
    """Delete a secret; tokens that it was shown for are refused from the next request on (INV-25).

    Raises ResourceNotFound. Source: contract, deleteOrgServiceAccountSecret.
    """
    account = await _managed(tx, caller, organization_id, client_id)
    await _delete_secret(tx, caller, account, secret_id, None)


async def list_access_entries(
    tx: Transaction, caller: Caller, *, organization_id: str, client_id: str, page: PageRequest
) -> Page[Entry]:
    """Return an account's access list. Raises ResourceNotFound.

    Source: contract, listOrgServiceAccountAccessList.
    """
    account = await get(tx, caller, organization_id=organization_id, client_id=client_id)
    return await access_lists.page_of(tx, _holder(account), page)


async def add_access_entries(
    tx: Transaction,
    caller: Caller,
    *,
    organization_id: str,
    client_id: str,
    addresses: Sequence[str],
    page: PageRequest,
) -> Page[Entry]:
    """Add addresses and CIDR blocks to an account's access list; return a page of the whole list.

    Raises ResourceNotFound, and what `access_lists.add` raises.
    Source: contract, createOrgServiceAccountAccessList.
    """
    holder = _holder(await _managed(tx, caller, organization_id, client_id))
    return await _add_entries(tx, caller, holder, addresses, page)


async def remove_access_entry(
    tx: Transaction, caller: Caller, *, organization_id: str, client_id: str, address: str
) -> None:
    """Take an address or CIDR block off an account's access list.

    Raises ResourceNotFound, InvalidAddress, CallersOwnAddress.
    Source: contract, deleteOrgServiceAccountAccessListEntry.
    """
    holder = _holder(await _managed(tx, caller, organization_id, client_id))
    await _remove_entry(tx, caller, holder, address)


async def _managed(tx: Transaction, caller: Caller, organization_id: str, client_id: str) -> ServiceAccount:
    """Return an account that the caller may change as it likes, the organization locked."""
    await access.organization(tx, caller, organization_id, to=Permission.ORGANIZATION_SERVICE_ACCOUNTS_MANAGE)
    await organizations.lock(tx, organization_id)
    return await _find(tx, organization_id, client_id)


# -- in projects ------------------------------------------------------------------------------------


async def list_of_project(
    tx: Transaction, caller: Caller, *, project_id: str, page: PageRequest
) -> Page[Assigned]:
    """Return the accounts that are assigned to a project, by client id.

    Source: contract, listGroupServiceAccounts.
    """
    project = await access.project(tx, caller, project_id, to=Permission.PROJECT_SERVICE_ACCOUNTS_READ)
    found = await service_accounts.list_of_project(tx, project.organization_id, project_id, page)
    return Page([Assigned(account, held) for account, held in found.items], found.total, page)


async def get_in_project(tx: Transaction, caller: Caller, *, project_id: str, client_id: str) -> Assigned:
    """Return an account that is assigned to a project. Raises ResourceNotFound.

    Source: contract, getGroupServiceAccount.
    """
    project = await access.project(tx, caller, project_id, to=Permission.PROJECT_SERVICE_ACCOUNTS_READ)
    return await _find_assigned(tx, project, client_id)


async def create_in_project(
    tx: Transaction, caller: Caller, *, project_id: str, request: ServiceAccountRequest
) -> tuple[NewServiceAccount, tuple[str, ...]]:
    """Create an account of the project's organization, a member there; return it and its project roles.

    Raises what `add` raises. Source: contract, createGroupServiceAccount; DOMAIN.md section 7.
    """
    project = await access.project(tx, caller, project_id, to=Permission.PROJECT_SERVICE_ACCOUNTS_MANAGE)
    kept = roles.project_roles(request.roles, project_id)
    await organizations.lock(tx, project.organization_id)
    new = await add(tx, caller, caller.organization, replace(request, roles=(roles.ORG_MEMBER,)))
    await _set_roles(tx, caller, new.account, project, before=(), kept=kept)
    return new, kept


async def invite(
    tx: Transaction, caller: Caller, *, project_id: str, client_id: str, requested_roles: Sequence[str]
) -> Assigned:
    """Give an account of the organization exactly these roles on a project, at once.

    Raises ResourceNotFound, the role refusals. Source: contract, inviteGroupServiceAccount.
    """
    project = await access.project(tx, caller, project_id, to=Permission.PROJECT_SERVICE_ACCOUNTS_READ)
    account = await _managed(tx, caller, project.organization_id, client_id)
    kept = roles.project_roles(requested_roles, project_id)
    before = await projects.direct_roles(tx, project.organization_id, project_id, client_id)
    await _set_roles(tx, caller, account, project, before=before, kept=kept)
    return Assigned(account, kept)


async def update_in_project(
    tx: Transaction, caller: Caller, *, project_id: str, client_id: str, change: ServiceAccountChange
) -> Assigned:
    """Change an account that is assigned to a project; its roles on the project are replaced.

    Raises ResourceNotFound, InvalidAttribute, the role refusals.
    Source: contract, updateGroupServiceAccount.
    """
    project, assigned = await _managed_in_project(tx, caller, project_id, client_id)
    changed = _described(assigned.account, change)
    kept = assigned.roles
    if change.roles is not None:
        kept = roles.project_roles(change.roles, project_id)
    await _keep(tx, caller, assigned.account, changed)
    await _set_roles(tx, caller, changed, project, before=assigned.roles, kept=kept)
    return Assigned(changed, kept)


async def unassign(tx: Transaction, caller: Caller, *, project_id: str, client_id: str) -> None:
    """Take an account off a project; it stays in the organization with its secrets.

    Raises ResourceNotFound. Source: contract, deleteGroupServiceAccount; DOMAIN.md section 7.
    """
    project, assigned = await _managed_in_project(tx, caller, project_id, client_id)
    await projects.revoke(tx, project.organization_id, project_id, client_id)
    await _record(tx, caller, assigned.account, events.SERVICE_ACCOUNT_REMOVED_FROM_GROUP, project)


async def create_secret_in_project(
    tx: Transaction, caller: Caller, *, project_id: str, client_id: str, lifetime_hours: int
) -> NewSecret:
    """Give an account that is assigned to a project another secret.

    Raises ResourceNotFound, NotAuthorized for an account that may do more than the caller, TooManySecrets,
    InvalidAttribute, AttributeNotPositive. Source: contract, createGroupServiceAccountSecret; INV-5.
    """
    project, account = await _in_hand(tx, caller, project_id, client_id)
    return await _create_secret(tx, caller, account, lifetime_hours, project)


async def delete_secret_in_project(
    tx: Transaction, caller: Caller, *, project_id: str, client_id: str, secret_id: str
) -> None:
    """Delete a secret of an account that is assigned to a project.

    Raises ResourceNotFound, NotAuthorized for an account that may do more than the caller.
    Source: contract, deleteGroupServiceAccountSecret; INV-5, INV-25.
    """
    project, account = await _in_hand(tx, caller, project_id, client_id)
    await _delete_secret(tx, caller, account, secret_id, project)


async def list_access_entries_in_project(
    tx: Transaction, caller: Caller, *, project_id: str, client_id: str, page: PageRequest
) -> Page[Entry]:
    """Return the access list of an account that is assigned to a project. Raises ResourceNotFound.

    Source: contract, listGroupServiceAccountAccessList.
    """
    assigned = await get_in_project(tx, caller, project_id=project_id, client_id=client_id)
    return await access_lists.page_of(tx, _holder(assigned.account), page)


async def add_access_entries_in_project(
    tx: Transaction,
    caller: Caller,
    *,
    project_id: str,
    client_id: str,
    addresses: Sequence[str],
    page: PageRequest,
) -> Page[Entry]:
    """Add to the access list of an account that is assigned to a project; return a page of all of it.

    Raises ResourceNotFound, NotAuthorized for an account that may do more than the caller, and what
    `access_lists.add` raises. Source: contract, createGroupServiceAccountAccessList; INV-5.
    """
    project, account = await _in_hand(tx, caller, project_id, client_id)
    return await _add_entries(tx, caller, _holder(account, project), addresses, page)


async def remove_access_entry_in_project(
    tx: Transaction, caller: Caller, *, project_id: str, client_id: str, address: str
) -> None:
    """Take a block off the access list of an account that is assigned to a project.

    Raises ResourceNotFound, NotAuthorized for an account that may do more than the caller, InvalidAddress,
    CallersOwnAddress. Source: contract, deleteGroupServiceAccountAccessListEntry; INV-5.
    """
    project, account = await _in_hand(tx, caller, project_id, client_id)
    await _remove_entry(tx, caller, _holder(account, project), address)


async def _managed_in_project(
    tx: Transaction, caller: Caller, project_id: str, client_id: str
) -> tuple[Project, Assigned]:
    project = await access.project(tx, caller, project_id, to=Permission.PROJECT_SERVICE_ACCOUNTS_MANAGE)
    await organizations.lock(tx, project.organization_id)
    return project, await _find_assigned(tx, project, client_id)


async def _in_hand(
    tx: Transaction, caller: Caller, project_id: str, client_id: str
) -> tuple[Project, ServiceAccount]:
    """Return an account whose credentials the caller may handle: it can do nothing the caller cannot.

    Who makes a secret can act as the account, so a project owner could otherwise become an owner of the
    organization, or of another project (INV-5).
    """
    project, assigned = await _managed_in_project(tx, caller, project_id, client_id)
    account = assigned.account
    if roles.ORG_OWNER in caller.roles:
        return project, account
    own = await projects.roles_of_principal(tx, project.organization_id, caller.id)
    implied = roles.implied_project_roles(caller.roles)
    theirs = await projects.roles_of_principal(tx, project.organization_id, client_id)
    if not {*account.roles} <= {*caller.roles, roles.ORG_MEMBER}:
        raise NotAuthorized
    for id, wanted in theirs.items():
        held = {*own.get(id, ()), *implied}
        if roles.GROUP_OWNER not in held and not {*wanted} <= held:
            raise NotAuthorized
    return project, account


async def _find_assigned(tx: Transaction, project: Project, client_id: str) -> Assigned:
    held = await projects.direct_roles(tx, project.organization_id, project.id, client_id)
    if not held:
        raise ResourceNotFound(client_id)
    return Assigned(await _find(tx, project.organization_id, client_id), held)


async def _set_roles(
    tx: Transaction,
    caller: Caller,
    account: ServiceAccount,
    project: Project,
    *,
    before: Sequence[str],
    kept: tuple[str, ...],
) -> None:
    if {*before} == {*kept}:
        return
    await projects.grant(
        tx,
        project.organization_id,
        project.id,
        kind=CallerKind.SERVICE_ACCOUNT,
        principal_id=account.client_id,
        roles=kept,
        at=tx.now,
    )
    type_name = events.SERVICE_ACCOUNT_ROLES_CHANGED if before else events.SERVICE_ACCOUNT_ADDED_TO_GROUP
    await _record(tx, caller, account, type_name, project)


# -- both -------------------------------------------------------------------------------------------


async def _find(tx: Transaction, organization_id: str, client_id: str) -> ServiceAccount:
    account = await service_accounts.find(tx, organization_id, client_id)
    if account is None:
        raise ResourceNotFound(client_id)
    return account


def _described(account: ServiceAccount, change: ServiceAccountChange) -> ServiceAccount:
    if change.name is not None:
        account = replace(account, name=require_name(change.name))
    if change.description is not None:
        account = replace(account, description=require_description(change.description))
    return account


async def _keep(tx: Transaction, caller: Caller, before: ServiceAccount, account: ServiceAccount) -> None:
    if account == before:
        return
    await service_accounts.update(tx, account)
    if (account.name, account.description) != (before.name, before.description):
        await _record(tx, caller, account, events.SERVICE_ACCOUNT_DETAILS_CHANGED)
    if account.roles != before.roles:
        await _record(tx, caller, account, events.SERVICE_ACCOUNT_ROLES_CHANGED)


async def _lifetime(tx: Transaction, organization_id: str, hours: int) -> timedelta:
    settings = await organizations.settings(tx, organization_id)
    return timedelta(hours=require_secret_lifetime(hours, settings.max_secret_hours))


async def _add_secret(tx: Transaction, account: ServiceAccount, lifetime: timedelta) -> NewSecret:
    clear = client_credentials.new_secret()
    secret = Secret(
        id=tx.new_id(),
        client_id=account.client_id,
        mask=client_credentials.mask(clear),
        created_at=tx.now,
        expires_at=tx.now + lifetime,
    )
    await service_accounts.insert_secret(
        tx, account.organization_id, secret, client_credentials.fingerprint(clear)
    )
    return NewSecret(secret, clear)


async def _create_secret(
    tx: Transaction, caller: Caller, account: ServiceAccount, hours: int, project: Project | None
) -> NewSecret:
    """Add a secret. Expired ones make room: they are of no use, and their number would have no end."""
    lifetime = await _lifetime(tx, account.organization_id, hours)
    expired = [secret for secret in account.secrets if tx.now >= secret.expires_at]
    most = tx.policy.limits[SECRETS_PER_SERVICE_ACCOUNT]
    if len(account.secrets) - len(expired) >= most:
        raise TooManySecrets(f"a service account has at most {most} secrets")
    for secret in expired:
        await _delete_secret(tx, caller, account, secret.id, project)
    new = await _add_secret(tx, account, lifetime)
    await _record(tx, caller, account, events.SERVICE_ACCOUNT_SECRET_ADDED, project)
    return new


async def _delete_secret(
    tx: Transaction, caller: Caller, account: ServiceAccount, secret_id: str, project: Project | None
) -> None:
    for secret in account.secrets:
        if secret.id == secret_id:
            await service_accounts.delete_secret(tx, account.organization_id, secret)
            await _record(tx, caller, account, events.SERVICE_ACCOUNT_SECRET_DELETED, project)
            return
    raise ResourceNotFound(secret_id)


def _holder(account: ServiceAccount, project: Project | None = None) -> Holder:
    return Holder(
        account.organization_id,
        account.client_id,
        client_id=account.client_id,
        project_id=project.id if project else None,
    )


async def _add_entries(
    tx: Transaction, caller: Caller, holder: Holder, addresses: Sequence[str], page: PageRequest
) -> Page[Entry]:
    added = events.SERVICE_ACCOUNT_ACCESS_LIST_ENTRY_ADDED
    await access_lists.add(tx, caller, holder, addresses, event=added)
    return await access_lists.page_of(tx, holder, page)


async def _remove_entry(tx: Transaction, caller: Caller, holder: Holder, address: str) -> None:
    deleted = events.SERVICE_ACCOUNT_ACCESS_LIST_ENTRY_DELETED
    await access_lists.remove(tx, caller, holder, address, event=deleted)


async def _record(
    tx: Transaction,
    caller: Caller,
    account: ServiceAccount,
    type_name: str,
    project: Project | None = None,
) -> None:
    await trail.append(
        tx,
        events.by(
            caller,
            type_name,
            id=tx.new_id(),
            organization_id=account.organization_id,
            project_id=project.id if project else None,
            target_client_id=account.client_id,
            now=tx.now,
        ),
    )
