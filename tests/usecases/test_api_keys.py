"""API keys of organizations and their use in projects."""

import asyncio
from dataclasses import replace
from functools import partial

import pytest
from tests.conftest import OpenDatabase
from tests.usecases.conftest import Desk
from tests.worlds import ADDRESS, World, plant

from antechamber.auth import digest
from antechamber.domain import events
from antechamber.domain.callers import Caller, CallerKind
from antechamber.domain.errors import (
    AccessListEntryNotFound,
    AddressAlreadyListed,
    ApiKeyAccessListDenied,
    ApiKeyNotFound,
    ApiKeyWithoutDescription,
    ApiKeyWithoutRoles,
    CallersOwnAddress,
    InvalidAddress,
    InvalidApiKeyDescription,
    NotApiKeyAdmin,
    OrganizationRoleInProject,
    ProjectRoleInOrganization,
    RepeatedAddress,
    TooManyAccessListEntries,
    TooManyApiKeysInOrganization,
)
from antechamber.domain.invitations import ProjectRole
from antechamber.domain.paging import PageRequest
from antechamber.domain.policy import (
    ACCESS_LIST_ENTRIES_PER_CREDENTIAL,
    API_KEYS_PER_ORGANIZATION,
    DEFAULT_LIMITS,
    Policy,
)
from antechamber.domain.roles import GROUP_OWNER, GROUP_READ_ONLY, ORG_MEMBER, ORG_OWNER, ORG_READ_ONLY
from antechamber.storage import access_lists, api_keys, directory, organizations, projects
from antechamber.storage.database import Transaction
from antechamber.usecases import api_keys as use
from antechamber.usecases.api_keys import ApiKeyRequest, NewApiKey

PAGE = PageRequest()
WANTED = ApiKeyRequest("for the build", (ORG_MEMBER,))


def as_key(world: World, new: NewApiKey, *roles: str) -> Caller:
    """Return the new key as a caller."""
    held = frozenset(roles or new.key.roles)
    return Caller(CallerKind.API_KEY, new.key.id, new.key.public_key, world.organization, held, ADDRESS)


async def project_owner(world: World, desk: Desk) -> Caller:
    """Return a key that is a member of the organization and owns its project."""
    new = await desk.ask(
        use.create_in_project,
        world.caller,
        project_id=world.project.id,
        request=ApiKeyRequest("owner of the project", (GROUP_OWNER,)),
    )
    return as_key(world, new)


async def test_a_key_is_made_read_changed_and_deleted(world: World, desk: Desk) -> None:
    at = {"organization_id": world.organization.id}
    new = await desk.ask(use.create, world.caller, **at, request=WANTED)
    one = {**at, "key_id": new.key.id}
    assert await desk.look(use.get, world.caller, **one) == new.key
    listed = await desk.look(use.list_of_organization, world.caller, **at, page=PAGE)
    assert [key.public_key for key in listed.items] == sorted([new.key.public_key, world.key.public_key])
    assert listed.total == 2
    changed = await desk.ask(
        use.update, world.caller, **one, description="for us", requested_roles=(ORG_READ_ONLY,)
    )
    assert changed == replace(new.key, description="for us", roles=(ORG_READ_ONLY,))
    assert await desk.look(use.get, world.caller, **one) == changed
    await desk.ask(use.update, world.caller, **one, description=None, requested_roles=None)
    await desk.ask(use.delete, world.caller, **one)
    with pytest.raises(ApiKeyNotFound):
        await desk.look(use.get, world.caller, **one)
    told = await desk.events(world)
    assert [event.type_name for event in told] == [
        events.API_KEY_CREATED,
        events.API_KEY_DESCRIPTION_CHANGED,
        events.API_KEY_ROLES_CHANGED,
        events.API_KEY_DELETED,
    ]
    assert {event.target_public_key for event in told} == {new.key.public_key}


async def test_inv24_the_private_half_is_kept_sealed_and_shown_by_no_repr(world: World, desk: Desk) -> None:
    new = await desk.ask(use.create, world.caller, organization_id=world.organization.id, request=WANTED)
    assert new.private_key not in repr(new)
    assert new.private_key.endswith(new.key.private_key_tail)
    kept = await desk.database.read(partial(api_keys.find_kept, public_key=new.key.public_key))
    assert kept is not None
    assert kept.ha1 == digest.ha1(new.key.public_key, new.private_key)


@pytest.mark.parametrize(
    ("description", "roles", "refusal"),
    [
        ("", (ORG_MEMBER,), ApiKeyWithoutDescription),
        ("  ", (ORG_MEMBER,), ApiKeyWithoutDescription),
        ("x" * 251, (ORG_MEMBER,), InvalidApiKeyDescription),
        ("x", (), ApiKeyWithoutRoles),
        ("x", (GROUP_OWNER,), ProjectRoleInOrganization),
    ],
)
async def test_a_bad_key_is_neither_made_nor_kept(
    world: World, desk: Desk, description: str, roles: tuple[str, ...], refusal: type[Exception]
) -> None:
    at = {"organization_id": world.organization.id}
    with pytest.raises(refusal):
        await desk.ask(use.create, world.caller, **at, request=ApiKeyRequest(description, roles))
    with pytest.raises(refusal):
        await desk.ask(
            use.update,
            world.caller,
            **at,
            key_id=world.key.id,
            description=description,
            requested_roles=roles,
        )
    assert await desk.events(world) == []


async def test_inv02_a_key_of_another_organization_is_like_an_unknown_one(
    world: World, stranger: World, desk: Desk
) -> None:
    at = {"organization_id": world.organization.id, "key_id": stranger.key.id}
    in_project = {"project_id": world.project.id, "key_id": stranger.key.id}
    for asked in (
        desk.look(use.get, world.caller, **at),
        desk.ask(use.update, world.caller, **at, description="x", requested_roles=None),
        desk.ask(use.delete, world.caller, **at),
        desk.look(use.list_access_entries, world.caller, **at, page=PAGE),
        desk.ask(use.add_access_entries, world.caller, **at, addresses=["192.0.2.1"], page=PAGE),
        desk.ask(use.assign, world.caller, **in_project, requested_roles=[GROUP_OWNER]),
        desk.ask(use.unassign, world.caller, **in_project),
    ):
        with pytest.raises(ApiKeyNotFound):
            await asked
    assert await desk.events(stranger) == []


async def test_members_read_keys_and_only_owners_change_them(world: World, desk: Desk) -> None:
    at = {"organization_id": world.organization.id, "key_id": world.key.id}
    member = world.caller_with(ORG_MEMBER)
    assert await desk.look(use.get, member, **at) == world.key
    with pytest.raises(NotApiKeyAdmin) as refused:
        await desk.ask(use.delete, member, **at)
    assert refused.value.facts == (world.key.id,)
    with pytest.raises(NotApiKeyAdmin):
        await desk.ask(use.update, member, **at, description=None, requested_roles=[ORG_OWNER])
    with pytest.raises(NotApiKeyAdmin):
        await desk.ask(use.create, member, organization_id=world.organization.id, request=WANTED)


async def test_the_number_of_keys_is_limited_when_many_are_made_at_once(
    database_url: str, open_url: OpenDatabase
) -> None:
    database = open_url(database_url, Policy(limits={**DEFAULT_LIMITS, API_KEYS_PER_ORGANIZATION: 3}))
    world = await database.write(plant)
    make = partial(use.create, caller=world.caller, organization_id=world.organization.id, request=WANTED)
    made = await asyncio.gather(*(database.write(make) for _ in range(6)), return_exceptions=True)
    refused = [one for one in made if isinstance(one, Exception)]
    assert [type(one) for one in refused] == [TooManyApiKeysInOrganization] * 4
    assert refused[0].args == ("3", world.organization.name)


# -- access lists -----------------------------------------------------------------------------------


async def test_an_access_list_is_filled_read_and_emptied(world: World, desk: Desk) -> None:
    new = await desk.ask(use.create, world.caller, organization_id=world.organization.id, request=WANTED)
    at = {"organization_id": world.organization.id, "key_id": new.key.id}
    given = ["192.0.2.1", "198.51.100.77/24", "2001:db8::1"]
    page = await desk.ask(use.add_access_entries, world.caller, **at, addresses=given, page=PAGE)
    kept = ["192.0.2.1/32", "198.51.100.0/24", "2001:db8::1/128"]
    assert [entry.cidr_block for entry in page.items] == kept
    assert [entry.address for entry in page.items] == ["192.0.2.1", None, "2001:db8::1"]
    assert page == await desk.look(use.list_access_entries, world.caller, **at, page=PAGE)
    for text, block in (("192.0.2.1", kept[0]), ("192.0.2.1/32", kept[0]), ("198.51.100.0/24", kept[1])):
        entry = await desk.look(use.get_access_entry, world.caller, **at, address=text)
        assert (entry.cidr_block, entry.used_count, entry.last_used_at) == (block, 0, None)
    await desk.ask(use.remove_access_entry, world.caller, **at, address="198.51.100.0/24")
    with pytest.raises(AccessListEntryNotFound) as refused:
        await desk.look(use.get_access_entry, world.caller, **at, address="198.51.100.0/24")
    assert refused.value.facts == ("198.51.100.0/24", new.key.id)
    told = (await desk.events(world))[1:]
    added, deleted = events.API_KEY_ACCESS_LIST_ENTRY_ADDED, events.API_KEY_ACCESS_LIST_ENTRY_DELETED
    assert [(event.type_name, event.access_list_entry) for event in told] == [
        *((added, block) for block in kept),
        (deleted, kept[1]),
    ]
    assert {event.target_public_key for event in told} == {new.key.public_key}


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        (["192.0.2.1", "192.0.2.1/32"], RepeatedAddress),
        (["10.0.0.1/8", "10.0.0.2/8"], RepeatedAddress),
        (["192.0.2.9", "203.0.113.0/24"], AddressAlreadyListed),
        (["192.0.2.9", "nowhere"], InvalidAddress),
        (["10.0.0.0/255.0.0.0"], InvalidAddress),
        ([f"10.0.0.{n}" for n in range(200)], TooManyAccessListEntries),
    ],
)
async def test_inv20_of_a_bad_addition_nothing_is_kept(
    world: World, desk: Desk, given: list[str], refusal: type[Exception]
) -> None:
    assert DEFAULT_LIMITS[ACCESS_LIST_ENTRIES_PER_CREDENTIAL] == 200
    at = {"organization_id": world.organization.id, "key_id": world.key.id}
    before = await desk.ask(
        use.add_access_entries, world.caller, **at, addresses=["203.0.113.0/24"], page=PAGE
    )
    with pytest.raises(refusal):
        await desk.ask(use.add_access_entries, world.caller, **at, addresses=given, page=PAGE)
    assert await desk.look(use.list_access_entries, world.caller, **at, page=PAGE) == before
    assert len(await desk.events(world)) == 1


async def test_a_caller_does_not_take_its_own_address_off_its_own_list(world: World, desk: Desk) -> None:
    at = {"organization_id": world.organization.id, "key_id": world.key.id}
    given = [ADDRESS, "0.0.0.0/0", "192.0.2.1"]
    await desk.ask(use.add_access_entries, world.caller, **at, addresses=given, page=PAGE)
    for address in (ADDRESS, "0.0.0.0/0"):
        with pytest.raises(CallersOwnAddress) as refused:
            await desk.ask(use.remove_access_entry, world.caller, **at, address=address)
        assert refused.value.facts == (ADDRESS,)
    await desk.ask(use.remove_access_entry, world.caller, **at, address="192.0.2.1")
    another_owner = world.caller_with(ORG_OWNER)
    await desk.ask(use.remove_access_entry, another_owner, **at, address=ADDRESS)


async def test_an_access_list_is_for_the_key_itself_and_for_owners(world: World, desk: Desk) -> None:
    new = await desk.ask(use.create, world.caller, organization_id=world.organization.id, request=WANTED)
    at = {"organization_id": world.organization.id, "key_id": new.key.id}
    itself = as_key(world, new)
    await desk.ask(use.add_access_entries, itself, **at, addresses=["192.0.2.1"], page=PAGE)
    assert (await desk.look(use.list_access_entries, itself, **at, page=PAGE)).total == 1
    for reader in (world.caller_with(ORG_READ_ONLY), world.caller_with(ORG_MEMBER)):
        for asked in (
            desk.look(use.list_access_entries, reader, **at, page=PAGE),
            desk.look(use.get_access_entry, reader, **at, address="192.0.2.1"),
            desk.ask(use.add_access_entries, reader, **at, addresses=["192.0.2.2"], page=PAGE),
            desk.ask(use.remove_access_entry, reader, **at, address="192.0.2.1"),
        ):
            with pytest.raises(ApiKeyAccessListDenied):
                await asked


# -- in projects ------------------------------------------------------------------------------------


async def test_a_key_of_a_project_is_a_member_of_the_organization(world: World, desk: Desk) -> None:
    request = ApiKeyRequest("reads", (GROUP_READ_ONLY,))
    new = await desk.ask(use.create_in_project, world.caller, project_id=world.project.id, request=request)
    assert new.key.roles == (ORG_MEMBER,)
    assert new.key.project_roles == (ProjectRole(world.project.id, GROUP_READ_ONLY),)
    listed = await desk.look(use.list_of_project, world.caller, project_id=world.project.id, page=PAGE)
    assert listed.items == [new.key]
    told = await desk.events(world)
    assert [(event.type_name, event.project_id) for event in told] == [
        (events.API_KEY_CREATED, None),
        (events.API_KEY_ADDED_TO_GROUP, world.project.id),
    ]


async def test_a_key_is_assigned_changed_and_unassigned(world: World, desk: Desk) -> None:
    at = {"project_id": world.project.id, "key_id": world.key.id}
    await desk.ask(use.assign, world.caller, **at, requested_roles=[GROUP_READ_ONLY, GROUP_READ_ONLY])
    await desk.ask(use.assign, world.caller, **at, requested_roles=[GROUP_READ_ONLY])
    changed = await desk.ask(
        use.update_in_project,
        world.caller,
        **at,
        description="renamed",
        requested_roles=[GROUP_OWNER, "GROUP_BACKUP_MANAGER"],
    )
    assert changed.description == "renamed"
    assert [role for _, role in changed.project_roles] == [GROUP_OWNER, "GROUP_BACKUP_MANAGER"]
    await desk.ask(use.unassign, world.caller, **at)
    with pytest.raises(ApiKeyNotFound):
        await desk.ask(use.unassign, world.caller, **at)
    with pytest.raises(ApiKeyNotFound):
        await desk.ask(use.update_in_project, world.caller, **at, description="x", requested_roles=None)
    kept = await desk.look(use.get, world.caller, organization_id=world.organization.id, key_id=world.key.id)
    assert kept.project_roles == ()
    assert await desk.event_types(world) == [
        events.API_KEY_ADDED_TO_GROUP,
        events.API_KEY_ROLES_CHANGED,
        events.API_KEY_DESCRIPTION_CHANGED,
        events.API_KEY_REMOVED_FROM_GROUP,
    ]


async def test_clients_assign_by_changing_the_roles(world: World, desk: Desk) -> None:
    at = {"project_id": world.project.id, "key_id": world.key.id}
    key = await desk.ask(
        use.update_in_project, world.caller, **at, description=None, requested_roles=[GROUP_READ_ONLY]
    )
    assert key.project_roles == (ProjectRole(world.project.id, GROUP_READ_ONLY),)
    assert await desk.event_types(world) == [events.API_KEY_ADDED_TO_GROUP]


async def test_inv05_an_owner_of_a_project_gives_roles_on_it_only(world: World, desk: Desk) -> None:
    caller = await project_owner(world, desk)
    at = {"project_id": world.project.id, "key_id": caller.id}
    for roles, refusal in (([ORG_OWNER], OrganizationRoleInProject), ([], ApiKeyWithoutRoles)):
        with pytest.raises(refusal):
            await desk.ask(use.assign, caller, **at, requested_roles=roles)
        with pytest.raises(refusal):
            await desk.ask(
                use.create_in_project,
                caller,
                project_id=world.project.id,
                request=ApiKeyRequest("x", roles),
            )
    with pytest.raises(NotApiKeyAdmin):
        await desk.ask(use.create, caller, organization_id=world.organization.id, request=WANTED)
    made = await desk.ask(
        use.create_in_project,
        caller,
        project_id=world.project.id,
        request=ApiKeyRequest("x", (GROUP_OWNER,)),
    )
    assert made.key.roles == (ORG_MEMBER,)


async def test_inv09_with_a_key_goes_all_that_hangs_on_it(world: World, desk: Desk) -> None:
    caller = await project_owner(world, desk)
    at = {"organization_id": world.organization.id, "key_id": caller.id}
    await desk.ask(use.add_access_entries, world.caller, **at, addresses=["192.0.2.1"], page=PAGE)
    before = await desk.database.read(partial(organizations.authority_version, id=world.organization.id))
    await desk.ask(use.delete, world.caller, **at)

    async def left(tx: Transaction) -> list[object]:
        return [
            await projects.roles_of_principal(tx, world.organization.id, caller.id),
            await access_lists.list_of_principal(tx, world.organization.id, caller.id),
            await directory.find(tx, directory.Kind.API_KEY, caller.name),
            await api_keys.find_kept(tx, caller.name),
        ]

    assert await desk.database.read(left) == [{}, (), None, None]
    after = await desk.database.read(partial(organizations.authority_version, id=world.organization.id))
    assert after != before
