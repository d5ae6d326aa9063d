"""Organizations, and the credentials that a new one starts with."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from antechamber.auth import api_keys as key_parts
from antechamber.auth import client_credentials, digest
from antechamber.domain import events, names, roles, usernames
from antechamber.domain.api_keys import ApiKey
from antechamber.domain.callers import Caller
from antechamber.domain.errors import InvalidAttribute, MissingAttribute, UserNotFound
from antechamber.domain.organizations import Organization
from antechamber.domain.paging import Page, PageRequest
from antechamber.domain.permissions import Permission
from antechamber.domain.service_accounts import LONGEST_SECRET_LIFETIME_HOURS, Secret, ServiceAccount
from antechamber.storage import api_keys, organizations, service_accounts, users
from antechamber.storage import events as trail
from antechamber.storage.database import Transaction
from antechamber.usecases import access

SHORTEST_SECRET_LIFETIME_HOURS = 8
_DESCRIPTION_CHARACTERS = 250


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key and the one clear copy of its private half."""

    key: ApiKey
    private_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewServiceAccount:
    """A service account and the one clear copy of its first secret."""

    account: ServiceAccount
    secret: Secret
    clear_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ApiKeyRequest:
    """The key a new organization is to start with."""

    description: str
    roles: Sequence[str]


@dataclass(frozen=True, slots=True)
class ServiceAccountRequest:
    """The service account a new organization is to start with."""

    name: str
    description: str
    roles: Sequence[str]
    secret_lifetime_hours: int


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
    role refusals, InvalidAttribute. Source: contract, createOrg; INV-3, INV-7.
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
    await organizations.insert(tx, organization)
    await _record(tx, caller, organization, events.ORG_CREATED)
    await users.join_organization(
        tx, organization.id, owner, usernames.parse(owner.username), (roles.ORG_OWNER,), tx.now
    )
    new_key = new_account = None
    if api_key is not None:
        new_key = await add_api_key(
            tx, caller, organization, description=api_key.description, requested_roles=api_key.roles
        )
    if service_account is not None:
        new_account = await add_service_account(
            tx,
            caller,
            organization,
            name=service_account.name,
            description=service_account.description,
            requested_roles=service_account.roles,
            secret_lifetime_hours=service_account.secret_lifetime_hours,
        )
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
    organization = await access.organization(tx, caller, organization_id, to=Permission.ORGANIZATION_UPDATE)
    changed = organization
    if name is not None:
        changed = replace(changed, name=names.organization_name(name))
    if skip_default_alerts_settings is not None:
        changed = replace(changed, skip_default_alerts_settings=skip_default_alerts_settings)
    await organizations.update(tx, changed)
    if changed.name != organization.name:
        await _record(tx, caller, changed, events.ORG_RENAMED)
    return changed


async def add_api_key(
    tx: Transaction,
    caller: Caller,
    organization: Organization,
    *,
    description: str,
    requested_roles: Sequence[str],
) -> NewApiKey:
    """Add a key to an organization. Raises InvalidAttribute, the role refusals."""
    if not 1 <= len(description) <= _DESCRIPTION_CHARACTERS:
        raise InvalidAttribute("desc")
    private_key = key_parts.new_private_key()
    key = ApiKey(
        id=tx.new_id(),
        organization_id=organization.id,
        public_key=key_parts.new_public_key(),
        private_key_tail=key_parts.tail(private_key),
        description=description,
        roles=roles.organization_roles(requested_roles, organization.id),
        created_at=tx.now,
    )
    while not await api_keys.insert(tx, key, digest.ha1(key.public_key, private_key)):
        key = replace(key, public_key=key_parts.new_public_key())
    await _record(tx, caller, organization, events.API_KEY_CREATED, target_public_key=key.public_key)
    return NewApiKey(key, private_key)


async def add_service_account(
    tx: Transaction,
    caller: Caller,
    organization: Organization,
    *,
    name: str,
    description: str,
    requested_roles: Sequence[str],
    secret_lifetime_hours: int,
) -> NewServiceAccount:
    """Add a service account with a first secret. Raises InvalidAttribute, the role refusals."""
    if not name:
        raise MissingAttribute("name")
    if not 1 <= len(description) <= _DESCRIPTION_CHARACTERS:
        raise InvalidAttribute("description")
    if not SHORTEST_SECRET_LIFETIME_HOURS <= secret_lifetime_hours <= LONGEST_SECRET_LIFETIME_HOURS:
        raise InvalidAttribute("secretExpiresAfterHours")
    clear_secret = client_credentials.new_secret()
    account = ServiceAccount(
        client_id=client_credentials.new_client_id(tx.new_id()),
        organization_id=organization.id,
        name=name,
        description=description,
        roles=roles.organization_roles(requested_roles, organization.id),
        created_at=tx.now,
    )
    secret = Secret(
        id=tx.new_id(),
        client_id=account.client_id,
        mask=client_credentials.mask(clear_secret),
        created_at=tx.now,
        expires_at=tx.now + timedelta(hours=secret_lifetime_hours),
    )
    await service_accounts.insert(tx, account)
    await service_accounts.insert_secret(
        tx, organization.id, secret, client_credentials.fingerprint(clear_secret)
    )
    await _record(
        tx, caller, organization, events.SERVICE_ACCOUNT_CREATED, target_client_id=account.client_id
    )
    return NewServiceAccount(account, secret, clear_secret)


async def _record(
    tx: Transaction,
    caller: Caller,
    organization: Organization,
    type_name: str,
    *,
    target_public_key: str | None = None,
    target_client_id: str | None = None,
) -> None:
    await trail.append(
        tx,
        events.by(
            caller,
            type_name,
            id=tx.new_id(),
            organization_id=organization.id,
            target_public_key=target_public_key,
            target_client_id=target_client_id,
            now=tx.now,
        ),
    )
