"""What the operator may set about the rules; the service's numbers are the defaults."""

from dataclasses import dataclass, field

USERS_PER_ORGANIZATION = "users-per-organization"
USERS_PER_PROJECT = "users-per-project"
USERS_PER_TEAM = "users-per-team"
TEAMS_PER_ORGANIZATION = "teams-per-organization"
PROJECTS_PER_ORGANIZATION = "projects-per-organization"

# Source: contract, DOMAIN.md section 6.
DEFAULT_LIMITS: dict[str, int] = {
    USERS_PER_ORGANIZATION: 500,
    USERS_PER_PROJECT: 500,
    USERS_PER_TEAM: 250,
    TEAMS_PER_ORGANIZATION: 250,
    PROJECTS_PER_ORGANIZATION: 250,
}


@dataclass(frozen=True, slots=True)
class Policy:
    """Settings that rules read.

    hide_foreign: an organization or project that the caller has no tie to looks like an unknown one.
    limits: how many of what, by name.
    """

    hide_foreign: bool = False
    limits: dict[str, int] = field(default_factory=lambda: dict(DEFAULT_LIMITS))
