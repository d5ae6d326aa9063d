"""Invitations to an organization or to a project: their life and what they carry."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from antechamber.domain.callers import Caller
from antechamber.domain.errors import UserAlreadyExists
from antechamber.domain.usernames import Username

LIFETIME_DAYS = 30
LIFETIME = timedelta(days=LIFETIME_DAYS)


class State(StrEnum):
    """Where an invitation stands. All but PENDING are final (INV-13)."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    EXPIRED = "expired"
    REVOKED = "revoked"


class ProjectRole(NamedTuple):
    """A role on one project, carried by an organization invitation."""

    project_id: str
    role: str


class Invitation(NamedTuple):
    """One invitation; a tuple, since lists of them are long.

    project_id: the project it invites to; None for an invitation to the organization itself.
    from_project: the organization's half of a project invitation; organization lists do not show it.
    user_id: the account that the invited person has, or will have.
    roles: organization roles, or project roles where project_id is set.
    team_ids, project_roles: what else acceptance grants; empty for project invitations.
    """

    id: str
    organization_id: str
    project_id: str | None
    from_project: bool
    user_id: str
    username: str
    inviter: str
    state: State
    roles: tuple[str, ...]
    team_ids: tuple[str, ...]
    project_roles: tuple[ProjectRole, ...]
    created_at: datetime
    expires_at: datetime

    def is_pending(self, now: datetime) -> bool:
        """Tell whether it can still be accepted: expired means now >= expires_at, swept or not (INV-14)."""
        return self.state is State.PENDING and now < self.expires_at


def issue(
    *,
    id: str,
    organization_id: str,
    project_id: str | None = None,
    from_project: bool = False,
    user_id: str,
    username: Username,
    inviter: Caller,
    roles: tuple[str, ...],
    team_ids: tuple[str, ...] = (),
    project_roles: tuple[ProjectRole, ...] = (),
    already_sent: Invitation | None,
    is_member: bool,
    now: datetime,
) -> Invitation:
    """Return a new pending invitation.

    already_sent: the pending one to this address in this scope, if any. is_member: the person already
    belongs to the scope. now: aware UTC; it expires 30 days later, to the second.
    Raises UserAlreadyExists for a member and while an earlier one is pending; an expired one is replaced,
    and so is the hidden half of a project invitation.
    Source: contract, createOrgInvite and createGroupInvite 2023-01-01; DECISIONS.md 1, 2 and 3.
    """
    if is_member or (
        already_sent is not None
        and already_sent.is_pending(now)
        and already_sent.from_project == from_project
    ):
        raise UserAlreadyExists(username.text)
    return Invitation(
        id=id,
        organization_id=organization_id,
        project_id=project_id,
        from_project=from_project,
        user_id=user_id,
        username=username.text,
        inviter=inviter.name,
        state=State.PENDING,
        roles=roles,
        team_ids=team_ids,
        project_roles=project_roles,
        created_at=now,
        expires_at=now + LIFETIME,
    )


def change(
    invitation: Invitation,
    *,
    roles: tuple[str, ...] | None,
    team_ids: tuple[str, ...] | None = None,
    project_roles: tuple[ProjectRole, ...] | None = None,
) -> Invitation:
    """Return the invitation with what was given replaced as a whole and the rest, dates included, kept.

    Source: contract, DOMAIN.md "Updating" and DECISIONS.md 18.
    """
    return invitation._replace(
        roles=invitation.roles if roles is None else roles,
        team_ids=invitation.team_ids if team_ids is None else team_ids,
        project_roles=invitation.project_roles if project_roles is None else project_roles,
    )


def added_projects(before: Invitation, after: Invitation) -> list[str]:
    """Return the ids of the projects that a changed invitation leads to and did not lead to before."""
    known = {carried.project_id for carried in before.project_roles}
    return [one for one in dict.fromkeys(held.project_id for held in after.project_roles) if one not in known]
