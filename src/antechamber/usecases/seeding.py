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
from antechamber.domain.usernames import Username
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
    """An organization while it is being filled: what its names stand for, and rows that wait.

    What there may be thousands of is put into the database in one go. invited: keys of the addresses with
    a pending invitation to the organization itself. password_hashes: by password. accounts, members: by the
    key of the address.
    """

    seed: OrganizationSeed
    organization: Organization
    inviter: str
    invited: set[str]
    password_hashes: Mapping[str, str]
    projects: dict[str, Project] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    accounts: dict[str, User] = field(default_factory=dict)
    members: dict[str, User] = field(default_factory=dict)
    joins: list[tuple[User, Username, tuple[str, ...], datetime]] = field(default_factory=list)
    grants: list[tuple[str, CallerKind, str, tuple[str, ...], datetime]] = field(default_factory=list)
    invitations: list[tuple[Invitation, str, datetime | None]] = field(default_factory=list)
    seats: dict[tuple[str, str], datetime] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)


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
    _record(tx, bed, events.ORG_CREATED)
    await _plant_accounts(tx, bed)
    for project in seed.projects:
        await _plant_project(tx, bed, project)
    for user in seed.users:
        _plant_user(tx, bed, user)
    for team in seed.teams:
        await _plant_team(tx, bed, team)
    for key in seed.api_keys:
        await _plant_api_key(tx, bed, key)
    for account in seed.service_accounts:
        await _plant_service_account(tx, bed, account)
    # A member may sit in a team that the seed names before the invitation which made them a member.
    for invitation in sorted(seed.invitations, key=lambda one: one.state is not State.ACCEPTED):
        _plant_invitation(tx, bed, invitation)
    for team in seed.teams:
        _seat(tx, bed, team)
    await _keep(tx, bed)
    return Planted(
        organization.id,
        tuple(project.id for project in bed.projects.values()),
        tuple(team.id for team in bed.teams.values()),
    )


async def _plant_accounts(tx: Transaction, bed: _Bed) -> None:
    """Find or make the accounts of everybody whom the seed names."""
    named = {_key(one.username): one for one in bed.seed.invitations}
    people: dict[str, UserSeed | InvitationSeed] = {**named}
    people |= {_key(user.username): user for user in bed.seed.users}
    found = await users.list_by_keys(tx, people)
    bed.accounts = {usernames.key_of(user.username): user for user in found}
    for user in bed.seed.users:
        account = bed.accounts.get(_key(user.username))
        if account is not None and user.id not in (None, account.id):
            at = bed.seed.origin
            raise SeedRefused([f"{at}: the id of {user.username} is {account.id} in the database"])
    accepted = {_key(one.username) for one in bed.seed.invitations if one.state is State.ACCEPTED}
    made: list[tuple[User, Username, bool, str | None]] = []
    for key, person in people.items():
        password_hash = None
        if isinstance(person, UserSeed) and person.password:
            password_hash = bed.password_hashes[person.password]
        # The address is that of somebody with an account, and of whoever accepted a mail to it.
        verified = isinstance(person, UserSeed) or key in accepted
        if key in bed.accounts:
            if verified:
                await users.verify(tx, bed.accounts[key].id, password_hash=password_hash)
            continue
        address = usernames.parse(person.username)
        if isinstance(person, UserSeed):
            names_given = (person.first_name, person.last_name)
            user_made = User(person.id or tx.new_id(), address.text, tx.now, *names_given)
        else:
            user_made = User(tx.new_id(), address.text, tx.now)
        made.append((user_made, address, verified, password_hash))
        bed.accounts[key] = user_made
    kept = await users.insert_many(tx, made)
    for user_made, *_ in made:
        if user_made.id not in kept:
            raise _taken(bed.seed, f"the user id {user_made.id}")


async def _keep(tx: Transaction, bed: _Bed) -> None:
    """Put what waits into the database, what others hang on first."""
    id = bed.organization.id
    await users.join_organization_many(tx, id, bed.joins)
    await projects.grant_many(tx, id, bed.grants)
    kept = await invitations.insert_many(tx, bed.invitations)
    for invitation, _, _ in bed.invitations:
        if invitation.id not in kept:
            raise _taken(bed.seed, f"the invitation id {invitation.id}")
    await teams.add_member_many(tx, id, ((*seat, at) for seat, at in bed.seats.items()))
    await trail.append_many(tx, bed.events)


async def _plant_project(tx: Transaction, bed: _Bed, seed: ProjectSeed) -> None:
    name = names.project_name(seed.name)
    project = Project(seed.id or tx.new_id(), bed.organization.id, name, tx.now)
    if not await projects.insert(tx, project):
        raise _taken(bed.seed, f"the project id {project.id}")
    bed.projects[seed.name] = project
    _record(tx, bed, events.GROUP_CREATED, project_id=project.id)


def _plant_user(tx: Transaction, bed: _Bed, seed: UserSeed) -> None:
    user = bed.accounts[_key(seed.username)]
    _join(tx, bed, user, seed.roles, tx.now)
    _grant(bed, CallerKind.USER, user.id, seed.project_roles, tx.now)


async def _plant_team(tx: Transaction, bed: _Bed, seed: TeamSeed) -> None:
    team = Team(seed.id or tx.new_id(), bed.organization.id, names.team_name(seed.name), tx.now)
    await teams.insert(tx, team)
    bed.teams[seed.name] = team
    _record(tx, bed, events.TEAM_CREATED, team_id=team.id)
    for project, given in _merged(seed.project_roles).items():
        roles_there = TeamRoles(bed.projects[project].id, team.id, given)
        await teams.assign(tx, bed.organization.id, roles_there, tx.now)


def _seat(tx: Transaction, bed: _Bed, seed: TeamSeed) -> None:
    team = bed.teams[seed.name]
    for username in seed.usernames:
        user = bed.members[_key(username)]
        if (team.id, user.id) not in bed.seats:
            bed.seats[team.id, user.id] = tx.now
            _record(tx, bed, events.JOINED_TEAM, team_id=team.id, target_username=user.username)


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
    _record(tx, bed, events.API_KEY_CREATED, target_public_key=key.public_key)
    _grant(bed, CallerKind.API_KEY, key.id, seed.project_roles, tx.now)
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
    _record(tx, bed, events.SERVICE_ACCOUNT_CREATED, target_client_id=account.client_id)
    _grant(bed, CallerKind.SERVICE_ACCOUNT, account.client_id, seed.project_roles, tx.now)
    for entry in seed.access_list:
        await networks.insert(tx, bed.organization.id, account.client_id, access_lists.network(entry))


def _plant_invitation(tx: Transaction, bed: _Bed, seed: InvitationSeed) -> None:
    user = bed.accounts[_key(seed.username)]
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
    bed.invitations.append((invitation, seed.language, ended_at))
    type_name = events.INVITED_TO_ORG if project is None else events.INVITED_TO_GROUP
    _record(tx, bed, type_name, project_id=invitation.project_id, target_username=user.username, at=sent_at)
    if seed.state is State.ACCEPTED:
        _accept(tx, bed, seed, user)
    elif seed.state is State.PENDING and project is not None:
        _invite_along(tx, bed, invitation)


def _accept(tx: Transaction, bed: _Bed, seed: InvitationSeed, user: User) -> None:
    """Give the person what the invitation carried; somebody the seed lists as a user has it already."""
    if usernames.key_of(user.username) in bed.members:
        return
    at = seed.sent_at(tx.now)
    if seed.project is not None:
        _join(tx, bed, user, (roles.ORG_MEMBER,), at)
        _grant(bed, CallerKind.USER, user.id, (ProjectRoles(seed.project, seed.roles),), at)
        return
    _join(tx, bed, user, seed.roles, at)
    _grant(bed, CallerKind.USER, user.id, seed.project_roles, at)
    for team in seed.teams:
        bed.seats.setdefault((bed.teams[team].id, user.id), at)


def _invite_along(tx: Transaction, bed: _Bed, invitation: Invitation) -> None:
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
    bed.invited.add(key)
    bed.invitations.append((along, "", None))
    _record(tx, bed, events.INVITED_TO_ORG, target_username=along.username, at=invitation.created_at)


def _join(tx: Transaction, bed: _Bed, user: User, given: Iterable[str], at: datetime) -> None:
    address = usernames.parse(user.username)
    if address.key not in bed.members:
        bed.joins.append((user, address, tuple(dict.fromkeys(given)), at))
        _record(tx, bed, events.JOINED_ORG, target_username=user.username, at=at)
    bed.members[address.key] = user


def _grant(
    bed: _Bed, kind: CallerKind, principal_id: str, grants: Iterable[ProjectRoles], at: datetime
) -> None:
    for project, given in _merged(grants).items():
        bed.grants.append((bed.projects[project].id, kind, principal_id, given, at))


def _key(username: str) -> str:
    """Return the key of an address as a person wrote it: its domain may be in any script."""
    return usernames.parse(username).key


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


def _invited(seed: OrganizationSeed) -> set[str]:
    pending = (one for one in seed.invitations if one.state is State.PENDING and one.project is None)
    return {_key(one.username) for one in pending}


def _taken(seed: OrganizationSeed, what: str) -> SeedRefused:
    return SeedRefused([f"{seed.origin}: {what} is taken in the database"])


def _record(
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
    bed.events.append(
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
