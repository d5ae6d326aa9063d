"""Accounts, created and looked up through use cases; both engines."""

import asyncio
from typing import Any

import pytest
from tests.usecases.conftest import Desk
from tests.worlds import World

from antechamber.auth import passwords
from antechamber.domain import events
from antechamber.domain.errors import (
    CommonPassword,
    FirstNameTooLong,
    InvalidCountryCode,
    InvalidOrganizationRole,
    LastNameTooLong,
    MissingAttribute,
    NoTieToProject,
    NotOrganizationUserAdmin,
    NotUserAdmin,
    RoleNeedsNoOrganization,
    RoleNeedsNoProject,
    RoleNeedsOrganization,
    RoleNeedsProject,
    UnsupportedRole,
    UserAlreadyExists,
    UsernameNotFound,
    UserNotFound,
    WeakPassword,
)
from antechamber.domain.invitations import ProjectRole
from antechamber.domain.roles import GROUP_OWNER, GROUP_READ_ONLY, ORG_MEMBER, ORG_OWNER, ORG_READ_ONLY
from antechamber.usecases import invitations, organization_users, users
from antechamber.usecases.users import Account, RoleRequest


async def create(desk: Desk, world: World, *roles: RoleRequest, **values: Any) -> Account:
    """Create an account that is invited to the organization."""
    filled = {
        "username": "ada@acme.example",
        "password_hash": "a hash",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "country": "GB",
        "requested_roles": roles or (RoleRequest(world.organization.id, None, ORG_READ_ONLY),),
        **values,
    }
    return await desk.ask(users.create, filled.pop("caller", world.caller), **filled)


async def test_a_new_account_is_invited_and_has_no_roles_yet(desk: Desk, world: World) -> None:
    account = await create(
        desk,
        world,
        RoleRequest(world.organization.id, None, ORG_READ_ONLY),
        RoleRequest(None, world.project.id, GROUP_READ_ONLY),
    )
    assert account.membership is None
    assert not account.user.is_verified
    person = await desk.look(
        organization_users.get,
        world.caller,
        organization_id=world.organization.id,
        user_id=account.user.id,
    )
    assert person.invitation is not None
    assert person.invitation.id > account.user.id
    assert person.roles == (ORG_READ_ONLY,)
    assert person.project_roles == (ProjectRole(world.project.id, GROUP_READ_ONLY),)
    assert await desk.event_types(world) == [events.INVITED_TO_ORG]
    assert len(await desk.mail()) == 1
    assert await desk.look(users.get, world.caller, user_id=account.user.id) == account
    assert await desk.look(users.get_by_name, world.caller, username="ADA@acme.example") == account
    with pytest.raises(UserAlreadyExists):
        await create(desk, world)


async def test_an_account_of_invitations_only_is_filled_in_once(
    desk: Desk, world: World, stranger: World
) -> None:
    shadow = await desk.ask(
        organization_users.create,
        stranger.caller,
        organization_id=stranger.organization.id,
        username="ada@acme.example",
        requested_roles=[ORG_MEMBER],
    )
    account = await create(desk, world, first_name=" Ada ")
    assert account.user.id == shadow.id
    assert account.user.first_name == "Ada"
    with pytest.raises(UserAlreadyExists):
        await create(desk, stranger)
    for taken in ("member@acme.example", "member@umbrella.example"):
        with pytest.raises(UserAlreadyExists):
            await create(desk, world, username=taken)


async def test_members_are_seen_with_their_roles_in_the_callers_organization(
    desk: Desk, world: World
) -> None:
    account = await desk.look(users.get_by_name, world.caller, username="owner@acme.example")
    assert account.membership is not None
    assert account.membership.roles == (ORG_OWNER,)
    assert account.membership.project_roles == (ProjectRole(world.project.id, GROUP_OWNER),)
    assert account.membership.team_ids == (world.team.id,)


async def test_strangers_are_refused_and_invited_ones_tell_nothing(
    desk: Desk, world: World, stranger: World
) -> None:
    with pytest.raises(NotUserAdmin):
        await desk.look(users.get, world.caller, user_id=stranger.owner.id)
    with pytest.raises(UserNotFound):
        await desk.look(users.get, world.caller, user_id="0" * 24)
    with pytest.raises(UsernameNotFound):
        await desk.look(users.get_by_name, world.caller, username="nobody@acme.example")
    await desk.ask(
        invitations.invite_to_organization,
        stranger.caller,
        organization_id=stranger.organization.id,
        username="shadow@acme.example",
        requested_roles=[ORG_MEMBER],
    )
    with pytest.raises(UsernameNotFound):
        await desk.look(users.get_by_name, world.caller, username="shadow@acme.example")
    for invited in ("owner@umbrella.example", "shadow@acme.example"):
        await desk.ask(
            invitations.invite_to_organization,
            world.caller,
            organization_id=world.organization.id,
            username=invited,
            requested_roles=[ORG_MEMBER],
        )
        account = await desk.look(users.get_by_name, world.caller, username=invited)
        assert account.membership is None
        assert account.user.first_name == ""
        assert not account.user.is_verified


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"country": "XX"}, InvalidCountryCode),
        ({"country": "gb"}, InvalidCountryCode),
        ({"first_name": "a" * 65}, FirstNameTooLong),
        ({"last_name": "a" * 65}, LastNameTooLong),
        ({"first_name": " "}, MissingAttribute),
        ({"last_name": ""}, MissingAttribute),
        ({"requested_roles": ()}, MissingAttribute),
        ({"requested_roles": [("o", "p", ORG_OWNER)]}, RoleNeedsNoProject),
        ({"requested_roles": [(None, None, ORG_OWNER)]}, RoleNeedsOrganization),
        ({"requested_roles": [("o", "p", GROUP_OWNER)]}, RoleNeedsNoOrganization),
        ({"requested_roles": [(None, None, GROUP_OWNER)]}, RoleNeedsProject),
        ({"requested_roles": [(None, None, "KING")]}, UnsupportedRole),
        ({"requested_roles": [("o", None, "ORG_KING")]}, InvalidOrganizationRole),
    ],
)
async def test_what_is_wrong_is_refused_and_leaves_nothing(
    desk: Desk, world: World, values: dict[str, Any], refusal: type[Exception]
) -> None:
    scopes = {"o": world.organization.id, "p": world.project.id, None: None}
    if "requested_roles" in values:
        values = {
            "requested_roles": [
                RoleRequest(scopes[organization], scopes[project], role)
                for organization, project, role in values["requested_roles"]
            ]
        }
    with pytest.raises(refusal):
        await create(desk, world, **values)
    assert await desk.events(world) == []
    with pytest.raises(UsernameNotFound):
        await desk.look(users.get_by_name, world.caller, username="ada@acme.example")


async def test_inv05_nobody_gives_roles_that_are_not_theirs_to_give(
    desk: Desk, world: World, stranger: World
) -> None:
    with pytest.raises(NotOrganizationUserAdmin):
        await create(desk, world, caller=world.caller_with(ORG_MEMBER))
    with pytest.raises(NoTieToProject):
        await create(desk, world, RoleRequest(None, stranger.project.id, GROUP_OWNER))


def test_passwords_are_hashed_off_the_loop_and_the_bad_ones_refused() -> None:
    kept = asyncio.run(users.hash_password("correct horse battery staple"))
    assert passwords.verify_password("correct horse battery staple", kept)
    with pytest.raises(WeakPassword):
        asyncio.run(users.hash_password("short"))
    with pytest.raises(CommonPassword):
        asyncio.run(users.hash_password("password1"))
