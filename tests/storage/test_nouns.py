"""Rows of organizations, projects, teams, people, credentials, events and mail."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from tests.worlds import Clock, World, join, plant_key, plant_project, plant_team, user

from antechamber.auth import digest
from antechamber.auth.secrets import UnsealFailed, Vault
from antechamber.domain import events, usernames
from antechamber.domain.callers import CallerKind
from antechamber.domain.credentials import KeptSecret
from antechamber.domain.mail import Message, MessageType
from antechamber.domain.organizations import Organization
from antechamber.domain.paging import PageRequest
from antechamber.domain.policy import Policy
from antechamber.domain.projects import Project, Tag
from antechamber.domain.service_accounts import MOST_ACCESS_TOKENS
from antechamber.domain.teams import Team
from antechamber.storage import (
    access_lists,
    api_keys,
    digest_answers,
    directory,
    organizations,
    outbox,
    projects,
    service_accounts,
    teams,
    users,
)
from antechamber.storage import events as trail
from antechamber.storage.database import Database, Statement, Transaction
from antechamber.storage.engines import open_database

NOWHERE = "5f" * 12


# -- organizations ----------------------------------------------------------------------------------


async def test_an_organization_is_kept_found_and_changed(
    database: Database, world: World, clock: Clock
) -> None:
    of = world.organization
    assert await database.read(lambda tx: organizations.find(tx, of.id)) == of
    assert await database.read(lambda tx: organizations.find(tx, NOWHERE)) is None
    assert not await database.write(lambda tx: organizations.insert(tx, of))
    wanted = Organization(of.id, "Renamed", of.created_at + timedelta(days=1), True, True)
    await database.write(lambda tx: organizations.update(tx, wanted))
    found = await database.read(lambda tx: organizations.find(tx, of.id))
    assert found is not None
    assert (found.name, found.skip_default_alerts_settings, found.api_access_list_required) == (
        "Renamed",
        True,
        True,
    )
    assert found.created_at == of.created_at


async def test_the_oldest_organization_is_the_first(database: Database, clock: Clock) -> None:
    assert await database.read(organizations.find_first) is None
    for name in ("first", "second"):
        await database.write(
            lambda tx, n=name: organizations.insert(tx, Organization(tx.new_id(), n, tx.now))  # type: ignore[misc]
        )
        clock.advance(seconds=1)
    first = await database.read(organizations.find_first)
    assert first is not None
    assert first.name == "first"


async def test_inv09_nothing_stays_of_a_deleted_organization(
    database: Database, world: World, stranger: World
) -> None:
    """No row of any table names it any more; the other organization keeps all of its own."""
    of = {"id": world.organization.id}
    await database.write(lambda tx: tx.run(Statement("DELETE FROM organizations WHERE id = :id"), **of))
    for table in (
        "directory",
        "memberships",
        "projects",
        "project_roles",
        "teams",
        "team_members",
        "api_keys",
    ):
        counted = Statement(f"SELECT count(*) FROM {table} WHERE organization_id = :id")
        gone = await database.read(lambda tx, s=counted: tx.row(s, **of))  # type: ignore[misc]
        left = await database.read(lambda tx, s=counted: tx.row(s, id=stranger.organization.id))  # type: ignore[misc]
        assert gone is not None
        assert left is not None
        assert gone[0] == 0, table
        assert left[0] > 0, table


# -- projects and teams -----------------------------------------------------------------------------


async def test_a_project_is_kept_found_changed_and_deleted(database: Database, world: World) -> None:
    of, project = world.organization.id, world.project
    assert await database.read(lambda tx: projects.find(tx, of, project.id)) == project
    assert await database.read(lambda tx: projects.find_by_name(tx, of, project.name)) == project
    assert await database.read(lambda tx: projects.find_by_name(tx, of, project.name.upper())) is None
    wanted = replace(project, name="Übung", tags=(Tag("ключ", "值"),), with_default_alerts_settings=False)
    await database.write(lambda tx: projects.update(tx, wanted))
    assert await database.read(lambda tx: projects.find(tx, of, project.id)) == wanted
    await database.write(lambda tx: projects.delete(tx, wanted))
    assert await database.read(lambda tx: projects.find(tx, of, project.id)) is None
    assert await database.read(lambda tx: directory.find(tx, directory.Kind.PROJECT, project.id)) is None


async def test_a_project_name_and_id_are_taken_once(
    database: Database, world: World, stranger: World
) -> None:
    async def insert(tx: Transaction, project: Project) -> bool:
        return await projects.insert(tx, project)

    same_name = replace(world.project, id="5f" * 12)
    assert not await database.write(lambda tx: insert(tx, same_name))
    assert not await database.write(lambda tx: insert(tx, replace(world.project, name="Other")))
    stolen_id = replace(stranger.project, id=world.project.id, name="Other")
    assert not await database.write(lambda tx: insert(tx, stolen_id))
    assert await database.read(lambda tx: projects.is_name_taken(tx, same_name))
    assert not await database.read(lambda tx: projects.is_name_taken(tx, world.project))
    answers = await asyncio.gather(
        *(
            database.write(
                lambda tx: projects.insert(tx, Project(tx.new_id(), world.organization.id, "At once", tx.now))
            )
            for _ in range(10)
        )
    )
    assert sum(answers) == 1


async def test_inv02_a_project_of_another_organization_is_not_found(
    database: Database, world: World, stranger: World
) -> None:
    of = world.organization.id
    assert await database.read(lambda tx: projects.find(tx, of, stranger.project.id)) is None
    assert (
        await database.read(
            lambda tx: projects.find_with_roles(tx, of, stranger.project.id, stranger.owner.id)
        )
        is None
    )
    page = await database.read(lambda tx: projects.list_of_organization(tx, of, PageRequest()))
    assert page.items == [world.project]


async def test_granting_replaces_the_roles_of_one_principal_on_one_project(
    database: Database, world: World
) -> None:
    of = world.organization.id
    other = await database.write(lambda tx: plant_project(tx, world.organization, "Other"))

    async def grant(tx: Transaction, *roles: str) -> None:
        await projects.grant(
            tx, of, other.id, kind=CallerKind.USER, principal_id=world.member.id, roles=roles, at=tx.now
        )

    await database.write(lambda tx: grant(tx, "GROUP_OWNER"))
    await database.write(lambda tx: grant(tx, "GROUP_READ_ONLY", "GROUP_BACKUP_MANAGER"))
    kept = ("GROUP_READ_ONLY", "GROUP_BACKUP_MANAGER")
    who = world.member.id
    assert await database.read(lambda tx: projects.direct_roles(tx, of, other.id, who)) == kept
    assert await database.read(lambda tx: projects.roles_of_principal(tx, of, who)) == {other.id: kept}
    assert await database.read(lambda tx: projects.find_with_roles(tx, of, other.id, who)) == (
        other,
        frozenset(kept),
    )
    assert await database.read(lambda tx: projects.find_with_roles(tx, of, other.id, NOWHERE)) == (
        other,
        frozenset(),
    )
    page = await database.read(lambda tx: projects.list_of_principal(tx, of, who, PageRequest()))
    assert (page.items, page.total) == ([other], 1)
    assert await database.read(lambda tx: projects.count_people(tx, other, 10)) == 1
    assert await database.read(lambda tx: projects.count_people(tx, other, 0)) == 0


async def test_names_are_listed_in_byte_order_a_page_at_a_time(database: Database, world: World) -> None:
    names = ["b", "a", "B", "Ä", "_", "1", "\N{FULLWIDTH LATIN SMALL LETTER A}", "😀".encode().hex()]
    for name in names:
        await database.write(lambda tx, n=name: plant_project(tx, world.organization, n))  # type: ignore[misc]
        await database.write(lambda tx, n=name: plant_team(tx, world.organization, n))  # type: ignore[misc]
    of = world.organization.id
    for listing, first in (
        (projects.list_of_organization, "Acme Mobile"),
        (teams.list_of_organization, "Acme Crew"),
    ):
        found: list[str] = []
        for number in (1, 2, 3):
            page = await database.read(lambda tx, l=listing, n=number: l(tx, of, PageRequest(n, 3)))  # type: ignore[misc] # noqa: E741
            assert page.total == len(names) + 1
            found += [item.name for item in page.items]
        assert found == sorted([first, *names], key=str.encode)


async def test_a_team_is_kept_found_and_its_name_taken_once(
    database: Database, world: World, stranger: World
) -> None:
    of, team = world.organization.id, world.team
    assert await database.read(lambda tx: teams.find(tx, of, team.id)) == team
    assert await database.read(lambda tx: teams.find_by_name(tx, of, team.name)) == team
    assert await database.read(lambda tx: teams.find(tx, of, stranger.team.id)) is None
    assert not await database.write(lambda tx: teams.insert(tx, Team("5f" * 12, of, team.name, tx.now)))
    assert await database.write(
        lambda tx: teams.insert(tx, Team("5f" * 12, stranger.organization.id, team.name, tx.now))
    )
    assert await database.read(lambda tx: teams.count(tx, of)) == 1


async def test_a_person_sits_once_in_a_team_and_only_as_a_member(
    database: Database, world: World, stranger: World
) -> None:
    assert await database.write(lambda tx: teams.add_member(tx, world.team, world.member.id, tx.now))
    assert not await database.write(lambda tx: teams.add_member(tx, world.team, world.member.id, tx.now))
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        await database.write(lambda tx: teams.add_member(tx, world.team, stranger.owner.id, tx.now))


# -- people -----------------------------------------------------------------------------------------


async def test_inv08_one_account_for_each_address(database: Database, clock: Clock) -> None:
    async def insert(tx: Transaction, address: str) -> bool:
        username = usernames.parse(address)
        return await users.insert(tx, user(tx.new_id(), username.text, tx.now), username)

    answers = await asyncio.gather(
        *(
            database.write(partial(insert, address=address))
            for address in ("Ann@x.example", "ann@X.example") * 5
        )
    )
    assert sum(answers) == 1
    found = await database.read(lambda tx: users.find_by_key(tx, "ann@x.example"))
    assert found is not None
    assert found.username.lower() == "ann@x.example"
    assert await database.read(lambda tx: users.find(tx, found.id)) == found
    assert await database.read(lambda tx: users.find_by_key(tx, "Ann@x.example")) is None


async def test_inv08_one_membership_for_each_person(database: Database, world: World) -> None:
    of, username = world.organization.id, usernames.parse(world.member.username)
    assert not await database.write(
        lambda tx: users.join_organization(tx, of, world.member, username, ("ORG_OWNER",), tx.now)
    )
    assert await database.read(lambda tx: users.organization_roles(tx, of, world.member.id)) == (
        "ORG_MEMBER",
    )
    assert await database.read(lambda tx: users.organization_roles(tx, NOWHERE, world.member.id)) == ()


async def test_the_oldest_owner_is_the_longest_member_with_that_role(
    database: Database, world: World, clock: Clock
) -> None:
    of = world.organization.id
    clock.advance(days=1)
    await database.write(lambda tx: join(tx, of, "later@acme.example", "ORG_MEMBER", "ORG_OWNER"))
    oldest = await database.read(lambda tx: users.oldest_owner(tx, of))
    assert oldest is not None
    assert oldest.id == world.owner.id
    assert await database.read(lambda tx: users.oldest_owner(tx, NOWHERE)) is None
    assert await database.read(lambda tx: users.count_members(tx, of, 10)) == 3
    assert await database.read(lambda tx: users.count_members(tx, of, 2)) == 2


# -- credentials ------------------------------------------------------------------------------------


async def test_a_key_is_found_by_its_public_half_and_its_ha1_is_sealed(
    database: Database, world: World, database_url: str, clock: Clock
) -> None:
    ha1 = digest.ha1(world.key.public_key, world.private_key)
    kept = await database.read(lambda tx: api_keys.find_kept(tx, world.key.public_key))
    assert kept is not None
    assert (kept.id, kept.ha1, kept.roles) == (world.key.id, ha1, frozenset({"ORG_OWNER"}))
    assert kept.networks == ()
    assert await database.read(lambda tx: api_keys.find_kept(tx, "nobodyxx")) is None
    row = await database.read(lambda tx: tx.row(Statement("SELECT sealed_ha1 FROM api_keys")))
    assert row is not None
    assert ha1.encode() not in bytes(row[0])
    wrong = Vault.from_master_key("11" * 32)
    other = open_database(database_url, policy=Policy(), sealer=wrong, clock=clock)
    try:
        with pytest.raises(UnsealFailed):
            await other.read(lambda tx: api_keys.find_kept(tx, world.key.public_key))
    finally:
        await other.close()


async def test_a_public_key_and_a_client_id_are_taken_once(
    database: Database, world: World, stranger: World
) -> None:
    taken = replace(stranger.key, id="5f" * 12, public_key=world.key.public_key)
    assert not await database.write(lambda tx: api_keys.insert(tx, taken, "0" * 32))
    account = replace(stranger.account, client_id=world.account.client_id)
    assert not await database.write(lambda tx: service_accounts.insert(tx, account))


async def test_access_lists_come_with_their_key(database: Database, world: World) -> None:
    of, key = world.organization.id, world.key
    for block, added in (("198.51.100.0/24", True), ("192.0.2.1/32", True), ("192.0.2.1/32", False)):
        assert await database.write(lambda tx, b=block: access_lists.insert(tx, of, key.id, b)) is added  # type: ignore[misc]
    blocks = ("192.0.2.1/32", "198.51.100.0/24")
    assert await database.read(lambda tx: access_lists.list_of_principal(tx, of, key.id)) == blocks
    kept = await database.read(lambda tx: api_keys.find_kept(tx, key.public_key))
    assert kept is not None
    assert sorted(kept.networks) == sorted(blocks)
    other, _ = await database.write(lambda tx: plant_key(tx, world.organization, "ORG_MEMBER"))
    without = await database.read(lambda tx: api_keys.find_kept(tx, other.public_key))
    assert without is not None
    assert without.networks == ()


async def test_tokens_of_an_account_are_found_ended_and_trimmed(
    database: Database, world: World, stranger: World, clock: Clock
) -> None:
    of, client_id = world.organization.id, world.account.client_id
    (secret,) = await database.read(lambda tx: service_accounts.list_kept_secrets(tx, client_id))
    assert isinstance(secret, KeptSecret)
    assert await database.read(lambda tx: service_accounts.list_kept_secrets(tx, "nobody")) == []

    async def issue(tx: Transaction, fingerprint: bytes) -> None:
        await service_accounts.insert_token(tx, secret, fingerprint, tx.now + timedelta(hours=1))

    for number in range(MOST_ACCESS_TOKENS + 1):
        await database.write(lambda tx, n=number: issue(tx, b"%d" % n))  # type: ignore[misc]
        clock.advance(seconds=1)
    assert await database.read(lambda tx: service_accounts.find_token(tx, of, b"0")) is None
    found = await database.read(lambda tx: service_accounts.find_token(tx, of, b"1"))
    assert found is not None
    assert (found.client_id, found.organization.id, found.roles) == (
        client_id,
        of,
        frozenset({"ORG_OWNER"}),
    )
    elsewhere = stranger.organization.id
    assert await database.read(lambda tx: service_accounts.find_token(tx, elsewhere, b"1")) is None
    await database.write(lambda tx: service_accounts.delete_token(tx, of, stranger.account.client_id, b"1"))
    assert await database.read(lambda tx: service_accounts.find_token(tx, of, b"1")) is not None
    await database.write(lambda tx: service_accounts.delete_token(tx, of, client_id, b"1"))
    assert await database.read(lambda tx: service_accounts.find_token(tx, of, b"1")) is None
    clock.advance(seconds=3600)
    await database.write(lambda tx: issue(tx, b"new"))
    counted = await database.read(lambda tx: tx.row(Statement("SELECT count(*) FROM access_tokens")))
    assert counted is not None
    assert counted[0] == 1


async def test_inv27_an_answer_is_taken_down_once(database: Database, world: World, clock: Clock) -> None:
    of = world.organization.id

    async def take(tx: Transaction, count: int) -> bool:
        return await digest_answers.insert(tx, of, "nonce", count, 300)

    answers = await asyncio.gather(*(database.write(lambda tx: take(tx, 1)) for _ in range(10)))
    assert sum(answers) == 1
    assert await database.write(lambda tx: take(tx, 2**32 - 1))
    clock.advance(seconds=299)
    assert await database.write(digest_answers.sweep) == 0
    clock.advance(seconds=1)
    assert await database.write(digest_answers.sweep) == 2


async def test_a_name_in_the_directory_is_taken_once_for_each_kind(
    database: Database, world: World, stranger: World
) -> None:
    async def enter(tx: Transaction, kind: directory.Kind, world: World) -> bool:
        return await directory.insert(tx, kind, "name", world.organization.id)

    assert await database.write(lambda tx: enter(tx, directory.Kind.PROJECT, world))
    assert not await database.write(lambda tx: enter(tx, directory.Kind.PROJECT, stranger))
    assert await database.write(lambda tx: enter(tx, directory.Kind.API_KEY, stranger))
    found = await database.read(lambda tx: directory.find(tx, directory.Kind.PROJECT, "name"))
    assert found == world.organization.id
    await database.write(lambda tx: directory.delete(tx, directory.Kind.PROJECT, "name"))
    assert await database.read(lambda tx: directory.find(tx, directory.Kind.PROJECT, "name")) is None


# -- events and mail --------------------------------------------------------------------------------


async def test_inv21_events_are_listed_newest_first_to_their_organization_only(
    database: Database, world: World, stranger: World, clock: Clock
) -> None:
    async def tell(tx: Transaction, type_name: str) -> events.Event:
        event = events.by(
            world.caller,
            type_name,
            id=tx.new_id(),
            organization_id=world.organization.id,
            project_id=world.project.id,
            target_username="ann@example.com",
            team_id=world.team.id,
            now=tx.now,
        )
        await trail.append(tx, event)
        return event

    told = []
    for type_name in ("ORG_CREATED", "ORG_RENAMED", "GROUP_CREATED"):
        told.append(await database.write(lambda tx, t=type_name: tell(tx, t)))  # type: ignore[misc]
        clock.advance(seconds=1)
    of = world.organization.id
    page = await database.read(lambda tx: trail.list_of_organization(tx, of, PageRequest(1, 2)))
    assert (page.items, page.total) == (told[:0:-1], 3)
    rest = await database.read(lambda tx: trail.list_of_organization(tx, of, PageRequest(2, 2)))
    assert rest.items == told[:1]
    theirs = await database.read(
        lambda tx: trail.list_of_organization(tx, stranger.organization.id, PageRequest())
    )
    assert (theirs.items, theirs.total) == ([], 0)


async def test_queued_mail_belongs_to_an_invitation_that_exists(database: Database, world: World) -> None:
    async def put(tx: Transaction) -> None:
        await outbox.put(
            tx,
            Message(
                tx.new_id(),
                world.organization.id,
                MessageType.ORGANIZATION_INVITATION,
                "ann@example.com",
                "",
                NOWHERE,
                "token",
                tx.now,
            ),
        )

    with pytest.raises(Exception, match=r"(?i)foreign key"):
        await database.write(put)
    assert await database.read(lambda tx: outbox.list_due(tx, 10)) == []
