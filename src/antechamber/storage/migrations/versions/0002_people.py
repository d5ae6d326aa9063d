"""Mail that is delivered, invitations that people open, and signing in.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
SECONDS = sa.BigInteger


def _text(name: str, *, empty: bool = False, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=null, server_default="" if empty else None)


def _table(name: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(name, *parts, sqlite_with_rowid=False)


def upgrade() -> None:
    # What mail and pages speak where nobody asks for something else; empty for the server's own.
    op.add_column("organizations", _text("language", empty=True))
    op.add_column("invitations", _text("language", empty=True))
    # What the person said when declining.
    op.add_column("invitations", _text("note", empty=True))
    # Accepted although the inviter could not have sent it any more.
    op.add_column("invitations", sa.Column("is_flagged", sa.SmallInteger, nullable=False, server_default="0"))
    op.add_column("invitations", sa.Column("reminded_at", SECONDS))
    op.create_index(
        "invitations_by_expiry",
        "invitations",
        ["expires_at", "reminded_at"],
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    # Lists of whatever state and scope, by person or by time. All that such a list is narrowed by stands in
    # the index, so that a page of few among 100,000 is found without reading the rows in between.
    narrowing = ["state", "scope_id", "from_project", "expires_at", "is_flagged"]
    op.create_index(
        "invitations_by_username",
        "invitations",
        ["organization_id", "username_key", "id", "created_at", *narrowing],
    )
    op.create_index(
        "invitations_by_time",
        "invitations",
        ["organization_id", "created_at", "id", "username_key", *narrowing],
    )
    op.add_column("events", _text("note", null=True))
    # Every mail of an invitation carries a token of its own; all of them open it (INV-10).
    _table(
        "invitation_tokens",
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        _text("organization_id"),
        _text("invitation_id"),
        sa.Column("created_at", SECONDS, nullable=False),
        sa.PrimaryKeyConstraint("fingerprint"),
        sa.ForeignKeyConstraint(
            ["organization_id", "invitation_id"],
            ["invitations.organization_id", "invitations.id"],
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "invitation_tokens_by_invitation", "invitation_tokens", ["organization_id", "invitation_id"]
    )
    op.execute(
        "INSERT INTO invitation_tokens (fingerprint, organization_id, invitation_id, created_at)"
        " SELECT token_fingerprint, organization_id, id, created_at FROM invitations"
        " WHERE token_fingerprint IS NOT NULL"
    )
    op.execute("ALTER TABLE invitations DROP COLUMN token_fingerprint")
    # What a browser shows instead of a token: kept by fingerprint, gone after minutes or hours.
    # invitation_id: of a ticket for one invitation. user_id: of a session of somebody signed in.
    _table(
        "invitation_tickets",
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        _text("organization_id"),
        _text("invitation_id"),
        sa.Column("expires_at", SECONDS, nullable=False),
        sa.PrimaryKeyConstraint("fingerprint"),
        sa.ForeignKeyConstraint(
            ["organization_id", "invitation_id"],
            ["invitations.organization_id", "invitations.id"],
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "invitation_tickets_by_invitation", "invitation_tickets", ["organization_id", "invitation_id"]
    )
    op.create_index("invitation_tickets_by_expiry", "invitation_tickets", ["expires_at"])
    for name, moments in (("sessions", ("created_at", "seen_at")), ("sign_in_links", ("created_at",))):
        _table(
            name,
            sa.Column("fingerprint", sa.LargeBinary, nullable=False),
            _text("user_id"),
            *(sa.Column(moment, SECONDS, nullable=False) for moment in moments),
            sa.Column("expires_at", SECONDS, nullable=False),
            sa.PrimaryKeyConstraint("fingerprint"),
            sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        )
        op.create_index(f"{name}_by_user", name, ["user_id"])
        op.create_index(f"{name}_by_expiry", name, ["expires_at"])
    # Mail that is about no invitation too, in a language, with an end when nobody takes it.
    op.create_table(
        "outbox_2",
        _text("organization_id"),
        _text("id"),
        _text("message_type"),
        _text("recipient"),
        _text("recipient_key"),
        _text("language", empty=True),
        _text("invitation_id", null=True),
        sa.Column("sealed_token", sa.LargeBinary),
        sa.Column("created_at", SECONDS, nullable=False),
        sa.Column("due_at", SECONDS, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        # Since when it is being tried: what waits for its turn, or for a server, does not grow old.
        sa.Column("tried_at", SECONDS),
        sa.Column("leased_until", SECONDS),
        sa.Column("sent_at", SECONDS),
        sa.Column("dead_at", SECONDS),
        _text("last_error", null=True),
        sa.PrimaryKeyConstraint("organization_id", "id", name="outbox_pk"),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["organization_id", "invitation_id"],
            ["invitations.organization_id", "invitations.id"],
            ondelete="CASCADE",
        ),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO outbox_2 (organization_id, id, message_type, recipient, recipient_key, invitation_id,"
        " sealed_token, created_at, due_at, attempts, sent_at, last_error)"
        " SELECT organization_id, id, message_type, recipient, lower(recipient), invitation_id,"
        " sealed_token, created_at, due_at, attempts, sent_at, last_error FROM outbox"
    )
    op.drop_table("outbox")
    op.rename_table("outbox_2", "outbox")
    op.create_index("outbox_by_invitation", "outbox", ["organization_id", "invitation_id"])
    # How much mail a person and an organization had lately.
    op.create_index("outbox_by_recipient", "outbox", ["organization_id", "recipient_key", "created_at"])
    op.create_index("outbox_by_time", "outbox", ["organization_id", "created_at"])
    op.create_index(
        "outbox_due",
        "outbox",
        ["due_at"],
        sqlite_where=sa.text("sent_at IS NULL AND dead_at IS NULL"),
        postgresql_where=sa.text("sent_at IS NULL AND dead_at IS NULL"),
    )
    # How much mail went out lately, and what can be forgotten; neither costs anything when mail is queued.
    for name, columns in (("sent", ["sent_at", "organization_id"]), ("dead", ["dead_at"])):
        op.create_index(
            f"outbox_{name}",
            "outbox",
            columns,
            sqlite_where=sa.text(f"{name}_at IS NOT NULL"),
            postgresql_where=sa.text(f"{name}_at IS NOT NULL"),
        )


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only (INV-32)")
