"""The schema on Citus: where each table lies, and laying it out (docs/scaling.md).

Everything of an organization lies on one shard, by its id. People are on every node. The tables that lead
from a name or a secret to an organization lie by that name or secret.
"""

from collections.abc import Sequence
from typing import NamedTuple

from antechamber.storage.database import Statement, Transaction

# On every node: small, read with rows of any organization, written when people come or sign in.
REFERENCE = ("alembic_version", "users")
# By organization, on one shard together; the column that holds its id. Each after what it refers to.
BY_ORGANIZATION = {
    "organizations": "id",
    "memberships": "organization_id",
    "projects": "organization_id",
    "project_roles": "organization_id",
    "teams": "organization_id",
    "team_members": "organization_id",
    "team_projects": "organization_id",
    "api_keys": "organization_id",
    "service_accounts": "organization_id",
    "service_account_secrets": "organization_id",
    "access_tokens": "organization_id",
    "access_list_entries": "organization_id",
    "invitations": "organization_id",
    "events": "organization_id",
    "outbox": "organization_id",
    "digest_answers": "organization_id",
    "limits": "organization_id",
}
# By what they are looked up with, before any organization is known.
BY_OWN_KEY = {
    "directory": "name",
    "invitation_tokens": "fingerprint",
    "invitation_tickets": "fingerprint",
    "sessions": "fingerprint",
    "sign_in_links": "fingerprint",
    "rate_limit_buckets": "whose",
}
# All tables, each after what it refers to.
TABLES = (*REFERENCE, *BY_ORGANIZATION, *BY_OWN_KEY)

_CITUS = Statement("SELECT extversion FROM pg_extension WHERE extname = 'citus'")
_EXISTING = Statement(
    "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
)
_LAID_OUT = Statement("SELECT logicalrelid::text FROM pg_dist_partition")
_FOREIGN_KEYS = Statement(
    """SELECT conname, conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint
    WHERE contype = 'f' AND connamespace = current_schema()::regnamespace ORDER BY 2, 1"""
)
_ANY_ROW = Statement("SELECT 1 FROM organizations LIMIT 1")


class NotDistributable(Exception):
    """The database cannot be laid out; the message says why. Nothing was changed."""


class ForeignKey(NamedTuple):
    """A foreign key: its name, the table that has it, and the table it points to."""

    name: str
    table: str
    target: str

    @property
    def can_be_kept(self) -> bool:
        """Whether both rows always lie on one node: in one organization, or where every node has the target.

        Source: Citus documentation, "Adding/Removing Constraints".
        """
        return self.target in REFERENCE or {self.table, self.target} <= BY_ORGANIZATION.keys()


async def require_citus(tx: Transaction) -> str:
    """Return the version of Citus in this database. Raises NotDistributable."""
    row = await tx.row(_CITUS)
    if row is None:
        raise NotDistributable(
            "this database has no Citus: add citus to shared_preload_libraries, restart the server, and "
            "run CREATE EXTENSION citus in the database as a superuser; nothing was changed"
        )
    return str(row[0])


async def lay_out(tx: Transaction) -> list[str]:
    """Distribute the tables that are not distributed yet; return their names.

    What Citus cannot keep, foreign keys between tables that lie apart, is dropped: storage deletes what
    they would delete by statements of its own (INV-9). Raises NotDistributable for a schema with tables
    that have no place here, and for one that holds organizations and was never laid out.
    """
    existing = {row[0] for row in await tx.rows(_EXISTING)}
    laid_out = {row[0] for row in await tx.rows(_LAID_OUT)}
    homeless = sorted(existing - set(TABLES) - laid_out)
    if homeless:
        raise NotDistributable(f"storage/distribution.py has no place for {', '.join(homeless)}")
    if "organizations" not in laid_out and await tx.row(_ANY_ROW) is not None:
        # Moving rows would hold all tables locked for as long as it takes, and leave the old ones behind.
        raise NotDistributable(
            "this database holds organizations: distribute an empty one and `antechamber copy` them there"
        )
    missing = [table for table in TABLES if table in existing - laid_out]
    keys = [ForeignKey(*row) for row in await tx.rows(_FOREIGN_KEYS)]
    for statement in commands(missing, keys) if missing else []:
        await tx.rows(Statement(statement))
    return missing


def commands(tables: Sequence[str], keys: Sequence[ForeignKey]) -> list[str]:
    """Return the statements that distribute these tables, in order. keys: those of the whole schema."""
    dropped = [
        f"ALTER TABLE {key.table} DROP CONSTRAINT {key.name}"
        for key in keys
        if not key.can_be_kept and {key.table, key.target} & set(tables)
    ]
    # Foreign keys to reference tables bar Citus from working on many shards at once in one transaction.
    return ["SET LOCAL citus.multi_shard_modify_mode TO 'sequential'", *dropped, *map(_placing, tables)]


def _placing(table: str) -> str:
    if table in REFERENCE:
        return f"SELECT create_reference_table('{table}')"
    if table in BY_OWN_KEY:
        return f"SELECT create_distributed_table('{table}', '{BY_OWN_KEY[table]}', colocate_with => 'none')"
    beside = "none" if table == "organizations" else "organizations"
    return (
        f"SELECT create_distributed_table('{table}', '{BY_ORGANIZATION[table]}', colocate_with => '{beside}')"
    )
