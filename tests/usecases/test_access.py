"""Loading for a caller: what is foreign, what is unknown, what a role allows."""

import pytest
from tests.conftest import OpenDatabase
from tests.worlds import World

from antechamber.domain.errors import (
    NoTieToOrganization,
    NoTieToProject,
    NotPermitted,
    OrganizationNotFound,
    ProjectNotFound,
)
from antechamber.domain.permissions import GRANTS, Permission, Scope
from antechamber.domain.policy import Policy
from antechamber.domain.roles import GROUP_OWNER, ORGANIZATION_ROLES, implied_project_roles
from antechamber.storage import projects
from antechamber.storage.database import Database
from antechamber.usecases import access

NOWHERE = "5f" * 12
OF_ORGANIZATION = [one for one in Permission if GRANTS[one].scope is Scope.ORGANIZATION]
OF_PROJECT = [one for one in Permission if GRANTS[one].scope is Scope.PROJECT]


async def test_what_is_the_callers_own_is_loaded(database: Database, world: World) -> None:
    for to in OF_ORGANIZATION:
        organization = await database.read(
            lambda tx, to=to: access.organization(tx, world.caller, world.organization.id, to=to)  # type: ignore[misc]
        )
        assert organization == world.organization
    for to in OF_PROJECT:
        project = await database.read(
            lambda tx, to=to: access.project(tx, world.caller, world.project.id, to=to)  # type: ignore[misc]
        )
        assert project == world.project


async def test_what_is_foreign_is_refused_as_documented(
    database: Database, world: World, stranger: World
) -> None:
    with pytest.raises(NoTieToOrganization):
        await database.read(
            lambda tx: access.organization(
                tx, world.caller, stranger.organization.id, to=Permission.ORGANIZATION_READ
            )
        )
    with pytest.raises(NoTieToProject):
        await database.read(
            lambda tx: access.project(tx, world.caller, stranger.project.id, to=Permission.PROJECT_READ)
        )


@pytest.mark.parametrize("hide", [False, True])
async def test_what_is_unknown_is_not_found(
    world: World, database_url: str, open_url: OpenDatabase, hide: bool
) -> None:
    database = open_url(database_url, Policy(hide_foreign=hide))
    with pytest.raises(OrganizationNotFound):
        await database.read(
            lambda tx: access.organization(tx, world.caller, NOWHERE, to=Permission.ORGANIZATION_READ)
        )
    with pytest.raises(ProjectNotFound):
        await database.read(lambda tx: access.project(tx, world.caller, NOWHERE, to=Permission.PROJECT_READ))


async def test_inv02_hidden_foreign_ones_look_like_unknown_ones(
    world: World, stranger: World, database_url: str, open_url: OpenDatabase
) -> None:
    database = open_url(database_url, Policy(hide_foreign=True))
    with pytest.raises(OrganizationNotFound) as organization:
        await database.read(
            lambda tx: access.organization(
                tx, world.caller, stranger.organization.id, to=Permission.ORGANIZATION_READ
            )
        )
    assert organization.value.facts == (stranger.organization.id,)
    with pytest.raises(ProjectNotFound) as project:
        await database.read(
            lambda tx: access.project(tx, world.caller, stranger.project.id, to=Permission.PROJECT_READ)
        )
    assert project.value.facts == (stranger.project.id,)
    member = world.caller_with("ORG_MEMBER")
    with pytest.raises(ProjectNotFound):
        await database.read(
            lambda tx: access.project(tx, member, world.project.id, to=Permission.PROJECT_READ)
        )


@pytest.mark.parametrize("role", sorted(ORGANIZATION_ROLES))
async def test_inv05_every_organization_role_may_exactly_what_the_table_says(
    database: Database, world: World, role: str
) -> None:
    caller = world.caller_with(role)
    for to in OF_ORGANIZATION:
        asked = database.read(
            lambda tx, to=to: access.organization(tx, caller, world.organization.id, to=to)  # type: ignore[misc]
        )
        if role in GRANTS[to].roles:
            await asked
        else:
            with pytest.raises(NotPermitted) as refused:
                await asked
            assert type(refused.value) is GRANTS[to].refusal
    implied = implied_project_roles({role})
    for to in OF_PROJECT:
        asked_project = database.read(
            lambda tx, to=to: access.project(tx, caller, world.project.id, to=to)  # type: ignore[misc]
        )
        if implied & GRANTS[to].roles:
            await asked_project
        else:
            with pytest.raises(NotPermitted) as refused:
                await asked_project
            assert type(refused.value) is (GRANTS[to].refusal if implied else NoTieToProject)


async def test_inv04_a_direct_role_counts_on_its_own_project_only(
    database: Database, world: World, stranger: World
) -> None:
    caller = world.caller_with("ORG_MEMBER")
    of = (world.organization.id, world.project.id)
    await database.write(
        lambda tx: projects.grant(
            tx, *of, kind=caller.kind, principal_id=caller.id, roles=(GROUP_OWNER,), at=tx.now
        )
    )
    await database.read(lambda tx: access.project(tx, caller, world.project.id, to=Permission.PROJECT_DELETE))
    with pytest.raises(NoTieToProject):
        await database.read(
            lambda tx: access.project(tx, caller, stranger.project.id, to=Permission.PROJECT_READ)
        )
