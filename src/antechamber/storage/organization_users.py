"""People of organizations and of their projects as the users API shows them: members and the invited.

One statement reads a page: members and invitations are merged by username in the database, and what
stands in other tables comes along as words. Every part of it names the organization by itself, so that a
distributed database finds the one shard without having to infer it.
"""

from collections.abc import Awaitable, Callable, Iterable
from functools import cache
from typing import Any, NamedTuple

from antechamber.domain import roles, usernames
from antechamber.domain.invitations import Invitation, ProjectRole, State
from antechamber.domain.paging import Page, PageRequest
from antechamber.domain.roles import ORG_OWNER, ORG_READ_ONLY
from antechamber.domain.teams import Team
from antechamber.domain.users import OrganizationUser, ProjectUser, Status, User, invited
from antechamber.storage import events
from antechamber.storage.database import Row, Statement, Transaction
from antechamber.storage.pages import Listing, listing, page_of
from antechamber.storage.rows import instant, seconds

_MEMBER_COLUMNS = """m.username_key AS username_key, m.user_id AS user_id, u.username AS username,
    m.roles AS roles,
    (SELECT string_agg(t.team_id, ' ' ORDER BY t.team_id) FROM team_members t
    WHERE t.organization_id = :organization_id AND t.user_id = m.user_id) AS team_ids,
    (SELECT string_agg(p.project_id || ':' || replace(p.roles, ' ', ','), ' ' ORDER BY p.project_id)
    FROM project_roles p WHERE p.organization_id = :organization_id AND p.principal_id = m.user_id)
    AS project_roles, u.created_at AS created_at, u.first_name AS first_name, u.last_name AS last_name,
    u.country AS country, u.mobile_number AS mobile_number, u.last_auth_at AS last_auth_at,
    NULL AS invitation_id, NULL AS inviter, NULL AS state,
    CAST(NULL AS BIGINT) AS expires_at"""
_INVITED_COLUMNS = """i.username_key AS username_key, i.user_id AS user_id, i.username AS username,
    i.roles AS roles, i.team_ids AS team_ids, i.project_roles AS project_roles, i.created_at AS created_at,
    NULL AS first_name, NULL AS last_name, NULL AS country, NULL AS mobile_number,
    CAST(NULL AS BIGINT) AS last_auth_at, i.id AS invitation_id, i.inviter AS inviter, i.state AS state,
    i.expires_at AS expires_at"""
_MEMBERS = "memberships m JOIN users u ON u.id = m.user_id"
_OF_MEMBERS = "m.organization_id = :organization_id"
# Hidden halves of project invitations are nobody's business, and a member is shown as a member.
_OF_INVITATIONS = """i.organization_id = :organization_id AND i.scope_id = :organization_id
    AND i.from_project = 0 AND NOT EXISTS (SELECT 1 FROM memberships m
    WHERE m.organization_id = :organization_id AND m.user_id = i.user_id)"""
_STATES = {
    Status.PENDING: "(i.state = 'pending' AND i.expires_at > :now)",
    Status.INVITATION_EXPIRED: "(i.state = 'expired' OR (i.state = 'pending' AND i.expires_at <= :now))",
    Status.INVITATION_REJECTED: "i.state = 'rejected'",
}
_LATEST = """NOT EXISTS (SELECT 1 FROM invitations later WHERE later.organization_id = :organization_id
    AND later.user_id = i.user_id AND later.scope_id = i.scope_id AND later.from_project = 0
    AND (later.created_at > i.created_at OR (later.created_at = i.created_at AND later.id > i.id)))"""
# The same, from the index that lists by address.
_LATEST_OF_ADDRESS = _LATEST.replace("user_id", "username_key")

_TEAM_ROLES_OF_MEMBER = """(SELECT string_agg(tp.roles, ' ' ORDER BY tp.team_id) FROM team_members t
    JOIN team_projects tp ON tp.organization_id = t.organization_id AND tp.team_id = t.team_id
    WHERE t.organization_id = :organization_id AND t.user_id = m.user_id AND tp.project_id = :project_id)"""
_TEAM_ROLES_OF_INVITED = """(SELECT string_agg(tp.roles, ' ' ORDER BY tp.team_id) FROM team_projects tp
    WHERE tp.organization_id = :organization_id AND tp.project_id = :project_id
    AND i.team_ids LIKE '%' || tp.team_id || '%')"""
_CARRIED_ON_PROJECT = "i.project_roles LIKE '%' || :project_id || ':%'"
_HELD_ON_PROJECT = """EXISTS (SELECT 1 FROM project_roles r WHERE r.organization_id = :organization_id
    AND r.principal_id = m.user_id AND r.project_id = :project_id)"""
_SEATED = """EXISTS (SELECT 1 FROM team_members s WHERE s.organization_id = :organization_id
    AND s.team_id = :team_id AND s.user_id = m.user_id)"""
_CARRYING_TEAM = "i.team_ids LIKE '%' || :team_id || '%'"


_NEXT_EXPIRY = Statement(
    """SELECT min(expires_at) FROM invitations WHERE organization_id = :organization_id
    AND state = 'pending' AND expires_at > :now"""
)
# Fewer are counted faster than it is found out whether they must be.
_MANY = 1_000
_REMEMBERED_SECONDS = 600


class _Counted(NamedTuple):
    """A count: when, until when at the latest, and how many events the trail had then."""

    total: int
    at: int
    until: int
    events: int


def _reaching_all_projects(column: str) -> str:
    """Return the condition for organization roles that imply project roles (domain.roles)."""
    one_of = (f"' ' || {column} || ' ' LIKE '% {role} %'" for role in (ORG_OWNER, ORG_READ_ONLY))
    return f"({' OR '.join(one_of)})"


def _statements(
    statuses: frozenset[Status],
    *,
    of_members: Iterable[str] = (),
    of_invited: Iterable[str] = (),
    more_columns: tuple[str, str] = ("", ""),
    one: bool = False,
) -> tuple[Listing, Statement]:
    """Return the statements for a page and for the number of all; with `one`, those for one person.

    of_members, of_invited: conditions besides those of the organization and the statuses. more_columns:
    of a member, and the same of somebody invited.
    """
    parts: list[tuple[str, str]] = []
    if Status.ACTIVE in statuses:
        conditions = " AND ".join((_OF_MEMBERS, *of_members))
        parts.append((_MEMBER_COLUMNS + more_columns[0], f"FROM {_MEMBERS} WHERE {conditions}"))
    states = [_STATES[status] for status in sorted(statuses) if status in _STATES]
    if states:
        # A pending one is always the latest.
        latest = () if statuses <= {Status.ACTIVE, Status.PENDING} else (_LATEST,)
        conditions = " AND ".join((_OF_INVITATIONS, f"({' OR '.join(states)})", *latest, *of_invited))
        parts.append((_INVITED_COLUMNS + more_columns[1], f"FROM invitations i WHERE {conditions}"))
    people = " UNION ALL ".join(f"SELECT {columns} {source}" for columns, source in parts)
    counts = " + ".join(f"(SELECT count(*) {source})" for _, source in parts)
    # One person needs no order, for which SQLite would go through everybody who is pending.
    found = Listing(Statement(people), Statement(people)) if one else listing(people, "username_key")
    return found, Statement(f"SELECT {counts}")


@cache
def _of_organization(
    statuses: frozenset[Status], *, by_id: bool = False, by_username: bool = False
) -> tuple[Listing, Statement]:
    conditions = _named(by_id=by_id, by_username=by_username)
    return _statements(statuses, of_members=conditions[0], of_invited=conditions[1], one=by_id)


@cache
def _of_project(
    statuses: frozenset[Status],
    *,
    by_id: bool = False,
    by_username: bool = False,
    through_teams: bool = False,
    implied: bool = False,
) -> tuple[Listing, Statement]:
    of_member, of_invited = [_HELD_ON_PROJECT], [_CARRIED_ON_PROJECT]
    if through_teams:
        of_member.append(f"{_TEAM_ROLES_OF_MEMBER} IS NOT NULL")
        of_invited.append(f"{_TEAM_ROLES_OF_INVITED} IS NOT NULL")
    if implied:
        of_member.append(_reaching_all_projects("m.roles"))
        of_invited.append(_reaching_all_projects("i.roles"))
    named = _named(by_id=by_id, by_username=by_username)
    return _statements(
        statuses,
        of_members=(f"({' OR '.join(of_member)})", *named[0]),
        of_invited=(f"({' OR '.join(of_invited)})", *named[1]),
        more_columns=(
            (f", {_TEAM_ROLES_OF_MEMBER} AS team_roles", f", {_TEAM_ROLES_OF_INVITED} AS team_roles")
            if through_teams
            else ("", "")
        ),
        one=by_id,
    )


@cache
def _of_team(
    statuses: frozenset[Status], *, by_id: bool = False, by_username: bool = False
) -> tuple[Listing, Statement]:
    of_member, of_invited = _named(by_id=by_id, by_username=by_username)
    return _statements(statuses, of_members=(_SEATED, *of_member), of_invited=(_CARRYING_TEAM, *of_invited))


def _named(*, by_id: bool, by_username: bool) -> tuple[list[str], list[str]]:
    of_members, of_invited = [], []
    if by_id:
        of_members.append("m.user_id = :user_id")
        # Ids first, from their index alone: SQLite would read all of the organization's rows instead.
        of_invited.append(
            """i.id IN (SELECT named.id FROM invitations named
            WHERE named.organization_id = :organization_id AND named.user_id = :user_id)"""
        )
    if by_username:
        of_members.append("m.username_key = :username_key")
        of_invited.append("i.username_key = :username_key")
    return of_members, of_invited


async def list_of_organization(
    tx: Transaction,
    organization_id: str,
    page: PageRequest,
    *,
    statuses: frozenset[Status],
    username_key: str | None = None,
) -> Page[OrganizationUser]:
    """Return a page of the people of these statuses, by username."""
    statements = _of_organization(statuses, by_username=username_key is not None)
    rows, total = await _page(
        tx, statements, page, _remembered_count, organization_id=organization_id, username_key=username_key
    )
    return Page([_person(tx, row, organization_id) for row in rows], total, page)


async def search(
    tx: Transaction,
    organization_id: str,
    *,
    statuses: frozenset[Status],
    address: str = "",
    after: str = "",
    size: int,
) -> tuple[list[OrganizationUser], str | None]:
    """Return people of these statuses by username, and where the following page begins, None for the last.

    address: how theirs begins. after: the key of the username that the page before ended with.
    """
    key = usernames.key_of(address)
    rows = await tx.rows(
        _search(statuses, has_place=after > key),
        organization_id=organization_id,
        now=seconds(tx.now),
        begin=max(after, key),
        # Every letter of a key is ASCII and comes before this one.
        address_end=key + "\x7f",
        size=size + 1,
    )
    people = [_person(tx, row, organization_id) for row in rows[:size]]
    return people, rows[size - 1][0] if len(rows) > size else None


@cache
def _search(statuses: frozenset[Status], *, has_place: bool) -> Statement:
    parts = []
    # One lower bound, not two: SQLite would begin to walk at the wrong one.
    begin = ">" if has_place else ">="
    if Status.ACTIVE in statuses:
        parts.append(
            f"""SELECT {_MEMBER_COLUMNS} FROM {_MEMBERS} WHERE {_OF_MEMBERS} AND m.username_key {begin} :begin
            AND m.username_key < :address_end
            ORDER BY m.username_key LIMIT :size"""
        )
    states = [_STATES[status] for status in sorted(statuses) if status in _STATES]
    if states:
        latest = "" if statuses <= {Status.ACTIVE, Status.PENDING} else f" AND {_LATEST_OF_ADDRESS}"
        # Found by an index that holds the state, so that the few who are wanted are not looked for in rows.
        parts.append(
            f"""SELECT {_INVITED_COLUMNS} FROM (SELECT i.id AS id FROM invitations i
            WHERE i.organization_id = :organization_id AND i.scope_id = :organization_id
            AND i.from_project = 0 AND i.username_key {begin} :begin
            AND i.username_key < :address_end AND ({" OR ".join(states)})
            AND NOT EXISTS (SELECT 1 FROM memberships m
            WHERE m.organization_id = :organization_id AND m.username_key = i.username_key){latest}
            ORDER BY i.username_key, i.id LIMIT :size) AS chosen
            CROSS JOIN invitations i WHERE i.organization_id = :organization_id AND i.id = chosen.id"""
        )
    together = " UNION ALL ".join(f"SELECT * FROM ({part}) AS part_{n}" for n, part in enumerate(parts))
    return Statement(f"{together} ORDER BY username_key LIMIT :size")


async def list_of_team(
    tx: Transaction,
    team: Team,
    page: PageRequest,
    *,
    statuses: frozenset[Status],
    username_key: str | None = None,
    user_id: str | None = None,
) -> Page[OrganizationUser]:
    """Return a page of the team's people of these statuses, by username."""
    statements = _of_team(statuses, by_id=user_id is not None, by_username=username_key is not None)
    rows, total = await _page(
        tx,
        statements,
        page,
        organization_id=team.organization_id,
        team_id=team.id,
        username_key=username_key,
        user_id=user_id,
    )
    return Page([_person(tx, row, team.organization_id) for row in rows], total, page)


async def find(
    tx: Transaction, organization_id: str, user_id: str, *, statuses: frozenset[Status]
) -> OrganizationUser | None:
    """Return the person if the organization has them in one of these statuses, else None."""
    statement, _ = _of_organization(statuses, by_id=True)
    row = await _first(tx, statement, organization_id=organization_id, user_id=user_id)
    return _person(tx, row, organization_id) if row else None


async def list_of_project(
    tx: Transaction,
    organization_id: str,
    project_id: str,
    page: PageRequest,
    *,
    statuses: frozenset[Status],
    username_key: str | None = None,
    through_teams: bool = False,
    implied: bool = False,
) -> Page[ProjectUser]:
    """Return a page of the people of these statuses with direct roles on the project, by username.

    through_teams: also those whose teams have roles there. implied: also those whose organization role
    reaches every project. Their roles are what was asked for together.
    """
    statements = _of_project(
        statuses, by_username=username_key is not None, through_teams=through_teams, implied=implied
    )
    rows, total = await _page(
        tx,
        statements,
        page,
        organization_id=organization_id,
        project_id=project_id,
        username_key=username_key,
    )
    found: list[ProjectUser] = []
    for row in rows:
        person = _person(tx, row, organization_id)
        effective = roles.effective_project_roles(
            person.roles_on(project_id),
            through_teams=(row[16] or "").split() if through_teams else (),
            organization_roles=person.roles if implied else (),
        )
        found.append(ProjectUser(person, effective))
    return Page(found, total, page)


async def find_in_project(
    tx: Transaction, organization_id: str, project_id: str, user_id: str, *, statuses: frozenset[Status]
) -> ProjectUser | None:
    """Return the person if they have direct roles on the project in one of these statuses, else None."""
    statement, _ = _of_project(statuses, by_id=True)
    row = await _first(tx, statement, organization_id=organization_id, project_id=project_id, user_id=user_id)
    if row is None:
        return None
    person = _person(tx, row, organization_id)
    return ProjectUser(person, person.roles_on(project_id))


async def _page(
    tx: Transaction,
    statements: tuple[Listing, Statement],
    page: PageRequest,
    count: Callable[[Transaction, Statement, dict[str, Any]], Awaitable[int]] | None = None,
    **values: str | None,
) -> tuple[list[Row], int]:
    found, counting = statements
    every = {**values, "now": seconds(tx.now)}
    total = await (count or _count)(tx, counting, every)
    return await page_of(tx, found, page, total, **every), total


async def _count(tx: Transaction, counting: Statement, values: dict[str, Any]) -> int:
    row = await tx.row(counting, **values)
    return int(row[0]) if row else 0


async def _remembered_count(tx: Transaction, counting: Statement, values: dict[str, Any]) -> int:
    """Return how many people an organization has.

    Counting 100,000 takes 40 ms, so it is not done again while nothing has come to pass: everybody who is
    invited, comes or goes leaves an event in the organization's trail in the same transaction (INV-18), and
    with time alone only invitations change, when they expire.
    """
    organization_id, now = values["organization_id"], values["now"]
    key = (counting, *(value for name, value in values.items() if name != "now"))
    known: _Counted | None = tx.memory.get(key)
    if (
        known is not None
        and known.at <= now < known.until
        and await events.count_since(tx, organization_id, known.at - events.SETTLED_SECONDS) == known.events
    ):
        return known.total
    total = await _count(tx, counting, values)
    if total >= _MANY:
        row = await tx.row(_NEXT_EXPIRY, organization_id=organization_id, now=now)
        expiry = row[0] if row and row[0] is not None else now + _REMEMBERED_SECONDS
        seen = await events.count_since(tx, organization_id, now - events.SETTLED_SECONDS)
        if len(tx.memory) >= events.MOST_REMEMBERED:
            tx.memory.clear()
        tx.memory[key] = _Counted(total, now, min(expiry, now + _REMEMBERED_SECONDS), seen)
    return total


async def _first(tx: Transaction, found: Listing, **values: str) -> Row | None:
    return await tx.row(found.forwards, **values, now=seconds(tx.now))


def _project_roles(words: str | None) -> tuple[ProjectRole, ...]:
    """Return what "project:role" or "project:role,role" says."""
    found: list[ProjectRole] = []
    for word in (words or "").split():
        project_id, _, held = word.partition(":")
        found.extend(ProjectRole(project_id, role) for role in held.split(","))
    return tuple(found)


def _person(tx: Transaction, row: Row, organization_id: str) -> OrganizationUser:
    _, user_id, username, held, team_ids, project_roles, created_at, *rest = row
    first_name, last_name, country, mobile_number, last_auth_at = rest[:5]
    invitation_id, inviter, state, expires_at = rest[5:9]
    if invitation_id is not None:
        invitation = Invitation(
            invitation_id,
            organization_id,
            None,
            False,
            user_id,
            username,
            inviter,
            State(state),
            tuple(held.split()),
            tuple(team_ids.split()),
            _project_roles(project_roles),
            instant(created_at),
            instant(expires_at),
        )
        return invited(invitation, tx.now)
    account = User(
        id=user_id,
        username=username,
        created_at=instant(created_at),
        first_name=first_name,
        last_name=last_name,
        country=country,
        last_auth_at=None if last_auth_at is None else instant(last_auth_at),
        mobile_number=mobile_number,
    )
    return OrganizationUser(
        id=user_id,
        username=username,
        status=Status.ACTIVE,
        roles=tuple(held.split()),
        team_ids=tuple((team_ids or "").split()),
        project_roles=_project_roles(project_roles),
        account=account,
    )
