"""People in teams, and the end of teams."""

import asyncio
from functools import partial

import pytest
from tests.usecases.conftest import Desk
from tests.worlds import Clock, World, plant_team

from antechamber.domain import usernames
from antechamber.domain.errors import (
    NotOrganizationUserAdmin,
    PendingUser,
    TeamNameTaken,
    TeamNotFound,
    TeamStillAssigned,
    TooManyTeamsOfUser,
    TooManyUsersInTeam,
    UserAlreadyInTeam,
    UserNotInOrganization,
    UserNotInTeam,
)
from antechamber.domain.invitations import Invitation
from antechamber.domain.paging import PageRequest
from antechamber.domain.policy import TEAMS_PER_USER, USERS_PER_TEAM
from antechamber.domain.users import Status
from antechamber.storage import invitations as stored
from antechamber.storage import limits
from antechamber.usecases import invitations, team_roles, team_users, teams

GUEST = "guest@acme.example"


def of_team(world: World) -> dict[str, str]:
    return {"organization_id": world.organization.id, "team_id": world.team.id}


async def invite(desk: Desk, world: World, username: str = GUEST) -> Invitation:
    _, invitation = await desk.ask(
        invitations.invite_to_organization,
        world.caller,
        organization_id=world.organization.id,
        username=username,
        requested_roles=["ORG_MEMBER"],
    )
    return invitation


async def people(desk: Desk, world: World, **filters: object) -> list[str]:
    page = await desk.look(
        team_users.list_of_team, world.caller, **of_team(world), page=PageRequest(), **filters
    )
    assert page.total == len(page.items)
    return [one.username for one in page.items]


async def test_members_and_the_invited_are_listed_together(desk: Desk, world: World) -> None:
    invitation = await invite(desk, world)
    await desk.ask(team_users.add, world.caller, **of_team(world), user_id=world.member.id)
    person = await desk.ask(team_users.add, world.caller, **of_team(world), user_id=invitation.user_id)
    assert (person.status, person.team_ids) == (Status.PENDING, (world.team.id,))
    assert await people(desk, world) == [GUEST, world.member.username, world.owner.username]
    assert await people(desk, world, statuses=frozenset({Status.ACTIVE})) == [
        world.member.username,
        world.owner.username,
    ]
    assert await people(desk, world, username=GUEST.upper()) == [GUEST]
    assert await people(desk, world, user_id=world.member.id) == [world.member.username]
    events = (await desk.events(world))[-2:]
    assert [(one.type_name, one.team_id, one.target_username) for one in events] == [
        ("JOINED_TEAM", world.team.id, world.member.username),
        ("INVITED_TO_TEAM", world.team.id, GUEST),
    ]


async def test_the_old_call_takes_members_only_and_leaves_the_team_alone_otherwise(
    desk: Desk, world: World
) -> None:
    invitation = await invite(desk, world)
    for bad, refusal in (
        (invitation.user_id, PendingUser),
        ("0" * 24, UserNotInOrganization),
        (world.owner.id, UserAlreadyInTeam),
        (world.member.id, UserAlreadyInTeam),
    ):
        with pytest.raises(refusal):
            await desk.ask(
                team_users.add_members, world.caller, **of_team(world), user_ids=[world.member.id, bad]
            )
    assert await people(desk, world) == [world.owner.username]
    page = await desk.ask(team_users.add_members, world.caller, **of_team(world), user_ids=[world.member.id])
    assert [one.username for one in page.items] == [world.member.username, world.owner.username]


async def test_somebody_of_another_organization_is_like_nobody(
    desk: Desk, world: World, stranger: World
) -> None:
    for usecase, of in (
        (team_users.add, {"user_id": stranger.member.id}),
        (team_users.remove, {"user_id": stranger.member.id}),
        (team_users.remove_member, {"user_id": stranger.member.id}),
        (team_users.add_members, {"user_ids": [stranger.member.id]}),
    ):
        with pytest.raises(UserNotInOrganization):
            await desk.ask(usecase, world.caller, **of_team(world), **of)
    with pytest.raises(TeamNotFound):
        await desk.ask(
            team_users.add,
            world.caller,
            organization_id=world.organization.id,
            team_id=stranger.team.id,
            user_id=world.member.id,
        )


async def test_an_expired_invitation_takes_no_seat(desk: Desk, world: World, clock: Clock) -> None:
    invitation = await invite(desk, world)
    clock.advance(days=30)
    with pytest.raises(UserNotInOrganization):
        await desk.ask(team_users.add, world.caller, **of_team(world), user_id=invitation.user_id)


async def test_who_is_invited_to_a_project_only_takes_no_seat(desk: Desk, world: World) -> None:
    _, invitation = await desk.ask(
        invitations.invite_to_project,
        world.caller,
        project_id=world.project.id,
        username=GUEST,
        requested_roles=["GROUP_READ_ONLY"],
    )
    with pytest.raises(UserNotInOrganization):
        await desk.ask(team_users.add, world.caller, **of_team(world), user_id=invitation.user_id)


async def test_seats_are_taken_away(desk: Desk, world: World) -> None:
    invitation = await invite(desk, world)
    await desk.ask(team_users.add, world.caller, **of_team(world), user_id=invitation.user_id)
    # Not by the old call: it does not know the invited.
    with pytest.raises(UserNotInTeam):
        await desk.ask(team_users.remove_member, world.caller, **of_team(world), user_id=invitation.user_id)
    person = await desk.ask(team_users.remove, world.caller, **of_team(world), user_id=invitation.user_id)
    assert person.team_ids == ()
    await desk.ask(team_users.remove_member, world.caller, **of_team(world), user_id=world.owner.id)
    assert await people(desk, world) == []
    for usecase in (team_users.remove, team_users.remove_member):
        with pytest.raises(UserNotInTeam):
            await desk.ask(usecase, world.caller, **of_team(world), user_id=world.owner.id)
    assert (await desk.event_types(world))[-2:] == ["REMOVED_FROM_TEAM", "REMOVED_FROM_TEAM"]


async def test_the_invited_count_for_a_teams_limit(desk: Desk, world: World) -> None:
    set_own = partial(
        limits.set_own,
        organization_id=world.organization.id,
        scope_id=world.team.id,
        name=USERS_PER_TEAM,
        value=2,
    )
    await desk.database.write(set_own)
    invitation = await invite(desk, world)
    await desk.ask(team_users.add, world.caller, **of_team(world), user_id=invitation.user_id)
    with pytest.raises(TooManyUsersInTeam) as refused:
        await desk.ask(team_users.add, world.caller, **of_team(world), user_id=world.member.id)
    assert refused.value.facts == ("2", world.team.name)


async def test_nobody_sits_in_more_teams_than_allowed(desk: Desk, world: World) -> None:
    organization_id = world.organization.id
    await desk.database.write(
        lambda tx: limits.set_own(tx, organization_id, organization_id, TEAMS_PER_USER, 1)
    )
    other = await desk.database.write(lambda tx: plant_team(tx, world.organization, "Other"))
    with pytest.raises(TooManyTeamsOfUser) as refused:
        await desk.ask(
            team_users.add,
            world.caller,
            organization_id=organization_id,
            team_id=other.id,
            user_id=world.owner.id,
        )
    assert refused.value.facts == ("1", world.owner.username)


async def test_a_team_is_renamed_to_a_free_name(desk: Desk, world: World) -> None:
    other = await desk.database.write(lambda tx: plant_team(tx, world.organization, "Other"))
    with pytest.raises(TeamNameTaken):
        await desk.ask(teams.rename, world.caller, **of_team(world), name=other.name)
    await desk.ask(teams.rename, world.caller, **of_team(world), name=world.team.name)
    assert await desk.events(world) == []
    renamed = await desk.ask(teams.rename, world.caller, **of_team(world), name="New Crew")
    found = await desk.look(teams.get, world.caller, **of_team(world))
    assert renamed == found
    assert found.name == "New Crew"
    assert await desk.event_types(world) == ["TEAM_NAME_CHANGED"]


async def test_a_team_with_projects_stays(desk: Desk, world: World) -> None:
    of = {"project_id": world.project.id}
    await desk.ask(team_roles.add, world.caller, **of, requested=[(world.team.id, ["GROUP_READ_ONLY"])])
    with pytest.raises(TeamStillAssigned):
        await desk.ask(teams.delete, world.caller, **of_team(world))
    await desk.ask(team_roles.remove, world.caller, **of, team_id=world.team.id)
    await desk.ask(teams.delete, world.caller, **of_team(world))
    with pytest.raises(TeamNotFound):
        await desk.look(teams.get, world.caller, **of_team(world))


async def test_a_deleted_team_drops_out_of_what_is_pending(desk: Desk, world: World) -> None:
    organization_id = world.organization.id
    other = await desk.database.write(lambda tx: plant_team(tx, world.organization, "Other"))
    await desk.ask(
        invitations.invite_to_organization,
        world.caller,
        organization_id=organization_id,
        username=GUEST,
        requested_roles=["ORG_MEMBER"],
        team_ids=[world.team.id, other.id],
    )
    await desk.ask(teams.delete, world.caller, **of_team(world))
    kept = await desk.database.read(
        lambda tx: stored.find_pending(tx, organization_id, organization_id, usernames.key_of(GUEST))
    )
    assert kept is not None
    assert kept.team_ids == (other.id,)
    events = (await desk.events(world))[-2:]
    assert [(one.type_name, one.team_id, one.target_username) for one in events] == [
        ("REMOVED_FROM_TEAM", world.team.id, world.owner.username),
        ("TEAM_DELETED", world.team.id, None),
    ]


async def test_a_reader_changes_no_team(desk: Desk, world: World) -> None:
    reader = world.caller_with("ORG_READ_ONLY")
    for usecase, more in (
        (teams.rename, {"name": "Mine"}),
        (teams.delete, {}),
        (team_users.add, {"user_id": world.member.id}),
        (team_users.remove, {"user_id": world.owner.id}),
        (team_users.remove_member, {"user_id": world.owner.id}),
        (team_users.add_members, {"user_ids": [world.member.id]}),
    ):
        with pytest.raises(NotOrganizationUserAdmin):
            await desk.ask(usecase, reader, **of_team(world), **more)


async def test_two_at_once_do_not_take_the_last_seat_twice(desk: Desk, world: World) -> None:
    organization_id = world.organization.id
    await desk.database.write(
        lambda tx: limits.set_own(tx, organization_id, world.team.id, USERS_PER_TEAM, 2)
    )
    invitation = await invite(desk, world)
    outcomes = await asyncio.gather(
        *(
            desk.ask(team_users.add, world.caller, **of_team(world), user_id=user_id)
            for user_id in (world.member.id, invitation.user_id)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(one, TooManyUsersInTeam) for one in outcomes) == 1
    assert len(await people(desk, world)) == 2


async def test_a_team_that_goes_is_in_no_invitation(desk: Desk, world: World) -> None:
    organization_id = world.organization.id
    invitation = await invite(desk, world)
    outcomes = await asyncio.gather(
        desk.ask(
            invitations.change_of_organization,
            world.caller,
            organization_id=organization_id,
            invitation_id=invitation.id,
            team_ids=[world.team.id],
        ),
        desk.ask(teams.delete, world.caller, **of_team(world)),
        return_exceptions=True,
    )
    assert outcomes[1] is None
    kept = await desk.database.read(lambda tx: stored.find(tx, organization_id, invitation.id))
    assert kept is not None
    assert kept.team_ids == ()
