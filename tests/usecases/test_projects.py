"""Projects of organizations."""

import asyncio
from typing import Any

import pytest
from tests.conftest import OpenDatabase
from tests.usecases.conftest import Desk
from tests.worlds import World, plant_project

from antechamber.domain.errors import (
    InvalidAttribute,
    InvalidProjectName,
    NotAuthorized,
    NoTieToProject,
    NotProjectCreator,
    ProjectNameNotFound,
    ProjectNameTaken,
    ProjectNotFound,
    Refusal,
    TooManyProjectsInOrganization,
    UserNotFound,
)
from antechamber.domain.invitations import ProjectRole
from antechamber.domain.paging import PageRequest
from antechamber.domain.policy import PROJECTS_PER_ORGANIZATION, Policy
from antechamber.domain.projects import Project, Tag
from antechamber.storage import projects as stored
from antechamber.storage.database import Statement
from antechamber.usecases import invitations, projects


async def create(desk: Desk, world: World, name: str = "New", **values: Any) -> Project:
    wanted: dict[str, Any] = {"owner_id": None, "tags": (), "with_default_alerts_settings": True}
    return await desk.ask(
        projects.create,
        values.pop("caller", world.caller),
        organization_id=world.organization.id,
        name=name,
        **{**wanted, **values},
    )


async def update(desk: Desk, world: World, **values: Any) -> Project:
    kept = {"name": None, "tags": None, "with_default_alerts_settings": None}
    return await desk.ask(projects.update, world.caller, project_id=world.project.id, **{**kept, **values})


async def roles_of(desk: Desk, project: Project, principal_id: str) -> tuple[str, ...]:
    return await desk.database.read(
        lambda tx: stored.direct_roles(tx, project.organization_id, project.id, principal_id)
    )


async def test_a_new_project_belongs_to_its_creator_and_the_oldest_owner(desk: Desk, world: World) -> None:
    project = await create(desk, world, tags=[Tag("env", "prod")], with_default_alerts_settings=False)
    assert await desk.look(projects.get, world.caller, project_id=project.id) == project
    assert (project.tags, project.with_default_alerts_settings) == ((Tag("env", "prod"),), False)
    assert await roles_of(desk, project, world.caller.id) == ("GROUP_OWNER",)
    assert await roles_of(desk, project, world.owner.id) == ("GROUP_OWNER",)
    (event,) = await desk.events(world)
    assert (event.type_name, event.project_id) == ("GROUP_CREATED", project.id)


async def test_a_named_owner_owns_the_new_project(desk: Desk, world: World) -> None:
    project = await create(desk, world, owner_id=world.member.id)
    assert await roles_of(desk, project, world.member.id) == ("GROUP_OWNER",)
    assert await roles_of(desk, project, world.owner.id) == ()


REFUSED: list[tuple[dict[str, Any], type[Refusal]]] = [
    ({"name": "a/b"}, InvalidProjectName),
    ({"name": "Acme Mobile"}, ProjectNameTaken),
    ({"owner_id": "5f" * 12}, UserNotFound),
    ({"tags": [Tag("", "x")]}, InvalidAttribute),
]


@pytest.mark.parametrize(("values", "refusal"), REFUSED)
async def test_inv18_a_refused_project_leaves_nothing(
    desk: Desk, world: World, values: dict[str, Any], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        await create(desk, world, **values)
    page = await desk.look(projects.list_for_caller, world.caller, page=PageRequest())
    assert page.items == [world.project]
    assert await desk.events(world) == []
    directory = await desk.database.read(
        lambda tx: tx.rows(Statement("SELECT name FROM directory WHERE kind = 'project'"))
    )
    assert [tuple(row) for row in directory] == [(world.project.id,)]


async def test_inv03_a_stranger_cannot_own_a_project(desk: Desk, world: World, stranger: World) -> None:
    with pytest.raises(UserNotFound):
        await create(desk, world, owner_id=stranger.owner.id)


async def test_names_are_unique_within_one_organization(desk: Desk, world: World, stranger: World) -> None:
    await create(desk, stranger, world.project.name)
    await create(desk, world, world.project.name.lower())
    answers = await asyncio.gather(*(create(desk, world, "Same") for _ in range(6)), return_exceptions=True)
    assert sum(isinstance(answer, Project) for answer in answers) == 1
    assert sum(isinstance(answer, ProjectNameTaken) for answer in answers) == 5


async def test_inv31_the_limit_of_projects_holds_while_many_are_created_at_once(
    world: World, database_url: str, open_url: OpenDatabase
) -> None:
    limits = {**Policy().limits, PROJECTS_PER_ORGANIZATION: 4}
    desk = Desk(open_url(database_url, Policy(limits=limits)))
    answers = await asyncio.gather(*(create(desk, world, f"P{n}") for n in range(8)), return_exceptions=True)
    assert sum(isinstance(answer, Project) for answer in answers) == 3
    assert sum(isinstance(answer, TooManyProjectsInOrganization) for answer in answers) == 5


@pytest.mark.parametrize(
    ("role", "may"), [("ORG_GROUP_CREATOR", True), ("ORG_MEMBER", False), ("ORG_READ_ONLY", False)]
)
async def test_inv05_owners_and_project_creators_create_projects(
    desk: Desk, world: World, role: str, may: bool
) -> None:
    caller = world.caller_with(role)
    if may:
        project = await create(desk, world, caller=caller)
        assert await roles_of(desk, project, caller.id) == ("GROUP_OWNER",)
        assert await desk.look(projects.get, caller, project_id=project.id) == project
    else:
        with pytest.raises(NotProjectCreator):
            await create(desk, world, caller=caller)


async def test_a_change_replaces_what_is_given_and_tells_it(desk: Desk, world: World) -> None:
    assert (await update(desk, world, name="Renamed")).name == "Renamed"
    tagged = await update(desk, world, tags=[Tag("env", "prod")])
    assert (tagged.name, tagged.tags) == ("Renamed", (Tag("env", "prod"),))
    silent = await update(desk, world, with_default_alerts_settings=False)
    assert not silent.with_default_alerts_settings
    told = [
        "GROUP_NAME_CHANGED",
        "TAGS_MODIFIED",
        "GROUP_TAGS_MODIFIED",
        "GROUP_DEFAULT_ALERTS_SETTINGS_CHANGED",
    ]
    assert await desk.event_types(world) == told
    same = await update(desk, world, name="Renamed")
    assert same == await desk.look(projects.get, world.caller, project_id=world.project.id)
    assert len(await desk.events(world)) == len(told)


async def test_a_refused_change_changes_nothing(desk: Desk, world: World) -> None:
    other = await create(desk, world)
    for values, refusal in (
        ({"name": other.name}, ProjectNameTaken),
        ({"name": "a/b"}, InvalidProjectName),
        ({"name": "Good", "tags": [Tag("", "")]}, InvalidAttribute),
    ):
        with pytest.raises(refusal):
            await update(desk, world, **values)
    assert await desk.look(projects.get, world.caller, project_id=world.project.id) == world.project


async def test_readers_read_and_do_not_change(desk: Desk, world: World) -> None:
    reader, member = world.caller_with("ORG_READ_ONLY"), world.caller_with("ORG_MEMBER")
    assert await desk.look(projects.get, reader, project_id=world.project.id) == world.project
    assert await desk.look(projects.get_by_name, reader, name=world.project.name) == world.project
    with pytest.raises(NotAuthorized):
        await desk.ask(projects.delete, reader, project_id=world.project.id)
    with pytest.raises(NoTieToProject):
        await desk.look(projects.get, member, project_id=world.project.id)
    with pytest.raises(ProjectNameNotFound):
        await desk.look(projects.get_by_name, member, name=world.project.name)
    page = await desk.look(projects.list_for_caller, member, page=PageRequest())
    assert (page.items, page.total) == ([], 0)


async def test_inv02_a_name_finds_the_callers_own_project(desk: Desk, world: World, stranger: World) -> None:
    with pytest.raises(ProjectNameNotFound) as refused:
        await desk.look(projects.get_by_name, world.caller, name=stranger.project.name)
    assert refused.value.facts == (stranger.project.name,)


async def test_a_list_comes_in_pages_by_name(desk: Desk, world: World) -> None:
    caller = world.caller_with("ORG_GROUP_CREATOR")
    for name in ("c", "a", "b"):
        await create(desk, world, name, caller=caller)
    own = await desk.look(projects.list_for_caller, caller, page=PageRequest(1, 2))
    assert ([one.name for one in own.items], own.total) == (["a", "b"], 3)
    rest = await desk.look(projects.list_for_caller, caller, page=PageRequest(2, 2))
    assert [one.name for one in rest.items] == ["c"]
    everything = await desk.look(projects.list_for_caller, world.caller, page=PageRequest())
    assert [one.name for one in everything.items] == ["Acme Mobile", "a", "b", "c"]


async def test_inv09_a_deleted_project_takes_everything_that_hangs_on_it_along(
    desk: Desk, world: World
) -> None:
    kept_project = await desk.database.write(lambda tx: plant_project(tx, world.organization, "Kept"))
    _, pending = await desk.ask(
        invitations.invite_to_organization,
        world.caller,
        organization_id=world.organization.id,
        username="ann@example.com",
        requested_roles=["ORG_MEMBER"],
        project_roles=[
            (world.project.id, ["GROUP_OWNER", "GROUP_READ_ONLY"]),
            (kept_project.id, ["GROUP_OWNER"]),
        ],
    )
    await desk.ask(
        invitations.invite_to_project,
        world.caller,
        project_id=world.project.id,
        username="bob@example.com",
        requested_roles=["GROUP_OWNER"],
    )
    await desk.ask(projects.delete, world.caller, project_id=world.project.id)
    with pytest.raises(ProjectNotFound):
        await desk.look(projects.get, world.caller, project_id=world.project.id)
    _, carried = await desk.look(
        invitations.get_of_organization,
        world.caller,
        organization_id=world.organization.id,
        invitation_id=pending.id,
    )
    assert carried == pending._replace(project_roles=(ProjectRole(kept_project.id, "GROUP_OWNER"),))
    for table in ("project_roles", "invitations"):
        rows = await desk.database.read(
            lambda tx, t=table: tx.rows(  # type: ignore[misc]
                Statement(f"SELECT 1 FROM {t} WHERE project_id = :id"), id=world.project.id
            )
        )
        assert rows == [], table
    assert [message.recipient for message in await desk.mail()] == ["ann@example.com"]
    assert (await desk.event_types(world))[-1] == "GROUP_DELETED"
    await create(desk, world, world.project.name)
