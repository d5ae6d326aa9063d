"""The one table from reasons to refuse to status, code and text.

Source of codes and texts: contract, ERRORS.md; of statuses that differ there: WIRE.md section 10.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import msgspec

from antechamber.domain import errors as domain
from antechamber.domain.errors import Refusal

# -- refusals of the wire itself: the request never gets as far as a rule -----------------------------


class MalformedJson(Refusal): ...


class InvalidJson(Refusal): ...


class InvalidJsonAttribute(Refusal):
    """facts: attribute."""


class InvalidEnumValue(Refusal):
    """facts: value."""


class MalformedOrganizationId(Refusal):
    """facts: id."""


class MalformedProjectId(Refusal):
    """facts: id."""


class MalformedTeamId(Refusal):
    """facts: id."""


class MalformedUserId(Refusal):
    """facts: id."""


class InvalidPathParameter(Refusal):
    """facts: parameter."""


class InvalidQueryParameter(Refusal):
    """facts: parameter."""


class MutuallyExclusiveQueryParameters(Refusal):
    """facts: one parameter, the other."""


class MissingOneOfAttributes(Refusal):
    """facts: one attribute, the other."""


class AddressAndBlock(Refusal):
    """An entry of an access list names both an address and a CIDR block."""


class InvalidVersionDate(Refusal): ...


class VersionGone(Refusal):
    """facts: date, path."""


class MethodNotAllowed(Refusal):
    """facts: the methods allowed."""


class UnsupportedMediaType(Refusal): ...


class BodyTooLarge(Refusal): ...


class UriTooLong(Refusal): ...


class BodyTooSlow(Refusal): ...


class Unexpected(Refusal):
    """Our fault."""


class TooManyRequests(Refusal):
    """Asked too often."""

    @property
    def wait_seconds(self) -> int:
        """How long to wait."""
        return int(self.facts[-1])


class RateLimitedBucket(TooManyRequests):
    """facts: path, seconds to wait, capacity, refill, seconds that the refill takes."""

    @property
    def wait_seconds(self) -> int:
        return int(self.facts[1])


class RateLimited(TooManyRequests):
    """facts: path, how many in how many minutes, seconds to wait."""


class RateLimitedInvitations(Refusal):
    """facts: how many in how many minutes."""


class InvalidDate(Refusal):
    """facts: the value."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How a refusal looks: %s in the text is filled with its facts, in order."""

    status: int
    code: str
    text: str


_FROM_TABLE: dict[type[Refusal], Answer] = {
    # Who calls. The challenge body is special, see challenge_body.
    domain.UnknownCredentials: Answer(401, "UNEXPECTED_ERROR", "You are not authorized for this resource."),
    domain.StaleChallenge: Answer(401, "UNEXPECTED_ERROR", "You are not authorized for this resource."),
    domain.UnknownToken: Answer(401, "UNEXPECTED_ERROR", "You are not authorized for this resource."),
    domain.AddressNotListed: Answer(
        403, "IP_ADDRESS_NOT_ON_ACCESS_LIST", "IP address %s is not allowed to access this resource."
    ),
    domain.AccessListRequired: Answer(
        403,
        "ORG_REQUIRES_ACCESS_LIST",
        "This organization requires access through an access list of ip ranges.",
    ),
    # Role too low.
    domain.NotAuthorized: Answer(
        401, "USER_UNAUTHORIZED", "Current user is not authorized to perform this action."
    ),
    domain.NotOrganizationUserAdmin: Answer(
        401,
        "NOT_ORG_USER_ADMIN",
        "The currently logged in user does not have the user administrator role in organization %s.",
    ),
    domain.NotProjectUserAdmin: Answer(
        401,
        "NOT_GROUP_USER_ADMIN",
        "The currently logged in user does not have the user administrator role in group %s.",
    ),
    domain.NotOrganizationOwner: Answer(
        401,
        "NOT_ORG_OWNER",
        "The currently logged in user does not have the owner role in organization %s.",
    ),
    domain.NotProjectCreator: Answer(
        401,
        "NOT_ORG_GROUP_CREATOR",
        "The currently logged in user does not have the group creator role in organization %s.",
    ),
    domain.NotApiKeyAdmin: Answer(
        401,
        "NOT_API_KEY_ADMIN",
        "The currently logged in user does not have user administrator role in organization or group"
        " that API key with ID %s belongs to.",
    ),
    domain.ApiKeyAccessListDenied: Answer(
        401,
        "API_KEY_ACCESS_LIST_ACCESS_DENIED",
        "API key access lists are only accessible by the API key or by a user administrator.",
    ),
    domain.NoTieToOrganization: Answer(
        401, "USER_CANNOT_ACCESS_ORG", "User cannot access this organization."
    ),
    domain.NoTieToProject: Answer(
        401, "NOT_IN_GROUP", "The current user is not in the group, or the group does not exist."
    ),
    domain.NotUserAdmin: Answer(
        401,
        "NOT_USER_ADMIN",
        "The currently logged in user does not have the user administrator role for any group, team, or"
        " organization containing user %s.",
    ),
    # Not there.
    domain.OrganizationNotFound: Answer(404, "ORG_NOT_FOUND", "No organization with ID %s exists."),
    domain.ProjectNotFound: Answer(404, "GROUP_NOT_FOUND", "No group with ID %s exists."),
    domain.ProjectNameNotFound: Answer(404, "GROUP_NAME_NOT_FOUND", 'No group with name "%s" exists.'),
    domain.TeamNotFound: Answer(404, "TEAM_NOT_FOUND", "No team with ID %s exists."),
    domain.TeamNameNotFound: Answer(404, "TEAM_NAME_NOT_FOUND", 'No team with name "%s" exists.'),
    domain.TeamNotInOrganization: Answer(404, "TEAM_NOT_IN_ORG", "Team %s is not in Organization %s."),
    domain.TeamNotInProject: Answer(
        404, "TEAM_NOT_IN_GROUP", "The team in your request is not assigned to this group."
    ),
    domain.TeamStillAssigned: Answer(
        404,
        "CANNOT_DELETE_TEAM_ASSIGNED_TO_PROJECT",
        "You cannot delete a team that has at least one project assigned to it. Make sure to remove the"
        " team from all project before deleting it.",
    ),
    # No code of its own is published.
    domain.UserNotInTeam: Answer(404, "RESOURCE_NOT_FOUND", "Cannot find resource %s."),
    domain.PendingUser: Answer(
        404,
        "CANNOT_ADD_PENDING_USER",
        "The user cannot be added to any group or teams in this organization as it is a pending user/the"
        " user has not accepted the invite to this organization.",
    ),
    domain.LimitNotFound: Answer(404, "RESOURCE_NOT_FOUND", "Cannot find resource %s."),
    domain.InvitationNotFound: Answer(
        404,
        "INVALID_INVITATION_ID",
        "The invitation you tried to delete does not exist or has already been accepted.",
    ),
    domain.UsernameNotFound: Answer(404, "USERNAME_NOT_FOUND", "No user with username %s exists."),
    domain.UserNotFound: Answer(404, "USER_NOT_FOUND", "No user with ID %s exists."),
    domain.UserNotInOrganization: Answer(404, "USER_NOT_IN_ORG", "User %s is not in organization %s."),
    domain.ApiKeyNotFound: Answer(400, "API_KEY_NOT_FOUND", "No API key with ID %s exists."),
    domain.AccessListEntryNotFound: Answer(
        404, "API_KEY_ACCESS_LIST_NOT_FOUND", "IP address %s not on whitelist for API key %s."
    ),
    domain.UserNotInProject: Answer(404, "USER_NOT_IN_GROUP", "User %s is not in group %s."),
    domain.ResourceNotFound: Answer(404, "RESOURCE_NOT_FOUND", "Cannot find resource %s."),
    # In the way.
    domain.EventNotFound: Answer(404, "EVENT_NOT_FOUND", "No event with ID %s exists for group %s."),
    domain.OrganizationEventNotFound: Answer(
        404, "ORG_EVENT_NOT_FOUND", "No event with ID %s exists for organization %s."
    ),
    domain.InvalidDateRange: Answer(
        400,
        "INVALID_DATE_RANGE",
        "An invalid date range minDate=%s, maxDate=%s was specified: maxDate shouldn't be earlier than"
        " minDate.",
    ),
    domain.UserAlreadyExists: Answer(409, "USER_ALREADY_EXISTS", "A user with username %s already exists."),
    domain.ProjectNameTaken: Answer(409, "GROUP_ALREADY_EXISTS", 'A group with name "%s" already exists.'),
    domain.TeamNameTaken: Answer(
        409, "TEAM_NAME_NOT_AVAILABLE", "Cannot create a team named %s in organization %s."
    ),
    domain.TeamAlreadyInProject: Answer(
        409, "TEAM_EXISTS_IN_GROUP", "Cannot add a team that already exists in group."
    ),
    domain.UserAlreadyInTeam: Answer(
        409, "USER_ALREADY_IN_TEAM", "The user with ID %s in team %s already exists."
    ),
    domain.OrganizationNotEmpty: Answer(
        409,
        "ORG_NOT_EMPTY",
        "Organization cannot be deleted because it still contains active groups.",
    ),
    domain.AddressAlreadyListed: Answer(
        409, "ADDRESS_ALREADY_IN_ACCESS_LIST", "The address %s is already on the whitelist."
    ),
    domain.InvitationIsForProject: Answer(
        400,
        "CANNOT_DELETE_GROUP_INVITATION",
        "You can't use the /orgs/{ORG-ID}/invites/{INVITATION-ID} endpoint to delete an invitation to a"
        " group. Use /groups/{GROUP-ID}/invites/{INVITATION-ID} instead.",
    ),
    domain.InvitationIsForOrganization: Answer(
        400,
        "CANNOT_DELETE_ORG_INVITATION",
        "You can't use the /groups/{GROUP-ID}/invites/{INVITATION-ID} endpoint to delete an invitation to"
        " an organization. Use /orgs/{ORG-ID}/invites/{INVITATION-ID} instead.",
    ),
    domain.LastOwnerRemoved: Answer(
        403,
        "CANNOT_DELETE_LAST_ADMIN",
        "An organization or project needs to have at least one owner. You cannot demote or remove the last"
        " owner.",
    ),
    domain.LastOwnerDemoted: Answer(
        403, "CANNOT_DEMOTE_LAST_ORG_OWNER", "Cannot demote the last owner of the organization."
    ),
    # The text of this code is not known.
    domain.CannotRemoveAllRoles: Answer(
        403, "CANNOT_REMOVE_ALL_USER_ROLES", "A user must keep at least one role."
    ),
    # Wrong values.
    domain.InvalidUsername: Answer(
        400, "INVALID_USERNAME", "The specified username is not a valid email address."
    ),
    domain.InvalidEmailAddress: Answer(
        400, "INVALID_EMAIL_ADDRESS", "An invalid email address was specified."
    ),
    domain.NoRolesInAssignment: Answer(
        403, "NO_ROLES_IN_ASSIGNMENT", "You cannot remove all project roles a team has."
    ),
    domain.InvalidOrganizationName: Answer(
        400, "INVALID_ORG_NAME", 'An invalid org name "%s" was specified.'
    ),
    domain.InvalidProjectName: Answer(400, "INVALID_GROUP_NAME", 'An invalid group name "%s" was specified.'),
    domain.InvalidTeamName: Answer(400, "INVALID_TEAM_NAME", 'An invalid team name "%s" was specified.'),
    domain.InvalidOrganizationRole: Answer(
        400, "INVALID_ROLE_FOR_ORG", "Role %s invalid for organization %s."
    ),
    domain.InvalidProjectRole: Answer(400, "INVALID_ROLE_FOR_GROUP", "Role %s is invalid for group %s."),
    domain.ProjectRoleInOrganization: Answer(
        400,
        "CANNOT_ADD_GROUP_ROLE",
        "Adding a group-level role in an organization is not supported.",
    ),
    domain.OrganizationRoleInProject: Answer(
        400, "CANNOT_ADD_ORG_ROLE", "Adding an organization-level role in a group is not supported."
    ),
    domain.GlobalRole: Answer(403, "CANNOT_ADD_GLOBAL_ROLE", "Adding a global role is not supported."),
    domain.MissingAttribute: Answer(400, "MISSING_ATTRIBUTE", "The required attribute %s was not specified."),
    domain.InvalidAttribute: Answer(400, "INVALID_ATTRIBUTE", "Invalid attribute %s specified."),
    domain.AttributeNotPositive: Answer(
        400, "ATTRIBUTE_NEGATIVE_OR_ZERO", "The attribute %s cannot be negative or zero."
    ),
    domain.ApiKeyWithoutDescription: Answer(
        400, "API_KEY_REQUIRES_DESCRIPTION", "All API keys require a non-empty description."
    ),
    domain.InvalidApiKeyDescription: Answer(
        400,
        "INVALID_API_KEY_DESC",
        "API key descriptions are required and must be less than %s characters.",
    ),
    domain.ApiKeyWithoutRoles: Answer(400, "MISSING_API_KEY_ROLES", "API keys must have at least one role."),
    domain.InvalidAddress: Answer(
        400,
        "INVALID_IP_ADDRESS_OR_CIDR_NOTATION",
        "The address %s must be in valid IP address or CIDR notation.",
    ),
    domain.RepeatedAddress: Answer(
        400,
        "DUPLICATE_ADDRESSES_IN_INPUT",
        "Two or more of the IP addresses being added to the whitelist are the same.",
    ),
    domain.CallersOwnAddress: Answer(
        400, "CANNOT_REMOVE_CALLER_FROM_ACCESS_LIST", "Cannot remove caller's IP address %s from whitelist."
    ),
    # No code of its own is published.
    domain.TooManySecrets: Answer(
        400, "VALIDATION_ERROR", "The request content produced the validation error: %s."
    ),
    domain.EmptyTeam: Answer(
        400,
        "CANNOT_CREATE_EMPTY_TEAM",
        "A team must contain at least one user. Add a user to your team to continue.",
    ),
    domain.UnsupportedRole: Answer(400, "UNSUPPORTED_ROLE", "The provided role is not supported."),
    domain.RoleNeedsOrganization: Answer(400, "ROLE_NEEDS_ORG_ID", "Role %s requires an organization ID."),
    domain.RoleNeedsNoOrganization: Answer(
        400, "ROLE_NEEDS_NO_ORG_ID", "Role %s cannot be specified with an organization ID."
    ),
    domain.RoleNeedsProject: Answer(400, "ROLE_NEEDS_GROUP_ID", "Role %s requires a group ID."),
    domain.RoleNeedsNoProject: Answer(
        400, "ROLE_NEEDS_NO_GROUP_ID", "Role %s cannot be specified with a group ID."
    ),
    domain.FirstNameTooLong: Answer(
        400, "FIRST_NAME_EXCEEDS_MAX_LENGTH", "First names are limited to %s characters."
    ),
    domain.LastNameTooLong: Answer(
        400, "LAST_NAME_EXCEEDS_MAX_LENGTH", "Last names are limited to %s characters."
    ),
    domain.InvalidCountryCode: Answer(
        400, "INVALID_COUNTRY_CODE", "An invalid country code %s was specified."
    ),
    domain.WeakPassword: Answer(400, "WEAK_PASSWORD", "The specified password is not strong enough."),
    domain.CommonPassword: Answer(
        400,
        "COMMON_PASSWORD",
        "The password provided is too weak, as it can be found in most commonly used password lists.",
    ),
    domain.UnknownUsernameInBody: Answer(400, "BAD_USERNAME_REF", "No user with username %s exists."),
    domain.TooManyUsersInOrganization: Answer(
        400,
        "MAX_USERS_PER_ORG_EXCEEDED",
        "Maximum number of users per org (%s) in %s exceeded while trying to add users.",
    ),
    domain.TooManyUsersInProject: Answer(
        400,
        "MAX_USERS_PER_GROUP_EXCEEDED",
        "Maximum number of users per group (%s) in %s exceeded while trying to add users.",
    ),
    domain.TooManyUsersInTeam: Answer(
        400,
        "MAX_USERS_PER_TEAM_EXCEEDED",
        "Maximum number of users per team (%s) in %s exceeded while trying to add users.",
    ),
    domain.TooManyTeamsInOrganization: Answer(
        400,
        "MAX_TEAMS_PER_ORG_EXCEEDED",
        "Maximum number of teams per organization (%s) in %s exceeded while trying to add team.",
    ),
    domain.TooManyTeamsInProject: Answer(
        400,
        "MAX_TEAMS_PER_GROUP_EXCEEDED",
        "Maximum number of teams per group (%s) in %s exceeded while trying to add teams.",
    ),
    domain.TooManyTeamsOfUser: Answer(
        400,
        "MAX_TEAMS_PER_USER_EXCEEDED",
        "Maximum number of teams per user (%s) for %s exceeded while trying to add user to team.",
    ),
    domain.TooManyProjectsInOrganization: Answer(
        400,
        "MAX_GROUPS_PER_ORG_EXCEEDED",
        "Maximum number of groups per organization (%s) in %s exceeded while trying to add group.",
    ),
    domain.TooManyProjectsOfUser: Answer(
        400,
        "MAX_GROUPS_PER_USER_EXCEEDED",
        "Maximum number of groups per user (%s) for %s exceeded while trying to add user to group.",
    ),
    domain.TooManyOrganizationsOfUser: Answer(
        400,
        "MAX_ORGS_PER_USER_EXCEEDED",
        "Maximum number of organizations per user (%s) for %s exceeded while trying to add user to"
        " organization.",
    ),
    domain.TooManyApiKeysInOrganization: Answer(
        400,
        "MAX_API_KEYS_PER_ORG_EXCEEDED",
        "Maximum number of API keys per org (%s) in %s exceeded while trying to add API keys.",
    ),
    domain.TooManyAccessListEntries: Answer(
        400,
        "DEFAULT_CONFIG_LIMIT_EXCEPTION",
        "The limit check failed while trying to add requested resource. Please try again.",
    ),
    # What only people at a browser meet; a door for machines would say this.
    domain.WrongCredentials: Answer(401, "UNEXPECTED_ERROR", "You are not authorized for this resource."),
    domain.WrongPassword: Answer(401, "UNEXPECTED_ERROR", "You are not authorized for this resource."),
    domain.SignInLinkUseless: Answer(401, "UNEXPECTED_ERROR", "You are not authorized for this resource."),
    domain.SessionEnded: Answer(401, "UNEXPECTED_ERROR", "You are not authorized for this resource."),
    domain.TicketRunOut: Answer(401, "UNEXPECTED_ERROR", "You are not authorized for this resource."),
    domain.TooManyTries: Answer(429, "RATE_LIMITED", "Too many tries. Please retry after %s seconds."),
    domain.InvitationLinkUnknown: Answer(404, "INVALID_INVITATION_ID", "The link opens no invitation."),
    domain.InvitationEnded: Answer(404, "INVALID_INVITATION_ID", "The invitation is not pending any more."),
    domain.InvitationChanged: Answer(
        409, "INVALID_INVITATION_ID", "The invitation carries something else than what was shown."
    ),
    domain.InvitationForSomebodyElse: Answer(
        409, "INVALID_INVITATION_ID", "%s is signed in, but the invitation is for %s."
    ),
    domain.InvitationNeedsSignIn: Answer(
        409, "INVALID_INVITATION_ID", "The person whom the invitation is for has to sign in."
    ),
    domain.InviterLost: Answer(
        409, "INVALID_INVITATION_ID", "Whoever sent the invitation may not invite any more."
    ),
    domain.Unavailable: Answer(
        503, "SERVICE_UNAVAILABLE", "The service is temporarily unavailable. Please retry."
    ),
    # The wire itself.
    MalformedJson: Answer(400, "MALFORMED_JSON", "Received JSON is malformed."),
    InvalidJson: Answer(400, "INVALID_JSON", "Received JSON does not match expected format."),
    InvalidJsonAttribute: Answer(
        400,
        "INVALID_JSON_ATTRIBUTE",
        "Received JSON for the %s attribute does not match expected format.",
    ),
    InvalidEnumValue: Answer(400, "INVALID_ENUM_VALUE", "An invalid enumeration value %s was specified."),
    MalformedOrganizationId: Answer(404, "INVALID_ORG_ID", "An invalid organization ID %s was specified."),
    MalformedProjectId: Answer(404, "INVALID_GROUP_ID", "An invalid group ID %s was specified."),
    MalformedTeamId: Answer(404, "INVALID_TEAM_ID", "An invalid team ID %s was specified."),
    MalformedUserId: Answer(404, "INVALID_USER_ID", "An invalid user ID %s was specified."),
    InvalidPathParameter: Answer(400, "INVALID_PATH_PARAMETER", "Invalid path parameter %s specified."),
    InvalidQueryParameter: Answer(400, "INVALID_QUERY_PARAMETER", "Invalid query parameter %s specified."),
    MissingOneOfAttributes: Answer(
        400,
        "MISSING_ONE_OF_ATTRIBUTES",
        "Either the %s attribute or the %s attribute must be specified.",
    ),
    InvalidDate: Answer(400, "INVALID_DATE_FORMAT", "An invalid date value %s was specified."),
    RateLimitedBucket: Answer(
        429,
        "RATE_LIMITED_TOKEN_BUCKET",
        "Rate limit exceeded for %s. Please retry after %s seconds. Request capacity: %s."
        " Refill rate: %s per %s seconds.",
    ),
    RateLimited: Answer(429, "RATE_LIMITED", "Resource %s is limited to %s requests every %s minutes."),
    RateLimitedInvitations: Answer(
        400, "RATE_LIMITED_IP", "Rate limit of %s invitations per %s minutes exceeded."
    ),
    AddressAndBlock: Answer(
        400, "BAD_ACCESS_LIST_ADD_REQUEST", "Should not specify both the IP address and the CIDR block."
    ),
    MutuallyExclusiveQueryParameters: Answer(
        400,
        "MUTUALLY_EXCLUSIVE_QUERY_PARAMETERS",
        "Either the %s query parameter or the %s query parameter but not both should be specified.",
    ),
    InvalidVersionDate: Answer(406, "INVALID_VERSION_DATE", "Invalid accept header or version date."),
    VersionGone: Answer(410, "VERSION_GONE", "Version %s of %s is no longer available."),
    # Codes for these are not published; DECISIONS.md 14.
    MethodNotAllowed: Answer(405, "METHOD_NOT_ALLOWED", "The method is not allowed for this resource."),
    UnsupportedMediaType: Answer(
        415, "UNSUPPORTED_MEDIA_TYPE", "The content type of the request is not supported."
    ),
    BodyTooLarge: Answer(413, "REQUEST_TOO_LARGE", "The request body is too large."),
    UriTooLong: Answer(414, "REQUEST_TOO_LARGE", "The request target is too long."),
    BodyTooSlow: Answer(408, "REQUEST_TIMEOUT", "The request body took too long to arrive."),
    Unexpected: Answer(500, "UNEXPECTED_ERROR", "Unexpected error."),
}


def answer_of(refusal: Refusal) -> Answer:
    """Return the row of a refusal's class."""
    return _FROM_TABLE[type(refusal)]


def rows() -> dict[type[Refusal], Answer]:
    """Return the whole table."""
    return dict(_FROM_TABLE)


class _Field(msgspec.Struct):
    description: str
    field: str


class _BadRequestDetail(msgspec.Struct):
    fields: list[_Field]


class ErrorBody(msgspec.Struct, rename="camel", omit_defaults=True):
    """The body of every error but the challenge; fields in the order of the wire (alphabetical)."""

    detail: str
    error: int
    error_code: str
    parameters: list[Any]
    reason: str


class _DetailedErrorBody(msgspec.Struct, rename="camel"):
    bad_request_detail: _BadRequestDetail
    detail: str
    error: int
    error_code: str
    parameters: list[Any]
    reason: str


_NAMES_A_FIELD = (domain.MissingAttribute, domain.InvalidAttribute, InvalidJsonAttribute)


def body_of(refusal: Refusal) -> msgspec.Struct:
    """Return the error body of a refusal. Source: contract, WIRE.md section 10."""
    row = answer_of(refusal)
    places = row.text.count("%s")
    parameters = list(refusal.facts[:places])
    detail = row.text % tuple(parameters) if places else row.text
    reason = reason_of(row.status)
    if isinstance(refusal, _NAMES_A_FIELD):
        violation = _BadRequestDetail([_Field(description=detail, field=str(refusal.facts[0]))])
        return _DetailedErrorBody(violation, detail, row.status, row.code, parameters, reason)
    return ErrorBody(detail, row.status, row.code, parameters, reason)


# Newer Pythons have newer words for these.
_REASONS = {413: "Request Entity Too Large", 414: "Request-URI Too Long"}


def reason_of(status: int) -> str:
    """Return the reason phrase of a status."""
    return _REASONS.get(status) or HTTPStatus(status).phrase


# Not sorted and spaced like nothing else, as recorded: contract, WIRE.md section 8.
CHALLENGE_BODY = b"""{
  "error" : 401,
  "reason" : "Unauthorized",
  "detail" : "You are not authorized for this resource.",
  "errorCode" : "UNEXPECTED_ERROR"
}"""
