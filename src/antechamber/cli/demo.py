"""The demo organization, and the credentials that dev shows at every start."""

import time
from pathlib import Path
from typing import Self

import msgspec

from antechamber.auth import api_keys, client_credentials
from antechamber.auth.secrets import new_master_key
from antechamber.cli.running_info import RunningInfo, write_private
from antechamber.domain.ids import IdGenerator
from antechamber.domain.roles import GROUP_OWNER, ORG_MEMBER, ORG_OWNER, ORG_READ_ONLY
from antechamber.domain.seeds import (
    ApiKeySeed,
    OrganizationSeed,
    ProjectRoles,
    ProjectSeed,
    Seed,
    ServiceAccountSeed,
    TeamSeed,
    UserSeed,
)
from antechamber.usecases.development import new_password
from antechamber.usecases.seeding import Planted

_MASTER_KEY_FILE = "master-key"
_CREDENTIALS_FILE = "demo.json"
_OWNER = "owner@example.com"
_PROJECT = "Demo Project"


class Key(msgspec.Struct, frozen=True, rename="camel"):
    """An API key to be shown."""

    description: str
    public_key: str
    private_key: str


class Credentials(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What one gets in with: the first organization's, in words and secrets.

    keys: the one of an owner first, if there is any; then the others.
    """

    organization: str = ""
    org_id: str = ""
    project: str = ""
    project_id: str = ""
    team: str = ""
    team_id: str = ""
    owner: str = ""
    owner_password: str = ""
    keys: tuple[Key, ...] = ()
    has_owner_key: bool = False
    client_id: str = ""
    client_secret: str = ""

    @classmethod
    def of(cls, seed: Seed, planted: list[Planted]) -> Self:
        """Return what to show of a planted seed."""
        if not seed.organizations:
            return cls()
        first, ids = seed.organizations[0], planted[0]
        keys = sorted(first.api_keys, key=lambda key: ORG_OWNER not in key.roles)
        accounts = sorted(first.service_accounts, key=lambda account: ORG_OWNER not in account.roles)
        owners = [user for user in first.users if ORG_OWNER in user.roles]
        # Somebody who can sign in shows more.
        owners.sort(key=lambda user: not user.password)
        return cls(
            organization=first.name,
            org_id=ids.organization_id,
            project=first.projects[0].name if first.projects else "",
            project_id=ids.project_ids[0] if ids.project_ids else "",
            team=first.teams[0].name if first.teams else "",
            team_id=ids.team_ids[0] if ids.team_ids else "",
            owner=owners[0].username if owners else "",
            owner_password=owners[0].password if owners else "",
            keys=tuple(Key(key.description, key.public_key, key.private_key) for key in keys),
            has_owner_key=bool(keys) and ORG_OWNER in keys[0].roles,
            client_id=accounts[0].client_id if accounts else "",
            client_secret=accounts[0].secret if accounts else "",
        )

    def info(self, url: str) -> RunningInfo:
        """Return what scripts are told: the owner's key, and empty words for what there is none of."""
        return RunningInfo(
            url=url,
            org_id=self.org_id,
            project_id=self.project_id,
            public_key=self.keys[0].public_key if self.has_owner_key else "",
            private_key=self.keys[0].private_key if self.has_owner_key else "",
            client_id=self.client_id,
            client_secret=self.client_secret,
            owner_username=self.owner,
            owner_password=self.owner_password,
        )


def seed() -> Seed:
    """Return one organization with everything a first try needs, its secrets new."""

    def key(description: str, *roles: str, project_roles: tuple[ProjectRoles, ...] = ()) -> ApiKeySeed:
        return ApiKeySeed(
            public_key=api_keys.new_public_key(),
            private_key=api_keys.new_private_key(),
            description=description,
            roles=roles,
            project_roles=project_roles,
        )

    owns_project = (ProjectRoles(_PROJECT, (GROUP_OWNER,)),)
    return Seed(
        (
            OrganizationSeed(
                "Demo Organization",
                projects=(ProjectSeed(_PROJECT),),
                teams=(TeamSeed("Demo Team", usernames=(_OWNER,)),),
                users=(
                    UserSeed(
                        _OWNER,
                        password=new_password(),
                        first_name="Ada",
                        last_name="Lovelace",
                        roles=(ORG_OWNER,),
                        project_roles=owns_project,
                    ),
                ),
                api_keys=(
                    key("organization owner", ORG_OWNER),
                    key("organization read-only", ORG_READ_ONLY),
                    key("project owner", ORG_MEMBER, project_roles=owns_project),
                ),
                service_accounts=(
                    ServiceAccountSeed(
                        client_credentials.new_client_id(IdGenerator()(int(time.time()))),
                        client_credentials.new_secret(),
                        name="Demo service account",
                        description="organization owner",
                        roles=(ORG_OWNER,),
                    ),
                ),
            ),
        )
    )


def master_key(folder: Path) -> str:
    """Return the master key kept in the folder, made now if there is none. Raises OSError."""
    file = folder / _MASTER_KEY_FILE
    if not file.exists():
        write_private(file, new_master_key() + "\n")
    return file.read_text("ascii").strip()


def kept(folder: Path) -> Credentials | None:
    """Return the credentials of an earlier start with this folder, None for the first one."""
    file = folder / _CREDENTIALS_FILE
    if not file.exists():
        return None
    return msgspec.json.decode(file.read_bytes(), type=Credentials)


def keep(folder: Path, credentials: Credentials) -> None:
    """Keep the credentials for the next start, readable: this is for development only."""
    write_private(folder / _CREDENTIALS_FILE, msgspec.json.encode(credentials).decode() + "\n")
