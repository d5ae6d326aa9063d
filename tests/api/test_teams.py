"""Teams, their people and their projects over HTTP."""

from typing import Any

import pytest
from tests.api.desk import (
    FRONT_DESK,
    LOBBY,
    NEIGHBOURS,
    NOBODY,
    OWNER,
    OWNER_ID,
    PORTERS,
    STRANGER_ID,
    Office,
    Server,
    created,
    fresh,
    fresh_address,
)

VERSION_2025 = {"Accept": "application/vnd.atlas.2025-02-19+json"}
MEMBER_ID = "0d0000000000000000000002"


def code(response: Any) -> tuple[int, str]:
    """Return status and code of a refusal."""
    body = response.json()
    assert response.headers["X-Error-Code"] == body["errorCode"]
    return response.status_code, body["errorCode"]


def invite(office: Office) -> dict[str, Any]:
    """Return somebody pending, as the users API shows them."""
    body = {"username": fresh_address(), "roles": {"orgRoles": ["ORG_MEMBER"]}}
    return created(office.client.post(f"{office.path}/users", body, headers=VERSION_2025), 201)


def test_a_team_is_renamed_and_deleted(office: Office) -> None:
    team = office.team()
    path = f"{office.path}/teams/{team['id']}"
    name = fresh("Shift")
    renamed = created(office.client.patch(path, {"name": name, "id": team["id"], "links": []}), 200)
    assert renamed == {"id": team["id"], "links": team["links"], "name": name}
    assert created(office.client.get(f"{office.path}/teams/byName/{name}"), 200) == renamed
    other = office.team()
    assert code(office.client.patch(path, {"name": other["name"]})) == (409, "TEAM_NAME_NOT_AVAILABLE")
    assert code(office.client.patch(path, {"name": " "})) == (400, "INVALID_TEAM_NAME")
    assert code(office.client.patch(path, {})) == (400, "MISSING_ATTRIBUTE")
    deleted = office.client.delete(path)
    assert (deleted.status_code, deleted.content) == (204, b"")
    for again in (
        office.client.delete(path),
        office.client.get(path),
        office.client.patch(path, {"name": "x"}),
    ):
        assert code(again) == (404, "TEAM_NOT_FOUND")


def test_an_assigned_team_cannot_be_deleted(office: Office) -> None:
    team, project = office.team(), office.project()
    created(
        office.client.post(
            f"/groups/{project['id']}/teams", [{"teamId": team["id"], "roleNames": ["GROUP_READ_ONLY"]}]
        ),
        200,
    )
    path = f"{office.path}/teams/{team['id']}"
    assert code(office.client.delete(path)) == (404, "CANNOT_DELETE_TEAM_ASSIGNED_TO_PROJECT")
    assert office.client.delete(f"/groups/{project['id']}/teams/{team['id']}").status_code == 204
    assert office.client.delete(path).status_code == 204


def test_teams_of_a_project(office: Office) -> None:
    project, first, second = office.project(), office.team("A team"), office.team("B team")
    path = f"/groups/{project['id']}/teams"
    href = f"{office.client.url}/api/atlas/v2{path}"
    listed = created(
        office.client.post(
            path,
            [
                {"teamId": second["id"], "roleNames": ["GROUP_OWNER"]},
                {"teamId": first["id"], "roleNames": ["GROUP_READ_ONLY"], "links": []},
            ],
        ),
        200,
    )
    one = {
        "links": [{"href": f"{href}/{first['id']}", "rel": "self"}],
        "roleNames": ["GROUP_READ_ONLY"],
        "teamId": first["id"],
    }
    other = {
        "links": [{"href": f"{href}/{second['id']}", "rel": "self"}],
        "roleNames": ["GROUP_OWNER"],
        "teamId": second["id"],
    }
    page = {
        "links": [{"href": f"{href}?pageNum=1&itemsPerPage=100", "rel": "self"}],
        "results": [one, other],
        "totalCount": 2,
    }
    assert listed == page
    got = office.client.get(path)
    assert got.headers["Ratelimit-Limit"] == "1200"
    assert got.json() == page
    assert created(office.client.get(f"{path}/{first['id']}"), 200) == one
    changed = created(office.client.patch(f"{path}/{first['id']}", {"roleNames": ["GROUP_OWNER"]}), 200)
    assert changed["results"][0] == {**one, "roleNames": ["GROUP_OWNER"]}
    assert changed["totalCount"] == 2
    assert changed["links"][0]["href"] == f"{href}/{first['id']}?pageNum=1&itemsPerPage=100"


def test_what_is_wrong_with_an_assignment_is_told(office: Office) -> None:
    project, team, unassigned = office.project(), office.team(), office.team()
    path = f"/groups/{project['id']}/teams"
    whole = {"teamId": team["id"], "roleNames": ["GROUP_READ_ONLY"]}
    created(office.client.post(path, [whole]), 200)
    for body, refusal in (
        ([whole], (409, "TEAM_EXISTS_IN_GROUP")),
        ([{**whole, "teamId": NOBODY}], (404, "TEAM_NOT_FOUND")),
        ([{**whole, "teamId": NEIGHBOURS}], (404, "TEAM_NOT_FOUND")),
        ([{**whole, "roleNames": ["GROUP_KING"]}], (400, "INVALID_ROLE_FOR_GROUP")),
        ([{**whole, "roleNames": []}], (400, "MISSING_ATTRIBUTE")),
        ([{"teamId": team["id"]}], (400, "MISSING_ATTRIBUTE")),
        ([{**whole, "teamId": "x"}], (400, "INVALID_ATTRIBUTE")),
        ([], (400, "INVALID_JSON")),
        (whole, (400, "INVALID_JSON")),
    ):
        assert code(office.client.post(path, body)) == refusal
    mine = f"{path}/{team['id']}"
    assert code(office.client.patch(mine, {"roleNames": []})) == (403, "NO_ROLES_IN_ASSIGNMENT")
    for team_id, refusal in (
        (unassigned["id"], (404, "TEAM_NOT_IN_GROUP")),
        (NEIGHBOURS, (404, "TEAM_NOT_FOUND")),
        (NOBODY, (404, "TEAM_NOT_FOUND")),
        ("x", (404, "INVALID_TEAM_ID")),
    ):
        assert code(office.client.get(f"{path}/{team_id}")) == refusal
        assert code(office.client.patch(f"{path}/{team_id}", {"roleNames": ["GROUP_OWNER"]})) == refusal
        assert code(office.client.delete(f"{path}/{team_id}")) == refusal


def test_people_of_a_team_in_both_versions(office: Office) -> None:
    team, pending = office.team(), invite(office)
    users = f"{office.path}/teams/{team['id']}/users"
    added = created(
        office.client.post(
            f"{office.path}/teams/{team['id']}:addUser", {"id": pending["id"]}, headers=VERSION_2025
        ),
        200,
    )
    assert added == {**pending, "teamIds": [team["id"]]}

    old = office.client.get(f"{users}?includeCount=false&username=nobody@guest.example")
    assert old.headers["Content-Type"] == "application/vnd.atlas.2023-01-01+json;charset=utf-8"
    assert "Sunset" in old.headers
    assert [one["id"] for one in old.json()["results"]] == [OWNER_ID]
    assert old.json()["totalCount"] == 1
    assert old.json()["results"][0]["teamIds"] == [team["id"]]

    new = office.client.get(f"{users}?includeCount=false", headers=VERSION_2025)
    assert new.headers["Content-Type"] == "application/vnd.atlas.2025-02-19+json;charset=utf-8"
    assert "Sunset" not in new.headers
    assert new.json()["totalCount"] == 2
    assert {one["username"]: one["orgMembershipStatus"] for one in new.json()["results"]} == {
        pending["username"]: "PENDING",
        OWNER: "ACTIVE",
    }
    for query, found in (
        (f"userId={pending['id']}", [pending["id"]]),
        (f"userId={NOBODY}", []),
        (f"username={OWNER}", [OWNER_ID]),
        ("orgMembershipStatus=PENDING", [pending["id"]]),
        ("orgMembershipStatuses=ACTIVE&orgMembershipStatuses=INVITATION_EXPIRED", [OWNER_ID]),
        ("username=&userId=", [pending["id"], OWNER_ID]),
    ):
        listed = created(office.client.get(f"{users}?{query}", headers=VERSION_2025), 200)
        assert sorted(one["id"] for one in listed["results"]) == sorted(found)
    for query, refusal in (
        ("userId=x", (400, "INVALID_QUERY_PARAMETER")),
        ("orgMembershipStatus=GONE", (400, "INVALID_ENUM_VALUE")),
        (
            "orgMembershipStatus=ACTIVE&orgMembershipStatuses=ACTIVE",
            (400, "MUTUALLY_EXCLUSIVE_QUERY_PARAMETERS"),
        ),
    ):
        assert code(office.client.get(f"{users}?{query}", headers=VERSION_2025)) == refusal

    removed = created(
        office.client.post(
            f"{office.path}/teams/{team['id']}%3AremoveUser", {"id": pending["id"]}, headers=VERSION_2025
        ),
        200,
    )
    assert removed == pending


def test_the_old_calls_seat_and_unseat_members(server: Server) -> None:
    client = server.front_desk
    name = fresh("Shift")
    team = created(client.post(f"/orgs/{FRONT_DESK}/teams", {"name": name, "usernames": [OWNER]}), 201)
    users = f"/orgs/{FRONT_DESK}/teams/{team['id']}/users"
    added = client.post(users, [{"id": MEMBER_ID}])
    assert added.status_code == 200
    assert added.headers["Deprecation"] == "Wed, 19 Feb 2025 00:00:00 GMT"
    body = added.json()
    assert sorted(one["id"] for one in body["results"]) == [OWNER_ID, MEMBER_ID]
    assert body["totalCount"] == 2
    assert body["links"] == [
        {"href": f"{client.url}/api/atlas/v2{users}?pageNum=1&itemsPerPage=100", "rel": "self"}
    ]
    removed = client.delete(f"{users}/{MEMBER_ID}")
    assert (removed.status_code, removed.content) == (204, b"")
    assert code(client.delete(f"{users}/{MEMBER_ID}")) == (404, "RESOURCE_NOT_FOUND")


def test_one_bad_element_adds_nobody(office: Office) -> None:
    team, pending = office.team(), invite(office)
    users = f"{office.path}/teams/{team['id']}/users"
    for body, refusal in (
        ([{"id": pending["id"]}], (404, "CANNOT_ADD_PENDING_USER")),
        ([{"id": OWNER_ID}], (409, "USER_ALREADY_IN_TEAM")),
        ([{"id": STRANGER_ID}], (404, "USER_NOT_IN_ORG")),
        ([{"id": NOBODY}], (404, "USER_NOT_IN_ORG")),
        ([{"id": OWNER}], (400, "INVALID_ATTRIBUTE")),
        ([{"id": 7}], (400, "INVALID_JSON_ATTRIBUTE")),
        ([{}], (400, "MISSING_ATTRIBUTE")),
        ({"id": OWNER_ID}, (400, "INVALID_JSON")),
    ):
        assert code(office.client.post(users, body)) == refusal
    named = office.client.post(users, [{"id": OWNER}]).json()
    assert named["badRequestDetail"]["fields"][0]["field"] == "[0].id"
    assert [one["id"] for one in office.client.get(users).json()["results"]] == [OWNER_ID]


@pytest.mark.parametrize("action", ["addUser", "removeUser"])
def test_actions_exist_in_the_new_version_only(office: Office, action: str) -> None:
    path = f"{office.path}/teams/{office.team()['id']}:{action}"
    assert code(office.client.post(path, {"id": OWNER_ID})) == (406, "INVALID_VERSION_DATE")
    assert code(office.client.post(path, {"id": NOBODY}, headers=VERSION_2025)) == (404, "USER_NOT_IN_ORG")
    assert code(office.client.post(path, {"id": "x"}, headers=VERSION_2025)) == (400, "INVALID_ATTRIBUTE")
    assert code(office.client.post(path, {}, headers=VERSION_2025)) == (400, "MISSING_ATTRIBUTE")


def test_who_may_do_what(server: Server) -> None:
    reader, owner_of_project = server.digest("frontred"), server.digest("frontpro")
    team = f"/orgs/{FRONT_DESK}/teams/{PORTERS}"
    assert created(reader.get(f"{team}/users"), 200)["totalCount"] >= 1
    for refused in (
        reader.patch(team, {"name": "x"}),
        reader.delete(team),
        reader.post(f"{team}/users", [{"id": MEMBER_ID}]),
        reader.delete(f"{team}/users/{OWNER_ID}"),
        reader.post(f"{team}:addUser", {"id": MEMBER_ID}, headers=VERSION_2025),
        reader.post(f"{team}:removeUser", {"id": OWNER_ID}, headers=VERSION_2025),
    ):
        assert code(refused) == (401, "NOT_ORG_USER_ADMIN")
    assignment = [{"teamId": PORTERS, "roleNames": ["GROUP_READ_ONLY"]}]
    teams = f"/groups/{LOBBY}/teams"
    assert code(reader.post(teams, assignment)) == (401, "NOT_GROUP_USER_ADMIN")
    assert created(owner_of_project.post(teams, assignment), 200)["totalCount"] == 1
    assert code(reader.delete(f"{teams}/{PORTERS}")) == (401, "NOT_GROUP_USER_ADMIN")
    assert owner_of_project.delete(f"{teams}/{PORTERS}").status_code == 204
