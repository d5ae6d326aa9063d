"""Rows of programmatic API keys."""

from antechamber.domain.api_keys import ApiKey
from antechamber.domain.credentials import KeptApiKey
from antechamber.domain.invitations import ProjectRole
from antechamber.domain.paging import Page, PageRequest
from antechamber.storage import access_lists, directory, organizations, projects
from antechamber.storage.database import Row, Statement, Transaction
from antechamber.storage.rows import instant, seconds, words

_COLUMNS = """k.id, k.organization_id, k.public_key, k.private_key_tail, k.description, k.roles,
    k.created_at, (SELECT string_agg(r.project_id || ' ' || r.roles, ',') FROM project_roles r
    WHERE r.organization_id = :organization_id AND r.principal_id = k.id)"""

_INSERT = Statement(
    """INSERT INTO api_keys
    (organization_id, id, public_key, private_key_tail, sealed_ha1, description, roles, created_at)
    VALUES (:organization_id, :id, :public_key, :private_key_tail, :sealed_ha1, :description, :roles,
    :created_at) ON CONFLICT DO NOTHING"""
)
_FIND_KEPT = Statement(
    f"""SELECT {organizations.COLUMNS}, k.id, k.sealed_ha1, k.roles,
    (SELECT string_agg(e.cidr_block, ' ') FROM access_list_entries e
    WHERE e.organization_id = :organization_id AND e.principal_id = k.id)
    FROM api_keys k JOIN organizations o ON o.id = k.organization_id
    WHERE k.organization_id = :organization_id AND k.public_key = :public_key"""
)
_FIND = Statement(
    f"SELECT {_COLUMNS} FROM api_keys k WHERE k.organization_id = :organization_id AND k.id = :id"
)
_LIST = Statement(
    f"""SELECT {_COLUMNS} FROM api_keys k WHERE k.organization_id = :organization_id
    ORDER BY k.public_key LIMIT :size OFFSET :skip"""
)
_COUNT = Statement("SELECT count(*) FROM api_keys WHERE organization_id = :organization_id")
_OF_PROJECT = """FROM project_roles g
    JOIN api_keys k ON k.organization_id = g.organization_id AND k.id = g.principal_id
    WHERE g.organization_id = :organization_id AND g.project_id = :project_id"""
_LIST_OF_PROJECT = Statement(
    f"SELECT {_COLUMNS} {_OF_PROJECT} ORDER BY k.public_key LIMIT :size OFFSET :skip"
)
_COUNT_OF_PROJECT = Statement(f"SELECT count(*) {_OF_PROJECT}")
_UPDATE = Statement(
    """UPDATE api_keys SET description = :description, roles = :roles
    WHERE organization_id = :organization_id AND id = :id"""
)
_DELETE = Statement("DELETE FROM api_keys WHERE organization_id = :organization_id AND id = :id")
_HA1 = "ha1"


def _key(row: Row) -> ApiKey:
    assigned = [part.split() for part in sorted((row[7] or "").split(",")) if part]
    return ApiKey(
        row[0],
        row[1],
        row[2],
        row[3],
        row[4],
        tuple(row[5].split()),
        instant(row[6]),
        tuple(ProjectRole(project, role) for project, *roles in assigned for role in roles),
    )


async def insert(tx: Transaction, key: ApiKey, ha1: str) -> bool:
    """Keep a new key; return False when its public half is taken. ha1 is sealed to the row."""
    if not await directory.insert(tx, directory.Kind.API_KEY, key.public_key, key.organization_id):
        return False
    return (
        await tx.run(
            _INSERT,
            organization_id=key.organization_id,
            id=key.id,
            public_key=key.public_key,
            private_key_tail=key.private_key_tail,
            sealed_ha1=tx.sealer.seal(ha1.encode(), row=key.id, column=_HA1),
            description=key.description,
            roles=words(key.roles),
            created_at=seconds(key.created_at),
        )
        == 1
    )


async def find_kept(tx: Transaction, public_key: str) -> KeptApiKey | None:
    """Return what checks an answer made with the key, and what the key may do, or None."""
    # Two reads of one key each, not a join: a distributed database keeps the two tables by different keys.
    organization_id = await directory.find(tx, directory.Kind.API_KEY, public_key)
    if organization_id is None:
        return None
    row = await tx.row(_FIND_KEPT, organization_id=organization_id, public_key=public_key)
    if row is None:
        return None
    return KeptApiKey(
        id=row[6],
        public_key=public_key,
        ha1=tx.sealer.unseal(row[7], row=row[6], column=_HA1).decode(),
        roles=frozenset(row[8].split()),
        organization=organizations.organization(row),
        networks=tuple((row[9] or "").split()),
    )


async def find(tx: Transaction, organization_id: str, id: str) -> ApiKey | None:
    """Return the organization's key, or None."""
    row = await tx.row(_FIND, organization_id=organization_id, id=id)
    return _key(row) if row else None


async def list_of_organization(tx: Transaction, organization_id: str, page: PageRequest) -> Page[ApiKey]:
    """Return a page of the organization's keys, by public key."""
    rows = await tx.rows(_LIST, organization_id=organization_id, size=page.size, skip=page.offset)
    return Page([_key(row) for row in rows], await count(tx, organization_id), page)


async def list_of_project(
    tx: Transaction, organization_id: str, project_id: str, page: PageRequest
) -> Page[ApiKey]:
    """Return a page of the keys with direct roles on the project, by public key."""
    of = {"organization_id": organization_id, "project_id": project_id}
    rows = await tx.rows(_LIST_OF_PROJECT, **of, size=page.size, skip=page.offset)
    total = await tx.row(_COUNT_OF_PROJECT, **of)
    return Page([_key(row) for row in rows], total[0] if total else 0, page)


async def count(tx: Transaction, organization_id: str) -> int:
    """Return how many keys the organization has."""
    row = await tx.row(_COUNT, organization_id=organization_id)
    return int(row[0]) if row else 0


async def update(tx: Transaction, key: ApiKey) -> None:
    """Keep the key's new description and roles on the organization."""
    await tx.run(
        _UPDATE,
        organization_id=key.organization_id,
        id=key.id,
        description=key.description,
        roles=words(key.roles),
    )
    await organizations.authority_changed(tx, key.organization_id)


async def delete(tx: Transaction, key: ApiKey) -> None:
    """Remove a key with its roles on projects and its access list (INV-9)."""
    await projects.revoke_all(tx, key.organization_id, key.id)
    await access_lists.delete_all(tx, key.organization_id, key.id)
    await tx.run(_DELETE, organization_id=key.organization_id, id=key.id)
    await directory.delete(tx, directory.Kind.API_KEY, key.public_key)
    await organizations.authority_changed(tx, key.organization_id)
