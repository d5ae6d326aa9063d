"""Seeds: what a database is to hold from the start, and whether it can.

A seed names things as people do: projects and teams by name, people by address. `docs/seed.md` is the format.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from antechamber.domain import access_lists, names, roles, usernames
from antechamber.domain.errors import InvalidAddress, Refusal
from antechamber.domain.ids import is_id
from antechamber.domain.invitations import LIFETIME, LIFETIME_DAYS, State
from antechamber.domain.languages import LANGUAGES
from antechamber.domain.organization_settings import OrganizationSettings, require_settings

# Both are user names of HTTP authentication schemes: no colon, no quote, nothing that needs escaping.
_PUBLIC_NAME = re.compile(r"[A-Za-z0-9._~-]{1,128}")
_SECRET = re.compile(r"[!-~]{1,256}")
_DESCRIPTION_CHARACTERS = 250
MEMBER = (roles.ORG_MEMBER,)


class SeedRefused(Exception):
    """What is wrong with a seed: one sentence each, beginning with the place."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, slots=True)
class ProjectRoles:
    """Roles on the project of that name."""

    project: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ApiKeySeed:
    """An API key with both its halves. is_new: the private one was made up, and nobody knows it yet."""

    public_key: str
    private_key: str = field(repr=False)
    is_new: bool = False
    id: str | None = None
    description: str = "API key"
    roles: tuple[str, ...] = MEMBER
    project_roles: tuple[ProjectRoles, ...] = ()
    access_list: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceAccountSeed:
    """A service account with its secret. is_new: the secret was made up, and nobody knows it yet."""

    client_id: str
    secret: str = field(repr=False)
    is_new: bool = False
    name: str = "Service account"
    description: str = "Service account"
    roles: tuple[str, ...] = MEMBER
    project_roles: tuple[ProjectRoles, ...] = ()
    access_list: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProjectSeed:
    """A project."""

    name: str
    id: str | None = None


@dataclass(frozen=True, slots=True)
class TeamSeed:
    """A team, who sits in it, and what roles all of them have on projects."""

    name: str
    id: str | None = None
    usernames: tuple[str, ...] = ()
    project_roles: tuple[ProjectRoles, ...] = ()


@dataclass(frozen=True, slots=True)
class UserSeed:
    """A member of the organization. password: to sign in with at the pages; empty for none."""

    username: str
    id: str | None = None
    password: str = field(default="", repr=False)
    first_name: str = ""
    last_name: str = ""
    roles: tuple[str, ...] = MEMBER
    project_roles: tuple[ProjectRoles, ...] = ()


@dataclass(frozen=True, slots=True)
class InvitationSeed:
    """An invitation in any state.

    project: the name of the project it invites to; None for the organization. language: of its mails, empty
    for the organization's. created_at: aware; None for now, or for an expired one a day more than its life
    ago.
    """

    username: str
    id: str | None = None
    project: str | None = None
    roles: tuple[str, ...] = MEMBER
    teams: tuple[str, ...] = ()
    project_roles: tuple[ProjectRoles, ...] = ()
    state: State = State.PENDING
    language: str = ""
    created_at: datetime | None = None

    def sent_at(self, now: datetime) -> datetime:
        """Return when it was made, aware UTC."""
        if self.created_at is not None:
            return self.created_at.astimezone(UTC).replace(microsecond=0)
        return now - LIFETIME - LIFETIME / LIFETIME_DAYS if self.state is State.EXPIRED else now


@dataclass(frozen=True, slots=True)
class OrganizationSeed:
    """An organization with all that belongs to it.

    language: of its mails, empty for the operator's. origin: where it is written, for messages.
    """

    name: str
    id: str | None = None
    language: str = ""
    settings: OrganizationSettings = field(default_factory=OrganizationSettings)
    projects: tuple[ProjectSeed, ...] = ()
    teams: tuple[TeamSeed, ...] = ()
    users: tuple[UserSeed, ...] = ()
    api_keys: tuple[ApiKeySeed, ...] = ()
    service_accounts: tuple[ServiceAccountSeed, ...] = ()
    invitations: tuple[InvitationSeed, ...] = ()
    origin: str = "organization"


@dataclass(frozen=True, slots=True)
class Seed:
    """Organizations, in order."""

    organizations: tuple[OrganizationSeed, ...]


def without_ids(seed: Seed) -> Seed:
    """Return the same seed, its ids to be made anew; names that clients sign in with stay."""
    return Seed(
        tuple(
            replace(
                one,
                id=None,
                projects=tuple(replace(project, id=None) for project in one.projects),
                teams=tuple(replace(team, id=None) for team in one.teams),
                users=tuple(replace(user, id=None) for user in one.users),
                api_keys=tuple(replace(key, id=None) for key in one.api_keys),
                invitations=tuple(replace(invitation, id=None) for invitation in one.invitations),
            )
            for one in seed.organizations
        )
    )


def require(seed: Seed, now: datetime) -> None:
    """Return when the seed can be planted in an empty database. Raises SeedRefused with all its problems."""
    check = _Check(now)
    for organization in seed.organizations:
        check.organization(organization)
    if check.problems:
        raise SeedRefused(check.problems)


class _Check:
    """One walk over a seed that notes what is wrong, and where."""

    def __init__(self, now: datetime) -> None:
        self.problems: list[str] = []
        self._now = now
        self._places: dict[tuple[str, str, str], str] = {}
        self._user_ids: dict[str, str] = {}
        self._passwords: dict[str, str] = {}

    def organization(self, seed: OrganizationSeed) -> None:
        at = seed.origin
        self._name(at, "organization", seed.name, within="")
        self._id(at, "organization", seed.id)
        self._language(at, seed.language)
        try:
            require_settings(seed.settings)
        except Refusal:
            self._refuse(f"{at}.settings", "a number is out of its range, or a contact no e-mail address")
        for index, project in enumerate(seed.projects):
            self._name(f"{at}.projects[{index}]", "project", project.name, within=at)
            self._id(f"{at}.projects[{index}]", "project", project.id)
        self._projects = {project.name for project in seed.projects}
        self._teams = {team.name for team in seed.teams}
        self._users = {usernames.key_of(user.username): user for user in seed.users}
        self._members = {*self._users, *map(_key, filter(_is_accepted, seed.invitations))}
        for index, user in enumerate(seed.users):
            self._user(f"{at}.users[{index}]", user, at)
        for index, team in enumerate(seed.teams):
            self._team(f"{at}.teams[{index}]", team, at)
        for index, key in enumerate(seed.api_keys):
            self._api_key(f"{at}.apiKeys[{index}]", key)
        for index, account in enumerate(seed.service_accounts):
            self._service_account(f"{at}.serviceAccounts[{index}]", account)
        for index, invitation in enumerate(seed.invitations):
            self._invitation(f"{at}.invitations[{index}]", invitation, at)

    def _user(self, at: str, user: UserSeed, organization: str) -> None:
        key = self._username(f"{at}.username", user.username)
        self._once(f"{at}.username", "user", key, organization)
        if user.id is not None:
            if not is_id(user.id):
                self._refuse(f"{at}.id", f"{user.id} is not 24 hex digits in lower case")
            elif self._user_ids.setdefault(user.id, key) != key:
                self._refuse(f"{at}.id", f"{user.id} is the id of {self._user_ids[user.id]}")
        if user.password and self._passwords.setdefault(key, user.password) != user.password:
            self._refuse(f"{at}.password", f"{user.username} has another one already")
        self._organization_roles(at, user.roles)
        self._project_roles(at, user.project_roles)

    def _team(self, at: str, team: TeamSeed, organization: str) -> None:
        self._name(at, "team", team.name, within=organization)
        self._id(at, "team", team.id)
        for index, username in enumerate(team.usernames):
            if usernames.key_of(username) not in self._members:
                self._refuse(f"{at}.usernames[{index}]", f"{username} is not a user of the organization")
        self._project_roles(at, team.project_roles)

    def _api_key(self, at: str, key: ApiKeySeed) -> None:
        self._id(at, "API key", key.id)
        self._public_name(f"{at}.publicKey", "public key", key.public_key)
        self._secret(f"{at}.privateKey", key.private_key)
        self._description(f"{at}.desc", key.description)
        self._organization_roles(at, key.roles)
        self._project_roles(at, key.project_roles)
        self._access_list(at, key.access_list)

    def _service_account(self, at: str, account: ServiceAccountSeed) -> None:
        self._public_name(f"{at}.clientId", "client id", account.client_id)
        self._secret(f"{at}.secret", account.secret)
        self._description(f"{at}.name", account.name)
        self._description(f"{at}.description", account.description)
        self._organization_roles(at, account.roles)
        self._project_roles(at, account.project_roles)
        self._access_list(at, account.access_list)

    def _invitation(self, at: str, invitation: InvitationSeed, organization: str) -> None:
        key = self._username(f"{at}.username", invitation.username)
        self._id(at, "invitation", invitation.id)
        self._language(at, invitation.language)
        if invitation.project is None:
            self._organization_roles(at, invitation.roles)
            self._project_roles(at, invitation.project_roles)
            for index, team in enumerate(invitation.teams):
                if team not in self._teams:
                    self._refuse(f"{at}.teams[{index}]", f"the organization has no team {team!r}")
        else:
            self._project(f"{at}.project", invitation.project)
            self._roles(f"{at}.roles", invitation.roles, roles.PROJECT_ROLES, "a project")
            if invitation.teams or invitation.project_roles:
                self._refuse(at, "an invitation to a project carries neither teams nor projectRoles")
        self._dates(at, invitation)
        if invitation.state is State.PENDING:
            self._once(f"{at}.username", "pending invitation of", key, f"{organization} {invitation.project}")
            if self._belongs(key, invitation.project):
                self._refuse(f"{at}.username", f"{invitation.username} is a member already")

    def _belongs(self, key: str, project: str | None) -> bool:
        if project is None:
            return key in self._members
        user = self._users.get(key)
        return user is not None and any(held.project == project for held in user.project_roles)

    def _dates(self, at: str, invitation: InvitationSeed) -> None:
        if invitation.state is State.REVOKED:
            self._refuse(f"{at}.state", "pending, expired, accepted or rejected is wanted")
        sent_at = invitation.sent_at(self._now)
        if sent_at > self._now:
            self._refuse(f"{at}.createdAt", "lies in the future")
        elif invitation.state is State.PENDING and self._now >= sent_at + LIFETIME:
            self._refuse(f"{at}.createdAt", f"more than {LIFETIME_DAYS} days ago: it is expired, not pending")
        elif invitation.state is State.EXPIRED and self._now < sent_at + LIFETIME:
            self._refuse(f"{at}.createdAt", f"less than {LIFETIME_DAYS} days ago: it is not expired yet")

    def _refuse(self, at: str, words: str) -> None:
        self.problems.append(f"{at}: {words}")

    def _once(self, at: str, kind: str, value: str, within: str = "") -> None:
        first = self._places.setdefault((kind, within, value), at)
        if first != at:
            self._refuse(at, f"{kind} {value} is there already, at {first}")

    def _id(self, at: str, kind: str, id: str | None) -> None:
        if id is None:
            return
        if not is_id(id):
            self._refuse(f"{at}.id", f"{id} is not 24 hex digits in lower case")
        else:
            self._once(f"{at}.id", f"{kind} id", id)

    def _language(self, at: str, language: str) -> None:
        if language and language not in LANGUAGES:
            self._refuse(f"{at}.language", f"{language!r} is none of {', '.join(LANGUAGES)}")

    def _name(self, at: str, kind: str, name: str, *, within: str) -> None:
        check = {
            "organization": names.organization_name,
            "project": names.project_name,
            "team": names.team_name,
        }[kind]
        try:
            self._once(f"{at}.name", kind, check(name), within)
        except Refusal:
            self._refuse(
                f"{at}.name",
                f"{name!r} is no name: 1 to {names.LENGTH_CHARACTERS} letters, digits, spaces between them "
                "and -_.(),:&@+'",
            )

    def _username(self, at: str, username: str) -> str:
        try:
            return usernames.parse(username).key
        except Refusal:
            self._refuse(at, f"{username!r} is not an e-mail address")
            return usernames.key_of(username)

    def _public_name(self, at: str, kind: str, name: str) -> None:
        if not _PUBLIC_NAME.fullmatch(name):
            self._refuse(at, f"{name!r}: letters, digits and ._~- are wanted, at most 128")
        self._once(at, kind, name)

    def _secret(self, at: str, secret: str) -> None:
        if not _SECRET.fullmatch(secret):
            self._refuse(at, "1 to 256 visible ASCII characters without spaces are wanted")

    def _description(self, at: str, text: str) -> None:
        if not 1 <= len(text) <= _DESCRIPTION_CHARACTERS:
            self._refuse(at, f"1 to {_DESCRIPTION_CHARACTERS} characters are wanted")

    def _access_list(self, at: str, entries: tuple[str, ...]) -> None:
        for index, entry in enumerate(entries):
            try:
                access_lists.network(entry)
            except InvalidAddress:
                self._refuse(f"{at}.accessList[{index}]", f"{entry} is neither an address nor a CIDR block")

    def _organization_roles(self, at: str, given: tuple[str, ...]) -> None:
        self._roles(f"{at}.roles", given, roles.ORGANIZATION_ROLES, "an organization")

    def _project_roles(self, at: str, given: tuple[ProjectRoles, ...]) -> None:
        for index, grant in enumerate(given):
            place = f"{at}.projectRoles[{index}]"
            self._project(f"{place}.project", grant.project)
            self._roles(f"{place}.roles", grant.roles, roles.PROJECT_ROLES, "a project")

    def _project(self, at: str, name: str) -> None:
        if name not in self._projects:
            self._refuse(at, f"the organization has no project {name!r}")

    def _roles(self, at: str, given: tuple[str, ...], known: frozenset[str], scope: str) -> None:
        if not given:
            self._refuse(at, "at least one role is wanted")
        for index, role in enumerate(given):
            if role not in known:
                self._refuse(f"{at}[{index}]", f"{role} is not a role of {scope}")


def _is_accepted(invitation: InvitationSeed) -> bool:
    return invitation.state is State.ACCEPTED


def _key(invitation: InvitationSeed) -> str:
    return usernames.key_of(invitation.username)
