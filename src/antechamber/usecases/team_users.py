"""People in teams: members sit down at once, the invited get their seat on accepting."""

from collections.abc import Iterable, Sequence

from antechamber.domain import events, usernames
from antechamber.domain.callers import Caller
from antechamber.domain.errors import (
    PendingUser,
    TeamNotFound,
    TooManyTeamsOfUser,
    TooManyUsersInTeam,
    UserAlreadyInTeam,
    UserNotInOrganization,
    UserNotInTeam,
)
from antechamber.domain.paging import Page, PageRequest
from antechamber.domain.permissions import Permission
from antechamber.domain.policy import TEAMS_PER_USER, USERS_PER_TEAM
from antechamber.domain.teams import Team
from antechamber.domain.users import SHOWN, OrganizationUser, Status
from antechamber.storage import events as trail
from antechamber.storage import invitations, limits, organization_users, organizations, teams
from antechamber.storage.database import Transaction
from antechamber.usecases import access

_MEMBERS = frozenset({Status.ACTIVE})


async def list_of_team(
    tx: Transaction,
    caller: Caller,
    *,
    organization_id: str,
    team_id: str,
    page: PageRequest,
    statuses: frozenset[Status] = SHOWN,
    username: str | None = None,
    user_id: str | None = None,
) -> Page[OrganizationUser]:
    """Return the people of a team by username, only those of these statuses.

    username, user_id: only this person. Raises TeamNotFound. Source: contract, listOrgTeamUsers.
    """
    await access.organization(tx, caller, organization_id, to=Permission.TEAMS_READ)
    team = await _team(tx, organization_id, team_id)
    return await organization_users.list_of_team(
        tx,
        team,
        page,
        statuses=statuses,
        username_key=usernames.key_of(username) if username else None,
        user_id=user_id,
    )


async def add_members(
    tx: Transaction, caller: Caller, *, organization_id: str, team_id: str, user_ids: Sequence[str]
) -> Page[OrganizationUser]:
    """Seat members of the organization, all or none; return the first page of the members in the team.

    Raises TeamNotFound, UserNotInOrganization, PendingUser, UserAlreadyInTeam, TooManyUsersInTeam,
    TooManyTeamsOfUser. Source: contract, addOrgTeamUsers; DOMAIN.md section 4.
    """
    team = await _managed(tx, caller, organization_id, team_id)
    await require_room(tx, team, len(user_ids))
    for user_id in user_ids:
        person = await _person(tx, organization_id, user_id)
        if person.status is Status.PENDING:
            raise PendingUser
        await seat(tx, caller, team, person)
    return await organization_users.list_of_team(tx, team, PageRequest(), statuses=_MEMBERS)


async def remove_member(
    tx: Transaction, caller: Caller, *, organization_id: str, team_id: str, user_id: str
) -> None:
    """Take a member's seat; somebody who is only invited has none yet.

    Raises TeamNotFound, UserNotInOrganization, UserNotInTeam. Source: contract, removeOrgTeamUserFromTeam.
    """
    team = await _managed(tx, caller, organization_id, team_id)
    person = await _person(tx, organization_id, user_id)
    if person.status is Status.PENDING:
        raise UserNotInTeam(user_id)
    await _unseat(tx, caller, team, person)


async def add(
    tx: Transaction, caller: Caller, *, organization_id: str, team_id: str, user_id: str
) -> OrganizationUser:
    """Seat a member, or have the pending invitation carry the seat; return the person as they are then.

    Raises TeamNotFound, UserNotInOrganization (also where the only invitation has expired or was
    declined, or was made to a project), UserAlreadyInTeam, TooManyUsersInTeam, TooManyTeamsOfUser.
    Source: contract, addOrgTeamUser.
    """
    team = await _managed(tx, caller, organization_id, team_id)
    await require_room(tx, team, 1)
    await seat(tx, caller, team, await _person(tx, organization_id, user_id))
    return await _person(tx, organization_id, user_id)


async def remove(
    tx: Transaction, caller: Caller, *, organization_id: str, team_id: str, user_id: str
) -> OrganizationUser:
    """Take a member's seat, or take it out of the pending invitation; return the person as they are then.

    Raises TeamNotFound, UserNotInOrganization, UserNotInTeam. Source: contract, removeOrgTeamUser.
    """
    team = await _managed(tx, caller, organization_id, team_id)
    await _unseat(tx, caller, team, await _person(tx, organization_id, user_id))
    return await _person(tx, organization_id, user_id)


async def require_room(tx: Transaction, team: Team, people: int) -> None:
    """Return when the team can take so many people more. Raises TooManyUsersInTeam.

    Pending people count. Source: contract, DECISIONS.md 4; MAX_USERS_PER_TEAM_EXCEEDED.
    """
    limit = await limits.limit(tx, team.organization_id, team.id, USERS_PER_TEAM)
    seated = await teams.count_members(tx, team)
    promised = await invitations.count_carrying_team(tx, team.organization_id, team.id)
    if seated + promised + people > limit:
        raise TooManyUsersInTeam(str(limit), team.name)


async def require_room_in_teams(tx: Transaction, organization_id: str, team_ids: Iterable[str]) -> None:
    """Return when each team can take one person more. Raises TooManyUsersInTeam."""
    for team_id in team_ids:
        team = await teams.find(tx, organization_id, team_id)
        assert team is not None, "checked before"
        await require_room(tx, team, 1)


async def seat(tx: Transaction, caller: Caller, team: Team, person: OrganizationUser) -> None:
    """Seat a member, or have the pending invitation carry the seat; the organization is locked.

    Raises UserAlreadyInTeam, TooManyTeamsOfUser.
    """
    organization_id = team.organization_id
    if team.id in person.team_ids:
        raise UserAlreadyInTeam(person.id, team.id)
    limit = await limits.limit(tx, organization_id, organization_id, TEAMS_PER_USER)
    if len(person.team_ids) >= limit:
        raise TooManyTeamsOfUser(str(limit), person.username)
    if person.invitation is None:
        await teams.add_member(tx, team, person.id, tx.now)
        await _record(tx, caller, team, person, events.JOINED_TEAM)
    else:
        carried = (*person.team_ids, team.id)
        await invitations.update(tx, person.invitation._replace(team_ids=carried))
        await _record(tx, caller, team, person, events.INVITED_TO_TEAM)


async def _unseat(tx: Transaction, caller: Caller, team: Team, person: OrganizationUser) -> None:
    if team.id not in person.team_ids:
        raise UserNotInTeam(person.id)
    if person.invitation is None:
        await teams.remove_member(tx, team, person.id)
    else:
        carried = tuple(team_id for team_id in person.team_ids if team_id != team.id)
        await invitations.update(tx, person.invitation._replace(team_ids=carried))
    await _record(tx, caller, team, person, events.REMOVED_FROM_TEAM)


async def _managed(tx: Transaction, caller: Caller, organization_id: str, team_id: str) -> Team:
    await access.organization(tx, caller, organization_id, to=Permission.TEAMS_MANAGE)
    await organizations.lock(tx, organization_id)
    return await _team(tx, organization_id, team_id)


async def _team(tx: Transaction, organization_id: str, team_id: str) -> Team:
    team = await teams.find(tx, organization_id, team_id)
    if team is None:
        raise TeamNotFound(team_id)
    return team


async def _person(tx: Transaction, organization_id: str, user_id: str) -> OrganizationUser:
    person = await organization_users.find(tx, organization_id, user_id, statuses=SHOWN)
    if person is None:
        raise UserNotInOrganization(user_id, organization_id)
    return person


async def _record(
    tx: Transaction, caller: Caller, team: Team, person: OrganizationUser, type_name: str
) -> None:
    await trail.append(
        tx,
        events.by(
            caller,
            type_name,
            id=tx.new_id(),
            organization_id=team.organization_id,
            team_id=team.id,
            target_username=person.username,
            now=tx.now,
        ),
    )
