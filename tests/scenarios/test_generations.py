"""One desk, three doors: what one generation of the API does is seen, changed and cancelled by the others.

What they differ in is said here too. Source: contract, OPERATIONS.md sections 2 and 3.
"""

import re
from typing import Any

import pytest
import requests
from tests.api.desk import (
    ATLAS_V1,
    BASE_PATH,
    NOBODY,
    OWNER,
    OWNER_ID,
    PUBLIC_V1,
    VERSIONED,
    Office,
    Server,
    created,
    fresh,
    fresh_address,
)

GENERATIONS = (BASE_PATH, ATLAS_V1, PUBLIC_V1)
OLDER = (ATLAS_V1, PUBLIC_V1)
PLAIN = {"Accept": "application/json"}


def headers_for(base: str) -> dict[str, str]:
    """Return the header that a client of the generation sends, and no other's."""
    return {"Accept": VERSIONED} if base == BASE_PATH else PLAIN


class Door:
    """One caller at one generation."""

    def __init__(self, office: Office, base: str) -> None:
        self.base = base
        self.client = office.client

    def send(self, method: str, path: str, body: Any = None) -> requests.Response:
        """Return the answer to a request."""
        return self.client.send(method, path, body, base=self.base, headers=headers_for(self.base))

    def read(self, path: str) -> Any:
        """Return the body of a GET that succeeds."""
        answer = self.send("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def invite(self, scope: str, **fields: Any) -> dict[str, Any]:
        """Return a new invitation."""
        body = {"username": fresh_address(), **fields}
        return created(self.send("POST", f"{scope}/invites", body), 201 if self.base == PUBLIC_V1 else 200)


def doors(office: Office) -> list[Door]:
    """Return the three of them."""
    return [Door(office, base) for base in GENERATIONS]


def common(invitation: dict[str, Any]) -> dict[str, Any]:
    """Return what every generation shows of an invitation."""
    return {key: value for key, value in invitation.items() if key != "groupRoleAssignments"}


def without_links(value: Any, base: str) -> Any:
    """Return an answer with the base path masked: what links begin with is each generation's own."""
    if isinstance(value, dict):
        return {key: without_links(one, base) for key, one in value.items()}
    if isinstance(value, list):
        return [without_links(one, base) for one in value]
    return value.replace(base, "…") if isinstance(value, str) else value


# -- the same invitations -------------------------------------------------------------------------------


@pytest.mark.parametrize("first", range(3), ids=GENERATIONS)
@pytest.mark.parametrize("place", ["organization", "project"])
def test_what_one_invites_the_next_changes_and_the_third_cancels(
    office: Office, first: int, place: str
) -> None:
    maker, changer, canceller = (doors(office) * 2)[first : first + 3]
    if place == "organization":
        scope, role, other = office.path, "ORG_MEMBER", "ORG_READ_ONLY"
    else:
        scope, role, other = f"/groups/{office.project()['id']}", "GROUP_READ_ONLY", "GROUP_OWNER"
    invitation = maker.invite(scope, roles=[role])
    path = f"{scope}/invites/{invitation['id']}"
    for door in doors(office):
        seen = door.read(path)
        assert common(seen) == common(invitation)
        assert door.read(f"{scope}/invites") == [seen]
        assert door.read(f"{scope}/invites?username={invitation['username'].upper()}") == [seen]
        assert ("groupRoleAssignments" in seen) is (place == "organization" and door.base != PUBLIC_V1)

    # By its id and then, as the oldest clients do, by the name.
    changed = created(changer.send("PATCH", path, {"roles": [other]}), 200)
    assert common(changed) == {**common(invitation), "roles": [other]}
    for door in doors(office):
        assert common(door.read(path)) == common(changed)
    by_name = {"username": invitation["username"], "roles": [role]}
    assert created(changer.send("PATCH", f"{scope}/invites", by_name), 200)["roles"] == [role]
    for door in doors(office):
        assert common(door.read(path)) == common(invitation)
        again = door.send("POST", f"{scope}/invites", by_name)
        assert (again.status_code, again.json()["errorCode"]) == (409, "USER_ALREADY_EXISTS")

    gone = canceller.send("DELETE", path)
    assert (gone.status_code, gone.content) == (204, b"")
    for door in doors(office):
        answer = door.send("GET", path)
        assert (answer.status_code, answer.json()["errorCode"]) == (404, "INVALID_INVITATION_ID")
        assert door.read(f"{scope}/invites") == []


@pytest.mark.parametrize("base", GENERATIONS[:2])
def test_what_an_invitation_carries_outlives_a_change_by_who_cannot_see_it(office: Office, base: str) -> None:
    project, team = office.project()["id"], office.team()["id"]
    carried = [{"groupId": project, "groupRole": "GROUP_READ_ONLY"}]
    door, cloud_manager = Door(office, base), Door(office, PUBLIC_V1)
    wanted = [{"groupId": project, "roles": ["GROUP_READ_ONLY"]}]
    invitation = door.invite(office.path, roles=["ORG_MEMBER"], teamIds=[team], groupRoleAssignments=wanted)
    assert invitation["groupRoleAssignments"] == carried
    path = f"{office.invites}/{invitation['id']}"
    # Its client sends back what it read: everything but the roles is ignored.
    read = cloud_manager.read(path)
    changed = created(
        cloud_manager.send("PATCH", path, {**read, "teamIds": [], "roles": ["ORG_READ_ONLY"]}), 200
    )
    assert changed == {**read, "roles": ["ORG_READ_ONLY"]}
    assert door.read(path) == {**invitation, "roles": ["ORG_READ_ONLY"]}


def test_the_older_atlas_changes_teams_and_project_roles_like_the_newer(office: Office) -> None:
    project, team = office.project()["id"], office.team()["id"]
    door = Door(office, ATLAS_V1)
    invitation = door.invite(office.path, roles=["ORG_MEMBER"])
    path = f"{office.invites}/{invitation['id']}"
    more = {"teamIds": [team], "groupRoleAssignments": [{"groupId": project, "roles": ["GROUP_OWNER"]}]}
    changed = created(door.send("PATCH", path, {"username": invitation["username"], **more}), 200)
    carried = [{"groupId": project, "groupRole": "GROUP_OWNER"}]
    assert changed == {**invitation, "teamIds": [team], "groupRoleAssignments": carried}
    assert Door(office, BASE_PATH).read(path) == changed


# -- what is Cloud Manager's own ------------------------------------------------------------------------


def test_cloud_manager_knows_no_project_roles_on_an_invitation_to_an_organization(office: Office) -> None:
    body = {"username": fresh_address(), "roles": ["ORG_MEMBER"], "groupRoleAssignments": []}
    answer = Door(office, PUBLIC_V1).send("POST", office.invites, body)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "INVALID_ATTRIBUTE")
    assert answer.json()["parameters"] == ["groupRoleAssignments"]


@pytest.mark.parametrize("place", ["organization", "project"])
@pytest.mark.parametrize("by", ["id", "username"])
def test_cloud_manager_needs_roles_on_update_where_atlas_keeps_them(
    office: Office, place: str, by: str
) -> None:
    if place == "organization":
        scope, role = office.path, "ORG_MEMBER"
    else:
        scope, role = f"/groups/{office.project()['id']}", "GROUP_READ_ONLY"
    invitation = Door(office, BASE_PATH).invite(scope, roles=[role])
    path = f"{scope}/invites/{invitation['id']}" if by == "id" else f"{scope}/invites"
    body = {"username": invitation["username"]}
    for door in doors(office):
        answer = door.send("PATCH", path, body)
        if door.base == PUBLIC_V1:
            assert (answer.status_code, answer.json()["errorCode"]) == (400, "MISSING_ATTRIBUTE")
            assert answer.json()["parameters"] == ["roles"]
        else:
            assert created(answer, 200) == invitation
        empty = door.send("PATCH", path, {**body, "roles": []})
        assert (empty.status_code, empty.json()["errorCode"]) == (400, "MISSING_ATTRIBUTE")


@pytest.mark.parametrize(
    "role", ["GROUP_USER_ADMIN", "GROUP_AUTOMATION_ADMIN", "GROUP_BACKUP_ADMIN", "GROUP_MONITORING_ADMIN"]
)
def test_cloud_manager_alone_grants_its_project_roles(office: Office, role: str) -> None:
    scope = f"/groups/{office.project()['id']}"
    cloud_manager = Door(office, PUBLIC_V1)
    invitation = cloud_manager.invite(scope, roles=[role])
    path = f"{scope}/invites/{invitation['id']}"
    both = [role, "GROUP_READ_ONLY"]
    changed = created(cloud_manager.send("PATCH", path, {"roles": both}), 200)
    assert changed == {**invitation, "roles": both}
    for base in (BASE_PATH, ATLAS_V1):
        door = Door(office, base)
        # What stands on the invitation is shown; what the generation does not know cannot be asked for.
        assert door.read(path) == changed
        body = {"username": fresh_address(), "roles": [role]}
        for answer in (door.send("POST", f"{scope}/invites", body), door.send("PATCH", path, body)):
            assert (answer.status_code, answer.json()["errorCode"]) == (400, "INVALID_ROLE_FOR_GROUP")
    assert cloud_manager.read(path) == changed


def test_a_project_user_admin_manages_invitations_to_the_project_and_nothing_above(office: Office) -> None:
    project = office.project()["id"]
    body = {"desc": "user admin", "roles": ["GROUP_USER_ADMIN"]}
    key = created(Door(office, PUBLIC_V1).send("POST", f"/groups/{project}/apiKeys", body), 200)
    server = office.client.url
    auth = requests.auth.HTTPDigestAuth(key["publicKey"], key["privateKey"])

    def ask(base: str, path: str) -> requests.Response:
        return requests.get(f"{server}{base}{path}", headers=headers_for(base), auth=auth, timeout=30)

    for base in GENERATIONS:
        assert ask(base, f"/groups/{project}/invites").json() == []
        refusal = ask(base, office.invites)
        assert (refusal.status_code, refusal.json()["errorCode"]) == (401, "NOT_ORG_USER_ADMIN")


def test_a_project_of_cloud_manager_is_shown_as_its_clients_know_it(office: Office) -> None:
    project = office.project()
    seen = Door(office, PUBLIC_V1).read(f"/groups/{project['id']}")
    assert {name: seen[name] for name in ("id", "name", "orgId")} == {
        name: project[name] for name in ("id", "name", "orgId")
    }
    assert seen["tags"] == []
    assert set(seen["hostCounts"].values()) == {0}
    assert not {"clusterCount", "created"} & seen.keys()
    (listed,) = Door(office, PUBLIC_V1).read("/groups")["results"]
    assert {**listed, "links": seen["links"]} == seen


# -- what v1.0 does not know ----------------------------------------------------------------------------


def test_the_older_atlas_shows_no_attribute_that_came_later(office: Office) -> None:
    tagged = {"name": fresh("Tagged"), "orgId": office.id, "tags": [{"key": "tier", "value": "one"}]}
    project = created(office.client.post("/groups", tagged), 201)
    newer, older = Door(office, BASE_PATH), Door(office, ATLAS_V1)
    for path, later in (
        ("/orgs", "skipDefaultAlertsSettings"),
        (office.path, "skipDefaultAlertsSettings"),
        ("/groups", "tags"),
        (f"/groups/{project['id']}", "tags"),
        (f"/groups/byName/{project['name']}", "tags"),
        (f"{office.path}/groups", "tags"),
    ):
        of_newer, of_older = newer.read(path), older.read(path)
        for one in of_newer.get("results", [of_newer]):
            assert one.pop(later) is not None
        assert without_links(of_older, ATLAS_V1) == without_links(of_newer, BASE_PATH), path


def test_the_older_atlas_makes_an_organization_with_a_key_and_knows_no_service_account(
    server: Server,
) -> None:
    caller = server.digest("frontown")
    body = {"name": fresh("Annex"), "orgOwnerId": OWNER_ID}
    wanted = {"desc": "first", "roles": ["ORG_OWNER"]}
    made = created(caller.post("/orgs", {**body, "apiKey": wanted}, base=ATLAS_V1, headers=PLAIN), 201)
    assert made.keys() == {"apiKey", "organization", "orgOwnerId"}
    assert made["organization"].keys() == {"id", "isDeleted", "links", "name"}
    unknown: list[dict[str, Any]] = [{"serviceAccount": {}}, {"skipDefaultAlertsSettings": True}]
    for later in unknown:
        refusal = caller.post("/orgs", {**body, "apiKey": wanted, **later}, base=ATLAS_V1, headers=PLAIN)
        assert (refusal.status_code, refusal.json()["errorCode"]) == (400, "INVALID_ATTRIBUTE")


@pytest.mark.parametrize("base", OLDER)
@pytest.mark.parametrize("below", ["/serviceAccounts", "/settings", f"/users/{OWNER_ID}"])
def test_what_came_later_is_not_there(office: Office, base: str, below: str) -> None:
    answer = Door(office, base).send("GET", office.path + below)
    assert (answer.status_code, answer.json()["errorCode"]) == (404, "RESOURCE_NOT_FOUND")


# -- the wire -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("base", OLDER)
@pytest.mark.parametrize("accept", ["application/json", "*/*", None, VERSIONED])
def test_an_older_generation_has_no_dates(office: Office, base: str, accept: str | None) -> None:
    office.invite()
    for path in ("", "/", office.path, office.invites, f"{office.path}/teams", f"{office.path}/users"):
        answer = office.client.get(path, base=base, headers={"Accept": accept})
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"] == "application/json"
        assert not {"Deprecation", "Sunset"} & answer.headers.keys()


@pytest.mark.parametrize("base", GENERATIONS)
def test_each_generation_has_its_own_headers_on_answers_and_refusals(office: Office, base: str) -> None:
    good, bad = Door(office, base).send("GET", office.invites), Door(office, base).send("GET", "/nowhere")
    for answer in (good, bad):
        lasting = "max-age=300" if base == PUBLIC_V1 else "max-age=31536000; includeSubdomains;"
        assert answer.headers["Strict-Transport-Security"] == lasting
        assert re.fullmatch(
            r"gitHash=[0-9a-f]{40}; versionString=antechamber-.+",
            answer.headers["X-MongoDB-Service-Version"],
        )
    assert good.headers.get("Vary") == ("Accept-Encoding" if base == PUBLIC_V1 else None)


@pytest.mark.parametrize("base", GENERATIONS)
def test_every_generation_challenges_alike(server: Server, base: str) -> None:
    challenge = server.nobody().get("/orgs", base=base, headers={"Accept": "application/json"})
    assert challenge.status_code == 401
    assert challenge.headers["WWW-Authenticate"].startswith('Digest realm="MMS Public API", domain="", ')
    assert server.digest("frontown").get("/orgs", base=base).status_code == 200


def test_links_stay_in_the_generation(office: Office) -> None:
    for door in doors(office):
        for path in ("/orgs", office.path, f"{office.path}/users", f"{office.path}/teams"):
            links = door.read(path)["links"]
            assert links
            assert all(link["href"].startswith(office.client.url + door.base) for link in links)


def test_every_generation_refuses_alike(office: Office) -> None:
    invitation, project = office.invite(), office.project()["id"]
    in_project, guest = f"/groups/{project}", fresh_address()
    asked: list[tuple[str, str, Any]] = [
        ("GET", "/nowhere", None),
        ("PUT", office.invites, {}),
        ("GET", "/orgs/x/invites", None),
        ("GET", f"/orgs/{NOBODY}/invites", None),
        ("GET", f"/groups/{NOBODY}/invites", None),
        ("GET", f"{office.invites}/{NOBODY}", None),
        ("GET", f"{office.invites}/x", None),
        ("DELETE", f"{in_project}/invites/{invitation['id']}", None),
        ("POST", office.invites, b"{"),
        ("POST", office.invites, []),
        ("POST", office.invites, {}),
        ("POST", office.invites, {"username": guest}),
        ("POST", office.invites, {"username": guest, "roles": []}),
        ("POST", office.invites, {"username": guest, "roles": "ORG_MEMBER"}),
        ("POST", office.invites, {"username": guest, "roles": ["ORG_KING"]}),
        ("POST", office.invites, {"username": guest, "roles": ["GROUP_OWNER"]}),
        ("POST", office.invites, {"username": guest, "roles": ["GLOBAL_OWNER"]}),
        ("POST", office.invites, {"username": "guest", "roles": ["ORG_MEMBER"]}),
        ("POST", office.invites, {"username": guest, "roles": ["ORG_MEMBER"], "colour": "red"}),
        ("POST", office.invites, {"username": guest, "roles": ["ORG_MEMBER"], "teamIds": [NOBODY]}),
        ("POST", office.invites, {"username": invitation["username"], "roles": ["ORG_MEMBER"]}),
        ("POST", office.invites, {"username": OWNER, "roles": ["ORG_MEMBER"]}),
        ("PATCH", office.invites, {"username": guest, "roles": ["ORG_MEMBER"]}),
        ("PATCH", f"{office.invites}/{NOBODY}", {"roles": ["ORG_MEMBER"]}),
        ("POST", f"{in_project}/invites", {"username": guest, "roles": ["GROUP_KING"]}),
        ("POST", f"{in_project}/invites", {"username": guest, "roles": ["ORG_OWNER"]}),
        ("GET", f"{office.path}/teams/{NOBODY}", None),
        ("GET", f"{office.path}/apiKeys/{NOBODY}", None),
        ("GET", f"{office.path}/users?itemsPerPage=501", None),
        ("GET", f"/users/byName/{guest}", None),
    ]
    newer, *older = doors(office)
    for method, path, body in asked:
        expected = newer.send(method, path, body)
        assert expected.status_code >= 400, path
        for door in older:
            answer = door.send(method, path, body)
            assert without_links(answer.json(), door.base) == without_links(expected.json(), BASE_PATH)
            assert answer.status_code == expected.status_code
            for name in ("Content-Type", "X-Error-Code", "Allow"):
                assert answer.headers.get(name) == expected.headers.get(name)


def test_pretty_and_envelope_are_everybodys(office: Office) -> None:
    for door in doors(office):
        invitation = door.invite(office.path, roles=["ORG_MEMBER"])
        path = f"{office.invites}/{invitation['id']}"
        assert door.send("GET", f"{path}?pretty=true").text.startswith('{\n  "createdAt" : ')
        assert door.read(f"{path}?envelope=true") == {"content": invitation, "status": 200}
        gone = door.send("DELETE", f"{path}?envelope=true")
        assert (gone.status_code, gone.json()) == (200, {"status": 204})
        # The status in an envelope is the generation's own.
        body = {"username": fresh_address(), "roles": ["ORG_MEMBER"]}
        wrapped = door.send("POST", f"{office.invites}?envelope=true", body)
        assert wrapped.json()["status"] == wrapped.status_code == (201 if door.base == PUBLIC_V1 else 200)


def test_one_bucket_is_shared_by_all_doors(office: Office) -> None:
    left = []
    for door in doors(office):
        answer = door.send("GET", office.invites)
        assert answer.headers["RateLimit-Limit"] == "500"
        left.append(int(answer.headers["RateLimit-Remaining"]))
    assert left == sorted(left, reverse=True)
    assert len(set(left)) == 3
