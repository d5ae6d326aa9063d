"""Tests of access as a team writes them: each in an organization of its own, in parallel.

    pip install antechamber pytest pytest-xdist
    pytest -n auto examples/pytest

The fixtures come with the package: antechamber_server, antechamber_tenant, antechamber_mailbox and
antechamber_clock. Put your own code, which talks to the Atlas API, where these tests call the API.
"""

import pytest

from antechamber.testing import Clock, Mailbox, NoMail, Problem, Server, Tenant


def test_a_new_colleague_gets_in(
    antechamber_server: Server, antechamber_tenant: Tenant, antechamber_mailbox: Mailbox
) -> None:
    invitation = antechamber_tenant.invite("grace@example.com", "ORG_READ_ONLY")

    mail = antechamber_mailbox.wait_for("grace@example.com")
    assert antechamber_tenant.org_name in mail.subject
    assert mail.link in mail.text

    # What the person does in the browser, by script.
    antechamber_server.accept(invitation["id"], first_name="Grace", last_name="Hopper")

    people = antechamber_tenant.api("GET", "/orgs/{org}/users").body["results"]
    (grace,) = [person for person in people if person["username"] == "grace@example.com"]
    assert grace["orgMembershipStatus"] == "ACTIVE"
    assert grace["roles"]["orgRoles"] == ["ORG_READ_ONLY"]


def test_somebody_declines(antechamber_server: Server, antechamber_tenant: Tenant) -> None:
    invitation = antechamber_tenant.invite("no@example.com")
    antechamber_server.decline(invitation["id"], note="I left the team.")
    assert antechamber_tenant.api("GET", "/orgs/{org}/invites", version="2023-01-01").body == []


def test_an_invitation_expires_after_thirty_days(
    antechamber_server: Server, antechamber_tenant: Tenant, antechamber_clock: Clock
) -> None:
    invitation = antechamber_tenant.invite("late@example.com")
    antechamber_clock.advance(days=30)
    with pytest.raises(Problem):
        antechamber_server.accept(invitation["id"])


def test_nobody_is_mailed_when_inviting_fails(
    antechamber_tenant: Tenant, antechamber_mailbox: Mailbox
) -> None:
    answer = antechamber_tenant.api(
        "POST",
        "/orgs/{org}/invites",
        {"username": "wrong@example.com", "roles": ["NO_SUCH_ROLE"]},
        version="2023-01-01",
    )
    assert answer.status == 400
    with pytest.raises(NoMail):
        antechamber_mailbox.wait_for("wrong@example.com", timeout=0.5)
