"""The people of a project: those with direct roles on it, and those whom a pending invitation promises some.

What the project endpoint for invitations made is not seen here.
Source: contract, DOMAIN.md section 2; the notes of the operations of 2025-02-19.
"""

from collections.abc import Sequence

from antechamber.domain import events, roles, usernames, users
from antechamber.domain.callers import Caller, CallerKind
from antechamber.domain.errors import UserAlreadyExists, UserNotInProject
from antechamber.domain.invitations import Invitation
from antechamber.domain.paging import Page, PageRequest
from antechamber.domain.permissions import Permission
from antechamber.domain.projects import Project
from antechamber.domain.roles import ORG_MEMBER
from antechamber.domain.usernames import Username
from antechamber.domain.users import SHOWN, ProjectUser, Status
from antechamber.storage import events as trail
from antechamber.storage import invitations as sent
from antechamber.storage import organization_users as people
from antechamber.storage import organizations, projects
from antechamber.storage import users as accounts
from antechamber.storage.database import Transaction
from antechamber.usecases import access, room
from antechamber.usecases import invitations as inviting

MEMBERS = frozenset({Status.ACTIVE})


async def list_of_project(
    tx: Transaction,
    caller: Caller,
    *,
    project_id: str,
    statuses: frozenset[Status] = SHOWN,
    username: str | None = None,
    through_teams: bool = False,
    implied: bool = False,
    page: PageRequest,
) -> Page[ProjectUser]:
    """Return the people of these statuses, by username; with a username only that person.

    through_teams, implied: see storage. Source: contract, listGroupUsers.
    """
    project = await access.project(tx, caller, project_id, to=Permission.PROJECT_USERS_READ)
    return await people.list_of_project(
        tx,
        project.organization_id,
        project_id,
        page,
        statuses=statuses,
        username_key=usernames.key_of(username) if username else None,
        through_teams=through_teams,
        implied=implied,
    )


async def get(
    tx: Transaction, caller: Caller, *, project_id: str, user_id: str, statuses: frozenset[Status] = SHOWN
) -> ProjectUser:
    """Return one person of these statuses with direct roles. Raises UserNotInProject.

    Source: contract, getGroupUser.
    """
    project = await access.project(tx, caller, project_id, to=Permission.PROJECT_USERS_READ)
    return await _person(tx, project, user_id, statuses)


async def add(
    tx: Transaction,
    caller: Caller,
    *,
    project_id: str,
    username: str,
    requested_roles: Sequence[str],
    permission: Permission = Permission.PROJECT_USERS_MANAGE,
) -> ProjectUser:
    """Give a person access: a member at once, anybody else with an invitation to the organization.

    A pending invitation is made to carry the project too, else one is sent with ORG_MEMBER.
    Raises InvalidUsername, the role refusals, UserAlreadyExists, TooManyUsersInProject,
    TooManyUsersInOrganization, TooManyProjectsOfUser. Source: contract, addGroupUsers and addGroupAccessUser.
    """
    project = await access.project(tx, caller, project_id, to=permission)
    address = usernames.parse(username)
    kept = roles.project_roles(requested_roles, project_id)
    await organizations.lock(tx, project.organization_id)
    account = await accounts.find_by_key(tx, address.key)
    if account is not None:
        member = await people.find(tx, project.organization_id, account.id, statuses=MEMBERS)
        if member is not None:
            if member.roles_on(project_id):
                raise UserAlreadyExists(address.text)
            await inviting.require_room_in_project(tx, project)
            await room.require_for_project(tx, project.organization_id, member.id, member.username)
            return await _grant(tx, caller, project, ProjectUser(member, ()), kept)
    pending = await sent.find_pending(tx, project.organization_id, project.organization_id, address.key)
    if pending is None or pending.from_project or not pending.is_pending(tx.now):
        return await _invite(tx, caller, project, address, kept)
    if any(carried.project_id == project_id for carried in pending.project_roles):
        raise UserAlreadyExists(address.text)
    await inviting.require_room_in_project(tx, project)
    return await _carry(tx, caller, project, pending, kept, events.INVITED_TO_GROUP)


async def remove(
    tx: Transaction, caller: Caller, *, project_id: str, user_id: str, statuses: frozenset[Status] = SHOWN
) -> None:
    """Take a person's direct roles away, or the project out of a pending invitation, which stays.

    statuses: whose removal is offered. Raises UserNotInProject. Source: contract, removeGroupUser.
    """
    project, person = await _managed(tx, caller, project_id, user_id, statuses)
    invitation = person.person.invitation
    if invitation is not None:
        await _carry(tx, caller, project, invitation, (), events.GROUP_INVITATION_DELETED)
        return
    await projects.revoke(tx, project.organization_id, project_id, user_id)
    await _record(tx, caller, project, person, events.REMOVED_FROM_GROUP)


async def replace_roles(
    tx: Transaction, caller: Caller, *, project_id: str, user_id: str, requested_roles: Sequence[str]
) -> tuple[str, ...]:
    """Give a person of the project exactly these direct roles; return them.

    Raises UserNotInProject, the role refusals. Source: contract, updateGroupUserRoles.
    """
    project, person = await _managed(tx, caller, project_id, user_id, MEMBERS)
    kept = roles.project_roles(requested_roles, project_id, attribute="groupRoles")
    return (await _keep(tx, caller, project, person, kept)).roles


async def add_role(
    tx: Transaction, caller: Caller, *, project_id: str, user_id: str, role: str
) -> ProjectUser:
    """Give a person of the project one role more, or nothing when they have it.

    Raises UserNotInProject, the role refusals. Source: contract, addGroupUserRole.
    """
    project, person = await _managed(tx, caller, project_id, user_id, SHOWN)
    (kept,) = roles.project_roles((role,), project_id)
    return await _keep(tx, caller, project, person, users.with_role(person.roles, kept))


async def remove_role(
    tx: Transaction, caller: Caller, *, project_id: str, user_id: str, role: str
) -> ProjectUser:
    """Take one role from a person of the project; one they do not have changes nothing.

    Raises UserNotInProject, the role refusals, CannotRemoveAllRoles. Source: contract, removeGroupUserRole.
    """
    project, person = await _managed(tx, caller, project_id, user_id, SHOWN)
    (kept,) = roles.project_roles((role,), project_id)
    return await _keep(tx, caller, project, person, users.without_role(person.roles, kept))


async def _managed(
    tx: Transaction, caller: Caller, project_id: str, user_id: str, statuses: frozenset[Status]
) -> tuple[Project, ProjectUser]:
    """Return project and person, the organization locked, if the caller may change its people."""
    project = await access.project(tx, caller, project_id, to=Permission.PROJECT_USERS_MANAGE)
    await organizations.lock(tx, project.organization_id)
    return project, await _person(tx, project, user_id, statuses)


async def _person(
    tx: Transaction, project: Project, user_id: str, statuses: frozenset[Status]
) -> ProjectUser:
    person = await people.find_in_project(tx, project.organization_id, project.id, user_id, statuses=statuses)
    if person is None:
        raise UserNotInProject(user_id, project.id)
    return person


async def _invite(
    tx: Transaction, caller: Caller, project: Project, address: Username, kept: tuple[str, ...]
) -> ProjectUser:
    invitation = await inviting.send_to_organization(
        tx,
        caller,
        caller.organization,
        address,
        roles=(ORG_MEMBER,),
        project_roles=users.with_project_roles((), project.id, kept),
    )
    person = ProjectUser(users.invited(invitation, tx.now), kept)
    await _record(tx, caller, project, person, events.INVITED_TO_GROUP)
    return person


async def _keep(
    tx: Transaction, caller: Caller, project: Project, person: ProjectUser, kept: tuple[str, ...]
) -> ProjectUser:
    if kept == person.roles:
        return person
    invitation = person.person.invitation
    if invitation is None:
        return await _grant(tx, caller, project, person, kept)
    return await _carry(tx, caller, project, invitation, kept, events.USER_ROLES_CHANGED_AUDIT)


async def _grant(
    tx: Transaction, caller: Caller, project: Project, person: ProjectUser, kept: tuple[str, ...]
) -> ProjectUser:
    """Give a member exactly these direct roles."""
    await projects.grant(
        tx,
        project.organization_id,
        project.id,
        kind=CallerKind.USER,
        principal_id=person.person.id,
        roles=kept,
        at=tx.now,
    )
    await _record(tx, caller, project, person, events.of_project_roles(person.roles, kept))
    return await _person(tx, project, person.person.id, MEMBERS)


async def _carry(
    tx: Transaction,
    caller: Caller,
    project: Project,
    invitation: Invitation,
    kept: tuple[str, ...],
    type_name: str,
) -> ProjectUser:
    """Make a pending invitation promise exactly these roles on the project."""
    carried = users.with_project_roles(invitation.project_roles, project.id, kept)
    changed = invitation._replace(project_roles=carried)
    await inviting.keep_change(tx, caller, changed, type_name, project_id=project.id)
    return ProjectUser(users.invited(changed, tx.now), kept)


async def _record(
    tx: Transaction, caller: Caller, project: Project, person: ProjectUser, type_name: str
) -> None:
    await trail.append(
        tx,
        events.by(
            caller,
            type_name,
            id=tx.new_id(),
            organization_id=project.organization_id,
            project_id=project.id,
            target_username=person.person.username,
            now=tx.now,
        ),
    )
