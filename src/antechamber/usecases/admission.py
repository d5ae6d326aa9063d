"""What an accepted invitation gives: membership, seats in teams, roles on projects."""

from collections.abc import Sequence

from antechamber.domain import events, roles, usernames
from antechamber.domain.callers import Caller, CallerKind
from antechamber.domain.invitations import Invitation
from antechamber.domain.users import User
from antechamber.storage import events as trail
from antechamber.storage import projects, teams, users
from antechamber.storage.database import Transaction
from antechamber.usecases import room


async def admit(tx: Transaction, caller: Caller, invitation: Invitation, user: User) -> None:
    """Give the person what the invitation carries; teams and projects that are gone drop out (INV-16).

    Somebody invited to a project becomes a member of its organization too.
    caller: who the events name. The organization is locked. Raises TooManyOrganizationsOfUser,
    TooManyProjectsOfUser. Source: contract, DOMAIN.md section 2.
    """
    organization_id = invitation.organization_id
    if not await users.organization_roles(tx, organization_id, user.id):
        await room.require_for_organization(tx, user.id, user.username, joins=True)
    granted: dict[str, list[str]] = {}
    if invitation.project_id is None:
        joined_as = invitation.roles
        for project_id, role in invitation.project_roles:
            granted.setdefault(project_id, []).append(role)
    else:
        joined_as = (roles.ORG_MEMBER,)
        granted[invitation.project_id] = list(invitation.roles)
    address = usernames.parse(user.username)
    if await users.join_organization(tx, organization_id, user, address, joined_as, tx.now):
        await _record(tx, caller, invitation, events.JOINED_ORG)
    else:
        await _add_organization_roles(tx, caller, invitation, user, joined_as)
    for project_id, given in granted.items():
        if await projects.find(tx, organization_id, project_id) is not None:
            await _add_project_roles(tx, caller, invitation, user, project_id, given)
    for team_id in invitation.team_ids:
        team = await teams.find(tx, organization_id, team_id)
        if team is not None and await teams.add_member(tx, team, user.id, tx.now):
            await _record(tx, caller, invitation, events.JOINED_TEAM, team_id=team_id)


async def _add_organization_roles(
    tx: Transaction, caller: Caller, invitation: Invitation, user: User, given: Sequence[str]
) -> None:
    """Give a member, who came in by another invitation meanwhile, the roles that are still missing."""
    held = await users.organization_roles(tx, invitation.organization_id, user.id)
    missing = [role for role in given if role not in held]
    if missing and invitation.project_id is None:
        await users.change_roles(tx, invitation.organization_id, user.id, (*held, *missing))
        await _record(tx, caller, invitation, events.USER_ROLES_CHANGED_AUDIT)


async def _add_project_roles(
    tx: Transaction,
    caller: Caller,
    invitation: Invitation,
    user: User,
    project_id: str,
    given: Sequence[str],
) -> None:
    held = await projects.direct_roles(tx, invitation.organization_id, project_id, user.id)
    missing = [role for role in given if role not in held]
    if not missing:
        return
    if not held:
        await room.require_for_project(tx, invitation.organization_id, user.id, user.username)
    await projects.grant(
        tx,
        invitation.organization_id,
        project_id,
        kind=CallerKind.USER,
        principal_id=user.id,
        roles=(*held, *missing),
        at=tx.now,
    )
    type_name = events.of_project_roles(held, missing)
    await _record(tx, caller, invitation, type_name, project_id=project_id)


async def _record(
    tx: Transaction,
    caller: Caller,
    invitation: Invitation,
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
            organization_id=invitation.organization_id,
            project_id=project_id,
            team_id=team_id,
            target_username=invitation.username,
            now=tx.now,
        ),
    )
