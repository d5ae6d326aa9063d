CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL, 
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

-- Running upgrade  -> 0001

CREATE TABLE organizations (
    id TEXT COLLATE "C" NOT NULL, 
    name TEXT COLLATE "C" NOT NULL, 
    created_at BIGINT NOT NULL, 
    skip_default_alerts_settings SMALLINT DEFAULT '0' NOT NULL, 
    api_access_list_required SMALLINT DEFAULT '0' NOT NULL, 
    settings TEXT COLLATE "C" DEFAULT '' NOT NULL, 
    authority_version BIGINT DEFAULT '0' NOT NULL, 
    PRIMARY KEY (id)
);

CREATE TABLE directory (
    kind TEXT COLLATE "C" NOT NULL, 
    name TEXT COLLATE "C" NOT NULL, 
    organization_id TEXT COLLATE "C" NOT NULL, 
    PRIMARY KEY (kind, name), 
    FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE
);

CREATE INDEX directory_by_organization ON directory (organization_id);

CREATE TABLE users (
    id TEXT COLLATE "C" NOT NULL, 
    username TEXT COLLATE "C" NOT NULL, 
    username_key TEXT COLLATE "C" NOT NULL, 
    first_name TEXT COLLATE "C" DEFAULT '' NOT NULL, 
    last_name TEXT COLLATE "C" DEFAULT '' NOT NULL, 
    country TEXT COLLATE "C" DEFAULT '' NOT NULL, 
    mobile_number TEXT COLLATE "C" DEFAULT '' NOT NULL, 
    password_hash TEXT COLLATE "C", 
    created_at BIGINT NOT NULL, 
    verified_at BIGINT, 
    last_auth_at BIGINT, 
    PRIMARY KEY (id)
);

CREATE UNIQUE INDEX users_by_username ON users (username_key);

CREATE TABLE memberships (
    organization_id TEXT COLLATE "C" NOT NULL, 
    user_id TEXT COLLATE "C" NOT NULL, 
    username_key TEXT COLLATE "C" NOT NULL, 
    roles TEXT COLLATE "C" NOT NULL, 
    created_at BIGINT NOT NULL, 
    PRIMARY KEY (organization_id, user_id), 
    FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX memberships_by_username ON memberships (organization_id, username_key);

CREATE INDEX memberships_by_user ON memberships (user_id);

CREATE TABLE projects (
    organization_id TEXT COLLATE "C" NOT NULL, 
    id TEXT COLLATE "C" NOT NULL, 
    name TEXT COLLATE "C" NOT NULL, 
    created_at BIGINT NOT NULL, 
    tags TEXT COLLATE "C" DEFAULT '' NOT NULL, 
    with_default_alerts_settings SMALLINT DEFAULT '1' NOT NULL, 
    settings TEXT COLLATE "C" DEFAULT '' NOT NULL, 
    PRIMARY KEY (organization_id, id), 
    FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX projects_by_name ON projects (organization_id, name);

CREATE TABLE project_roles (
    organization_id TEXT COLLATE "C" NOT NULL, 
    principal_id TEXT COLLATE "C" NOT NULL, 
    project_id TEXT COLLATE "C" NOT NULL, 
    principal_kind TEXT COLLATE "C" NOT NULL, 
    roles TEXT COLLATE "C" NOT NULL, 
    created_at BIGINT NOT NULL, 
    PRIMARY KEY (organization_id, principal_id, project_id), 
    FOREIGN KEY(organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE
);

CREATE INDEX project_roles_by_project ON project_roles (organization_id, project_id);

CREATE TABLE teams (
    organization_id TEXT COLLATE "C" NOT NULL, 
    id TEXT COLLATE "C" NOT NULL, 
    name TEXT COLLATE "C" NOT NULL, 
    created_at BIGINT NOT NULL, 
    PRIMARY KEY (organization_id, id), 
    FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX teams_by_name ON teams (organization_id, name);

CREATE TABLE team_members (
    organization_id TEXT COLLATE "C" NOT NULL, 
    team_id TEXT COLLATE "C" NOT NULL, 
    user_id TEXT COLLATE "C" NOT NULL, 
    created_at BIGINT NOT NULL, 
    PRIMARY KEY (organization_id, team_id, user_id), 
    FOREIGN KEY(organization_id, team_id) REFERENCES teams (organization_id, id) ON DELETE CASCADE, 
    FOREIGN KEY(organization_id, user_id) REFERENCES memberships (organization_id, user_id) ON DELETE CASCADE
);

CREATE INDEX team_members_by_user ON team_members (organization_id, user_id);

CREATE TABLE team_projects (
    organization_id TEXT COLLATE "C" NOT NULL, 
    project_id TEXT COLLATE "C" NOT NULL, 
    team_id TEXT COLLATE "C" NOT NULL, 
    roles TEXT COLLATE "C" NOT NULL, 
    created_at BIGINT NOT NULL, 
    PRIMARY KEY (organization_id, project_id, team_id), 
    FOREIGN KEY(organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE, 
    FOREIGN KEY(organization_id, team_id) REFERENCES teams (organization_id, id) ON DELETE CASCADE
);

CREATE INDEX team_projects_by_team ON team_projects (organization_id, team_id);

CREATE TABLE api_keys (
    organization_id TEXT COLLATE "C" NOT NULL, 
    id TEXT COLLATE "C" NOT NULL, 
    public_key TEXT COLLATE "C" NOT NULL, 
    private_key_tail TEXT COLLATE "C" NOT NULL, 
    sealed_ha1 BYTEA NOT NULL, 
    description TEXT COLLATE "C" NOT NULL, 
    roles TEXT COLLATE "C" NOT NULL, 
    created_at BIGINT NOT NULL, 
    PRIMARY KEY (organization_id, id), 
    FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX api_keys_by_public_key ON api_keys (organization_id, public_key);

CREATE TABLE service_accounts (
    organization_id TEXT COLLATE "C" NOT NULL, 
    client_id TEXT COLLATE "C" NOT NULL, 
    name TEXT COLLATE "C" NOT NULL, 
    description TEXT COLLATE "C" NOT NULL, 
    roles TEXT COLLATE "C" NOT NULL, 
    created_at BIGINT NOT NULL, 
    PRIMARY KEY (organization_id, client_id), 
    FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE
);

CREATE TABLE service_account_secrets (
    organization_id TEXT COLLATE "C" NOT NULL, 
    client_id TEXT COLLATE "C" NOT NULL, 
    id TEXT COLLATE "C" NOT NULL, 
    fingerprint BYTEA NOT NULL, 
    mask TEXT COLLATE "C" NOT NULL, 
    created_at BIGINT NOT NULL, 
    expires_at BIGINT NOT NULL, 
    last_used_at BIGINT, 
    PRIMARY KEY (organization_id, client_id, id), 
    FOREIGN KEY(organization_id, client_id) REFERENCES service_accounts (organization_id, client_id) ON DELETE CASCADE
);

CREATE TABLE access_tokens (
    organization_id TEXT COLLATE "C" NOT NULL, 
    fingerprint BYTEA NOT NULL, 
    client_id TEXT COLLATE "C" NOT NULL, 
    secret_id TEXT COLLATE "C" NOT NULL, 
    created_at BIGINT NOT NULL, 
    expires_at BIGINT NOT NULL, 
    PRIMARY KEY (organization_id, fingerprint), 
    FOREIGN KEY(organization_id, client_id, secret_id) REFERENCES service_account_secrets (organization_id, client_id, id) ON DELETE CASCADE
);

CREATE INDEX access_tokens_by_account ON access_tokens (organization_id, client_id, secret_id, created_at);

CREATE INDEX access_tokens_by_expiry ON access_tokens (expires_at);

CREATE TABLE access_list_entries (
    organization_id TEXT COLLATE "C" NOT NULL, 
    principal_id TEXT COLLATE "C" NOT NULL, 
    cidr_block TEXT COLLATE "C" NOT NULL, 
    created_at BIGINT NOT NULL, 
    used_count BIGINT DEFAULT '0' NOT NULL, 
    last_used_at BIGINT, 
    last_used_address TEXT COLLATE "C", 
    PRIMARY KEY (organization_id, principal_id, cidr_block), 
    FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE
);

CREATE TABLE invitations (
    organization_id TEXT COLLATE "C" NOT NULL, 
    id TEXT COLLATE "C" NOT NULL, 
    scope_id TEXT COLLATE "C" NOT NULL, 
    project_id TEXT COLLATE "C", 
    from_project SMALLINT DEFAULT '0' NOT NULL, 
    user_id TEXT COLLATE "C" NOT NULL, 
    username TEXT COLLATE "C" NOT NULL, 
    username_key TEXT COLLATE "C" NOT NULL, 
    inviter TEXT COLLATE "C" NOT NULL, 
    state TEXT COLLATE "C" NOT NULL, 
    roles TEXT COLLATE "C" NOT NULL, 
    team_ids TEXT COLLATE "C" DEFAULT '' NOT NULL, 
    project_roles TEXT COLLATE "C" DEFAULT '' NOT NULL, 
    token_fingerprint BYTEA, 
    created_at BIGINT NOT NULL, 
    expires_at BIGINT NOT NULL, 
    ended_at BIGINT, 
    PRIMARY KEY (organization_id, id), 
    FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE, 
    FOREIGN KEY(organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX invitations_pending ON invitations (organization_id, scope_id, username_key) WHERE state = 'pending';

CREATE INDEX invitations_by_user ON invitations (organization_id, user_id, created_at, scope_id, from_project);

CREATE INDEX invitations_by_project ON invitations (organization_id, project_id);

CREATE TABLE events (
    organization_id TEXT COLLATE "C" NOT NULL, 
    id TEXT COLLATE "C" NOT NULL, 
    project_id TEXT COLLATE "C", 
    type_name TEXT COLLATE "C" NOT NULL, 
    created_at BIGINT NOT NULL, 
    actor_kind TEXT COLLATE "C", 
    actor_id TEXT COLLATE "C", 
    actor_name TEXT COLLATE "C", 
    address TEXT COLLATE "C", 
    target_username TEXT COLLATE "C", 
    team_id TEXT COLLATE "C", 
    target_public_key TEXT COLLATE "C", 
    access_list_entry TEXT COLLATE "C", 
    target_client_id TEXT COLLATE "C", 
    resource_id TEXT COLLATE "C", 
    resource_type TEXT COLLATE "C", 
    PRIMARY KEY (organization_id, id), 
    FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE
);

CREATE INDEX events_by_time ON events (organization_id, created_at, id, type_name);

CREATE INDEX events_by_project ON events (organization_id, project_id, created_at, id, type_name);

CREATE TABLE outbox (
    organization_id TEXT COLLATE "C" NOT NULL, 
    id TEXT COLLATE "C" NOT NULL, 
    message_type TEXT COLLATE "C" NOT NULL, 
    recipient TEXT COLLATE "C" NOT NULL, 
    invitation_id TEXT COLLATE "C" NOT NULL, 
    sealed_token BYTEA, 
    created_at BIGINT NOT NULL, 
    due_at BIGINT NOT NULL, 
    attempts INTEGER DEFAULT '0' NOT NULL, 
    leased_until BIGINT, 
    sent_at BIGINT, 
    last_error TEXT COLLATE "C", 
    PRIMARY KEY (organization_id, id), 
    FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE, 
    FOREIGN KEY(organization_id, invitation_id) REFERENCES invitations (organization_id, id) ON DELETE CASCADE
);

CREATE INDEX outbox_by_invitation ON outbox (organization_id, invitation_id);

CREATE INDEX outbox_due ON outbox (due_at) WHERE sent_at IS NULL;

CREATE TABLE digest_answers (
    organization_id TEXT COLLATE "C" NOT NULL, 
    nonce TEXT COLLATE "C" NOT NULL, 
    count BIGINT NOT NULL, 
    expires_at BIGINT NOT NULL, 
    PRIMARY KEY (organization_id, nonce, count), 
    FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE
);

CREATE INDEX digest_answers_by_expiry ON digest_answers (expires_at);

CREATE TABLE limits (
    organization_id TEXT COLLATE "C" NOT NULL, 
    scope_id TEXT COLLATE "C" NOT NULL, 
    name TEXT COLLATE "C" NOT NULL, 
    value BIGINT NOT NULL, 
    PRIMARY KEY (organization_id, scope_id, name), 
    FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE
);

CREATE TABLE rate_limit_buckets (
    endpoint_set TEXT COLLATE "C" NOT NULL, 
    whose TEXT COLLATE "C" NOT NULL, 
    level DOUBLE PRECISION NOT NULL, 
    at BIGINT NOT NULL, 
    PRIMARY KEY (endpoint_set, whose)
);

INSERT INTO alembic_version (version_num) VALUES ('0001') RETURNING alembic_version.version_num;

COMMENT ON TABLE alembic_version IS '0001';
