"""Rows of programmatic API keys."""

from antechamber.domain.api_keys import ApiKey
from antechamber.domain.credentials import KeptApiKey
from antechamber.storage import directory, organizations
from antechamber.storage.database import Statement, Transaction
from antechamber.storage.rows import seconds, words

_INSERT = Statement(
    """INSERT INTO api_keys
    (organization_id, id, public_key, private_key_tail, sealed_ha1, description, roles, created_at)
    VALUES (:organization_id, :id, :public_key, :private_key_tail, :sealed_ha1, :description, :roles,
    :created_at) ON CONFLICT DO NOTHING"""
)
_FIND_KEPT = Statement(
    f"""SELECT {organizations.COLUMNS}, k.id, k.sealed_ha1, k.roles,
    (SELECT string_agg(e.cidr_block, ' ') FROM access_list_entries e
    WHERE e.organization_id = k.organization_id AND e.principal_id = k.id)
    FROM directory d
    JOIN api_keys k ON k.organization_id = d.organization_id AND k.public_key = d.name
    JOIN organizations o ON o.id = k.organization_id
    WHERE d.kind = 'api-key' AND d.name = :public_key"""
)
_HA1 = "ha1"


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
    row = await tx.row(_FIND_KEPT, public_key=public_key)
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
