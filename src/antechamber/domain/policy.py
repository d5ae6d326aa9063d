"""What the operator may set about the rules; the service's numbers are the defaults."""

from dataclasses import dataclass, field

from antechamber.domain.languages import ENGLISH

USERS_PER_ORGANIZATION = "users-per-organization"
USERS_PER_PROJECT = "users-per-project"
USERS_PER_TEAM = "users-per-team"
TEAMS_PER_ORGANIZATION = "teams-per-organization"
TEAMS_PER_PROJECT = "teams-per-project"
TEAMS_PER_USER = "teams-per-user"
ORGANIZATIONS_PER_USER = "organizations-per-user"
PROJECTS_PER_ORGANIZATION = "projects-per-organization"
PROJECTS_PER_USER = "projects-per-user"
API_KEYS_PER_ORGANIZATION = "api-keys-per-organization"
ACCESS_LIST_ENTRIES_PER_CREDENTIAL = "access-list-entries-per-credential"
SECRETS_PER_SERVICE_ACCOUNT = "secrets-per-service-account"

# Source: contract, DOMAIN.md section 6.
DEFAULT_LIMITS: dict[str, int] = {
    USERS_PER_ORGANIZATION: 500,
    USERS_PER_PROJECT: 500,
    USERS_PER_TEAM: 250,
    TEAMS_PER_ORGANIZATION: 250,
    TEAMS_PER_PROJECT: 100,
    TEAMS_PER_USER: 100,
    ORGANIZATIONS_PER_USER: 250,
    PROJECTS_PER_ORGANIZATION: 250,
    PROJECTS_PER_USER: 250,
    API_KEYS_PER_ORGANIZATION: 500,
    # What one request may add at most; not known of the service.
    ACCESS_LIST_ENTRIES_PER_CREDENTIAL: 200,
    # Not known of the service: SECURITY-MODEL, "OAuth 2.0".
    SECRETS_PER_SERVICE_ACCOUNT: 2,
}


@dataclass(frozen=True, slots=True)
class Policy:
    """Settings that rules read.

    hide_foreign: an organization or project that the caller has no tie to looks like an unknown one.
    bypass_invitations: whom Cloud Manager's generation invites and who has an account is admitted at once.
    limits: how many of what, by name.
    language: of mail and pages where nobody asks for another. mail_on_change: a changed invitation is mailed
    again. reminder_days: how long before its end an invitation is mailed once more, 0 for never.
    renew_on_resend: a mail sent again starts the invitation's life anew. refuse_lost_inviters: an invitation
    whose inviter could not send it any more is not accepted; otherwise it is, and marked.
    session_idle_minutes, session_hours: how long somebody stays signed in, unused and at most.
    """

    hide_foreign: bool = False
    bypass_invitations: bool = False
    limits: dict[str, int] = field(default_factory=lambda: dict(DEFAULT_LIMITS))
    language: str = ENGLISH
    mail_on_change: bool = False
    reminder_days: int = 0
    renew_on_resend: bool = False
    refuse_lost_inviters: bool = False
    session_idle_minutes: int = 30
    session_hours: int = 12
