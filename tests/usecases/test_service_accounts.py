"""Service accounts of organizations, their secrets, and their use in projects."""

import asyncio
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from tests.usecases.conftest import Desk
from tests.worlds import ADDRESS, Clock, World, plant_project

from antechamber.domain import events
from antechamber.domain.callers import Caller, CallerKind
from antechamber.domain.credentials import BearerToken
from antechamber.domain.errors import (
    AddressNotListed,
    AttributeNotPositive,
    CallersOwnAddress,
    InvalidAttribute,
    MissingAttribute,
    NotAuthorized,
    ProjectRoleInOrganization,
    ResourceNotFound,
    TooManySecrets,
    UnknownCredentials,
    UnknownToken,
)
from antechamber.domain.organization_settings import OrganizationSettings
from antechamber.domain.paging import PageRequest
from antechamber.domain.roles import GROUP_OWNER, GROUP_READ_ONLY, ORG_MEMBER, ORG_OWNER, ORG_READ_ONLY
from antechamber.storage import access_lists, directory, organizations, projects
from antechamber.storage.database import Transaction
from antechamber.usecases import service_accounts as use
from antechamber.usecases.authentication import Authenticator, issue_access_token
from antechamber.usecases.service_accounts import (
    NewServiceAccount,
    ServiceAccountChange,
    ServiceAccountRequest,
)
from antechamber.usecases.system import stamp_uses

PAGE = PageRequest()
WANTED = ServiceAccountRequest("nightly", "runs at night, alone", (ORG_MEMBER,), 24)


async def make(world: World, desk: Desk, *roles: str) -> NewServiceAccount:
    """Return a new account of the organization."""
    request = replace(WANTED, roles=roles or (ORG_MEMBER,))
    return await desk.ask(use.create, world.caller, organization_id=world.organization.id, request=request)


async def make_in_project(world: World, desk: Desk, *roles: str) -> NewServiceAccount:
    """Return a new account of the project."""
    request = replace(WANTED, roles=roles)
    new, held = await desk.ask(
        use.create_in_project, world.caller, project_id=world.project.id, request=request
    )
    assert held == roles
    return new


def as_account(world: World, new: NewServiceAccount) -> Caller:
    """Return the account as a caller."""
    id, held = new.account.client_id, frozenset(new.account.roles)
    return Caller(CallerKind.SERVICE_ACCOUNT, id, id, world.organization, held, ADDRESS)


async def token_of(desk: Desk, new: NewServiceAccount) -> BearerToken:
    """Return an access token for the account's first secret."""
    issued = await desk.database.write(
        partial(issue_access_token, client_id=new.account.client_id, secret=new.secret.clear)
    )
    return BearerToken(issued.token)


async def enters(desk: Desk, authenticator: Authenticator, token: BearerToken) -> Caller:
    """Return whom the token speaks for, as a request would find out."""
    return await desk.database.read(
        partial(authenticator.caller, credentials=token, address=ADDRESS, writes=False)
    )


@pytest.fixture
def authenticator() -> Authenticator:
    """One worker's memory of credentials."""
    return Authenticator(b"k" * 16)


async def test_an_account_is_made_read_changed_and_deleted(world: World, desk: Desk) -> None:
    new = await make(world, desk)
    assert new.account.secrets == (new.secret.secret,)
    assert new.secret.clear not in repr(new)
    assert new.secret.secret.mask.endswith(new.secret.clear[-4:])
    at = {"organization_id": world.organization.id, "client_id": new.account.client_id}
    assert await desk.look(use.get, world.caller, **at) == new.account
    listed = await desk.look(
        use.list_of_organization, world.caller, organization_id=world.organization.id, page=PAGE
    )
    assert {one.client_id for one in listed.items} == {new.account.client_id, world.account.client_id}
    assert listed.total == 2
    change = ServiceAccountChange(name="daily", roles=(ORG_READ_ONLY,))
    changed = await desk.ask(use.update, world.caller, **at, change=change)
    assert changed == replace(new.account, name="daily", roles=(ORG_READ_ONLY,))
    assert await desk.ask(use.update, world.caller, **at, change=ServiceAccountChange()) == changed
    await desk.ask(use.delete, world.caller, **at)
    with pytest.raises(ResourceNotFound):
        await desk.look(use.get, world.caller, **at)
    told = await desk.events(world)
    assert [event.type_name for event in told] == [
        events.SERVICE_ACCOUNT_CREATED,
        events.SERVICE_ACCOUNT_DETAILS_CHANGED,
        events.SERVICE_ACCOUNT_ROLES_CHANGED,
        events.SERVICE_ACCOUNT_DELETED,
    ]
    assert {event.target_client_id for event in told} == {new.account.client_id}


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"name": ""}, InvalidAttribute),
        ({"name": "x" * 65}, InvalidAttribute),
        ({"name": "a+b"}, InvalidAttribute),
        ({"description": " "}, InvalidAttribute),
        ({"description": "x" * 251}, InvalidAttribute),
        ({"roles": ()}, MissingAttribute),
        ({"roles": (GROUP_OWNER,)}, ProjectRoleInOrganization),
        ({"secret_lifetime_hours": 0}, AttributeNotPositive),
        ({"secret_lifetime_hours": 7}, InvalidAttribute),
        ({"secret_lifetime_hours": 8761}, InvalidAttribute),
    ],
)
async def test_a_bad_account_is_not_made(
    world: World, desk: Desk, wrong: dict[str, Any], refusal: type[Exception]
) -> None:
    request = replace(WANTED, **wrong)
    with pytest.raises(refusal):
        await desk.ask(use.create, world.caller, organization_id=world.organization.id, request=request)
    assert await desk.events(world) == []


async def test_the_organization_caps_the_life_of_secrets(world: World, desk: Desk) -> None:
    settings = OrganizationSettings(max_secret_hours=48)
    await desk.database.write(
        partial(organizations.keep_settings, id=world.organization.id, settings=settings)
    )
    at = {"organization_id": world.organization.id}
    with pytest.raises(InvalidAttribute):
        await desk.ask(use.create, world.caller, **at, request=replace(WANTED, secret_lifetime_hours=49))
    await desk.ask(use.create, world.caller, **at, request=replace(WANTED, secret_lifetime_hours=48))


async def test_inv02_an_account_of_another_organization_is_like_an_unknown_one(
    world: World, stranger: World, desk: Desk
) -> None:
    at = {"organization_id": world.organization.id, "client_id": stranger.account.client_id}
    in_project = {"project_id": world.project.id, "client_id": stranger.account.client_id}
    for asked in (
        desk.look(use.get, world.caller, **at),
        desk.ask(use.delete, world.caller, **at),
        desk.ask(use.create_secret, world.caller, **at, lifetime_hours=8),
        desk.ask(use.delete_secret, world.caller, **at, secret_id=stranger.secret.id),
        desk.ask(use.add_access_entries, world.caller, **at, addresses=["192.0.2.1"], page=PAGE),
        desk.ask(use.invite, world.caller, **in_project, requested_roles=[GROUP_OWNER]),
    ):
        with pytest.raises(ResourceNotFound):
            await asked
    assert await desk.events(stranger) == []


async def test_readers_read_accounts_and_only_owners_change_them(world: World, desk: Desk) -> None:
    at = {"organization_id": world.organization.id, "client_id": world.account.client_id}
    reader = world.caller_with(ORG_READ_ONLY)
    await desk.look(use.get, reader, **at)
    with pytest.raises(NotAuthorized):
        await desk.look(use.get, world.caller_with(ORG_MEMBER), **at)
    with pytest.raises(NotAuthorized):
        await desk.ask(use.create_secret, reader, **at, lifetime_hours=8)


# -- secrets and tokens -----------------------------------------------------------------------------


async def test_an_account_has_two_living_secrets_at_most(world: World, desk: Desk, clock: Clock) -> None:
    new = await make(world, desk)
    at: dict[str, Any] = {"organization_id": world.organization.id, "client_id": new.account.client_id}
    create = partial(use.create_secret, caller=world.caller, **at, lifetime_hours=48)
    made = await asyncio.gather(*(desk.database.write(create) for _ in range(3)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in made) == ["NewSecret", "TooManySecrets", "TooManySecrets"]
    clock.advance(days=1)
    await desk.database.write(create)
    kept = (await desk.look(use.get, world.caller, **at)).secrets
    assert len(kept) == 2
    assert new.secret.secret.id not in {secret.id for secret in kept}
    with pytest.raises(TooManySecrets):
        await desk.database.write(create)
    await desk.ask(use.delete_secret, world.caller, **at, secret_id=kept[0].id)
    assert (await desk.look(use.get, world.caller, **at)).secrets == kept[1:]
    assert await desk.event_types(world) == [
        events.SERVICE_ACCOUNT_CREATED,
        events.SERVICE_ACCOUNT_SECRET_ADDED,
        events.SERVICE_ACCOUNT_SECRET_DELETED,
        events.SERVICE_ACCOUNT_SECRET_ADDED,
        events.SERVICE_ACCOUNT_SECRET_DELETED,
    ]


async def test_inv25_with_a_secret_or_an_account_its_tokens_end(
    world: World, desk: Desk, authenticator: Authenticator
) -> None:
    new = await make(world, desk)
    at = {"organization_id": world.organization.id, "client_id": new.account.client_id}
    other = await desk.ask(use.create_secret, world.caller, **at, lifetime_hours=8)
    second = NewServiceAccount(new.account, other)
    tokens = [await token_of(desk, new), await token_of(desk, second)]
    for token in tokens:
        assert (await enters(desk, authenticator, token)).id == new.account.client_id
    used = (await desk.look(use.get, world.caller, **at)).secrets[0]
    assert used.last_used_at is not None
    await desk.ask(use.delete_secret, world.caller, **at, secret_id=new.secret.secret.id)
    with pytest.raises(UnknownToken):
        await enters(desk, authenticator, tokens[0])
    with pytest.raises(UnknownCredentials):
        await token_of(desk, new)
    assert (await enters(desk, authenticator, tokens[1])).id == new.account.client_id
    await desk.ask(use.delete, world.caller, **at)
    with pytest.raises(UnknownToken):
        await enters(desk, authenticator, tokens[1])
    with pytest.raises(UnknownCredentials):
        await token_of(desk, second)


async def test_inv25_new_roles_hold_from_the_next_request_on(
    world: World, desk: Desk, authenticator: Authenticator
) -> None:
    new = await make(world, desk, ORG_OWNER)
    token = await token_of(desk, new)
    assert (await enters(desk, authenticator, token)).roles == {ORG_OWNER}
    await desk.ask(
        use.update,
        world.caller,
        organization_id=world.organization.id,
        client_id=new.account.client_id,
        change=ServiceAccountChange(roles=(ORG_MEMBER,)),
    )
    assert (await enters(desk, authenticator, token)).roles == {ORG_MEMBER}


async def test_inv28_an_access_list_binds_at_once(
    world: World, desk: Desk, authenticator: Authenticator
) -> None:
    new = await make(world, desk)
    token = await token_of(desk, new)
    await enters(desk, authenticator, token)
    at = {"organization_id": world.organization.id, "client_id": new.account.client_id}
    await desk.ask(use.add_access_entries, world.caller, **at, addresses=["192.0.2.1"], page=PAGE)
    with pytest.raises(AddressNotListed):
        await enters(desk, authenticator, token)
    page = await desk.ask(use.add_access_entries, world.caller, **at, addresses=[ADDRESS], page=PAGE)
    assert page.total == 2
    await enters(desk, authenticator, token)
    await desk.ask(use.remove_access_entry, world.caller, **at, address=ADDRESS)
    with pytest.raises(AddressNotListed):
        await enters(desk, authenticator, token)
    with pytest.raises(ResourceNotFound):
        await desk.ask(use.remove_access_entry, world.caller, **at, address=ADDRESS)


async def test_a_caller_does_not_take_its_own_address_off_its_own_list(world: World, desk: Desk) -> None:
    new = await make(world, desk, ORG_OWNER)
    at = {"organization_id": world.organization.id, "client_id": new.account.client_id}
    await desk.ask(use.add_access_entries, world.caller, **at, addresses=[ADDRESS], page=PAGE)
    with pytest.raises(CallersOwnAddress):
        await desk.ask(use.remove_access_entry, as_account(world, new), **at, address=ADDRESS)


# -- in projects ------------------------------------------------------------------------------------


async def test_an_account_of_a_project_is_a_member_of_the_organization(world: World, desk: Desk) -> None:
    new = await make_in_project(world, desk, GROUP_READ_ONLY)
    assert new.account.roles == (ORG_MEMBER,)
    listed = await desk.look(use.list_of_project, world.caller, project_id=world.project.id, page=PAGE)
    assert [(one.account, one.roles) for one in listed.items] == [(new.account, (GROUP_READ_ONLY,))]
    at = {"organization_id": world.organization.id, "client_id": new.account.client_id}
    assigned = await desk.look(use.list_projects, world.caller, **at, page=PAGE)
    assert assigned.items == [(world.project.id, (GROUP_READ_ONLY,))]
    told = await desk.events(world)
    assert [(event.type_name, event.project_id) for event in told] == [
        (events.SERVICE_ACCOUNT_CREATED, None),
        (events.SERVICE_ACCOUNT_ADDED_TO_GROUP, world.project.id),
    ]


async def test_an_account_is_invited_changed_and_unassigned(
    world: World, desk: Desk, authenticator: Authenticator
) -> None:
    new = await make(world, desk)
    token = await token_of(desk, new)
    at = {"project_id": world.project.id, "client_id": new.account.client_id}
    with pytest.raises(ResourceNotFound):
        await desk.look(use.get_in_project, world.caller, **at)
    invited = await desk.ask(use.invite, world.caller, **at, requested_roles=[GROUP_READ_ONLY])
    assert invited == await desk.look(use.get_in_project, world.caller, **at)
    change = ServiceAccountChange(description="reads no more", roles=(GROUP_OWNER,))
    changed = await desk.ask(use.update_in_project, world.caller, **at, change=change)
    assert changed == await desk.look(use.get_in_project, world.caller, **at)
    assert (changed.account.description, changed.roles) == ("reads no more", (GROUP_OWNER,))
    await desk.ask(use.unassign, world.caller, **at)
    for asked in (
        desk.look(use.get_in_project, world.caller, **at),
        desk.ask(use.unassign, world.caller, **at),
        desk.ask(use.create_secret_in_project, world.caller, **at, lifetime_hours=8),
        desk.look(use.list_access_entries_in_project, world.caller, **at, page=PAGE),
    ):
        with pytest.raises(ResourceNotFound):
            await asked
    assert (await enters(desk, authenticator, token)).id == new.account.client_id
    assert await desk.event_types(world) == [
        events.SERVICE_ACCOUNT_CREATED,
        events.SERVICE_ACCOUNT_ADDED_TO_GROUP,
        events.SERVICE_ACCOUNT_DETAILS_CHANGED,
        events.SERVICE_ACCOUNT_ROLES_CHANGED,
        events.SERVICE_ACCOUNT_REMOVED_FROM_GROUP,
    ]


async def test_only_an_owner_of_the_organization_invites_an_account(world: World, desk: Desk) -> None:
    owner = as_account(world, await make_in_project(world, desk, GROUP_OWNER))
    at = {"project_id": world.project.id, "client_id": world.account.client_id}
    with pytest.raises(NotAuthorized):
        await desk.ask(use.invite, owner, **at, requested_roles=[GROUP_READ_ONLY])


async def test_inv05_an_owner_of_a_project_handles_no_credentials_of_a_mightier_account(
    world: World, desk: Desk
) -> None:
    owner = as_account(world, await make_in_project(world, desk, GROUP_OWNER))
    weak = await make_in_project(world, desk, GROUP_READ_ONLY)
    in_project = {"project_id": world.project.id}
    secret = await desk.ask(
        use.create_secret_in_project,
        owner,
        **in_project,
        client_id=weak.account.client_id,
        lifetime_hours=8,
    )
    await desk.ask(
        use.delete_secret_in_project,
        owner,
        **in_project,
        client_id=weak.account.client_id,
        secret_id=secret.secret.id,
    )
    second = await desk.database.write(lambda tx: plant_project(tx, world.organization, "Second"))
    mighty = await make(world, desk, ORG_READ_ONLY)
    elsewhere = await make(world, desk)
    for new in (mighty, elsewhere):
        at = {"client_id": new.account.client_id, "requested_roles": [GROUP_READ_ONLY]}
        await desk.ask(use.invite, world.caller, **in_project, **at)
    await desk.ask(
        use.invite,
        world.caller,
        project_id=second.id,
        client_id=elsewhere.account.client_id,
        requested_roles=[GROUP_READ_ONLY],
    )
    for new in (mighty, elsewhere):
        at = {**in_project, "client_id": new.account.client_id}
        secret_id = new.secret.secret.id
        for asked in (
            desk.ask(use.create_secret_in_project, owner, **at, lifetime_hours=8),
            desk.ask(use.delete_secret_in_project, owner, **at, secret_id=secret_id),
            desk.ask(use.add_access_entries_in_project, owner, **at, addresses=["192.0.2.1"], page=PAGE),
            desk.ask(use.remove_access_entry_in_project, owner, **at, address="192.0.2.1"),
        ):
            with pytest.raises(NotAuthorized):
                await asked
        await desk.ask(use.create_secret_in_project, world.caller, **at, lifetime_hours=8)


async def test_inv09_with_an_account_goes_all_that_hangs_on_it(world: World, desk: Desk) -> None:
    new = await make_in_project(world, desk, GROUP_OWNER)
    id = new.account.client_id
    at = {"organization_id": world.organization.id, "client_id": id}
    await desk.ask(use.add_access_entries, world.caller, **at, addresses=["192.0.2.1"], page=PAGE)
    await desk.ask(use.delete, world.caller, **at)

    async def left(tx: Transaction) -> list[object]:
        return [
            await projects.roles_of_principal(tx, world.organization.id, id),
            await access_lists.list_of_principal(tx, world.organization.id, id),
            await directory.find(tx, directory.Kind.SERVICE_ACCOUNT, id),
        ]

    assert await desk.database.read(left) == [{}, (), None]


async def test_inv23_uses_of_an_access_list_are_stamped_afterwards(
    world: World, desk: Desk, authenticator: Authenticator, clock: Clock
) -> None:
    new = await make(world, desk)
    token = await token_of(desk, new)
    at = {"organization_id": world.organization.id, "client_id": new.account.client_id}
    await desk.ask(use.add_access_entries, world.caller, **at, addresses=[ADDRESS, "192.0.2.1"], page=PAGE)
    version = await desk.database.read(partial(organizations.authority_version, id=world.organization.id))
    for _ in range(3):
        await enters(desk, authenticator, token)
    uses = authenticator.take_uses()
    assert authenticator.take_uses() == []
    await desk.database.write(partial(stamp_uses, uses=uses))
    await desk.database.write(partial(stamp_uses, uses=uses))
    unused, used = (await desk.look(use.list_access_entries, world.caller, **at, page=PAGE)).items
    assert (used.used_count, used.last_used_at, used.last_used_address) == (6, clock.now, ADDRESS)
    assert (unused.used_count, unused.last_used_at, unused.last_used_address) == (0, None, None)
    after = await desk.database.read(partial(organizations.authority_version, id=world.organization.id))
    assert after == version
