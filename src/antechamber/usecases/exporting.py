"""An organization as a seed: what `seeding` would plant to have it again, without its secrets."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from antechamber.domain.errors import OrganizationNotFound
from antechamber.domain.invitations import LIFETIME, Invitation, ProjectRole, State
from antechamber.domain.paging import Page, PageRequest
from antechamber.domain.seeds import (
    ApiKeySeed,
    InvitationSeed,
    OrganizationSeed,
    ProjectRoles,
    ProjectSeed,
    ServiceAccountSeed,
    TeamSeed,
    UserSeed,
)
from antechamber.domain.service_accounts import ServiceAccount
from antechamber.domain.users import OrganizationUser, Status
from antechamber.storage import access_lists as networks
from antechamber.storage import api_keys, invitations, organizations, projects, service_accounts, teams
from antechamber.storage import organization_users as people
from antechamber.storage.database import Transaction

Item = TypeVar("Item")
_MEMBERS = frozenset({Status.ACTIVE})
_PAGE_SIZE = 500


async def organization_seed(tx: Transaction, organization_id: str) -> OrganizationSeed:
    """Return the organization as a seed with ids; credentials have no secrets in it.

    Revoked invitations, and accepted ones of people who have left, are left out: planted again they would
    mean something else. docs/seed.md lists what a seed cannot hold. Raises OrganizationNotFound.
    """
    organization = await organizations.find(tx, organization_id)
    if organization is None:
        raise OrganizationNotFound(organization_id)
    id = organization.id
    of_project = await _all(lambda page: projects.list_of_organization(tx, id, page))
    of_team = await _all(lambda page: teams.list_of_organization(tx, id, page))
    members = await _all(lambda page: people.list_of_organization(tx, id, page, statuses=_MEMBERS))
    names = {project.id: project.name for project in of_project} | {team.id: team.name for team in of_team}
    seats: dict[str, list[str]] = {}
    for member in members:
        for team_id in member.team_ids:
            seats.setdefault(team_id, []).append(member.username)
    assigned: dict[str, list[ProjectRoles]] = {}
    for project in of_project:
        for held in await _all(lambda page, p=project: teams.list_of_project(tx, id, p.id, page)):  # type: ignore[misc]
            assigned.setdefault(held.team_id, []).append(ProjectRoles(project.name, held.roles))
    return OrganizationSeed(
        name=organization.name,
        id=id,
        language=await organizations.language(tx, id),
        settings=await organizations.settings(tx, id),
        projects=tuple(ProjectSeed(project.name, project.id) for project in of_project),
        teams=tuple(
            TeamSeed(team.name, team.id, tuple(seats.get(team.id, ())), tuple(assigned.get(team.id, ())))
            for team in of_team
        ),
        users=tuple(_user(member, names) for member in members),
        api_keys=tuple(
            [
                ApiKeySeed(
                    public_key=key.public_key,
                    private_key="",
                    id=key.id,
                    description=key.description,
                    roles=key.roles,
                    project_roles=_grants(key.project_roles, names),
                    access_list=await networks.list_of_principal(tx, id, key.id),
                )
                for key in await _all(lambda page: api_keys.list_of_organization(tx, id, page))
            ]
        ),
        service_accounts=tuple(
            [
                await _account(tx, account, names)
                for account in await _all(lambda page: service_accounts.list_of_organization(tx, id, page))
            ]
        ),
        invitations=tuple(
            _invitation(tx, invitation, language, names)
            for invitation, language in await invitations.list_all(tx, id)
            if _is_of_use(tx, invitation, {member.id: member for member in members})
        ),
    )


async def _all(page_of: Callable[[PageRequest], Awaitable[Page[Item]]]) -> list[Item]:
    found: list[Item] = []
    while True:
        page = await page_of(PageRequest(len(found) // _PAGE_SIZE + 1, _PAGE_SIZE))
        found += page.items
        if len(page.items) < _PAGE_SIZE:
            return found


def _user(member: OrganizationUser, names: dict[str, str]) -> UserSeed:
    account = member.account
    assert account is not None, "a member has an account"
    return UserSeed(
        username=member.username,
        id=member.id,
        first_name=account.first_name,
        last_name=account.last_name,
        roles=member.roles,
        project_roles=_grants(member.project_roles, names),
    )


async def _account(tx: Transaction, account: ServiceAccount, names: dict[str, str]) -> ServiceAccountSeed:
    of = account.organization_id, account.client_id
    held = (await projects.roles_of_principal(tx, *of)).items()
    return ServiceAccountSeed(
        client_id=account.client_id,
        secret="",
        name=account.name,
        description=account.description,
        roles=account.roles,
        project_roles=tuple(ProjectRoles(names[project_id], roles) for project_id, roles in held),
        access_list=await networks.list_of_principal(tx, *of),
    )


def _grants(held: tuple[ProjectRole, ...], names: dict[str, str]) -> tuple[ProjectRoles, ...]:
    merged: dict[str, list[str]] = {}
    for project_id, role in held:
        if project_id in names:
            merged.setdefault(names[project_id], []).append(role)
    return tuple(ProjectRoles(project, tuple(roles)) for project, roles in merged.items())


def _state(tx: Transaction, invitation: Invitation) -> State:
    # What is past its end is expired, swept or not (INV-14).
    is_over = invitation.state is State.PENDING and not invitation.is_pending(tx.now)
    return State.EXPIRED if is_over else invitation.state


def _is_of_use(tx: Transaction, invitation: Invitation, members: dict[str, OrganizationUser]) -> bool:
    member = members.get(invitation.user_id)
    state = _state(tx, invitation)
    if state is State.ACCEPTED:
        return member is not None
    if state is State.PENDING and member is not None:
        # Of no effect for somebody who is there already, and refused in a seed.
        return invitation.project_id is not None and not member.roles_on(invitation.project_id)
    return state is not State.REVOKED


def _invitation(
    tx: Transaction, invitation: Invitation, language: str, names: dict[str, str]
) -> InvitationSeed:
    state = _state(tx, invitation)
    # One that was renewed is as old as its present life.
    counted = state in (State.PENDING, State.EXPIRED)
    return InvitationSeed(
        username=invitation.username,
        id=invitation.id,
        project=None if invitation.project_id is None else names[invitation.project_id],
        roles=invitation.roles,
        teams=tuple(names[team_id] for team_id in invitation.team_ids if team_id in names),
        project_roles=_grants(invitation.project_roles, names),
        state=state,
        language=language,
        created_at=invitation.expires_at - LIFETIME if counted else invitation.created_at,
    )
