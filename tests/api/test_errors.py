"""Every reason to refuse, reached over HTTP: status, code, text and parameters.

Source of what is expected: contract, ERRORS.md and WIRE.md section 10, written out here a second time.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from types import ModuleType
from typing import Any

import pytest
import requests
from tests.api.desk import (
    ATTIC,
    FRONT_DESK,
    HERE,
    LOBBY,
    NEIGHBOURS,
    NEXT_DOOR,
    NEXT_DOOR_INVITATION,
    NOBODY,
    OWNER,
    OWNER_ID,
    STAIRS,
    STRANGER_ID,
    Office,
    Server,
    fresh,
)

from antechamber.api.wire import errors as wire
from antechamber.domain import errors as domain
from antechamber.domain.errors import Refusal

Ask = Callable[[Server, Office], requests.Response]


@dataclass
class Case:
    """A request that is refused, and how.

    detail: "{org}" and "{name}" stand for the fresh organization's id and name, as in parameters.
    """

    reason: type[Refusal]
    ask: Ask
    status: int
    code: str
    detail: str
    parameters: tuple[Any, ...] = ()


def _account(**changes: Any) -> dict[str, Any]:
    account = {"name": "a", "description": "b", "roles": ["ORG_OWNER"], "secretExpiresAfterHours": 8}
    return {"name": fresh("Other"), "orgOwnerId": OWNER_ID, "serviceAccount": {**account, **changes}}


def _invite(**fields: Any) -> Ask:
    body = {"username": "somebody@guest.example", "roles": ["ORG_MEMBER"], **fields}
    return lambda _server, office: office.client.post(office.invites, body)


def _invite_to_project(**fields: Any) -> Ask:
    body = {"username": "somebody@guest.example", "roles": ["GROUP_OWNER"], **fields}
    return lambda server, _office: server.front_desk.post(f"/groups/{LOBBY}/invites", body)


def _get(path: str) -> Ask:
    return lambda _server, office: office.client.get(path.format(org=office.id))


def _by(public_key: str, method: str, path: str, body: Any = None) -> Ask:
    return lambda server, _office: server.digest(public_key).send(method, path, body)


def _taken(server: Server, office: Office) -> requests.Response:
    office.invite(username="twice@guest.example")
    return office.client.post(office.invites, {"username": "Twice@guest.example", "roles": ["ORG_OWNER"]})


def _project_name_taken(server: Server, office: Office) -> requests.Response:
    return server.front_desk.post("/groups", {"name": "Lobby", "orgId": FRONT_DESK})


def _team_name_taken(server: Server, office: Office) -> requests.Response:
    office.team("Night")
    return office.client.post(f"{office.path}/teams", {"name": "Night", "usernames": [OWNER]})


def _delete_project_invitation_of_organization(server: Server, office: Office) -> requests.Response:
    invitation = office.invite_to(office.project()["id"])
    return office.client.delete(f"{office.invites}/{invitation['id']}")


def _delete_organization_invitation_of_project(server: Server, office: Office) -> requests.Response:
    invitation, project = office.invite(), office.project()
    return office.client.delete(f"/groups/{project['id']}/invites/{invitation['id']}")


def _too_many_in_organization(server: Server, office: Office) -> requests.Response:
    # The owner is one of the 500.
    bodies = [{"username": f"g{n}@guest.example", "roles": ["ORG_MEMBER"]} for n in range(500)]
    return _refused(office, office.invites, bodies, taken=499)


def _too_many_in_project(server: Server, office: Office) -> requests.Response:
    # The owner of the organization owns its projects too.
    project = office.project("Cell")["id"]
    bodies = [{"username": f"g{n}@guest.example", "roles": ["GROUP_OWNER"]} for n in range(500)]
    return _refused(office, f"/groups/{project}/invites", bodies, taken=499)


def _too_many_in_team(server: Server, office: Office) -> requests.Response:
    usernames = [f"g{number}@guest.example" for number in range(251)]
    return office.client.post(f"{office.path}/teams", {"name": "Crowd", "usernames": usernames})


def _too_many_teams(server: Server, office: Office) -> requests.Response:
    bodies = [{"name": f"Shift {number}", "usernames": [OWNER]} for number in range(251)]
    return _refused(office, f"{office.path}/teams", bodies, taken=250)


def _too_many_projects(server: Server, office: Office) -> requests.Response:
    bodies = [{"name": f"Room {number}", "orgId": office.id} for number in range(251)]
    return _refused(office, "/groups", bodies, taken=250)


def _refused(office: Office, path: str, bodies: list[Any], *, taken: int) -> requests.Response:
    """Return the one refused answer after the others were taken."""
    for body in bodies[:taken]:
        assert office.client.post(path, body).ok
    assert len(bodies) == taken + 1
    return office.client.post(path, bodies[taken])


def _team_of_someone_outside(server: Server, office: Office) -> requests.Response:
    # Known to the server, but neither member nor invited here.
    body = {"name": "Mixed", "usernames": ["owner@next.example"]}
    return office.client.post(f"{office.path}/teams", body)


_NOT_USER_ADMIN = "The currently logged in user does not have the user administrator role in "
_NO_INVITATION = "The invitation you tried to delete does not exist or has already been accepted."
_NOT_EXPECTED = "Received JSON does not match expected format."

CASES = [
    # Who calls, and from where. Without or with wrong credentials: test_authentication.py.
    Case(
        domain.AddressNotListed,
        _by("fronaway", "GET", f"/orgs/{FRONT_DESK}"),
        403,
        "IP_ADDRESS_NOT_ON_ACCESS_LIST",
        "IP address 127.0.0.1 is not allowed to access this resource.",
        ("127.0.0.1",),
    ),
    # Roles too low, DECISIONS.md 7.
    Case(
        domain.NotAuthorized,
        _by("frontprd", "PATCH", f"/groups/{LOBBY}", {"name": "Mine"}),
        401,
        "USER_UNAUTHORIZED",
        "Current user is not authorized to perform this action.",
    ),
    Case(
        domain.NotOrganizationUserAdmin,
        _by("frontred", "GET", f"/orgs/{FRONT_DESK}/invites"),
        401,
        "NOT_ORG_USER_ADMIN",
        f"{_NOT_USER_ADMIN}organization {FRONT_DESK}.",
        (FRONT_DESK,),
    ),
    Case(
        domain.NotOrganizationUserAdmin,
        _by("frontmem", "POST", f"/orgs/{FRONT_DESK}/teams", {"name": "Mine", "usernames": [OWNER]}),
        401,
        "NOT_ORG_USER_ADMIN",
        f"{_NOT_USER_ADMIN}organization {FRONT_DESK}.",
        (FRONT_DESK,),
    ),
    Case(
        domain.NotProjectUserAdmin,
        _by("frontprd", "GET", f"/groups/{LOBBY}/invites"),
        401,
        "NOT_GROUP_USER_ADMIN",
        f"{_NOT_USER_ADMIN}group {LOBBY}.",
        (LOBBY,),
    ),
    Case(
        domain.NotProjectUserAdmin,
        # Organization read-only reads every project, no more.
        _by("frontred", "DELETE", f"/groups/{LOBBY}/invites/{NOBODY}"),
        401,
        "NOT_GROUP_USER_ADMIN",
        f"{_NOT_USER_ADMIN}group {LOBBY}.",
        (LOBBY,),
    ),
    Case(
        domain.NotOrganizationOwner,
        _by("frontred", "PATCH", f"/orgs/{FRONT_DESK}", {"name": "Mine"}),
        401,
        "NOT_ORG_OWNER",
        f"The currently logged in user does not have the owner role in organization {FRONT_DESK}.",
        (FRONT_DESK,),
    ),
    Case(
        domain.NotProjectCreator,
        _by("frontmem", "POST", "/groups", {"name": "Mine", "orgId": FRONT_DESK}),
        401,
        "NOT_ORG_GROUP_CREATOR",
        f"The currently logged in user does not have the group creator role in organization {FRONT_DESK}.",
        (FRONT_DESK,),
    ),
    Case(
        domain.NoTieToOrganization,
        _get(f"/orgs/{NEXT_DOOR}"),
        401,
        "USER_CANNOT_ACCESS_ORG",
        "User cannot access this organization.",
    ),
    Case(
        domain.NoTieToProject,
        _get(f"/groups/{ATTIC}/invites"),
        401,
        "NOT_IN_GROUP",
        "The current user is not in the group, or the group does not exist.",
    ),
    Case(
        domain.NoTieToProject,
        # A member of the organization, without a role on this project of it.
        _by("frontpro", "GET", f"/groups/{STAIRS}"),
        401,
        "NOT_IN_GROUP",
        "The current user is not in the group, or the group does not exist.",
    ),
    # Not there.
    Case(
        domain.OrganizationNotFound,
        _get(f"/orgs/{NOBODY}/invites"),
        404,
        "ORG_NOT_FOUND",
        f"No organization with ID {NOBODY} exists.",
        (NOBODY,),
    ),
    Case(
        domain.ProjectNotFound,
        _get(f"/groups/{NOBODY}/invites"),
        404,
        "GROUP_NOT_FOUND",
        f"No group with ID {NOBODY} exists.",
        (NOBODY,),
    ),
    Case(
        domain.ProjectNotFound,
        # INV-3: of another organization is like unknown.
        _invite(groupRoleAssignments=[{"groupId": ATTIC, "roles": ["GROUP_OWNER"]}]),
        404,
        "GROUP_NOT_FOUND",
        f"No group with ID {ATTIC} exists.",
        (ATTIC,),
    ),
    Case(
        domain.ProjectNameNotFound,
        _get("/groups/byName/Attic"),
        404,
        "GROUP_NAME_NOT_FOUND",
        'No group with name "Attic" exists.',
        ("Attic",),
    ),
    Case(
        domain.TeamNotFound,
        # INV-2: of another organization is like unknown.
        _get(f"/orgs/{{org}}/teams/{NEIGHBOURS}"),
        404,
        "TEAM_NOT_FOUND",
        f"No team with ID {NEIGHBOURS} exists.",
        (NEIGHBOURS,),
    ),
    Case(
        domain.TeamNameNotFound,
        _get("/orgs/{org}/teams/byName/Neighbours"),
        404,
        "TEAM_NAME_NOT_FOUND",
        'No team with name "Neighbours" exists.',
        ("Neighbours",),
    ),
    Case(
        domain.TeamNotInOrganization,
        _invite(teamIds=[NEIGHBOURS]),
        404,
        "TEAM_NOT_IN_ORG",
        f"Team {NEIGHBOURS} is not in Organization {{org}}.",
        (NEIGHBOURS, "{org}"),
    ),
    Case(
        domain.InvitationNotFound,
        _get(f"/orgs/{{org}}/invites/{NEXT_DOOR_INVITATION}"),
        404,
        "INVALID_INVITATION_ID",
        _NO_INVITATION,
    ),
    Case(
        domain.InvitationNotFound,
        lambda server, office: office.client.patch(f"{office.invites}/{NOBODY}", {"roles": ["ORG_OWNER"]}),
        404,
        "INVALID_INVITATION_ID",
        _NO_INVITATION,
    ),
    Case(
        domain.InvitationNotFound,
        lambda server, office: server.front_desk.delete(f"/groups/{LOBBY}/invites/{NOBODY}"),
        404,
        "INVALID_INVITATION_ID",
        _NO_INVITATION,
    ),
    Case(
        domain.UsernameNotFound,
        lambda server, office: office.client.patch(
            office.invites, {"username": "nobody@guest.example", "roles": ["ORG_OWNER"]}
        ),
        404,
        "USERNAME_NOT_FOUND",
        "No user with username nobody@guest.example exists.",
        ("nobody@guest.example",),
    ),
    Case(
        domain.UserNotFound,
        lambda server, office: server.front_desk.post("/orgs", {**_account(), "orgOwnerId": STRANGER_ID}),
        404,
        "USER_NOT_FOUND",
        f"No user with ID {STRANGER_ID} exists.",
        (STRANGER_ID,),
    ),
    Case(
        domain.UserNotInOrganization,
        _team_of_someone_outside,
        404,
        "USER_NOT_IN_ORG",
        "User owner@next.example is not in organization {org}.",
        ("owner@next.example", "{org}"),
    ),
    Case(
        domain.ResourceNotFound,
        _get("/orgs/{org}/nothing"),
        404,
        "RESOURCE_NOT_FOUND",
        "Cannot find resource /api/atlas/v2/orgs/{org}/nothing.",
        ("/api/atlas/v2/orgs/{org}/nothing",),
    ),
    # In the way.
    Case(
        domain.UserAlreadyExists,
        _taken,
        409,
        "USER_ALREADY_EXISTS",
        "A user with username Twice@guest.example already exists.",
        ("Twice@guest.example",),
    ),
    Case(
        domain.UserAlreadyExists,
        _invite(username=OWNER),
        409,
        "USER_ALREADY_EXISTS",
        f"A user with username {OWNER} already exists.",
        (OWNER,),
    ),
    Case(
        domain.ProjectNameTaken,
        _project_name_taken,
        409,
        "GROUP_ALREADY_EXISTS",
        'A group with name "Lobby" already exists.',
        ("Lobby",),
    ),
    Case(
        domain.TeamNameTaken,
        _team_name_taken,
        409,
        "TEAM_NAME_NOT_AVAILABLE",
        "Cannot create a team named Night in organization {org}.",
        ("Night", "{org}"),
    ),
    Case(
        domain.InvitationIsForProject,
        _delete_project_invitation_of_organization,
        400,
        "CANNOT_DELETE_GROUP_INVITATION",
        "You can't use the /orgs/{ORG-ID}/invites/{INVITATION-ID} endpoint to delete an invitation to a"
        " group. Use /groups/{GROUP-ID}/invites/{INVITATION-ID} instead.",
    ),
    Case(
        domain.InvitationIsForOrganization,
        _delete_organization_invitation_of_project,
        400,
        "CANNOT_DELETE_ORG_INVITATION",
        "You can't use the /groups/{GROUP-ID}/invites/{INVITATION-ID} endpoint to delete an invitation to"
        " an organization. Use /orgs/{ORG-ID}/invites/{INVITATION-ID} instead.",
    ),
    # Wrong values.
    Case(
        domain.InvalidUsername,
        _invite(username="not an address"),
        400,
        "INVALID_USERNAME",
        "The specified username is not a valid email address.",
    ),
    Case(
        domain.InvalidOrganizationName,
        lambda server, office: office.client.patch(office.path, {"name": "a<b"}),
        400,
        "INVALID_ORG_NAME",
        'An invalid org name "a<b" was specified.',
        ("a<b",),
    ),
    Case(
        domain.InvalidProjectName,
        lambda server, office: office.client.post("/groups", {"name": " a", "orgId": office.id}),
        400,
        "INVALID_GROUP_NAME",
        'An invalid group name " a" was specified.',
        (" a",),
    ),
    Case(
        domain.InvalidTeamName,
        lambda server, office: office.client.post(
            f"{office.path}/teams", {"name": "x" * 65, "usernames": [OWNER]}
        ),
        400,
        "INVALID_TEAM_NAME",
        f'An invalid team name "{"x" * 65}" was specified.',
        ("x" * 65,),
    ),
    Case(
        domain.InvalidOrganizationRole,
        _invite(roles=["ORG_KING"]),
        400,
        "INVALID_ROLE_FOR_ORG",
        "Role ORG_KING invalid for organization {org}.",
        ("ORG_KING", "{org}"),
    ),
    Case(
        domain.InvalidProjectRole,
        _invite_to_project(roles=["GROUP_KING"]),
        400,
        "INVALID_ROLE_FOR_GROUP",
        f"Role GROUP_KING is invalid for group {LOBBY}.",
        ("GROUP_KING", LOBBY),
    ),
    Case(
        domain.ProjectRoleInOrganization,
        _invite(roles=["ORG_MEMBER", "GROUP_OWNER"]),
        400,
        "CANNOT_ADD_GROUP_ROLE",
        "Adding a group-level role in an organization is not supported.",
    ),
    Case(
        domain.OrganizationRoleInProject,
        _invite_to_project(roles=["ORG_OWNER"]),
        400,
        "CANNOT_ADD_ORG_ROLE",
        "Adding an organization-level role in a group is not supported.",
    ),
    Case(
        domain.GlobalRole,
        _invite(roles=["GLOBAL_OWNER"]),
        403,
        "CANNOT_ADD_GLOBAL_ROLE",
        "Adding a global role is not supported.",
    ),
    Case(
        domain.MissingAttribute,
        _invite(roles=[]),
        400,
        "MISSING_ATTRIBUTE",
        "The required attribute roles was not specified.",
        ("roles",),
    ),
    Case(
        domain.InvalidAttribute,
        _invite(colour="red"),
        400,
        "INVALID_ATTRIBUTE",
        "Invalid attribute colour specified.",
        ("colour",),
    ),
    Case(
        domain.EmptyTeam,
        lambda server, office: office.client.post(f"{office.path}/teams", {"name": "None", "usernames": []}),
        400,
        "CANNOT_CREATE_EMPTY_TEAM",
        "A team must contain at least one user. Add a user to your team to continue.",
    ),
    Case(
        domain.UnknownUsernameInBody,
        lambda server, office: office.client.post(
            f"{office.path}/teams", {"name": "Ghosts", "usernames": ["ghost@guest.example"]}
        ),
        400,
        "BAD_USERNAME_REF",
        "No user with username ghost@guest.example exists.",
        ("ghost@guest.example",),
    ),
    # Limits.
    Case(
        domain.TooManyUsersInOrganization,
        _too_many_in_organization,
        400,
        "MAX_USERS_PER_ORG_EXCEEDED",
        "Maximum number of users per org (500) in {name} exceeded while trying to add users.",
        ("500", "{name}"),
    ),
    Case(
        domain.TooManyUsersInProject,
        _too_many_in_project,
        400,
        "MAX_USERS_PER_GROUP_EXCEEDED",
        "Maximum number of users per group (500) in Cell exceeded while trying to add users.",
        ("500", "Cell"),
    ),
    Case(
        domain.TooManyUsersInTeam,
        _too_many_in_team,
        400,
        "MAX_USERS_PER_TEAM_EXCEEDED",
        "Maximum number of users per team (250) in Crowd exceeded while trying to add users.",
        ("250", "Crowd"),
    ),
    Case(
        domain.TooManyTeamsInOrganization,
        _too_many_teams,
        400,
        "MAX_TEAMS_PER_ORG_EXCEEDED",
        "Maximum number of teams per organization (250) in {name} exceeded while trying to add team.",
        ("250", "{name}"),
    ),
    Case(
        domain.TooManyProjectsInOrganization,
        _too_many_projects,
        400,
        "MAX_GROUPS_PER_ORG_EXCEEDED",
        "Maximum number of groups per organization (250) in {name} exceeded while trying to add group.",
        ("250", "{name}"),
    ),
    # The wire itself; more of each in test_bodies.py and test_protocol.py.
    Case(
        wire.MalformedJson,
        lambda server, office: office.client.post(office.invites, b"{"),
        400,
        "MALFORMED_JSON",
        "Received JSON is malformed.",
    ),
    Case(
        wire.InvalidJson,
        lambda server, office: office.client.post(office.invites, []),
        400,
        "INVALID_JSON",
        _NOT_EXPECTED,
    ),
    Case(
        wire.InvalidJsonAttribute,
        _invite(roles="ORG_OWNER"),
        400,
        "INVALID_JSON_ATTRIBUTE",
        "Received JSON for the roles attribute does not match expected format.",
        ("roles",),
    ),
    Case(
        wire.MalformedOrganizationId,
        _get("/orgs/ABC/invites"),
        404,
        "INVALID_ORG_ID",
        "An invalid organization ID ABC was specified.",
        ("ABC",),
    ),
    Case(
        wire.MalformedProjectId,
        _get("/groups/0b000000000000000000000Z"),
        404,
        "INVALID_GROUP_ID",
        "An invalid group ID 0b000000000000000000000Z was specified.",
        ("0b000000000000000000000Z",),
    ),
    Case(
        wire.MalformedTeamId,
        _get("/orgs/{org}/teams/x"),
        404,
        "INVALID_TEAM_ID",
        "An invalid team ID x was specified.",
        ("x",),
    ),
    Case(
        wire.InvalidPathParameter,
        _get("/orgs/{org}/invites/x"),
        400,
        "INVALID_PATH_PARAMETER",
        "Invalid path parameter invitationId specified.",
        ("invitationId",),
    ),
    Case(
        wire.InvalidQueryParameter,
        _get("/groups?pageNum=0"),
        400,
        "INVALID_QUERY_PARAMETER",
        "Invalid query parameter pageNum specified.",
        ("pageNum",),
    ),
    Case(
        wire.MissingOneOfAttributes,
        lambda server, office: server.front_desk.post("/orgs", {"name": "x", "orgOwnerId": OWNER_ID}),
        400,
        "MISSING_ONE_OF_ATTRIBUTES",
        "Either the apiKey attribute or the serviceAccount attribute must be specified.",
        ("apiKey", "serviceAccount"),
    ),
    Case(
        wire.InvalidVersionDate,
        lambda server, office: office.client.get(office.path, headers={"Accept": "application/json"}),
        406,
        "INVALID_VERSION_DATE",
        "Invalid accept header or version date.",
    ),
    Case(
        wire.MethodNotAllowed,
        lambda server, office: office.client.send("PUT", office.invites, {}),
        405,
        "METHOD_NOT_ALLOWED",
        "The method is not allowed for this resource.",
    ),
    Case(
        wire.UnsupportedMediaType,
        lambda server, office: office.client.post(
            office.invites, b"{}", headers={"Content-Type": "text/plain"}
        ),
        415,
        "UNSUPPORTED_MEDIA_TYPE",
        "The content type of the request is not supported.",
    ),
    Case(
        wire.BodyTooLarge,
        lambda server, office: office.client.post(office.invites, b" " * (256 * 1024 + 1)),
        413,
        "REQUEST_TOO_LARGE",
        "The request body is too large.",
    ),
    Case(
        wire.UriTooLong,
        _get(f"/orgs?name={'x' * 8192}"),
        414,
        "REQUEST_TOO_LARGE",
        "The request target is too long.",
    ),
    Case(
        wire.InvalidPathParameter,
        _get("/groups/byName/a%00b"),
        400,
        "INVALID_PATH_PARAMETER",
        "Invalid path parameter path specified.",
        ("path",),
    ),
]

# Without the error body of the others, so they have tests of their own in test_authentication.py.
SPECIAL = {
    domain.UnknownCredentials: "test_inv26_an_unknown_key_and_a_wrong_one_are_answered_alike",
    domain.StaleChallenge: "test_inv27_a_write_is_not_run_twice_for_one_answer_to_a_challenge",
    domain.UnknownToken: "test_a_token_that_was_never_issued_is_refused_with_an_empty_body",
}
NOT_REACHED = {
    domain.AccessListRequired: "the setting that asks for lists is not yet on the wire; usecases reach it",
    domain.NotApiKeyAdmin: "no operation on API keys yet",
    domain.Unavailable: "needs a broken database; storage and usecases reach it",
    wire.Unexpected: "a bug; there is none to be asked for",
    wire.MalformedUserId: "no operation with a user id in its path yet",
    wire.InvalidEnumValue: "no body or parameter with an enumeration yet: roles have codes of their own",
    wire.BodyTooSlow: "takes thirty seconds to happen",
    wire.VersionGone: "no version has been removed",
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.reason.__name__)
def test_a_refusal_has_its_status_code_text_and_parameters(
    case: Case, server: Server, office: Office
) -> None:
    response = case.ask(server, office)

    def filled(text: Any) -> Any:
        return text.replace("{org}", office.id).replace("{name}", office.name)

    body = response.json()
    body.pop("badRequestDetail", None)
    assert response.status_code == case.status, response.text
    assert list(body) == ["detail", "error", "errorCode", "parameters", "reason"]
    assert body["detail"] == filled(case.detail)
    assert body["error"] == case.status
    assert body["errorCode"] == case.code
    assert body["parameters"] == [filled(parameter) for parameter in case.parameters]
    assert body["reason"] == HTTPStatus(case.status).phrase
    assert response.headers["X-Error-Code"] == case.code
    assert response.headers["Content-Type"] == "application/json"
    assert "WWW-Authenticate" not in response.headers


@pytest.mark.parametrize(
    ("attribute", "body"),
    [
        ("username", {"roles": ["ORG_MEMBER"]}),
        ("colour", {"username": "a@guest.example", "roles": ["ORG_MEMBER"], "colour": 1}),
        ("teamIds", {"username": "a@guest.example", "roles": ["ORG_MEMBER"], "teamIds": 1}),
    ],
)
def test_the_field_that_is_wrong_is_named_first(attribute: str, body: Any, office: Office) -> None:
    answer = office.client.post(office.invites, body).json()
    assert next(iter(answer)) == "badRequestDetail"
    assert answer["badRequestDetail"] == {"fields": [{"description": answer["detail"], "field": attribute}]}


def test_every_row_of_the_error_table_is_reached_or_excused() -> None:
    reached = {case.reason for case in CASES} | SPECIAL.keys()
    assert not reached & NOT_REACHED.keys()
    assert reached | NOT_REACHED.keys() == wire.rows().keys()


@pytest.mark.parametrize("module", [domain, wire], ids=["domain", "wire"])
def test_every_reason_to_refuse_has_a_row(module: ModuleType) -> None:
    defined = {
        one
        for _, one in inspect.getmembers(module, inspect.isclass)
        if issubclass(one, Refusal) and one.__module__ == module.__name__
    }
    # Those that others are derived from only draw the hierarchy.
    concrete = {one for one in defined if not one.__subclasses__()}
    assert concrete <= wire.rows().keys()


def test_every_code_is_a_published_one_or_one_of_ours() -> None:
    lines = (HERE / "published_codes.txt").read_text().splitlines()
    published = {code for line in lines if not line.startswith("#") for code in line.split()}
    # DECISIONS.md 14; and for a body that does not arrive nothing is published either.
    ours = {"METHOD_NOT_ALLOWED", "UNSUPPORTED_MEDIA_TYPE", "REQUEST_TOO_LARGE", "REQUEST_TIMEOUT"}
    codes = {row.code for row in wire.rows().values()}
    assert codes - published == ours
