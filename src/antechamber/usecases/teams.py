"""Teams of organizations."""

from collections.abc import Sequence

from antechamber.domain import events, names, usernames
from antechamber.domain.callers import Caller
from antechamber.domain.errors import (
    EmptyTeam,
    TeamNameNotFound,
    TeamNameTaken,
    TeamNotFound,
    TooManyTeamsInOrganization,
    TooManyUsersInTeam,
    UnknownUsernameInBody,
    UserNotInOrganization,
)
from antechamber.domain.paging import Page, PageRequest
from antechamber.domain.permissions import Permission
from antechamber.domain.policy import TEAMS_PER_ORGANIZATION, USERS_PER_TEAM
from antechamber.domain.teams import Team
from antechamber.storage import events as trail
from antechamber.storage import invitations, organizations, teams, users
from antechamber.storage.database import Transaction
from antechamber.usecases import access


async def list_of_organization(
    tx: Transaction, caller: Caller, *, organization_id: str, page: PageRequest
) -> Page[Team]:
    """Return the organization's teams, by name. Source: contract, listOrgTeams."""
    await access.organization(tx, caller, organization_id, to=Permission.TEAMS_READ)
    return await teams.list_of_organization(tx, organization_id, page)


async def get(tx: Transaction, caller: Caller, *, organization_id: str, team_id: str) -> Team:
    """Return one team. Raises TeamNotFound. Source: contract, getOrgTeam."""
    await access.organization(tx, caller, organization_id, to=Permission.TEAMS_READ)
    team = await teams.find(tx, organization_id, team_id)
    if team is None:
        raise TeamNotFound(team_id)
    return team


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
    if len(addresses) > tx.policy.limits[USERS_PER_TEAM]:
        raise TooManyUsersInTeam(str(tx.policy.limits[USERS_PER_TEAM]), team.name)
    await organizations.lock(tx, organization_id)
    limit = tx.policy.limits[TEAMS_PER_ORGANIZATION]
    if await teams.count(tx, organization_id) >= limit:
        raise TooManyTeamsInOrganization(str(limit), organization.name)
    if not await teams.insert(tx, team):
        raise TeamNameTaken(team.name, organization_id)
    joined = [await _seat(tx, caller, team, address) for address in addresses.values()]
    await _record(tx, caller, team, events.TEAM_CREATED)
    return team, joined


async def _seat(tx: Transaction, caller: Caller, team: Team, address: usernames.Username) -> str:
    user = await users.find_by_key(tx, address.key)
    if user is None:
        raise UnknownUsernameInBody(address.text)
    if await users.organization_roles(tx, team.organization_id, user.id):
        await teams.add_member(tx, team, user.id, tx.now)
        await _record(tx, caller, team, events.JOINED_TEAM, username=user.username)
        return user.username
    invitation = await invitations.find_pending(
        tx, team.organization_id, team.organization_id, address.key, lock=True
    )
    if invitation is None or not invitation.is_pending(tx.now):
        raise UserNotInOrganization(address.text, team.organization_id)
    await invitations.update(tx, invitation._replace(team_ids=(*invitation.team_ids, team.id)))
    return user.username


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
