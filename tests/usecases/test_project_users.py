"""The people of a project, seen and changed through use cases; both engines."""

from functools import partial
from typing import Any

import pytest
from tests.usecases.conftest import Desk
from tests.worlds import Clock, World, join, plant_project, plant_team, whole

from antechamber.domain import events
from antechamber.domain.callers import CallerKind
from antechamber.domain.errors import (
    CannotRemoveAllRoles,
    InvalidProjectRole,
    NotProjectUserAdmin,
    OrganizationRoleInProject,
    UserAlreadyExists,
    UserNotInProject,
)
from antechamber.domain.invitations import ProjectRole
from antechamber.domain.paging import PageRequest
from antechamber.domain.roles import GROUP_OWNER, GROUP_READ_ONLY, ORG_MEMBER, ORG_READ_ONLY
from antechamber.domain.teams import TeamRoles
from antechamber.domain.users import ProjectUser, Status
from antechamber.storage import projects, teams
from antechamber.usecases import invitations, organization_users, project_users

CLUSTERS = "GROUP_CLUSTER_MANAGER"
EVERY = frozenset(Status)


async def add(desk: Desk, world: World, username: str, *roles: str, **values: Any) -> ProjectUser:
    """Add somebody to the project."""
    return await desk.ask(
        project_users.add,
        values.pop("caller", world.caller),
        project_id=values.pop("project_id", world.project.id),
        username=username,
        requested_roles=roles or (GROUP_READ_ONLY,),
    )


async def people(desk: Desk, world: World, **values: Any) -> dict[str, tuple[str, ...]]:
    """Return roles by username."""
    page = await desk.look(
        project_users.list_of_project,
        world.caller,
        project_id=world.project.id,
        page=PageRequest(),
        **values,
    )
    assert page.total == len(page.items)
    assert [one.person.username for one in page.items] == sorted(one.person.username for one in page.items)
    return {one.person.username: one.roles for one in page.items}


def on(world: World, user_id: str) -> dict[str, str]:
    """Return the arguments that name one person."""
    return {"project_id": world.project.id, "user_id": user_id}


async def test_a_member_gets_access_at_once(desk: Desk, world: World) -> None:
    added = await add(desk, world, "MEMBER@acme.example", GROUP_READ_ONLY, CLUSTERS)
    assert added.person.status is Status.ACTIVE
    assert added.roles == (GROUP_READ_ONLY, CLUSTERS)
    assert await people(desk, world) == {
        "member@acme.example": (GROUP_READ_ONLY, CLUSTERS),
        "owner@acme.example": (GROUP_OWNER,),
    }
    (event,) = await desk.events(world)
    assert (event.type_name, event.project_id) == (events.JOINED_GROUP, world.project.id)
    assert await desk.mail() == []
    with pytest.raises(UserAlreadyExists):
        await add(desk, world, "member@acme.example")


async def test_an_outsider_is_invited_to_organization_and_project(desk: Desk, world: World) -> None:
    added = await add(desk, world, "guest@acme.example")
    assert added.person.status is Status.PENDING
    assert added.person.roles == (ORG_MEMBER,)
    assert added.person.project_roles == (ProjectRole(world.project.id, GROUP_READ_ONLY),)
    assert len(await desk.mail()) == 1
    assert await desk.event_types(world) == [events.INVITED_TO_ORG, events.INVITED_TO_GROUP]
    assert await desk.look(project_users.get, world.caller, **on(world, added.person.id)) == added
    _, listed = await desk.look(
        whole(invitations.list_of_organization), world.caller, organization_id=world.organization.id
    )
    assert listed == [added.person.invitation]
    with pytest.raises(UserAlreadyExists):
        await add(desk, world, "guest@acme.example")


async def test_a_pending_invitation_is_made_to_carry_the_project(desk: Desk, world: World) -> None:
    _, invitation = await desk.ask(
        invitations.invite_to_organization,
        world.caller,
        organization_id=world.organization.id,
        username="guest@acme.example",
        requested_roles=[ORG_READ_ONLY],
    )
    added = await add(desk, world, "guest@acme.example", CLUSTERS)
    assert added.person.invitation == invitation._replace(
        project_roles=(ProjectRole(world.project.id, CLUSTERS),)
    )
    assert len(await desk.mail()) == 1


async def test_expired_people_are_replaced_and_hidden_halves_too(
    desk: Desk, world: World, clock: Clock
) -> None:
    before = await add(desk, world, "late@acme.example")
    await desk.ask(
        invitations.invite_to_project,
        world.caller,
        project_id=world.project.id,
        username="hidden@acme.example",
        requested_roles=[GROUP_READ_ONLY],
    )
    assert "hidden@acme.example" not in await people(desk, world, statuses=EVERY)
    assert (await add(desk, world, "hidden@acme.example")).person.status is Status.PENDING
    clock.advance(days=30)
    assert await people(desk, world) == {"owner@acme.example": (GROUP_OWNER,)}
    assert set(await people(desk, world, statuses=EVERY)) == {
        "hidden@acme.example",
        "late@acme.example",
        "owner@acme.example",
    }
    with pytest.raises(UserNotInProject):
        await desk.ask(project_users.remove, world.caller, **on(world, before.person.id))
    again = await add(desk, world, "late@acme.example", CLUSTERS)
    assert again.person.id == before.person.id
    assert again.roles == (CLUSTERS,)


async def test_effective_roles_are_shown_as_asked_for(desk: Desk, world: World) -> None:
    async def prepare(tx: Any) -> None:
        reader = await join(tx, world.organization.id, "reader@acme.example", ORG_READ_ONLY)
        assert reader.id
        crew = await plant_team(tx, world.organization, "Night")
        await teams.add_member(tx, crew, world.member.id, tx.now)
        await teams.add_member(tx, crew, world.owner.id, tx.now)
        given = TeamRoles(world.project.id, crew.id, (CLUSTERS, GROUP_READ_ONLY))
        assert await teams.assign(tx, world.organization.id, given, tx.now)
        await projects.grant(
            tx,
            world.organization.id,
            world.project.id,
            kind=CallerKind.API_KEY,
            principal_id=world.key.id,
            roles=(GROUP_OWNER,),
            at=tx.now,
        )

    await desk.database.write(prepare)
    crew = (CLUSTERS, GROUP_READ_ONLY)
    assert await people(desk, world) == {"owner@acme.example": (GROUP_OWNER,)}
    assert await people(desk, world, through_teams=True) == {
        "member@acme.example": crew,
        "owner@acme.example": (GROUP_OWNER, *crew),
    }
    assert await people(desk, world, implied=True) == {
        "owner@acme.example": (GROUP_OWNER,),
        "reader@acme.example": (GROUP_READ_ONLY,),
    }
    everybody = await people(desk, world, implied=True, through_teams=True)
    assert set(everybody) == {"member@acme.example", "owner@acme.example", "reader@acme.example"}
    assert await people(desk, world, implied=True, through_teams=True, username="reader@acme.example") == {
        "reader@acme.example": (GROUP_READ_ONLY,)
    }
    # By id only what somebody has directly, which is what can be taken away here.
    for usecase in (project_users.get, project_users.remove):
        with pytest.raises(UserNotInProject):
            await desk.ask(usecase, world.caller, **on(world, world.member.id))


async def test_pending_people_are_shown_with_what_awaits_them(desk: Desk, world: World) -> None:
    given = TeamRoles(world.project.id, world.team.id, (CLUSTERS,))
    await desk.database.write(lambda tx: teams.assign(tx, world.organization.id, given, tx.now))
    for username, roles, seats in (
        ("crew@acme.example", [ORG_MEMBER], [world.team.id]),
        ("reads@acme.example", [ORG_READ_ONLY], []),
    ):
        await desk.ask(
            organization_users.create,
            world.caller,
            organization_id=world.organization.id,
            username=username,
            requested_roles=roles,
            team_ids=seats,
        )
    pending = frozenset({Status.PENDING})
    assert await people(desk, world, statuses=pending) == {}
    assert await people(desk, world, statuses=pending, through_teams=True, implied=True) == {
        "crew@acme.example": (CLUSTERS,),
        "reads@acme.example": (GROUP_READ_ONLY,),
    }


async def test_roles_change_for_members_and_pending_alike(desk: Desk, world: World) -> None:
    for username in ("member@acme.example", "guest@acme.example"):
        person = on(world, (await add(desk, world, username)).person.id)
        added = await desk.ask(project_users.add_role, world.caller, **person, role=CLUSTERS)
        assert added.roles == (GROUP_READ_ONLY, CLUSTERS)
        count = len(await desk.events(world))
        assert await desk.ask(project_users.add_role, world.caller, **person, role=CLUSTERS) == added
        assert len(await desk.events(world)) == count
        left = await desk.ask(project_users.remove_role, world.caller, **person, role=GROUP_READ_ONLY)
        assert left.roles == (CLUSTERS,)
        assert await desk.look(project_users.get, world.caller, **person) == left
        with pytest.raises(CannotRemoveAllRoles):
            await desk.ask(project_users.remove_role, world.caller, **person, role=CLUSTERS)
        with pytest.raises(InvalidProjectRole):
            await desk.ask(project_users.add_role, world.caller, **person, role="GROUP_KING")
        with pytest.raises(OrganizationRoleInProject):
            await desk.ask(project_users.add_role, world.caller, **person, role=ORG_MEMBER)
        told = (await desk.events(world))[-1]
        assert (told.type_name, told.project_id, told.target_username) == (
            events.USER_ROLES_CHANGED_AUDIT,
            world.project.id,
            username,
        )


async def test_removal_keeps_the_organization(desk: Desk, world: World) -> None:
    member = on(world, (await add(desk, world, "member@acme.example")).person.id)
    guest = on(world, (await add(desk, world, "guest@acme.example")).person.id)
    with pytest.raises(UserNotInProject):
        await desk.ask(project_users.remove, world.caller, **guest, statuses=project_users.MEMBERS)
    with pytest.raises(UserNotInProject):
        await desk.ask(project_users.replace_roles, world.caller, **guest, requested_roles=[CLUSTERS])
    kept = await desk.ask(project_users.replace_roles, world.caller, **member, requested_roles=[CLUSTERS])
    assert kept == (CLUSTERS,)
    for person, event in ((member, events.REMOVED_FROM_GROUP), (guest, events.GROUP_INVITATION_DELETED)):
        await desk.ask(project_users.remove, world.caller, **person)
        assert (await desk.event_types(world))[-1] == event
        with pytest.raises(UserNotInProject):
            await desk.ask(project_users.remove, world.caller, **person)
        found = await desk.look(
            organization_users.get,
            world.caller,
            organization_id=world.organization.id,
            user_id=person["user_id"],
        )
        assert found.project_roles == ()


async def test_readers_may_look_and_project_owners_may_change(desk: Desk, world: World) -> None:
    reader = world.caller_with(ORG_READ_ONLY)
    await desk.look(project_users.get, reader, **on(world, world.owner.id))
    for change in (
        partial(project_users.remove),
        partial(project_users.add_role, role=GROUP_OWNER),
        partial(project_users.remove_role, role=GROUP_OWNER),
        partial(project_users.replace_roles, requested_roles=[GROUP_OWNER]),
    ):
        with pytest.raises(NotProjectUserAdmin):
            await desk.ask(change, reader, **on(world, world.owner.id))
    with pytest.raises(NotProjectUserAdmin):
        await add(desk, world, "guest@acme.example", caller=reader)


async def test_people_of_another_project_are_unknown(desk: Desk, world: World, stranger: World) -> None:
    other = await desk.database.write(partial(plant_project, organization=world.organization, name="Other"))
    await add(desk, world, "member@acme.example", project_id=other.id)
    for user_id in (world.member.id, stranger.owner.id):
        with pytest.raises(UserNotInProject):
            await desk.look(project_users.get, world.caller, **on(world, user_id))
