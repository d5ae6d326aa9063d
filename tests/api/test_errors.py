"""Every reason to refuse, reached over HTTP: status, code, text and parameters.

Source of what is expected: contract, ERRORS.md and WIRE.md section 10, written out here a second time.
"""

import inspect
import re
from collections.abc import Callable, Iterator
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
    PORTERS,
    STAIRS,
    STRANGER_ID,
    BearerAuth,
    Client,
    Office,
    Server,
    created,
    fresh,
    fresh_address,
)

from antechamber.api.wire import errors as wire
from antechamber.domain import errors as domain
from antechamber.domain.errors import Refusal

Ask = Callable[[Server, Office], requests.Response]


@dataclass
class Case:
    """A request that is refused, and how.

    detail: "{org}" and "{name}" stand for the fresh organization's id and name, "{key}" for the API key
    that was asked for, "{wait}" for the seconds to wait; as in parameters.
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
    # Nobody may be in more than 100 of them.
    people = [OWNER, office.invite()["username"], office.invite()["username"]]
    bodies = [{"name": f"Shift {number}", "usernames": [people[number // 100]]} for number in range(251)]
    return _refused(office, f"{office.path}/teams", bodies, taken=250)


def _too_many_teams_of_user(server: Server, office: Office) -> requests.Response:
    bodies = [{"name": f"Shift {number}", "usernames": [OWNER]} for number in range(101)]
    return _refused(office, f"{office.path}/teams", bodies, taken=100)


def _too_many_teams_in_project(server: Server, office: Office) -> requests.Response:
    project, team = office.project("Cell")["id"], office.team()["id"]
    assignment = {"teamId": team, "roleNames": ["GROUP_READ_ONLY"]}
    return office.client.post(f"/groups/{project}/teams", [assignment] * 101)


def _too_many_api_keys(server: Server, office: Office) -> requests.Response:
    bodies = [{"desc": f"key {number}", "roles": ["ORG_MEMBER"]} for number in range(501)]
    return _refused(office, f"{office.path}/apiKeys", bodies, taken=500)


def _too_many_addresses(server: Server, office: Office) -> requests.Response:
    whole = [{"ipAddress": f"192.0.2.{number}"} for number in range(200)]
    return _refused(office, _key(office, "accessList"), [whole, [{"ipAddress": "198.51.100.1"}]], taken=1)


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


def _key(office: Office, below: str = "") -> str:
    """Return where a new API key is."""
    keys = f"{office.path}/apiKeys"
    key = created(office.client.post(keys, {"desc": "one", "roles": ["ORG_OWNER"]}), 200)
    return f"{keys}/{key['id']}/{below}".rstrip("/")


def _key_request(**fields: Any) -> Ask:
    body = {"desc": "one", "roles": ["ORG_MEMBER"], **fields}
    return lambda server, office: office.client.post(f"{office.path}/apiKeys", body)


def _addresses(*entries: dict[str, str]) -> Ask:
    return lambda server, office: office.client.post(_key(office, "accessList"), [*entries])


def _address_listed_already(server: Server, office: Office) -> requests.Response:
    entries = [[{"ipAddress": "192.0.2.1"}], [{"cidrBlock": "192.0.2.1/32"}]]
    return _refused(office, _key(office, "accessList"), entries, taken=1)


def _own_address(server: Server, office: Office) -> requests.Response:
    own = f"{office.path}/serviceAccounts/{office.client_id}/accessList"
    assert office.client.post(own, [{"ipAddress": "127.0.0.1"}], headers=_OF_2024).ok
    return office.client.delete(f"{own}/127.0.0.1", headers=_OF_2024)


def _account_request(**fields: Any) -> Ask:
    body = {"name": "a", "description": "b", "roles": ["ORG_MEMBER"], "secretExpiresAfterHours": 8, **fields}
    return lambda server, office: office.client.post(f"{office.path}/serviceAccounts", body, headers=_OF_2024)


def _third_secret(server: Server, office: Office) -> requests.Response:
    secrets = f"{office.path}/serviceAccounts/{office.client_id}/secrets"
    assert office.client.post(secrets, {"secretExpiresAfterHours": 8}, headers=_OF_2024).ok
    return office.client.post(secrets, {"secretExpiresAfterHours": 8}, headers=_OF_2024)


def _list_required(server: Server, office: Office) -> requests.Response:
    assert office.client.patch(f"{office.path}/settings", {"apiAccessListRequired": True}).ok
    return office.client.get(office.path)


def _organization_with_a_project(server: Server, office: Office) -> requests.Response:
    office.project()
    return office.client.delete(office.path)


def _team_not_assigned(server: Server, office: Office) -> requests.Response:
    return office.client.get(f"/groups/{office.project()['id']}/teams/{office.team()['id']}")


def _assigned(office: Office) -> tuple[str, dict[str, Any]]:
    """Return a project's list of teams and what was put on it."""
    teams = f"/groups/{office.project()['id']}/teams"
    assignment = {"teamId": office.team()["id"], "roleNames": ["GROUP_READ_ONLY"]}
    assert office.client.post(teams, [assignment]).ok
    return teams, assignment


def _assigned_twice(server: Server, office: Office) -> requests.Response:
    teams, assignment = _assigned(office)
    return office.client.post(teams, [assignment])


def _without_any_role(server: Server, office: Office) -> requests.Response:
    teams, assignment = _assigned(office)
    return office.client.patch(f"{teams}/{assignment['teamId']}", {"roleNames": []})


def _delete_assigned_team(server: Server, office: Office) -> requests.Response:
    _, assignment = _assigned(office)
    return office.client.delete(f"{office.path}/teams/{assignment['teamId']}")


def _pending(office: Office) -> str:
    """Return the id of somebody who was invited to the organization."""
    body = {"username": fresh_address(), "roles": {"orgRoles": ["ORG_MEMBER"]}}
    id = created(office.client.post(f"{office.path}/users", body, headers=_OF_2025), 201)["id"]
    assert isinstance(id, str)
    return id


def _pending_in_old_team(server: Server, office: Office) -> requests.Response:
    users = f"{office.path}/teams/{office.team()['id']}/users"
    return office.client.post(users, [{"id": _pending(office)}])


def _last_role(server: Server, office: Office) -> requests.Response:
    path = f"{office.path}/users/{_pending(office)}:removeRole"
    return office.client.post(path, {"orgRole": "ORG_MEMBER"}, headers=_OF_2025)


def _owner(method: str, below: str = "", body: Any = None) -> Ask:
    """Return what asks something of the one owner of the organization."""
    return lambda server, office: office.client.send(
        method, f"{office.path}/users/{OWNER_ID}{below}", body, headers=_OF_2025
    )


def _settings(**changes: Any) -> Ask:
    return lambda server, office: office.client.patch(f"{office.path}/settings", changes)


def _user(role: dict[str, str] | None = None, **fields: Any) -> Ask:
    def ask(server: Server, office: Office) -> requests.Response:
        body = {
            "country": "IE",
            "firstName": "Ada",
            "lastName": "Lovelace",
            "password": "correct horse battery",
            "roles": [role or {"orgId": office.id, "roleName": "ORG_MEMBER"}],
            "username": fresh_address(),
            **fields,
        }
        return office.client.post("/users", body)

    return ask


def _again(client: Client, times: int, method: str, path: str, body: Any = None) -> requests.Response:
    """Return the last answer; a body is an invitation, to somebody else each time."""
    answers = [
        client.send(method, path, body and {**body, "username": fresh_address()}) for _ in range(times)
    ]
    return answers[-1]


_MEMBER_ID = "0d0000000000000000000002"
_OF_2024 = {"Accept": "application/vnd.atlas.2024-08-05+json"}
_OF_2025 = {"Accept": "application/vnd.atlas.2025-02-19+json"}
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
    Case(
        domain.AccessListRequired,
        _list_required,
        403,
        "ORG_REQUIRES_ACCESS_LIST",
        "This organization requires access through an access list of ip ranges.",
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
    Case(
        domain.NotApiKeyAdmin,
        _by("frontmem", "DELETE", f"/orgs/{FRONT_DESK}/apiKeys/{NOBODY}"),
        401,
        "NOT_API_KEY_ADMIN",
        "The currently logged in user does not have user administrator role in organization or group that"
        f" API key with ID {NOBODY} belongs to.",
        (NOBODY,),
    ),
    Case(
        domain.ApiKeyAccessListDenied,
        _by("frontred", "GET", f"/orgs/{FRONT_DESK}/apiKeys/{NOBODY}/accessList"),
        401,
        "API_KEY_ACCESS_LIST_ACCESS_DENIED",
        "API key access lists are only accessible by the API key or by a user administrator.",
    ),
    Case(
        domain.NotUserAdmin,
        _get(f"/users/{STRANGER_ID}"),
        401,
        "NOT_USER_ADMIN",
        "The currently logged in user does not have the user administrator role for any group, team, or"
        f" organization containing user {STRANGER_ID}.",
        (STRANGER_ID,),
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
        domain.TeamNotInProject,
        _team_not_assigned,
        404,
        "TEAM_NOT_IN_GROUP",
        "The team in your request is not assigned to this group.",
    ),
    Case(
        domain.TeamStillAssigned,
        _delete_assigned_team,
        404,
        "CANNOT_DELETE_TEAM_ASSIGNED_TO_PROJECT",
        "You cannot delete a team that has at least one project assigned to it. Make sure to remove the team"
        " from all project before deleting it.",
    ),
    Case(
        domain.UserNotInTeam,
        # A member of the organization, in no team.
        lambda server, office: server.front_desk.delete(
            f"/orgs/{FRONT_DESK}/teams/{PORTERS}/users/{_MEMBER_ID}"
        ),
        404,
        "RESOURCE_NOT_FOUND",
        f"Cannot find resource {_MEMBER_ID}.",
        (_MEMBER_ID,),
    ),
    Case(
        domain.PendingUser,
        _pending_in_old_team,
        404,
        "CANNOT_ADD_PENDING_USER",
        "The user cannot be added to any group or teams in this organization as it is a pending user/the user"
        " has not accepted the invite to this organization.",
    ),
    Case(
        domain.LimitNotFound,
        lambda server, office: office.client.get(f"/groups/{office.project()['id']}/limits/atlas.moons"),
        404,
        "RESOURCE_NOT_FOUND",
        "Cannot find resource atlas.moons.",
        ("atlas.moons",),
    ),
    Case(
        domain.UserNotInProject,
        lambda server, office: server.front_desk.get(f"/groups/{LOBBY}/users/{NOBODY}", headers=_OF_2025),
        404,
        "USER_NOT_IN_GROUP",
        f"User {NOBODY} is not in group {LOBBY}.",
        (NOBODY, LOBBY),
    ),
    Case(
        domain.ApiKeyNotFound,
        _get(f"/orgs/{{org}}/apiKeys/{NOBODY}"),
        400,
        "API_KEY_NOT_FOUND",
        f"No API key with ID {NOBODY} exists.",
        (NOBODY,),
    ),
    Case(
        domain.AccessListEntryNotFound,
        lambda server, office: office.client.get(_key(office, "accessList/192.0.2.1")),
        404,
        "API_KEY_ACCESS_LIST_NOT_FOUND",
        "IP address 192.0.2.1 not on whitelist for API key {key}.",
        ("192.0.2.1", "{key}"),
    ),
    Case(
        domain.EventNotFound,
        lambda server, office: server.front_desk.get(f"/groups/{LOBBY}/events/{NOBODY}"),
        404,
        "EVENT_NOT_FOUND",
        f"No event with ID {NOBODY} exists for group {LOBBY}.",
        (NOBODY, LOBBY),
    ),
    Case(
        domain.OrganizationEventNotFound,
        _get(f"/orgs/{{org}}/events/{NOBODY}"),
        404,
        "ORG_EVENT_NOT_FOUND",
        f"No event with ID {NOBODY} exists for organization {{org}}.",
        (NOBODY, "{org}"),
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
        domain.TeamAlreadyInProject,
        _assigned_twice,
        409,
        "TEAM_EXISTS_IN_GROUP",
        "Cannot add a team that already exists in group.",
    ),
    Case(
        domain.UserAlreadyInTeam,
        lambda server, office: server.front_desk.post(
            f"/orgs/{FRONT_DESK}/teams/{PORTERS}/users", [{"id": OWNER_ID}]
        ),
        409,
        "USER_ALREADY_IN_TEAM",
        f"The user with ID {OWNER_ID} in team {PORTERS} already exists.",
        (OWNER_ID, PORTERS),
    ),
    Case(
        domain.OrganizationNotEmpty,
        _organization_with_a_project,
        409,
        "ORG_NOT_EMPTY",
        "Organization cannot be deleted because it still contains active groups.",
    ),
    Case(
        domain.AddressAlreadyListed,
        _address_listed_already,
        409,
        "ADDRESS_ALREADY_IN_ACCESS_LIST",
        "The address 192.0.2.1/32 is already on the whitelist.",
        ("192.0.2.1/32",),
    ),
    Case(
        domain.LastOwnerRemoved,
        _owner("DELETE"),
        403,
        "CANNOT_DELETE_LAST_ADMIN",
        "An organization or project needs to have at least one owner. You cannot demote or remove the last"
        " owner.",
    ),
    Case(
        domain.LastOwnerDemoted,
        _owner("PATCH", body={"roles": {"orgRoles": ["ORG_MEMBER"]}}),
        403,
        "CANNOT_DEMOTE_LAST_ORG_OWNER",
        "Cannot demote the last owner of the organization.",
    ),
    Case(
        domain.CannotRemoveAllRoles,
        _last_role,
        403,
        "CANNOT_REMOVE_ALL_USER_ROLES",
        "A user must keep at least one role.",
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
    Case(
        domain.NoRolesInAssignment,
        _without_any_role,
        403,
        "NO_ROLES_IN_ASSIGNMENT",
        "You cannot remove all project roles a team has.",
    ),
    Case(
        domain.InvalidEmailAddress,
        _settings(securityContact="nobody"),
        400,
        "INVALID_EMAIL_ADDRESS",
        "An invalid email address was specified.",
    ),
    Case(
        domain.AttributeNotPositive,
        _account_request(secretExpiresAfterHours=0),
        400,
        "ATTRIBUTE_NEGATIVE_OR_ZERO",
        "The attribute secretExpiresAfterHours cannot be negative or zero.",
        ("secretExpiresAfterHours",),
    ),
    Case(
        domain.TooManySecrets,
        _third_secret,
        400,
        "VALIDATION_ERROR",
        "The request content produced the validation error: a service account has at most 2 secrets.",
        ("a service account has at most 2 secrets",),
    ),
    Case(
        domain.ApiKeyWithoutDescription,
        _key_request(desc=""),
        400,
        "API_KEY_REQUIRES_DESCRIPTION",
        "All API keys require a non-empty description.",
    ),
    Case(
        domain.InvalidApiKeyDescription,
        _key_request(desc="x" * 251),
        400,
        "INVALID_API_KEY_DESC",
        "API key descriptions are required and must be less than 250 characters.",
        (250,),
    ),
    Case(
        domain.ApiKeyWithoutRoles,
        _key_request(roles=[]),
        400,
        "MISSING_API_KEY_ROLES",
        "API keys must have at least one role.",
    ),
    Case(
        domain.InvalidAddress,
        _addresses({"ipAddress": "192.0.2.256"}),
        400,
        "INVALID_IP_ADDRESS_OR_CIDR_NOTATION",
        "The address 192.0.2.256 must be in valid IP address or CIDR notation.",
        ("192.0.2.256",),
    ),
    Case(
        domain.RepeatedAddress,
        _addresses({"ipAddress": "192.0.2.1"}, {"cidrBlock": "192.0.2.1/32"}),
        400,
        "DUPLICATE_ADDRESSES_IN_INPUT",
        "Two or more of the IP addresses being added to the whitelist are the same.",
    ),
    Case(
        domain.CallersOwnAddress,
        _own_address,
        400,
        "CANNOT_REMOVE_CALLER_FROM_ACCESS_LIST",
        "Cannot remove caller's IP address 127.0.0.1 from whitelist.",
        ("127.0.0.1",),
    ),
    Case(
        domain.InvalidDateRange,
        _get("/orgs/{org}/events?minDate=2025-02-01&maxDate=2025-01-01"),
        400,
        "INVALID_DATE_RANGE",
        "An invalid date range minDate=2025-02-01, maxDate=2025-01-01 was specified: maxDate shouldn't be"
        " earlier than minDate.",
        ("2025-02-01", "2025-01-01"),
    ),
    Case(
        domain.UnsupportedRole,
        _user({"roleName": "KING"}),
        400,
        "UNSUPPORTED_ROLE",
        "The provided role is not supported.",
    ),
    Case(
        domain.RoleNeedsOrganization,
        _user({"roleName": "ORG_OWNER"}),
        400,
        "ROLE_NEEDS_ORG_ID",
        "Role ORG_OWNER requires an organization ID.",
        ("ORG_OWNER",),
    ),
    Case(
        domain.RoleNeedsNoOrganization,
        _user({"roleName": "GROUP_OWNER", "orgId": FRONT_DESK}),
        400,
        "ROLE_NEEDS_NO_ORG_ID",
        "Role GROUP_OWNER cannot be specified with an organization ID.",
        ("GROUP_OWNER",),
    ),
    Case(
        domain.RoleNeedsProject,
        _user({"roleName": "GROUP_OWNER"}),
        400,
        "ROLE_NEEDS_GROUP_ID",
        "Role GROUP_OWNER requires a group ID.",
        ("GROUP_OWNER",),
    ),
    Case(
        domain.RoleNeedsNoProject,
        _user({"roleName": "ORG_OWNER", "groupId": LOBBY}),
        400,
        "ROLE_NEEDS_NO_GROUP_ID",
        "Role ORG_OWNER cannot be specified with a group ID.",
        ("ORG_OWNER",),
    ),
    Case(
        domain.FirstNameTooLong,
        _user(firstName="a" * 65),
        400,
        "FIRST_NAME_EXCEEDS_MAX_LENGTH",
        "First names are limited to 64 characters.",
        ("64",),
    ),
    Case(
        domain.LastNameTooLong,
        _user(lastName="a" * 65),
        400,
        "LAST_NAME_EXCEEDS_MAX_LENGTH",
        "Last names are limited to 64 characters.",
        ("64",),
    ),
    Case(
        domain.InvalidCountryCode,
        _user(country="XX"),
        400,
        "INVALID_COUNTRY_CODE",
        "An invalid country code XX was specified.",
        ("XX",),
    ),
    Case(
        domain.WeakPassword,
        _user(password="short"),
        400,
        "WEAK_PASSWORD",
        "The specified password is not strong enough.",
    ),
    Case(
        domain.CommonPassword,
        _user(password="password1"),
        400,
        "COMMON_PASSWORD",
        "The password provided is too weak, as it can be found in most commonly used password lists.",
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
    Case(
        domain.TooManyTeamsInProject,
        _too_many_teams_in_project,
        400,
        "MAX_TEAMS_PER_GROUP_EXCEEDED",
        "Maximum number of teams per group (100) in Cell exceeded while trying to add teams.",
        ("100", "Cell"),
    ),
    Case(
        domain.TooManyTeamsOfUser,
        _too_many_teams_of_user,
        400,
        "MAX_TEAMS_PER_USER_EXCEEDED",
        "Maximum number of teams per user (100) for owner@front.example exceeded while trying to add"
        " user to team.",
        ("100", "owner@front.example"),
    ),
    Case(
        domain.TooManyApiKeysInOrganization,
        _too_many_api_keys,
        400,
        "MAX_API_KEYS_PER_ORG_EXCEEDED",
        "Maximum number of API keys per org (500) in {name} exceeded while trying to add API keys.",
        ("500", "{name}"),
    ),
    Case(
        domain.TooManyAccessListEntries,
        _too_many_addresses,
        400,
        "DEFAULT_CONFIG_LIMIT_EXCEPTION",
        "The limit check failed while trying to add requested resource. Please try again.",
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
        wire.MalformedUserId,
        _get("/users/x"),
        404,
        "INVALID_USER_ID",
        "An invalid user ID x was specified.",
        ("x",),
    ),
    Case(
        wire.InvalidEnumValue,
        _get("/orgs/{org}/events?eventType=FLEW_AWAY"),
        400,
        "INVALID_ENUM_VALUE",
        "An invalid enumeration value FLEW_AWAY was specified.",
        ("FLEW_AWAY",),
    ),
    Case(
        wire.InvalidDate,
        _get("/orgs/{org}/events?minDate=yesterday"),
        400,
        "INVALID_DATE_FORMAT",
        "An invalid date value yesterday was specified.",
        ("yesterday",),
    ),
    Case(
        wire.AddressAndBlock,
        _addresses({"ipAddress": "192.0.2.1", "cidrBlock": "192.0.2.0/24"}),
        400,
        "BAD_ACCESS_LIST_ADD_REQUEST",
        "Should not specify both the IP address and the CIDR block.",
    ),
    Case(
        wire.MutuallyExclusiveQueryParameters,
        lambda server, office: office.client.get(
            f"{office.path}/users?orgMembershipStatus=ACTIVE&orgMembershipStatuses=ACTIVE", headers=_OF_2025
        ),
        400,
        "MUTUALLY_EXCLUSIVE_QUERY_PARAMETERS",
        "Either the orgMembershipStatus query parameter or the orgMembershipStatuses query parameter but not"
        " both should be specified.",
        ("orgMembershipStatus", "orgMembershipStatuses"),
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

STRICT_CASES = [
    Case(
        wire.RateLimitedBucket,
        lambda server, office: _again(office.client, 11, "GET", f"{office.path}/settings"),
        429,
        "RATE_LIMITED_TOKEN_BUCKET",
        "Rate limit exceeded for api/atlas/v2/orgs/{org}/settings. Please retry after {wait} seconds."
        " Request capacity: 10. Refill rate: 5 per 60 seconds.",
        ("api/atlas/v2/orgs/{org}/settings", "{wait}", 10, 5, 60),
    ),
    Case(
        wire.RateLimited,
        # With a wrong token.
        lambda server, office: _again(Client(server.url, BearerAuth("wrong")), 21, "GET", "/orgs"),
        429,
        "RATE_LIMITED",
        "Resource api/atlas/v2/orgs is limited to 20 requests every 1 minutes.",
        ("api/atlas/v2/orgs", 20, 1),
    ),
    Case(
        wire.RateLimitedInvitations,
        lambda server, office: _again(office.client, 11, "POST", office.invites, {"roles": ["ORG_MEMBER"]}),
        400,
        "RATE_LIMITED_IP",
        "Rate limit of 10 invitations per 1 minutes exceeded.",
        (10, 1),
    ),
]

# Without the error body of the others, so they have tests of their own in test_authentication.py.
SPECIAL = {
    domain.UnknownCredentials: "test_inv26_an_unknown_key_and_a_wrong_one_are_answered_alike",
    domain.StaleChallenge: "test_inv27_a_write_is_not_run_twice_for_one_answer_to_a_challenge",
    domain.UnknownToken: "test_a_token_that_was_never_issued_is_refused_with_an_empty_body",
}
NOT_REACHED = {
    domain.Unavailable: "needs a broken database; storage and usecases reach it",
    wire.Unexpected: "a bug; there is none to be asked for",
    wire.BodyTooSlow: "takes thirty seconds to happen",
    domain.TooManyOrganizationsOfUser: "takes hundreds of organizations; tests/usecases/test_room.py",
    domain.TooManyProjectsOfUser: "takes more projects than an organization may have; there too",
    wire.VersionGone: "no version has been removed",
    **dict.fromkeys(
        (
            domain.WrongCredentials,
            domain.WrongPassword,
            domain.SignInLinkUseless,
            domain.SessionEnded,
            domain.TicketRunOut,
            domain.TooManyTries,
            domain.InvitationLinkUnknown,
            domain.InvitationEnded,
            domain.InvitationChanged,
            domain.InvitationForSomebodyElse,
            domain.InvitationNeedsSignIn,
            domain.InviterLost,
        ),
        "people at a browser meet it; tests/web reaches it",
    ),
}


@pytest.fixture(scope="module")
def strict_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that refuses too many requests, which the other one only counts."""
    log = tmp_path_factory.mktemp("strict") / "stderr.log"
    running = Server(log=log, options=("--rate-limits", "--quirks"))
    yield running
    assert running.terminate() == 0


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.reason.__name__)
def test_a_refusal_has_its_status_code_text_and_parameters(
    case: Case, server: Server, office: Office
) -> None:
    _check(case, case.ask(server, office), office)


@pytest.mark.parametrize("case", STRICT_CASES, ids=lambda case: case.reason.__name__)
def test_too_many_requests_are_refused(case: Case, strict_server: Server) -> None:
    office = strict_server.office()
    response = case.ask(strict_server, office)
    _check(case, response, office)
    assert ("Retry-After" in response.headers) == (case.status == 429)


def _check(case: Case, response: requests.Response, office: Office) -> None:
    key = re.search(r"/apiKeys/([0-9a-f]{24})", response.url)
    facts = {
        "{org}": office.id,
        "{name}": office.name,
        "{key}": key[1] if key else "",
        "{wait}": response.headers.get("Retry-After", ""),
    }

    def filled(text: str) -> str:
        for name, fact in facts.items():
            text = text.replace(name, fact)
        return text

    body = response.json()
    body.pop("badRequestDetail", None)
    assert response.status_code == case.status, response.text
    assert list(body) == ["detail", "error", "errorCode", "parameters", "reason"]
    assert body["detail"] == filled(case.detail)
    assert body["error"] == case.status
    assert body["errorCode"] == case.code
    # The wait is a number like its neighbours.
    expected = [int(facts[one]) if one == "{wait}" else one for one in case.parameters]
    assert body["parameters"] == [filled(one) if isinstance(one, str) else one for one in expected]
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
    reached = {case.reason for case in (*CASES, *STRICT_CASES)} | SPECIAL.keys()
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
