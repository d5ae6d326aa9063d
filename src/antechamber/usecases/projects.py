"""Projects of organizations."""

from collections.abc import Sequence
from dataclasses import replace

from antechamber.domain import events, names, roles
from antechamber.domain.callers import Caller, CallerKind
from antechamber.domain.errors import (
    ProjectNameNotFound,
    ProjectNameTaken,
    TooManyProjectsInOrganization,
    UserNotFound,
)
from antechamber.domain.paging import Page, PageRequest
from antechamber.domain.permissions import GRANTS, Permission
from antechamber.domain.policy import PROJECTS_PER_ORGANIZATION
from antechamber.domain.projects import Project, Tag, require_tags
from antechamber.domain.users import User
from antechamber.storage import events as trail
from antechamber.storage import invitations, limits, organizations, projects, users
from antechamber.storage.database import Transaction
from antechamber.usecases import access, room

_ALL = PageRequest(size=2**31 - 1)


async def list_for_caller(tx: Transaction, caller: Caller, *, page: PageRequest) -> Page[Project]:
    """Return the projects that the caller has a role on, by name. Source: contract, listGroups."""
    if roles.implied_project_roles(caller.roles):
        return await projects.list_of_organization(tx, caller.organization.id, page)
    if caller.kind is CallerKind.USER:
        return await projects.list_of_person(tx, caller.organization.id, caller.id, page)
    return await projects.list_of_principal(tx, caller.organization.id, caller.id, page)


async def list_of_organization(
    tx: Transaction, caller: Caller, *, organization_id: str, name_prefix: str, page: PageRequest
) -> Page[Project]:
    """Return the projects of an organization that the caller has a role on, by name.

    A mere member sees those it was added to. name_prefix: case-insensitive; empty for all.
    Source: contract, getOrgGroups; DOMAIN.md section 3.
    """
    await access.organization(tx, caller, organization_id, to=Permission.ORGANIZATION_READ)
    if not name_prefix:
        return await list_for_caller(tx, caller, page=page)
    prefix = name_prefix.casefold()
    reachable = await list_for_caller(tx, caller, page=_ALL)
    found = [one for one in reachable.items if one.name.casefold().startswith(prefix)]
    return Page(found[page.offset : page.offset + page.size], len(found), page)


async def get(tx: Transaction, caller: Caller, *, project_id: str) -> Project:
    """Return one project. Source: contract, getGroup."""
    return await access.project(tx, caller, project_id, to=Permission.PROJECT_READ)


async def get_with_standing(
    tx: Transaction, caller: Caller, *, project_id: str
) -> tuple[Project, frozenset[str]]:
    """Return one project and the caller's roles there, whatever they come from."""
    project = await access.project(tx, caller, project_id, to=Permission.PROJECT_READ)
    return project, (await access.standing(tx, caller, project_id))[1]


async def get_by_name(tx: Transaction, caller: Caller, *, name: str) -> Project:
    """Return the project of that name which the caller can reach.

    Raises ProjectNameNotFound, also for one that the caller has no role on.
    Source: contract, getGroupByName; DECISIONS.md 5.
    """
    project = await projects.find_by_name(tx, caller.organization.id, name)
    if project is not None:
        direct = await projects.direct_roles(tx, project.organization_id, project.id, caller.id)
        held = frozenset(direct) | roles.implied_project_roles(caller.roles)
        if not held.isdisjoint(GRANTS[Permission.PROJECT_READ].roles):
            return project
    raise ProjectNameNotFound(name)


async def create(
    tx: Transaction,
    caller: Caller,
    *,
    organization_id: str,
    name: str,
    owner_id: str | None,
    tags: Sequence[Tag],
    with_default_alerts_settings: bool,
) -> Project:
    """Create a project; its owners are the creator and one person.

    owner_id: that person, a member of the organization; by default its longest-standing owner.
    Raises InvalidProjectName, ProjectNameTaken, UserNotFound, TooManyProjectsInOrganization,
    TooManyProjectsOfUser.
    Source: contract, createGroup; DOMAIN.md section 5.
    """
    organization = await access.organization(tx, caller, organization_id, to=Permission.PROJECT_CREATE)
    project = Project(
        id=tx.new_id(),
        organization_id=organization_id,
        name=names.project_name(name),
        created_at=tx.now,
        tags=require_tags(tuple(tags)),
        with_default_alerts_settings=with_default_alerts_settings,
    )
    await organizations.lock(tx, organization_id)
    owner = await _owner(tx, organization_id, owner_id)
    limit = await limits.limit(tx, organization_id, organization_id, PROJECTS_PER_ORGANIZATION)
    if await projects.count(tx, organization_id) >= limit:
        raise TooManyProjectsInOrganization(str(limit), organization.name)
    if not await projects.insert(tx, project):
        raise ProjectNameTaken(project.name)
    owners = [(caller.kind, caller.id)]
    if owner is not None:
        await room.require_for_project(tx, organization_id, owner.id, owner.username)
        owners.append((CallerKind.USER, owner.id))
    for kind, principal_id in owners:
        await projects.grant(
            tx,
            organization_id,
            project.id,
            kind=kind,
            principal_id=principal_id,
            roles=(roles.GROUP_OWNER,),
            at=tx.now,
        )
    await _record(tx, caller, project, events.GROUP_CREATED)
    return project


async def update(
    tx: Transaction,
    caller: Caller,
    *,
    project_id: str,
    name: str | None,
    tags: Sequence[Tag] | None,
    with_default_alerts_settings: bool | None,
) -> Project:
    """Rename a project, or set its tags or flag; what is None stays.

    Raises InvalidProjectName, ProjectNameTaken, InvalidAttribute. Source: contract, updateGroup.
    """
    await organizations.lock(tx, caller.organization.id)
    project = await access.project(tx, caller, project_id, to=Permission.PROJECT_UPDATE)
    changed = project
    if name is not None:
        changed = replace(changed, name=names.project_name(name))
    if tags is not None:
        changed = replace(changed, tags=require_tags(tuple(tags)))
    if with_default_alerts_settings is not None:
        changed = replace(changed, with_default_alerts_settings=with_default_alerts_settings)
    if changed.name != project.name and await projects.is_name_taken(tx, changed):
        raise ProjectNameTaken(changed.name)
    await projects.update(tx, changed)
    if changed.name != project.name:
        await _record(tx, caller, changed, events.GROUP_NAME_CHANGED)
    if changed.tags != project.tags:
        await _record(tx, caller, changed, events.TAGS_MODIFIED)
        await _record(tx, caller, changed, events.GROUP_TAGS_MODIFIED)
    if changed.with_default_alerts_settings != project.with_default_alerts_settings:
        await _record(tx, caller, changed, events.GROUP_DEFAULT_ALERTS_SETTINGS_CHANGED)
    return changed


async def delete(tx: Transaction, caller: Caller, *, project_id: str) -> None:
    """Delete a project with everything that hangs on it (INV-9). Source: contract, deleteGroup."""
    project = await access.project(tx, caller, project_id, to=Permission.PROJECT_DELETE)
    await organizations.lock(tx, project.organization_id)
    await invitations.drop_project(tx, project.organization_id, project_id)
    await projects.delete(tx, project)
    await _record(tx, caller, project, events.GROUP_DELETED)


async def _owner(tx: Transaction, organization_id: str, owner_id: str | None) -> User | None:
    if owner_id is None:
        return await users.oldest_owner(tx, organization_id)
    owner = await users.find(tx, owner_id)
    if owner is None or not await users.organization_roles(tx, organization_id, owner_id):
        raise UserNotFound(owner_id)
    return owner


async def _record(tx: Transaction, caller: Caller, project: Project, type_name: str) -> None:
    tagged = type_name in (events.TAGS_MODIFIED, events.GROUP_TAGS_MODIFIED)
    await trail.append(
        tx,
        events.by(
            caller,
            type_name,
            id=tx.new_id(),
            organization_id=project.organization_id,
            project_id=project.id,
            resource_id=project.id if tagged else None,
            resource_type="project" if tagged else None,
            now=tx.now,
        ),
    )
