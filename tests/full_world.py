"""A world with rows in every table."""

from datetime import timedelta

from tests.worlds import World, plant

from antechamber.domain import events
from antechamber.domain.access_lists import network
from antechamber.domain.callers import CallerKind
from antechamber.domain.invitations import Invitation, ProjectRole, State
from antechamber.domain.mail import Message, MessageType
from antechamber.domain.rate_limits import Taken
from antechamber.domain.teams import TeamRoles
from antechamber.storage import (
    access_lists,
    digest_answers,
    invitation_tickets,
    invitation_tokens,
    invitations,
    limits,
    outbox,
    projects,
    rate_limits,
    service_accounts,
    sessions,
    sign_in_links,
    teams,
)
from antechamber.storage import events as trail
from antechamber.storage.database import Statement, Transaction

# A row that is asked for with a secret, which nobody has here.
_TOKEN = Statement(
    """INSERT INTO access_tokens (organization_id, fingerprint, client_id, secret_id, created_at, expires_at)
    VALUES (:organization_id, :key, :client_id, :secret_id, 1, 2)"""
)


async def plant_everything(tx: Transaction, name: str = "Acme", *, more_events: int = 0) -> World:
    """Plant an organization that uses every table, and so many events besides."""
    world = await plant(tx, name)
    id, project, team = world.organization.id, world.project, world.team
    user, key = world.member, name.encode().ljust(32)
    await projects.grant(
        tx,
        id,
        project.id,
        kind=CallerKind.SERVICE_ACCOUNT,
        principal_id=world.account.client_id,
        roles=("GROUP_OWNER", "GROUP_READ_ONLY"),
        at=tx.now,
    )
    assert await teams.assign(tx, id, TeamRoles(project.id, team.id, ("GROUP_READ_ONLY",)), tx.now)
    await access_lists.insert(tx, id, world.key.id, network("10.0.0.0/8"))
    await access_lists.insert(tx, id, world.account.client_id, network("2001:db8::1"))
    await limits.set_own(tx, id, project.id, "users-per-project", 7)
    await digest_answers.insert(tx, id, "nonce", 1, 300)
    await rate_limits.take(tx, Taken(("set", name), 7, 500, 100))
    invitation = Invitation(
        id=tx.new_id(),
        organization_id=id,
        project_id=None,
        from_project=False,
        user_id=tx.new_id(),
        username=f"zoë@{name.lower()}.example",
        inviter=world.owner.username,
        state=State.PENDING,
        roles=("ORG_MEMBER",),
        team_ids=(team.id,),
        project_roles=(ProjectRole(project.id, "GROUP_READ_ONLY"),),
        created_at=tx.now,
        expires_at=tx.now + timedelta(days=30),
    )
    assert await invitations.insert(tx, invitation, language="ja")
    await invitation_tokens.insert(tx, key, id, invitation.id)
    opened, soon = invitation_tokens.Opened(id, invitation.id), tx.now + timedelta(minutes=30)
    await invitation_tickets.insert(tx, key, opened, soon)
    await sessions.insert(tx, key, user.id, soon)
    await sign_in_links.insert(tx, key, user.id, soon)
    of = {"organization_id": id, "client_id": world.account.client_id, "secret_id": world.secret.id}
    await tx.run(_TOKEN, key=key, **of)
    kind = MessageType.ORGANIZATION_INVITATION
    await outbox.put(tx, Message(tx.new_id(), id, kind, user.username, "", invitation.id, "t0ken", tx.now))
    for _ in range(1 + more_events):
        event = events.by(world.caller, events.ORG_CREATED, id=tx.new_id(), organization_id=id, now=tx.now)
        await trail.append(tx, event)
    assert await service_accounts.find(tx, id, world.account.client_id)
    return world
