"""The only way to load something for a caller: fetched and checked in one step.

Nothing here tells a stranger more than that there is nothing for it.
"""

from antechamber.domain import permissions, roles
from antechamber.domain.callers import Caller, CallerKind
from antechamber.domain.errors import (
    NoTieToOrganization,
    NoTieToProject,
    OrganizationNotFound,
    ProjectNotFound,
)
from antechamber.domain.organizations import Organization
from antechamber.domain.permissions import Permission
from antechamber.domain.projects import Project
from antechamber.storage import directory, organizations, projects
from antechamber.storage.database import Transaction


async def organization(
    tx: Transaction, caller: Caller, organization_id: str, *, to: Permission, about: str | None = None
) -> Organization:
    """Return the organization if the caller may do this to it.

    about: what the permission's refusal names in place of the organization.

    Raises OrganizationNotFound; NoTieToOrganization for a foreign one (like an unknown one where the
    policy hides those); the permission's refusal for a role too low. Source: contract, DECISIONS.md 6, 7.
    """
    if caller.organization.id != organization_id:
        if tx.policy.hide_foreign or await organizations.find(tx, organization_id) is None:
            raise OrganizationNotFound(organization_id)
        raise NoTieToOrganization
    permissions.require(to, caller.roles, about or organization_id)
    return caller.organization


async def project(
    tx: Transaction, caller: Caller, project_id: str, *, to: Permission, about: str | None = None
) -> Project:
    """Return the project if the caller may do this to it.

    about: what the permission's refusal names in place of the project.
    Raises ProjectNotFound; NoTieToProject for one in which the caller has no role (like an unknown one
    where the policy hides those); the permission's refusal for a role too low.
    Source: contract, DECISIONS.md 6, 7; roles: DOMAIN.md section 3.
    """
    value, held = await standing(tx, caller, project_id)
    permissions.require(to, held, about or project_id)
    return value


async def standing(tx: Transaction, caller: Caller, project_id: str) -> tuple[Project, frozenset[str]]:
    """Return a project and the caller's roles there: direct, implied, and those of a person's teams.

    Raises ProjectNotFound, NoTieToProject.
    """
    found = await projects.find_with_roles(tx, caller.organization.id, project_id, caller.id)
    if found is None:
        if tx.policy.hide_foreign or await directory.find(tx, directory.Kind.PROJECT, project_id) is None:
            raise ProjectNotFound(project_id)
        raise NoTieToProject
    value, direct = found
    held = direct | roles.implied_project_roles(caller.roles)
    if caller.kind is CallerKind.USER:
        held |= await projects.roles_through_teams(tx, caller.organization.id, project_id, caller.id)
    if not held:
        if tx.policy.hide_foreign:
            raise ProjectNotFound(project_id)
        raise NoTieToProject
    return value, held
