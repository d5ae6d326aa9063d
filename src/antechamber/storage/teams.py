"""Rows of teams, of their members, and of the roles they have on projects."""

from collections.abc import Iterable
from datetime import datetime

from antechamber.domain.paging import Page, PageRequest
from antechamber.domain.teams import Team, TeamRoles
from antechamber.storage import limits
from antechamber.storage.database import Row, Statement, Transaction
from antechamber.storage.rows import instant, seconds, words

_COLUMNS = "t.id, t.organization_id, t.name, t.created_at"

_INSERT = Statement(
    """INSERT INTO teams (organization_id, id, name, created_at)
    VALUES (:organization_id, :id, :name, :created_at) ON CONFLICT DO NOTHING"""
)
_FIND = Statement(f"SELECT {_COLUMNS} FROM teams t WHERE t.organization_id = :organization_id AND t.id = :id")
_FIND_BY_NAME = Statement(
    f"SELECT {_COLUMNS} FROM teams t WHERE t.organization_id = :organization_id AND t.name = :name"
)
_LIST = Statement(
    f"""SELECT {_COLUMNS} FROM teams t WHERE t.organization_id = :organization_id
    ORDER BY t.name LIMIT :size OFFSET :skip"""
)
_COUNT = Statement("SELECT count(*) FROM teams WHERE organization_id = :organization_id")
_ADD_MEMBER = Statement(
    """INSERT INTO team_members (organization_id, team_id, user_id, created_at)
    VALUES (:organization_id, :team_id, :user_id, :created_at) ON CONFLICT DO NOTHING"""
)
_RENAME = Statement("UPDATE teams SET name = :name WHERE organization_id = :organization_id AND id = :id")
_DELETE = Statement("DELETE FROM teams WHERE organization_id = :organization_id AND id = :id")
_MEMBERS = Statement(
    """SELECT u.id, u.username FROM team_members m JOIN users u ON u.id = m.user_id
    WHERE m.organization_id = :organization_id AND m.team_id = :team_id ORDER BY u.username_key"""
)
_IS_MEMBER = Statement(
    """SELECT 1 FROM team_members
    WHERE organization_id = :organization_id AND team_id = :team_id AND user_id = :user_id"""
)
_COUNT_MEMBERS = Statement(
    "SELECT count(*) FROM team_members WHERE organization_id = :organization_id AND team_id = :team_id"
)
_REMOVE_MEMBER = Statement(
    """DELETE FROM team_members
    WHERE organization_id = :organization_id AND team_id = :team_id AND user_id = :user_id"""
)
_ASSIGN = Statement(
    """INSERT INTO team_projects (organization_id, project_id, team_id, roles, created_at)
    VALUES (:organization_id, :project_id, :team_id, :roles, :created_at) ON CONFLICT DO NOTHING"""
)
_FIND_ROLES = Statement(
    """SELECT project_id, team_id, roles FROM team_projects
    WHERE organization_id = :organization_id AND project_id = :project_id AND team_id = :team_id"""
)
_LIST_OF_PROJECT = Statement(
    """SELECT a.project_id, a.team_id, a.roles FROM team_projects a
    JOIN teams t ON t.organization_id = a.organization_id AND t.id = a.team_id
    WHERE a.organization_id = :organization_id AND a.project_id = :project_id
    ORDER BY t.name LIMIT :size OFFSET :skip"""
)
_LIST_OF_TEAM = Statement(
    """SELECT a.project_id, a.team_id, a.roles FROM team_projects a
    WHERE a.organization_id = :organization_id AND a.team_id = :team_id ORDER BY a.project_id"""
)
_COUNT_OF_PROJECT = Statement(
    """SELECT count(*) FROM team_projects
    WHERE organization_id = :organization_id AND project_id = :project_id"""
)
_IS_ASSIGNED = Statement(
    "SELECT 1 FROM team_projects WHERE organization_id = :organization_id AND team_id = :team_id LIMIT 1"
)
_CHANGE_ROLES = Statement(
    """UPDATE team_projects SET roles = :roles
    WHERE organization_id = :organization_id AND project_id = :project_id AND team_id = :team_id"""
)
_UNASSIGN = Statement(
    """DELETE FROM team_projects
    WHERE organization_id = :organization_id AND project_id = :project_id AND team_id = :team_id"""
)


def _team(row: Row) -> Team:
    return Team(row[0], row[1], row[2], instant(row[3]))


async def insert(tx: Transaction, team: Team) -> bool:
    """Keep a new team; return False when its name or id is taken."""
    return (
        await tx.run(
            _INSERT,
            organization_id=team.organization_id,
            id=team.id,
            name=team.name,
            created_at=seconds(team.created_at),
        )
        == 1
    )


async def find(tx: Transaction, organization_id: str, id: str) -> Team | None:
    """Return the organization's team, or None."""
    row = await tx.row(_FIND, organization_id=organization_id, id=id)
    return _team(row) if row else None


async def find_by_name(tx: Transaction, organization_id: str, name: str) -> Team | None:
    """Return the organization's team of that name, or None."""
    row = await tx.row(_FIND_BY_NAME, organization_id=organization_id, name=name)
    return _team(row) if row else None


async def list_of_organization(tx: Transaction, organization_id: str, page: PageRequest) -> Page[Team]:
    """Return a page of the organization's teams by name, in byte order."""
    rows = await tx.rows(_LIST, organization_id=organization_id, size=page.size, skip=page.offset)
    return Page([_team(row) for row in rows], await count(tx, organization_id), page)


async def count(tx: Transaction, organization_id: str) -> int:
    """Return how many teams the organization has."""
    row = await tx.row(_COUNT, organization_id=organization_id)
    return int(row[0]) if row else 0


async def add_member(tx: Transaction, team: Team, user_id: str, at: datetime) -> bool:
    """Seat a member of the organization in the team; return False for one who sits there already."""
    return (
        await tx.run(
            _ADD_MEMBER,
            organization_id=team.organization_id,
            team_id=team.id,
            user_id=user_id,
            created_at=seconds(at),
        )
        == 1
    )


async def add_member_many(
    tx: Transaction, organization_id: str, many: Iterable[tuple[str, str, datetime]]
) -> None:
    """Seat members, each given by team id, user id and time, as for one."""
    await tx.run_many(
        _ADD_MEMBER,
        [
            {
                "organization_id": organization_id,
                "team_id": team_id,
                "user_id": user_id,
                "created_at": seconds(at),
            }
            for team_id, user_id, at in many
        ],
    )


async def rename(tx: Transaction, team: Team) -> None:
    """Keep the team's new name, which no other team of the organization has."""
    await tx.run(_RENAME, organization_id=team.organization_id, id=team.id, name=team.name)


async def delete(tx: Transaction, team: Team) -> None:
    """Remove a team with all that hangs on it (INV-9)."""
    await tx.run(_DELETE, organization_id=team.organization_id, id=team.id)
    await limits.reset_all(tx, team.organization_id, team.id)


async def members(tx: Transaction, team: Team) -> list[tuple[str, str]]:
    """Return the id and the username of everybody who sits in the team, by username."""
    rows = await tx.rows(_MEMBERS, organization_id=team.organization_id, team_id=team.id)
    return [(row[0], row[1]) for row in rows]


async def is_member(tx: Transaction, team: Team, user_id: str) -> bool:
    """Tell whether the user sits in the team."""
    of = {"organization_id": team.organization_id, "team_id": team.id}
    return await tx.row(_IS_MEMBER, **of, user_id=user_id) is not None


async def count_members(tx: Transaction, team: Team) -> int:
    """Return how many people sit in the team."""
    row = await tx.row(_COUNT_MEMBERS, organization_id=team.organization_id, team_id=team.id)
    return int(row[0]) if row else 0


async def remove_member(tx: Transaction, team: Team, user_id: str) -> bool:
    """Take a person's seat; return False for one who has none."""
    of = {"organization_id": team.organization_id, "team_id": team.id}
    return await tx.run(_REMOVE_MEMBER, **of, user_id=user_id) == 1


async def assign(tx: Transaction, organization_id: str, assigned: TeamRoles, at: datetime) -> bool:
    """Give a team roles on a project; return False when it has some there already."""
    return (
        await tx.run(
            _ASSIGN,
            organization_id=organization_id,
            project_id=assigned.project_id,
            team_id=assigned.team_id,
            roles=words(assigned.roles),
            created_at=seconds(at),
        )
        == 1
    )


async def find_roles(
    tx: Transaction, organization_id: str, project_id: str, team_id: str
) -> TeamRoles | None:
    """Return the roles that the team has on the project, None for a team that is not assigned."""
    row = await tx.row(_FIND_ROLES, organization_id=organization_id, project_id=project_id, team_id=team_id)
    return _team_roles(row) if row else None


async def list_of_project(
    tx: Transaction, organization_id: str, project_id: str, page: PageRequest
) -> Page[TeamRoles]:
    """Return a page of the teams of a project with their roles, by team name, in byte order."""
    of = {"organization_id": organization_id, "project_id": project_id}
    rows = await tx.rows(_LIST_OF_PROJECT, **of, size=page.size, skip=page.offset)
    total = await count_of_project(tx, organization_id, project_id)
    return Page([_team_roles(row) for row in rows], total, page)


async def list_of_team(tx: Transaction, team: Team) -> list[TeamRoles]:
    """Return the roles that the team has on projects, by project id."""
    rows = await tx.rows(_LIST_OF_TEAM, organization_id=team.organization_id, team_id=team.id)
    return [_team_roles(row) for row in rows]


async def count_of_project(tx: Transaction, organization_id: str, project_id: str) -> int:
    """Return how many teams have roles on the project."""
    row = await tx.row(_COUNT_OF_PROJECT, organization_id=organization_id, project_id=project_id)
    return int(row[0]) if row else 0


async def is_assigned(tx: Transaction, team: Team) -> bool:
    """Tell whether the team has roles on any project."""
    return await tx.row(_IS_ASSIGNED, organization_id=team.organization_id, team_id=team.id) is not None


async def change_roles(tx: Transaction, organization_id: str, assigned: TeamRoles) -> bool:
    """Replace the team's roles on the project; return False for a team that is not assigned."""
    return (
        await tx.run(
            _CHANGE_ROLES,
            organization_id=organization_id,
            project_id=assigned.project_id,
            team_id=assigned.team_id,
            roles=words(assigned.roles),
        )
        == 1
    )


async def unassign(tx: Transaction, organization_id: str, project_id: str, team_id: str) -> bool:
    """Take the team's roles on the project away; return False for a team that is not assigned."""
    return (
        await tx.run(_UNASSIGN, organization_id=organization_id, project_id=project_id, team_id=team_id) == 1
    )


def _team_roles(row: Row) -> TeamRoles:
    return TeamRoles(row[0], row[1], tuple(row[2].split()))
