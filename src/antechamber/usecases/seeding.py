"""Filling a database from a seed: the operator's way in, past every caller and every limit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from antechamber.auth import api_keys as key_parts
from antechamber.auth import client_credentials, digest
from antechamber.domain import access_lists, events, names, roles, seeds, usernames
from antechamber.domain.api_keys import ApiKey
from antechamber.domain.callers import CallerKind
from antechamber.domain.errors import CommonPassword, WeakPassword
from antechamber.domain.events import Event
from antechamber.domain.invitations import LIFETIME, Invitation, ProjectRole, State
from antechamber.domain.organization_settings import OrganizationSettings
from antechamber.domain.organizations import Organization
from antechamber.domain.projects import Project
from antechamber.domain.seeds import (
    ApiKeySeed,
    InvitationSeed,
    OrganizationSeed,
    ProjectRoles,
    ProjectSeed,
    Seed,
    SeedRefused,
    ServiceAccountSeed,
    TeamSeed,
    UserSeed,
)
from antechamber.domain.service_accounts import LONGEST_SECRET_LIFETIME_HOURS, Secret, ServiceAccount
from antechamber.domain.teams import Team, TeamRoles
from antechamber.domain.users import User
from antechamber.storage import access_lists as networks
from antechamber.storage import api_keys, invitations, organizations, projects, service_accounts, teams, users
from antechamber.storage import events as trail
from antechamber.storage.database import Transaction
from antechamber.usecases.users import hash_password

# A private key shorter than this, made up for a test, is not shown in part: the part would be the key.
_SHOWN_FROM_CHARACTERS = 24


@dataclass(frozen=True, slots=True)
class Planted:
    """The ids that an organization of the seed got, projects and teams in the seed's order."""

    organization_id: str
    project_ids: tuple[str, ...]
    team_ids: tuple[str, ...]


@dataclass(slots=True)
class _Bed:
    """An organization while it is being filled: what its names stand for.

    invited: keys of the addresses with a pending invitation to the organization itself. password_hashes: by
    password.
    """

    seed: OrganizationSeed
    organization: Organization
    inviter: str
    invited: frozenset[str]
    password_hashes: Mapping[str, str]
    projects: dict[str, Project] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    members: dict[str, User] = field(default_factory=dict)


async def hash_passwords(seed: Seed) -> dict[str, str]:
    """Return what is kept of the seed's passwords. Call this before the transaction, which it would hold up.

    Raises SeedRefused for a password that nobody may have.
    """
    hashes: dict[str, str] = {}
    problems = []
    for organization in seed.organizations:
        for index, user in enumerate(organization.users):
            if not user.password or user.password in hashes:
                continue
            try:
                hashes[user.password] = await hash_password(user.password)
            except (WeakPassword, CommonPassword) as refusal:
                words = (
                    "is too common"
                    if isinstance(refusal, CommonPassword)
                    else "8 to 128 characters are wanted"
                )
                problems.append(f"{organization.origin}.users[{index}].password: {words}")
    if problems:
        raise SeedRefused(problems)
    return hashes


async def plant(tx: Transaction, seed: Seed, password_hashes: Mapping[str, str]) -> list[Planted]:
    """Put all that the seed holds into the database; return the ids, in the seed's order.

    password_hashes: what `hash_passwords` returned. No mail is queued, and no limit counted. Raises
    SeedRefused for a seed that contradicts itself or what is in the database.
    """
    seeds.require(seed, tx.now)
    return [
        await _plant_organization(tx, organization, password_hashes) for organization in seed.organizations
    ]


async def is_empty(tx: Transaction) -> bool:
    """Tell whether there is no organization yet."""
    return await organizations.find_first(tx) is None


async def _plant_organization(
    tx: Transaction, seed: OrganizationSeed, password_hashes: Mapping[str, str]
) -> Planted:
    organization = Organization(seed.id or tx.new_id(), names.organization_name(seed.name), tx.now)
    if not await organizations.insert(tx, organization, language=seed.language):
        raise _taken(seed, f"the id {organization.id}")
    if seed.settings != OrganizationSettings():
        await organizations.keep_settings(tx, organization.id, seed.settings)
    bed = _Bed(seed, organization, _inviter(seed), _invited(seed), password_hashes)
    await _record(tx, bed, events.ORG_CREATED)
    for project in seed.projects:
        await _plant_project(tx, bed, project)
    for user in seed.users:
        await _plant_user(tx, bed, user)
    for team in seed.teams:
        await _plant_team(tx, bed, team)
    for key in seed.api_keys:
        await _plant_api_key(tx, bed, key)
    for account in seed.service_accounts:
        await _plant_service_account(tx, bed, account)
    # A member may sit in a team that the seed names before the invitation which made them a member.
    for invitation in sorted(seed.invitations, key=lambda one: one.state is not State.ACCEPTED):
        await _plant_invitation(tx, bed, invitation)
    for team in seed.teams:
        await _seat(tx, bed, team)
    return Planted(
        organization.id,
        tuple(project.id for project in bed.projects.values()),
        tuple(team.id for team in bed.teams.values()),
    )


async def _plant_project(tx: Transaction, bed: _Bed, seed: ProjectSeed) -> None:
    name = names.project_name(seed.name)
    project = Project(seed.id or tx.new_id(), bed.organization.id, name, tx.now)
    if not await projects.insert(tx, project):
        raise _taken(bed.seed, f"the project id {project.id}")
    bed.projects[seed.name] = project
    await _record(tx, bed, events.GROUP_CREATED, project_id=project.id)


async def _plant_user(tx: Transaction, bed: _Bed, seed: UserSeed) -> None:
    user = await _account(
        tx,
        bed,
        seed.username,
        id=seed.id,
        first_name=seed.first_name,
        last_name=seed.last_name,
        password=seed.password,
        verified=True,
    )
    await _join(tx, bed, user, seed.roles, tx.now)
    await _grant(tx, bed, CallerKind.USER, user.id, seed.project_roles, tx.now)


async def _plant_team(tx: Transaction, bed: _Bed, seed: TeamSeed) -> None:
    team = Team(seed.id or tx.new_id(), bed.organization.id, names.team_name(seed.name), tx.now)
    await teams.insert(tx, team)
    bed.teams[seed.name] = team
    await _record(tx, bed, events.TEAM_CREATED, team_id=team.id)
    for project, given in _merged(seed.project_roles).items():
        roles_there = TeamRoles(bed.projects[project].id, team.id, given)
        await teams.assign(tx, bed.organization.id, roles_there, tx.now)


async def _seat(tx: Transaction, bed: _Bed, seed: TeamSeed) -> None:
    for username in seed.usernames:
        user = bed.members[usernames.key_of(username)]
        if await teams.add_member(tx, bed.teams[seed.name], user.id, tx.now):
            await _record(
                tx,
                bed,
                events.JOINED_TEAM,
                team_id=bed.teams[seed.name].id,
                target_username=user.username,
            )


async def _plant_api_key(tx: Transaction, bed: _Bed, seed: ApiKeySeed) -> None:
    has_tail = len(seed.private_key) >= _SHOWN_FROM_CHARACTERS
    key = ApiKey(
        id=seed.id or tx.new_id(),
        organization_id=bed.organization.id,
        public_key=seed.public_key,
        private_key_tail=key_parts.tail(seed.private_key) if has_tail else "",
        description=seed.description,
        roles=roles.organization_roles(seed.roles, bed.organization.id),
        created_at=tx.now,
    )
    if not await api_keys.insert(tx, key, digest.ha1(seed.public_key, seed.private_key)):
        raise _taken(bed.seed, f"the public key {seed.public_key}")
    await _record(tx, bed, events.API_KEY_CREATED, target_public_key=key.public_key)
    await _grant(tx, bed, CallerKind.API_KEY, key.id, seed.project_roles, tx.now)
    for entry in seed.access_list:
        await networks.insert(tx, bed.organization.id, key.id, access_lists.network(entry))


async def _plant_service_account(tx: Transaction, bed: _Bed, seed: ServiceAccountSeed) -> None:
    account = ServiceAccount(
        client_id=seed.client_id,
        organization_id=bed.organization.id,
        name=seed.name,
        description=seed.description,
        roles=roles.organization_roles(seed.roles, bed.organization.id),
        created_at=tx.now,
    )
    if not await service_accounts.insert(tx, account):
        raise _taken(bed.seed, f"the client id {seed.client_id}")
    secret = Secret(
        id=tx.new_id(),
        client_id=account.client_id,
        mask=client_credentials.mask(seed.secret if len(seed.secret) >= _SHOWN_FROM_CHARACTERS else ""),
        created_at=tx.now,
        expires_at=tx.now + timedelta(hours=LONGEST_SECRET_LIFETIME_HOURS),
    )
    fingerprint = client_credentials.fingerprint(seed.secret)
    await service_accounts.insert_secret(tx, bed.organization.id, secret, fingerprint)
    await _record(tx, bed, events.SERVICE_ACCOUNT_CREATED, target_client_id=account.client_id)
    await _grant(tx, bed, CallerKind.SERVICE_ACCOUNT, account.client_id, seed.project_roles, tx.now)
    for entry in seed.access_list:
        await networks.insert(tx, bed.organization.id, account.client_id, access_lists.network(entry))


async def _plant_invitation(tx: Transaction, bed: _Bed, seed: InvitationSeed) -> None:
    is_accepted = seed.state is State.ACCEPTED
    user = bed.members.get(usernames.key_of(seed.username)) or await _account(
        tx, bed, seed.username, verified=is_accepted
    )
    project = None if seed.project is None else bed.projects[seed.project]
    sent_at = seed.sent_at(tx.now)
    invitation = Invitation(
        id=seed.id or tx.new_id(),
        organization_id=bed.organization.id,
        project_id=None if project is None else project.id,
        from_project=False,
        user_id=user.id,
        username=user.username,
        inviter=bed.inviter,
        state=seed.state,
        roles=tuple(dict.fromkeys(seed.roles)),
        team_ids=tuple(dict.fromkeys(bed.teams[team].id for team in seed.teams)),
        project_roles=tuple(
            dict.fromkeys(
                ProjectRole(bed.projects[grant.project].id, role)
                for grant in seed.project_roles
                for role in grant.roles
            )
        ),
        created_at=sent_at,
        expires_at=sent_at + LIFETIME,
    )
    ended_at = {State.PENDING: None, State.EXPIRED: invitation.expires_at}.get(seed.state, tx.now)
    if not await invitations.insert(tx, invitation, language=seed.language, ended_at=ended_at):
        raise _taken(bed.seed, f"the invitation id {invitation.id}")
    type_name = events.INVITED_TO_ORG if project is None else events.INVITED_TO_GROUP
    await _record(
        tx, bed, type_name, project_id=invitation.project_id, target_username=user.username, at=sent_at
    )
    if is_accepted:
        await _accept(tx, bed, seed, user)
    elif seed.state is State.PENDING and project is not None:
        await _invite_along(tx, bed, invitation)


async def _accept(tx: Transaction, bed: _Bed, seed: InvitationSeed, user: User) -> None:
    """Give the person what the invitation carried; somebody the seed lists as a user has it already."""
    if usernames.key_of(user.username) in bed.members:
        return
    at = seed.sent_at(tx.now)
    if seed.project is not None:
        await _join(tx, bed, user, (roles.ORG_MEMBER,), at)
        await _grant(tx, bed, CallerKind.USER, user.id, (ProjectRoles(seed.project, seed.roles),), at)
        return
    await _join(tx, bed, user, seed.roles, at)
    await _grant(tx, bed, CallerKind.USER, user.id, seed.project_roles, at)
    for team in seed.teams:
        await teams.add_member(tx, bed.teams[team], user.id, at)


async def _invite_along(tx: Transaction, bed: _Bed, invitation: Invitation) -> None:
    """Add the organization's half of a project invitation for somebody from outside.

    Source: contract, DOMAIN.md section 2.
    """
    key = usernames.key_of(invitation.username)
    if key in bed.members or key in bed.invited:
        return
    along = Invitation(
        id=tx.new_id(),
        organization_id=invitation.organization_id,
        project_id=None,
        from_project=True,
        user_id=invitation.user_id,
        username=invitation.username,
        inviter=invitation.inviter,
        state=State.PENDING,
        roles=(roles.ORG_MEMBER,),
        team_ids=(),
        project_roles=(),
        created_at=invitation.created_at,
        expires_at=invitation.expires_at,
    )
    # A second project's invitation finds the first one's half, which serves both.
    if await invitations.insert(tx, along):
        await _record(
            tx, bed, events.INVITED_TO_ORG, target_username=along.username, at=invitation.created_at
        )


async def _account(
    tx: Transaction,
    bed: _Bed,
    username: str,
    *,
    id: str | None = None,
    first_name: str = "",
    last_name: str = "",
    password: str = "",
    verified: bool = False,
) -> User:
    """Return the person's account, made now if there is none. verified: the address is the person's."""
    address = usernames.parse(username)
    password_hash = bed.password_hashes[password] if password else None
    found = await users.find_by_key(tx, address.key)
    if found is not None:
        if id is not None and found.id != id:
            raise SeedRefused([f"{bed.seed.origin}: the id of {username} is {found.id} in the database"])
        if verified:
            await users.verify(tx, found.id, password_hash=password_hash)
        return found
    user = User(id or tx.new_id(), address.text, tx.now, first_name, last_name)
    if not await users.insert(tx, user, address, verified=verified, password_hash=password_hash):
        raise _taken(bed.seed, f"the user id {user.id}")
    return user


async def _join(tx: Transaction, bed: _Bed, user: User, given: Iterable[str], at: datetime) -> None:
    address = usernames.parse(user.username)
    kept = tuple(dict.fromkeys(given))
    if await users.join_organization(tx, bed.organization.id, user, address, kept, at):
        await _record(tx, bed, events.JOINED_ORG, target_username=user.username, at=at)
    bed.members[address.key] = user


async def _grant(
    tx: Transaction,
    bed: _Bed,
    kind: CallerKind,
    principal_id: str,
    grants: Iterable[ProjectRoles],
    at: datetime,
) -> None:
    for project, given in _merged(grants).items():
        await projects.grant(
            tx,
            bed.organization.id,
            bed.projects[project].id,
            kind=kind,
            principal_id=principal_id,
            roles=given,
            at=at,
        )


def _merged(grants: Iterable[ProjectRoles]) -> dict[str, tuple[str, ...]]:
    """Return the roles by project, each once."""
    merged: dict[str, dict[str, None]] = {}
    for grant in grants:
        merged.setdefault(grant.project, {}).update(dict.fromkeys(grant.roles))
    return {project: tuple(given) for project, given in merged.items()}


def _inviter(seed: OrganizationSeed) -> str:
    """Return whose name the invitations bear: the first owner's, a person before a key."""
    owners = [user.username for user in seed.users if roles.ORG_OWNER in user.roles]
    owners += [key.public_key for key in seed.api_keys if roles.ORG_OWNER in key.roles]
    return owners[0] if owners else ""


def _invited(seed: OrganizationSeed) -> frozenset[str]:
    pending = (one for one in seed.invitations if one.state is State.PENDING and one.project is None)
    return frozenset(usernames.key_of(one.username) for one in pending)


def _taken(seed: OrganizationSeed, what: str) -> SeedRefused:
    return SeedRefused([f"{seed.origin}: {what} is taken in the database"])


async def _record(
    tx: Transaction,
    bed: _Bed,
    type_name: str,
    *,
    at: datetime | None = None,
    project_id: str | None = None,
    target_username: str | None = None,
    team_id: str | None = None,
    target_public_key: str | None = None,
    target_client_id: str | None = None,
) -> None:
    """Append an event without an actor: the operator is nobody's member."""
    await trail.append(
        tx,
        Event(
            id=tx.new_id(),
            organization_id=bed.organization.id,
            type_name=type_name,
            created_at=at or tx.now,
            actor_kind=None,
            actor_id=None,
            actor_name=None,
            address=None,
            project_id=project_id,
            target_username=target_username,
            team_id=team_id,
            target_public_key=target_public_key,
            target_client_id=target_client_id,
        ),
    )
