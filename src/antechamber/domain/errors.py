"""One class per reason to refuse; each holds the facts of its situation and nothing of the wire.

    Refusal
    ├── Unauthenticated            who calls is not known
    ├── NotPermitted               known, but not allowed
    ├── NotFound                   what was named does not exist for this caller
    ├── Conflict                   it exists already, or in another state
    ├── Invalid                    the values themselves are wrong
    └── Unavailable                our own trouble, not the caller's

`api/wire/errors.py` is the one table from these classes to status, code and text.
"""

from typing import Any


class Refusal(Exception):
    """A request that is understood and refused. `facts` fill the placeholders of its text, in order."""

    def __init__(self, *facts: Any) -> None:
        super().__init__(*facts)
        self.facts: tuple[Any, ...] = facts


class Unauthenticated(Refusal): ...


class NotPermitted(Refusal): ...


class NotFound(Refusal): ...


class Conflict(Refusal): ...


class Invalid(Refusal): ...


# -- who calls --------------------------------------------------------------------------------------


class UnknownCredentials(Unauthenticated):
    """Missing, unknown or wrong credentials, or an answer to a challenge that we did not give."""


class StaleChallenge(Unauthenticated):
    """The right answer to a challenge whose nonce is too old."""


class UnknownToken(Unauthenticated):
    """An access token that was never issued, has expired or was revoked."""


class AddressNotListed(NotPermitted):
    """facts: the caller's address."""


class AccessListRequired(NotPermitted):
    """The organization admits listed addresses only and the credential has no list."""


class WrongCredentials(Unauthenticated):
    """Signing in with an address that has no account, or with a wrong password: one answer for both."""


class TooManyTries(Unauthenticated):
    """Signing in too often. facts: seconds until it is worth trying again."""


class WrongPassword(Unauthenticated):
    """Not the password that the person has, who is signed in."""


class SignInLinkUseless(Unauthenticated):
    """A sign-in link that was never made, was used or has run out."""


class SessionEnded(Unauthenticated):
    """The session has ended since the page was shown."""


class TicketRunOut(Unauthenticated):
    """The minutes are over in which a browser may answer the invitation that it opened."""


# -- roles too low ----------------------------------------------------------------------------------


class NotAuthorized(NotPermitted): ...


class NotOrganizationUserAdmin(NotPermitted):
    """facts: organization id."""


class NotProjectUserAdmin(NotPermitted):
    """facts: project id."""


class NotOrganizationOwner(NotPermitted):
    """facts: organization id."""


class NotProjectCreator(NotPermitted):
    """facts: organization id."""


class NotApiKeyAdmin(NotPermitted):
    """facts: API key id."""


class ApiKeyAccessListDenied(NotPermitted):
    """The access list of a key is for that key itself and for owners."""


class NotUserAdmin(NotPermitted):
    """facts: what the user was asked for by, id or username."""


class NoTieToOrganization(NotPermitted): ...


class NoTieToProject(NotPermitted): ...


# -- not there --------------------------------------------------------------------------------------


class OrganizationNotFound(NotFound):
    """facts: organization id."""


class ProjectNotFound(NotFound):
    """facts: project id."""


class ProjectNameNotFound(NotFound):
    """facts: project name."""


class TeamNotFound(NotFound):
    """facts: team id."""


class TeamNameNotFound(NotFound):
    """facts: team name."""


class TeamNotInOrganization(NotFound):
    """facts: team id, organization id."""


class TeamNotInProject(NotFound): ...


class TeamStillAssigned(NotFound):
    """The team has roles on a project; not found is what the published table says."""


class UserNotInTeam(NotFound):
    """facts: user id."""


class PendingUser(NotFound):
    """Somebody who has not accepted the invitation yet, where only members will do."""


class LimitNotFound(NotFound):
    """facts: name of the limit."""


class InvitationNotFound(NotFound):
    """Never made, accepted, declined, cancelled or expired: one answer for all."""


class InvitationLinkUnknown(NotFound):
    """The token of the link opens nothing."""


class UsernameNotFound(NotFound):
    """facts: username."""


class UserNotFound(NotFound):
    """facts: user id."""


class UserNotInOrganization(NotFound):
    """facts: username, organization id."""


class ApiKeyNotFound(NotFound):
    """facts: API key id."""


class AccessListEntryNotFound(NotFound):
    """facts: address or CIDR block, API key id."""


class EventNotFound(NotFound):
    """facts: event id, project id."""


class OrganizationEventNotFound(NotFound):
    """facts: event id, organization id."""


class UserNotInProject(NotFound):
    """facts: user id, project id."""


class ResourceNotFound(NotFound):
    """facts: what was asked for."""


# -- in the way -------------------------------------------------------------------------------------


class UserAlreadyExists(Conflict):
    """facts: username. Already invited to that scope, or already a member of it."""


class ProjectNameTaken(Conflict):
    """facts: project name."""


class TeamNameTaken(Conflict):
    """facts: team name, organization id."""


class TeamAlreadyInProject(Conflict): ...


class UserAlreadyInTeam(Conflict):
    """facts: user id, team id."""


class AddressAlreadyListed(Conflict):
    """facts: CIDR block."""


class OrganizationNotEmpty(Conflict): ...


class LastOwnerRemoved(Conflict):
    """The organization would be left without an owner (INV-7)."""


class LastOwnerDemoted(Conflict):
    """The organization would be left without an owner (INV-7)."""


class CannotRemoveAllRoles(Conflict):
    """Somebody who belongs to an organization or project has a role there."""


class InvitationIsForProject(Conflict):
    """The organization's path was used to cancel an invitation to a project."""


class InvitationIsForOrganization(Conflict):
    """The project's path was used to cancel an invitation to an organization."""


class InvitationEnded(Conflict):
    """Accepted, declined, cancelled or expired, seen by the person whom it is for."""


class InvitationChanged(Conflict):
    """It carries something else than what the person was shown (INV-16)."""


class InvitationForSomebodyElse(Conflict):
    """facts: who is signed in, whom the invitation is for (INV-12)."""


class InvitationNeedsSignIn(Conflict):
    """The address has an account that is proven: a token alone is not enough (INV-12)."""


class InviterLost(Conflict):
    """Who sent the invitation could not send it any more, and the operator wants that refused."""


# -- wrong values -----------------------------------------------------------------------------------


class InvalidUsername(Invalid): ...


class InvalidEmailAddress(Invalid): ...


class NoRolesInAssignment(Invalid):
    """A team without any role on a project that it is assigned to."""


class InvalidOrganizationName(Invalid):
    """facts: name."""


class InvalidProjectName(Invalid):
    """facts: name."""


class InvalidTeamName(Invalid):
    """facts: name."""


class InvalidOrganizationRole(Invalid):
    """facts: role, organization id."""


class InvalidProjectRole(Invalid):
    """facts: role, project id."""


class ProjectRoleInOrganization(Invalid): ...


class OrganizationRoleInProject(Invalid): ...


class GlobalRole(Invalid): ...


class MissingAttribute(Invalid):
    """facts: attribute."""


class InvalidDateRange(Invalid):
    """facts: the earlier and the later end, as given."""


class InvalidAttribute(Invalid):
    """facts: attribute."""


class AttributeNotPositive(Invalid):
    """facts: attribute."""


class ApiKeyWithoutDescription(Invalid): ...


class InvalidApiKeyDescription(Invalid):
    """facts: how many characters it may have."""


class ApiKeyWithoutRoles(Invalid): ...


class InvalidAddress(Invalid):
    """facts: what should be an address or a CIDR block."""


class RepeatedAddress(Invalid): ...


class CallersOwnAddress(Invalid):
    """facts: the caller's address, which is not to be taken off the caller's own access list."""


class TooManySecrets(Invalid):
    """facts: what is wrong, in words."""


class EmptyTeam(Invalid): ...


class UnsupportedRole(Invalid): ...


class RoleNeedsOrganization(Invalid):
    """facts: role."""


class RoleNeedsNoOrganization(Invalid):
    """facts: role."""


class RoleNeedsProject(Invalid):
    """facts: role."""


class RoleNeedsNoProject(Invalid):
    """facts: role."""


class FirstNameTooLong(Invalid):
    """facts: how many characters it may have."""


class LastNameTooLong(Invalid):
    """facts: how many characters it may have."""


class InvalidCountryCode(Invalid):
    """facts: code."""


class WeakPassword(Invalid): ...


class CommonPassword(Invalid): ...


class UnknownUsernameInBody(Invalid):
    """facts: username."""


class LimitReached(Invalid):
    """facts: the limit, what it applies to."""


class TooManyUsersInOrganization(LimitReached): ...


class TooManyUsersInProject(LimitReached): ...


class TooManyUsersInTeam(LimitReached): ...


class TooManyTeamsInOrganization(LimitReached): ...


class TooManyTeamsInProject(LimitReached): ...


class TooManyTeamsOfUser(LimitReached): ...


class TooManyProjectsInOrganization(LimitReached): ...


class TooManyProjectsOfUser(LimitReached): ...


class TooManyOrganizationsOfUser(LimitReached): ...


class TooManyApiKeysInOrganization(LimitReached): ...


class TooManyAccessListEntries(LimitReached): ...


# -- our own trouble --------------------------------------------------------------------------------


class Unavailable(Refusal):
    """The database cannot be reached or cannot take a write now; nothing was changed."""
