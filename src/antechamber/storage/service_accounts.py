"""Rows of service accounts, their secrets and their access tokens."""

from datetime import datetime

from antechamber.domain.credentials import KeptAccessToken, KeptSecret
from antechamber.domain.service_accounts import MOST_ACCESS_TOKENS, Secret, ServiceAccount
from antechamber.storage import directory, organizations
from antechamber.storage.database import Statement, Transaction
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
    """SELECT s.id, s.client_id, s.organization_id, s.fingerprint, s.expires_at
    FROM directory d JOIN service_account_secrets s
    ON s.organization_id = d.organization_id AND s.client_id = d.name
    WHERE d.kind = 'service-account' AND d.name = :client_id"""
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
    WHERE e.organization_id = t.organization_id AND e.principal_id = t.client_id)
    FROM access_tokens t
    JOIN service_accounts a ON a.organization_id = t.organization_id AND a.client_id = t.client_id
    JOIN organizations o ON o.id = t.organization_id
    WHERE t.organization_id = :organization_id AND t.fingerprint = :fingerprint"""
)
_DELETE_TOKEN = Statement(
    """DELETE FROM access_tokens WHERE organization_id = :organization_id
    AND fingerprint = :fingerprint AND client_id = :client_id"""
)


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
    return [
        KeptSecret(row[0], row[1], row[2], row[3], instant(row[4]))
        for row in await tx.rows(_SECRETS, client_id=client_id)
    ]


async def insert_token(tx: Transaction, secret: KeptSecret, fingerprint: bytes, expires_at: datetime) -> None:
    """Keep a new access token; the account's expired and its oldest surplus ones go."""
    of = {"organization_id": secret.organization_id, "client_id": secret.client_id}
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
    await tx.run(_SECRET_USED, **of, id=secret.id, now=seconds(tx.now))


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
