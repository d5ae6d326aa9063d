"""Accounts of people, whatever organizations they belong to."""

import asyncio
import functools
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import NamedTuple

from antechamber.auth import passwords
from antechamber.domain import roles, usernames, users
from antechamber.domain.callers import Caller
from antechamber.domain.errors import (
    CommonPassword,
    MissingAttribute,
    NotUserAdmin,
    RoleNeedsNoOrganization,
    RoleNeedsNoProject,
    RoleNeedsOrganization,
    RoleNeedsProject,
    UnsupportedRole,
    UserAlreadyExists,
    UsernameNotFound,
    UserNotFound,
    WeakPassword,
)
from antechamber.domain.invitations import ProjectRole
from antechamber.domain.permissions import Permission
from antechamber.domain.roles import ORG_MEMBER, ORGANIZATION_ROLES, PROJECT_ROLES
from antechamber.domain.users import OrganizationUser, Status, User
from antechamber.storage import invitations as sent
from antechamber.storage import organization_users as people
from antechamber.storage import organizations
from antechamber.storage import users as accounts
from antechamber.storage.database import Transaction
from antechamber.usecases import access, invitations

# Not more at once: one hash holds 19 MiB (auth.passwords).
MOST_HASHES_AT_ONCE = 2
_MEMBERS = frozenset({Status.ACTIVE})


class RoleRequest(NamedTuple):
    """A role as asked for, with the one organization or project it is to be on."""

    organization_id: str | None
    project_id: str | None
    role: str


class Account(NamedTuple):
    """An account, and its place in the caller's organization; None for somebody who is not a member."""

    user: User
    membership: OrganizationUser | None


@functools.cache
def _hashing(_process_id: int) -> ThreadPoolExecutor:
    """Return this process's threads: a fork does not take them along."""
    return ThreadPoolExecutor(MOST_HASHES_AT_ONCE, thread_name_prefix="password-hash")


async def hash_password(password: str) -> str:
    """Return what is kept of a password. Call this before the transaction, which it would hold up.

    Raises WeakPassword, CommonPassword.
    """
    try:
        return await asyncio.get_running_loop().run_in_executor(
            _hashing(os.getpid()), passwords.hash_password, password
        )
    except passwords.WeakPassword as error:
        raise WeakPassword from error
    except passwords.CommonPassword as error:
        raise CommonPassword from error


async def is_password(password: str, password_hash: str | None) -> bool:
    """Tell whether the password has this hash; None, for nobody's, takes as long. Not in a transaction."""
    return await asyncio.get_running_loop().run_in_executor(
        _hashing(os.getpid()), passwords.verify_password, password, password_hash
    )


async def create(
    tx: Transaction,
    caller: Caller,
    *,
    username: str,
    password_hash: str,
    first_name: str,
    last_name: str,
    country: str,
    mobile_number: str = "",
    requested_roles: Sequence[RoleRequest],
    known_roles: frozenset[str] = roles.PROJECT_ROLES,
) -> Account:
    """Create an account and send the invitation for its roles, which it has only once that is accepted.

    The address stays unproven until then (INV-12). An account that only invitations have made so far is
    filled in. known_roles: the project roles that there are, where the request came in.
    Raises InvalidUsername, UserAlreadyExists, the refusals for names, country, number and
    roles, and what inviting raises. Source: contract, createUser; DOMAIN.md section 2.
    """
    address = usernames.parse(username)
    user = User(
        id=tx.new_id(),
        username=address.text,
        created_at=tx.now,
        first_name=users.first_name(first_name),
        last_name=users.last_name(last_name),
        country=users.country(country),
        mobile_number=users.mobile_number(mobile_number),
    )
    if not requested_roles:
        raise MissingAttribute("roles")
    for request in requested_roles:
        _require_scope(request)
    # Before looking at projects: they cannot be deleted meanwhile (INV-16).
    await organizations.lock(tx, caller.organization.id)
    organization_roles, project_roles = await _grantable(tx, caller, requested_roles, known_roles)
    if not await accounts.insert(tx, user, address, password_hash=password_hash):
        shadow = await accounts.find_by_key(tx, address.key)
        assert shadow is not None, "an address that is taken belongs to a user"
        user = replace(user, id=shadow.id, username=shadow.username, created_at=shadow.created_at)
        if not await accounts.complete(tx, user, password_hash):
            raise UserAlreadyExists(address.text)
    await invitations.send_to_organization(
        tx,
        caller,
        caller.organization,
        address,
        roles=organization_roles or (ORG_MEMBER,),
        project_roles=project_roles,
    )
    return Account(user, None)


async def get(tx: Transaction, caller: Caller, *, user_id: str) -> Account:
    """Return an account of somebody whom the caller's organization knows.

    Raises UserNotFound; NotUserAdmin for people of other organizations only (like an unknown one where
    the policy hides those). Source: contract, getUser.
    """
    user = await accounts.find(tx, user_id)
    account = None if user is None else await _seen(tx, caller, user, user_id)
    if account is None:
        raise UserNotFound(user_id)
    return account


async def get_by_name(tx: Transaction, caller: Caller, *, username: str) -> Account:
    """Return the account of a username, as for an id.

    Raises UsernameNotFound, NotUserAdmin. Source: contract, getUserByName; DOMAIN.md section 9.
    """
    user = await accounts.find_by_key(tx, usernames.key_of(username))
    account = None if user is None else await _seen(tx, caller, user, username)
    if account is None:
        raise UsernameNotFound(username)
    return account


async def _seen(tx: Transaction, caller: Caller, user: User, asked_for: str) -> Account | None:
    """Return the account as the caller's organization sees it, None for one that is nobody's."""
    organization_id = caller.organization.id
    membership = await people.find(tx, organization_id, user.id, statuses=_MEMBERS)
    if membership is not None:
        return Account(user, membership)
    if await sent.names_user(tx, organization_id, user.id):
        # An invitation does not open a stranger's profile, nor tell that there was one (INV-26).
        return Account(_address_only(user) if user.is_verified else user, None)
    if tx.policy.hide_foreign or not user.is_verified:
        return None
    raise NotUserAdmin(asked_for)


def _address_only(user: User) -> User:
    return User(id=user.id, username=user.username, created_at=user.created_at)


def _require_scope(request: RoleRequest) -> None:
    """Return when the role names the one scope it may stand on.

    Source: contract, ERRORS.md "Users, roles": ROLE_NEEDS_…
    """
    organization_id, project_id, role = request
    if role in ORGANIZATION_ROLES:
        if project_id is not None:
            raise RoleNeedsNoProject(role)
        if organization_id is None:
            raise RoleNeedsOrganization(role)
    elif role in PROJECT_ROLES:
        if organization_id is not None:
            raise RoleNeedsNoOrganization(role)
        if project_id is None:
            raise RoleNeedsProject(role)
    elif (organization_id is None) == (project_id is None):
        raise UnsupportedRole


async def _grantable(
    tx: Transaction, caller: Caller, requests: Sequence[RoleRequest], known_roles: frozenset[str]
) -> tuple[tuple[str, ...], tuple[ProjectRole, ...]]:
    """Return organization roles and project roles, all of which the caller may give (INV-5)."""
    on_organization: list[str] = []
    on_projects: dict[ProjectRole, None] = {}
    for organization_id, project_id, role in requests:
        if organization_id is not None:
            await access.organization(tx, caller, organization_id, to=Permission.ORGANIZATION_USERS_MANAGE)
            on_organization.append(role)
        elif project_id is not None:
            await access.project(tx, caller, project_id, to=Permission.PROJECT_USERS_MANAGE)
            (kept,) = roles.project_roles((role,), project_id, known=known_roles)
            on_projects[ProjectRole(project_id, kept)] = None
    kept_roles = roles.organization_roles(on_organization, caller.organization.id) if on_organization else ()
    return kept_roles, tuple(on_projects)
