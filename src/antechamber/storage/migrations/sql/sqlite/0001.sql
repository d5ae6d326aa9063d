CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL, 
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

-- Running upgrade  -> 0001

CREATE TABLE organizations (
    id TEXT NOT NULL, 
    name TEXT NOT NULL, 
    created_at BIGINT NOT NULL, 
    skip_default_alerts_settings SMALLINT DEFAULT '0' NOT NULL, 
    api_access_list_required SMALLINT DEFAULT '0' NOT NULL, 
    settings TEXT DEFAULT '' NOT NULL, 
    authority_version BIGINT DEFAULT '0' NOT NULL, 
    PRIMARY KEY (id)
)
 WITHOUT ROWID;

CREATE TABLE directory (
    kind TEXT NOT NULL, 
    name TEXT NOT NULL, 
    organization_id TEXT NOT NULL, 
    PRIMARY KEY (kind, name), 
    FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE INDEX directory_by_organization ON directory (organization_id);

CREATE TABLE users (
    id TEXT NOT NULL, 
    username TEXT NOT NULL, 
    username_key TEXT NOT NULL, 
    first_name TEXT DEFAULT '' NOT NULL, 
    last_name TEXT DEFAULT '' NOT NULL, 
    country TEXT DEFAULT '' NOT NULL, 
    mobile_number TEXT DEFAULT '' NOT NULL, 
    password_hash TEXT, 
    created_at BIGINT NOT NULL, 
    verified_at BIGINT, 
    last_auth_at BIGINT, 
    PRIMARY KEY (id)
)
 WITHOUT ROWID;

CREATE UNIQUE INDEX users_by_username ON users (username_key);

CREATE TABLE memberships (
    organization_id TEXT NOT NULL, 
    user_id TEXT NOT NULL, 
    username_key TEXT NOT NULL, 
    roles TEXT NOT NULL, 
    created_at BIGINT NOT NULL, 
    PRIMARY KEY (organization_id, user_id), 
    FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE UNIQUE INDEX memberships_by_username ON memberships (organization_id, username_key);

CREATE INDEX memberships_by_user ON memberships (user_id);

CREATE TABLE projects (
    organization_id TEXT NOT NULL, 
    id TEXT NOT NULL, 
    name TEXT NOT NULL, 
    created_at BIGINT NOT NULL, 
    tags TEXT DEFAULT '' NOT NULL, 
    with_default_alerts_settings SMALLINT DEFAULT '1' NOT NULL, 
    settings TEXT DEFAULT '' NOT NULL, 
    PRIMARY KEY (organization_id, id), 
    FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE UNIQUE INDEX projects_by_name ON projects (organization_id, name);

CREATE TABLE project_roles (
    organization_id TEXT NOT NULL, 
    principal_id TEXT NOT NULL, 
    project_id TEXT NOT NULL, 
    principal_kind TEXT NOT NULL, 
    roles TEXT NOT NULL, 
    created_at BIGINT NOT NULL, 
    PRIMARY KEY (organization_id, principal_id, project_id), 
    FOREIGN KEY(organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE INDEX project_roles_by_project ON project_roles (organization_id, project_id);

CREATE TABLE teams (
    organization_id TEXT NOT NULL, 
    id TEXT NOT NULL, 
    name TEXT NOT NULL, 
    created_at BIGINT NOT NULL, 
    PRIMARY KEY (organization_id, id), 
    FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE UNIQUE INDEX teams_by_name ON teams (organization_id, name);

CREATE TABLE team_members (
    organization_id TEXT NOT NULL, 
    team_id TEXT NOT NULL, 
    user_id TEXT NOT NULL, 
    created_at BIGINT NOT NULL, 
    PRIMARY KEY (organization_id, team_id, user_id), 
    FOREIGN KEY(organization_id, team_id) REFERENCES teams (organization_id, id) ON DELETE CASCADE, 
    FOREIGN KEY(organization_id, user_id) REFERENCES memberships (organization_id, user_id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE INDEX team_members_by_user ON team_members (organization_id, user_id);

CREATE TABLE team_projects (
    organization_id TEXT NOT NULL, 
    project_id TEXT NOT NULL, 
    team_id TEXT NOT NULL, 
    roles TEXT NOT NULL, 
    created_at BIGINT NOT NULL, 
    PRIMARY KEY (organization_id, project_id, team_id), 
    FOREIGN KEY(organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE, 
    FOREIGN KEY(organization_id, team_id) REFERENCES teams (organization_id, id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE INDEX team_projects_by_team ON team_projects (organization_id, team_id);

CREATE TABLE api_keys (
    organization_id TEXT NOT NULL, 
    id TEXT NOT NULL, 
    public_key TEXT NOT NULL, 
    private_key_tail TEXT NOT NULL, 
    sealed_ha1 BLOB NOT NULL, 
    description TEXT NOT NULL, 
    roles TEXT NOT NULL, 
    created_at BIGINT NOT NULL, 
    PRIMARY KEY (organization_id, id), 
    FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE UNIQUE INDEX api_keys_by_public_key ON api_keys (organization_id, public_key);

CREATE TABLE service_accounts (
    organization_id TEXT NOT NULL, 
    client_id TEXT NOT NULL, 
    name TEXT NOT NULL, 
    description TEXT NOT NULL, 
    roles TEXT NOT NULL, 
    created_at BIGINT NOT NULL, 
    PRIMARY KEY (organization_id, client_id), 
    FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE TABLE service_account_secrets (
    organization_id TEXT NOT NULL, 
    client_id TEXT NOT NULL, 
    id TEXT NOT NULL, 
    fingerprint BLOB NOT NULL, 
    mask TEXT NOT NULL, 
    created_at BIGINT NOT NULL, 
    expires_at BIGINT NOT NULL, 
    last_used_at BIGINT, 
    PRIMARY KEY (organization_id, client_id, id), 
    FOREIGN KEY(organization_id, client_id) REFERENCES service_accounts (organization_id, client_id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE TABLE access_tokens (
    organization_id TEXT NOT NULL, 
    fingerprint BLOB NOT NULL, 
    client_id TEXT NOT NULL, 
    secret_id TEXT NOT NULL, 
    created_at BIGINT NOT NULL, 
    expires_at BIGINT NOT NULL, 
    PRIMARY KEY (organization_id, fingerprint), 
    FOREIGN KEY(organization_id, client_id, secret_id) REFERENCES service_account_secrets (organization_id, client_id, id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE INDEX access_tokens_by_account ON access_tokens (organization_id, client_id, secret_id, created_at);

CREATE INDEX access_tokens_by_expiry ON access_tokens (expires_at);

CREATE TABLE access_list_entries (
    organization_id TEXT NOT NULL, 
    principal_id TEXT NOT NULL, 
    cidr_block TEXT NOT NULL, 
    created_at BIGINT NOT NULL, 
    used_count BIGINT DEFAULT '0' NOT NULL, 
    last_used_at BIGINT, 
    last_used_address TEXT, 
    PRIMARY KEY (organization_id, principal_id, cidr_block), 
    FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE TABLE invitations (
    organization_id TEXT NOT NULL, 
    id TEXT NOT NULL, 
    scope_id TEXT NOT NULL, 
    project_id TEXT, 
    from_project SMALLINT DEFAULT '0' NOT NULL, 
    user_id TEXT NOT NULL, 
    username TEXT NOT NULL, 
    username_key TEXT NOT NULL, 
    inviter TEXT NOT NULL, 
    state TEXT NOT NULL, 
    roles TEXT NOT NULL, 
    team_ids TEXT DEFAULT '' NOT NULL, 
    project_roles TEXT DEFAULT '' NOT NULL, 
    token_fingerprint BLOB, 
    created_at BIGINT NOT NULL, 
    expires_at BIGINT NOT NULL, 
    ended_at BIGINT, 
    PRIMARY KEY (organization_id, id), 
    FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE, 
    FOREIGN KEY(organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE UNIQUE INDEX invitations_pending ON invitations (organization_id, scope_id, username_key) WHERE state = 'pending';

CREATE INDEX invitations_by_user ON invitations (organization_id, user_id, created_at, scope_id, from_project);

CREATE INDEX invitations_by_project ON invitations (organization_id, project_id);

CREATE TABLE events (
    organization_id TEXT NOT NULL, 
    id TEXT NOT NULL, 
    project_id TEXT, 
    type_name TEXT NOT NULL, 
    created_at BIGINT NOT NULL, 
    actor_kind TEXT, 
    actor_id TEXT, 
    actor_name TEXT, 
    address TEXT, 
    target_username TEXT, 
    team_id TEXT, 
    target_public_key TEXT, 
    access_list_entry TEXT, 
    target_client_id TEXT, 
    resource_id TEXT, 
    resource_type TEXT, 
    PRIMARY KEY (organization_id, id), 
    FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE INDEX events_by_time ON events (organization_id, created_at, id, type_name);

CREATE INDEX events_by_project ON events (organization_id, project_id, created_at, id, type_name);

CREATE TABLE outbox (
    organization_id TEXT NOT NULL, 
    id TEXT NOT NULL, 
    message_type TEXT NOT NULL, 
    recipient TEXT NOT NULL, 
    invitation_id TEXT NOT NULL, 
    sealed_token BLOB, 
    created_at BIGINT NOT NULL, 
    due_at BIGINT NOT NULL, 
    attempts INTEGER DEFAULT '0' NOT NULL, 
    leased_until BIGINT, 
    sent_at BIGINT, 
    last_error TEXT, 
    PRIMARY KEY (organization_id, id), 
    FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE, 
    FOREIGN KEY(organization_id, invitation_id) REFERENCES invitations (organization_id, id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE INDEX outbox_by_invitation ON outbox (organization_id, invitation_id);

CREATE INDEX outbox_due ON outbox (due_at) WHERE sent_at IS NULL;

CREATE TABLE digest_answers (
    organization_id TEXT NOT NULL, 
    nonce TEXT NOT NULL, 
    count BIGINT NOT NULL, 
    expires_at BIGINT NOT NULL, 
    PRIMARY KEY (organization_id, nonce, count), 
    FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE INDEX digest_answers_by_expiry ON digest_answers (expires_at);

CREATE TABLE limits (
    organization_id TEXT NOT NULL, 
    scope_id TEXT NOT NULL, 
    name TEXT NOT NULL, 
    value BIGINT NOT NULL, 
    PRIMARY KEY (organization_id, scope_id, name), 
    FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE TABLE rate_limit_buckets (
    endpoint_set TEXT NOT NULL, 
    whose TEXT NOT NULL, 
    level DOUBLE NOT NULL, 
    at BIGINT NOT NULL, 
    PRIMARY KEY (endpoint_set, whose)
)
 WITHOUT ROWID;

INSERT INTO alembic_version (version_num) VALUES ('0001') RETURNING version_num;

PRAGMA user_version = 1;
