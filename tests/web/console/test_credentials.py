"""API keys and service accounts: what is shown once, and what can be done to them."""

import re
from functools import partial
from html import unescape
from typing import Any

import pytest
import requests
from requests.auth import HTTPDigestAuth
from tests.web.console.browser import Browser, words
from tests.web.console.conftest import Server
from tests.worlds import World

from antechamber.storage import api_keys, service_accounts

_SECRET = re.compile(r'id="secret">([^<]+)<')
_PUBLIC = re.compile(r'<dd class="secret">([^<]+)<')


def shown_once(html: str) -> tuple[str, str]:
    secret, public = _SECRET.search(html), _PUBLIC.search(html)
    assert secret
    assert public
    return public[1], unescape(secret[1])


def test_inv24_a_private_key_stands_in_one_answer_only(server: Server, owner: Browser, world: World) -> None:
    answer = owner.post("keys", description="robot", roles=["ORG_OWNER"])
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    public, secret = shown_once(answer.text)
    ping = requests.get(
        f"{server.url}/api/atlas/v2/orgs/{world.organization.id}",
        auth=HTTPDigestAuth(public, secret),
        headers={"Accept": "application/vnd.atlas.2023-01-01+json"},
        timeout=30,
    )
    assert ping.status_code == 200
    found = re.search(r'href="[^"]*/keys/([0-9a-f]{24})"', answer.text)
    assert found
    for path in ("keys", f"keys/{found[1]}", "events"):
        assert secret not in owner.page(path)


def test_inv24_a_client_secret_stands_in_one_answer_only(owner: Browser) -> None:
    answer = owner.post("accounts", name="robot", description="a robot", roles=["ORG_MEMBER"], hours="8")
    client_id, secret = shown_once(answer.text)
    assert secret.startswith("mdb_sa_sk_")
    for path in ("accounts", f"accounts/{client_id}", "events"):
        assert secret not in owner.page(path)
    second = owner.post(f"accounts/{client_id}/secrets", hours="24")
    assert shown_once(second.text)[1] != secret
    third = owner.post(f"accounts/{client_id}/secrets", hours="24")
    assert third.status_code == 400
    assert "as many secrets as an account may have" in words(third.text)


def test_inv25_a_deleted_key_is_refused_at_once(server: Server, owner: Browser, world: World) -> None:
    public, secret = shown_once(owner.post("keys", description="robot", roles=["ORG_OWNER"]).text)
    found = re.search(r'/keys/([0-9a-f]{24})"', owner.page("keys"))
    assert found
    ids = re.findall(rf'/keys/([0-9a-f]{{24}})">{public}<', owner.page("keys"))
    assert "Deleted." in words(owner.done(f"keys/{ids[0]}/deletion"))
    ping = requests.get(
        f"{server.url}/api/atlas/v2/orgs/{world.organization.id}",
        auth=HTTPDigestAuth(public, secret),
        timeout=30,
    )
    assert ping.status_code == 401


def test_a_key_is_described_given_roles_projects_and_addresses(
    server: Server, owner: Browser, world: World
) -> None:
    one = f"keys/{world.key.id}"
    owner.done(f"{one}/details", description="other words", roles=["ORG_READ_ONLY"])
    owner.done(f"{one}/projects", project=world.project.id, project_roles=["GROUP_OWNER"])
    owner.done(f"{one}/addresses", block="2001:db8::/32")
    assert "2001:db8::/32" in owner.page(one)
    kept = server.write(partial(api_keys.find, organization_id=world.organization.id, id=world.key.id))
    assert kept is not None
    assert (kept.description, kept.roles) == ("other words", ("ORG_READ_ONLY",))
    assert [role.role for role in kept.project_roles] == ["GROUP_OWNER"]
    again = owner.post(f"{one}/addresses", block="2001:db8::/32")
    assert (again.status_code, "is on the list already" in words(again.text)) == (409, True)
    owner.done(f"{one}/addresses/removal", block="2001:db8::/32")
    assert "2001:db8::/32" not in owner.page(one)
    owner.done(f"{one}/projects", project=world.project.id)
    kept = server.write(partial(api_keys.find, organization_id=world.organization.id, id=world.key.id))
    assert kept is not None
    assert not kept.project_roles


def test_an_account_is_described_given_roles_projects_and_addresses(
    server: Server, owner: Browser, world: World
) -> None:
    one = f"accounts/{world.account.client_id}"
    owner.done(f"{one}/details", name="Robot 2", description="better", roles=["ORG_MEMBER"])
    owner.done(f"{one}/projects", project=world.project.id, project_roles=["GROUP_OWNER"])
    owner.done(f"{one}/addresses", block="203.0.113.7")
    said = words(owner.page(one))
    assert "Robot 2" in said
    assert "203.0.113.7/32" in said
    assert "On Acme" in said
    owner.done(f"{one}/secrets/{world.secret.id}/deletion")
    kept = server.write(
        partial(
            service_accounts.find, organization_id=world.organization.id, client_id=world.account.client_id
        )
    )
    assert kept is not None
    assert kept.secrets == ()


@pytest.mark.parametrize(
    ("path", "fields", "said"),
    [
        ("keys", {"description": "", "roles": ["ORG_MEMBER"]}, "Enter a description."),
        ("keys", {"description": "x"}, "Choose at least one role."),
        ("keys", {"description": "x", "roles": ["ORG_NONSENSE"]}, "There is no organization role"),
        (
            "accounts",
            {"name": "x", "description": "x", "hours": "x", "roles": ["ORG_MEMBER"]},
            "number of hours",
        ),
    ],
)
def test_what_is_wrong_is_said(owner: Browser, path: str, fields: dict[str, Any], said: str) -> None:
    answer = owner.post(path, **fields)
    assert answer.status_code == 400
    assert said in words(answer.text)
