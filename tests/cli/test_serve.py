"""`antechamber serve` and the commands around it, as an operator meets them."""

import datetime
import ipaddress
import json
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from requests.auth import HTTPDigestAuth
from tests.cli.program import ACCEPT, MASTER_KEY, ROOT, SECONDS, Home, children

from antechamber.cli import main
from antechamber.settings import Settings


@pytest.fixture
def configured(home: Home) -> dict[str, str]:
    """The environment of a complete configuration."""
    return {
        "ANTECHAMBER_DATABASE": f"sqlite:///{home.folder}/served.db",
        "ANTECHAMBER_MASTER_KEY": MASTER_KEY,
        "ANTECHAMBER_PUBLIC_URL": "https://access.example.com",
        # What dev wrote for clients is in many shells that start a server.
        "ANTECHAMBER_CLIENT_ID": "x",
        "ANTECHAMBER_CLIENT_SECRET": "x",
        "ANTECHAMBER_TEST_ANYTHING": "x",
    }


@pytest.fixture
def migrated(home: Home, configured: dict[str, str]) -> dict[str, str]:
    """The same with a database that has its schema."""
    run = home.run("migrate", environment=configured)
    assert (run.returncode, run.stdout) == (0, "migrated: 0001, 0002\n")
    return configured


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = tmp_path / "certificate.pem", tmp_path / "key.pem"
    certificate_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return certificate_file, key_file


@pytest.mark.parametrize(
    ("changes", "arguments", "problem"),
    [
        ({"DATABASE": ""}, (), "database: name one"),
        ({"DATABASE": "mysql://x"}, (), "database: a database URL begins with"),
        ({"DATABASE": "sqlite:////no/such/folder/x.db"}, (), "the database cannot be opened"),
        ({}, (), "the database's schema is empty"),
        ({"MASTER_KEY": ""}, (), "master key: give one"),
        ({"MASTER_KEY": "12345"}, (), "master key: a master key is 64 hex digits"),
        ({"MASTER_KEY": ""}, ("--master-key-file", "nowhere"), "master key: nowhere: No such file"),
        ({"PUBLIC_URL": ""}, (), "public_url: say what address"),
        ({"PUBLIC_URL": "access.example.com"}, (), "public_url: https:// and a host"),
        ({"HOST": "0.0.0.0"}, (), "host: 0.0.0.0 can be reached from elsewhere"),
        ({}, ("--tls-certificate", "x.pem"), "tls_key: a certificate and its key are wanted together"),
        ({}, ("--tls-certificate", "x.pem", "--tls-key", "x.pem"), "tls_certificate, tls_key: No such file"),
        ({"PROXIES": "10.0.0.0/8,proxy"}, (), "proxies: proxy is neither"),
        ({"LIMITS": "cats=1"}, (), "limits: cats is none of users-per-organization"),
        ({"WORKERS": "many"}, (), "workers: a whole number is wanted"),
        ({"COLOUR": "red"}, (), "environment: ANTECHAMBER_COLOUR is not a setting"),
        ({}, ("--config", "nowhere.toml"), "nowhere.toml: No such file"),
    ],
)
def test_what_is_missing_or_wrong_is_refused_in_a_sentence(
    configured: dict[str, str],
    changes: dict[str, str],
    arguments: tuple[str, ...],
    problem: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In this process, for speed: a refusal comes before the first worker."""
    monkeypatch.chdir(tmp_path)
    changed = configured | {f"ANTECHAMBER_{name}": value for name, value in changes.items()}
    with socket.create_server(("127.0.0.1", 0)) as taken:
        # Should it not be refused, it cannot start either.
        port = str(taken.getsockname()[1])
        refused = CliRunner().invoke(main, ["serve", "--port", port, *arguments], env=changed)
    assert refused.exit_code == 2
    lines = [json.loads(line) for line in refused.stderr.splitlines()]
    assert [(line["level"], line["event"]) for line in lines] == [("error", "refused")]
    assert lines[0]["problem"].startswith(problem)
    assert MASTER_KEY not in refused.stderr
    assert refused.stdout == ""


def test_each_problem_has_its_own_line(home: Home) -> None:
    (home.folder / "antechamber.toml").write_text('colour = "red"\nsize = 3\n')
    refused = home.run("serve")
    problems = [json.loads(line)["problem"] for line in refused.stderr.splitlines()]
    assert problems == [
        "antechamber.toml: colour is not a setting",
        "antechamber.toml: size is not a setting",
    ]


def test_an_organization_made_by_its_operator_can_be_used(home: Home, migrated: dict[str, str]) -> None:
    made = home.run(
        "create-owner", "--organization", "Acme", "--username", "ada@acme.example", environment=migrated
    )
    assert made.returncode == 0
    said = {line[:14].strip(): line[14:] for line in made.stdout.splitlines()}
    assert list(said) == ["organization", "owner", "public key", "private key"]
    with home.serve(environment=migrated) as (process, url):
        answer = requests.get(
            f"{url}/api/atlas/v2/orgs/{said['organization']}",
            auth=HTTPDigestAuth(said["public key"], said["private key"]),
            headers=ACCEPT,
            timeout=SECONDS,
        )
        assert answer.json()["name"] == "Acme"
        # Links are what clients can reach, not what the server listens on.
        assert answer.json()["links"][0]["href"].startswith("https://access.example.com/")
        assert home.run("healthcheck", "--url", url).returncode == 0
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0
        assert process.stderr is not None
        logged = [json.loads(line) for line in process.stderr]
    assert [line["event"] for line in logged if line["event"] != "request"] == ["stopped"]
    assert "getOrg" in {line["operation"] for line in logged if line["event"] == "request"}
    assert said["private key"] not in str(logged)


@pytest.mark.parametrize(
    ("organization", "username", "problem"),
    [
        ("", "ada@acme.example", "'' is no name"),
        ("Acme", "ada", "'ada' is not an e-mail address"),
    ],
)
def test_an_owner_needs_a_name_and_an_address(
    home: Home, migrated: dict[str, str], organization: str, username: str, problem: str
) -> None:
    refused = home.run(
        "create-owner", "--organization", organization, "--username", username, environment=migrated
    )
    assert (refused.returncode, refused.stdout) == (2, "")
    assert problem in refused.stderr


def test_it_speaks_tls_and_listens_everywhere_then(
    home: Home, migrated: dict[str, str], certificate: tuple[Path, Path]
) -> None:
    tls = ("--tls-certificate", str(certificate[0]), "--tls-key", str(certificate[1]))
    with home.serve("--host", "0.0.0.0", "--workers", "2", *tls, environment=migrated) as (_, url):
        assert url.startswith("https://127.0.0.1:")
        assert requests.get(f"{url}/readyz", verify=str(certificate[0]), timeout=SECONDS).text == "ok\n"
        assert home.run("healthcheck", "--url", url).returncode == 0
        with pytest.raises(requests.ConnectionError):
            requests.get(url.replace("https", "http"), timeout=SECONDS)


@pytest.mark.parametrize("allowed", [{"PROXIES": "10.0.0.0/8"}, {"INSECURE": "true"}])
def test_a_declared_proxy_or_a_switch_allows_other_machines(
    home: Home, migrated: dict[str, str], allowed: dict[str, str]
) -> None:
    more = {f"ANTECHAMBER_{name}": value for name, value in allowed.items()}
    with home.serve("--host", "0.0.0.0", environment=migrated | more) as (_, url):
        assert requests.get(f"{url}/healthz", timeout=SECONDS).ok


def test_the_later_place_of_a_setting_wins(home: Home, migrated: dict[str, str]) -> None:
    key_file = home.folder / "key"
    key_file.write_text(MASTER_KEY)
    file = home.folder / "my.toml"
    file.write_text(
        f"""database = "{migrated["ANTECHAMBER_DATABASE"]}"
        master_key_file = "{key_file}"
        host = "203.0.113.1"
        """
    )
    environment = {"ANTECHAMBER_PUBLIC_URL": "http://of-environment.example"}
    flags = ("--host", "127.0.0.1", "--no-log-requests")
    with home.serve("--config", file, *flags, environment=environment) as (process, url):
        assert requests.get(f"{url}/readyz", timeout=SECONDS).ok
        requests.get(f"{url}/api/atlas/v2/orgs", timeout=SECONDS)
        process.send_signal(signal.SIGTERM)
        assert process.stderr is not None
        assert [json.loads(line)["event"] for line in process.stderr] == ["stopped"]


@pytest.mark.parametrize("after_seconds", [0.0, 0.02, 0.05, 0.1])
def test_workers_that_have_just_been_started_hear_that_they_are_to_stop(
    home: Home, migrated: dict[str, str], after_seconds: float
) -> None:
    """Who misses it is killed half a minute later, which is longer than this waits."""
    with home.start("serve", "--port", "0", "--workers", "4", environment=migrated) as process:
        while len(children(process.pid)) < 4:
            assert process.poll() is None
        threading.Event().wait(after_seconds)
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0


def test_a_newer_schema_is_refused(home: Home, migrated: dict[str, str]) -> None:
    with sqlite3.connect(home.folder / "served.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.execute("PRAGMA user_version = 9999")
    database.close()
    for command in ("serve", "migrate"):
        refused = home.run(command, environment=migrated)
        assert refused.returncode == 2
        assert "9999" in refused.stderr


def test_a_newer_schema_that_serves_this_program_is_served_on(home: Home, migrated: dict[str, str]) -> None:
    """What the next version has added during a rolling upgrade."""
    with sqlite3.connect(home.folder / "served.db") as database:
        for table in ("organizations", "invitations", "events", "users", "memberships", "outbox"):
            database.execute(f"ALTER TABLE {table} ADD COLUMN of_tomorrow TEXT NOT NULL DEFAULT ''")
        database.execute("CREATE TABLE tomorrow (id TEXT PRIMARY KEY)")
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    assert home.run("migrate", environment=migrated).stdout == "the schema is current\n"
    owner = home.run("create-owner", "--organization", "A", "--username", "a@b.example", environment=migrated)
    assert owner.returncode == 0, owner.stderr
    with home.serve(environment=migrated) as (process, address):
        assert requests.get(f"{address}/readyz", timeout=SECONDS).status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0


def test_migrating_again_changes_nothing(home: Home, migrated: dict[str, str]) -> None:
    assert home.run("migrate", environment=migrated).stdout == "the schema is current\n"


def test_a_server_that_is_not_there_is_not_healthy(home: Home) -> None:
    unhealthy = home.run("healthcheck", "--url", "http://127.0.0.1:9")
    assert unhealthy.returncode == 1
    assert "no answer" in unhealthy.stderr


def test_the_doctor_finds_nothing_wrong_with_a_complete_installation(
    home: Home, migrated: dict[str, str]
) -> None:
    seen = home.run("doctor", environment=migrated)
    assert seen.returncode == 0, seen.stdout
    assert [line.split()[0] for line in seen.stdout.splitlines()] == ["ok"] * 5 + ["warning"]
    assert "journal mode wal" in seen.stdout
    assert "mail: not configured" in seen.stdout


def test_the_doctor_names_everything_that_is_wrong(home: Home, configured: dict[str, str]) -> None:
    key_file = home.folder / "key"
    key_file.write_text(MASTER_KEY)
    key_file.chmod(0o644)
    del configured["ANTECHAMBER_MASTER_KEY"], configured["ANTECHAMBER_PUBLIC_URL"]
    seen = home.run("doctor", "--master-key-file", key_file, environment=configured)
    assert seen.returncode == 1
    assert "problem  public_url:" in seen.stdout
    assert "problem  schema: the database's schema is empty" in seen.stdout
    assert "warning  master key: others than its owner" in seen.stdout


def test_the_doctor_knows_postgresql(home: Home, migrated: dict[str, str], postgres_url: str) -> None:
    seen = home.run("doctor", "--database", postgres_url, environment=migrated)
    assert seen.returncode == 0, seen.stdout
    assert "PostgreSQL" in seen.stdout
    assert "synchronous_commit on" in seen.stdout
    unreachable = "postgresql://nobody@127.0.0.1:9/nothing"
    seen = home.run("doctor", "--database", unreachable, environment=migrated)
    assert seen.returncode == 1
    assert "problem  the database cannot be used" in seen.stdout


def test_every_setting_is_documented() -> None:
    described = (ROOT / "docs" / "settings.md").read_text()
    assert not [name for name in Settings.__struct_fields__ if f"`{name}`" not in described]


def test_help_is_there_at_once_and_names_every_command(home: Home) -> None:
    helped = home.run("--help")
    others = ("deliver-mail", "migrate", "create-owner", "seed", "doctor", "healthcheck", "env")
    for command in ("dev", "serve", *others):
        assert f"\n  {command} " in helped.stdout
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, antechamber.cli; print(*sys.modules)"],
        env=home.environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=SECONDS,
    ).stdout.split()
    assert not {"antechamber.app", "granian", "structlog", "apsw", "yaml", "cryptography"} & set(loaded)
