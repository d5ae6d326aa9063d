"""Bypass Invitation Mode: somebody with an account is admitted without being asked."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from tests.conftest import OpenDatabase
from tests.usecases.conftest import Desk
from tests.worlds import World

from antechamber.domain.invitations import State
from antechamber.domain.policy import Policy
from antechamber.storage import projects, teams, users
from antechamber.usecases import invitations

Ask = Callable[..., Awaitable[Any]]


@pytest.fixture
def bypassing(database_url: str, open_url: OpenDatabase) -> Desk:
    """The same database, as a server with the mode on sees it."""
    return Desk(open_url(database_url, Policy(bypass_invitations=True)))


async def test_somebody_with_an_account_is_a_member_at_once(
    desk: Desk, bypassing: Desk, world: World, stranger: World
) -> None:
    _, invitation = await bypassing.ask(
        invitations.invite_to_organization,
        world.caller,
        organization_id=world.organization.id,
        username=stranger.owner.username,
        requested_roles=["ORG_READ_ONLY"],
        team_ids=[world.team.id],
        project_roles=[(world.project.id, ["GROUP_READ_ONLY"])],
        may_bypass=True,
    )
    assert invitation.state is State.ACCEPTED
    of, who = world.organization.id, stranger.owner.id
    read = desk.database.read
    assert await read(lambda tx: users.organization_roles(tx, of, who)) == ("ORG_READ_ONLY",)
    assert await read(lambda tx: projects.direct_roles(tx, of, world.project.id, who)) == ("GROUP_READ_ONLY",)
    assert (who, stranger.owner.username) in await read(lambda tx: teams.members(tx, world.team))
    assert await desk.mail() == []
    told = ["INVITED_TO_ORG", "JOINED_ORG", "JOINED_GROUP", "JOINED_TEAM"]
    assert (await desk.event_types(world))[-4:] == told


async def test_a_project_invitation_makes_a_member_of_the_organization_too(
    desk: Desk, bypassing: Desk, world: World, stranger: World
) -> None:
    await bypassing.ask(
        invitations.invite_to_project,
        world.caller,
        project_id=world.project.id,
        username=stranger.owner.username,
        requested_roles=["GROUP_OWNER"],
        may_bypass=True,
    )
    of, who = world.organization.id, stranger.owner.id
    read = desk.database.read
    assert await read(lambda tx: users.organization_roles(tx, of, who)) == ("ORG_MEMBER",)
    assert await read(lambda tx: projects.direct_roles(tx, of, world.project.id, who)) == ("GROUP_OWNER",)


@pytest.mark.parametrize(
    ("mode", "door", "username"), [(False, True, "owner"), (True, False, "owner"), (True, True, "new")]
)
async def test_everybody_else_is_asked(
    desk: Desk, bypassing: Desk, world: World, stranger: World, mode: bool, door: bool, username: str
) -> None:
    """Without the mode, through another door, or without an account."""
    address = stranger.owner.username if username == "owner" else "new@nowhere.example"
    ask: Ask = partial(bypassing.ask if mode else desk.ask, invitations.invite_to_organization, world.caller)
    _, invitation = await ask(
        organization_id=world.organization.id,
        username=address,
        requested_roles=["ORG_MEMBER"],
        may_bypass=door,
    )
    assert invitation.state is State.PENDING
    assert len(await desk.mail()) == 1
