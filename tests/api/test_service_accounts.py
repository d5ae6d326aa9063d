"""Service accounts over HTTP: their shapes, and that what is gone is refused at once."""

from typing import Any

import requests
from tests.api.desk import NOBODY, BearerAuth, Client, Office, Server, created

VERSION = "application/vnd.atlas.2024-08-05+json"
ACCOUNT = {
    "name": "nightly",
    "description": "runs at night",
    "roles": ["ORG_OWNER"],
    "secretExpiresAfterHours": 24,
}
HERE = "127.0.0.1"


def dated(client: Client) -> Client:
    """Return the client as one that sends the date on every request, as Terraform does."""
    client.session.headers["Accept"] = VERSION
    client.session.headers["Content-Type"] = VERSION
    return client


def refused(response: requests.Response, status: int, code: str) -> None:
    """Assert how a request was refused."""
    assert (response.status_code, response.json().get("errorCode")) == (status, code), response.text


def holder(server: Server, account: dict[str, Any]) -> Client:
    """Return the new account as a caller, on a connection that it keeps."""
    return Client(server.url, BearerAuth(server.token(account["clientId"], account["secrets"][0]["secret"])))


def test_an_account_shows_its_secret_once(office: Office) -> None:
    client, accounts = dated(office.client), f"{office.path}/serviceAccounts"
    answer = client.post(accounts, ACCOUNT)
    account = created(answer, 201)
    assert answer.headers["Content-Type"] == f"{VERSION};charset=utf-8"
    secret = account["secrets"][0]
    assert account == {
        "clientId": account["clientId"],
        "createdAt": account["createdAt"],
        "description": "runs at night",
        "name": "nightly",
        "roles": ["ORG_OWNER"],
        "secrets": [secret],
    }
    assert [*secret] == ["createdAt", "expiresAt", "id", "secret"]
    path = f"{accounts}/{account['clientId']}"
    read = created(client.get(path), 200)
    assert [*read["secrets"][0]] == ["createdAt", "expiresAt", "id", "maskedSecretValue"]
    assert secret["secret"] not in client.get(path).text
    listed = created(client.get(f"{accounts}?includeSystemManaged=false"), 200)
    assert read in listed["results"]
    assert listed["totalCount"] == 2
    changed = created(client.patch(path, {"name": "daily", "description": None}), 200)
    assert changed == {**read, "name": "daily"}
    assert client.delete(path).status_code == 204
    refused(client.get(path), 404, "RESOURCE_NOT_FOUND")


def test_bad_client_ids_and_bodies_are_refused(office: Office) -> None:
    client, accounts = dated(office.client), f"{office.path}/serviceAccounts"
    refused(client.get(f"{accounts}/{NOBODY}"), 400, "INVALID_PATH_PARAMETER")
    refused(client.get(f"{accounts}/mdb_sa_id_{NOBODY}"), 404, "RESOURCE_NOT_FOUND")
    for wrong, code in (
        ({"secretExpiresAfterHours": 7}, "INVALID_ATTRIBUTE"),
        ({"secretExpiresAfterHours": -1}, "ATTRIBUTE_NEGATIVE_OR_ZERO"),
        ({"secretExpiresAfterHours": "8"}, "INVALID_JSON_ATTRIBUTE"),
        ({"name": "a+b"}, "INVALID_ATTRIBUTE"),
        ({"roles": []}, "MISSING_ATTRIBUTE"),
    ):
        refused(client.post(accounts, {**ACCOUNT, **wrong}), 400, code)


def test_inv25_what_is_deleted_is_refused_on_the_connection_it_keeps(server: Server, office: Office) -> None:
    client, accounts = dated(office.client), f"{office.path}/serviceAccounts"
    account = created(client.post(accounts, ACCOUNT), 201)
    path = f"{accounts}/{account['clientId']}"
    second = created(client.post(f"{path}/secrets", {"secretExpiresAfterHours": 8}), 201)
    refused(client.post(f"{path}/secrets", {"secretExpiresAfterHours": 8}), 400, "VALIDATION_ERROR")
    first_holder = holder(server, account)
    second_holder = holder(server, {**account, "secrets": [second]})
    assert first_holder.get(office.path).status_code == 200
    assert second_holder.get(office.path).status_code == 200
    assert client.delete(f"{path}/secrets/{account['secrets'][0]['id']}").status_code == 204
    answer = first_holder.get(office.path)
    assert (answer.status_code, answer.content) == (401, b"")
    assert second_holder.get(office.path).status_code == 200
    created(client.patch(path, {"roles": ["ORG_READ_ONLY"]}), 200)
    refused(second_holder.patch(office.path, {"name": office.name}), 401, "NOT_ORG_OWNER")
    assert client.delete(path).status_code == 204
    answer = second_holder.get(office.path)
    assert (answer.status_code, answer.content) == (401, b"")


def test_inv28_an_access_list_binds_at_once(server: Server, office: Office) -> None:
    client, accounts = dated(office.client), f"{office.path}/serviceAccounts"
    account = created(client.post(accounts, ACCOUNT), 201)
    entries = f"{accounts}/{account['clientId']}/accessList"
    guest = dated(holder(server, account))
    assert guest.get(entries).status_code == 200
    page = created(client.post(entries, [{"cidrBlock": "192.0.2.0/24", "ipAddress": None}]), 200)
    assert page["results"] == [
        {"cidrBlock": "192.0.2.0/24", "createdAt": page["results"][0]["createdAt"], "requestCount": 0}
    ]
    refused(guest.get(entries), 403, "IP_ADDRESS_NOT_ON_ACCESS_LIST")
    created(client.post(entries, [{"ipAddress": HERE}]), 200)
    assert created(guest.get(f"{entries}?itemsPerPage=500"), 200)["totalCount"] == 2
    refused(guest.delete(f"{entries}/{HERE}"), 400, "CANNOT_REMOVE_CALLER_FROM_ACCESS_LIST")
    assert client.delete(f"{entries}/{HERE}").status_code == 204
    refused(guest.get(entries), 403, "IP_ADDRESS_NOT_ON_ACCESS_LIST")
    assert client.delete(f"{entries}/192.0.2.0%2F24").status_code == 204
    refused(client.delete(f"{entries}/192.0.2.0%2F24"), 404, "RESOURCE_NOT_FOUND")
    assert guest.get(entries).status_code == 200


def test_an_account_is_used_in_a_project(server: Server, office: Office) -> None:
    client, project = office.client, office.project()["id"]
    dated(client)
    group = f"/groups/{project}/serviceAccounts"
    account = created(client.post(group, {**ACCOUNT, "roles": ["GROUP_READ_ONLY"]}), 201)
    assert account["roles"] == ["GROUP_READ_ONLY"]
    path = f"{group}/{account['clientId']}"
    of_organization = f"{office.path}/serviceAccounts/{account['clientId']}"
    assert created(client.get(of_organization), 200)["roles"] == ["ORG_MEMBER"]
    groups = created(client.get(f"{of_organization}/groups"), 200)
    assert groups["results"] == [{"groupId": project, "roles": ["GROUP_READ_ONLY"]}]
    guest = holder(server, account)
    assert guest.get(f"/groups/{project}").status_code == 200
    assert client.delete(path).status_code == 204
    refused(client.get(path), 404, "RESOURCE_NOT_FOUND")
    refused(guest.get(f"/groups/{project}"), 401, "NOT_IN_GROUP")
    assert guest.get(office.path).status_code == 200
    for separator in (":", "%3A"):
        invited = created(client.post(f"{path}{separator}invite", {"roles": ["GROUP_OWNER"]}), 200)
        assert invited["roles"] == ["GROUP_OWNER"]
    changed = created(client.patch(path, {"roles": ["GROUP_READ_ONLY"]}), 200)
    assert changed == created(client.get(path), 200)
    assert created(client.get(group), 200)["results"][1:] == [changed]  # the first made the project
    secret = created(client.post(f"{path}/secrets", {"secretExpiresAfterHours": 8}), 201)
    assert client.delete(f"{path}/secrets/{secret['id']}").status_code == 204
    created(client.post(f"{path}/accessList", [{"ipAddress": HERE}]), 200)
    assert created(client.get(f"{path}/accessList"), 200)["totalCount"] == 1
    assert client.delete(f"{path}/accessList/{HERE}").status_code == 204
