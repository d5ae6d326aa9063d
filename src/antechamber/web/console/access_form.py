"""The part of forms that says what somebody may do: organization roles, teams, roles on projects."""

from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

from antechamber.domain import roles
from antechamber.domain.callers import Caller
from antechamber.domain.invitations import ProjectRole
from antechamber.domain.paging import PageRequest
from antechamber.domain.projects import Project
from antechamber.domain.teams import Team
from antechamber.usecases import projects, teams
from antechamber.web.console import desk

ORGANIZATION_ROLES = (
    roles.ORG_MEMBER,
    roles.ORG_OWNER,
    roles.ORG_GROUP_CREATOR,
    roles.ORG_READ_ONLY,
    roles.ORG_BILLING_ADMIN,
    roles.ORG_BILLING_READ_ONLY,
    roles.ORG_STREAM_PROCESSING_ADMIN,
)
PROJECT_ROLES = (
    roles.GROUP_OWNER,
    roles.GROUP_READ_ONLY,
    *sorted(roles.PROJECT_ROLES - {roles.GROUP_OWNER, roles.GROUP_READ_ONLY}),
)
EVERY = PageRequest(size=1000)
_PROJECT = "project:"


@dataclass(frozen=True, slots=True)
class Choices:
    """What there is to choose from."""

    teams: list[Team]
    projects: list[Project]
    organization_roles: tuple[str, ...] = ORGANIZATION_ROLES
    project_roles: tuple[str, ...] = PROJECT_ROLES


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is chosen: as it stands, or as a form says. project_roles: by project id."""

    roles: tuple[str, ...] = ()
    team_ids: tuple[str, ...] = ()
    project_roles: tuple[tuple[str, tuple[str, ...]], ...] = ()


async def choices(tx: Any, caller: Caller, organization_id: str) -> Choices:
    """Return what the caller can choose from in the organization."""
    found_teams = await teams.list_of_organization(tx, caller, organization_id=organization_id, page=EVERY)
    found_projects = await projects.list_for_caller(tx, caller, page=EVERY)
    return Choices(found_teams.items, found_projects.items)


def standing(
    held: tuple[str, ...], team_ids: tuple[str, ...], project_roles: tuple[ProjectRole, ...]
) -> Chosen:
    """Return what somebody has, or will get."""
    by_project: dict[str, tuple[str, ...]] = {}
    for one in project_roles:
        by_project[one.project_id] = (*by_project.get(one.project_id, ()), one.role)
    return Chosen(held, team_ids, tuple(by_project.items()))


def read(fields: FormData) -> Chosen:
    """Return what a form says. A project of which no box is ticked is not among its projects."""
    by_project: dict[str, tuple[str, ...]] = {}
    for name in fields:
        if name.startswith(_PROJECT):
            by_project[desk.clean(name.removeprefix(_PROJECT))] = desk.chosen(fields, name)
    added = desk.field(fields, "project")
    if added:
        by_project[added] = (*by_project.get(added, ()), *desk.chosen(fields, "project_roles"))
    return Chosen(desk.chosen(fields, "roles"), desk.chosen(fields, "teams"), tuple(by_project.items()))
