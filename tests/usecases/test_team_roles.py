"""Teams on projects."""

import pytest
from tests.usecases.conftest import Desk
from tests.worlds import World, plant_project, plant_team

from antechamber.domain.errors import (
    InvalidProjectRole,
    MissingAttribute,
    NoRolesInAssignment,
    NotProjectUserAdmin,
    OrganizationRoleInProject,
    TeamAlreadyInProject,
    TeamNotFound,
    TeamNotInProject,
    TooManyTeamsInProject,
)
from antechamber.domain.paging import PageRequest
from antechamber.domain.policy import TEAMS_PER_PROJECT
from antechamber.domain.projects import Project
from antechamber.domain.teams import Team
from antechamber.storage import limits
from antechamber.usecases import team_roles

READER = ("GROUP_READ_ONLY",)


async def _team(desk: Desk, world: World, name: str) -> Team:
    return await desk.database.write(lambda tx: plant_team(tx, world.organization, name))


async def _project(desk: Desk, world: World, name: str) -> Project:
    return await desk.database.write(lambda tx: plant_project(tx, world.organization, name))


async def test_assigned_teams_are_listed_by_name(desk: Desk, world: World) -> None:
    zoo = await _team(desk, world, "Zoo")
    page = await desk.ask(
        team_roles.add,
        world.caller,
        project_id=world.project.id,
        requested=[(zoo.id, ["GROUP_OWNER"]), (world.team.id, ["GROUP_READ_ONLY", "GROUP_READ_ONLY"])],
    )
    assert [(one.team_id, one.roles) for one in page.items] == [
        (world.team.id, READER),
        (zoo.id, ("GROUP_OWNER",)),
    ]
    listed = await desk.look(
        team_roles.list_of_project, world.caller, project_id=world.project.id, page=PageRequest(2, 1)
    )
    assert (listed.items, listed.total) == ([page.items[1]], 2)
    told = [event for event in await desk.events(world) if event.type_name == "TEAM_ADDED_TO_GROUP"]
    assert [(event.team_id, event.project_id) for event in told] == [
        (zoo.id, world.project.id),
        (world.team.id, world.project.id),
    ]


async def test_of_several_teams_all_or_none_are_assigned(desk: Desk, world: World) -> None:
    with pytest.raises(TeamNotFound):
        await desk.ask(
            team_roles.add,
            world.caller,
            project_id=world.project.id,
            requested=[(world.team.id, READER), ("0" * 24, READER)],
        )
    with pytest.raises(TeamNotInProject):
        await desk.look(team_roles.get, world.caller, project_id=world.project.id, team_id=world.team.id)
    assert await desk.events(world) == []


async def test_a_team_of_another_organization_is_like_an_unknown_one(
    desk: Desk, world: World, stranger: World
) -> None:
    of = {"project_id": world.project.id}
    with pytest.raises(TeamNotFound):
        await desk.ask(team_roles.add, world.caller, **of, requested=[(stranger.team.id, READER)])
    for usecase, more in (
        (team_roles.get, {}),
        (team_roles.update, {"role_names": READER}),
        (team_roles.remove, {}),
    ):
        with pytest.raises(TeamNotFound):
            await desk.ask(usecase, world.caller, **of, team_id=stranger.team.id, **more)


async def test_a_team_is_assigned_once(desk: Desk, world: World) -> None:
    twice = {"project_id": world.project.id, "requested": [(world.team.id, READER)]}
    await desk.ask(team_roles.add, world.caller, **twice)
    with pytest.raises(TeamAlreadyInProject):
        await desk.ask(team_roles.add, world.caller, **twice)


@pytest.mark.parametrize(
    ("role_names", "refusal"),
    [
        ([], MissingAttribute),
        (["GROUP_KING"], InvalidProjectRole),
        (["ORG_OWNER"], OrganizationRoleInProject),
    ],
)
async def test_roles_are_project_roles(
    desk: Desk, world: World, role_names: list[str], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        await desk.ask(
            team_roles.add,
            world.caller,
            project_id=world.project.id,
            requested=[(world.team.id, role_names)],
        )


async def test_roles_are_replaced_but_never_all_taken(desk: Desk, world: World) -> None:
    of = {"project_id": world.project.id, "team_id": world.team.id}
    with pytest.raises(TeamNotInProject):
        await desk.ask(team_roles.update, world.caller, **of, role_names=["GROUP_OWNER"])
    await desk.ask(
        team_roles.add, world.caller, project_id=world.project.id, requested=[(world.team.id, READER)]
    )
    with pytest.raises(NoRolesInAssignment):
        await desk.ask(team_roles.update, world.caller, **of, role_names=[])
    page = await desk.ask(team_roles.update, world.caller, **of, role_names=["GROUP_OWNER"])
    assert [one.roles for one in page.items] == [("GROUP_OWNER",)]
    await desk.ask(team_roles.update, world.caller, **of, role_names=["GROUP_OWNER"])
    assert await desk.event_types(world) == ["TEAM_ADDED_TO_GROUP", "TEAM_ROLES_MODIFIED"]


async def test_a_team_is_taken_off_one_project_only(desk: Desk, world: World) -> None:
    other = await _project(desk, world, "Other")
    for project_id in (world.project.id, other.id):
        await desk.ask(
            team_roles.add, world.caller, project_id=project_id, requested=[(world.team.id, READER)]
        )
    of = {"project_id": world.project.id, "team_id": world.team.id}
    await desk.ask(team_roles.remove, world.caller, **of)
    with pytest.raises(TeamNotInProject):
        await desk.ask(team_roles.remove, world.caller, **of)
    kept = await desk.look(team_roles.get, world.caller, project_id=other.id, team_id=world.team.id)
    assert kept.roles == READER
    assert (await desk.event_types(world))[-1] == "TEAM_REMOVED_FROM_GROUP"


async def test_a_project_has_so_many_teams(desk: Desk, world: World) -> None:
    organization_id, project_id = world.organization.id, world.project.id
    await desk.database.write(
        lambda tx: limits.set_own(tx, organization_id, project_id, TEAMS_PER_PROJECT, 1)
    )
    zoo = await _team(desk, world, "Zoo")
    with pytest.raises(TooManyTeamsInProject) as refused:
        await desk.ask(
            team_roles.add,
            world.caller,
            project_id=project_id,
            requested=[(world.team.id, READER), (zoo.id, READER)],
        )
    assert refused.value.facts == ("1", world.project.name)


async def test_a_reader_of_all_projects_assigns_nothing(desk: Desk, world: World) -> None:
    reader = world.caller_with("ORG_READ_ONLY")
    listed = await desk.look(
        team_roles.list_of_project, reader, project_id=world.project.id, page=PageRequest()
    )
    assert listed.items == []
    with pytest.raises(NotProjectUserAdmin):
        await desk.ask(
            team_roles.add, reader, project_id=world.project.id, requested=[(world.team.id, READER)]
        )
