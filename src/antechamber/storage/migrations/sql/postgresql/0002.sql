-- Running upgrade 0001 -> 0002

ALTER TABLE organizations ADD COLUMN language TEXT COLLATE "C" DEFAULT '' NOT NULL;

ALTER TABLE invitations ADD COLUMN language TEXT COLLATE "C" DEFAULT '' NOT NULL;

ALTER TABLE invitations ADD COLUMN note TEXT COLLATE "C" DEFAULT '' NOT NULL;

ALTER TABLE invitations ADD COLUMN is_flagged SMALLINT DEFAULT '0' NOT NULL;

ALTER TABLE invitations ADD COLUMN reminded_at BIGINT;

CREATE INDEX invitations_by_expiry ON invitations (expires_at, reminded_at) WHERE state = 'pending';

CREATE INDEX invitations_by_username ON invitations (organization_id, username_key, id, created_at, state, scope_id, from_project, expires_at, is_flagged);

CREATE INDEX invitations_by_time ON invitations (organization_id, created_at, id, username_key, state, scope_id, from_project, expires_at, is_flagged);

ALTER TABLE events ADD COLUMN note TEXT COLLATE "C";

CREATE TABLE invitation_tokens (
    fingerprint BYTEA NOT NULL, 
    organization_id TEXT COLLATE "C" NOT NULL, 
    invitation_id TEXT COLLATE "C" NOT NULL, 
    created_at BIGINT NOT NULL, 
    PRIMARY KEY (fingerprint), 
    FOREIGN KEY(organization_id, invitation_id) REFERENCES invitations (organization_id, id) ON DELETE CASCADE
);

CREATE INDEX invitation_tokens_by_invitation ON invitation_tokens (organization_id, invitation_id);

INSERT INTO invitation_tokens (fingerprint, organization_id, invitation_id, created_at) SELECT token_fingerprint, organization_id, id, created_at FROM invitations WHERE token_fingerprint IS NOT NULL;

ALTER TABLE invitations DROP COLUMN token_fingerprint;

CREATE TABLE invitation_tickets (
    fingerprint BYTEA NOT NULL, 
    organization_id TEXT COLLATE "C" NOT NULL, 
    invitation_id TEXT COLLATE "C" NOT NULL, 
    expires_at BIGINT NOT NULL, 
    PRIMARY KEY (fingerprint), 
    FOREIGN KEY(organization_id, invitation_id) REFERENCES invitations (organization_id, id) ON DELETE CASCADE
);

CREATE INDEX invitation_tickets_by_invitation ON invitation_tickets (organization_id, invitation_id);

CREATE INDEX invitation_tickets_by_expiry ON invitation_tickets (expires_at);

CREATE TABLE sessions (
    fingerprint BYTEA NOT NULL, 
    user_id TEXT COLLATE "C" NOT NULL, 
    created_at BIGINT NOT NULL, 
    seen_at BIGINT NOT NULL, 
    expires_at BIGINT NOT NULL, 
    PRIMARY KEY (fingerprint), 
    FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE sign_in_links (
    fingerprint BYTEA NOT NULL, 
    user_id TEXT COLLATE "C" NOT NULL, 
    created_at BIGINT NOT NULL, 
    expires_at BIGINT NOT NULL, 
    PRIMARY KEY (fingerprint), 
    FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE INDEX sign_in_links_by_user ON sign_in_links (user_id);

CREATE INDEX sign_in_links_by_expiry ON sign_in_links (expires_at);

CREATE TABLE outbox_2 (
    organization_id TEXT COLLATE "C" NOT NULL, 
    id TEXT COLLATE "C" NOT NULL, 
    message_type TEXT COLLATE "C" NOT NULL, 
    recipient TEXT COLLATE "C" NOT NULL, 
    recipient_key TEXT COLLATE "C" NOT NULL, 
    language TEXT COLLATE "C" DEFAULT '' NOT NULL, 
    invitation_id TEXT COLLATE "C", 
    sealed_token BYTEA, 
    created_at BIGINT NOT NULL, 
    due_at BIGINT NOT NULL, 
    attempts INTEGER DEFAULT '0' NOT NULL, 
    tried_at BIGINT, 
    leased_until BIGINT, 
    sent_at BIGINT, 
    dead_at BIGINT, 
    last_error TEXT COLLATE "C", 
    CONSTRAINT outbox_pk PRIMARY KEY (organization_id, id), 
    FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE, 
    FOREIGN KEY(organization_id, invitation_id) REFERENCES invitations (organization_id, id) ON DELETE CASCADE
);

INSERT INTO outbox_2 (organization_id, id, message_type, recipient, recipient_key, invitation_id, sealed_token, created_at, due_at, attempts, sent_at, last_error) SELECT organization_id, id, message_type, recipient, lower(recipient), invitation_id, sealed_token, created_at, due_at, attempts, sent_at, last_error FROM outbox;

DROP TABLE outbox;

ALTER TABLE outbox_2 RENAME TO outbox;

CREATE INDEX outbox_by_invitation ON outbox (organization_id, invitation_id);

CREATE INDEX outbox_by_recipient ON outbox (organization_id, recipient_key, created_at);

CREATE INDEX outbox_by_time ON outbox (organization_id, created_at);

CREATE INDEX outbox_due ON outbox (due_at) WHERE sent_at IS NULL AND dead_at IS NULL;

CREATE INDEX outbox_sent ON outbox (sent_at, organization_id) WHERE sent_at IS NOT NULL;

CREATE INDEX outbox_dead ON outbox (dead_at) WHERE dead_at IS NOT NULL;

UPDATE alembic_version SET version_num='0002' WHERE alembic_version.version_num = '0001';

COMMENT ON TABLE alembic_version IS '0002';
