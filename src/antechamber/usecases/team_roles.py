"""Teams on projects: the roles that every member of a team has there."""

from collections.abc import Sequence

from antechamber.domain import events, roles
from antechamber.domain.callers import Caller
from antechamber.domain.errors import (
    NoRolesInAssignment,
    TeamAlreadyInProject,
    TeamNotFound,
    TeamNotInProject,
    TooManyTeamsInProject,
)
from antechamber.domain.paging import Page, PageRequest
from antechamber.domain.permissions import Permission
from antechamber.domain.policy import TEAMS_PER_PROJECT
from antechamber.domain.projects import Project
from antechamber.domain.teams import TeamRoles
from antechamber.storage import events as trail
from antechamber.storage import limits, organizations, teams
from antechamber.storage.database import Transaction
from antechamber.usecases import access


async def list_of_project(
    tx: Transaction, caller: Caller, *, project_id: str, page: PageRequest
) -> Page[TeamRoles]:
    """Return the teams of a project with their roles, by team name. Source: contract, listGroupTeams."""
    project = await access.project(tx, caller, project_id, to=Permission.PROJECT_TEAMS_READ)
    return await teams.list_of_project(tx, project.organization_id, project_id, page)


async def list_of_team(
    tx: Transaction, caller: Caller, *, organization_id: str, team_id: str
) -> list[TeamRoles]:
    """Return the roles that a team has on projects, by project id. Raises TeamNotFound."""
    await access.organization(tx, caller, organization_id, to=Permission.TEAMS_READ)
    team = await teams.find(tx, organization_id, team_id)
    if team is None:
        raise TeamNotFound(team_id)
    return await teams.list_of_team(tx, team)


async def get(tx: Transaction, caller: Caller, *, project_id: str, team_id: str) -> TeamRoles:
    """Return a team's roles on a project.

    Raises TeamNotFound, also for a team of another organization, TeamNotInProject.
    Source: contract, getGroupTeam; DECISIONS.md 6.
    """
    project = await access.project(tx, caller, project_id, to=Permission.PROJECT_TEAMS_READ)
    return await _assigned(tx, project, team_id)


async def add(
    tx: Transaction,
    caller: Caller,
    *,
    project_id: str,
    requested: Sequence[tuple[str, Sequence[str]]],
    known_roles: frozenset[str] = roles.PROJECT_ROLES,
) -> Page[TeamRoles]:
    """Assign teams to a project, all or none; return the first page of all that are assigned then.

    requested: (team id, project roles). Raises TeamNotFound, TeamAlreadyInProject, MissingAttribute, the
    role refusals, TooManyTeamsInProject. Source: contract, addGroupTeams.
    """
    project = await access.project(tx, caller, project_id, to=Permission.PROJECT_TEAMS_MANAGE)
    organization_id = project.organization_id
    await organizations.lock(tx, organization_id)
    limit = await limits.limit(tx, organization_id, project_id, TEAMS_PER_PROJECT)
    if await teams.count_of_project(tx, organization_id, project_id) + len(requested) > limit:
        raise TooManyTeamsInProject(str(limit), project.name)
    for team_id, role_names in requested:
        kept_roles = roles.project_roles(role_names, project_id, attribute="roleNames", known=known_roles)
        kept = TeamRoles(project_id, team_id, kept_roles)
        if await teams.find(tx, organization_id, team_id) is None:
            raise TeamNotFound(team_id)
        if not await teams.assign(tx, organization_id, kept, tx.now):
            raise TeamAlreadyInProject
        await _record(tx, caller, project, team_id, events.TEAM_ADDED_TO_GROUP)
    return await teams.list_of_project(tx, organization_id, project_id, PageRequest())


async def update(
    tx: Transaction,
    caller: Caller,
    *,
    project_id: str,
    team_id: str,
    role_names: Sequence[str],
    known_roles: frozenset[str] = roles.PROJECT_ROLES,
) -> Page[TeamRoles]:
    """Replace a team's roles on a project; return the first page of all teams of the project.

    Raises TeamNotFound, TeamNotInProject, NoRolesInAssignment, the role refusals.
    Source: contract, updateGroupTeam.
    """
    project = await access.project(tx, caller, project_id, to=Permission.PROJECT_TEAMS_MANAGE)
    organization_id = project.organization_id
    await organizations.lock(tx, organization_id)
    before = await _assigned(tx, project, team_id)
    if not role_names:
        raise NoRolesInAssignment
    kept_roles = roles.project_roles(role_names, project_id, attribute="roleNames", known=known_roles)
    after = before._replace(roles=kept_roles)
    if set(after.roles) != set(before.roles):
        await teams.change_roles(tx, organization_id, after)
        await _record(tx, caller, project, team_id, events.TEAM_ROLES_MODIFIED)
    return await teams.list_of_project(tx, organization_id, project_id, PageRequest())


async def remove(tx: Transaction, caller: Caller, *, project_id: str, team_id: str) -> None:
    """Take a team off a project. Raises TeamNotFound, TeamNotInProject. Source: contract, removeGroupTeam."""
    project = await access.project(tx, caller, project_id, to=Permission.PROJECT_TEAMS_MANAGE)
    await organizations.lock(tx, project.organization_id)
    await _assigned(tx, project, team_id)
    await teams.unassign(tx, project.organization_id, project_id, team_id)
    await _record(tx, caller, project, team_id, events.TEAM_REMOVED_FROM_GROUP)


async def _assigned(tx: Transaction, project: Project, team_id: str) -> TeamRoles:
    found = await teams.find_roles(tx, project.organization_id, project.id, team_id)
    if found is not None:
        return found
    if await teams.find(tx, project.organization_id, team_id) is None:
        raise TeamNotFound(team_id)
    raise TeamNotInProject


async def _record(tx: Transaction, caller: Caller, project: Project, team_id: str, type_name: str) -> None:
    await trail.append(
        tx,
        events.by(
            caller,
            type_name,
            id=tx.new_id(),
            organization_id=project.organization_id,
            project_id=project.id,
            team_id=team_id,
            now=tx.now,
        ),
    )
