"""What an export says of an organization, and what it leaves out because it would mean something else."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from tests.full_world import plant_everything
from tests.worlds import Clock, World, join

from antechamber.domain.errors import OrganizationNotFound
from antechamber.domain.invitations import LIFETIME, Invitation, State
from antechamber.domain.seeds import OrganizationSeed, ProjectRoles, Seed, require
from antechamber.domain.users import User
from antechamber.storage import invitations, users
from antechamber.storage.database import Database, Transaction
from antechamber.usecases import exporting


async def _export(database: Database, world: World) -> OrganizationSeed:
    return await database.read(partial(exporting.organization_seed, organization_id=world.organization.id))


async def _sent(
    tx: Transaction, world: World, to: User, state: State, *, project_id: str | None = None
) -> Invitation:
    invitation = Invitation(
        id=tx.new_id(),
        organization_id=world.organization.id,
        project_id=project_id,
        from_project=False,
        user_id=to.id,
        username=to.username,
        inviter=world.owner.username,
        state=state,
        roles=("GROUP_READ_ONLY" if project_id else "ORG_MEMBER",),
        team_ids=(),
        project_roles=(),
        created_at=tx.now,
        expires_at=tx.now + LIFETIME,
    )
    assert await invitations.insert(tx, invitation)
    return invitation


async def test_an_export_can_be_planted_and_holds_every_kind_of_thing(database: Database) -> None:
    world = await database.write(plant_everything)
    seed = await _export(database, world)
    require(Seed((_with_secrets(seed),)), world.organization.created_at + timedelta(seconds=1))
    assert [user.username for user in seed.users] == ["member@acme.example", "owner@acme.example"]
    assert seed.users[1].project_roles == (ProjectRoles("Acme Mobile", ("GROUP_OWNER",)),)
    (team,) = seed.teams
    assert team.usernames == ("owner@acme.example",)
    assert team.project_roles == (ProjectRoles("Acme Mobile", ("GROUP_READ_ONLY",)),)
    (account,) = seed.service_accounts
    assert account.access_list == ("2001:db8::1/128",)
    assert account.project_roles == (ProjectRoles("Acme Mobile", ("GROUP_OWNER", "GROUP_READ_ONLY")),)
    (key,) = seed.api_keys
    assert (key.private_key, key.access_list) == ("", ("10.0.0.0/8",))
    (invitation,) = seed.invitations
    assert (invitation.teams, invitation.username) == (("Acme Crew",), "zoë@acme.example")
    assert invitation.language == "ja"


def _with_secrets(seed: OrganizationSeed) -> OrganizationSeed:
    return replace(
        seed,
        api_keys=tuple(replace(key, private_key="x") for key in seed.api_keys),
        service_accounts=tuple(replace(one, secret="x") for one in seed.service_accounts),
        # Its letters beyond ASCII are for the copy; the rule for addresses wants none.
        invitations=(),
    )


async def test_what_would_mean_something_else_when_planted_again_is_left_out(
    database: Database, world: World, clock: Clock
) -> None:
    async def send(tx: Transaction) -> list[Invitation]:
        gone = await join(tx, world.organization.id, "gone@acme.example", "ORG_MEMBER")
        await users.leave_organization(tx, world.organization.id, gone.id)
        await _sent(tx, world, gone, State.ACCEPTED)
        await _sent(tx, world, gone, State.REVOKED)
        # The member's history, and an invitation to a project that is of use still.
        kept = [await _sent(tx, world, world.member, State.ACCEPTED)]
        kept.append(await _sent(tx, world, world.member, State.PENDING, project_id=world.project.id))
        # The owner has a role there already.
        await _sent(tx, world, world.owner, State.PENDING, project_id=world.project.id)
        return kept

    kept = await database.write(send)
    assert [one.id for one in (await _export(database, world)).invitations] == [one.id for one in kept]


async def test_inv14_what_is_past_its_end_is_exported_as_expired(
    database: Database, world: World, clock: Clock
) -> None:
    async def send(tx: Transaction) -> Invitation:
        person = await join(tx, world.organization.id, "late@acme.example", "ORG_MEMBER")
        await users.leave_organization(tx, world.organization.id, person.id)
        return await _sent(tx, world, person, State.PENDING)

    sent = await database.write(send)
    (pending,) = (await _export(database, world)).invitations
    assert (pending.state, pending.created_at) == (State.PENDING, sent.created_at)
    clock.advance(days=30)
    (expired,) = (await _export(database, world)).invitations
    assert (expired.state, expired.created_at) == (State.EXPIRED, sent.created_at)


async def test_an_unknown_organization_is_refused(database: Database) -> None:
    with pytest.raises(OrganizationNotFound):
        await database.read(partial(exporting.organization_seed, organization_id="5f" * 12))
