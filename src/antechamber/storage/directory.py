"""Which organization a name belongs to that is unique everywhere: project id, public key, client id."""

from enum import StrEnum

from antechamber.storage.database import Statement, Transaction


class Kind(StrEnum):
    """What the name names."""

    PROJECT = "project"
    API_KEY = "api-key"
    SERVICE_ACCOUNT = "service-account"


_INSERT = Statement(
    "INSERT INTO directory (kind, name, organization_id) VALUES (:kind, :name, :organization_id)"
    " ON CONFLICT DO NOTHING"
)
_FIND = Statement("SELECT organization_id FROM directory WHERE kind = :kind AND name = :name")
_DELETE = Statement("DELETE FROM directory WHERE kind = :kind AND name = :name")
_DELETE_OF_ORGANIZATION = Statement("DELETE FROM directory WHERE organization_id = :organization_id")


async def insert(tx: Transaction, kind: Kind, name: str, organization_id: str) -> bool:
    """Enter a name; return False when it is taken."""
    return await tx.run(_INSERT, kind=kind.value, name=name, organization_id=organization_id) == 1


async def find(tx: Transaction, kind: Kind, name: str) -> str | None:
    """Return the id of the organization that the name belongs to."""
    row = await tx.row(_FIND, kind=kind.value, name=name)
    return row[0] if row else None


async def delete(tx: Transaction, kind: Kind, name: str) -> None:
    """Strike a name out."""
    await tx.run(_DELETE, kind=kind.value, name=name)


async def delete_of_organization(tx: Transaction, organization_id: str) -> None:
    """Strike out all names of an organization that goes (INV-9).

    Said and not left to a foreign key: a distributed database has none between these tables.
    """
    await tx.run(_DELETE_OF_ORGANIZATION, organization_id=organization_id)
