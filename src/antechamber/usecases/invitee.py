"""What the invited person does: open the link of the mail, look, accept or decline.

The token of the link proves the address, and that is all: it makes the account or takes over one that
nobody has proven yet, and never signs in to one that somebody has (INV-12).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from antechamber.auth import secrets
from antechamber.domain import events, usernames, users
from antechamber.domain.callers import Caller, CallerKind
from antechamber.domain.errors import (
    InvitationChanged,
    InvitationEnded,
    InvitationForSomebodyElse,
    InvitationLinkUnknown,
    InvitationNeedsSignIn,
    InvitationNotFound,
    InviterLost,
    NotFound,
    NotPermitted,
    TicketRunOut,
)
from antechamber.domain.invitations import Invitation, State
from antechamber.domain.mail import MessageType
from antechamber.domain.organizations import Organization
from antechamber.domain.permissions import Permission
from antechamber.domain.projects import Project
from antechamber.domain.roles import ORG_MEMBER
from antechamber.domain.users import User
from antechamber.storage import (
    api_keys,
    invitation_tickets,
    invitation_tokens,
    organizations,
    projects,
    teams,
)
from antechamber.storage import events as trail
from antechamber.storage import invitations as stored
from antechamber.storage import service_accounts as accounts_of_machines
from antechamber.storage import users as accounts
from antechamber.storage.database import Transaction
from antechamber.storage.invitation_tokens import Opened
from antechamber.usecases import access, admission, mail_queue, sign_in
from antechamber.usecases.sign_in import SignedIn

TICKET_LIFETIME = timedelta(minutes=10)
NOTE_CHARACTERS = 500


class ProjectAccess(NamedTuple):
    """Roles on one project that come with an invitation to the organization."""

    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """An invitation as the person sees it whom it is for.

    state: with time taken into account. project: what it invites to; None for the organization itself.
    roles, team_names, project_access: what acceptance gives; teams and projects that are gone are left out.
    user: the account, which others may have given a name. has_account: it is proven, so accepting needs a
    sign-in. may_be_accepted: False when the inviter lost the right to invite and the policy refuses that.
    version: of what is shown, see `accept`. language: of its mails; organization_language: what the
    organization speaks; empty for none of their own.
    """

    invitation: Invitation
    state: State
    organization: Organization
    project: Project | None
    roles: tuple[str, ...]
    team_names: tuple[str, ...]
    project_access: tuple[ProjectAccess, ...]
    has_account: bool
    user: User
    may_be_accepted: bool
    version: str
    language: str
    organization_language: str


@dataclass(frozen=True, slots=True)
class NewPerson:
    """What somebody without a proven account says of themselves.

    password_hash: of `usecases.users.hash_password`; None to sign in by mailed links.
    """

    first_name: str
    last_name: str
    password_hash: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Accepted:
    """An invitation that was accepted. cookie: of a new session; empty for somebody signed in already."""

    invitation: Invitation
    cookie: str = field(default="", repr=False)


# -- with the link of a mail ------------------------------------------------------------------------


async def open_link(tx: Transaction, token: str) -> str:
    """Return a new ticket, by which a browser may look at an invitation and answer it for ten minutes.

    It opens whatever has become of the invitation, so that the person can be told.
    Raises InvitationLinkUnknown.
    """
    opened = await invitation_tokens.find(tx, secrets.token_fingerprint(token))
    if opened is None:
        raise InvitationLinkUnknown
    ticket = secrets.invitation_token()
    await invitation_tickets.insert(tx, secrets.token_fingerprint(ticket), opened, tx.now + TICKET_LIFETIME)
    return ticket


async def look(tx: Transaction, ticket: str) -> Look:
    """Return what the ticket shows. Raises TicketRunOut."""
    opened = await _opened(tx, ticket)
    return await _look(tx, await _invitation(tx, opened))


async def is_waiting_for(tx: Transaction, *, ticket: str, cookie: str) -> bool:
    """Tell whether what the ticket shows is pending, for the person whose session the cookie is."""
    try:
        invitation = await _invitation(tx, await _opened(tx, ticket))
    except TicketRunOut:
        return False
    signed_in = await sign_in.who(tx, cookie)
    user = await _user(tx, invitation)
    return signed_in is not None and signed_in.user.id == user.id and invitation.is_pending(tx.now)


async def accept(
    tx: Transaction,
    *,
    ticket: str,
    signed_in: SignedIn | None,
    version: str,
    address: str,
    new_person: NewPerson | None = None,
) -> Accepted:
    """Make the person what the invitation says; a repeat changes nothing (INV-15).

    version: of the Look that the person agrees to (INV-16). new_person: needed of somebody without a proven
    account, and of no other. address: where the request comes from.
    Raises TicketRunOut, InvitationEnded, InvitationChanged, InvitationForSomebodyElse,
    InvitationNeedsSignIn, SessionEnded, InviterLost, the refusals for names, TooManyOrganizationsOfUser and
    TooManyProjectsOfUser.
    """
    opened = await _opened(tx, ticket)
    invitation = await _locked(tx, opened)
    user = await _user(tx, invitation)
    await _require_right_person(tx, signed_in, user)
    if invitation.state is State.ACCEPTED:
        return Accepted(invitation)
    if not invitation.is_pending(tx.now):
        raise InvitationEnded
    if version != _version(invitation):
        raise InvitationChanged
    if user.is_verified and signed_in is None:
        raise InvitationNeedsSignIn
    cookie = ""
    if not user.is_verified:
        if new_person is None:
            raise InvitationChanged
        user = await _take_account(tx, user, new_person)
        cookie = await sign_in.begin_session(tx, user)
    await _accept(tx, invitation, user, address)
    return Accepted(invitation._replace(state=State.ACCEPTED), cookie)


async def decline(
    tx: Transaction, *, ticket: str, signed_in: SignedIn | None, address: str, note: str = ""
) -> None:
    """End the invitation as rejected; a repeat changes nothing. note: reaches the inviter's event.

    Raises TicketRunOut, InvitationEnded, InvitationForSomebodyElse, SessionEnded.
    """
    opened = await _opened(tx, ticket)
    invitation = await _locked(tx, opened)
    user = await _user(tx, invitation)
    await _require_right_person(tx, signed_in, user)
    if invitation.state is State.REJECTED:
        return
    await _decline(tx, invitation, user, address, note)


# -- by id, for whoever stands in for the person ----------------------------------------------------


async def accept_for(
    tx: Transaction,
    *,
    organization_id: str,
    invitation_id: str,
    address: str,
    new_person: NewPerson | None = None,
) -> Invitation:
    """Accept as the invited person would; return the invitation. No session is begun.

    new_person: what an unproven account is filled in with; None keeps the names that it has.
    Raises InvitationNotFound, InvitationEnded, InviterLost, TooManyOrganizationsOfUser,
    TooManyProjectsOfUser.
    """
    invitation = await _locked(tx, Opened(organization_id, invitation_id))
    user = await _user(tx, invitation)
    if not invitation.is_pending(tx.now):
        raise InvitationEnded
    if not user.is_verified:
        if new_person is None:
            await accounts.verify(tx, user.id)
        else:
            user = await _take_account(tx, user, new_person)
    await _accept(tx, invitation, user, address)
    return invitation._replace(state=State.ACCEPTED)


async def decline_for(
    tx: Transaction, *, organization_id: str, invitation_id: str, address: str, note: str = ""
) -> Invitation:
    """Decline as the invited person would; return the invitation.

    Raises InvitationNotFound, InvitationEnded.
    """
    invitation = await _locked(tx, Opened(organization_id, invitation_id))
    await _decline(tx, invitation, await _user(tx, invitation), address, note)
    return invitation._replace(state=State.REJECTED)


# -- the parts --------------------------------------------------------------------------------------


async def _opened(tx: Transaction, ticket: str) -> Opened:
    opened = await invitation_tickets.find(tx, secrets.token_fingerprint(ticket)) if ticket else None
    if opened is None:
        raise TicketRunOut
    return opened


async def _invitation(tx: Transaction, opened: Opened, *, lock: bool = False) -> Invitation:
    found = await stored.find(tx, opened.organization_id, opened.invitation_id, lock=lock)
    if found is None:
        raise InvitationNotFound
    return found


async def _locked(tx: Transaction, opened: Opened) -> Invitation:
    """Return the invitation; nobody else changes it, its teams and its projects until the commit."""
    # The organization first, as everywhere: who locks in another order waits in a circle.
    await organizations.lock(tx, opened.organization_id)
    return await _invitation(tx, opened, lock=True)


async def _user(tx: Transaction, invitation: Invitation) -> User:
    user = await accounts.find_by_key(tx, usernames.key_of(invitation.username))
    assert user is not None, "inviting makes an account, and none is ever removed"
    return user


async def _require_right_person(tx: Transaction, signed_in: SignedIn | None, user: User) -> None:
    if signed_in is None:
        return
    await sign_in.require_session(tx, signed_in)
    if signed_in.user.id != user.id:
        raise InvitationForSomebodyElse(signed_in.user.username, user.username)


def _version(invitation: Invitation) -> str:
    """Return what is the same as long as the invitation gives the same (INV-16)."""
    carried = repr((invitation.id, invitation.roles, invitation.team_ids, invitation.project_roles))
    return hashlib.sha256(carried.encode()).hexdigest()[:32]


async def _look(tx: Transaction, invitation: Invitation) -> Look:
    organization = await organizations.find(tx, invitation.organization_id)
    assert organization is not None, "invitations go with their organization"
    project = None
    if invitation.project_id is not None:
        project = await projects.find(tx, organization.id, invitation.project_id)
    user = await _user(tx, invitation)
    state = invitation.state
    if state is State.PENDING and not invitation.is_pending(tx.now):
        state = State.EXPIRED
    language, _ = await stored.language_and_note(tx, organization.id, invitation.id)
    return Look(
        invitation=invitation,
        state=state,
        organization=organization,
        project=project,
        roles=invitation.roles,
        team_names=await _team_names(tx, invitation),
        project_access=await _project_access(tx, invitation),
        has_account=user.is_verified,
        user=user,
        may_be_accepted=not tx.policy.refuse_lost_inviters or await _may_invite(tx, organization, invitation),
        version=_version(invitation),
        language=language,
        organization_language=await organizations.language(tx, organization.id),
    )


async def _team_names(tx: Transaction, invitation: Invitation) -> tuple[str, ...]:
    found = [await teams.find(tx, invitation.organization_id, id) for id in invitation.team_ids]
    return tuple(team.name for team in found if team is not None)


async def _project_access(tx: Transaction, invitation: Invitation) -> tuple[ProjectAccess, ...]:
    given: dict[str, list[str]] = {}
    for project_id, role in invitation.project_roles:
        given.setdefault(project_id, []).append(role)
    shown = []
    for project_id, roles in given.items():
        project = await projects.find(tx, invitation.organization_id, project_id)
        if project is not None:
            shown.append(ProjectAccess(project.name, tuple(roles)))
    return tuple(shown)


async def _take_account(tx: Transaction, user: User, new_person: NewPerson) -> User:
    """Make the unproven account the person's own; what opened it before opens it no more."""
    taken = User(
        id=user.id,
        username=user.username,
        created_at=user.created_at,
        first_name=users.first_name(new_person.first_name),
        last_name=users.last_name(new_person.last_name),
        country=user.country,
        mobile_number=user.mobile_number,
        is_verified=True,
    )
    if not await accounts.take(tx, taken, new_person.password_hash):
        # By another invitation, at this very moment.
        raise InvitationNeedsSignIn
    await sign_in.end_everything(tx, user.id)
    return taken


async def _accept(tx: Transaction, invitation: Invitation, user: User, address: str) -> None:
    organization = await organizations.find(tx, invitation.organization_id)
    assert organization is not None, "invitations go with their organization"
    is_lost = not await _may_invite(tx, organization, invitation)
    if is_lost and tx.policy.refuse_lost_inviters:
        raise InviterLost
    if not await stored.answer(tx, invitation, State.ACCEPTED, is_flagged=is_lost):
        raise InvitationEnded
    half = await _half(tx, invitation)
    if half is not None:
        await stored.answer(tx, half, State.ACCEPTED)
    caller = _caller(organization, user, address)
    await admission.admit(tx, caller, invitation, user)
    await _tell_inviter(tx, invitation, MessageType.ACCEPTED_NOTICE)


async def _decline(tx: Transaction, invitation: Invitation, user: User, address: str, note: str) -> None:
    organization = await organizations.find(tx, invitation.organization_id)
    assert organization is not None, "invitations go with their organization"
    kept = _note(note)
    if not await stored.answer(tx, invitation, State.REJECTED, note=kept):
        raise InvitationEnded
    caller = _caller(organization, user, address)
    await _record_declined(tx, caller, invitation, kept)
    half = await _half(tx, invitation)
    # Another invitation to a project may still lead in by it.
    if half is not None and not await _other_to_projects(tx, invitation):
        await stored.answer(tx, half, State.REJECTED)
        await _record_declined(tx, caller, half, "")
    await _tell_inviter(tx, invitation, MessageType.DECLINED_NOTICE)


async def _half(tx: Transaction, invitation: Invitation) -> Invitation | None:
    """Return the hidden invitation to the organization that came with one to a project, if it is open."""
    if invitation.project_id is None:
        return None
    key = usernames.key_of(invitation.username)
    organization_id = invitation.organization_id
    half = await stored.find_pending(tx, organization_id, organization_id, key, lock=True)
    return half if half is not None and half.from_project else None


async def _other_to_projects(tx: Transaction, invitation: Invitation) -> bool:
    pending = await stored.list_pending_of_user(tx, invitation.organization_id, invitation.user_id)
    return any(one.project_id is not None and one.is_pending(tx.now) for one in pending)


async def _record_declined(tx: Transaction, caller: Caller, invitation: Invitation, note: str) -> None:
    to_project = invitation.project_id is not None
    await trail.append(
        tx,
        events.by(
            caller,
            events.GROUP_INVITATION_DELETED if to_project else events.ORG_INVITATION_DELETED,
            id=tx.new_id(),
            organization_id=invitation.organization_id,
            project_id=invitation.project_id,
            target_username=invitation.username,
            note=note or None,
            now=tx.now,
        ),
    )


async def _tell_inviter(tx: Transaction, invitation: Invitation, message_type: MessageType) -> None:
    # Keys and service accounts read no mail.
    if "@" in invitation.inviter:
        await mail_queue.send_notice(tx, invitation, message_type, invitation.inviter)


def _caller(organization: Organization, user: User, address: str) -> Caller:
    return Caller(CallerKind.USER, user.id, user.username, organization, frozenset(), address)


def _note(text: str) -> str:
    """Return what somebody says, on lines, without control characters and not longer than is shown."""
    lines = (
        "".join(character for character in line if character.isprintable())
        for line in text.replace("\r", "\n").split("\n")
    )
    return "\n".join(line.strip() for line in lines if line.strip())[:NOTE_CHARACTERS]


# -- may the inviter still invite? ------------------------------------------------------------------


async def _may_invite(tx: Transaction, organization: Organization, invitation: Invitation) -> bool:
    """Tell whether who sent the invitation could send it now.

    An organization's half needs nothing of its own. Somebody who manages projects only may bring people
    into the organization as members of these projects.
    """
    if invitation.from_project:
        return True
    inviter = await _inviter(tx, organization, invitation.inviter)
    if inviter is None:
        return False
    if invitation.project_id is not None:
        return await _may_invite_to(tx, inviter, (invitation.project_id,))
    try:
        await access.organization(tx, inviter, organization.id, to=Permission.ORGANIZATION_INVITATIONS_MANAGE)
    except NotPermitted:
        project_ids = tuple(dict.fromkeys(carried.project_id for carried in invitation.project_roles))
        return (
            invitation.roles == (ORG_MEMBER,)
            and bool(project_ids)
            and await _may_invite_to(tx, inviter, project_ids)
        )
    return True


async def _may_invite_to(tx: Transaction, inviter: Caller, project_ids: Sequence[str]) -> bool:
    try:
        for project_id in project_ids:
            await access.project(tx, inviter, project_id, to=Permission.PROJECT_INVITATIONS_MANAGE)
    except (NotPermitted, NotFound):
        return False
    return True


async def _inviter(tx: Transaction, organization: Organization, name: str) -> Caller | None:
    """Return who sent an invitation with what they may do now; None for somebody who is gone."""
    found: tuple[CallerKind, str, tuple[str, ...]] | None = None
    if "@" in name:
        user = await accounts.find_by_key(tx, usernames.key_of(name))
        if user is not None:
            held = await accounts.organization_roles(tx, organization.id, user.id)
            found = (CallerKind.USER, user.id, held) if held else None
    else:
        key = await api_keys.find_kept(tx, name)
        account = await accounts_of_machines.find(tx, organization.id, name)
        if key is not None and key.organization.id == organization.id:
            found = (CallerKind.API_KEY, key.id, tuple(key.roles))
        elif account is not None:
            found = (CallerKind.SERVICE_ACCOUNT, account.client_id, account.roles)
    if found is None:
        return None
    kind, id, roles = found
    return Caller(kind, id, name, organization, frozenset(roles), "")
