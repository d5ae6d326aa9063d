"""The people of an organization: members, and those whom a pending invitation names.

The other view of what `invitations` does: whoever is invited by one is seen, changed and cancelled by
the other. What the project endpoint for invitations made is not seen here.
Source: contract, DOMAIN.md section 2; the notes of the operations of 2025-02-19.
"""

from collections.abc import Sequence
from dataclasses import replace

from antechamber.domain import events, invitations, roles, usernames, users
from antechamber.domain.callers import Caller, CallerKind
from antechamber.domain.errors import (
    LastOwnerDemoted,
    LastOwnerRemoved,
    TooManyTeamsOfUser,
    UserNotInOrganization,
)
from antechamber.domain.invitations import ProjectRole
from antechamber.domain.organizations import Organization
from antechamber.domain.paging import Page, PageRequest
from antechamber.domain.permissions import Permission
from antechamber.domain.policy import TEAMS_PER_USER
from antechamber.domain.roles import ORG_OWNER
from antechamber.domain.users import SHOWN, OrganizationUser, Status
from antechamber.storage import events as trail
from antechamber.storage import invitations as sent
from antechamber.storage import limits, organizations, projects, teams
from antechamber.storage import organization_users as people
from antechamber.storage import users as accounts
from antechamber.storage.database import Transaction
from antechamber.usecases import access, room, team_users
from antechamber.usecases import invitations as inviting

MEMBERS = frozenset({Status.ACTIVE})


async def list_of_organization(
    tx: Transaction,
    caller: Caller,
    *,
    organization_id: str,
    statuses: frozenset[Status] = SHOWN,
    username: str | None = None,
    page: PageRequest,
) -> Page[OrganizationUser]:
    """Return the people of these statuses, by username; with a username only that person.

    Source: contract, listOrgUsers.
    """
    await access.organization(tx, caller, organization_id, to=Permission.ORGANIZATION_USERS_READ)
    key = usernames.key_of(username) if username else None
    return await people.list_of_organization(tx, organization_id, page, statuses=statuses, username_key=key)


async def search(
    tx: Transaction,
    caller: Caller,
    *,
    organization_id: str,
    statuses: frozenset[Status] = frozenset(Status),
    address: str = "",
    after: str = "",
    size: int,
) -> tuple[list[OrganizationUser], str | None]:
    """Return people of these statuses by username, and where the following page begins, None for the last.

    address: how theirs begins. after: where the page begins.
    """
    await access.organization(tx, caller, organization_id, to=Permission.ORGANIZATION_USERS_READ)
    return await people.search(
        tx, organization_id, statuses=statuses, address=address, after=after, size=size
    )


async def get(
    tx: Transaction,
    caller: Caller,
    *,
    organization_id: str,
    user_id: str,
    statuses: frozenset[Status] = SHOWN,
) -> OrganizationUser:
    """Return one person of these statuses. Raises UserNotInOrganization. Source: contract, getOrgUser."""
    await access.organization(tx, caller, organization_id, to=Permission.ORGANIZATION_USERS_READ)
    return await _person(tx, organization_id, user_id, statuses)


async def create(
    tx: Transaction,
    caller: Caller,
    *,
    organization_id: str,
    username: str,
    requested_roles: Sequence[str],
    team_ids: Sequence[str] = (),
    project_roles: inviting.ProjectRoles = (),
) -> OrganizationUser:
    """Invite a person; the mail is queued. Return them as they are shown while that is pending.

    Raises what inviting to an organization raises. Source: contract, createOrgUser.
    """
    organization = await access.organization(
        tx, caller, organization_id, to=Permission.ORGANIZATION_USERS_MANAGE
    )
    address = usernames.parse(username)
    kept_roles = roles.organization_roles(requested_roles, organization_id, attribute="roles.orgRoles")
    await organizations.lock(tx, organization_id)
    invitation = await inviting.send_to_organization(
        tx,
        caller,
        organization,
        address,
        roles=kept_roles,
        team_ids=await inviting.own_teams(tx, organization_id, team_ids),
        project_roles=await inviting.own_project_roles(tx, organization_id, project_roles),
    )
    return users.invited(invitation, tx.now)


async def update(
    tx: Transaction,
    caller: Caller,
    *,
    organization_id: str,
    user_id: str,
    requested_roles: Sequence[str] | None = None,
    team_ids: Sequence[str] | None = None,
    project_roles: inviting.ProjectRoles | None = None,
) -> OrganizationUser:
    """Replace what is given of a member, or of what an invited person will get.

    Raises UserNotInOrganization, LastOwnerDemoted, and what inviting raises for roles, teams, projects.
    Source: contract, updateOrgUser.
    """
    organization = await _managed(tx, caller, organization_id)
    before = await _person(tx, organization_id, user_id, SHOWN)
    after = before
    if requested_roles is not None:
        kept = roles.organization_roles(requested_roles, organization_id, attribute="roles.orgRoles")
        after = replace(after, roles=kept)
    if team_ids is not None:
        after = replace(after, team_ids=await inviting.own_teams(tx, organization_id, team_ids))
    if project_roles is not None:
        kept_roles = await inviting.own_project_roles(tx, organization_id, project_roles)
        after = replace(after, project_roles=kept_roles)
    return await _keep(tx, caller, organization, before, after)


async def remove(
    tx: Transaction,
    caller: Caller,
    *,
    organization_id: str,
    user_id: str,
    statuses: frozenset[Status] = SHOWN,
) -> None:
    """End a membership with all that hangs on it, or cancel the invitation of somebody pending.

    statuses: whose removal is offered. Raises UserNotInOrganization, LastOwnerRemoved.
    Source: contract, removeOrgUser.
    """
    await _managed(tx, caller, organization_id)
    person = await _person(tx, organization_id, user_id, statuses)
    if person.invitation is not None:
        await inviting.revoke(tx, caller, person.invitation, events.ORG_INVITATION_DELETED)
        return
    if ORG_OWNER in person.roles and not await accounts.has_other_owner(tx, organization_id, user_id):
        raise LastOwnerRemoved
    for invitation in await sent.list_pending_of_user(tx, organization_id, user_id):
        # A member may be invited to projects; that goes too (INV-9).
        to_project = invitation.project_id is not None
        type_name = events.GROUP_INVITATION_DELETED if to_project else events.ORG_INVITATION_DELETED
        await inviting.revoke(tx, caller, invitation, type_name)
    await accounts.leave_organization(tx, organization_id, user_id)
    await _record(tx, caller, organization_id, person, events.REMOVED_FROM_ORG)


async def replace_roles(
    tx: Transaction,
    caller: Caller,
    *,
    organization_id: str,
    user_id: str,
    requested_roles: Sequence[str],
) -> tuple[str, ...]:
    """Give a member exactly these organization roles; return them.

    Raises UserNotInOrganization, the role refusals, LastOwnerDemoted. Source: contract, updateOrgUserRoles.
    """
    organization = await _managed(tx, caller, organization_id)
    person = await _person(tx, organization_id, user_id, MEMBERS)
    kept = roles.organization_roles(requested_roles, organization_id, attribute="orgRoles")
    return (await _keep(tx, caller, organization, person, replace(person, roles=kept))).roles


async def add_role(
    tx: Transaction, caller: Caller, *, organization_id: str, user_id: str, role: str
) -> OrganizationUser:
    """Give a person one organization role more, or nothing when they have it.

    Raises UserNotInOrganization, the role refusals. Source: contract, addOrgUserRole.
    """
    organization = await _managed(tx, caller, organization_id)
    person = await _person(tx, organization_id, user_id, SHOWN)
    (kept,) = roles.organization_roles((role,), organization_id)
    return await _keep(
        tx, caller, organization, person, replace(person, roles=users.with_role(person.roles, kept))
    )


async def remove_role(
    tx: Transaction, caller: Caller, *, organization_id: str, user_id: str, role: str
) -> OrganizationUser:
    """Take one organization role from a person; one they do not have changes nothing.

    Raises UserNotInOrganization, the role refusals, CannotRemoveAllRoles, LastOwnerDemoted.
    Source: contract, removeOrgUserRole.
    """
    organization = await _managed(tx, caller, organization_id)
    person = await _person(tx, organization_id, user_id, SHOWN)
    (kept,) = roles.organization_roles((role,), organization_id)
    return await _keep(
        tx, caller, organization, person, replace(person, roles=users.without_role(person.roles, kept))
    )


async def _managed(tx: Transaction, caller: Caller, organization_id: str) -> Organization:
    """Return the organization, locked, if the caller may change its people."""
    organization = await access.organization(
        tx, caller, organization_id, to=Permission.ORGANIZATION_USERS_MANAGE
    )
    await organizations.lock(tx, organization_id)
    return organization


async def _person(
    tx: Transaction, organization_id: str, user_id: str, statuses: frozenset[Status]
) -> OrganizationUser:
    person = await people.find(tx, organization_id, user_id, statuses=statuses)
    if person is None:
        raise UserNotInOrganization(user_id, organization_id)
    return person


async def _keep(
    tx: Transaction,
    caller: Caller,
    organization: Organization,
    before: OrganizationUser,
    after: OrganizationUser,
) -> OrganizationUser:
    """Keep what a person has now, or will have on acceptance; tell nothing where nothing changed."""
    if after == before:
        return before
    if before.invitation is not None:
        changed = invitations.change(
            before.invitation,
            roles=after.roles,
            team_ids=after.team_ids,
            project_roles=after.project_roles,
        )
        added = invitations.added_projects(before.invitation, changed)
        await inviting.require_room_in_projects(tx, organization.id, added)
        await _require_seats(tx, organization.id, before, after)
        await inviting.keep_change(tx, caller, changed)
        return users.invited(changed, tx.now)
    await _require_seats(tx, organization.id, before, after)
    await _keep_roles(tx, caller, organization.id, before, after)
    await _keep_project_roles(tx, caller, organization.id, before, after)
    await _keep_seats(tx, caller, organization.id, before, after)
    return await _person(tx, organization.id, after.id, MEMBERS)


async def _keep_roles(
    tx: Transaction, caller: Caller, organization_id: str, before: OrganizationUser, after: OrganizationUser
) -> None:
    if after.roles == before.roles:
        return
    stays_owner = ORG_OWNER in after.roles or ORG_OWNER not in before.roles
    if not stays_owner and not await accounts.has_other_owner(tx, organization_id, before.id):
        raise LastOwnerDemoted
    await accounts.change_roles(tx, organization_id, before.id, after.roles)
    await _record(tx, caller, organization_id, before, events.USER_ROLES_CHANGED_AUDIT)


async def _keep_project_roles(
    tx: Transaction, caller: Caller, organization_id: str, before: OrganizationUser, after: OrganizationUser
) -> None:
    for project_id in _projects(before.project_roles, after.project_roles):
        had, gets = before.roles_on(project_id), after.roles_on(project_id)
        if set(gets) == set(had):
            continue
        if not had:
            await inviting.require_room_in_projects(tx, organization_id, (project_id,))
            await room.require_for_project(tx, organization_id, before.id, before.username)
        if gets:
            await projects.grant(
                tx,
                organization_id,
                project_id,
                kind=CallerKind.USER,
                principal_id=before.id,
                roles=gets,
                at=tx.now,
            )
        else:
            await projects.revoke(tx, organization_id, project_id, before.id)
        await _record(
            tx, caller, organization_id, before, events.of_project_roles(had, gets), project_id=project_id
        )


def _projects(*held: tuple[ProjectRole, ...]) -> list[str]:
    return list(dict.fromkeys(one.project_id for part in held for one in part))


async def _require_seats(
    tx: Transaction, organization_id: str, before: OrganizationUser, after: OrganizationUser
) -> None:
    """Return when each team that the person comes to can take one more, and the person one more team."""
    added = [team_id for team_id in after.team_ids if team_id not in before.team_ids]
    most = await limits.limit(tx, organization_id, organization_id, TEAMS_PER_USER) if added else 0
    if added and len(after.team_ids) > most:
        raise TooManyTeamsOfUser(str(most), before.username)
    await team_users.require_room_in_teams(tx, organization_id, added)


async def _keep_seats(
    tx: Transaction, caller: Caller, organization_id: str, before: OrganizationUser, after: OrganizationUser
) -> None:
    for team_id in dict.fromkeys((*before.team_ids, *after.team_ids)):
        if (team_id in before.team_ids) == (team_id in after.team_ids):
            continue
        team = await teams.find(tx, organization_id, team_id)
        assert team is not None, "checked before"
        if team_id in after.team_ids:
            await teams.add_member(tx, team, before.id, tx.now)
            type_name = events.JOINED_TEAM
        else:
            await teams.remove_member(tx, team, before.id)
            type_name = events.REMOVED_FROM_TEAM
        await _record(tx, caller, organization_id, before, type_name, team_id=team_id)


async def _record(
    tx: Transaction,
    caller: Caller,
    organization_id: str,
    person: OrganizationUser,
    type_name: str,
    *,
    project_id: str | None = None,
    team_id: str | None = None,
) -> None:
    await trail.append(
        tx,
        events.by(
            caller,
            type_name,
            id=tx.new_id(),
            organization_id=organization_id,
            project_id=project_id,
            team_id=team_id,
            target_username=person.username,
            now=tx.now,
        ),
    )
