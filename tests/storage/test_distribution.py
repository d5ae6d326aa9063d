"""The layout on Citus: every statement of a request finds its one shard, and the schema can be laid out.

Citus itself is not there to be asked: what it demands is checked by reading the statements, and by
stand-ins for its functions that ask PostgreSQL's own catalogue.
"""

import itertools
import re
from collections.abc import Iterator

import pytest
from tests import postgres
from tests.conftest import OpenDatabase
from tests.storage.test_statements import STATEMENTS
from tests.worlds import World, plant
from tools.shards import FAN_OUT

from antechamber.domain.invitations import Invitation, State
from antechamber.domain.users import Status
from antechamber.storage import (
    distribution,
    events,
    invitation_search,
    invitation_tokens,
    invitations,
    organization_users,
    organizations,
    projects,
    sealed,
)
from antechamber.storage.database import Database, Statement, Transaction
from antechamber.storage.distribution import BY_ORGANIZATION, BY_OWN_KEY, REFERENCE, NotDistributable

SHARDED = {**BY_ORGANIZATION, **BY_OWN_KEY}
_SOURCE = re.compile(
    r"\b(?:FROM|JOIN|INTO|UPDATE) (?P<table>[a-z_0-9]+)"
    r"(?: (?:AS )?(?!SET|WHERE|ON|ORDER|LIMIT|LEFT|JOIN|UNION)(?P<alias>[a-z_]+))?"
)
_UNION = re.compile(r"\bUNION\b(?: ALL\b)?")


def _made() -> dict[str, Statement]:
    """Return statements that are put together from parts when they are first needed."""
    found: dict[str, Statement] = {}
    for types, scope in itertools.product((0, 2), (events._IN_ORGANIZATION, events._IN_PROJECT)):
        listing, counting = events._selection(scope, types)
        for number, statement in enumerate((*listing, counting)):
            found[f"events.{types}.{scope}.{number}"] = statement
    for by_id, by_username in itertools.product((False, True), repeat=2):
        named = {"by_id": by_id, "by_username": by_username}
        every = frozenset(Status)
        for kind, pair in {
            "organization": organization_users._of_organization(every, **named),
            "project": organization_users._of_project(every, **named, through_teams=True, implied=True),
            "team": organization_users._of_team(every, **named),
        }.items():
            listing, counting = pair
            for number, statement in enumerate((*listing, counting)):
                found[f"organization_users.{kind}.{by_id}.{by_username}.{number}"] = statement
    for statuses, has_place in itertools.product(
        ((Status.ACTIVE,), (Status.PENDING,), tuple(Status)), (False, True)
    ):
        made = organization_users._search(frozenset(statuses), has_place=has_place)
        found[f"organization_users.search.{'.'.join(statuses)}.{has_place}"] = made
    for number, statement in enumerate(events.walks()):
        found[f"events.walk.{number}"] = statement
    for number, statement in enumerate(invitation_search.statements()):
        found[f"invitation_search.{number}"] = statement
    for number, column in enumerate(sealed.COLUMNS):
        found[f"sealed.{number}.page"] = sealed._PAGES[column]
        found[f"sealed.{number}.keep"] = sealed._KEEPS[column]
    return found


ALL = STATEMENTS | _made()


def _levels(text: str) -> Iterator[str]:
    """Give every SELECT of a statement, and what is around it, without those inside it."""
    stack = [""]
    for character in text:
        if character == "(":
            stack.append("")
        elif character == ")":
            inner = stack.pop()
            if re.match(r"\s*SELECT\b", inner):
                yield from _UNION.split(inner)
                stack[-1] += "(subquery)"
            else:
                stack[-1] += f"({inner})"
        else:
            stack[-1] += character
    yield from _UNION.split(stack.pop())


def _unbound(level: str) -> set[str]:
    """Return the sharded tables of one SELECT whose shard does not follow from its parameters."""
    sources = {match["alias"] or match["table"]: match["table"] for match in _SOURCE.finditer(level)}
    columns = {alias: SHARDED[table] for alias, table in sources.items() if table in SHARDED}
    alone = len(sources) == 1
    inserted = re.search(r"INTO \w+ ?\((?P<columns>[^)]*)\) VALUES \((?P<values>.*)\)", level)
    bound = set()
    for alias, column in columns.items():
        name = rf"(?:{alias}\.)?{column}" if alone else rf"{alias}\.{column}"
        direct = re.search(rf"(?<![.\w]){name} = :\w+", level)
        into = inserted is not None and column in re.split(r",\s*", inserted["columns"].strip())
        if direct or into:
            bound.add(alias)
    pairs = re.findall(r"(\w+)\.(\w+) = (\w+)\.(\w+)", level)
    for _ in columns:
        for one, its, other, theirs in pairs:
            if columns.get(one) == its and columns.get(other) == theirs and {one, other} & bound:
                bound |= {one, other}
    return {sources[alias] for alias in columns if alias not in bound}


@pytest.mark.parametrize("name", sorted(set(ALL) - FAN_OUT.keys()))
def test_every_statement_of_a_request_names_its_shard(name: str) -> None:
    for level in _levels(ALL[name].sqlite):
        assert not _unbound(level), level


@pytest.mark.parametrize("name", sorted(ALL))
def test_no_statement_joins_tables_that_lie_apart(name: str) -> None:
    tables = {match["table"] for match in _SOURCE.finditer(ALL[name].sqlite)} - {"counted"}
    assert tables <= {*SHARDED, *REFERENCE}, tables
    own_key = tables & BY_OWN_KEY.keys()
    assert not own_key or tables == own_key, "what lies by its own key is read alone"
    assert len(own_key) < 2
    if ALL[name].writes and re.match(r"(INSERT INTO|UPDATE|DELETE FROM) users\b", ALL[name].sqlite):
        assert tables == {"users"}, "a change of what is on every node asks no shard"


@pytest.mark.parametrize("name", sorted(ALL))
def test_no_statement_has_what_citus_plans_badly(name: str) -> None:
    text = ALL[name].sqlite
    assert not re.match(r"WITH\b", text), "no common table expression that changes rows"
    assert not re.search(r"INSERT INTO [^;]* SELECT", text), "no rows inserted from a query"
    if "{for_update}" in text or " FOR UPDATE" in ALL[name].postgresql:
        assert name not in FAN_OUT, "rows are locked on one shard only"


def test_a_statement_that_does_not_name_its_shard_would_be_found() -> None:
    for text in (
        "SELECT 1 FROM teams WHERE id = :id",
        "SELECT 1 FROM teams t JOIN projects p ON p.id = t.id WHERE t.organization_id = :organization_id",
        "SELECT (SELECT 1 FROM teams t WHERE t.id = p.id) FROM projects p WHERE p.organization_id = :id",
        "SELECT organization_id FROM directory WHERE kind = :kind",
        "DELETE FROM teams WHERE organization_id = :organization_id AND id IN (SELECT id FROM projects)",
        "SELECT 1 FROM teams WHERE organization_id = :organization_id UNION ALL SELECT 1 FROM teams",
        "INSERT INTO limits (scope_id, name) VALUES (:scope_id, :name)",
    ):
        assert any(_unbound(level) for level in _levels(text)), text


def test_every_exception_is_still_there_and_needed() -> None:
    for name in FAN_OUT:
        assert any(_unbound(level) for level in _levels(ALL[name].sqlite)), name


# -- the schema -------------------------------------------------------------------------------------

# What Citus demands of a table that is distributed, in the words of its own messages. Each stand-in knows
# only what was laid out before it, as Citus does.
STAND_INS = """
CREATE SCHEMA stand_in;
SET search_path TO stand_in, public;
CREATE TABLE pg_dist_partition (logicalrelid regclass, column_name text, beside text);
CREATE FUNCTION create_reference_table(placed text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_constraint c WHERE c.contype = 'f' AND c.conrelid = placed::regclass) THEN
        RAISE 'foreign keys from reference tables to distributed tables are not supported: %', placed;
    END IF;
    INSERT INTO pg_dist_partition VALUES (placed, NULL, NULL);
END $$;
CREATE FUNCTION create_distributed_table(placed text, own_column text, colocate_with text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_index i WHERE i.indrelid = placed::regclass AND i.indisunique
        AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = i.indrelid
        AND a.attnum = ANY (i.indkey::int[]) AND a.attname = own_column)) THEN
        RAISE 'cannot create constraint on "%": a unique key without the distribution column', placed;
    END IF;
    IF EXISTS (SELECT FROM pg_constraint c LEFT JOIN pg_dist_partition d ON d.logicalrelid = c.confrelid
        WHERE c.contype = 'f' AND c.conrelid = placed::regclass AND (d.logicalrelid IS NULL
        OR (d.column_name IS NOT NULL AND NOT EXISTS (
            SELECT FROM unnest(c.conkey, c.confkey) AS pair (own, target)
            JOIN pg_attribute o ON o.attrelid = c.conrelid AND o.attnum = pair.own
            JOIN pg_attribute t ON t.attrelid = c.confrelid AND t.attnum = pair.target
            WHERE o.attname = own_column AND t.attname = d.column_name
            AND (d.beside = colocate_with OR c.confrelid = to_regclass(colocate_with)))))) THEN
        RAISE 'cannot create foreign key constraint of "%": not colocated, no reference table', placed;
    END IF;
    IF EXISTS (SELECT FROM pg_constraint c WHERE c.contype = 'f' AND c.confrelid = placed::regclass
        AND c.conrelid IN (SELECT logicalrelid FROM pg_dist_partition)) THEN
        RAISE '"%" is referred to by a table that was distributed before it', placed;
    END IF;
    INSERT INTO pg_dist_partition VALUES (placed, own_column, colocate_with);
END $$;
DO $$ BEGIN
    EXECUTE format('ALTER DATABASE %I SET search_path TO public, stand_in', current_database());
END $$;
"""


async def _prepared(postgres_url: str, open_url: OpenDatabase) -> Database:
    await postgres.execute(postgres_url, STAND_INS)
    return open_url(postgres_url)


async def test_the_whole_schema_is_laid_out_once(postgres_url: str, open_url: OpenDatabase) -> None:
    database = await _prepared(postgres_url, open_url)
    assert await database.write(distribution.lay_out) == list(distribution.TABLES)
    kept = await database.read(lambda tx: tx.rows(distribution._FOREIGN_KEYS))
    keys = [distribution.ForeignKey(*row) for row in kept]
    assert all(key.can_be_kept for key in keys)
    assert {"team_members", "outbox", "sessions"} <= {key.table for key in keys}
    assert not {"directory", "invitation_tokens"} & {key.table for key in keys}
    assert await database.write(distribution.lay_out) == []


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        ("SELECT create_distributed_table('directory', 'name', 'none')", "not colocated"),
        ("SELECT create_distributed_table('teams', 'organization_id', 'organizations')", "not colocated"),
        ("SELECT create_distributed_table('users', 'id', 'none')", "without the distribution column"),
        ("SELECT create_reference_table('teams')", "foreign keys from reference tables"),
    ],
)
async def test_the_stand_ins_refuse_what_citus_refuses(
    postgres_url: str, open_url: OpenDatabase, statement: str, refusal: str
) -> None:
    await _prepared(postgres_url, open_url)
    with pytest.raises(Exception, match=refusal):
        await postgres.execute(postgres_url, statement)


async def test_a_table_without_a_place_is_named_and_nothing_is_changed(
    postgres_url: str, open_url: OpenDatabase
) -> None:
    database = await _prepared(postgres_url, open_url)
    await postgres.execute(postgres_url, "CREATE TABLE homeless (id TEXT)")
    with pytest.raises(NotDistributable, match="no place for homeless"):
        await database.write(distribution.lay_out)
    assert await database.read(lambda tx: tx.rows(distribution._LAID_OUT)) == []


async def test_a_database_in_use_is_not_laid_out(postgres_url: str, open_url: OpenDatabase) -> None:
    database = await _prepared(postgres_url, open_url)
    await database.write(plant)
    with pytest.raises(NotDistributable, match="antechamber copy"):
        await database.write(distribution.lay_out)


async def test_without_citus_nothing_is_done(postgres_url: str, open_url: OpenDatabase) -> None:
    with pytest.raises(NotDistributable, match="CREATE EXTENSION citus"):
        await open_url(postgres_url).read(distribution.require_citus)


def test_reference_tables_come_first_and_dropped_keys_before_what_they_hinder() -> None:
    keys = [
        distribution.ForeignKey("a_fkey", "directory", "organizations"),
        distribution.ForeignKey("b_fkey", "teams", "organizations"),
    ]
    assert distribution.commands(("users", "organizations", "teams", "directory"), keys) == [
        "SET LOCAL citus.multi_shard_modify_mode TO 'sequential'",
        "ALTER TABLE directory DROP CONSTRAINT a_fkey",
        "SELECT create_reference_table('users')",
        "SELECT create_distributed_table('organizations', 'id', colocate_with => 'none')",
        "SELECT create_distributed_table('teams', 'organization_id', colocate_with => 'organizations')",
        "SELECT create_distributed_table('directory', 'name', colocate_with => 'none')",
    ]


# -- what the dropped foreign keys would have done (INV-9) -------------------------------------------


async def _invite(tx: Transaction, world: World, project_id: str | None, number: int) -> Invitation:
    invitation = Invitation(
        id=tx.new_id(),
        organization_id=world.organization.id,
        project_id=project_id,
        from_project=False,
        user_id=world.member.id,
        username=f"guest{number}@acme.example",
        inviter=world.owner.username,
        state=State.PENDING,
        roles=("GROUP_OWNER" if project_id else "ORG_MEMBER",),
        team_ids=(),
        project_roles=(),
        created_at=tx.now,
        expires_at=tx.now,
    )
    assert await invitations.insert(tx, invitation)
    fingerprint = f"{invitation.id:>32}".encode()
    await invitation_tokens.insert(tx, fingerprint, invitation.organization_id, invitation.id)
    ticket = Statement(
        """INSERT INTO invitation_tickets (fingerprint, organization_id, invitation_id, expires_at)
        VALUES (:fingerprint, :organization_id, :invitation_id, 0)"""
    )
    of = {"organization_id": invitation.organization_id, "invitation_id": invitation.id}
    await tx.run(ticket, fingerprint=fingerprint, **of)
    return invitation


async def _count(database: Database, table: str) -> int:
    row = await database.read(lambda tx: tx.row(Statement(f"SELECT count(*) FROM {table}")))
    assert row is not None
    return int(row[0])


async def test_inv09_without_the_dropped_foreign_keys_a_deletion_leaves_nothing_either(
    postgres_url: str, open_url: OpenDatabase
) -> None:
    database = await _prepared(postgres_url, open_url)
    await database.write(distribution.lay_out)
    world = await database.write(plant)
    await database.write(lambda tx: plant(tx, "Umbrella"))

    async def invite_many(tx: Transaction) -> None:
        for number in range(150):
            await _invite(tx, world, world.project.id, number)
        await _invite(tx, world, None, 150)

    await database.write(invite_many)
    names = await _count(database, "directory")
    await database.write(lambda tx: projects.delete(tx, world.project))
    for table in ("invitations", "invitation_tokens", "invitation_tickets"):
        assert await _count(database, table) == 1, table
    assert await _count(database, "directory") == names - 1
    await database.write(lambda tx: organizations.delete(tx, world.organization.id))
    for table in ("invitations", "invitation_tokens", "invitation_tickets"):
        assert await _count(database, table) == 0, table
    assert await _count(database, "directory") == names // 2
    assert await _count(database, "memberships") == 2
