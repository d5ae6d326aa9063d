"""MongoDB Cloud users over HTTP: shapes, statuses, headers, filters, and the old lists beside the new."""

from typing import Any

import pytest
import requests
from tests.api.desk import (
    FRONT_DESK,
    LOBBY,
    NEXT_DOOR,
    OWNER,
    OWNER_ID,
    STRANGER_ID,
    Office,
    Server,
    created,
    fresh_address,
)

OF_2025 = {"Accept": "application/vnd.atlas.2025-02-19+json"}
OF_2023 = {"Accept": "application/vnd.atlas.2023-01-01+json"}
ACCESS = {"Accept": "application/vnd.atlas.2023-02-01+json"}
SUNSET = "Thu, 1 Jul 2027 00:00:00 GMT"
SINCE_2025 = "Wed, 19 Feb 2025 00:00:00 GMT"


def org_user(office: Office, **fields: Any) -> dict[str, Any]:
    """Return a new pending person of the organization."""
    body = {"username": fresh_address(), "roles": {"orgRoles": ["ORG_MEMBER"]}, **fields}
    return created(office.client.post(f"{office.path}/users", body, headers=OF_2025), 201)


def listed(answer: requests.Response) -> list[dict[str, Any]]:
    """Return the results of a list."""
    results: list[dict[str, Any]] = created(answer, 200)["results"]
    return results


def ordered(value: Any) -> bool:
    """Tell whether the keys of all objects stand in alphabetical order."""
    if isinstance(value, dict):
        return list(value) == sorted(value) and all(map(ordered, value.values()))
    return all(map(ordered, value)) if isinstance(value, list) else True


def refused(answer: requests.Response, status: int, code: str) -> None:
    """Check a refusal."""
    assert (answer.status_code, answer.json()["errorCode"]) == (status, code), answer.text


def test_a_pending_person_looks_as_recorded(office: Office) -> None:
    project, team = office.project(), office.team()
    roles = {
        "groupRoleAssignments": [
            {"groupId": project["id"], "groupRoles": ["GROUP_READ_ONLY", "GROUP_OWNER"]}
        ],
        "orgRoles": ["ORG_READ_ONLY"],
    }
    person = org_user(office, roles=roles, teamIds=[team["id"]])
    assert list(person) == [
        "id",
        "invitationCreatedAt",
        "invitationExpiresAt",
        "inviterUsername",
        "orgMembershipStatus",
        "roles",
        "teamIds",
        "username",
    ]
    assert ordered(person)
    assert person["roles"] == roles
    assert person["orgMembershipStatus"] == "PENDING"
    assert person["inviterUsername"] == office.client_id
    answer = office.client.get(f"{office.path}/users/{person['id']}", headers=OF_2025)
    assert created(answer, 200) == person
    assert answer.headers["Content-Type"] == "application/vnd.atlas.2025-02-19+json;charset=utf-8"
    assert "Deprecation" not in answer.headers
    assert answer.headers["RateLimit-Limit"] == "500"
    (invitation,) = office.client.get(office.invites).json()
    assert invitation["username"] == person["username"]
    assert invitation["id"] != person["id"]
    assert invitation["groupRoleAssignments"] == [
        {"groupId": project["id"], "groupRole": "GROUP_READ_ONLY"},
        {"groupId": project["id"], "groupRole": "GROUP_OWNER"},
    ]


def test_an_active_person_looks_as_recorded(office: Office) -> None:
    (person,) = listed(office.client.get(f"{office.path}/users", headers=OF_2025))
    assert ordered(person)
    assert {key: person[key] for key in person if key not in ("createdAt", "lastAuth")} == {
        "firstName": "Olga",
        "id": OWNER_ID,
        "lastName": "Owner",
        "mobileNumber": None,
        "orgMembershipStatus": "ACTIVE",
        "roles": {"groupRoleAssignments": [], "orgRoles": ["ORG_OWNER"]},
        "teamIds": [],
        "username": OWNER,
    }


def test_the_old_list_shows_members_only_and_ignores_filters(office: Office) -> None:
    org_user(office)
    answer = office.client.get(
        f"{office.path}/users?username=nobody@guest.example&orgMembershipStatus=PENDING", headers=OF_2023
    )
    (member,) = listed(answer)
    assert answer.json()["totalCount"] == 1
    assert answer.headers["Deprecation"] == SINCE_2025
    assert answer.headers["Sunset"] == SUNSET
    assert ordered(member)
    assert {key: member[key] for key in member if key != "createdAt"} == {
        "emailAddress": OWNER,
        "firstName": "Olga",
        "id": OWNER_ID,
        "lastName": "Owner",
        "links": [{"href": f"{office.client.url}/api/atlas/v2/users/{OWNER_ID}", "rel": "self"}],
        "roles": [{"orgId": office.id, "roleName": "ORG_OWNER"}],
        "teamIds": [],
        "username": OWNER,
    }


def test_filters_and_paging(office: Office, server: Server) -> None:
    person = org_user(office)
    path = f"{office.path}/users"

    def get(query: str) -> requests.Response:
        return office.client.get(f"{path}?{query}", headers=OF_2025)

    assert [one["id"] for one in listed(get(f"username={person['username'].upper()}"))] == [person["id"]]
    assert [one["id"] for one in listed(get("orgMembershipStatus=PENDING"))] == [person["id"]]
    both = listed(get("orgMembershipStatuses=PENDING&orgMembershipStatuses=ACTIVE&username="))
    assert [one["orgMembershipStatus"] for one in both] == ["PENDING", "ACTIVE"]
    page = created(get("itemsPerPage=1&pageNum=2"), 200)
    assert [one["id"] for one in page["results"]] == [OWNER_ID]
    assert [link["rel"] for link in page["links"]] == ["self", "previous"]
    assert page["totalCount"] == 2
    assert "totalCount" not in created(get("includeCount=false"), 200)
    refused(get("orgMembershipStatus=ASLEEP"), 400, "INVALID_ENUM_VALUE")
    refused(get("orgMembershipStatuses=ASLEEP"), 400, "INVALID_ENUM_VALUE")
    answer = get("orgMembershipStatus=ACTIVE&orgMembershipStatuses=ACTIVE")
    refused(answer, 400, "MUTUALLY_EXCLUSIVE_QUERY_PARAMETERS")
    assert answer.json()["parameters"] == ["orgMembershipStatus", "orgMembershipStatuses"]
    front = f"/orgs/{FRONT_DESK}/users"
    ended = server.front_desk.get(
        f"{front}?orgMembershipStatuses=INVITATION_EXPIRED&orgMembershipStatuses=INVITATION_REJECTED",
        headers=OF_2025,
    )
    assert [(one["username"], one["orgMembershipStatus"]) for one in listed(ended)] == [
        ("expired@front.example", "INVITATION_EXPIRED"),
        ("rejected@front.example", "INVITATION_REJECTED"),
    ]
    assert listed(ended)[1]["invitationExpiresAt"] is None
    expired = f"{front}/{listed(ended)[0]['id']}"
    refused(server.front_desk.get(expired, headers=OF_2025), 404, "USER_NOT_IN_ORG")
    asked = f"{expired}?orgMembershipStatuses=INVITATION_EXPIRED"
    assert server.front_desk.get(asked, headers=OF_2025).status_code == 200


def test_roles_and_removal_of_a_pending_person(office: Office) -> None:
    person = org_user(office)
    path = f"{office.path}/users/{person['id']}"

    def post(action: str, role: str) -> requests.Response:
        return office.client.post(f"{path}:{action}", {"orgRole": role}, headers=OF_2025)

    assert created(post("addRole", "ORG_READ_ONLY"), 200)["roles"]["orgRoles"] == [
        "ORG_MEMBER",
        "ORG_READ_ONLY",
    ]
    assert created(post("removeRole", "ORG_MEMBER"), 200)["roles"]["orgRoles"] == ["ORG_READ_ONLY"]
    refused(post("removeRole", "ORG_READ_ONLY"), 403, "CANNOT_REMOVE_ALL_USER_ROLES")
    refused(post("addRole", "ORG_KING"), 400, "INVALID_ROLE_FOR_ORG")
    changed = office.client.patch(path, {"roles": {"orgRoles": ["ORG_OWNER"]}}, headers=OF_2025)
    assert created(changed, 200)["roles"]["orgRoles"] == ["ORG_OWNER"]
    assert office.client.get(office.invites).json()[0]["roles"] == ["ORG_OWNER"]
    refused(office.client.patch(path, {"roles": {}}, headers=OF_2025), 400, "MISSING_ATTRIBUTE")
    refused(office.client.patch(path, {"username": "x"}, headers=OF_2025), 400, "INVALID_ATTRIBUTE")
    refused(office.client.delete(path, headers=OF_2023), 404, "USER_NOT_IN_ORG")
    assert office.client.delete(path, headers=OF_2025).status_code == 204
    assert office.client.get(office.invites).json() == []
    refused(office.client.get(path, headers=OF_2025), 404, "USER_NOT_IN_ORG")


def test_the_last_owner_and_old_role_changes(office: Office) -> None:
    path = f"{office.path}/users/{OWNER_ID}"
    refused(office.client.delete(path, headers=OF_2025), 403, "CANNOT_DELETE_LAST_ADMIN")
    answer = office.client.send("PUT", f"{path}/roles", {"orgRoles": ["ORG_MEMBER"]}, headers=OF_2023)
    refused(answer, 403, "CANNOT_DEMOTE_LAST_ORG_OWNER")
    answer = office.client.send("PUT", f"{path}/roles", {"orgRoles": ["ORG_OWNER", "ORG_MEMBER"]})
    assert created(answer, 200) == {"orgRoles": ["ORG_OWNER", "ORG_MEMBER"]}
    assert answer.headers["Sunset"] == SUNSET
    answer = office.client.send("PUT", f"{path}/roles", {"orgRoles": []})
    refused(answer, 400, "MISSING_ATTRIBUTE")
    assert answer.json()["parameters"] == ["orgRoles"]


def test_people_of_a_project(office: Office) -> None:
    project = office.project()
    users = f"/groups/{project['id']}/users"
    guest = {"username": fresh_address(), "roles": ["GROUP_READ_ONLY"]}
    person = created(office.client.post(users, guest, headers=OF_2025), 201)
    assert person["roles"] == ["GROUP_READ_ONLY"]
    assert "teamIds" not in person
    refused(office.client.post(users, guest, headers=OF_2025), 409, "USER_ALREADY_EXISTS")
    owner = f"{users}/{OWNER_ID}"
    # The project's creator is made its owner.
    changed = office.client.send("PUT", f"{owner}/roles", {"groupRoles": ["GROUP_CLUSTER_MANAGER"]})
    assert created(changed, 200) == {"groupRoles": ["GROUP_CLUSTER_MANAGER"]}
    for action, expected in (("addRole", 2), ("removeRole", 1)):
        answer = office.client.post(f"{owner}:{action}", {"groupRole": "GROUP_OWNER"}, headers=OF_2025)
        assert len(created(answer, 200)["roles"]) == expected
    found = listed(office.client.get(f"{users}?includeOrgUsers=true&flattenTeams=true", headers=OF_2025))
    assert [(one["username"], one["roles"]) for one in found] == [
        (guest["username"], ["GROUP_READ_ONLY"]),
        (OWNER, ["GROUP_CLUSTER_MANAGER", "GROUP_OWNER"]),
    ]
    (old,) = listed(office.client.get(users, headers=OF_2023))
    assert old["roles"] == [
        {"orgId": office.id, "roleName": "ORG_OWNER"},
        {"groupId": project["id"], "roleName": "GROUP_CLUSTER_MANAGER"},
    ]
    assert office.client.delete(owner, headers=OF_2023).status_code == 204
    refused(office.client.get(owner, headers=OF_2025), 404, "USER_NOT_IN_GROUP")
    assert office.client.delete(f"{users}/{person['id']}", headers=OF_2025).status_code == 204
    assert office.client.get(office.invites).json()[0]["groupRoleAssignments"] == []


def test_access_by_the_old_way(office: Office) -> None:
    project = office.project()
    access = f"/groups/{project['id']}/access"
    guest = {"username": fresh_address(), "roles": ["GROUP_READ_ONLY"]}
    answer = office.client.post(access, guest, headers=ACCESS)
    invitation = created(answer, 200)
    assert invitation["groupRoleAssignments"] == [{"groupId": project["id"], "groupRole": "GROUP_READ_ONLY"}]
    assert invitation["orgId"] == office.id
    assert answer.headers["Sunset"] == SUNSET
    assert answer.headers["Content-Type"] == "application/vnd.atlas.2023-02-01+json;charset=utf-8"
    other = created(office.client.post(f"{office.path}/teams", {"name": "x", "usernames": [OWNER]}), 201)
    assert other
    owner = f"/groups/{project['id']}/users/{OWNER_ID}"
    assert office.client.delete(owner, headers=OF_2025).status_code == 204
    member = {"username": OWNER, "roles": ["GROUP_OWNER"]}
    answer = office.client.post(access, member, headers=ACCESS)
    assert (answer.status_code, answer.content) == (204, b"")
    refused(office.client.post(access, member, headers=ACCESS), 409, "USER_ALREADY_EXISTS")


def account(office: Office, **fields: Any) -> dict[str, Any]:
    """Return the body for a new account."""
    return {
        "country": "IE",
        "emailAddress": "",
        "firstName": "Ada",
        "lastName": "Lovelace",
        "mobileNumber": "+353 1 234 5678",
        "password": "correct horse battery",
        "roles": [{"orgId": office.id, "roleName": "ORG_MEMBER"}],
        "username": fresh_address(),
        **fields,
    }


def test_accounts_are_created_and_read(office: Office) -> None:
    body = account(office)
    answer = office.client.post("/users", body)
    new = created(answer, 201)
    url = office.client.url
    assert answer.headers["Location"] == f"{url}/api/atlas/v1.0/users/{new['id']}"
    assert answer.headers["Deprecation"] == SINCE_2025
    href = f"{url}/api/atlas/v2/users/{new['id']}"
    assert ordered(new)
    assert {key: new[key] for key in new if key not in ("createdAt", "id")} == {
        "country": "IE",
        "emailAddress": body["username"],
        "firstName": "Ada",
        "lastName": "Lovelace",
        "links": [
            {"href": href, "rel": "self"},
            {"href": f"{href}/whitelist", "rel": "https://cloud.mongodb.com/whitelist"},
            {"href": f"{href}/accessList", "rel": "https://cloud.mongodb.com/accessList"},
        ],
        "roles": [],
        "teamIds": [],
        "username": body["username"],
    }
    assert created(office.client.get(f"/users/{new['id']}"), 200) == new
    assert created(office.client.get(f"/users/byName/{body['username']}"), 200) == new
    again = office.client.post("/users", body)
    refused(again, 409, "USER_ALREADY_EXISTS")
    assert again.headers["Sunset"] == SUNSET
    (invitation,) = office.client.get(office.invites).json()
    assert invitation["username"] == body["username"]


def test_accounts_by_digest(server: Server) -> None:
    body = account(Office(FRONT_DESK, "", server.front_desk, "", ""))
    assert server.digest("frontown").post("/users", body).status_code == 201
    member = server.digest("frontmem").get(f"/users/byName/{OWNER}")
    roles = created(member, 200)["roles"]
    assert {"orgId": FRONT_DESK, "roleName": "ORG_OWNER"} in roles
    assert all(role.get("orgId", FRONT_DESK) == FRONT_DESK for role in roles)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"password": "short"}, "WEAK_PASSWORD"),
        ({"password": "password1"}, "COMMON_PASSWORD"),
        ({"country": "XX"}, "INVALID_COUNTRY_CODE"),
        ({"firstName": "a" * 65}, "FIRST_NAME_EXCEEDS_MAX_LENGTH"),
        ({"lastName": "a" * 65}, "LAST_NAME_EXCEEDS_MAX_LENGTH"),
        ({"username": "nobody"}, "INVALID_USERNAME"),
        ({"roles": [{"roleName": "ORG_OWNER"}]}, "ROLE_NEEDS_ORG_ID"),
        ({"roles": [{"roleName": "GROUP_OWNER"}]}, "ROLE_NEEDS_GROUP_ID"),
        ({"roles": [{"roleName": "ORG_OWNER", "groupId": LOBBY}]}, "ROLE_NEEDS_NO_GROUP_ID"),
        ({"roles": [{"roleName": "GROUP_OWNER", "orgId": FRONT_DESK}]}, "ROLE_NEEDS_NO_ORG_ID"),
        ({"roles": [{"roleName": "KING"}]}, "UNSUPPORTED_ROLE"),
        ({"roles": []}, "MISSING_ATTRIBUTE"),
        ({"mobileNumber": "call me"}, "INVALID_ATTRIBUTE"),
        ({"surprise": 1}, "INVALID_ATTRIBUTE"),
    ],
)
def test_wrong_accounts_are_refused(office: Office, fields: dict[str, Any], code: str) -> None:
    refused(office.client.post("/users", account(office, **fields)), 400, code)


def test_strangers(office: Office, server: Server) -> None:
    refused(office.client.get(f"/users/{STRANGER_ID}"), 401, "NOT_USER_ADMIN")
    refused(office.client.get("/users/byName/owner@next.example"), 401, "NOT_USER_ADMIN")
    refused(office.client.get("/users/byName/ghost@next.example"), 404, "USERNAME_NOT_FOUND")
    refused(office.client.get("/users/0123456789abcdef01234567"), 404, "USER_NOT_FOUND")
    refused(office.client.get("/users/x"), 404, "INVALID_USER_ID")
    body = account(office, roles=[{"orgId": NEXT_DOOR, "roleName": "ORG_MEMBER"}])
    refused(office.client.post("/users", body), 401, "USER_CANNOT_ACCESS_ORG")
    answer = server.nobody().post("/users", account(office))
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Digest ")
