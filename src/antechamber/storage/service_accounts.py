"""Rows of service accounts, their secrets and their access tokens."""

from datetime import datetime
from itertools import groupby

from antechamber.domain.credentials import KeptAccessToken, KeptSecret
from antechamber.domain.paging import Page, PageRequest
from antechamber.domain.service_accounts import MOST_ACCESS_TOKENS, Secret, ServiceAccount
from antechamber.storage import access_lists, directory, organizations, projects
from antechamber.storage.database import Row, Statement, Transaction
from antechamber.storage.rows import instant, seconds, words

_INSERT = Statement(
    """INSERT INTO service_accounts (organization_id, client_id, name, description, roles, created_at)
    VALUES (:organization_id, :client_id, :name, :description, :roles, :created_at)
    ON CONFLICT DO NOTHING"""
)
_INSERT_SECRET = Statement(
    """INSERT INTO service_account_secrets
    (organization_id, client_id, id, fingerprint, mask, created_at, expires_at)
    VALUES (:organization_id, :client_id, :id, :fingerprint, :mask, :created_at, :expires_at)"""
)
_SECRETS = Statement(
    """SELECT id, client_id, organization_id, fingerprint, expires_at FROM service_account_secrets
    WHERE organization_id = :organization_id AND client_id = :client_id"""
)
_SECRET_USED = Statement(
    """UPDATE service_account_secrets SET last_used_at = :now
    WHERE organization_id = :organization_id AND client_id = :client_id AND id = :id"""
)
_INSERT_TOKEN = Statement(
    """INSERT INTO access_tokens
    (organization_id, fingerprint, client_id, secret_id, created_at, expires_at)
    VALUES (:organization_id, :fingerprint, :client_id, :secret_id, :created_at, :expires_at)"""
)
_TRIM_TOKENS = Statement(
    """DELETE FROM access_tokens WHERE organization_id = :organization_id AND client_id = :client_id
    AND (expires_at <= :now OR fingerprint IN (SELECT fingerprint FROM access_tokens
    WHERE organization_id = :organization_id AND client_id = :client_id
    ORDER BY created_at DESC LIMIT 1000 OFFSET :most))"""
)
_FIND_TOKEN = Statement(
    f"""SELECT {organizations.COLUMNS}, t.client_id, t.expires_at, a.roles,
    (SELECT string_agg(e.cidr_block, ' ') FROM access_list_entries e
    WHERE e.organization_id = :organization_id AND e.principal_id = t.client_id)
    FROM access_tokens t
    JOIN service_accounts a ON a.organization_id = t.organization_id AND a.client_id = t.client_id
    JOIN organizations o ON o.id = t.organization_id
    WHERE t.organization_id = :organization_id AND t.fingerprint = :fingerprint"""
)
_DELETE_TOKEN = Statement(
    """DELETE FROM access_tokens WHERE organization_id = :organization_id
    AND fingerprint = :fingerprint AND client_id = :client_id"""
)
_ACCOUNT = "a.client_id, a.organization_id, a.name, a.description, a.roles, a.created_at"


def _with_secrets(accounts: str, project_roles: str = "''") -> Statement:
    """Return a statement for a page of accounts, a row a secret; `accounts` selects from `a`."""
    return Statement(
        f"""SELECT {_ACCOUNT}, a.project_roles,
        s.id, s.client_id, s.mask, s.created_at, s.expires_at, s.last_used_at
        FROM (SELECT {_ACCOUNT}, {project_roles} AS project_roles FROM {accounts}) a
        LEFT JOIN service_account_secrets s
        ON s.organization_id = :organization_id AND s.client_id = a.client_id
        ORDER BY a.client_id, s.created_at, s.id"""
    )


_FIND = _with_secrets(
    "service_accounts a WHERE a.organization_id = :organization_id AND a.client_id = :client_id"
)
_LIST = _with_secrets(
    """service_accounts a WHERE a.organization_id = :organization_id
    ORDER BY a.client_id LIMIT :size OFFSET :skip"""
)
_COUNT = Statement("SELECT count(*) FROM service_accounts WHERE organization_id = :organization_id")
_OF_PROJECT = """project_roles r JOIN service_accounts a
    ON a.organization_id = r.organization_id AND a.client_id = r.principal_id
    WHERE r.organization_id = :organization_id AND r.project_id = :project_id"""
_LIST_OF_PROJECT = _with_secrets(f"{_OF_PROJECT} ORDER BY a.client_id LIMIT :size OFFSET :skip", "r.roles")
_COUNT_OF_PROJECT = Statement(f"SELECT count(*) FROM {_OF_PROJECT}")
_UPDATE = Statement(
    """UPDATE service_accounts SET name = :name, description = :description, roles = :roles
    WHERE organization_id = :organization_id AND client_id = :client_id"""
)
_DELETE = Statement(
    "DELETE FROM service_accounts WHERE organization_id = :organization_id AND client_id = :client_id"
)
_DELETE_SECRET = Statement(
    """DELETE FROM service_account_secrets
    WHERE organization_id = :organization_id AND client_id = :client_id AND id = :id"""
)


def _accounts(rows: list[Row]) -> list[tuple[ServiceAccount, tuple[str, ...]]]:
    """Return accounts with their roles on the project asked for; the rows of one follow each other."""
    found = []
    for _, group in groupby(rows, lambda row: row[0]):
        secrets = list(group)
        first = secrets[0]
        account = ServiceAccount(
            first[0],
            first[1],
            first[2],
            first[3],
            tuple(first[4].split()),
            instant(first[5]),
            tuple(_secret(row[7:]) for row in secrets if row[7] is not None),
        )
        found.append((account, tuple(first[6].split())))
    return found


def _secret(row: Row) -> Secret:
    last_used_at = None if row[5] is None else instant(row[5])
    return Secret(row[0], row[1], row[2], instant(row[3]), instant(row[4]), last_used_at)


async def insert(tx: Transaction, account: ServiceAccount) -> bool:
    """Keep a new account; return False when its client id is taken."""
    if not await directory.insert(
        tx, directory.Kind.SERVICE_ACCOUNT, account.client_id, account.organization_id
    ):
        return False
    return (
        await tx.run(
            _INSERT,
            organization_id=account.organization_id,
            client_id=account.client_id,
            name=account.name,
            description=account.description,
            roles=words(account.roles),
            created_at=seconds(account.created_at),
        )
        == 1
    )


async def insert_secret(tx: Transaction, organization_id: str, secret: Secret, fingerprint: bytes) -> None:
    """Keep a new secret of an account, as a fingerprint."""
    await tx.run(
        _INSERT_SECRET,
        organization_id=organization_id,
        client_id=secret.client_id,
        id=secret.id,
        fingerprint=fingerprint,
        mask=secret.mask,
        created_at=seconds(secret.created_at),
        expires_at=seconds(secret.expires_at),
    )


async def list_kept_secrets(tx: Transaction, client_id: str) -> list[KeptSecret]:
    """Return what checks the secrets of a client id; empty for an unknown one."""
    organization_id = await directory.find(tx, directory.Kind.SERVICE_ACCOUNT, client_id)
    if organization_id is None:
        return []
    rows = await tx.rows(_SECRETS, organization_id=organization_id, client_id=client_id)
    return [KeptSecret(row[0], row[1], row[2], row[3], instant(row[4])) for row in rows]


async def insert_token(tx: Transaction, secret: KeptSecret, fingerprint: bytes, expires_at: datetime) -> None:
    """Keep a new access token; the account's expired and its oldest surplus ones go."""
    of = {"organization_id": secret.organization_id, "client_id": secret.client_id}
    # First: who asks for tokens with the same secret at the same time waits, and counts these too.
    await tx.run(_SECRET_USED, **of, id=secret.id, now=seconds(tx.now))
    if await tx.run(_TRIM_TOKENS, **of, now=seconds(tx.now), most=MOST_ACCESS_TOKENS - 1):
        await organizations.authority_changed(tx, secret.organization_id)
    await tx.run(
        _INSERT_TOKEN,
        **of,
        fingerprint=fingerprint,
        secret_id=secret.id,
        created_at=seconds(tx.now),
        expires_at=seconds(expires_at),
    )


async def find_token(tx: Transaction, organization_id: str, fingerprint: bytes) -> KeptAccessToken | None:
    """Return what a token may do, expired or not, or None."""
    row = await tx.row(_FIND_TOKEN, organization_id=organization_id, fingerprint=fingerprint)
    if row is None:
        return None
    return KeptAccessToken(
        client_id=row[6],
        roles=frozenset(row[8].split()),
        organization=organizations.organization(row),
        networks=tuple((row[9] or "").split()),
        expires_at=instant(row[7]),
    )


async def delete_token(tx: Transaction, organization_id: str, client_id: str, fingerprint: bytes) -> None:
    """End a token of this account; another account's is left alone."""
    await tx.run(_DELETE_TOKEN, organization_id=organization_id, client_id=client_id, fingerprint=fingerprint)
    await organizations.authority_changed(tx, organization_id)


async def find(tx: Transaction, organization_id: str, client_id: str) -> ServiceAccount | None:
    """Return the organization's account with its secrets, or None."""
    found = _accounts(await tx.rows(_FIND, organization_id=organization_id, client_id=client_id))
    return found[0][0] if found else None


async def list_of_organization(
    tx: Transaction, organization_id: str, page: PageRequest
) -> Page[ServiceAccount]:
    """Return a page of the organization's accounts, by client id."""
    rows = await tx.rows(_LIST, organization_id=organization_id, size=page.size, skip=page.offset)
    total = await tx.row(_COUNT, organization_id=organization_id)
    return Page([account for account, _ in _accounts(rows)], total[0] if total else 0, page)


async def list_of_project(
    tx: Transaction, organization_id: str, project_id: str, page: PageRequest
) -> Page[tuple[ServiceAccount, tuple[str, ...]]]:
    """Return a page of the accounts with direct roles on the project, and these, by client id."""
    of = {"organization_id": organization_id, "project_id": project_id}
    rows = await tx.rows(_LIST_OF_PROJECT, **of, size=page.size, skip=page.offset)
    total = await tx.row(_COUNT_OF_PROJECT, **of)
    return Page(_accounts(rows), total[0] if total else 0, page)


async def update(tx: Transaction, account: ServiceAccount) -> None:
    """Keep the account's new name, description and roles on the organization."""
    await tx.run(
        _UPDATE,
        organization_id=account.organization_id,
        client_id=account.client_id,
        name=account.name,
        description=account.description,
        roles=words(account.roles),
    )
    await organizations.authority_changed(tx, account.organization_id)


async def delete(tx: Transaction, account: ServiceAccount) -> None:
    """Remove an account with secrets, tokens, roles on projects and access list (INV-9)."""
    await projects.revoke_all(tx, account.organization_id, account.client_id)
    await access_lists.delete_all(tx, account.organization_id, account.client_id)
    await tx.run(_DELETE, organization_id=account.organization_id, client_id=account.client_id)
    await directory.delete(tx, directory.Kind.SERVICE_ACCOUNT, account.client_id)
    await organizations.authority_changed(tx, account.organization_id)


async def delete_secret(tx: Transaction, organization_id: str, secret: Secret) -> None:
    """Remove a secret with the tokens that it was shown for (INV-9)."""
    await tx.run(_DELETE_SECRET, organization_id=organization_id, client_id=secret.client_id, id=secret.id)
    await organizations.authority_changed(tx, organization_id)
