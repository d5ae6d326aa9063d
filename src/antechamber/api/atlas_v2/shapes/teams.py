"""Teams on the wire. Source: contract, WIRE.md section 5."""

from typing import Annotated

from msgspec import Meta, Struct

from antechamber.api.atlas_v2.shapes.fields import READ_ONLY, Id, ReadOnly, Text
from antechamber.api.wire.paging import Link
from antechamber.domain.teams import Team


class TeamShape(Struct):
    """A team."""

    id: str
    links: list[Link]
    name: str


class NewTeamShape(Struct):
    """A new team with the people in it."""

    id: str
    links: list[Link]
    name: str
    usernames: list[str]


def _self(one: Team, api_url: str) -> Link:
    return Link(f"{api_url}/orgs/{one.organization_id}/teams/{one.id}", "self")


def team(one: Team, api_url: str) -> TeamShape:
    """Return the shape of a team, 2023-01-01."""
    return TeamShape(one.id, [_self(one, api_url)], one.name)


def new_team(one: Team, usernames: list[str], api_url: str) -> NewTeamShape:
    """Return the shape of a new team, 2023-01-01."""
    return NewTeamShape(one.id, [_self(one, api_url)], one.name, usernames)


class TeamRequest(Struct, forbid_unknown_fields=True, kw_only=True):
    """The body of createOrgTeam."""

    name: Text
    usernames: Annotated[list[Text], Meta(max_length=500)]
    id: ReadOnly = READ_ONLY
    links: ReadOnly = READ_ONLY


class TeamChange(Struct, forbid_unknown_fields=True, kw_only=True):
    """The body of renameOrgTeam."""

    name: Text
    id: ReadOnly = READ_ONLY
    links: ReadOnly = READ_ONLY


class TeamUserRequest(Struct, forbid_unknown_fields=True):
    """The body of addOrgTeamUser and removeOrgTeamUser, and an element of that of addOrgTeamUsers."""

    id: Id


TeamUsersRequest = Annotated[list[TeamUserRequest], Meta(min_length=1, max_length=500)]
