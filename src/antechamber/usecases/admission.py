"""What an accepted invitation gives: membership, seats in teams, roles on projects."""

from antechamber.domain import events, roles, usernames
from antechamber.domain.callers import Caller, CallerKind
from antechamber.domain.invitations import Invitation
from antechamber.domain.users import User
from antechamber.storage import events as trail
from antechamber.storage import projects, teams, users
from antechamber.storage.database import Transaction


async def admit(tx: Transaction, caller: Caller, invitation: Invitation, user: User) -> None:
    """Give the person what the invitation carries; teams and projects that are gone drop out (INV-16).

    Somebody invited to a project becomes a member of its organization too.
    caller: who the events name. Source: contract, DOMAIN.md section 2.
    """
    organization_id = invitation.organization_id
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
    for project_id, given in granted.items():
        if await projects.find(tx, organization_id, project_id) is not None:
            await projects.grant(
                tx,
                organization_id,
                project_id,
                kind=CallerKind.USER,
                principal_id=user.id,
                roles=given,
                at=tx.now,
            )
            await _record(tx, caller, invitation, events.JOINED_GROUP, project_id=project_id)
    for team_id in invitation.team_ids:
        team = await teams.find(tx, organization_id, team_id)
        if team is not None and await teams.add_member(tx, team, user.id, tx.now):
            await _record(tx, caller, invitation, events.JOINED_TEAM, team_id=team_id)


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
