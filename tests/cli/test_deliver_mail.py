"""Mail as an operator meets it: a process of its own, the server's worker, what the doctor says of both."""

import json
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner
from requests.auth import HTTPDigestAuth
from tests.cli.program import ACCEPT, MASTER_KEY, SECONDS, Home
from tests.mail.smtp import MailServer, certificate

from antechamber.cli import main


class House:
    """An installation: its environment, its organization and the owner's key."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.environment = {
            "ANTECHAMBER_DATABASE": f"sqlite:///{home.folder}/served.db",
            "ANTECHAMBER_MASTER_KEY": MASTER_KEY,
            "ANTECHAMBER_PUBLIC_URL": "https://access.example.com",
            "ANTECHAMBER_MAIL_FROM": "Acme access <access@acme.example>",
        }
        assert home.run("migrate", environment=self.environment).returncode == 0
        made = home.run(
            "create-owner",
            *("--organization", "Acme", "--username", "ada@acme.example"),
            environment=self.environment,
        )
        said = {line[:14].strip(): line[14:] for line in made.stdout.splitlines()}
        self.organization_id = said["organization"]
        self._auth = (said["public key"], said["private key"])

    def names(self, server: MailServer, **more: str) -> dict[str, str]:
        """Return the environment of one that sends through this mail server."""
        to = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(server.port), "SMTP_SECURITY": "none", **more}
        return {**self.environment, **{f"ANTECHAMBER_{name}": value for name, value in to.items()}}

    def invite(self, url: str, username: str) -> None:
        """Invite somebody through the API."""
        answer = requests.post(
            f"{url}/api/atlas/v2/orgs/{self.organization_id}/invites",
            json={"username": username, "roles": ["ORG_MEMBER"]},
            auth=HTTPDigestAuth(*self._auth),
            headers=ACCEPT,
            timeout=SECONDS,
        )
        assert answer.status_code == 200, answer.text

    def queue(self, *usernames: str) -> None:
        """Invite people while nobody sends."""
        with self.home.serve(environment=self.environment) as (_, url):
            for username in usernames:
                self.invite(url, username)


@pytest.fixture
def house(home: Home) -> House:
    return House(home)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer().in_thread() as server:
        yield server


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def lines(text: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in text.splitlines()]


def test_inv22_what_was_queued_outlives_the_server_and_is_sent_once(house: House, server: MailServer) -> None:
    house.queue("robin@example.com", "kim@example.com")
    sent = house.home.run("deliver-mail", "--once", environment=house.names(server))
    assert sent.returncode == 0, sent.stderr
    assert sorted(server.envelopes) == [
        ("access@acme.example", ["kim@example.com"]),
        ("access@acme.example", ["robin@example.com"]),
    ]
    assert server.received[0]["From"] == "Acme access <access@acme.example>"
    assert str(server.received[0]["Message-ID"]).endswith("@access.example.com>")
    again = house.home.run("deliver-mail", "--once", environment=house.names(server))
    assert (again.returncode, len(server.received)) == (0, 2)


def test_the_server_sends_by_itself(house: House, server: MailServer) -> None:
    with house.home.serve("--workers", "2", environment=house.names(server)) as (_, url):
        house.invite(url, "robin@example.com")
        until(lambda: bool(server.received))
        until(
            lambda: (
                'antechamber_mail_total{fate="sent"} 1.0'
                in requests.get(f"{url}/metrics", headers={"Host": "localhost"}, timeout=SECONDS).text
            )
        )
    assert server.envelopes[0][1] == ["robin@example.com"]


def test_it_runs_until_sigterm_beside_servers_that_do_not_send(house: House, server: MailServer) -> None:
    environment = house.names(server, MAIL_WORKER="false")
    with (
        house.home.serve(environment=environment) as (_, url),
        house.home.start("deliver-mail", environment=environment) as process,
    ):
        house.invite(url, "robin@example.com")
        until(lambda: bool(server.received))
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=SECONDS)
    assert process.returncode == 0
    assert [line["event"] for line in lines(said)] == ["ready", "mail sent", "stopped"]


def test_a_message_that_was_not_sent_is_told_without_its_address(home: Home, house: House) -> None:
    house.queue("robin@example.com")
    with MailServer(on_recipient="550 <robin@example.com>: unknown").in_thread() as server:
        run = home.run("deliver-mail", "--once", environment=house.names(server))
    assert run.returncode == 1
    (line,) = lines(run.stderr)
    assert (line["event"], line["fate"], line["type"]) == ("mail not sent", "dead", "organization-invitation")
    assert "robin" not in run.stderr
    assert "550" in line["error"]


def test_a_mail_server_that_is_away_keeps_nobody_from_inviting(home: Home, house: House) -> None:
    environment = house.names(MailServer(port=9))
    with home.serve(environment=environment) as (_, url):
        house.invite(url, "robin@example.com")
    run = home.run("deliver-mail", "--once", environment=environment)
    assert run.returncode in (0, 1), "it may have been tried by the server before"


def test_a_recipient_who_is_not_listed_gets_nothing_and_that_is_said(
    house: House, server: MailServer
) -> None:
    house.queue("robin@example.com", "kim@acme.example")
    environment = house.names(server, MAIL_RECIPIENTS="@acme.example")
    run = house.home.run("deliver-mail", "--once", environment=environment)
    assert run.returncode == 1
    assert [to for _, to in server.envelopes] == [["kim@acme.example"]]
    assert "mail_recipients" in run.stderr


def test_a_folder_takes_all_mail_and_a_server_besides_only_what_is_for_listed_recipients(
    house: House, server: MailServer
) -> None:
    folder = house.home.folder / "mail"
    house.queue("robin@example.com", "kim@acme.example")
    run = house.home.run(
        "deliver-mail",
        "--once",
        environment=house.names(server, MAIL_RECIPIENTS="kim@acme.example", MAIL_FOLDER=str(folder)),
    )
    assert run.returncode == 0, run.stderr
    assert len(list(folder.glob("*.eml"))) == 2
    assert [to for _, to in server.envelopes] == [["kim@acme.example"]]
    house.queue("lee@acme.example")
    with_folder = house.names(server, MAIL_FOLDER=str(folder))
    assert house.home.run("deliver-mail", "--once", environment=with_folder).returncode == 0
    assert len(list(folder.glob("*.eml"))) == 3
    assert len(server.received) == 1, "with a folder and no list nothing goes out"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"SMTP_HOST": ""}, "smtp_host: name a mail server"),
        ({"MAIL_FROM": ""}, "mail_from: say whom mail comes from"),
        ({"MAIL_FROM": "Acme"}, "mail_from: an address is wanted"),
        ({"SMTP_USERNAME": "x"}, "both are wanted, or neither"),
        ({"SMTP_USERNAME": "x", "SMTP_PASSWORD": "y", "SMTP_HOST": "mail.example"}, "would travel in clear"),
        ({"SMTP_USERNAME": "x", "SMTP_PASSWORD_FILE": "/nowhere"}, "smtp_password_file: /nowhere"),
        ({"SMTP_PASSWORD": "y", "SMTP_PASSWORD_FILE": "/nowhere"}, "not both"),
        ({"MAIL_RECIPIENTS": "acme.example"}, "mail_recipients: acme.example is neither"),
        ({"MAIL_TEMPLATES": "/nowhere"}, "mail_templates: /nowhere is no folder"),
        ({"PUBLIC_URL": ""}, "public_url"),
    ],
)
def test_what_cannot_work_is_refused_in_words(changes: dict[str, str], problem: str) -> None:
    complete = {
        "DATABASE": "sqlite:////nowhere/served.db",
        "MASTER_KEY": MASTER_KEY,
        "PUBLIC_URL": "https://access.example.com",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_SECURITY": "none",
        "MAIL_FROM": "access@acme.example",
    }
    environment = {f"ANTECHAMBER_{name}": value for name, value in {**complete, **changes}.items()}
    run = CliRunner().invoke(main, ["deliver-mail", "--once"], env=environment)
    assert run.exit_code == 2
    assert [line["problem"] for line in lines(run.stderr) if problem in line["problem"]]


def test_a_broken_template_keeps_a_server_from_starting(house: House) -> None:
    own = house.home.folder / "own" / "reminder"
    own.mkdir(parents=True)
    (own / "zh.html").write_text("{{ organisation }}")
    environment = {**house.environment, "ANTECHAMBER_MAIL_TEMPLATES": str(own.parent)}
    run = house.home.run("serve", "--port", "0", environment=environment)
    assert run.returncode == 2
    assert "mail_templates: template reminder/zh.html: UndefinedError" in run.stderr
    seen = house.home.run("doctor", environment=environment)
    assert seen.returncode == 1
    assert "problem  mail_templates: template reminder/zh.html" in seen.stdout


def test_the_doctor_signs_in_at_the_mail_server(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tls[0]))
    with MailServer(tls=tls, password="secret").in_thread() as server:
        right = {"SMTP_SECURITY": "starttls", "SMTP_USERNAME": "postman", "SMTP_PASSWORD": "secret"}
        seen = house.home.run("doctor", environment=house.names(server, **right))
        assert seen.returncode == 0, seen.stdout
        assert f"ok       mail: 127.0.0.1 port {server.port}, starttls, signed in" in seen.stdout
        assert "ok       mail templates: complete" in seen.stdout
        wrong = {**right, "SMTP_PASSWORD": "wrong"}
        seen = house.home.run("doctor", environment=house.names(server, **wrong))
    assert seen.returncode == 1
    assert "535" in seen.stdout
    assert "wrong" not in seen.stdout
    assert not server.received
