"""Teams of organizations."""

from collections.abc import Sequence
from dataclasses import replace

from antechamber.domain import events, names, usernames
from antechamber.domain.callers import Caller
from antechamber.domain.errors import (
    EmptyTeam,
    TeamNameNotFound,
    TeamNameTaken,
    TeamNotFound,
    TeamStillAssigned,
    TooManyTeamsInOrganization,
    UnknownUsernameInBody,
    UserNotInOrganization,
)
from antechamber.domain.paging import Page, PageRequest
from antechamber.domain.permissions import Permission
from antechamber.domain.policy import TEAMS_PER_ORGANIZATION
from antechamber.domain.teams import Team
from antechamber.domain.users import SHOWN, OrganizationUser
from antechamber.storage import events as trail
from antechamber.storage import invitations, limits, organization_users, organizations, teams, users
from antechamber.storage.database import Transaction
from antechamber.usecases import access, team_users


async def list_of_organization(
    tx: Transaction, caller: Caller, *, organization_id: str, page: PageRequest
) -> Page[Team]:
    """Return the organization's teams, by name. Source: contract, listOrgTeams."""
    await access.organization(tx, caller, organization_id, to=Permission.TEAMS_READ)
    return await teams.list_of_organization(tx, organization_id, page)


async def get(tx: Transaction, caller: Caller, *, organization_id: str, team_id: str) -> Team:
    """Return one team. Raises TeamNotFound. Source: contract, getOrgTeam."""
    await access.organization(tx, caller, organization_id, to=Permission.TEAMS_READ)
    return await _find(tx, organization_id, team_id)


async def get_by_name(tx: Transaction, caller: Caller, *, organization_id: str, name: str) -> Team:
    """Return the team of that name. Raises TeamNameNotFound. Source: contract, getOrgTeamByName."""
    await access.organization(tx, caller, organization_id, to=Permission.TEAMS_READ)
    team = await teams.find_by_name(tx, organization_id, name)
    if team is None:
        raise TeamNameNotFound(name)
    return team


async def create(
    tx: Transaction,
    caller: Caller,
    *,
    organization_id: str,
    name: str,
    member_usernames: Sequence[str],
) -> tuple[Team, list[str]]:
    """Create a team; return it and its members' usernames.

    Members sit down at once; somebody with a pending invitation joins on accepting it.
    Raises InvalidTeamName, EmptyTeam, UnknownUsernameInBody, UserNotInOrganization, TeamNameTaken,
    TooManyTeamsInOrganization, TooManyUsersInTeam. Source: contract, createOrgTeam; DOMAIN.md section 4.
    """
    organization = await access.organization(tx, caller, organization_id, to=Permission.TEAMS_MANAGE)
    team = Team(
        id=tx.new_id(),
        organization_id=organization_id,
        name=names.team_name(name),
        created_at=tx.now,
    )
    addresses = {address.key: address for address in map(usernames.parse, member_usernames)}
    if not addresses:
        raise EmptyTeam
    await team_users.require_room(tx, team, len(addresses))
    await organizations.lock(tx, organization_id)
    limit = await limits.limit(tx, organization_id, organization_id, TEAMS_PER_ORGANIZATION)
    if await teams.count(tx, organization_id) >= limit:
        raise TooManyTeamsInOrganization(str(limit), organization.name)
    if not await teams.insert(tx, team):
        raise TeamNameTaken(team.name, organization_id)
    joined: list[str] = []
    for address in addresses.values():
        person = await _person(tx, organization_id, address)
        await team_users.seat(tx, caller, team, person)
        joined.append(person.username)
    await _record(tx, caller, team, events.TEAM_CREATED)
    return team, joined


async def rename(tx: Transaction, caller: Caller, *, organization_id: str, team_id: str, name: str) -> Team:
    """Rename a team. Raises TeamNotFound, InvalidTeamName, TeamNameTaken. Source: contract, renameOrgTeam."""
    await access.organization(tx, caller, organization_id, to=Permission.TEAMS_MANAGE)
    await organizations.lock(tx, organization_id)
    team = await _find(tx, organization_id, team_id)
    renamed = replace(team, name=names.team_name(name))
    if renamed.name == team.name:
        return team
    if await teams.find_by_name(tx, organization_id, renamed.name) is not None:
        raise TeamNameTaken(renamed.name, organization_id)
    await teams.rename(tx, renamed)
    await _record(tx, caller, renamed, events.TEAM_NAME_CHANGED)
    return renamed


async def delete(tx: Transaction, caller: Caller, *, organization_id: str, team_id: str) -> None:
    """Delete a team that no project has; it drops out of what pending invitations carry (INV-16).

    Raises TeamNotFound, TeamStillAssigned. Source: contract, deleteOrgTeam; events: DOMAIN.md section 8.
    """
    await access.organization(tx, caller, organization_id, to=Permission.TEAMS_MANAGE)
    await organizations.lock(tx, organization_id)
    team = await _find(tx, organization_id, team_id)
    if await teams.is_assigned(tx, team):
        raise TeamStillAssigned
    for _, username in await teams.members(tx, team):
        await _record(tx, caller, team, events.REMOVED_FROM_TEAM, username=username)
    await invitations.drop_team(tx, organization_id, team_id)
    await teams.delete(tx, team)
    await _record(tx, caller, team, events.TEAM_DELETED)


async def _find(tx: Transaction, organization_id: str, team_id: str) -> Team:
    team = await teams.find(tx, organization_id, team_id)
    if team is None:
        raise TeamNotFound(team_id)
    return team


async def _person(tx: Transaction, organization_id: str, address: usernames.Username) -> OrganizationUser:
    found = await organization_users.list_of_organization(
        tx, organization_id, PageRequest(size=1), statuses=SHOWN, username_key=address.key
    )
    if found.items:
        return found.items[0]
    if await users.find_by_key(tx, address.key) is None:
        raise UnknownUsernameInBody(address.text)
    raise UserNotInOrganization(address.text, organization_id)


async def _record(
    tx: Transaction, caller: Caller, team: Team, type_name: str, *, username: str | None = None
) -> None:
    await trail.append(
        tx,
        events.by(
            caller,
            type_name,
            id=tx.new_id(),
            organization_id=team.organization_id,
            team_id=team.id,
            target_username=username,
            now=tx.now,
        ),
    )
