"""Seed files: YAML, read into the domain's seeds with the place of every mistake. Format: docs/seed.md."""

import re
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
import yaml

from antechamber.auth import api_keys as key_parts
from antechamber.auth import client_credentials
from antechamber.domain import seeds
from antechamber.domain.invitations import State
from antechamber.domain.organization_settings import OrganizationSettings
from antechamber.domain.seeds import SeedRefused
from antechamber.domain.service_accounts import LONGEST_SECRET_LIFETIME_HOURS

Value = TypeVar("Value")
Part = TypeVar("Part", bound="_Part")
_AT = re.compile(r" - at `\$\.?(.*)`$")
_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class _Part(msgspec.Struct, forbid_unknown_fields=True, rename="camel", kw_only=True, omit_defaults=True):
    pass


class _ProjectRoles(_Part):
    project: str
    roles: tuple[str, ...]


class _ApiKey(_Part):
    public_key: str
    private_key: str | None = None
    id: str | None = None
    description: str = msgspec.field(name="desc", default="API key")
    roles: tuple[str, ...] = seeds.MEMBER
    project_roles: tuple[_ProjectRoles, ...] = ()
    access_list: tuple[str, ...] = ()


class _ServiceAccount(_Part):
    client_id: str
    secret: str | None = None
    name: str = "Service account"
    description: str = "Service account"
    roles: tuple[str, ...] = seeds.MEMBER
    project_roles: tuple[_ProjectRoles, ...] = ()
    access_list: tuple[str, ...] = ()


class _Project(_Part):
    name: str
    id: str | None = None


class _Team(_Part):
    name: str
    id: str | None = None
    usernames: tuple[str, ...] = ()
    project_roles: tuple[_ProjectRoles, ...] = ()


class _User(_Part):
    username: str
    id: str | None = None
    password: str = ""
    first_name: str = ""
    last_name: str = ""
    roles: tuple[str, ...] = seeds.MEMBER
    project_roles: tuple[_ProjectRoles, ...] = ()


class _Invitation(_Part):
    username: str
    id: str | None = None
    project: str | None = None
    roles: tuple[str, ...] = seeds.MEMBER
    teams: tuple[str, ...] = ()
    project_roles: tuple[_ProjectRoles, ...] = ()
    state: State = State.PENDING
    language: str = ""
    created_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class _Settings(_Part):
    api_access_list_required: bool = False
    absolute_session_timeout_seconds: int | None = None
    idle_session_timeout_seconds: int | None = None
    gen_ai_features_enabled: bool = True
    max_secret_hours: int = LONGEST_SECRET_LIFETIME_HOURS
    multi_factor_auth_required: bool = False
    operations_contact: str | None = None
    restrict_employee_access: bool = False
    security_contact: str = ""
    streams_cross_group_enabled: bool = False


class _Organization(_Part):
    name: str
    id: str | None = None
    language: str = ""
    # Texts like everything here; what they stand for comes with _Settings.
    settings: dict[str, str] = {}
    projects: tuple[_Project, ...] = ()
    teams: tuple[_Team, ...] = ()
    users: tuple[_User, ...] = ()
    api_keys: tuple[_ApiKey, ...] = ()
    service_accounts: tuple[_ServiceAccount, ...] = ()
    invitations: tuple[_Invitation, ...] = ()


_LISTS: dict[str, type[_Part]] = {
    "projects": _Project,
    "teams": _Team,
    "users": _User,
    "api_keys": _ApiKey,
    "service_accounts": _ServiceAccount,
    "invitations": _Invitation,
}


class _File(_Part):
    organizations: tuple[_Organization, ...]


class _TextLoader(_Loader):  # type: ignore[misc]  # chosen at run time
    """Reads every scalar as the text that stands there, so 0123, No and 1e5 need no quotes."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError(None, None, f"{key.value!r} is given twice", key.start_mark)
            seen.add(key.value)
        found: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return found


def read_seeds(files: tuple[Path, ...]) -> seeds.Seed:
    """Return what the files say together, in order; whether it can be planted is not checked.

    Raises SeedRefused with what is wrong in the files' form.
    """
    return seeds.Seed(tuple(organization for file in files for organization in _read(file)))


def written(seed: seeds.Seed) -> str:
    """Return a seed as the text of a file; credentials without their secrets, and no value that is usual."""
    organizations = tuple(_of(_Organization, organization) for organization in seed.organizations)
    tree = msgspec.to_builtins(_File(organizations=organizations))
    return yaml.safe_dump(tree, sort_keys=False, allow_unicode=True, width=110)


def _of(kind: type[Part], value: Any) -> Part:
    """Return the part of a file that says what a value of the domain holds."""
    held: dict[str, Any] = {name: getattr(value, name, None) for name in kind.__struct_fields__}
    if isinstance(value, seeds.OrganizationSeed):
        settings = _Settings(**asdict(value.settings))
        held["settings"] = {
            name: str(said).lower() if isinstance(said, bool) else str(said)
            for name, said in msgspec.to_builtins(settings).items()
        }
        for name, part in _LISTS.items():
            held[name] = tuple(_of(part, one) for one in held[name])
    if "project_roles" in held:
        held["project_roles"] = tuple(_of(_ProjectRoles, grant) for grant in held["project_roles"])
    for name in {"private_key", "secret"} & held.keys():
        held[name] = None
    return kind(**held)


def _read(file: Path) -> tuple[seeds.OrganizationSeed, ...]:
    try:
        tree = yaml.load(file.read_bytes(), _TextLoader)  # noqa: S506 - a base loader: makes texts only
        content = msgspec.convert(tree, _File)
        settings = [msgspec.convert(one.settings, _Settings, strict=False) for one in content.organizations]
    except (OSError, UnicodeError) as error:
        words = error.strerror if isinstance(error, OSError) else "is not UTF-8"
        raise SeedRefused([f"{file}: {words}"]) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f", line {mark.line + 1}" if mark else ""
        raise SeedRefused([f"{file}{place}: {error.problem}"]) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise SeedRefused([f"{file}: is not YAML: {error}"]) from error
    except msgspec.ValidationError as error:
        raise SeedRefused([f"{file}: {_in_words(str(error))}"]) from error
    return tuple(
        _organization(organization, settings[index], f"{file}: organizations[{index}]")
        for index, organization in enumerate(content.organizations)
    )


def _in_words(message: str) -> str:
    """Return a message of msgspec with the place first and without its types."""
    place = _AT.search(message)
    words = _AT.sub("", message)
    for theirs, ours in (
        ("Object contains unknown field", "not known here:"),
        ("Object missing required field", "missing:"),
        ("Expected `array`, got `str`", "a list is wanted"),
        ("Expected `object`, got `str`", "names with values are wanted"),
        ("Expected `str | null`, got", "a text is wanted, not"),
        ("Expected `str`, got", "a text is wanted, not"),
        ("Expected `object`, got `array`", "names with values are wanted, not a list"),
        ("`array`", "a list"),
        ("`object`", "names with values"),
        ("Invalid enum value", "pending, expired, accepted or rejected is wanted, not"),
        ("Invalid RFC3339 encoded datetime", "a time like 2026-01-31T12:00:00Z is wanted"),
        (
            "Expected `datetime` with a timezone component",
            "a time with its zone is wanted, like 2026-01-31T12:00:00Z",
        ),
    ):
        words = words.replace(theirs, ours)
    return f"{place[1]}: {words}" if place and place[1] else words


def _organization(part: _Organization, settings: _Settings, origin: str) -> seeds.OrganizationSeed:
    def grants(given: tuple[_ProjectRoles, ...]) -> tuple[seeds.ProjectRoles, ...]:
        return tuple(seeds.ProjectRoles(grant.project, grant.roles) for grant in given)

    def value(kind: type[Value], given: _Part) -> Value:
        values = msgspec.structs.asdict(given)
        if "project_roles" in values:
            values["project_roles"] = grants(values["project_roles"])
        for name, make in (
            ("private_key", key_parts.new_private_key),
            ("secret", client_credentials.new_secret),
        ):
            if name in values and values[name] is None:
                values |= {name: make(), "is_new": True}
        return kind(**values)

    return seeds.OrganizationSeed(
        name=part.name,
        id=part.id,
        language=part.language,
        settings=OrganizationSettings(**msgspec.structs.asdict(settings)),
        projects=tuple(value(seeds.ProjectSeed, project) for project in part.projects),
        teams=tuple(value(seeds.TeamSeed, team) for team in part.teams),
        users=tuple(value(seeds.UserSeed, user) for user in part.users),
        api_keys=tuple(value(seeds.ApiKeySeed, key) for key in part.api_keys),
        service_accounts=tuple(value(seeds.ServiceAccountSeed, one) for one in part.service_accounts),
        invitations=tuple(value(seeds.InvitationSeed, one) for one in part.invitations),
        origin=origin,
    )
