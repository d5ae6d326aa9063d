"""`/_antechamber/` over HTTP, on a server of `antechamber dev` with two workers."""

import json
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.auth import HTTPDigestAuth
from tests.cli.program import MASTER_KEY, Home

from antechamber.control import BASE_PATH
from antechamber.testing import NoMail, Problem, Server

SECONDS = 20


def _ask(server: Server, method: str, path: str, **options: Any) -> requests.Response:
    return requests.request(method, f"{server.url}{BASE_PATH}{path}", timeout=SECONDS, **options)


class TestClock:
    """Steering time."""

    def test_all_workers_go_by_it_to_the_second(self, server: Server) -> None:
        at = datetime(2030, 5, 6, 7, 8, 9, tzinfo=UTC)
        assert server.clock.freeze(at) == at
        tenant = server.tenant()
        for number in range(6):
            # A connection each, so that the system spreads them over both workers.
            made = tenant.invite(f"somebody{number}@example.com")
            assert made["createdAt"] == "2030-05-06T07:08:09Z"
            assert made["expiresAt"] == "2030-06-05T07:08:09Z"
        events = tenant.api("GET", "/orgs/{org}/events").body["results"]
        assert {event["created"] for event in events} == {"2030-05-06T07:08:09Z"}
        assert server.clock.go_on() - at < timedelta(seconds=5)
        assert abs(server.clock.real() - datetime.now(UTC)) < timedelta(seconds=5)

    def test_what_is_due_is_done_when_it_answers(self, server: Server) -> None:
        tenant = server.tenant()
        invitation = tenant.invite("late@example.com")
        mailbox = server.mailbox()
        assert mailbox.wait_for("late@example.com").subject.startswith("Invitation")
        server.clock.advance(days=28)
        (_, reminder) = server.mailbox().messages(to="late@example.com")
        assert reminder.subject.startswith("Reminder")
        server.clock.advance(days=3)
        assert tenant.api("GET", "/orgs/{org}/invites", version="2023-01-01").body == []
        with pytest.raises(Problem) as refused:
            server.accept(invitation["id"])
        assert refused.value.status == 404

    def test_access_tokens_and_digest_keys(self, server: Server) -> None:
        tenant = server.tenant()
        token = tenant.token()
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/vnd.atlas.2023-01-01+json"}
        url = f"{server.url}/api/atlas/v2/orgs/{tenant.org_id}"
        assert requests.get(url, headers=headers, timeout=SECONDS).status_code == 200
        server.clock.advance(hours=1, seconds=5)
        assert requests.get(url, headers=headers, timeout=SECONDS).status_code == 401
        # Nonces go by real time.
        key = HTTPDigestAuth(tenant.owner_key.public_key, tenant.owner_key.private_key)
        del headers["Authorization"]
        assert requests.get(url, headers=headers, auth=key, timeout=SECONDS).status_code == 200

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"real": False},
            {"real": True, "frozen": True},
            {"set": "2030-01-01"},
            {"set": "2200-01-01T00:00:00Z"},
            {"advanceSeconds": "60"},
            {"advanceSeconds": -10_000_000_000},
            {"forward": 1},
        ],
    )
    def test_what_is_no_steering_is_refused(self, server: Server, body: object) -> None:
        answer = _ask(server, "PUT", "/clock", json=body)
        assert answer.status_code == 400
        assert list(answer.json()) == ["detail", "error", "errorCode", "parameters", "reason"]
        assert answer.json()["errorCode"] == "INVALID_ATTRIBUTE"
        assert not _ask(server, "GET", "/clock").json()["steered"]


class TestMail:
    """The mailbox."""

    def test_is_listed_shown_and_cleared(self, server: Server) -> None:
        tenant = server.tenant()
        tenant.invite("new@example.com")
        tenant.invite("other@example.com")
        assert len(server.mailbox().messages()) == 2
        (mail,) = server.mailbox().messages(to="NEW@example.com")
        assert mail.link.startswith(f"{server.url}/invite#")
        assert mail.link in mail.text
        assert mail.headers["To"] == "new@example.com"
        shown = _ask(server, "GET", f"/mail/{mail.id}").json()
        assert shown["subject"] == mail.subject
        raw = _ask(server, "GET", f"/mail/{mail.id}/raw")
        assert b"Message-ID: " in raw.content
        assert raw.headers["content-type"].startswith("text/plain")
        server.mailbox().clear(to="new@example.com")
        assert [left.to for left in server.mailbox().messages()] == ["other@example.com"]
        server.mailbox().clear()
        assert server.mailbox().messages() == []
        assert _ask(server, "GET", f"/mail/{mail.id}").status_code == 404
        assert _ask(server, "GET", "/mail/..%2Fx/raw").status_code == 404

    def test_can_be_waited_for(self, server: Server) -> None:
        tenant = server.tenant()
        timer = threading.Timer(0.5, tenant.invite, ("soon@example.com",))
        timer.start()
        began = time.monotonic()
        assert server.mailbox().wait_for("soon@example.com").to == "soon@example.com"
        assert 0.4 < time.monotonic() - began < 5
        timer.join()

    def test_the_next_one_is_another_one(self, server: Server) -> None:
        tenant = server.tenant()
        tenant.invite("twice@example.com")
        mailbox = server.mailbox()
        first = mailbox.wait_for("twice@example.com")
        with pytest.raises(NoMail, match=r"twice@example\.com within 0\.2 seconds"):
            mailbox.wait_for("twice@example.com", timeout=0.2)
        server.tenant().invite("twice@example.com")
        assert mailbox.wait_for("twice@example.com").id != first.id
        assert server.mailbox().wait_for("twice@example.com").id == first.id
        with pytest.raises(NoMail):
            server.mailbox(from_now=True).wait_for("twice@example.com", timeout=0)

    def test_people_get_pages_on_which_nothing_foreign_runs(self, server: Server) -> None:
        tenant = server.tenant()
        tenant.invite("page@example.com")
        (mail,) = server.mailbox().messages()
        html = {"Accept": "text/html"}
        assert mail.link in _ask(server, "GET", f"/mail/{mail.id}", headers=html).text
        for path in "/", "/mail", f"/mail/{mail.id}":
            page = _ask(server, "GET", path, headers=html)
            assert page.status_code == 200
            assert page.headers["content-type"].startswith("text/html")
            policy = page.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert "<style" not in page.text
            assert " style=" not in page.text
        frame = _ask(server, "GET", f"/mail/{mail.id}/html")
        assert frame.headers["content-security-policy"].startswith("sandbox allow-popups allow-popups-to")
        assert "allow-scripts" not in frame.headers["content-security-policy"]
        assert '<base target="_blank">' in frame.text

    @pytest.mark.parametrize("timeout", ["x", "-1", "61", "nan"])
    def test_nobody_waits_for_ever(self, server: Server, timeout: str) -> None:
        answer = _ask(server, "GET", "/mail/next", params={"timeoutSeconds": timeout})
        assert answer.status_code == 400


class TestInvitations:
    """The step that the API hides."""

    def test_are_accepted(self, server: Server) -> None:
        tenant = server.tenant()
        invitation = tenant.invite("new@example.com", "ORG_READ_ONLY")
        answered = server.accept(
            invitation["id"], first_name="Nora", last_name="New", password="a good long password"
        )
        assert answered == {
            "id": invitation["id"],
            "orgId": tenant.org_id,
            "username": "new@example.com",
            "state": "accepted",
        }
        people = tenant.api("GET", "/orgs/{org}/users").body["results"]
        (person,) = [one for one in people if one["username"] == "new@example.com"]
        assert person["orgMembershipStatus"] == "ACTIVE"
        assert person["roles"]["orgRoles"] == ["ORG_READ_ONLY"]
        assert person["firstName"] == "Nora"
        with pytest.raises(Problem) as refused:
            server.accept(invitation["id"])
        assert refused.value.status == 404

    def test_are_declined_with_a_note(self, server: Server) -> None:
        tenant = server.tenant()
        invitation = tenant.invite("no@example.com")
        assert server.decline(invitation["id"], note="Not now")["state"] == "rejected"
        assert tenant.api("GET", "/orgs/{org}/invites", version="2023-01-01").body == []

    def test_unknown_ones_are_refused_as_the_api_does(self, server: Server) -> None:
        for verb in "accept", "decline":
            answer = _ask(server, "POST", f"/invitations/{'0' * 24}/{verb}")
            assert answer.status_code == 404
            assert answer.json()["errorCode"] == "INVALID_INVITATION_ID"


class TestTenants:
    """Organizations of one test."""

    def test_have_everything_and_nothing_in_common(self, server: Server) -> None:
        one, other = server.tenant(), server.tenant()
        assert {one.org_id, one.owner.username}.isdisjoint({other.org_id, other.owner.username})
        for tenant in one, other:
            assert tenant.api("GET", "/orgs/{org}").body["name"] == tenant.org_name
            assert tenant.api("GET", "/groups/{project}").body["name"] == tenant.project_name
            for key, status in (tenant.owner_key, 200), (tenant.read_only_key, 403):
                answer = requests.post(
                    f"{server.url}/api/atlas/v2/orgs/{tenant.org_id}/invites",
                    json={"username": f"{key.public_key}@example.com", "roles": ["ORG_MEMBER"]},
                    auth=HTTPDigestAuth(key.public_key, key.private_key),
                    headers={"Accept": "application/vnd.atlas.2023-01-01+json"},
                    timeout=SECONDS,
                )
                assert (answer.status_code == 200) == (status == 200), answer.text
        assert one.api("GET", f"/orgs/{other.org_id}").status in (401, 404)

    def test_are_called_as_wanted(self, server: Server) -> None:
        tenant = server.tenant(
            name="Acme", project_name="Shop", username="ada@acme.example", password="a good long password"
        )
        assert (tenant.org_name, tenant.project_name) == ("Acme", "Shop")
        assert (tenant.owner.username, tenant.owner.password) == ("ada@acme.example", "a good long password")

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            ({"name": " "}, "is no name"),
            ({"username": "nobody"}, "is not an e-mail address"),
            ({"password": "short"}, "not strong enough"),
            ({"password": "password"}, "most commonly used"),
            ({"colour": "green"}, "colour"),
        ],
    )
    def test_are_refused_in_words(self, server: Server, body: object, words: str) -> None:
        answer = _ask(server, "POST", "/tenants", json=body)
        assert answer.status_code == 400
        assert words in answer.json()["detail"]

    def test_go_with_all_that_was_theirs(self, server: Server) -> None:
        tenant = server.tenant()
        tenant.invite("guest@example.com")
        tenant.delete()
        with pytest.raises(Problem) as refused:
            tenant.delete()
        assert refused.value.code == "ORG_NOT_FOUND"
        with pytest.raises(PermissionError):
            tenant.token()
        # The address is free again.
        server.tenant(username="guest@example.com").delete()


class TestStates:
    """Reset and snapshots."""

    def test_a_reset_leaves_only_the_seed(self, server: Server) -> None:
        tenant = server.tenant()
        tenant.invite("gone@example.com")
        server.clock.advance(days=1)
        server.reset(keep_mail=True, keep_clock=True, keep_requests=True)
        assert len(server.mailbox().messages()) == 1
        assert server.clock.now > datetime.now(UTC) + timedelta(hours=23)
        assert server.requests()
        with pytest.raises(PermissionError):
            tenant.token()
        server.reset()
        assert server.mailbox().messages() == []
        assert abs(server.clock.now - datetime.now(UTC)) < timedelta(seconds=5)
        assert server.requests() == []
        key = HTTPDigestAuth(server.info["publicKey"], server.info["privateKey"])
        for _ in range(6):
            answer = requests.get(
                f"{server.url}/api/atlas/v2/orgs/{server.info['orgId']}",
                auth=key,
                headers={"Accept": "application/vnd.atlas.2023-01-01+json"},
                timeout=SECONDS,
            )
            assert answer.status_code == 200

    def test_a_reset_takes_less_than_fifty_milliseconds(self, server: Server) -> None:
        times = []
        with requests.Session() as session:
            for _ in range(10):
                server.tenant()
                began = time.perf_counter()
                assert session.post(f"{server.url}{BASE_PATH}/reset", timeout=SECONDS).status_code == 204
                times.append(time.perf_counter() - began)
        print("reset in", [f"{1000 * one:.1f} ms" for one in sorted(times)])  # noqa: T201
        # The best of several: a shared machine is slow now and then.
        assert min(times) < 0.05

    def test_inv25_a_key_made_since_is_refused_on_every_worker(self, server: Server) -> None:
        server.snapshot("before")
        body = {"desc": "made since", "roles": ["ORG_READ_ONLY"]}
        owner = HTTPDigestAuth(server.info["publicKey"], server.info["privateKey"])
        organization = f"{server.url}/api/atlas/v2/orgs/{server.info['orgId']}"
        headers = {"Accept": "application/vnd.atlas.2023-01-01+json"}
        made = requests.post(
            f"{organization}/apiKeys", json=body, auth=owner, headers=headers, timeout=SECONDS
        ).json()

        def statuses() -> set[int]:
            key = (made["publicKey"], made["privateKey"])
            return {
                requests.get(
                    organization, auth=HTTPDigestAuth(*key), headers=headers, timeout=SECONDS
                ).status_code
                for _ in range(8)
            }

        assert statuses() == {200}
        server.snapshot("after")
        server.restore("before")
        assert statuses() == {401}
        server.restore("after")
        assert statuses() == {200}

    def test_what_was_put_back_is_counted_anew_by_every_worker(self, server: Server) -> None:
        tenant = server.tenant()

        def totals() -> set[int]:
            answers = [tenant.api("GET", "/orgs/{org}/events") for _ in range(8)]
            return {answer.body["totalCount"] for answer in answers}

        (before,) = totals()
        server.snapshot("before")
        tenant.invite("soon@example.com")
        server.clock.advance(hours=1)
        assert totals() == {before + 1}
        server.restore("before")
        assert totals() == {before}
        server.clock.advance(hours=-2)
        tenant.invite("earlier@example.com")
        server.clock.advance(hours=2)
        assert totals() == {before + 1}

    def test_snapshots_are_listed_replaced_and_deleted(self, server: Server) -> None:
        server.snapshot("one")
        server.snapshot("one")
        listed = _ask(server, "GET", "/snapshots").json()["snapshots"]
        assert [one["name"] for one in listed].count("one") == 1
        assert "seed" in [one["name"] for one in listed]
        assert _ask(server, "DELETE", "/snapshots/one").status_code == 204
        assert _ask(server, "DELETE", "/snapshots/one").status_code == 404
        assert _ask(server, "POST", "/snapshots/one/restore").status_code == 404
        assert _ask(server, "DELETE", "/snapshots/seed").status_code == 400

    @pytest.mark.parametrize("name", ["", "seed", "../x", ".x", "a/b", "x" * 65])
    def test_a_snapshot_has_a_name(self, server: Server, name: str) -> None:
        assert _ask(server, "POST", "/snapshots", json={"name": name}).status_code == 400

    def test_it_works_on_postgresql(self, postgres_url: str) -> None:
        with Server("--database", postgres_url, "--workers", "2") as server:
            at = datetime(2030, 5, 6, 7, 8, 9, tzinfo=UTC)
            server.clock.freeze(at)
            tenant = server.tenant()
            invitation = tenant.invite("new@example.com")
            assert invitation["createdAt"] == "2030-05-06T07:08:09Z"
            server.snapshot("pending")
            server.accept(invitation["id"])
            server.restore("pending")
            assert server.accept(invitation["id"])["state"] == "accepted"
            assert server.mailbox().wait_for("new@example.com").link
            tenant.delete()
            server.tenant()
            began = time.perf_counter()
            server.reset()
            print(f"reset on PostgreSQL in {1000 * (time.perf_counter() - began):.1f} ms")  # noqa: T201
            with pytest.raises(Problem):
                tenant.delete()


class TestRequests:
    """The request log."""

    def test_tells_who_asked_what_and_no_secret(self, server: Server) -> None:
        tenant = server.tenant()
        token = tenant.token()
        requests.get(
            f"{server.url}/api/atlas/v2/orgs/{tenant.org_id}/invites?pretty=true",
            headers={"Authorization": f"Bearer {token}", "Accept": "application/vnd.atlas.2023-01-01+json"},
            timeout=SECONDS,
        )
        requests.get(f"{server.url}/nowhere", timeout=SECONDS)
        seen = _ask(server, "GET", "/requests", params={"limit": 3}).json()["requests"]
        assert [(one["method"], one["path"], one["status"]) for one in seen] == [
            ("GET", "/nowhere", 404),
            ("GET", f"/api/atlas/v2/orgs/{tenant.org_id}/invites", 200),
            ("POST", "/api/oauth/token", 200),
        ]
        assert seen[1]["operation"] == "listOrgInvites"
        assert seen[1]["caller"] == tenant.service_account.client_id
        assert seen[1]["milliseconds"] > 0
        everything = json.dumps(server.requests(1000))
        assert token not in everything
        assert tenant.service_account.client_secret not in everything

    def test_keeps_the_last_thousand_of_all_workers(self, server: Server) -> None:
        with requests.Session() as session:
            for number in range(1010):
                session.get(f"{server.url}/nowhere/{number}", timeout=SECONDS)
        seen = server.requests(1000)
        assert len(seen) == 1000
        assert [one["path"] for one in seen[:2]] == ["/nowhere/1009", "/nowhere/1008"]


class TestWhoMayAsk:
    """This machine, and no page of somebody else's."""

    @pytest.mark.parametrize(
        "headers",
        [
            {"Host": "evil.example"},
            {"Host": "evil.example:8080"},
            {"Host": "203.0.113.7"},
            {"Host": "127.0.0.1.evil.example"},
            {"Host": "[::1"},
        ],
    )
    def test_another_name_is_refused(self, server: Server, headers: dict[str, str]) -> None:
        for method, path in ("GET", "/"), ("GET", "/mail"), ("POST", "/reset"), ("GET", "/static/desk.css"):
            answer = _ask(server, method, path, headers=headers)
            assert answer.status_code == 403
            assert answer.json()["errorCode"] == "FORBIDDEN"

    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
    def test_names_of_this_machine_are_not(self, server: Server, host: str) -> None:
        port = server.url.rpartition(":")[2]
        assert _ask(server, "GET", "/clock", headers={"Host": f"{host}:{port}"}).status_code == 200

    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://127.0.0.1:1"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ],
    )
    def test_a_page_of_another_origin_changes_nothing(self, server: Server, headers: dict[str, str]) -> None:
        for method, path in ("POST", "/reset"), ("POST", "/tenants"), ("DELETE", "/mail"), ("PUT", "/clock"):
            assert _ask(server, method, path, headers=headers).status_code == 403
        own = {"Origin": server.url, "Sec-Fetch-Site": "same-origin"}
        assert _ask(server, "DELETE", "/mail", headers=own).status_code == 200

    def test_other_machines_are_refused(self, home: Home) -> None:
        address = _address_of_this_machine()
        with home.dev() as dev:
            port = dev.info["url"].rpartition(":")[2]
            with pytest.raises(requests.ConnectionError):
                requests.get(f"http://{address}:{port}{BASE_PATH}/clock", timeout=SECONDS)

    def test_unless_dev_was_told_to_serve_them(self, home: Home) -> None:
        address = _address_of_this_machine()
        with home.dev("--host", "0.0.0.0", "--public-url", "http://desk.example:8080") as dev:
            port = dev.info["url"].rpartition(":")[2]
            url = f"http://{address}:{port}{BASE_PATH}/clock"
            assert requests.get(url, timeout=SECONDS).status_code == 200
            named = {"Host": "desk.example:8080"}
            assert requests.get(url, headers=named, timeout=SECONDS).status_code == 200
            assert requests.get(url, headers={"Host": "evil.example"}, timeout=SECONDS).status_code == 403

    def test_inv11_serve_has_none_of_it(self, home: Home) -> None:
        database = f"sqlite:///{home.folder}/x.db"
        settings = {
            "ANTECHAMBER_DATABASE": database,
            "ANTECHAMBER_MASTER_KEY": MASTER_KEY,
            "ANTECHAMBER_PUBLIC_URL": "http://127.0.0.1:8080",
        }
        assert home.run("migrate", environment=settings).returncode == 0
        with home.serve(environment=settings) as (_, url):
            for method, path in (
                ("GET", ""),
                ("GET", "/"),
                ("GET", "/clock"),
                ("PUT", "/clock"),
                ("GET", "/mail"),
                ("GET", "/mail/next"),
                ("POST", f"/invitations/{'0' * 24}/accept"),
                ("POST", "/reset"),
                ("POST", "/snapshots"),
                ("POST", "/tenants"),
                ("GET", "/requests"),
                ("GET", "/static/desk.css"),
            ):
                answer = requests.request(method, f"{url}{BASE_PATH}{path}", timeout=SECONDS)
                assert answer.status_code == 404, path


def test_errors_have_the_shape_of_the_api(server: Server) -> None:
    for method, path, status in (
        ("GET", "/nowhere", 404),
        ("PATCH", "/clock", 405),
        ("POST", "/tenants", 400),
    ):
        answer = _ask(server, method, path, data="{" if status == 400 else None)
        assert answer.status_code == status
        assert list(answer.json()) == ["detail", "error", "errorCode", "parameters", "reason"]
        assert answer.json()["error"] == status


def test_who_waits_does_not_hold_up_the_end(home: Home) -> None:
    with home.dev() as dev:
        url = f"{dev.info['url']}{BASE_PATH}/mail/next?timeoutSeconds=30"
        statuses: list[int] = []
        waiting = threading.Thread(
            target=lambda: statuses.append(requests.get(url, timeout=SECONDS).status_code)
        )
        waiting.start()
        time.sleep(0.3)
        began = time.monotonic()
        assert dev.stop() == 0
        assert time.monotonic() - began < 5
        waiting.join()
    assert statuses == [404]


def test_the_seed_of_a_kept_folder_is_that_of_its_first_start(home: Home, tmp_path: Path) -> None:
    data = str(tmp_path / "kept")
    with Server("--data", data) as server:
        tenant = server.tenant()
    with Server("--data", data) as server:
        assert server.tenant().org_id
        assert tenant.org_id in json.dumps(
            requests.get(
                f"{server.url}/api/atlas/v2/orgs/{tenant.org_id}",
                auth=HTTPDigestAuth(tenant.owner_key.public_key, tenant.owner_key.private_key),
                headers={"Accept": "application/vnd.atlas.2023-01-01+json"},
                timeout=SECONDS,
            ).json()
        )
        server.reset()
        with pytest.raises(Problem):
            server.desk.ask("DELETE", f"/tenants/{tenant.org_id}")


def _address_of_this_machine() -> str:
    """Return an address of this machine that is not a loopback one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Nothing is sent: this only chooses a way out.
            probe.connect(("203.0.113.1", 9))
        except OSError:
            pytest.skip("this machine has no network")
        address: str = probe.getsockname()[0]
    if address.startswith("127."):
        pytest.skip("this machine has no other address")
    return address
