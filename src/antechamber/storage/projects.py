"""Rows of projects and of direct project roles."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime

from antechamber.domain.callers import CallerKind
from antechamber.domain.paging import Page, PageRequest
from antechamber.domain.project_settings import ProjectSettings
from antechamber.domain.projects import Project, Tag
from antechamber.storage import directory, invitation_tokens, limits
from antechamber.storage.database import Row, Statement, Transaction
from antechamber.storage.rows import instant, seconds, words

_COLUMNS = "p.id, p.organization_id, p.name, p.created_at, p.tags, p.with_default_alerts_settings"

_INSERT = Statement(
    """INSERT INTO projects (organization_id, id, name, created_at, tags, with_default_alerts_settings)
    VALUES (:organization_id, :id, :name, :created_at, :tags, :with_default_alerts_settings)
    ON CONFLICT DO NOTHING"""
)
_FIND = Statement(
    f"SELECT {_COLUMNS} FROM projects p WHERE p.organization_id = :organization_id AND p.id = :id"
)
_FIND_WITH_ROLES = Statement(
    f"""SELECT {_COLUMNS}, r.roles FROM projects p LEFT JOIN project_roles r
    ON r.organization_id = p.organization_id AND r.project_id = p.id AND r.principal_id = :principal_id
    WHERE p.organization_id = :organization_id AND p.id = :id"""
)
_FIND_BY_NAME = Statement(
    f"SELECT {_COLUMNS} FROM projects p WHERE p.organization_id = :organization_id AND p.name = :name"
)
_LIST = Statement(
    f"""SELECT {_COLUMNS} FROM projects p WHERE p.organization_id = :organization_id
    ORDER BY p.name LIMIT :size OFFSET :skip"""
)
_COUNT = Statement("SELECT count(*) FROM projects p WHERE p.organization_id = :organization_id")
_LIST_OF_PRINCIPAL = Statement(
    f"""SELECT {_COLUMNS} FROM projects p JOIN project_roles r
    ON r.organization_id = p.organization_id AND r.project_id = p.id
    WHERE r.organization_id = :organization_id AND r.principal_id = :principal_id
    ORDER BY p.name LIMIT :size OFFSET :skip"""
)
_COUNT_OF_PRINCIPAL = Statement(
    """SELECT count(*) FROM project_roles
    WHERE organization_id = :organization_id AND principal_id = :principal_id"""
)
_UPDATE = Statement(
    """UPDATE projects SET name = :name, tags = :tags,
    with_default_alerts_settings = :with_default_alerts_settings
    WHERE organization_id = :organization_id AND id = :id"""
)
_NAME_TAKEN = Statement(
    """SELECT 1 FROM projects
    WHERE organization_id = :organization_id AND name = :name AND id <> :id"""
)
_DELETE = Statement("DELETE FROM projects WHERE organization_id = :organization_id AND id = :id")
_SETTINGS = Statement("SELECT settings FROM projects WHERE organization_id = :organization_id AND id = :id")
_KEEP_SETTINGS = Statement(
    "UPDATE projects SET settings = :settings WHERE organization_id = :organization_id AND id = :id"
)
_GRANT = Statement(
    """INSERT INTO project_roles
    (organization_id, principal_id, project_id, principal_kind, roles, created_at)
    VALUES (:organization_id, :principal_id, :project_id, :principal_kind, :roles, :created_at)
    ON CONFLICT (organization_id, principal_id, project_id) DO UPDATE SET roles = excluded.roles"""
)
_REVOKE = Statement(
    """DELETE FROM project_roles WHERE organization_id = :organization_id
    AND principal_id = :principal_id AND project_id = :project_id"""
)
_REVOKE_ALL = Statement(
    """DELETE FROM project_roles
    WHERE organization_id = :organization_id AND principal_id = :principal_id"""
)
_ROLES = Statement(
    """SELECT roles FROM project_roles WHERE organization_id = :organization_id
    AND principal_id = :principal_id AND project_id = :project_id"""
)
_ROLES_OF_PRINCIPAL = Statement(
    """SELECT project_id, roles FROM project_roles
    WHERE organization_id = :organization_id AND principal_id = :principal_id ORDER BY project_id"""
)

# What a person's teams may do there is the person's too.
_THROUGH_TEAMS = Statement(
    """SELECT a.roles FROM team_members m JOIN team_projects a
    ON a.organization_id = m.organization_id AND a.team_id = m.team_id
    WHERE m.organization_id = :organization_id AND m.user_id = :user_id AND a.project_id = :project_id"""
)
_IDS_OF_PERSON = """(SELECT r.project_id FROM project_roles r
    WHERE r.organization_id = :organization_id AND r.principal_id = :user_id
    UNION SELECT a.project_id FROM team_members m JOIN team_projects a
    ON a.organization_id = m.organization_id AND a.team_id = m.team_id
    WHERE m.organization_id = :organization_id AND m.user_id = :user_id)"""
_LIST_OF_PERSON = Statement(
    f"""SELECT {_COLUMNS} FROM projects p WHERE p.organization_id = :organization_id
    AND p.id IN {_IDS_OF_PERSON} ORDER BY p.name LIMIT :size OFFSET :skip"""
)
_COUNT_OF_PERSON = Statement(
    f"""SELECT count(*) FROM projects p WHERE p.organization_id = :organization_id
    AND p.id IN {_IDS_OF_PERSON}"""
)
_COUNT_PEOPLE = Statement(
    """SELECT count(*) FROM (SELECT 1 FROM project_roles WHERE organization_id = :organization_id
    AND project_id = :project_id AND principal_kind = 'user' LIMIT :most) AS counted"""
)


_NAMES = Statement("SELECT id, name FROM projects WHERE organization_id = :organization_id")


def _project(row: Row) -> Project:
    tags = tuple(Tag(key, value) for key, value in json.loads(row[4])) if row[4] else ()
    return Project(row[0], row[1], row[2], instant(row[3]), tags, bool(row[5]))


def _tags(project: Project) -> str:
    return json.dumps(project.tags, ensure_ascii=False) if project.tags else ""


async def insert(tx: Transaction, project: Project) -> bool:
    """Keep a new project; return False when its name or id is taken."""
    if not await directory.insert(tx, directory.Kind.PROJECT, project.id, project.organization_id):
        return False
    return (
        await tx.run(
            _INSERT,
            organization_id=project.organization_id,
            id=project.id,
            name=project.name,
            created_at=seconds(project.created_at),
            tags=_tags(project),
            with_default_alerts_settings=int(project.with_default_alerts_settings),
        )
        == 1
    )


async def find(tx: Transaction, organization_id: str, id: str) -> Project | None:
    """Return the organization's project, or None."""
    row = await tx.row(_FIND, organization_id=organization_id, id=id)
    return _project(row) if row else None


async def find_with_roles(
    tx: Transaction, organization_id: str, id: str, principal_id: str
) -> tuple[Project, frozenset[str]] | None:
    """Return the organization's project and the principal's direct roles on it, or None."""
    row = await tx.row(_FIND_WITH_ROLES, organization_id=organization_id, id=id, principal_id=principal_id)
    return (_project(row), frozenset((row[6] or "").split())) if row else None


async def find_by_name(tx: Transaction, organization_id: str, name: str) -> Project | None:
    """Return the organization's project of that name, or None."""
    row = await tx.row(_FIND_BY_NAME, organization_id=organization_id, name=name)
    return _project(row) if row else None


async def list_of_organization(tx: Transaction, organization_id: str, page: PageRequest) -> Page[Project]:
    """Return a page of the organization's projects by name, in byte order."""
    rows = await tx.rows(_LIST, organization_id=organization_id, size=page.size, skip=page.offset)
    return Page([_project(row) for row in rows], await count(tx, organization_id), page)


async def list_of_principal(
    tx: Transaction, organization_id: str, principal_id: str, page: PageRequest
) -> Page[Project]:
    """Return a page of the projects on which the principal has direct roles, by name, in byte order."""
    of = {"organization_id": organization_id, "principal_id": principal_id}
    rows = await tx.rows(_LIST_OF_PRINCIPAL, **of, size=page.size, skip=page.offset)
    return Page([_project(row) for row in rows], await count_of_principal(tx, **of), page)


async def list_of_person(
    tx: Transaction, organization_id: str, user_id: str, page: PageRequest
) -> Page[Project]:
    """Return a page of the projects on which a person has roles, direct ones or a team's, by name."""
    of = {"organization_id": organization_id, "user_id": user_id}
    rows = await tx.rows(_LIST_OF_PERSON, **of, size=page.size, skip=page.offset)
    total = await tx.row(_COUNT_OF_PERSON, **of)
    return Page([_project(row) for row in rows], total[0] if total else 0, page)


async def roles_through_teams(
    tx: Transaction, organization_id: str, project_id: str, user_id: str
) -> frozenset[str]:
    """Return the roles that a person has on a project because a team has them."""
    of = {"organization_id": organization_id, "project_id": project_id, "user_id": user_id}
    return frozenset(role for row in await tx.rows(_THROUGH_TEAMS, **of) for role in row[0].split())


async def count(tx: Transaction, organization_id: str) -> int:
    """Return how many projects the organization has."""
    row = await tx.row(_COUNT, organization_id=organization_id)
    return int(row[0]) if row else 0


async def is_name_taken(tx: Transaction, project: Project) -> bool:
    """Tell whether another project of the organization has the project's name."""
    return bool(
        await tx.rows(_NAME_TAKEN, organization_id=project.organization_id, name=project.name, id=project.id)
    )


async def update(tx: Transaction, project: Project) -> None:
    """Keep the project's new name, tags and flag."""
    await tx.run(
        _UPDATE,
        organization_id=project.organization_id,
        id=project.id,
        name=project.name,
        tags=_tags(project),
        with_default_alerts_settings=int(project.with_default_alerts_settings),
    )


async def settings(tx: Transaction, project: Project) -> ProjectSettings:
    """Return the project's settings."""
    row = await tx.row(_SETTINGS, organization_id=project.organization_id, id=project.id)
    return ProjectSettings(**json.loads(row[0])) if row and row[0] else ProjectSettings()


async def keep_settings(tx: Transaction, project: Project, settings: ProjectSettings) -> None:
    """Keep the project's new settings."""
    await tx.run(
        _KEEP_SETTINGS,
        organization_id=project.organization_id,
        id=project.id,
        settings=json.dumps(asdict(settings)),
    )


async def delete(tx: Transaction, project: Project) -> None:
    """Remove a project with all that hangs on it (INV-9)."""
    await invitation_tokens.delete_of_project(tx, project.organization_id, project.id)
    await tx.run(_DELETE, organization_id=project.organization_id, id=project.id)
    await limits.reset_all(tx, project.organization_id, project.id)
    await directory.delete(tx, directory.Kind.PROJECT, project.id)


async def grant(
    tx: Transaction,
    organization_id: str,
    project_id: str,
    *,
    kind: CallerKind,
    principal_id: str,
    roles: Sequence[str],
    at: datetime,
) -> None:
    """Give a principal exactly these direct roles on a project."""
    await tx.run(
        _GRANT,
        organization_id=organization_id,
        principal_id=principal_id,
        project_id=project_id,
        principal_kind=kind.value,
        roles=words(roles),
        created_at=seconds(at),
    )


async def grant_many(
    tx: Transaction,
    organization_id: str,
    many: Iterable[tuple[str, CallerKind, str, Sequence[str], datetime]],
) -> None:
    """Give principals roles, each given by project id, kind, id, roles and time, as for one."""
    await tx.run_many(
        _GRANT,
        [
            {
                "organization_id": organization_id,
                "project_id": project_id,
                "principal_kind": kind.value,
                "principal_id": principal_id,
                "roles": words(roles),
                "created_at": seconds(at),
            }
            for project_id, kind, principal_id, roles, at in many
        ],
    )


async def revoke(tx: Transaction, organization_id: str, project_id: str, principal_id: str) -> bool:
    """Take a principal's direct roles on a project away; return False when there are none."""
    return (
        await tx.run(
            _REVOKE, organization_id=organization_id, project_id=project_id, principal_id=principal_id
        )
        == 1
    )


async def revoke_all(tx: Transaction, organization_id: str, principal_id: str) -> None:
    """Take a principal's direct roles on all projects away (INV-9)."""
    await tx.run(_REVOKE_ALL, organization_id=organization_id, principal_id=principal_id)


async def direct_roles(
    tx: Transaction, organization_id: str, project_id: str, principal_id: str
) -> tuple[str, ...]:
    """Return the principal's direct roles on the project, empty for none."""
    row = await tx.row(
        _ROLES, organization_id=organization_id, project_id=project_id, principal_id=principal_id
    )
    return tuple(row[0].split()) if row else ()


async def roles_of_principal(
    tx: Transaction, organization_id: str, principal_id: str
) -> dict[str, tuple[str, ...]]:
    """Return the principal's direct roles by project id."""
    rows = await tx.rows(_ROLES_OF_PRINCIPAL, organization_id=organization_id, principal_id=principal_id)
    return {row[0]: tuple(row[1].split()) for row in rows}


async def count_people(tx: Transaction, project: Project, most: int) -> int:
    """Return how many people have direct roles on the project; counting stops at `most`."""
    row = await tx.row(
        _COUNT_PEOPLE, organization_id=project.organization_id, project_id=project.id, most=most
    )
    return int(row[0]) if row else 0


async def count_of_principal(tx: Transaction, organization_id: str, principal_id: str) -> int:
    """Return on how many of the organization's projects the principal has direct roles."""
    row = await tx.row(_COUNT_OF_PRINCIPAL, organization_id=organization_id, principal_id=principal_id)
    return int(row[0]) if row else 0


async def names_of_organization(tx: Transaction, organization_id: str) -> dict[str, str]:
    """Return the names of an organization's projects by id."""
    return {row[0]: row[1] for row in await tx.rows(_NAMES, organization_id=organization_id)}
