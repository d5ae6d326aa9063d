"""Whether there is room for one more: organizations and projects that one person belongs to.

What an organization, a project or a team has room for is asked where people are put into it.
"""

from antechamber.domain.errors import TooManyOrganizationsOfUser, TooManyProjectsOfUser
from antechamber.domain.policy import ORGANIZATIONS_PER_USER, PROJECTS_PER_USER
from antechamber.storage import limits, projects, users
from antechamber.storage.database import Transaction


async def require_for_organization(
    tx: Transaction, user_id: str, username: str, *, joins: bool = False
) -> None:
    """Return when the person can belong to one organization more.

    joins: they do in this transaction, so that others who want them wait for it; who only invites them
    learns early what would be refused later. Raises TooManyOrganizationsOfUser.
    Source: contract, DOMAIN.md section 6; MAX_ORGS_PER_USER_EXCEEDED.
    """
    if joins:
        await users.lock(tx, user_id)
    limit = tx.policy.limits[ORGANIZATIONS_PER_USER]
    if await users.count_organizations(tx, user_id, limit) >= limit:
        raise TooManyOrganizationsOfUser(str(limit), username)


async def require_for_project(tx: Transaction, organization_id: str, user_id: str, username: str) -> None:
    """Return when the person can have direct roles on one project of the organization more, which is locked.

    Projects of other organizations are not counted. Raises TooManyProjectsOfUser.
    Source: contract, DOMAIN.md section 6; MAX_GROUPS_PER_USER_EXCEEDED.
    """
    limit = await limits.limit(tx, organization_id, organization_id, PROJECTS_PER_USER)
    if await projects.count_of_principal(tx, organization_id, user_id) >= limit:
        raise TooManyProjectsOfUser(str(limit), username)
