"""The people of an organization, seen and changed through use cases; both engines."""

import asyncio
from functools import partial
from typing import Any

import pytest
from tests.conftest import OpenDatabase
from tests.usecases.conftest import Desk
from tests.worlds import Clock, World, join, plant, plant_project, plant_team, whole

from antechamber.domain import events
from antechamber.domain.callers import CallerKind
from antechamber.domain.errors import (
    CannotRemoveAllRoles,
    InvalidOrganizationRole,
    InvitationNotFound,
    LastOwnerDemoted,
    LastOwnerRemoved,
    MissingAttribute,
    NoTieToOrganization,
    NotOrganizationUserAdmin,
    ProjectNotFound,
    TeamNotInOrganization,
    TooManyUsersInOrganization,
    TooManyUsersInProject,
    UserAlreadyExists,
    UserNotInOrganization,
)
from antechamber.domain.invitations import ProjectRole, State
from antechamber.domain.paging import PageRequest
from antechamber.domain.policy import Policy
from antechamber.domain.roles import (
    GROUP_OWNER,
    GROUP_READ_ONLY,
    ORG_MEMBER,
    ORG_OWNER,
    ORG_READ_ONLY,
)
from antechamber.domain.users import OrganizationUser, Status
from antechamber.storage import invitations as stored
from antechamber.storage import projects, teams
from antechamber.storage.database import Database
from antechamber.usecases import invitations, organization_users

EVERY = frozenset(Status)


async def invite(desk: Desk, world: World, username: str, **values: Any) -> OrganizationUser:
    """Invite somebody as a member."""
    return await desk.ask(
        organization_users.create,
        world.caller,
        organization_id=world.organization.id,
        username=username,
        requested_roles=values.pop("requested_roles", [ORG_MEMBER]),
        **values,
    )


async def people(desk: Desk, world: World, **values: Any) -> list[tuple[str, str]]:
    """Return usernames and statuses."""
    page = await desk.look(
        organization_users.list_of_organization,
        world.caller,
        organization_id=world.organization.id,
        page=PageRequest(),
        **values,
    )
    assert page.total == len(page.items)
    return [(one.username, one.status.value) for one in page.items]


def on(world: World, user_id: str) -> dict[str, str]:
    """Return the arguments that name one person."""
    return {"organization_id": world.organization.id, "user_id": user_id}


async def test_who_is_invited_is_a_pending_invitation_too(desk: Desk, world: World) -> None:
    person = await invite(
        desk,
        world,
        "Guest@acme.example",
        team_ids=[world.team.id],
        project_roles=[(world.project.id, [GROUP_READ_ONLY])],
    )
    assert person.status is Status.PENDING
    assert person.invitation is not None
    assert await desk.look(organization_users.get, world.caller, **on(world, person.id)) == person
    _, listed = await desk.look(
        whole(invitations.list_of_organization), world.caller, organization_id=world.organization.id
    )
    assert listed == [person.invitation]
    assert listed[0].team_ids == (world.team.id,)
    assert listed[0].project_roles == (ProjectRole(world.project.id, GROUP_READ_ONLY),)
    assert [message.recipient for message in await desk.mail()] == ["Guest@acme.example"]
    assert await desk.event_types(world) == [events.INVITED_TO_ORG]


async def test_lists_mix_members_and_invited_by_username_and_page(desk: Desk, world: World) -> None:
    for username in ("zoe@acme.example", "adam@acme.example", "Nora@acme.example"):
        await invite(desk, world, username)
    everybody = [
        ("adam@acme.example", "PENDING"),
        ("member@acme.example", "ACTIVE"),
        ("Nora@acme.example", "PENDING"),
        ("owner@acme.example", "ACTIVE"),
        ("zoe@acme.example", "PENDING"),
    ]
    assert await people(desk, world) == everybody
    listing = partial(
        desk.look,
        organization_users.list_of_organization,
        world.caller,
        organization_id=world.organization.id,
    )
    second = await listing(page=PageRequest(2, 2))
    assert [one.username for one in second.items] == ["Nora@acme.example", "owner@acme.example"]
    assert second.total == 5
    assert (await listing(page=PageRequest(9, 2))).items == []
    assert await people(desk, world, username="NORA@acme.example") == [everybody[2]]
    assert await people(desk, world, username="nobody@acme.example") == []
    assert await people(desk, world, statuses=frozenset({Status.PENDING})) == everybody[::2]
    assert await people(desk, world, statuses=organization_users.MEMBERS) == everybody[1::2]


async def test_expired_and_rejected_are_shown_only_when_asked_for(
    desk: Desk, world: World, clock: Clock
) -> None:
    late = await invite(desk, world, "late@acme.example")
    rude = await invite(desk, world, "rude@acme.example")
    assert rude.invitation is not None
    await desk.database.write(partial(stored.end, invitation=rude.invitation, state=State.REJECTED))
    clock.advance(days=30)
    assert [status for _, status in await people(desk, world)] == ["ACTIVE", "ACTIVE"]
    assert await people(desk, world, statuses=EVERY) == [
        ("late@acme.example", "INVITATION_EXPIRED"),
        ("member@acme.example", "ACTIVE"),
        ("owner@acme.example", "ACTIVE"),
        ("rude@acme.example", "INVITATION_REJECTED"),
    ]
    with pytest.raises(UserNotInOrganization):
        await desk.look(organization_users.get, world.caller, **on(world, late.id))
    found = await desk.look(organization_users.get, world.caller, **on(world, late.id), statuses=EVERY)
    assert found.status is Status.INVITATION_EXPIRED
    for change in (
        partial(organization_users.remove),
        partial(organization_users.add_role, role=ORG_OWNER),
        partial(organization_users.update, team_ids=[]),
    ):
        with pytest.raises(UserNotInOrganization):
            await desk.ask(change, world.caller, **on(world, late.id))
    # Both may be invited again, and keep their ids.
    for before in (late, rude):
        again = await invite(desk, world, before.username)
        assert again.id == before.id
        assert again.status is Status.PENDING
    assert [status for _, status in await people(desk, world, statuses=EVERY)].count("PENDING") == 2
    assert len(await people(desk, world, statuses=EVERY)) == 4


async def test_nobody_is_invited_twice_or_as_a_member(desk: Desk, world: World) -> None:
    await invite(desk, world, "guest@acme.example")
    for username in ("GUEST@acme.example", "member@acme.example"):
        with pytest.raises(UserAlreadyExists):
            await invite(desk, world, username)


async def test_cancelled_invitations_are_not_shown(desk: Desk, world: World) -> None:
    person = await invite(desk, world, "guest@acme.example")
    await desk.ask(organization_users.remove, world.caller, **on(world, person.id))
    assert person.invitation is not None
    with pytest.raises(InvitationNotFound):
        await desk.look(
            invitations.get_of_organization,
            world.caller,
            organization_id=world.organization.id,
            invitation_id=person.invitation.id,
        )
    assert len(await people(desk, world, statuses=EVERY)) == 2
    assert (await desk.event_types(world))[-1] == events.ORG_INVITATION_DELETED


async def test_what_the_project_endpoint_made_is_invisible_until_replaced(desk: Desk, world: World) -> None:
    _, invitation = await desk.ask(
        invitations.invite_to_project,
        world.caller,
        project_id=world.project.id,
        username="outside@acme.example",
        requested_roles=[GROUP_READ_ONLY],
    )
    assert len(await people(desk, world, statuses=EVERY)) == 2
    for usecase in (organization_users.remove, organization_users.get):
        with pytest.raises(UserNotInOrganization):
            await desk.ask(usecase, world.caller, **on(world, invitation.user_id))
    person = await invite(desk, world, "outside@acme.example")
    assert person.id == invitation.user_id
    assert len(await people(desk, world)) == 3


async def test_members_are_changed_at_once_and_every_change_has_its_event(desk: Desk, world: World) -> None:
    async def more(tx: Any) -> tuple[str, str]:
        project = await plant_project(tx, world.organization, "Second")
        team = await plant_team(tx, world.organization, "Second crew")
        return project.id, team.id

    second_project, second_team = await desk.database.write(more)
    change = partial(desk.ask, organization_users.update, world.caller, **on(world, world.member.id))
    person = await change(
        requested_roles=[ORG_READ_ONLY, ORG_READ_ONLY],
        team_ids=[second_team, world.team.id],
        project_roles=[(world.project.id, [GROUP_READ_ONLY]), (second_project, [GROUP_OWNER])],
    )
    assert person.status is Status.ACTIVE
    assert person.roles == (ORG_READ_ONLY,)
    assert set(person.team_ids) == {second_team, world.team.id}
    assert person.roles_on(world.project.id) == (GROUP_READ_ONLY,)
    assert person.roles_on(second_project) == (GROUP_OWNER,)
    told = await desk.events(world)
    assert sorted(event.type_name for event in told) == [
        events.JOINED_GROUP,
        events.JOINED_GROUP,
        events.JOINED_TEAM,
        events.JOINED_TEAM,
        events.USER_ROLES_CHANGED_AUDIT,
    ]
    assert {event.target_username for event in told} == {"member@acme.example"}
    assert {event.project_id for event in told} == {None, world.project.id, second_project}
    # What is not named stays, what is named replaces, and sameness is no change.
    person = await change(project_roles=[(world.project.id, [GROUP_OWNER])])
    assert person.project_roles == (ProjectRole(world.project.id, GROUP_OWNER),)
    assert person.roles == (ORG_READ_ONLY,)
    assert len(person.team_ids) == 2
    person = await change(team_ids=[], requested_roles=[ORG_READ_ONLY])
    assert person.team_ids == ()
    assert sorted((await desk.event_types(world))[5:]) == [
        events.REMOVED_FROM_GROUP,
        events.REMOVED_FROM_TEAM,
        events.REMOVED_FROM_TEAM,
        events.USER_ROLES_CHANGED_AUDIT,
    ]
    count = len(await desk.events(world))
    await change()
    assert len(await desk.events(world)) == count


async def test_what_is_pending_is_changed_as_the_invitation(desk: Desk, world: World) -> None:
    person = await invite(desk, world, "guest@acme.example", team_ids=[world.team.id])
    await desk.ask(
        organization_users.update,
        world.caller,
        **on(world, person.id),
        requested_roles=[ORG_READ_ONLY],
        project_roles=[(world.project.id, [GROUP_OWNER])],
    )
    await desk.ask(organization_users.add_role, world.caller, **on(world, person.id), role=ORG_OWNER)
    await desk.ask(organization_users.remove_role, world.caller, **on(world, person.id), role=ORG_READ_ONLY)
    assert person.invitation is not None
    _, invitation = await desk.look(
        invitations.get_of_organization,
        world.caller,
        organization_id=world.organization.id,
        invitation_id=person.invitation.id,
    )
    assert invitation == person.invitation._replace(
        roles=(ORG_OWNER,), project_roles=(ProjectRole(world.project.id, GROUP_OWNER),)
    )
    assert (await desk.event_types(world))[1:] == [events.USER_ROLES_CHANGED_AUDIT] * 3
    # A pending owner is none (INV-7), so this one may be demoted; but not of the only role.
    with pytest.raises(CannotRemoveAllRoles):
        await desk.ask(organization_users.remove_role, world.caller, **on(world, person.id), role=ORG_OWNER)


async def test_roles_are_added_and_removed_one_at_a_time(desk: Desk, world: World) -> None:
    person = on(world, world.member.id)
    added = await desk.ask(organization_users.add_role, world.caller, **person, role=ORG_READ_ONLY)
    assert added.roles == (ORG_MEMBER, ORG_READ_ONLY)
    await desk.ask(organization_users.add_role, world.caller, **person, role=ORG_READ_ONLY)
    left = await desk.ask(organization_users.remove_role, world.caller, **person, role=ORG_MEMBER)
    assert left.roles == (ORG_READ_ONLY,)
    with pytest.raises(CannotRemoveAllRoles):
        await desk.ask(organization_users.remove_role, world.caller, **person, role=ORG_READ_ONLY)
    with pytest.raises(InvalidOrganizationRole):
        await desk.ask(organization_users.add_role, world.caller, **person, role="ORG_KING")
    kept = await desk.ask(
        organization_users.replace_roles, world.caller, **person, requested_roles=[ORG_OWNER]
    )
    assert kept == (ORG_OWNER,)
    with pytest.raises(MissingAttribute, match="orgRoles"):
        await desk.ask(organization_users.replace_roles, world.caller, **person, requested_roles=[])
    assert await desk.event_types(world) == [events.USER_ROLES_CHANGED_AUDIT] * 3


async def test_inv07_the_last_owner_stays(desk: Desk, world: World) -> None:
    owner = on(world, world.owner.id)
    await invite(desk, world, "pending@acme.example", requested_roles=[ORG_OWNER])
    with pytest.raises(LastOwnerRemoved):
        await desk.ask(organization_users.remove, world.caller, **owner)
    with pytest.raises(LastOwnerDemoted):
        await desk.ask(organization_users.replace_roles, world.caller, **owner, requested_roles=[ORG_MEMBER])
    with pytest.raises(LastOwnerDemoted):
        await desk.ask(
            organization_users.update, world.caller, **owner, requested_roles=[ORG_MEMBER], team_ids=[]
        )
    await desk.ask(organization_users.add_role, world.caller, **owner, role=ORG_MEMBER)
    with pytest.raises(LastOwnerDemoted):
        await desk.ask(organization_users.remove_role, world.caller, **owner, role=ORG_OWNER)
    await desk.ask(organization_users.add_role, world.caller, **on(world, world.member.id), role=ORG_OWNER)
    await desk.ask(organization_users.remove, world.caller, **owner)
    with pytest.raises(LastOwnerRemoved):
        await desk.ask(organization_users.remove, world.caller, **on(world, world.member.id))


async def test_inv07_two_owners_removed_at_once_leave_one(desk: Desk, world: World) -> None:
    await desk.ask(organization_users.add_role, world.caller, **on(world, world.member.id), role=ORG_OWNER)
    outcomes = await asyncio.gather(
        *(
            desk.ask(organization_users.remove, world.caller, **on(world, one.id))
            for one in (world.owner, world.member)
        ),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["LastOwnerRemoved", "NoneType"]
    assert len(await people(desk, world)) == 1


async def test_inv09_a_removed_member_leaves_nothing_behind(desk: Desk, world: World) -> None:
    person = on(world, world.member.id)
    await desk.ask(
        organization_users.update,
        world.caller,
        **person,
        team_ids=[world.team.id],
        project_roles=[(world.project.id, [GROUP_OWNER])],
    )
    second = await desk.database.write(partial(plant_project, organization=world.organization, name="Second"))
    await desk.ask(
        invitations.invite_to_project,
        world.caller,
        project_id=second.id,
        username="member@acme.example",
        requested_roles=[GROUP_READ_ONLY],
    )
    await desk.ask(organization_users.remove, world.caller, **person)

    async def left(tx: Any) -> tuple[Any, ...]:
        return (
            await projects.roles_of_principal(tx, world.organization.id, world.member.id),
            await teams.is_member(tx, world.team, world.member.id),
            await stored.list_pending_of_user(tx, world.organization.id, world.member.id),
        )

    assert await desk.database.read(left) == ({}, False, [])
    assert (await desk.event_types(world))[-2:] == [
        events.GROUP_INVITATION_DELETED,
        events.REMOVED_FROM_ORG,
    ]
    again = await invite(desk, world, "member@acme.example")
    assert again.id == world.member.id


async def test_old_removal_is_for_members_only(desk: Desk, world: World) -> None:
    person = await invite(desk, world, "guest@acme.example")
    with pytest.raises(UserNotInOrganization):
        await desk.ask(
            organization_users.remove,
            world.caller,
            **on(world, person.id),
            statuses=organization_users.MEMBERS,
        )
    with pytest.raises(UserNotInOrganization):
        await desk.ask(
            organization_users.replace_roles,
            world.caller,
            **on(world, person.id),
            requested_roles=[ORG_OWNER],
        )


async def test_what_belongs_to_others_is_unknown(desk: Desk, world: World, stranger: World) -> None:
    with pytest.raises(UserNotInOrganization):
        await desk.look(organization_users.get, world.caller, **on(world, stranger.member.id))
    with pytest.raises(NoTieToOrganization):
        await desk.look(organization_users.get, world.caller, **on(stranger, stranger.member.id))
    for values, refusal in (
        ({"team_ids": [stranger.team.id]}, TeamNotInOrganization),
        ({"project_roles": [(stranger.project.id, [GROUP_OWNER])]}, ProjectNotFound),
    ):
        with pytest.raises(refusal):
            await desk.ask(organization_users.update, world.caller, **on(world, world.member.id), **values)
        with pytest.raises(refusal):
            await invite(desk, world, "guest@acme.example", **values)


async def test_members_may_look_and_only_owners_may_change(desk: Desk, world: World) -> None:
    reader = world.caller_with(ORG_MEMBER)
    await desk.look(organization_users.get, reader, **on(world, world.owner.id))
    for change in (
        partial(organization_users.remove),
        partial(organization_users.update),
        partial(organization_users.add_role, role=ORG_OWNER),
        partial(organization_users.remove_role, role=ORG_OWNER),
        partial(organization_users.replace_roles, requested_roles=[ORG_OWNER]),
    ):
        with pytest.raises(NotOrganizationUserAdmin):
            await desk.ask(change, reader, **on(world, world.member.id))
    with pytest.raises(NotOrganizationUserAdmin):
        await desk.ask(
            organization_users.create,
            reader,
            organization_id=world.organization.id,
            username="guest@acme.example",
            requested_roles=[ORG_MEMBER],
        )


async def test_limits_count_pending_people(database_url: str, open_url: OpenDatabase) -> None:
    limits = {**Policy().limits, "users-per-organization": 3, "users-per-project": 2}
    desk = Desk(open_url(database_url, Policy(limits=limits)))
    world = await desk.database.write(plant)
    grants = [(world.project.id, [GROUP_READ_ONLY])]
    await invite(desk, world, "first@acme.example", project_roles=grants)
    with pytest.raises(TooManyUsersInOrganization):
        await invite(desk, world, "second@acme.example")
    with pytest.raises(TooManyUsersInProject):
        await desk.ask(
            organization_users.update, world.caller, **on(world, world.member.id), project_roles=grants
        )


async def test_a_project_role_of_a_key_is_nobodys(desk: Desk, world: World, database: Database) -> None:
    async def grant(tx: Any) -> None:
        await projects.grant(
            tx,
            world.organization.id,
            world.project.id,
            kind=CallerKind.API_KEY,
            principal_id=world.key.id,
            roles=(GROUP_OWNER,),
            at=tx.now,
        )
        await join(tx, world.organization.id, "late@acme.example", ORG_MEMBER)

    await database.write(grant)
    assert [username for username, _ in await people(desk, world)] == [
        "late@acme.example",
        "member@acme.example",
        "owner@acme.example",
    ]
