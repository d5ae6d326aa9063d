"""What clients ask beside the API. Source: contract, OPERATIONS.md "Companion operations"; CLIENTS.md."""

import pytest
from tests.api.desk import Office, Server, fresh_address

from antechamber import __version__

PRIVATE = "/api/private"
PLAIN = {"Accept": "application/json"}
TELEMETRY = ("/v1.0/telemetry/events", "/unauth/telemetry/events")


def test_a_caller_is_told_the_address_it_comes_from(server: Server, office: Office) -> None:
    challenge = server.raw("GET", f"{PRIVATE}/ipinfo", headers={"Host": "localhost"})
    assert challenge.status == 401
    assert challenge.headers["www-authenticate"].startswith('Digest realm="MMS Public API", domain="", ')
    for caller in (server.digest("frontown"), office.client):
        answer = caller.get("/ipinfo", base=PRIVATE, headers=PLAIN)
        assert (answer.status_code, answer.json()) == (200, {"currentIpv4Address": "127.0.0.1"})
        assert answer.headers["Content-Type"] == "application/json"


def test_a_key_reads_its_address_from_where_its_access_list_allows(server: Server) -> None:
    assert server.digest("fronhere").get("/ipinfo", base=PRIVATE).status_code == 200
    refusal = server.digest("fronaway").get("/ipinfo", base=PRIVATE)
    assert (refusal.status_code, refusal.json()["errorCode"]) == (403, "IP_ADDRESS_NOT_ON_ACCESS_LIST")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_anybody_reads_the_version_of_the_service(server: Server, method: str) -> None:
    answer = server.nobody().send(method, "/unauth/version", base=PRIVATE, headers=PLAIN)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-MongoDB-Service-Version"].endswith(f"versionString=antechamber-{__version__}")
    assert answer.text == ("{}" if method == "GET" else "")


@pytest.mark.parametrize("path", TELEMETRY)
def test_telemetry_is_answered_and_thrown_away(server: Server, office: Office, path: str) -> None:
    told = fresh_address("telemetry")
    for caller in (server.nobody(), office.client):
        for body in ([{"source": told}], b"not even JSON", b""):
            answer = caller.post(path, body, base=PRIVATE, headers=PLAIN)
            assert (answer.status_code, answer.json()) == (200, {})
    # There is nothing to read it with, and the log has not heard of it.
    request_id = ""
    for method in ("GET", "PUT", "DELETE"):
        answer = office.client.send(method, path, base=PRIVATE)
        assert answer.status_code == 404
        request_id = answer.headers["X-Request-Id"]
    assert told not in server.await_log(request_id)


@pytest.mark.parametrize("path", TELEMETRY)
def test_too_much_telemetry_is_refused(server: Server, path: str) -> None:
    answer = server.raw("POST", PRIVATE + path, headers={"Host": "localhost"}, body=b"x" * (256 * 1024 + 1))
    assert answer.status == 413


def test_everything_else_is_unknown_to_who_is_known(server: Server, office: Office) -> None:
    for path in ("", "/", "/nowhere", "/unauth", "/unauth/nowhere", "/ipinfo/more", "/v1.0/telemetry"):
        assert server.nobody().get(path, base=PRIVATE).status_code == 401
        answer = office.client.get(path, base=PRIVATE)
        assert (answer.status_code, answer.json()["errorCode"]) == (404, "RESOURCE_NOT_FOUND")
    answer = office.client.get("", base=f"{PRIVATE}er")
    assert (answer.status_code, answer.json()["errorCode"]) == (404, "RESOURCE_NOT_FOUND")
    answer = office.client.post("/ipinfo", {}, base=PRIVATE)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
