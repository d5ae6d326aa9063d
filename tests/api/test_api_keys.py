"""API keys over HTTP: their shapes, their access lists, and that what is gone is refused at once."""

from typing import Any

import pytest
import requests
from requests.auth import HTTPDigestAuth
from tests.api.desk import Client, Office, Server, created

KEY = {"desc": "for the build", "roles": ["ORG_MEMBER"]}
OWNER_KEY = {"desc": "owns", "roles": ["ORG_OWNER"]}
HERE = "127.0.0.1"


def refused(response: requests.Response, status: int, code: str) -> None:
    """Assert how a request was refused."""
    assert (response.status_code, response.json().get("errorCode")) == (status, code), response.text


def holder(server: Server, key: dict[str, Any]) -> Client:
    """Return the new key as a caller, on a connection that it keeps."""
    return Client(server.url, HTTPDigestAuth(key["publicKey"], key["privateKey"]))


def listed(response: requests.Response) -> list[dict[str, Any]]:
    """Return the results of a list."""
    results: list[dict[str, Any]] = created(response, 200)["results"]
    return results


def test_a_key_is_shown_in_clear_once_and_masked_afterwards(office: Office) -> None:
    keys = f"{office.path}/apiKeys"
    key = created(office.client.post(keys, KEY), 200)
    href = f"{office.client.url}/api/atlas/v2{keys}/{key['id']}"
    assert key == {
        "desc": "for the build",
        "id": key["id"],
        "links": [{"href": href, "rel": "self"}],
        "privateKey": key["privateKey"],
        "publicKey": key["publicKey"],
        "roles": [{"orgId": office.id, "roleName": "ORG_MEMBER"}],
    }
    masked = {**key, "privateKey": f"********-****-****-{key['privateKey'][-12:]}"}
    assert created(office.client.get(f"{keys}/{key['id']}"), 200) == masked
    page = created(office.client.get(keys), 200)
    assert (page["results"], page["totalCount"]) == ([masked], 1)
    changed = created(office.client.patch(f"{keys}/{key['id']}", {"roles": ["ORG_READ_ONLY"]}), 200)
    assert changed == {**masked, "roles": [{"orgId": office.id, "roleName": "ORG_READ_ONLY"}]}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"roles": ["ORG_MEMBER"]}, "MISSING_ATTRIBUTE"),
        ({"desc": "", "roles": ["ORG_MEMBER"]}, "API_KEY_REQUIRES_DESCRIPTION"),
        ({"desc": "x" * 251, "roles": ["ORG_MEMBER"]}, "INVALID_API_KEY_DESC"),
        ({"desc": "x", "roles": []}, "MISSING_API_KEY_ROLES"),
        ({"desc": "x", "roles": ["ORG_KING"]}, "INVALID_ROLE_FOR_ORG"),
        ({**KEY, "publicKey": "abcdefgh"}, "INVALID_ATTRIBUTE"),
    ],
)
def test_a_bad_key_is_refused(office: Office, body: dict[str, Any], code: str) -> None:
    refused(office.client.post(f"{office.path}/apiKeys", body), 400, code)


def test_inv25_a_deleted_key_is_refused_on_the_connection_it_keeps(server: Server, office: Office) -> None:
    key = created(office.client.post(f"{office.path}/apiKeys", OWNER_KEY), 200)
    client = holder(server, key)
    assert client.get(office.path).status_code == 200
    assert client.patch(office.path, {"name": f"{office.name} too"}).status_code == 200
    path = f"{office.path}/apiKeys/{key['id']}"
    assert office.client.delete(path).status_code == 204
    for answer in (client.get(office.path), client.patch(office.path, {"name": office.name})):
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Digest ")
    refused(office.client.get(path), 400, "API_KEY_NOT_FOUND")
    refused(office.client.delete(path), 400, "API_KEY_NOT_FOUND")


def test_inv25_a_demoted_key_has_its_new_roles_at_once(server: Server, office: Office) -> None:
    key = created(office.client.post(f"{office.path}/apiKeys", OWNER_KEY), 200)
    client = holder(server, key)
    assert client.get(office.invites).status_code == 200
    created(office.client.patch(f"{office.path}/apiKeys/{key['id']}", {"roles": ["ORG_MEMBER"]}), 200)
    refused(client.get(office.invites), 401, "NOT_ORG_USER_ADMIN")


def test_inv28_an_access_list_binds_at_once(server: Server, office: Office) -> None:
    key = created(office.client.post(f"{office.path}/apiKeys", OWNER_KEY), 200)
    client = holder(server, key)
    entries = f"{office.path}/apiKeys/{key['id']}/accessList"
    assert client.get(office.path).status_code == 200
    created(office.client.post(entries, [{"cidrBlock": "192.0.2.0/24"}]), 200)
    refused(client.get(office.path), 403, "IP_ADDRESS_NOT_ON_ACCESS_LIST")
    created(office.client.post(entries, [{"ipAddress": HERE}]), 200)
    assert client.get(office.path).status_code == 200
    refused(client.delete(f"{entries}/{HERE}"), 400, "CANNOT_REMOVE_CALLER_FROM_ACCESS_LIST")
    assert office.client.delete(f"{entries}/{HERE}").status_code == 204
    refused(client.get(office.path), 403, "IP_ADDRESS_NOT_ON_ACCESS_LIST")
    assert office.client.delete(f"{entries}/192.0.2.0%2F24").status_code == 204
    assert client.get(office.path).status_code == 200


def test_access_list_entries_are_found_by_address_and_by_block(office: Office) -> None:
    key = created(office.client.post(f"{office.path}/apiKeys", KEY), 200)
    entries = f"{office.path}/apiKeys/{key['id']}/accessList"
    url = f"{office.client.url}/api/atlas/v2{entries}"
    asked = [{"ipAddress": "192.0.2.1"}, {"cidrBlock": "198.51.100.0/24"}]
    page = created(office.client.post(entries, asked), 200)
    assert page["links"] == [{"href": f"{url}?pageNum=1&itemsPerPage=100", "rel": "self"}]
    single, block = page["results"]
    assert single == {
        "cidrBlock": "192.0.2.1/32",
        "count": 0,
        "created": single["created"],
        "ipAddress": "192.0.2.1",
        "links": [{"href": f"{url}/192.0.2.1", "rel": "self"}],
    }
    assert block["links"] == [{"href": f"{url}/198.51.100.0%2F24", "rel": "self"}]
    assert listed(office.client.get(entries)) == [single, block]
    assert created(office.client.get(f"{entries}/192.0.2.1"), 200) == single
    assert created(office.client.get(f"{entries}/192.0.2.1%2F32"), 200) == single
    assert created(office.client.get(f"{entries}/198.51.100.0%2f24"), 200) == block
    refused(office.client.get(f"{entries}/192.0.2.2"), 404, "API_KEY_ACCESS_LIST_NOT_FOUND")
    refused(office.client.get(f"{entries}/nowhere"), 400, "INVALID_IP_ADDRESS_OR_CIDR_NOTATION")
    for body, status, code in (
        ([{"ipAddress": "192.0.2.1"}], 409, "ADDRESS_ALREADY_IN_ACCESS_LIST"),
        ([{"ipAddress": "10.0.0.1"}, {"cidrBlock": "10.0.0.1/32"}], 400, "DUPLICATE_ADDRESSES_IN_INPUT"),
        ([{"ipAddress": "10.0.0.1", "cidrBlock": "10.0.0.0/8"}], 400, "BAD_ACCESS_LIST_ADD_REQUEST"),
        ([{"ipAddress": "10.0.0.0/8"}], 400, "INVALID_IP_ADDRESS_OR_CIDR_NOTATION"),
        ([{}], 400, "MISSING_ONE_OF_ATTRIBUTES"),
        ({"ipAddress": "10.0.0.1"}, 400, "INVALID_JSON"),
    ):
        refused(office.client.post(entries, body), status, code)


def test_a_key_is_used_in_a_project(server: Server, office: Office) -> None:
    project = office.project()["id"]
    group = f"/groups/{project}/apiKeys"
    own = created(office.client.post(group, {"desc": "reads", "roles": ["GROUP_READ_ONLY"]}), 200)
    assert own["links"][0]["href"].endswith(f"{office.path}/apiKeys/{own['id']}")
    assert own["roles"] == [
        {"orgId": office.id, "roleName": "ORG_MEMBER"},
        {"groupId": project, "roleName": "GROUP_READ_ONLY"},
    ]
    client = holder(server, own)
    assert client.get(f"/groups/{project}").status_code == 200
    assert office.client.delete(f"{group}/{own['id']}").status_code == 204
    refused(client.get(f"/groups/{project}"), 401, "NOT_IN_GROUP")
    assert client.get(office.path).status_code == 200
    answer = office.client.post(f"{group}/{own['id']}", [{"roles": ["GROUP_OWNER"]}])
    assert (answer.status_code, answer.content) == (204, b"")
    assert [key["id"] for key in listed(office.client.get(group))] == [own["id"]]
    changed = created(office.client.patch(f"{group}/{own['id']}", {"roles": ["GROUP_READ_ONLY"]}), 200)
    assert changed["roles"][1:] == [{"groupId": project, "roleName": "GROUP_READ_ONLY"}]
    for body, code in (
        ([], "MISSING_API_KEY_ROLES"),
        ([{"roles": ["ORG_OWNER"]}], "CANNOT_ADD_ORG_ROLE"),
        ([{"roles": ["GROUP_KING"]}], "INVALID_ROLE_FOR_GROUP"),
    ):
        refused(office.client.post(f"{group}/{own['id']}", body), 400, code)
