"""Rows of organizations."""

import json
import secrets
from dataclasses import asdict, replace

from antechamber.domain.errors import OrganizationNotFound
from antechamber.domain.organization_settings import OrganizationSettings
from antechamber.domain.organizations import Organization
from antechamber.storage import directory, invitation_tokens
from antechamber.storage.database import Row, Statement, Transaction
from antechamber.storage.rows import instant, seconds

# Selected by other nouns too that load the organization in the same read.
COLUMNS = (
    "o.id, o.name, o.created_at, o.skip_default_alerts_settings, o.api_access_list_required,"
    " o.authority_version"
)

_INSERT = Statement(
    """INSERT INTO organizations
    (id, name, created_at, skip_default_alerts_settings, api_access_list_required, language)
    VALUES (:id, :name, :created_at, :skip_default_alerts_settings, :api_access_list_required, :language)
    ON CONFLICT DO NOTHING"""
)
_FIND = Statement(f"SELECT {COLUMNS} FROM organizations o WHERE o.id = :id")
_FIRST = Statement(f"SELECT {COLUMNS} FROM organizations o ORDER BY o.created_at, o.id LIMIT 1")
_LOCK = Statement("SELECT 1 FROM organizations WHERE id = :id {for_update}")
_UPDATE = Statement(
    """UPDATE organizations SET name = :name,
    skip_default_alerts_settings = :skip_default_alerts_settings,
    api_access_list_required = :api_access_list_required,
    authority_version = :authority_version WHERE id = :id"""
)
_DELETE = Statement("DELETE FROM organizations WHERE id = :id")
_SETTINGS = Statement("SELECT settings, api_access_list_required FROM organizations WHERE id = :id")
_KEEP_SETTINGS = Statement(
    """UPDATE organizations SET settings = :settings,
    api_access_list_required = :api_access_list_required,
    authority_version = :authority_version WHERE id = :id"""
)
_LANGUAGE = Statement("SELECT language FROM organizations WHERE id = :id")
_KEEP_LANGUAGE = Statement("UPDATE organizations SET language = :language WHERE id = :id")
_LIST_OF_USER = Statement(
    f"""SELECT {COLUMNS}, m.roles FROM memberships m JOIN organizations o ON o.id = m.organization_id
    WHERE m.user_id = :user_id ORDER BY o.name, o.id LIMIT :most"""
)
_AUTHORITY_VERSION = Statement("SELECT authority_version FROM organizations WHERE id = :id")
_AUTHORITY_CHANGED = Statement(
    "UPDATE organizations SET authority_version = :authority_version WHERE id = :id"
)


def organization(row: Row) -> Organization:
    """Return the value of a row that begins with COLUMNS."""
    return Organization(row[0], row[1], instant(row[2]), bool(row[3]), bool(row[4]), row[5])


def _new_version() -> int:
    # Random, not the next number: what was remembered in a transaction that failed never comes true.
    return secrets.randbits(62)


async def insert(tx: Transaction, organization: Organization, *, language: str = "") -> bool:
    """Keep a new organization; return False when the id is taken.

    language: of its mails, empty for the operator's.
    """
    return (
        await tx.run(
            _INSERT,
            id=organization.id,
            name=organization.name,
            created_at=seconds(organization.created_at),
            skip_default_alerts_settings=int(organization.skip_default_alerts_settings),
            api_access_list_required=int(organization.api_access_list_required),
            language=language,
        )
        == 1
    )


async def find(tx: Transaction, id: str) -> Organization | None:
    """Return the organization, or None."""
    row = await tx.row(_FIND, id=id)
    return organization(row) if row else None


async def find_first(tx: Transaction) -> Organization | None:
    """Return the oldest organization, or None."""
    row = await tx.row(_FIRST)
    return organization(row) if row else None


async def lock(tx: Transaction, id: str) -> None:
    """Make others wait who count or change the same organization, until this transaction ends.

    Raises OrganizationNotFound for one that was deleted meanwhile.
    """
    if not await tx.rows(_LOCK, id=id):
        raise OrganizationNotFound(id)


async def update(tx: Transaction, organization: Organization) -> None:
    """Keep the organization's new name and settings."""
    await tx.run(
        _UPDATE,
        id=organization.id,
        authority_version=_new_version(),
        name=organization.name,
        skip_default_alerts_settings=int(organization.skip_default_alerts_settings),
        api_access_list_required=int(organization.api_access_list_required),
    )


async def delete(tx: Transaction, id: str) -> None:
    """Remove an organization with all that hangs on it (INV-9): its directory and audit trail too."""
    await directory.delete_of_organization(tx, id)
    await invitation_tokens.delete_of_organization(tx, id)
    await tx.run(_DELETE, id=id)


async def settings(tx: Transaction, id: str) -> OrganizationSettings:
    """Return the organization's settings."""
    row = await tx.row(_SETTINGS, id=id)
    assert row is not None, "the settings of an organization that was found"
    kept = OrganizationSettings(**json.loads(row[0])) if row[0] else OrganizationSettings()
    return replace(kept, api_access_list_required=bool(row[1]))


async def keep_settings(tx: Transaction, id: str, settings: OrganizationSettings) -> None:
    """Keep the organization's new settings; credentials are read anew (INV-25)."""
    await tx.run(
        _KEEP_SETTINGS,
        id=id,
        authority_version=_new_version(),
        settings=json.dumps(asdict(settings), ensure_ascii=False),
        api_access_list_required=int(settings.api_access_list_required),
    )


async def language(tx: Transaction, id: str) -> str:
    """Return what the organization's mails and pages speak, empty for the server's own language."""
    row = await tx.row(_LANGUAGE, id=id)
    return str(row[0]) if row else ""


async def keep_language(tx: Transaction, id: str, language: str) -> None:
    """Keep what the organization's mails and pages speak, empty for the server's own language."""
    await tx.run(_KEEP_LANGUAGE, id=id, language=language)


async def list_of_user(
    tx: Transaction, user_id: str, most: int
) -> list[tuple[Organization, tuple[str, ...]]]:
    """Return the organizations that a person belongs to, with the roles there, by name."""
    rows = await tx.rows(_LIST_OF_USER, user_id=user_id, most=most)
    return [(organization(row), tuple(row[-1].split())) for row in rows]


async def authority_version(tx: Transaction, id: str) -> int | None:
    """Return the version of all that the organization's credentials rest on; None for no organization.

    While it stands still, what was read of a credential is still true (INV-25).
    """
    row = await tx.row(_AUTHORITY_VERSION, id=id)
    return int(row[0]) if row else None


async def has_same_authority(tx: Transaction, organization: Organization) -> bool:
    """Return whether the organization's authority version is the one that was read then.

    In a job that only reads, True may be said before it is known; the job then runs again if it is wrong.
    """
    return await tx.is_still(_AUTHORITY_VERSION, organization.authority_version, id=organization.id)


async def authority_changed(tx: Transaction, id: str) -> None:
    """Make every server read the organization's credentials anew, from the commit on (INV-25)."""
    await tx.run(_AUTHORITY_CHANGED, id=id, authority_version=_new_version())
