"""Settings and limits of projects, and the end of projects."""

import pytest
from tests.usecases.conftest import Desk
from tests.worlds import World

from antechamber.domain.errors import (
    InvalidAttribute,
    LimitNotFound,
    NotAuthorized,
    TooManyProjectsInOrganization,
)
from antechamber.domain.policy import PROJECTS_PER_ORGANIZATION, USERS_PER_PROJECT
from antechamber.domain.project_settings import ProjectSettings
from antechamber.domain.projects import Tag
from antechamber.storage import limits
from antechamber.usecases import project_settings, projects

CLUSTERS = "atlas.project.deployment.clusters"


async def test_only_what_is_named_changes(desk: Desk, world: World) -> None:
    of = {"project_id": world.project.id}
    assert await desk.look(project_settings.get, world.caller, **of) == ProjectSettings()
    changed = await desk.ask(
        project_settings.update,
        world.caller,
        **of,
        changes={
            "is_data_explorer_enabled": False,
            "is_extended_storage_sizes_enabled": True,
            "is_schema_advisor_enabled": False,
            "is_performance_advisor_enabled": False,
            "is_data_validation_enabled": False,
        },
    )
    assert changed == ProjectSettings(
        is_data_explorer_enabled=False,
        is_extended_storage_sizes_enabled=True,
        is_schema_advisor_enabled=False,
        is_performance_advisor_enabled=False,
    )
    assert await desk.look(project_settings.get, world.caller, **of) == changed
    assert await desk.event_types(world) == [
        "DATA_EXPLORER_DISABLED",
        "PROJECT_ENABLE_EXTENDED_STORAGE_SIZES_UPDATED",
        "GROUP_SETTINGS_UPDATED",
    ]
    await desk.ask(project_settings.update, world.caller, **of, changes={"managed_slow_ms": True})
    assert len(await desk.events(world)) == 3


async def test_only_owners_change_settings(desk: Desk, world: World) -> None:
    reader = world.caller_with("ORG_READ_ONLY")
    of = {"project_id": world.project.id}
    assert await desk.look(project_settings.get, reader, **of) == ProjectSettings()
    with pytest.raises(NotAuthorized):
        await desk.ask(project_settings.update, reader, **of, changes={})
    with pytest.raises(NotAuthorized):
        await desk.ask(project_settings.set_limit, reader, **of, name=CLUSTERS, value=1)
    with pytest.raises(NotAuthorized):
        await desk.ask(project_settings.reset_limit, reader, **of, name=CLUSTERS)


async def test_limits_are_set_and_set_back(desk: Desk, world: World) -> None:
    of = {"project_id": world.project.id}
    listed = await desk.look(project_settings.list_limits, world.caller, **of)
    assert listed == sorted(listed, key=lambda one: one.name)
    assert all(one.value == one.bounds.default <= one.bounds.most for one in listed)
    await desk.ask(project_settings.set_limit, world.caller, **of, name=CLUSTERS, value=100)
    assert (await desk.look(project_settings.get_limit, world.caller, **of, name=CLUSTERS)).value == 100
    for value in (-1, 101):
        with pytest.raises(InvalidAttribute):
            await desk.ask(project_settings.set_limit, world.caller, **of, name=CLUSTERS, value=value)
    await desk.ask(project_settings.reset_limit, world.caller, **of, name=CLUSTERS)
    await desk.ask(project_settings.reset_limit, world.caller, **of, name=CLUSTERS)
    assert (await desk.look(project_settings.get_limit, world.caller, **of, name=CLUSTERS)).value == 25
    assert await desk.event_types(world) == ["PROJECT_LIMIT_UPDATED"] * 2
    # Our own limits are no limits of this resource.
    for name in ("atlas.project.moons", USERS_PER_PROJECT):
        with pytest.raises(LimitNotFound):
            await desk.look(project_settings.get_limit, world.caller, **of, name=name)
        with pytest.raises(LimitNotFound):
            await desk.ask(project_settings.set_limit, world.caller, **of, name=name, value=1)
        with pytest.raises(LimitNotFound):
            await desk.ask(project_settings.reset_limit, world.caller, **of, name=name)


async def test_limits_of_one_scope_differ(desk: Desk, world: World) -> None:
    organization_id, project_id = world.organization.id, world.project.id

    async def limit(scope_id: str) -> int:
        return await desk.database.read(
            lambda tx: limits.limit(tx, organization_id, scope_id, USERS_PER_PROJECT)
        )

    assert await limit(project_id) == 500
    await desk.database.write(
        lambda tx: limits.set_own(tx, organization_id, project_id, USERS_PER_PROJECT, 7)
    )
    assert (await limit(project_id), await limit(organization_id)) == (7, 500)
    await desk.ask(projects.delete, world.caller, project_id=project_id)
    assert await limit(project_id) == 500


async def test_changed_tags_and_alerts_are_told(desk: Desk, world: World) -> None:
    await desk.ask(
        projects.update,
        world.caller,
        project_id=world.project.id,
        name=None,
        tags=[Tag("team", "blue")],
        with_default_alerts_settings=False,
    )
    assert await desk.event_types(world) == [
        "TAGS_MODIFIED",
        "GROUP_TAGS_MODIFIED",
        "GROUP_DEFAULT_ALERTS_SETTINGS_CHANGED",
    ]


async def test_an_organizations_own_limit_of_projects(desk: Desk, world: World) -> None:
    organization_id = world.organization.id
    await desk.database.write(
        lambda tx: limits.set_own(tx, organization_id, organization_id, PROJECTS_PER_ORGANIZATION, 1)
    )
    with pytest.raises(TooManyProjectsInOrganization):
        await desk.ask(
            projects.create,
            world.caller,
            organization_id=organization_id,
            name="Second",
            owner_id=None,
            tags=[],
            with_default_alerts_settings=True,
        )
