"""Teams of organizations."""

from typing import Any

import pytest
from tests.conftest import OpenDatabase
from tests.usecases.conftest import Desk
from tests.worlds import Clock, World

from antechamber.domain.errors import (
    EmptyTeam,
    InvalidTeamName,
    InvalidUsername,
    NotOrganizationUserAdmin,
    Refusal,
    TeamNameNotFound,
    TeamNameTaken,
    TeamNotFound,
    TooManyTeamsInOrganization,
    TooManyUsersInTeam,
    UnknownUsernameInBody,
    UserNotInOrganization,
)
from antechamber.domain.paging import PageRequest
from antechamber.domain.policy import TEAMS_PER_ORGANIZATION, USERS_PER_TEAM, Policy
from antechamber.domain.teams import Team
from antechamber.usecases import invitations, teams


async def create(desk: Desk, world: World, *usernames: str, name: str = "New") -> tuple[Team, list[str]]:
    return await desk.ask(
        teams.create,
        world.caller,
        organization_id=world.organization.id,
        name=name,
        member_usernames=usernames,
    )


async def invite(desk: Desk, world: World, username: str) -> str:
    _, invitation = await desk.ask(
        invitations.invite_to_organization,
        world.caller,
        organization_id=world.organization.id,
        username=username,
        requested_roles=["ORG_MEMBER"],
        team_ids=[world.team.id],
    )
    return invitation.id


async def test_members_sit_down_at_once(desk: Desk, world: World) -> None:
    team, seated = await create(
        desk, world, world.member.username, world.owner.username, world.member.username.upper()
    )
    assert seated == [world.member.username, world.owner.username]
    of = {"organization_id": world.organization.id}
    assert await desk.look(teams.get, world.caller, **of, team_id=team.id) == team
    assert await desk.look(teams.get_by_name, world.caller, **of, name="New") == team
    assert await desk.event_types(world) == ["JOINED_TEAM", "JOINED_TEAM", "TEAM_CREATED"]
    assert {event.team_id for event in await desk.events(world)} == {team.id}


async def test_who_is_invited_joins_on_accepting(desk: Desk, world: World) -> None:
    id = await invite(desk, world, "ann@example.com")
    team, seated = await create(desk, world, "Ann@Example.com")
    assert seated == ["ann@example.com"]
    _, invitation = await desk.look(
        invitations.get_of_organization,
        world.caller,
        organization_id=world.organization.id,
        invitation_id=id,
    )
    assert invitation.team_ids == (world.team.id, team.id)


REFUSED: list[tuple[dict[str, Any], tuple[str, ...], type[Refusal]]] = [
    ({"name": "a/b"}, ("owner@acme.example",), InvalidTeamName),
    ({"name": "Acme Crew"}, ("owner@acme.example",), TeamNameTaken),
    ({}, (), EmptyTeam),
    ({}, ("no address",), InvalidUsername),
    ({}, ("owner@acme.example", "nobody@example.com"), UnknownUsernameInBody),
    ({}, ("owner@acme.example", "owner@umbrella.example"), UserNotInOrganization),
]


@pytest.mark.parametrize(("values", "usernames", "refusal"), REFUSED)
async def test_inv18_a_refused_team_leaves_nothing(
    desk: Desk,
    world: World,
    stranger: World,
    values: dict[str, Any],
    usernames: tuple[str, ...],
    refusal: type[Refusal],
) -> None:
    with pytest.raises(refusal):
        await create(desk, world, *usernames, **values)
    page = await desk.look(
        teams.list_of_organization, world.caller, organization_id=world.organization.id, page=PageRequest()
    )
    assert page.items == [world.team]
    assert await desk.events(world) == []


async def test_inv14_who_was_invited_too_long_ago_is_not_in_the_organization(
    desk: Desk, world: World, clock: Clock
) -> None:
    await invite(desk, world, "ann@example.com")
    clock.advance(days=30)
    with pytest.raises(UserNotInOrganization) as refused:
        await create(desk, world, "ann@example.com")
    assert refused.value.facts == ("ann@example.com", world.organization.id)


async def test_limits_of_teams_and_of_their_members(
    world: World, database_url: str, open_url: OpenDatabase
) -> None:
    limits = {**Policy().limits, TEAMS_PER_ORGANIZATION: 2, USERS_PER_TEAM: 1}
    desk = Desk(open_url(database_url, Policy(limits=limits)))
    with pytest.raises(TooManyUsersInTeam) as users:
        await create(desk, world, world.owner.username, world.member.username)
    assert users.value.facts == ("1", "New")
    await create(desk, world, world.owner.username)
    with pytest.raises(TooManyTeamsInOrganization) as refused:
        await create(desk, world, world.owner.username, name="Another")
    assert refused.value.facts == ("2", world.organization.name)


async def test_inv02_a_team_of_another_organization_is_an_unknown_one(
    desk: Desk, world: World, stranger: World
) -> None:
    of = {"organization_id": world.organization.id}
    with pytest.raises(TeamNotFound):
        await desk.look(teams.get, world.caller, **of, team_id=stranger.team.id)
    with pytest.raises(TeamNameNotFound):
        await desk.look(teams.get_by_name, world.caller, **of, name=stranger.team.name)


async def test_inv05_members_read_teams_and_owners_make_them(desk: Desk, world: World) -> None:
    member, of = world.caller_with("ORG_MEMBER"), {"organization_id": world.organization.id}
    assert await desk.look(teams.get, member, **of, team_id=world.team.id) == world.team
    with pytest.raises(NotOrganizationUserAdmin):
        await desk.ask(teams.create, member, **of, name="New", member_usernames=[world.owner.username])


async def test_a_list_comes_in_pages_by_name(desk: Desk, world: World) -> None:
    for name in ("b", "a"):
        await create(desk, world, world.owner.username, name=name)
    page = await desk.look(
        teams.list_of_organization,
        world.caller,
        organization_id=world.organization.id,
        page=PageRequest(2, 2),
    )
    assert ([team.name for team in page.items], page.total) == (["b"], 3)
