"""What most stories begin with: an organization with an owner, a project, a team and credentials."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from antechamber.auth import client_credentials, digest
from antechamber.domain import usernames
from antechamber.domain.api_keys import ApiKey
from antechamber.domain.callers import Caller, CallerKind
from antechamber.domain.organizations import Organization
from antechamber.domain.projects import Project
from antechamber.domain.roles import GROUP_OWNER, ORG_MEMBER, ORG_OWNER
from antechamber.domain.service_accounts import Secret, ServiceAccount
from antechamber.domain.teams import Team
from antechamber.domain.users import User
from antechamber.storage import api_keys, organizations, projects, service_accounts, teams, users
from antechamber.storage.database import Transaction

ADDRESS = "203.0.113.7"

Owner = TypeVar("Owner")
Item = TypeVar("Item")


async def gathered(parts: AsyncIterator[list[Item]]) -> list[Item]:
    """Return what is read in parts as one list."""
    return [item async for part in parts for item in part]


def whole(
    usecase: Callable[..., Awaitable[tuple[Owner, AsyncIterator[list[Item]]]]],
) -> Callable[..., Awaitable[tuple[Owner, list[Item]]]]:
    """Return the use case with its list gathered while the transaction is open."""

    async def run(*args: Any, **values: Any) -> tuple[Owner, list[Item]]:
        owner, parts = await usecase(*args, **values)
        return owner, await gathered(parts)

    return run


class Clock:
    """Unix seconds that only move when told to."""

    def __init__(self, at: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self.now = at

    def __call__(self) -> float:
        # In the middle of the second: a database server's clock is some microseconds from ours.
        return self.now.timestamp() + 0.5

    def advance(self, *, days: int = 0, seconds: int = 0) -> None:
        """Let time go by."""
        self.now += timedelta(days=days, seconds=seconds)


@dataclass(frozen=True, slots=True)
class World:
    """One organization and what stands in it; private halves and secrets in clear."""

    organization: Organization
    project: Project
    team: Team
    owner: User
    member: User
    key: ApiKey
    private_key: str
    account: ServiceAccount
    secret: Secret
    clear_secret: str

    @property
    def caller(self) -> Caller:
        """The API key, which owns the organization."""
        return Caller(
            CallerKind.API_KEY,
            self.key.id,
            self.key.public_key,
            self.organization,
            frozenset(self.key.roles),
            ADDRESS,
        )

    def caller_with(self, *roles: str) -> Caller:
        """Another key of the organization, with these roles there and none on its projects."""
        return replace(self.caller, id="f" * 24, name="otherkey", roles=frozenset(roles))


def user(id: str, username: str, at: datetime) -> User:
    """Return an account of that address."""
    return User(id=id, username=username, created_at=at)


async def join(tx: Transaction, organization_id: str, username: str, *roles: str) -> User:
    """Plant a member of an organization."""
    address = usernames.parse(username)
    person = user(tx.new_id(), address.text, tx.now)
    assert await users.insert(tx, person, address, verified=True)
    assert await users.join_organization(tx, organization_id, person, address, roles, tx.now)
    return person


async def plant(tx: Transaction, name: str = "Acme") -> World:
    """Plant an organization whose other names all follow from its own."""
    organization = Organization(tx.new_id(), name, tx.now)
    assert await organizations.insert(tx, organization)
    domain = f"{name.lower()}.example"
    owner = await join(tx, organization.id, f"owner@{domain}", ORG_OWNER)
    member = await join(tx, organization.id, f"member@{domain}", ORG_MEMBER)
    project = await plant_project(tx, organization, f"{name} Mobile")
    await projects.grant(
        tx,
        organization.id,
        project.id,
        kind=CallerKind.USER,
        principal_id=owner.id,
        roles=(GROUP_OWNER,),
        at=tx.now,
    )
    team = await plant_team(tx, organization, f"{name} Crew")
    assert await teams.add_member(tx, team, owner.id, tx.now)
    key, private_key = await plant_key(tx, organization, ORG_OWNER)
    account, secret, clear_secret = await plant_account(tx, organization, ORG_OWNER)
    return World(organization, project, team, owner, member, key, private_key, account, secret, clear_secret)


async def plant_project(tx: Transaction, organization: Organization, name: str) -> Project:
    """Plant a project on which nobody has a direct role."""
    project = Project(tx.new_id(), organization.id, name, tx.now)
    assert await projects.insert(tx, project)
    return project


async def plant_team(tx: Transaction, organization: Organization, name: str) -> Team:
    """Plant a team without members."""
    team = Team(tx.new_id(), organization.id, name, tx.now)
    assert await teams.insert(tx, team)
    return team


async def plant_key(tx: Transaction, organization: Organization, *roles: str) -> tuple[ApiKey, str]:
    """Plant an API key; return it and its private half."""
    id = tx.new_id()
    letters = hashlib.sha256(id.encode()).hexdigest()[:8].translate(str.maketrans("0123456789", "ghijklmnop"))
    private_key = f"00000000-0000-4000-8000-{id[12:]}"
    key = ApiKey(id, organization.id, letters, private_key[-12:], "a key", roles, tx.now)
    assert await api_keys.insert(tx, key, digest.ha1(key.public_key, private_key))
    return key, private_key


async def plant_account(
    tx: Transaction, organization: Organization, *roles: str
) -> tuple[ServiceAccount, Secret, str]:
    """Plant a service account with a secret of one year; return both and the secret in clear."""
    client_id = client_credentials.new_client_id(tx.new_id())
    account = ServiceAccount(client_id, organization.id, "robot", "a robot", roles, tx.now)
    assert await service_accounts.insert(tx, account)
    clear = client_credentials.new_secret()
    expires_at = tx.now + timedelta(days=365)
    secret = Secret(tx.new_id(), client_id, client_credentials.mask(clear), tx.now, expires_at)
    await service_accounts.insert_secret(tx, organization.id, secret, client_credentials.fingerprint(clear))
    return account, secret, clear
