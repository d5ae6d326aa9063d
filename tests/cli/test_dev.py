"""`antechamber dev`, as a newcomer and as a script meets it."""

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from requests.auth import HTTPDigestAuth
from tests.cli.program import ROOT, SECONDS, Dev, Home, children

NAMES = [
    "url",
    "orgId",
    "projectId",
    "publicKey",
    "privateKey",
    "clientId",
    "clientSecret",
    "ownerUsername",
    "ownerPassword",
]


def test_json_is_one_line_on_standard_output_and_the_server_answers(home: Home) -> None:
    with home.dev() as dev:
        assert list(dev.info) == NAMES
        assert all(dev.info.values())
        assert dev.get(f"/orgs/{dev.info['orgId']}")["name"] == "Demo Organization"
        assert dev.get(f"/groups/{dev.info['projectId']}")["name"] == "Demo Project"
        token = requests.post(
            f"{dev.info['url']}/api/oauth/token",
            auth=(dev.info["clientId"], dev.info["clientSecret"]),
            data={"grant_type": "client_credentials"},
            timeout=SECONDS,
        )
        assert token.json()["token_type"] == "Bearer"
        assert dev.stop() == 0
        assert dev.process.stdout is not None
        assert dev.process.stderr is not None
        assert (dev.process.stdout.read(), dev.process.stderr.read()) == ("", "")


@pytest.mark.parametrize("with_signal", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_and_nothing_is_left_behind(home: Home, with_signal: signal.Signals) -> None:
    with home.dev("--workers", "2") as dev:
        workers = children(dev.process.pid)
        assert len(workers) == 2
        assert any(home.temporary.glob("antechamber-dev-*"))
        assert dev.stop(with_signal) == 0
    assert not [path for path in home.temporary.rglob("*") if not path.is_dir()]
    assert not any(home.temporary.glob("antechamber-dev-*"))
    assert not any(_is_alive(worker) for worker in workers)


def test_workers_end_with_their_parent(home: Home) -> None:
    with home.dev("--workers", "2") as dev:
        workers = children(dev.process.pid)
        dev.stop(signal.SIGKILL)
        _until(lambda: not any(_is_alive(worker) for worker in workers))


def test_a_running_request_is_answered_before_the_end(home: Home) -> None:
    body = b"grant_type=client_credentials"
    head = (
        b"POST /api/oauth/token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        b"Authorization: Basic bm9ib2R5Om5vdGhpbmc=\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n" % len(body)
    )
    with home.dev() as dev:
        port = int(dev.info["url"].rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as slow:
            slow.sendall(head + body[:5])
            time.sleep(0.2)
            dev.process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
            assert dev.process.poll() is None
            slow.sendall(body[5:])
            assert slow.recv(65536).startswith(b"HTTP/1.1 401 ")
        assert dev.process.wait(SECONDS) == 0


def test_two_workers_answer_and_count_together(home: Home) -> None:
    with home.dev("--workers", "2") as dev:
        for _ in range(20):
            # A connection each, so that the system spreads them over both.
            dev.get(dev.invitations_path)
        _until(lambda: 'status="200"} 20.0' in _metrics(dev))
        assert "@" not in _metrics(dev)


def test_the_screen_fits_and_what_it_says_can_be_pasted(home: Home) -> None:
    curl, bash = shutil.which("curl"), shutil.which("bash")
    if curl is None or bash is None:
        pytest.skip("needs curl and bash")
    with home.start("dev", "--port", "0") as process:
        assert process.stdout is not None
        lines = [next(process.stdout).rstrip("\n")]
        while not lines[-1].startswith("All of it"):
            lines.append(next(process.stdout).rstrip("\n"))
        assert len(lines) <= 40
        script = "\n".join(line for line in lines if line.strip().startswith(("curl -", "TOKEN=")))
        pasted = subprocess.run(
            [bash, "-c", script],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=True,
            env=home.environment(),
        )
        assert pasted.stdout.count("new@example.com") == 3
        assert "error" not in pasted.stdout
    for word in (
        "owner@example.com",
        "organization read-only",
        "Atlas CLI",
        "Terraform",
        "Go SDK",
        "/metrics",
        "/console",
        "/_antechamber/mail",
        "password ",
    ):
        assert any(word in line for line in lines)


def test_without_its_desk_it_has_none_of_what_the_desk_does(home: Home) -> None:
    for options, status in ((), 200), (("--no-desk",), 404):
        with home.dev(*options) as dev:
            clock = requests.get(f"{dev.info['url']}/_antechamber/clock", timeout=SECONDS)
            assert clock.status_code == status
            assert dev.get(f"/orgs/{dev.info['orgId']}")["id"] == dev.info["orgId"]


def test_the_env_file_can_be_sourced_and_used(home: Home) -> None:
    file = home.folder / "a b.env"
    with home.dev("--env-file", file) as dev:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        sourced = _sourced(file)
        assert sourced["MONGODB_ATLAS_BASE_URL"] == dev.info["url"] + "/"
        assert sourced["MONGODB_ATLAS_OPS_MANAGER_URL"] == dev.info["url"] + "/"
        assert sourced["ANTECHAMBER_URL"] == dev.info["url"]
        assert sourced["ANTECHAMBER_OWNER_USERNAME"] == dev.info["ownerUsername"] == "owner@example.com"
        assert sourced["ANTECHAMBER_OWNER_PASSWORD"] == dev.info["ownerPassword"]
        assert sourced["ANTECHAMBER_CLIENT_ID"] == dev.info["clientId"]
        assert sourced["ANTECHAMBER_CLIENT_SECRET"] == dev.info["clientSecret"]
        for names in ("PUBLIC_KEY", "PRIVATE_KEY"), ("PUBLIC_API_KEY", "PRIVATE_API_KEY"):
            public_key, private_key = (sourced[f"MONGODB_ATLAS_{name}"] for name in names)
            organization = dev.get(
                f"/orgs/{sourced['MONGODB_ATLAS_ORG_ID']}", HTTPDigestAuth(public_key, private_key)
            )
            assert organization["name"] == "Demo Organization"
        assert sourced["MONGODB_ATLAS_PROJECT_ID"] == dev.info["projectId"]


def test_data_is_there_again_with_the_same_credentials(home: Home) -> None:
    data = home.folder / "data"
    with home.dev("--data", data) as dev:
        first = dev.info
        dev.post(dev.invitations_path, {"username": "kept@example.com", "roles": ["ORG_MEMBER"]})
    assert {file.name for file in data.iterdir()} >= {"antechamber.db", "master-key", "demo.json"}
    assert all(stat.S_IMODE((data / name).stat().st_mode) == 0o600 for name in ("master-key", "demo.json"))
    with home.dev("--data", data) as dev:
        assert {**dev.info, "url": ""} == {**first, "url": ""}
        assert [one["username"] for one in dev.get(dev.invitations_path)] == ["kept@example.com"]


def test_seeds_are_all_there_is_and_their_ids_are_known_beforehand(home: Home) -> None:
    with home.dev("--seed", ROOT / "examples" / "seed.yaml") as dev:
        assert {**dev.info, "url": ""} == {
            "url": "",
            "orgId": "6500000000000000000000a1",
            "projectId": "6500000000000000000000b1",
            "publicKey": "acmeownr",
            "privateKey": "11111111-2222-4333-8444-555555555555",
            "clientId": "mdb_sa_id_6500000000000000000000f1",
            "clientSecret": "mdb_sa_sk_examplesecretexamplesecretexamplesecret1",
            "ownerUsername": "ada@acme.example",
            "ownerPassword": "correct horse battery staple",
        }
        pending = {one["username"]: one for one in dev.get(dev.invitations_path)}
        assert {name: one["id"] for name, one in pending.items()} == {
            "new@acme.example": "650000000000000000000a01",
            "no@example.net": "650000000000000000000a06",
        }
        assert pending["new@acme.example"]["teamIds"] == ["6500000000000000000000c1"]
        assert pending["new@acme.example"]["inviterUsername"] == "ada@acme.example"
        assert pending["new@acme.example"]["groupRoleAssignments"] == [
            {"groupId": "6500000000000000000000b1", "groupRole": role}
            for role in ("GROUP_READ_ONLY", "GROUP_DATA_ACCESS_READ_ONLY")
        ]
        to_project = dev.get("/groups/6500000000000000000000b2/invites")
        assert [one["id"] for one in to_project] == ["650000000000000000000a02"]
        assert dev.get("/orgs/6500000000000000000000a1/teams")["totalCount"] == 2
        reader = HTTPDigestAuth("acmeread", "11111111-2222-4333-8444-666666666666")
        assert dev.get("/orgs/6500000000000000000000a1", reader)["name"] == "Acme"
        other = HTTPDigestAuth("umbrowner", "99999999-2222-4333-8444-555555555555")
        assert [one["name"] for one in dev.get("/orgs", other)["results"]] == ["Umbrella"]


def test_people_with_an_accepted_invitation_are_members(home: Home) -> None:
    with home.dev("--seed", ROOT / "examples" / "seed.yaml") as dev:
        again = requests.post(
            f"{dev.info['url']}/api/atlas/v2{dev.invitations_path}",
            json={"username": "grace@acme.example", "roles": ["ORG_MEMBER"]},
            auth=dev.key,
            headers={"Accept": "application/vnd.atlas.2023-01-01+json"},
            timeout=SECONDS,
        )
        assert again.status_code >= 400
        assert "ALREADY" in again.json()["errorCode"]


def test_several_seed_files_come_together_and_what_they_lack_is_empty(home: Home) -> None:
    (home.folder / "a.yaml").write_text("organizations: [{name: Bare}]")
    (home.folder / "b.yaml").write_text(
        "organizations: [{name: Other, apiKeys: [{publicKey: k, privateKey: p}]}]"
    )
    with home.dev("--seed", "a.yaml", "--seed", "b.yaml") as dev:
        assert [name for name in NAMES if dev.info[name]] == ["url", "orgId"]
        orgs = dev.get("/orgs", HTTPDigestAuth("k", "p"))
        assert [one["name"] for one in orgs["results"]] == ["Other"]


def test_a_folder_is_filled_once(home: Home) -> None:
    (home.folder / "a.yaml").write_text("organizations: [{name: First, id: 6500000000000000000000a1}]")
    for words in "", "was filled at an earlier start: --seed adds nothing to it.\n":
        with home.dev("--data", "data", "--seed", "a.yaml") as dev:
            assert dev.info["orgId"] == "6500000000000000000000a1"
            dev.stop()
            assert dev.process.stderr is not None
            assert dev.process.stderr.read().endswith(words)


def test_ten_thousand_invitations_are_planted_in_seconds(home: Home) -> None:
    invitations = [{"username": f"user{number}@example.com"} for number in range(10_000)]
    keys = [{"publicKey": "owner", "privateKey": "private", "roles": ["ORG_OWNER"]}]
    seed = {"organizations": [{"name": "Big", "apiKeys": keys, "invitations": invitations}]}
    # JSON is YAML.
    (home.folder / "big.yaml").write_text(json.dumps(seed))
    begun = time.monotonic()
    with home.dev("--seed", "big.yaml") as dev:
        assert time.monotonic() - begun < 10
        found = dev.get(dev.invitations_path, params={"username": "user7777@example.com"})
        assert len(found) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--seed", "nowhere.yaml"], "nowhere.yaml: No such file"),
        (["--env-file", "no/such/folder"], "there is no folder"),
        (["--database", "mysql://localhost"], "begins with sqlite:/// or postgresql://"),
        (["--host", "203.0.113.1"], "cannot listen on 203.0.113.1"),
        (["--workers", "0"], "Invalid value"),
        (["--smtp", "smtp://localhost:25"], "say with --mail-to who may get mail"),
        (["--mail-to", "@example.com"], "say with --smtp which server takes the mail"),
        (["--smtp", "localhost:25", "--mail-to", "@example.com"], "smtp://USER:PASSWORD@HOST:PORT"),
        (["--smtp", "smtp://h:x", "--mail-to", "@example.com"], "smtp://USER:PASSWORD@HOST:PORT"),
        (["--smtp", "smtp://h", "--mail-to", "nobody"], "mail_recipients: nobody is neither"),
        (["--set", "workers=2"], "--set: NAME=VALUE is wanted"),
        (["--set", "language=fr"], "language: "),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(home: Home, arguments: list[str], words: str) -> None:
    refused = home.run("dev", "--port", "0", *arguments)
    assert refused.returncode != 0
    assert words in refused.stderr
    assert "Traceback" not in refused.stderr
    assert refused.stdout == ""
    assert not list(home.temporary.iterdir())


def test_a_port_in_use_is_refused(home: Home) -> None:
    with home.dev() as dev:
        second = home.run("dev", "--port", dev.info["url"].rpartition(":")[2])
    assert second.returncode != 0
    assert "in use" in second.stderr


def test_a_database_in_use_is_not_filled_again(home: Home) -> None:
    database = f"sqlite:///{home.folder}/x.db"
    with home.dev("--data", "data", "--database", database) as dev:
        first = dev.info
    assert "is in use" in home.run("dev", "--port", "0", "--database", database).stderr
    with home.dev("--data", "data", "--database", database) as dev:
        assert dev.info["orgId"] == first["orgId"]


def test_it_works_on_postgresql(home: Home, postgres_url: str) -> None:
    with home.dev("--database", postgres_url) as dev:
        dev.post(dev.invitations_path, {"username": "new@example.com", "roles": ["ORG_MEMBER"]})
        assert len(dev.get(dev.invitations_path)) == 1


def test_an_address_that_others_reach_is_warned_about(home: Home) -> None:
    with home.dev("--host", "0.0.0.0") as dev:
        assert dev.info["url"].startswith("http://127.0.0.1:")
        dev.get(dev.invitations_path)
        dev.stop()
        assert dev.process.stderr is not None
        assert dev.process.stderr.read().startswith("Warning: ")


def test_requests_are_logged_when_asked_for(home: Home) -> None:
    with home.dev("--log-requests") as dev:
        dev.get(dev.invitations_path)
        dev.stop()
        assert dev.process.stderr is not None
        logged = [json.loads(line) for line in dev.process.stderr]
    assert [line["status"] for line in logged if line["event"] == "request"] == [401, 200]


class TestEnv:
    """`antechamber env`."""

    def test_prints_what_clients_of_each_kind_read(self, home: Home) -> None:
        with home.dev() as dev:
            port = dev.info["url"].rpartition(":")[2]
            key = json.loads(home.run("env", "--format", "json", "--port", port).stdout)
            assert key["MONGODB_ATLAS_PUBLIC_KEY"] == dev.info["publicKey"]
            assert key["MONGODB_ATLAS_PRIVATE_API_KEY"] == dev.info["privateKey"]
            assert not [name for name in key if "CLIENT" in name]
            run = home.run("env", "--format", "dotenv", "--auth", "service-account")
            account = dict(line.split("=", 1) for line in run.stdout.splitlines())
            assert account["MONGODB_ATLAS_CLIENT_ID"] == dev.info["clientId"]
            assert account["MONGODB_ATLAS_CLIENT_SECRET"] == dev.info["clientSecret"]
            assert account["MONGODB_ATLAS_BASE_URL"] == dev.info["url"] + "/"
            assert not [name for name in account if "KEY" in name]

    def test_finds_a_server_by_its_folder_and_by_a_file(self, home: Home) -> None:
        with home.dev("--data", "data") as dev:
            by_folder = home.run("env", "--data", "data").stdout
            assert by_folder == home.run("env", "--info", "data/dev.json").stdout
            (home.folder / "found").write_text(by_folder)
            assert _sourced(home.folder / "found")["MONGODB_ATLAS_ORG_ID"] == dev.info["orgId"]

    def test_says_so_when_there_is_none_or_several(self, home: Home) -> None:
        assert "no such dev server" in home.run("env").stderr
        with home.dev(), home.dev():
            several = home.run("env")
            assert several.returncode == 1
            assert "--port" in several.stderr

    def test_does_not_believe_what_a_server_that_died_left(self, home: Home) -> None:
        with home.dev("--data", "data") as dev:
            dev.stop(signal.SIGKILL)
        assert (home.folder / "data" / "dev.json").exists()
        assert home.run("env", "--data", "data").returncode == 1


def _metrics(dev: Dev) -> str:
    return requests.get(f"{dev.info['url']}/metrics", timeout=SECONDS).text


def _sourced(file: Path) -> dict[str, str]:
    run = subprocess.run(
        ["sh", "-c", '. "$1" && env', "sh", file],
        capture_output=True,
        text=True,
        check=True,
        timeout=SECONDS,
        env={"PATH": os.environ["PATH"]},
    )
    return dict(line.split("=", 1) for line in run.stdout.splitlines())


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A zombie has ended; who collects it is another matter.
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


def _until(holds: Callable[[], bool]) -> None:
    """Wait until it holds. Raises AssertionError."""
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)
