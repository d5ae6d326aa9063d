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


class MissingOneOfAttributes(Refusal):
    """facts: one attribute, the other."""


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
    domain.NoTieToOrganization: Answer(
        401, "USER_CANNOT_ACCESS_ORG", "User cannot access this organization."
    ),
    domain.NoTieToProject: Answer(
        401, "NOT_IN_GROUP", "The current user is not in the group, or the group does not exist."
    ),
    # Not there.
    domain.OrganizationNotFound: Answer(404, "ORG_NOT_FOUND", "No organization with ID %s exists."),
    domain.ProjectNotFound: Answer(404, "GROUP_NOT_FOUND", "No group with ID %s exists."),
    domain.ProjectNameNotFound: Answer(404, "GROUP_NAME_NOT_FOUND", 'No group with name "%s" exists.'),
    domain.TeamNotFound: Answer(404, "TEAM_NOT_FOUND", "No team with ID %s exists."),
    domain.TeamNameNotFound: Answer(404, "TEAM_NAME_NOT_FOUND", 'No team with name "%s" exists.'),
    domain.TeamNotInOrganization: Answer(404, "TEAM_NOT_IN_ORG", "Team %s is not in Organization %s."),
    domain.InvitationNotFound: Answer(
        404,
        "INVALID_INVITATION_ID",
        "The invitation you tried to delete does not exist or has already been accepted.",
    ),
    domain.UsernameNotFound: Answer(404, "USERNAME_NOT_FOUND", "No user with username %s exists."),
    domain.UserNotFound: Answer(404, "USER_NOT_FOUND", "No user with ID %s exists."),
    domain.UserNotInOrganization: Answer(404, "USER_NOT_IN_ORG", "User %s is not in organization %s."),
    domain.ResourceNotFound: Answer(404, "RESOURCE_NOT_FOUND", "Cannot find resource %s."),
    # In the way.
    domain.UserAlreadyExists: Answer(409, "USER_ALREADY_EXISTS", "A user with username %s already exists."),
    domain.ProjectNameTaken: Answer(409, "GROUP_ALREADY_EXISTS", 'A group with name "%s" already exists.'),
    domain.TeamNameTaken: Answer(
        409, "TEAM_NAME_NOT_AVAILABLE", "Cannot create a team named %s in organization %s."
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
    # Wrong values.
    domain.InvalidUsername: Answer(
        400, "INVALID_USERNAME", "The specified username is not a valid email address."
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
    domain.EmptyTeam: Answer(
        400,
        "CANNOT_CREATE_EMPTY_TEAM",
        "A team must contain at least one user. Add a user to your team to continue.",
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
    domain.TooManyProjectsInOrganization: Answer(
        400,
        "MAX_GROUPS_PER_ORG_EXCEEDED",
        "Maximum number of groups per organization (%s) in %s exceeded while trying to add group.",
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
