"""Rows of teams and of their members."""

from datetime import datetime

from antechamber.domain.paging import Page, PageRequest
from antechamber.domain.teams import Team
from antechamber.storage.database import Row, Statement, Transaction
from antechamber.storage.rows import instant, seconds

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
