"""Everything the access desk stands on.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# Byte order everywhere, as the lists of the API are sorted.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
SECONDS = sa.BigInteger
FLAG = sa.SmallInteger


def _text(name: str, *, empty: bool = False, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=null, server_default="" if empty else None)


def _table(name: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(name, *parts, sqlite_with_rowid=False)


def _of_organization(*columns: str, parent: str = "organizations") -> sa.ForeignKeyConstraint:
    """Tie rows to their parent, organization first: what hangs on it goes with it (INV-9)."""
    if parent == "organizations":
        return sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], ondelete="CASCADE")
    key = {"service_accounts": "client_id"}.get(parent, "id")
    return sa.ForeignKeyConstraint(
        ["organization_id", *columns],
        [f"{parent}.organization_id", f"{parent}.{key}"],
        ondelete="CASCADE",
    )


def upgrade() -> None:
    _table(
        "organizations",
        _text("id"),
        _text("name"),
        sa.Column("created_at", SECONDS, nullable=False),
        sa.Column("skip_default_alerts_settings", FLAG, nullable=False, server_default="0"),
        sa.Column("api_access_list_required", FLAG, nullable=False, server_default="0"),
        _text("settings", empty=True),
        # Moves with everything that a remembered credential of the organization rests on (INV-25).
        sa.Column("authority_version", sa.BigInteger, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id"),
    )
    # Where the names that are unique everywhere belong: project ids, public keys, client ids.
    _table(
        "directory",
        _text("kind"),
        _text("name"),
        _text("organization_id"),
        sa.PrimaryKeyConstraint("kind", "name"),
        _of_organization(),
    )
    op.create_index("directory_by_organization", "directory", ["organization_id"])
    _table(
        "users",
        _text("id"),
        _text("username"),
        _text("username_key"),
        _text("first_name", empty=True),
        _text("last_name", empty=True),
        _text("country", empty=True),
        _text("mobile_number", empty=True),
        _text("password_hash", null=True),
        sa.Column("created_at", SECONDS, nullable=False),
        sa.Column("verified_at", SECONDS),
        sa.Column("last_auth_at", SECONDS),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("users_by_username", "users", ["username_key"], unique=True)
    _table(
        "memberships",
        _text("organization_id"),
        _text("user_id"),
        _text("username_key"),
        _text("roles"),
        sa.Column("created_at", SECONDS, nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "user_id"),
        _of_organization(),
    )
    op.create_index(
        "memberships_by_username", "memberships", ["organization_id", "username_key"], unique=True
    )
    op.create_index("memberships_by_user", "memberships", ["user_id"])
    _table(
        "projects",
        _text("organization_id"),
        _text("id"),
        _text("name"),
        sa.Column("created_at", SECONDS, nullable=False),
        _text("tags", empty=True),
        sa.Column("with_default_alerts_settings", FLAG, nullable=False, server_default="1"),
        _text("settings", empty=True),
        sa.PrimaryKeyConstraint("organization_id", "id"),
        _of_organization(),
    )
    op.create_index("projects_by_name", "projects", ["organization_id", "name"], unique=True)
    # Direct project roles of people, keys and service accounts.
    _table(
        "project_roles",
        _text("organization_id"),
        _text("principal_id"),
        _text("project_id"),
        _text("principal_kind"),
        _text("roles"),
        sa.Column("created_at", SECONDS, nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "principal_id", "project_id"),
        _of_organization("project_id", parent="projects"),
    )
    op.create_index("project_roles_by_project", "project_roles", ["organization_id", "project_id"])
    _table(
        "teams",
        _text("organization_id"),
        _text("id"),
        _text("name"),
        sa.Column("created_at", SECONDS, nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id"),
        _of_organization(),
    )
    op.create_index("teams_by_name", "teams", ["organization_id", "name"], unique=True)
    _table(
        "team_members",
        _text("organization_id"),
        _text("team_id"),
        _text("user_id"),
        sa.Column("created_at", SECONDS, nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "team_id", "user_id"),
        _of_organization("team_id", parent="teams"),
        sa.ForeignKeyConstraint(
            ["organization_id", "user_id"],
            ["memberships.organization_id", "memberships.user_id"],
            ondelete="CASCADE",
        ),
    )
    op.create_index("team_members_by_user", "team_members", ["organization_id", "user_id"])
    _table(
        "team_projects",
        _text("organization_id"),
        _text("project_id"),
        _text("team_id"),
        _text("roles"),
        sa.Column("created_at", SECONDS, nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "project_id", "team_id"),
        _of_organization("project_id", parent="projects"),
        _of_organization("team_id", parent="teams"),
    )
    op.create_index("team_projects_by_team", "team_projects", ["organization_id", "team_id"])
    _table(
        "api_keys",
        _text("organization_id"),
        _text("id"),
        _text("public_key"),
        _text("private_key_tail"),
        sa.Column("sealed_ha1", sa.LargeBinary, nullable=False),
        _text("description"),
        _text("roles"),
        sa.Column("created_at", SECONDS, nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id"),
        _of_organization(),
    )
    op.create_index("api_keys_by_public_key", "api_keys", ["organization_id", "public_key"], unique=True)
    _table(
        "service_accounts",
        _text("organization_id"),
        _text("client_id"),
        _text("name"),
        _text("description"),
        _text("roles"),
        sa.Column("created_at", SECONDS, nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "client_id"),
        _of_organization(),
    )
    _table(
        "service_account_secrets",
        _text("organization_id"),
        _text("client_id"),
        _text("id"),
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        _text("mask"),
        sa.Column("created_at", SECONDS, nullable=False),
        sa.Column("expires_at", SECONDS, nullable=False),
        sa.Column("last_used_at", SECONDS),
        sa.PrimaryKeyConstraint("organization_id", "client_id", "id"),
        _of_organization("client_id", parent="service_accounts"),
    )
    _table(
        "access_tokens",
        _text("organization_id"),
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        _text("client_id"),
        _text("secret_id"),
        sa.Column("created_at", SECONDS, nullable=False),
        sa.Column("expires_at", SECONDS, nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "fingerprint"),
        sa.ForeignKeyConstraint(
            ["organization_id", "client_id", "secret_id"],
            [
                "service_account_secrets.organization_id",
                "service_account_secrets.client_id",
                "service_account_secrets.id",
            ],
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "access_tokens_by_account",
        "access_tokens",
        ["organization_id", "client_id", "secret_id", "created_at"],
    )
    op.create_index("access_tokens_by_expiry", "access_tokens", ["expires_at"])
    # principal_id: an API key's id or a service account's client id.
    _table(
        "access_list_entries",
        _text("organization_id"),
        _text("principal_id"),
        _text("cidr_block"),
        sa.Column("created_at", SECONDS, nullable=False),
        sa.Column("used_count", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("last_used_at", SECONDS),
        _text("last_used_address", null=True),
        sa.PrimaryKeyConstraint("organization_id", "principal_id", "cidr_block"),
        _of_organization(),
    )
    # scope_id: the project's id, or the organization's. State and roles are words separated by spaces.
    _table(
        "invitations",
        _text("organization_id"),
        _text("id"),
        _text("scope_id"),
        _text("project_id", null=True),
        sa.Column("from_project", FLAG, nullable=False, server_default="0"),
        _text("user_id"),
        _text("username"),
        _text("username_key"),
        _text("inviter"),
        _text("state"),
        _text("roles"),
        _text("team_ids", empty=True),
        _text("project_roles", empty=True),
        sa.Column("token_fingerprint", sa.LargeBinary),
        sa.Column("created_at", SECONDS, nullable=False),
        sa.Column("expires_at", SECONDS, nullable=False),
        sa.Column("ended_at", SECONDS),
        sa.PrimaryKeyConstraint("organization_id", "id"),
        _of_organization(),
        _of_organization("project_id", parent="projects"),
    )
    # At most one pending invitation per address and scope (INV-8).
    op.create_index(
        "invitations_pending",
        "invitations",
        ["organization_id", "scope_id", "username_key"],
        unique=True,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    # All that tells which of a person's invitations is the latest: read without the rows themselves.
    op.create_index(
        "invitations_by_user",
        "invitations",
        ["organization_id", "user_id", "created_at", "scope_id", "from_project"],
    )
    op.create_index("invitations_by_project", "invitations", ["organization_id", "project_id"])
    _table(
        "events",
        _text("organization_id"),
        _text("id"),
        _text("project_id", null=True),
        _text("type_name"),
        sa.Column("created_at", SECONDS, nullable=False),
        _text("actor_kind", null=True),
        _text("actor_id", null=True),
        _text("actor_name", null=True),
        _text("address", null=True),
        _text("target_username", null=True),
        _text("team_id", null=True),
        _text("target_public_key", null=True),
        _text("access_list_entry", null=True),
        _text("target_client_id", null=True),
        _text("resource_id", null=True),
        _text("resource_type", null=True),
        sa.PrimaryKeyConstraint("organization_id", "id"),
        _of_organization(),
    )
    op.create_index("events_by_time", "events", ["organization_id", "created_at", "id", "type_name"])
    op.create_index(
        "events_by_project", "events", ["organization_id", "project_id", "created_at", "id", "type_name"]
    )
    _table(
        "outbox",
        _text("organization_id"),
        _text("id"),
        _text("message_type"),
        _text("recipient"),
        _text("invitation_id"),
        sa.Column("sealed_token", sa.LargeBinary),
        sa.Column("created_at", SECONDS, nullable=False),
        sa.Column("due_at", SECONDS, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("leased_until", SECONDS),
        sa.Column("sent_at", SECONDS),
        _text("last_error", null=True),
        sa.PrimaryKeyConstraint("organization_id", "id"),
        _of_organization(),
        _of_organization("invitation_id", parent="invitations"),
    )
    op.create_index("outbox_by_invitation", "outbox", ["organization_id", "invitation_id"])
    op.create_index(
        "outbox_due",
        "outbox",
        ["due_at"],
        sqlite_where=sa.text("sent_at IS NULL"),
        postgresql_where=sa.text("sent_at IS NULL"),
    )
    # Answers to Digest challenges that have written already (INV-27).
    _table(
        "digest_answers",
        _text("organization_id"),
        _text("nonce"),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("expires_at", SECONDS, nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "nonce", "count"),
        _of_organization(),
    )
    op.create_index("digest_answers_by_expiry", "digest_answers", ["expires_at"])
    # What differs from the default limits, for an organization, project or team.
    _table(
        "limits",
        _text("organization_id"),
        _text("scope_id"),
        _text("name"),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "scope_id", "name"),
        _of_organization(),
    )
    # Token buckets that several servers count together; whose: an id, or a network address.
    _table(
        "rate_limit_buckets",
        _text("endpoint_set"),
        _text("whose"),
        sa.Column("level", sa.Double, nullable=False),
        sa.Column("at", SECONDS, nullable=False),
        sa.PrimaryKeyConstraint("endpoint_set", "whose"),
    )


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only (INV-32)")
