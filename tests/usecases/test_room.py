"""How many organizations and projects a person may belong to, and how many people a team may be promised."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from tests.conftest import OpenDatabase
from tests.usecases.conftest import Desk
from tests.worlds import World, plant_project

from antechamber.domain.errors import (
    TooManyOrganizationsOfUser,
    TooManyProjectsOfUser,
    TooManyUsersInTeam,
)
from antechamber.domain.policy import (
    DEFAULT_LIMITS,
    ORGANIZATIONS_PER_USER,
    PROJECTS_PER_USER,
    USERS_PER_TEAM,
    Policy,
)
from antechamber.domain.roles import GROUP_OWNER, ORG_MEMBER
from antechamber.storage import users
from antechamber.usecases import invitations, organization_users, organizations, project_users, projects

AT_ONCE = 8


@pytest.fixture
def tight(database_url: str, open_url: OpenDatabase) -> Desk:
    """The same database, as a server sees it on which two is the most of everything."""
    two = dict.fromkeys((ORGANIZATIONS_PER_USER, PROJECTS_PER_USER, USERS_PER_TEAM), 2)
    return Desk(open_url(database_url, Policy(limits={**DEFAULT_LIMITS, **two}, bypass_invitations=True)))


async def found(desk: Desk, world: World, name: str = "Next") -> Any:
    """Have the world's owner own one organization more."""
    return await desk.ask(
        organizations.create,
        world.caller,
        name=name,
        owner_id=world.owner.id,
        skip_default_alerts_settings=False,
        api_key=None,
        service_account=None,
    )


async def invite(desk: Desk, world: World, username: str, **more: Any) -> Any:
    """Invite somebody to the world's organization."""
    return await desk.ask(
        invitations.invite_to_organization,
        world.caller,
        organization_id=world.organization.id,
        username=username,
        requested_roles=[ORG_MEMBER],
        **more,
    )


async def test_inv31_nobody_gets_more_organizations_than_they_may_have_even_at_once(
    tight: Desk, world: World
) -> None:
    answers = await asyncio.gather(
        *(found(tight, world, f"Number {number}") for number in range(AT_ONCE)), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, TooManyOrganizationsOfUser)]
    assert len(refused) == AT_ONCE - 1
    assert refused[0].facts == ("2", world.owner.username)
    owned = await tight.database.read(lambda tx: users.count_organizations(tx, world.owner.id, 9))
    assert owned == 2


async def test_inv31_who_is_admitted_everywhere_at_once_is_admitted_as_often_as_they_may_be(
    desk: Desk, tight: Desk, world: World, stranger: World
) -> None:
    """The stranger's owner has one organization, the world's two invite them past asking."""
    other, _, _ = await found(desk, world, "Second")
    asked = {"username": stranger.owner.username, "requested_roles": [ORG_MEMBER], "may_bypass": True}
    second = replace(world.caller, organization=other)
    answers = await asyncio.gather(
        tight.ask(
            invitations.invite_to_organization,
            world.caller,
            organization_id=world.organization.id,
            **asked,
        ),
        tight.ask(invitations.invite_to_organization, second, organization_id=other.id, **asked),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, TooManyOrganizationsOfUser) for answer in answers) == 1


async def test_who_belongs_to_enough_organizations_is_not_invited(
    desk: Desk, tight: Desk, world: World, stranger: World
) -> None:
    await invite(tight, world, stranger.member.username)
    await found(desk, stranger)
    with pytest.raises(TooManyOrganizationsOfUser):
        await invite(tight, world, stranger.owner.username)


async def test_nobody_gets_more_projects_than_they_may_have(desk: Desk, tight: Desk, world: World) -> None:
    """The owner has one; the second is the last."""
    organization_id = world.organization.id
    values = {"organization_id": organization_id, "tags": (), "with_default_alerts_settings": True}
    second = await tight.ask(projects.create, world.caller, name="Second", owner_id=world.owner.id, **values)
    with pytest.raises(TooManyProjectsOfUser) as refused:
        await tight.ask(projects.create, world.caller, name="Third", owner_id=world.owner.id, **values)
    assert refused.value.facts == ("2", world.owner.username)
    third = await desk.database.write(lambda tx: plant_project(tx, world.organization, "Third"))
    with pytest.raises(TooManyProjectsOfUser):
        await tight.ask(
            project_users.add,
            world.caller,
            project_id=third.id,
            username=world.owner.username,
            requested_roles=[GROUP_OWNER],
        )
    with pytest.raises(TooManyProjectsOfUser):
        await tight.ask(
            organization_users.update,
            world.caller,
            organization_id=organization_id,
            user_id=world.owner.id,
            project_roles=[(one.id, [GROUP_OWNER]) for one in (world.project, second, third)],
        )


async def test_a_team_is_promised_to_no_more_people_than_fit(tight: Desk, world: World) -> None:
    """The owner sits in it; the first who is invited with it takes the last seat."""
    _, first = await invite(tight, world, "ann@guest.example", team_ids=[world.team.id])
    with pytest.raises(TooManyUsersInTeam) as refused:
        await invite(tight, world, "ben@guest.example", team_ids=[world.team.id])
    assert refused.value.facts == ("2", world.team.name)
    _, second = await invite(tight, world, "ben@guest.example")

    async def change(invitation_id: str) -> Any:
        return await tight.ask(
            invitations.change_of_organization,
            world.caller,
            organization_id=world.organization.id,
            invitation_id=invitation_id,
            team_ids=[world.team.id],
        )

    with pytest.raises(TooManyUsersInTeam):
        await change(second.id)
    _, kept = await change(first.id)
    assert kept.team_ids == (world.team.id,)
