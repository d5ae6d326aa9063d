"""Settings of organizations and projects, their ends, and what projects here never have, over HTTP."""

from typing import Any

import pytest
from tests.api.desk import FRONT_DESK, LOBBY, NEXT_DOOR, NOBODY, Office, Server, created

CLUSTERS = "atlas.project.deployment.clusters"
NEW_ORGANIZATION = {
    "apiAccessListRequired": False,
    "customSessionTimeouts": {},
    "genAIFeaturesEnabled": True,
    "maxServiceAccountSecretValidityInHours": 8760,
    "multiFactorAuthRequired": False,
    "operationsContact": None,
    "restrictEmployeeAccess": False,
    "streamsCrossGroupEnabled": False,
}


def code(response: Any) -> tuple[int, str]:
    """Return status and code of a refusal."""
    return response.status_code, response.json()["errorCode"]


def test_settings_of_an_organization(office: Office) -> None:
    path = f"{office.path}/settings"
    got = office.client.get(path)
    assert got.json() == NEW_ORGANIZATION
    assert list(got.json()) == sorted(got.json())
    assert got.headers["Ratelimit-Limit"] == "10"
    changes = {
        "customSessionTimeouts": {
            "absoluteSessionTimeoutInSeconds": 3600,
            "idleSessionTimeoutInSeconds": 300,
        },
        "genAIFeaturesEnabled": False,
        "maxServiceAccountSecretValidityInHours": 24,
        "multiFactorAuthRequired": True,
        "operationsContact": "ops@guest.example",
        "restrictEmployeeAccess": True,
        "securityContact": "safe@guest.example",
        "streamsCrossGroupEnabled": True,
    }
    assert created(office.client.patch(path, changes), 200) == {**NEW_ORGANIZATION, **changes}
    # What was read may be sent back, and what is cleared is gone.
    cleared = {"customSessionTimeouts": None, "operationsContact": None, "securityContact": ""}
    whole = {**created(office.client.get(path), 200), **cleared}
    after = created(office.client.patch(path, whole), 200)
    assert "securityContact" not in after
    assert (after["customSessionTimeouts"], after["operationsContact"]) == ({}, None)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"maxServiceAccountSecretValidityInHours": 7}, "INVALID_ATTRIBUTE"),
        ({"maxServiceAccountSecretValidityInHours": "8"}, "INVALID_JSON_ATTRIBUTE"),
        ({"multiFactorAuthRequired": None}, "INVALID_JSON_ATTRIBUTE"),
        ({"operationsContact": ""}, "INVALID_EMAIL_ADDRESS"),
        ({"securityContact": "nobody"}, "INVALID_EMAIL_ADDRESS"),
        ({"customSessionTimeouts": {"idleSessionTimeoutInSeconds": 1}}, "INVALID_ATTRIBUTE"),
        ({"colour": "blue"}, "INVALID_ATTRIBUTE"),
        ([], "INVALID_JSON"),
    ],
)
def test_wrong_settings_are_refused(office: Office, changes: Any, refusal: str) -> None:
    assert code(office.client.patch(f"{office.path}/settings", changes)) == (400, refusal)


def test_a_required_access_list_holds_from_the_next_request_on(office: Office) -> None:
    path = f"{office.path}/settings"
    created(office.client.get(path), 200)
    created(office.client.patch(path, {"apiAccessListRequired": True}), 200)
    assert code(office.client.get(path)) == (403, "ORG_REQUIRES_ACCESS_LIST")


def test_settings_belong_to_owners(server: Server) -> None:
    member = server.digest("frontmem")
    path = f"/orgs/{FRONT_DESK}/settings"
    created(member.get(path), 200)
    assert code(member.patch(path, {})) == (401, "NOT_ORG_OWNER")
    assert code(member.delete(f"/orgs/{FRONT_DESK}")) == (401, "NOT_ORG_OWNER")
    assert code(member.get(f"/orgs/{NEXT_DOOR}/settings")) == (401, "USER_CANNOT_ACCESS_ORG")


def test_an_organization_is_deleted_when_it_is_empty(office: Office) -> None:
    project = office.project()
    assert code(office.client.delete(office.path)) == (409, "ORG_NOT_EMPTY")
    assert office.client.delete(f"/groups/{project['id']}").status_code == 202
    deleted = office.client.delete(office.path)
    assert (deleted.status_code, deleted.content) == (204, b"")
    # Its credentials went with it.
    gone = office.client.get(office.path)
    assert (gone.status_code, gone.content) == (401, b"")


def test_projects_of_an_organization(server: Server, office: Office) -> None:
    projects = {name: office.project(name)["id"] for name in ("Zoo", "attic", "Atrium")}
    path = f"{office.path}/groups"
    listed = created(office.client.get(f"{path}?name="), 200)
    assert [one["name"] for one in listed["results"]] == ["Atrium", "Zoo", "attic"]
    found = created(office.client.get(f"{path}?name=AT&itemsPerPage=1"), 200)
    assert [one["id"] for one in found["results"]] == [projects["Atrium"]]
    assert found["totalCount"] == 2
    assert [link["rel"] for link in found["links"]] == ["self", "next"]
    # A member sees what it was added to, whoever reads all sees all.
    path = f"/orgs/{FRONT_DESK}/groups"
    assert created(server.digest("frontmem").get(path), 200)["results"] == []
    assert [one["id"] for one in created(server.digest("frontpro").get(path), 200)["results"]] == [LOBBY]
    assert created(server.digest("frontred").get(path), 200)["totalCount"] >= 2


def test_settings_of_a_project(office: Office) -> None:
    path = f"/groups/{office.project()['id']}/settings"
    got = office.client.get(path)
    assert got.headers["Location"] == f"{office.client.url}//api/atlas/v1.0"
    before = got.json()
    assert len(before) == 12
    assert list(before) == sorted(before)
    changed = office.client.patch(path, {"isSchemaAdvisorEnabled": False})
    assert changed.headers["Location"] == f"{office.client.url}//api/atlas/v1.0"
    assert changed.json() == {**before, "isSchemaAdvisorEnabled": False}
    # Whole objects come back from clients.
    assert created(office.client.patch(path, before), 200) == before
    assert code(office.client.patch(path, {"isSchemaAdvisorEnabled": 1})) == (400, "INVALID_JSON_ATTRIBUTE")
    assert code(office.client.patch(path, {"isBlue": True})) == (400, "INVALID_ATTRIBUTE")


def test_limits_of_a_project(office: Office) -> None:
    path = f"/groups/{office.project()['id']}/limits"
    listed = office.client.get(path).json()
    assert [one["name"] for one in listed] == sorted(one["name"] for one in listed)
    clusters = {
        "currentUsage": 0,
        "defaultLimit": 25,
        "maximumLimit": 100,
        "name": CLUSTERS,
        "value": 25,
    }
    assert listed[0] == clusters
    one = f"{path}/{CLUSTERS}"
    changed = created(office.client.patch(one, {**clusters, "value": 30}), 200)
    assert changed == {**clusters, "value": 30}
    assert created(office.client.get(one), 200) == changed
    for body, refusal in (
        ({"value": 101}, "INVALID_ATTRIBUTE"),
        ({"value": -1}, "INVALID_ATTRIBUTE"),
        ({"value": 1, "name": "other"}, "INVALID_ATTRIBUTE"),
        ({"value": "1"}, "INVALID_JSON_ATTRIBUTE"),
        ({}, "MISSING_ATTRIBUTE"),
    ):
        assert code(office.client.patch(one, body)) == (400, refusal)
    assert office.client.delete(one).status_code == 204
    assert created(office.client.get(one), 200) == clusters
    for unknown in (
        office.client.get(f"{path}/atlas.project.moons"),
        office.client.patch(f"{path}/atlas.project.moons", {"value": 1}),
        office.client.delete(f"{path}/atlas.project.moons"),
    ):
        assert code(unknown) == (404, "RESOURCE_NOT_FOUND")


def test_what_a_project_here_never_has(office: Office) -> None:
    id = office.project()["id"]
    for version in ("2023-01-01", "2023-02-01", "2024-08-05"):
        got = office.client.get(
            f"/groups/{id}/clusters", headers={"Accept": f"application/vnd.atlas.{version}+json"}
        )
        assert got.headers["Content-Type"] == f"application/vnd.atlas.{version}+json;charset=utf-8"
        assert (got.json()["results"], got.json()["totalCount"]) == ([], 0)
    addresses = created(office.client.get(f"/groups/{id}/ipAddresses"), 200)
    assert addresses == {"groupId": id, "services": {"clusters": []}}
    assert code(office.client.get(f"/groups/{NOBODY}/clusters")) == (404, "GROUP_NOT_FOUND")


def test_the_managed_threshold_is_a_bare_boolean(office: Office) -> None:
    path = f"/groups/{office.project()['id']}/managedSlowMs"
    assert office.client.get(path).content == b"true"
    assert office.client.delete(f"{path}/disable").status_code == 204
    assert office.client.get(path).content == b"false"
    assert office.client.send("POST", f"{path}/enable").status_code == 204
    assert office.client.get(path).content == b"true"
