"""Inviting people to organizations and projects, and everything the inviting side does with it."""

from collections.abc import AsyncIterator, Iterable, Sequence

from antechamber.domain import events, invitations, roles, usernames
from antechamber.domain.callers import Caller
from antechamber.domain.errors import (
    InvitationIsForOrganization,
    InvitationIsForProject,
    InvitationNotFound,
    ProjectNotFound,
    TeamNotInOrganization,
    TooManyUsersInOrganization,
    TooManyUsersInProject,
    UserAlreadyExists,
    UsernameNotFound,
)
from antechamber.domain.invitations import Invitation, ProjectRole, State
from antechamber.domain.mail import MessageType
from antechamber.domain.organizations import Organization
from antechamber.domain.permissions import Permission
from antechamber.domain.policy import USERS_PER_ORGANIZATION, USERS_PER_PROJECT
from antechamber.domain.projects import Project
from antechamber.domain.usernames import Username
from antechamber.domain.users import User
from antechamber.storage import events as trail
from antechamber.storage import invitations as stored
from antechamber.storage import limits, organizations, projects, teams, users
from antechamber.storage.database import Transaction
from antechamber.usecases import access, admission, mail_queue, room, team_users

ProjectRoles = Sequence[tuple[str, Sequence[str]]]


# -- to an organization -----------------------------------------------------------------------------


async def invite_to_organization(
    tx: Transaction,
    caller: Caller,
    *,
    organization_id: str,
    username: str,
    requested_roles: Sequence[str],
    team_ids: Sequence[str] = (),
    project_roles: ProjectRoles = (),
    may_bypass: bool = False,
) -> tuple[Organization, Invitation]:
    """Invite a person; the mail is queued. Return the organization and the new invitation.

    project_roles: (project id, roles) to be granted with it. may_bypass: where the policy says so, somebody
    with an account is admitted at once.
    Raises InvalidUsername, the role refusals, TeamNotInOrganization, ProjectNotFound, UserAlreadyExists,
    TooManyUsersInOrganization. Source: contract, createOrgInvite.
    """
    organization = await access.organization(
        tx, caller, organization_id, to=Permission.ORGANIZATION_INVITATIONS_MANAGE
    )
    address = usernames.parse(username)
    kept_roles = roles.organization_roles(requested_roles, organization_id)
    # Before looking at teams and projects: they cannot be deleted meanwhile (INV-16).
    await organizations.lock(tx, organization_id)
    kept_teams = await own_teams(tx, organization_id, team_ids)
    kept_project_roles = await own_project_roles(tx, organization_id, project_roles)
    invitation = await send_to_organization(
        tx,
        caller,
        organization,
        address,
        roles=kept_roles,
        team_ids=kept_teams,
        project_roles=kept_project_roles,
        may_bypass=may_bypass,
    )
    return organization, invitation


async def send_to_organization(
    tx: Transaction,
    caller: Caller,
    organization: Organization,
    address: Username,
    *,
    roles: tuple[str, ...],
    team_ids: tuple[str, ...] = (),
    project_roles: tuple[ProjectRole, ...] = (),
    may_bypass: bool = False,
) -> Invitation:
    """Invite a person with what was checked already; the organization is locked. Return the invitation.

    Raises UserAlreadyExists, TooManyUsersInOrganization, TooManyUsersInProject, TooManyUsersInTeam,
    TooManyOrganizationsOfUser.
    """
    id = tx.new_id()
    user, is_new = await _account(tx, address)
    already_sent = await stored.find_pending(tx, organization.id, organization.id, address.key)
    invitation = invitations.issue(
        id=id,
        organization_id=organization.id,
        user_id=user.id,
        username=address,
        inviter=caller,
        roles=roles,
        team_ids=team_ids,
        project_roles=project_roles,
        already_sent=already_sent,
        is_member=not is_new and bool(await users.organization_roles(tx, organization.id, user.id)),
        now=tx.now,
    )
    await _make_room(tx, already_sent)
    await _require_room_in_organization(tx, organization)
    if not is_new:
        await room.require_for_organization(tx, user.id, user.username)
    await require_room_in_projects(tx, organization.id, (held.project_id for held in project_roles))
    await team_users.require_room_in_teams(tx, organization.id, team_ids)
    await _record(tx, caller, invitation, events.INVITED_TO_ORG)
    if may_bypass and tx.policy.bypass_invitations and user.is_verified:
        return await _admit_at_once(tx, caller, invitation, user)
    await _send(tx, caller, invitation, MessageType.ORGANIZATION_INVITATION)
    return invitation


async def list_of_organization(
    tx: Transaction, caller: Caller, *, organization_id: str, username: str | None = None
) -> tuple[Organization, AsyncIterator[list[Invitation]]]:
    """Return what is pending, by username and in parts; with a username only that person's.

    Source: contract, listOrgInvites; DECISIONS.md 2.
    """
    organization = await access.organization(
        tx, caller, organization_id, to=Permission.ORGANIZATION_INVITATIONS_READ
    )
    return organization, _pending(tx, organization_id, organization_id, username)


async def get_of_organization(
    tx: Transaction, caller: Caller, *, organization_id: str, invitation_id: str
) -> tuple[Organization, Invitation]:
    """Return one pending invitation. Raises InvitationNotFound. Source: contract, getOrgInvite."""
    organization = await access.organization(
        tx, caller, organization_id, to=Permission.ORGANIZATION_INVITATIONS_READ
    )
    return organization, await _of_organization(tx, organization_id, invitation_id)


async def change_of_organization(
    tx: Transaction,
    caller: Caller,
    *,
    organization_id: str,
    invitation_id: str | None = None,
    username: str = "",
    requested_roles: Sequence[str] | None = None,
    team_ids: Sequence[str] | None = None,
    project_roles: ProjectRoles | None = None,
) -> tuple[Organization, Invitation]:
    """Replace what is given of a pending invitation, found by its id or else by its username.

    Raises InvitationNotFound for an id, UsernameNotFound for a username, and what inviting raises for
    roles, teams and projects. Source: contract, updateOrgInvites, updateOrgInviteById; DECISIONS.md 16, 18.
    """
    organization = await access.organization(
        tx, caller, organization_id, to=Permission.ORGANIZATION_INVITATIONS_MANAGE
    )
    # Others change what it carries too: seats in teams, and what is deleted drops out (INV-16).
    await organizations.lock(tx, organization_id)
    if invitation_id is not None:
        invitation = await _of_organization(tx, organization_id, invitation_id, lock=True)
    else:
        invitation = await _by_username(tx, organization_id, organization_id, username)
    changed = invitations.change(
        invitation,
        roles=None if requested_roles is None else roles.organization_roles(requested_roles, organization_id),
        team_ids=None if team_ids is None else await own_teams(tx, organization_id, team_ids),
        project_roles=None
        if project_roles is None
        else await own_project_roles(tx, organization_id, project_roles),
    )
    await require_room_in_projects(tx, organization_id, invitations.added_projects(invitation, changed))
    added = [team_id for team_id in changed.team_ids if team_id not in invitation.team_ids]
    await team_users.require_room_in_teams(tx, organization_id, added)
    await keep_change(tx, caller, changed)
    return organization, changed


async def revoke_of_organization(
    tx: Transaction, caller: Caller, *, organization_id: str, invitation_id: str
) -> None:
    """Cancel a pending invitation.

    Raises InvitationNotFound, InvitationIsForProject. Source: contract, deleteOrgInvite.
    """
    await access.organization(tx, caller, organization_id, to=Permission.ORGANIZATION_INVITATIONS_MANAGE)
    invitation = await _pending_by_id(tx, organization_id, invitation_id)
    if invitation.project_id is not None:
        raise InvitationIsForProject
    if invitation.from_project:
        raise InvitationNotFound
    await revoke(tx, caller, invitation, events.ORG_INVITATION_DELETED)


# -- to a project -----------------------------------------------------------------------------------


async def invite_to_project(
    tx: Transaction,
    caller: Caller,
    *,
    project_id: str,
    username: str,
    requested_roles: Sequence[str],
    known_roles: frozenset[str] = roles.PROJECT_ROLES,
    may_bypass: bool = False,
) -> tuple[Project, Invitation]:
    """Invite a person to a project; the mail is queued. Return the project and the new invitation.

    known_roles: the project roles that there are, where the request came in. may_bypass: where the policy
    says so, somebody with an account is admitted at once.
    Somebody from outside is invited to the organization as well, which organization lists do not show
    and which stays when this invitation is cancelled.
    Raises InvalidUsername, the role refusals, UserAlreadyExists, TooManyUsersInProject,
    TooManyUsersInOrganization. Source: contract, createGroupInvite; DOMAIN.md section 2; DECISIONS.md 1-3.
    """
    project = await access.project(tx, caller, project_id, to=Permission.PROJECT_INVITATIONS_MANAGE)
    organization = caller.organization
    address = usernames.parse(username)
    kept_roles = roles.project_roles(requested_roles, project_id, known=known_roles)
    await organizations.lock(tx, organization.id)
    id = tx.new_id()
    user, is_new = await _account(tx, address)
    already_sent = await stored.find_pending(tx, organization.id, project_id, address.key)
    invitation = invitations.issue(
        id=id,
        organization_id=organization.id,
        project_id=project_id,
        user_id=user.id,
        username=address,
        inviter=caller,
        roles=kept_roles,
        already_sent=already_sent,
        is_member=not is_new and bool(await projects.direct_roles(tx, organization.id, project_id, user.id)),
        now=tx.now,
    )
    await _make_room(tx, already_sent)
    await require_room_in_project(tx, project)
    if may_bypass and tx.policy.bypass_invitations and user.is_verified:
        await _record(tx, caller, invitation, events.INVITED_TO_GROUP)
        return project, await _admit_at_once(tx, caller, invitation, user)
    if is_new or not await users.organization_roles(tx, organization.id, user.id):
        await _invite_along(tx, caller, organization, user, address)
    await _record(tx, caller, invitation, events.INVITED_TO_GROUP)
    await _send(tx, caller, invitation, MessageType.PROJECT_INVITATION)
    return project, invitation


async def list_of_project(
    tx: Transaction, caller: Caller, *, project_id: str, username: str | None = None
) -> tuple[Project, AsyncIterator[list[Invitation]]]:
    """Return what is pending, by username and in parts; with a username only that person's.

    Source: contract, listGroupInvites.
    """
    project = await access.project(tx, caller, project_id, to=Permission.PROJECT_INVITATIONS_READ)
    return project, _pending(tx, project.organization_id, project_id, username)


async def get_of_project(
    tx: Transaction, caller: Caller, *, project_id: str, invitation_id: str
) -> tuple[Project, Invitation]:
    """Return one pending invitation. Raises InvitationNotFound. Source: contract, getGroupInvite."""
    project = await access.project(tx, caller, project_id, to=Permission.PROJECT_INVITATIONS_READ)
    return project, await _of_project(tx, project, invitation_id)


async def change_of_project(
    tx: Transaction,
    caller: Caller,
    *,
    project_id: str,
    invitation_id: str | None = None,
    username: str = "",
    requested_roles: Sequence[str] | None = None,
    known_roles: frozenset[str] = roles.PROJECT_ROLES,
) -> tuple[Project, Invitation]:
    """Replace the roles of a pending invitation, found by its id or else by its username.

    Raises InvitationNotFound for an id, UsernameNotFound for a username, and the role refusals.
    Source: contract, updateGroupInvites, updateGroupInviteById; DECISIONS.md 16, 18.
    """
    project = await access.project(tx, caller, project_id, to=Permission.PROJECT_INVITATIONS_MANAGE)
    if invitation_id is not None:
        invitation = await _of_project(tx, project, invitation_id, lock=True)
    else:
        invitation = await _by_username(tx, project.organization_id, project_id, username)
    changed = invitations.change(
        invitation,
        roles=None
        if requested_roles is None
        else roles.project_roles(requested_roles, project_id, known=known_roles),
    )
    await keep_change(tx, caller, changed)
    return project, changed


async def revoke_of_project(tx: Transaction, caller: Caller, *, project_id: str, invitation_id: str) -> None:
    """Cancel a pending invitation; the organization's half of it stays.

    Raises InvitationNotFound, InvitationIsForOrganization. Source: contract, deleteGroupInvite.
    """
    project = await access.project(tx, caller, project_id, to=Permission.PROJECT_INVITATIONS_MANAGE)
    invitation = await _pending_by_id(tx, project.organization_id, invitation_id)
    if invitation.project_id is None:
        raise InvitationIsForOrganization
    if invitation.project_id != project_id:
        raise InvitationNotFound
    await revoke(tx, caller, invitation, events.GROUP_INVITATION_DELETED)


# -- both -------------------------------------------------------------------------------------------


async def _account(tx: Transaction, address: Username) -> tuple[User, bool]:
    """Return the person's account, made now if there is none, and whether it was."""
    user = await users.find_by_key(tx, address.key)
    if user is not None:
        return user, False
    user = User(id=tx.new_id(), username=address.text, created_at=tx.now)
    if await users.insert(tx, user, address):
        return user, True
    # Somebody else invited the same person to another organization at the same moment.
    user = await users.find_by_key(tx, address.key)
    assert user is not None, "an address that is taken belongs to a user"
    return user, False


async def _invite_along(
    tx: Transaction, caller: Caller, organization: Organization, user: User, address: Username
) -> None:
    """Invite a person to the organization of the project, unless an invitation is pending."""
    already_sent = await stored.find_pending(tx, organization.id, organization.id, address.key)
    if already_sent is not None and already_sent.is_pending(tx.now):
        return
    along = invitations.issue(
        id=tx.new_id(),
        organization_id=organization.id,
        from_project=True,
        user_id=user.id,
        username=address,
        inviter=caller,
        roles=(roles.ORG_MEMBER,),
        already_sent=already_sent,
        is_member=False,
        now=tx.now,
    )
    await _make_room(tx, already_sent)
    await _require_room_in_organization(tx, organization)
    await stored.insert(tx, along, language=caller.language)
    await _record(tx, caller, along, events.INVITED_TO_ORG)


async def _make_room(tx: Transaction, already_sent: Invitation | None) -> None:
    """End what the rule let a new invitation replace: an expired one, or a hidden half."""
    if already_sent is not None:
        ended = State.REVOKED if already_sent.is_pending(tx.now) else State.EXPIRED
        await stored.end(tx, already_sent, ended)


async def _require_room_in_organization(tx: Transaction, organization: Organization) -> None:
    """Pending people count. Source: contract, DECISIONS.md 4; MAX_USERS_PER_ORG_EXCEEDED."""
    limit = await limits.limit(tx, organization.id, organization.id, USERS_PER_ORGANIZATION)
    people = await users.count_members(tx, organization.id, limit)
    if people < limit:
        people += await stored.count_pending(tx, organization.id, organization.id, limit - people)
    if people >= limit:
        raise TooManyUsersInOrganization(str(limit), organization.name)


async def require_room_in_projects(tx: Transaction, organization_id: str, project_ids: Iterable[str]) -> None:
    """Return when each project can take one person more. Raises TooManyUsersInProject."""
    for project_id in dict.fromkeys(project_ids):
        project = await projects.find(tx, organization_id, project_id)
        assert project is not None, "checked before"
        await require_room_in_project(tx, project)


async def require_room_in_project(tx: Transaction, project: Project) -> None:
    """Return when the project can take one person more. Raises TooManyUsersInProject.

    Pending people count. Source: contract, DECISIONS.md 4; MAX_USERS_PER_GROUP_EXCEEDED.
    """
    limit = await limits.limit(tx, project.organization_id, project.id, USERS_PER_PROJECT)
    people = await projects.count_people(tx, project, limit)
    if people < limit:
        people += await stored.count_pending(tx, project.organization_id, project.id, limit - people)
    if people < limit:
        people += await stored.count_carrying_project(tx, project.organization_id, project.id, limit - people)
    if people >= limit:
        raise TooManyUsersInProject(str(limit), project.name)


async def _admit_at_once(tx: Transaction, caller: Caller, invitation: Invitation, user: User) -> Invitation:
    """Keep the invitation as accepted and give what it carries: nobody is asked, nothing is mailed."""
    accepted = invitation._replace(state=State.ACCEPTED)
    await stored.insert(tx, accepted, ended_at=tx.now)
    await admission.admit(tx, caller, accepted, user)
    return accepted


async def _send(tx: Transaction, caller: Caller, invitation: Invitation, message_type: MessageType) -> None:
    """Keep the invitation and queue its mail. Raises UserAlreadyExists."""
    if not await stored.insert(tx, invitation, language=caller.language):
        raise UserAlreadyExists(invitation.username)
    await mail_queue.send_invitation(tx, invitation, message_type, caller.language)


async def keep_change(
    tx: Transaction,
    caller: Caller,
    changed: Invitation,
    type_name: str = events.USER_ROLES_CHANGED_AUDIT,
    *,
    project_id: str | None = None,
) -> None:
    """Keep what a pending invitation carries now. project_id: of whose feed the event is too.

    Where the policy says so the person is told; of the hidden half of a project invitation nobody is.
    Raises InvitationNotFound when it is pending no more.
    """
    before = None
    if tx.policy.mail_on_change and not changed.from_project:
        before = await stored.find(tx, changed.organization_id, changed.id)
    if not await stored.update(tx, changed):
        raise InvitationNotFound
    await _record(tx, caller, changed, type_name, project_id=project_id)
    if before is not None and before != changed:
        language, _ = await stored.language_and_note(tx, changed.organization_id, changed.id)
        await mail_queue.send_invitation(tx, changed, MessageType.CHANGED_INVITATION, language)


async def resend(
    tx: Transaction,
    caller: Caller,
    *,
    organization_id: str,
    invitation_id: str,
    project_id: str | None = None,
) -> Invitation:
    """Mail a pending invitation once more, with a link of its own; earlier links still open it.

    Its end stays, or moves to 30 days from now where the policy says so. project_id: of an invitation to a
    project. The event is the one of inviting. Raises InvitationNotFound.
    """
    if project_id is None:
        await access.organization(tx, caller, organization_id, to=Permission.ORGANIZATION_INVITATIONS_MANAGE)
        invitation = await _of_organization(tx, organization_id, invitation_id, lock=True)
        type_name, message_type = events.INVITED_TO_ORG, MessageType.ORGANIZATION_INVITATION
    else:
        project = await access.project(tx, caller, project_id, to=Permission.PROJECT_INVITATIONS_MANAGE)
        invitation = await _of_project(tx, project, invitation_id, lock=True)
        type_name, message_type = events.INVITED_TO_GROUP, MessageType.PROJECT_INVITATION
    if tx.policy.renew_on_resend:
        invitation = await _renew(tx, invitation)
    await _record(tx, caller, invitation, type_name)
    language, _ = await stored.language_and_note(tx, invitation.organization_id, invitation.id)
    await mail_queue.send_invitation(tx, invitation, message_type, language)
    return invitation


async def _renew(tx: Transaction, invitation: Invitation) -> Invitation:
    """Let the invitation live for 30 days from now, and its hidden half with it."""
    renewed = invitation._replace(expires_at=tx.now + invitations.LIFETIME)
    if not await stored.renew(tx, renewed):
        raise InvitationNotFound
    if renewed.project_id is not None:
        organization_id, key = renewed.organization_id, usernames.key_of(renewed.username)
        half = await stored.find_pending(tx, organization_id, organization_id, key)
        if half is not None and half.from_project and half.is_pending(tx.now):
            await stored.renew(tx, half._replace(expires_at=renewed.expires_at))
    return renewed


async def revoke(tx: Transaction, caller: Caller, invitation: Invitation, type_name: str) -> None:
    """Cancel an invitation. Raises InvitationNotFound when it is pending no more."""
    if not await stored.end(tx, invitation, State.REVOKED):
        raise InvitationNotFound
    await _record(tx, caller, invitation, type_name)


async def _record(
    tx: Transaction, caller: Caller, invitation: Invitation, type_name: str, *, project_id: str | None = None
) -> None:
    await trail.append(
        tx,
        events.by(
            caller,
            type_name,
            id=tx.new_id(),
            organization_id=invitation.organization_id,
            project_id=project_id or invitation.project_id,
            target_username=invitation.username,
            now=tx.now,
        ),
    )


async def _pending(
    tx: Transaction, organization_id: str, scope_id: str, username: str | None
) -> AsyncIterator[list[Invitation]]:
    if username:
        found = await stored.find_pending(tx, organization_id, scope_id, usernames.key_of(username))
        yield [found] if found is not None and _is_shown(tx, found) else []
    else:
        async for part in stored.list_pending(tx, organization_id, scope_id):
            yield part


def _is_shown(tx: Transaction, invitation: Invitation) -> bool:
    return invitation.is_pending(tx.now) and not invitation.from_project


async def _pending_by_id(
    tx: Transaction, organization_id: str, invitation_id: str, *, lock: bool = False
) -> Invitation:
    invitation = await stored.find(tx, organization_id, invitation_id, lock=lock)
    if invitation is None or not invitation.is_pending(tx.now):
        raise InvitationNotFound
    return invitation


async def _of_organization(
    tx: Transaction, organization_id: str, invitation_id: str, *, lock: bool = False
) -> Invitation:
    invitation = await _pending_by_id(tx, organization_id, invitation_id, lock=lock)
    if invitation.project_id is not None or invitation.from_project:
        raise InvitationNotFound
    return invitation


async def _of_project(
    tx: Transaction, project: Project, invitation_id: str, *, lock: bool = False
) -> Invitation:
    invitation = await _pending_by_id(tx, project.organization_id, invitation_id, lock=lock)
    if invitation.project_id != project.id:
        raise InvitationNotFound
    return invitation


async def _by_username(tx: Transaction, organization_id: str, scope_id: str, username: str) -> Invitation:
    """Return the address's pending invitation, to be changed."""
    found = await stored.find_pending(tx, organization_id, scope_id, usernames.parse(username).key)
    if found is not None:
        found = await stored.find(tx, organization_id, found.id, lock=True)
    if found is None or not _is_shown(tx, found):
        raise UsernameNotFound(username)
    return found


async def own_teams(tx: Transaction, organization_id: str, team_ids: Sequence[str]) -> tuple[str, ...]:
    """Return the ids, each once, when all are the organization's teams (INV-3)."""
    kept = tuple(dict.fromkeys(team_ids))
    for team_id in kept:
        if await teams.find(tx, organization_id, team_id) is None:
            raise TeamNotInOrganization(team_id, organization_id)
    return kept


async def own_project_roles(
    tx: Transaction, organization_id: str, assignments: ProjectRoles
) -> tuple[ProjectRole, ...]:
    """Return one entry a role when all projects are the organization's (INV-3)."""
    kept: dict[ProjectRole, None] = {}
    for project_id, requested in assignments:
        if await projects.find(tx, organization_id, project_id) is None:
            raise ProjectNotFound(project_id)
        for role in roles.project_roles(requested, project_id):
            kept[ProjectRole(project_id, role)] = None
    return tuple(kept)
