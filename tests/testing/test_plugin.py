"""The pytest plugin as others use it: in a run of its own, with real servers, under xdist too."""

import sys
from pathlib import Path

import pytest

from antechamber.testing import Server

SUITE = """
import datetime

def test_an_invitation_reaches_a_person(antechamber_server, antechamber_tenant, antechamber_mailbox):
    invitation = antechamber_tenant.invite("new@example.com", "ORG_READ_ONLY")
    mail = antechamber_mailbox.wait_for("new@example.com")
    assert mail.link.startswith(antechamber_server.url + "/invite#")
    assert antechamber_server.accept(invitation["id"], first_name="Nora")["state"] == "accepted"
    users = antechamber_tenant.api("GET", "/orgs/{org}/users").body["results"]
    assert "new@example.com" in [user["username"] for user in users]

def test_it_expires(antechamber_tenant, antechamber_clock):
    antechamber_clock.freeze()
    antechamber_tenant.invite("late@example.com")
    antechamber_clock.advance(days=31)
    answer = antechamber_tenant.api("GET", "/orgs/{org}/invites", version="2023-01-01")
    assert answer.body == []

def test_the_clock_is_real_again(antechamber_server):
    real = datetime.datetime.now(datetime.timezone.utc)
    assert abs(antechamber_server.clock.now - real) < datetime.timedelta(minutes=1)

def test_a_mailbox_begins_empty(antechamber_mailbox):
    assert antechamber_mailbox.messages() == []

def test_state_can_be_kept(antechamber_server, antechamber_tenant):
    invitation = antechamber_tenant.invite("again@example.com")
    antechamber_server.snapshot("pending")
    antechamber_server.decline(invitation["id"], note="no")
    antechamber_server.restore("pending")
    antechamber_server.accept(invitation["id"])

def test_a_reset_takes_the_tenant_along(antechamber_server, antechamber_tenant):
    antechamber_server.reset()
"""


@pytest.mark.parametrize("arguments", [(), ("-n", "2")])
def test_the_fixtures_work(pytester: pytest.Pytester, arguments: tuple[str, ...]) -> None:
    pytester.makepyfile(SUITE)
    # A process of its own: this one has its own idea of plugins and warnings.
    run = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider", *arguments)
    run.assert_outcomes(passed=6)


def test_workers_have_a_server_each_or_share_one(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import os, pathlib, pytest

        @pytest.mark.parametrize("number", range(4))
        def test_note_the_server(antechamber_server, number):
            worker = os.environ["PYTEST_XDIST_WORKER"]
            with open(pathlib.Path(__file__).with_name("urls"), "a") as file:
                file.write(f"{worker} {antechamber_server.url}\\n")
        """
    )

    def urls(*arguments: str) -> set[tuple[str, str]]:
        note = pytester.path / "urls"
        note.unlink(missing_ok=True)
        pytester.runpytest_subprocess("-n", "2", "-p", "no:cacheprovider", *arguments).assert_outcomes(
            passed=4
        )
        return {(line.split()[0], line.split()[1]) for line in note.read_text().splitlines()}

    alone = urls()
    assert len({url for _, url in alone}) == len({worker for worker, _ in alone}) == 2
    with Server() as server:
        assert {url for _, url in urls("--antechamber-url", server.url)} == {server.url}
        # Somebody else's server goes on.
        assert server.tenant().org_id


def test_options_reach_the_server(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test_limit(antechamber_tenant):
            antechamber_tenant.invite("one@example.com")
            answer = antechamber_tenant.api(
                "POST", "/orgs/{org}/invites", {"username": "two@example.com", "roles": ["ORG_MEMBER"]},
                version="2023-01-01",
            )
            assert answer.body["errorCode"] == "MAX_USERS_PER_ORG_EXCEEDED"
        """
    )
    option = "--antechamber-option=--limit=users-per-organization=2"
    pytester.runpytest_subprocess("-p", "no:cacheprovider", option).assert_outcomes(passed=1)


def test_a_run_without_our_fixtures_imports_nothing_of_ours(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_nothing():
            ours = {name for name in sys.modules if name.split(".")[0] == "antechamber"}
            assert ours == {"antechamber", "antechamber.testing", "antechamber.testing.plugin"} | {
                name for name in ours if name.startswith("antechamber.testing.")
            }
            assert not {"granian", "starlette", "apsw", "cryptography"} & sys.modules.keys()
        """
    )
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_a_server_that_does_not_start_says_why() -> None:
    with pytest.raises(RuntimeError, match=r"begins with sqlite:/// or postgresql://"):
        Server("--database", "mysql://x").start()


def test_the_example_suite_passes(pytester: pytest.Pytester) -> None:
    suite = Path(__file__).parents[2] / "examples" / "pytest"
    run = pytester.run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2", suite)
    assert run.ret == 0
