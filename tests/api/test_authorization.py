"""The authorization matrix: every operation, asked by every role, on what is its own and what is not.

What is expected follows from the one permission table. Input is just good enough to get as far as the
permission: whoever is let through is then told that nothing of that name is there.
"""

import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
from tests.api.desk import NOBODY, Office, Server, created, fresh

from antechamber.api.atlas_v2 import routes
from antechamber.api.wire import media_types
from antechamber.api.wire.errors import answer_of
from antechamber.api.wire.operations import Operation
from antechamber.domain.errors import NoTieToOrganization, NoTieToProject
from antechamber.domain.permissions import GRANTS, Scope
from antechamber.domain.roles import ORG_MEMBER, ORGANIZATION_ROLES, PROJECT_ROLES, implied_project_roles

VERSIONED = "application/vnd.atlas.2025-03-12+json"
NO_TIE_TO_ORGANIZATION = answer_of(NoTieToOrganization()).code
NO_TIE_TO_PROJECT = answer_of(NoTieToProject()).code
NAME_UNKNOWN = "GROUP_NAME_NOT_FOUND"
REFUSALS = {answer_of(grant.refusal("")).code for grant in GRANTS.values()} | {
    NO_TIE_TO_ORGANIZATION,
    NO_TIE_TO_PROJECT,
}
ALLOWED = "allowed"
# Where the plainest value is refused before anybody asks who may.
_ENTRY = [{"ipAddress": "192.0.2.1"}]
BODIES: dict[str, Any] = {
    "createOrgApiKeyAccessListEntry": _ENTRY,
    "createOrgServiceAccountAccessList": _ENTRY,
    "createGroupServiceAccountAccessList": _ENTRY,
}
CHILDREN = {
    "teamId": NOBODY,
    "userId": NOBODY,
    "invitationId": NOBODY,
    "apiUserId": NOBODY,
    "eventId": NOBODY,
    "secretId": NOBODY,
    "clientId": f"mdb_sa_id_{NOBODY}",
    "ipAddress": "192.0.2.1",
    "teamName": "nothing",
    "limitName": "nothing",
    "userName": "nobody@guest.example",
    "endpointSetId": "nothing",
}
# What would take away the ground that the others stand on comes last.
ROWS = sorted(routes.OPERATIONS, key=lambda row: (row.id == "deleteGroup", row.id == "deleteOrg"))


@dataclass
class Ground:
    """An organization and a project in it."""

    organization_id: str
    project_id: str
    project_name: str


@dataclass
class Asking:
    """A caller and its one connection."""

    connection: http.client.HTTPConnection
    authorization: str | None

    def ask(self, row: Operation, ground: Ground) -> tuple[int, str]:
        """Return status and error code of the answer to an operation's plainest request."""
        values = {
            **CHILDREN,
            "orgId": ground.organization_id,
            "groupId": ground.project_id,
            "groupName": ground.project_name.replace(" ", "%20"),
        }
        path = row.path
        for name, value in values.items():
            path = path.replace(f"{{{name}}}", value)
        headers = {"Accept": media_types.of_date(row.version).partition(";")[0]}
        if self.authorization is not None:
            headers["Authorization"] = self.authorization
        body = None
        if row.body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(BODIES.get(row.id) or plainest(row.body, ground.organization_id))
        self.connection.request(row.method, routes.BASE_PATH + path, body, headers)
        response = self.connection.getresponse()
        text = response.read()
        if response.status < 400:
            return response.status, ""
        return response.status, json.loads(text)["errorCode"] if text else ""


def plainest(kind: Any, organization_id: str) -> Any:
    """Return the least value that the type takes."""
    schema = msgspec.json.schema(kind)

    def value(part: dict[str, Any], name: str = "") -> Any:
        if "$ref" in part:
            part = schema["$defs"][part["$ref"].rpartition("/")[2]]
        if "anyOf" in part:
            part = part["anyOf"][0]
        if part.get("type") == "object":
            return {key: value(part["properties"][key], key) for key in part.get("required", ())}
        if part.get("type") == "array":
            return [value(part["items"])]
        if part.get("type") == "integer":
            return 8
        if "pattern" in part:
            return organization_id if name == "orgId" else NOBODY
        return part["enum"][0] if "enum" in part else "x"

    return value(schema)


def expected(row: Operation, role: str, *, own: bool) -> str:
    """Return the code of the refusal, or ALLOWED."""
    grant = GRANTS[row.permission]
    refusal = answer_of(grant.refusal("")).code
    of_organization = role in ORGANIZATION_ROLES
    held_there = {role} if of_organization else {ORG_MEMBER}
    held_on_project = implied_project_roles(held_there) | (set() if of_organization else {role})
    if grant.scope is Scope.CALLER:
        return ALLOWED
    if "{groupName}" in row.path:
        return ALLOWED if own and held_on_project else NAME_UNKNOWN
    if grant.scope is Scope.ORGANIZATION:
        if not own:
            return NO_TIE_TO_PROJECT if "{groupId}" in row.path else NO_TIE_TO_ORGANIZATION
        if "{groupId}" in row.path and not held_on_project:
            return NO_TIE_TO_PROJECT
        return ALLOWED if grant.roles & held_there else refusal
    if not own or not held_on_project:
        return NO_TIE_TO_PROJECT
    return ALLOWED if grant.roles & held_on_project else refusal


def wrongs(asking: Asking, role: str, ground: Ground, *, own: bool) -> Iterator[str]:
    """Return what is not as the table says."""
    for row in ROWS:
        status, code = asking.ask(row, ground)
        want = expected(row, role, own=own)
        if want == ALLOWED:
            fine = status < 500 and code not in REFUSALS
        else:
            fine = code == want and status == (404 if want == NAME_UNKNOWN else 401)
        if not fine:
            yield f"{row.id} {row.version} by {role}, own={own}: {want} wanted, {status} {code} answered"


def _ground(office: Office) -> Ground:
    project = office.project()
    return Ground(office.id, project["id"], project["name"])


def _account(office: Office, ground: Ground, role: str) -> tuple[str, str]:
    """Return client id and secret of a new service account with this one role."""
    body = {"name": "asks", "description": "asks", "roles": [role], "secretExpiresAfterHours": 8}
    scope = office.path if role in ORGANIZATION_ROLES else f"/groups/{ground.project_id}"
    answer = office.client.post(f"{scope}/serviceAccounts", body, headers={"Accept": VERSIONED})
    new = created(answer, 201)
    return new["clientId"], new["secrets"][0]["secret"]


@pytest.fixture
def connection(server: Server) -> Iterator[http.client.HTTPConnection]:
    """A connection that stays open."""
    connection = http.client.HTTPConnection(*server.address, timeout=30)
    yield connection
    connection.close()


@pytest.mark.parametrize("role", sorted(ORGANIZATION_ROLES | PROJECT_ROLES))
def test_inv01_a_role_may_do_what_the_permission_table_says_and_nothing_else(
    server: Server, connection: http.client.HTTPConnection, role: str
) -> None:
    office = server.office()
    ground, foreign = _ground(office), _ground(server.office())
    asking = Asking(connection, f"Bearer {server.token(*_account(office, ground, role))}")
    found = [*wrongs(asking, role, foreign, own=False), *wrongs(asking, role, ground, own=True)]
    assert not found, "\n" + "\n".join(found)


def test_nobody_may_do_anything(
    server: Server, office: Office, connection: http.client.HTTPConnection
) -> None:
    ground, asking = _ground(office), Asking(connection, None)
    answers = {row.id: asking.ask(row, ground) for row in ROWS}
    assert set(answers.values()) == {(401, "UNEXPECTED_ERROR")}, answers


def test_inv25_a_revoked_credential_may_do_nothing(
    server: Server, office: Office, connection: http.client.HTTPConnection
) -> None:
    ground = _ground(office)
    client_id, secret = _account(office, ground, "ORG_OWNER")
    asking = Asking(connection, f"Bearer {server.token(client_id, secret)}")
    read = next(row for row in ROWS if row.id == "getOrg")
    assert asking.ask(read, ground) == (200, "")
    path = f"{office.path}/serviceAccounts/{client_id}"
    assert office.client.delete(path, headers={"Accept": VERSIONED}).status_code == 204
    answers = {row.id: asking.ask(row, ground) for row in ROWS}
    assert set(answers.values()) == {(401, "")}, answers


def test_the_plainest_requests_are_good_enough_to_be_judged_by_permission(
    server: Server, office: Office, connection: http.client.HTTPConnection
) -> None:
    """Otherwise the matrix would be about input."""
    asking = Asking(connection, f"Bearer {server.token(office.client_id, office.client_secret)}")
    early = {"MALFORMED_JSON", "INVALID_JSON", "INVALID_JSON_ATTRIBUTE", "INVALID_PATH_PARAMETER"}
    reads = [row for row in ROWS if row.method in ("POST", "PUT", "PATCH") and row.body is not None]
    ground = Ground(NOBODY, NOBODY, fresh("none"))
    assert not {row.id: code for row in reads if (code := asking.ask(row, ground)[1]) in early}
