"""Organizations and the credentials that a new one starts with."""

from typing import Any

import pytest
from tests.usecases.conftest import Desk
from tests.worlds import World

from antechamber.auth import client_credentials, digest
from antechamber.domain.errors import (
    ApiKeyWithoutDescription,
    ApiKeyWithoutRoles,
    InvalidApiKeyDescription,
    InvalidAttribute,
    InvalidOrganizationName,
    InvalidOrganizationRole,
    NotOrganizationOwner,
    Refusal,
    UserNotFound,
)
from antechamber.domain.paging import PageRequest
from antechamber.storage import api_keys, service_accounts, users
from antechamber.storage.database import Statement
from antechamber.usecases import organizations
from antechamber.usecases.api_keys import ApiKeyRequest
from antechamber.usecases.service_accounts import NewServiceAccount, ServiceAccountRequest

NEW: dict[str, Any] = {
    "name": "New One",
    "skip_default_alerts_settings": True,
    "api_key": None,
    "service_account": None,
}


async def test_a_new_organization_has_a_human_owner(desk: Desk, world: World) -> None:
    made, key, account = await desk.ask(organizations.create, world.caller, owner_id=world.member.id, **NEW)
    assert (made.name, made.skip_default_alerts_settings, key, account) == ("New One", True, None, None)
    roles = await desk.database.read(lambda tx: users.organization_roles(tx, made.id, world.member.id))
    assert roles == ("ORG_OWNER",)
    kept = await desk.database.read(
        lambda tx: tx.row(
            Statement("SELECT type_name, actor_id FROM events WHERE organization_id = :id"), id=made.id
        )
    )
    assert kept is not None
    assert tuple(kept) == ("ORG_CREATED", world.key.id)


async def test_inv24_a_new_organization_starts_with_a_key_that_works_and_is_not_shown_again(
    desk: Desk, world: World
) -> None:
    made, key, _ = await desk.ask(
        organizations.create,
        world.caller,
        owner_id=world.owner.id,
        **{**NEW, "api_key": ApiKeyRequest("first key", ["ORG_OWNER"])},
    )
    assert key is not None
    assert key.private_key not in repr(key)
    assert key.key.private_key_tail == key.private_key[-12:]
    kept = await desk.database.read(lambda tx: api_keys.find_kept(tx, key.key.public_key))
    assert kept is not None
    assert kept.ha1 == digest.ha1(key.key.public_key, key.private_key)
    assert (kept.organization, kept.roles) == (made, frozenset({"ORG_OWNER"}))


async def test_inv24_a_new_organization_starts_with_a_service_account_whose_secret_works(
    desk: Desk, world: World
) -> None:
    wanted = ServiceAccountRequest("robot", "does things", ["ORG_MEMBER"], 8)
    made, _, account = await desk.ask(
        organizations.create, world.caller, owner_id=world.owner.id, **{**NEW, "service_account": wanted}
    )
    assert isinstance(account, NewServiceAccount)
    assert account.secret.clear not in repr(account)
    (kept,) = await desk.database.read(
        lambda tx: service_accounts.list_kept_secrets(tx, account.account.client_id)
    )
    assert kept.fingerprint == client_credentials.fingerprint(account.secret.clear)
    assert kept.organization_id == made.id
    assert (account.secret.secret.expires_at - account.secret.secret.created_at).total_seconds() == 8 * 3600


def account(**values: Any) -> dict[str, Any]:
    wanted = {"name": "robot", "description": "d", "roles": ["ORG_MEMBER"], "secret_lifetime_hours": 8}
    return {"service_account": ServiceAccountRequest(**{**wanted, **values})}


REFUSED: list[tuple[dict[str, Any], type[Refusal]]] = [
    ({"name": "a/b"}, InvalidOrganizationName),
    ({"owner_id": "5f" * 12}, UserNotFound),
    ({"api_key": ApiKeyRequest("", ["ORG_OWNER"])}, ApiKeyWithoutDescription),
    ({"api_key": ApiKeyRequest("x" * 251, ["ORG_OWNER"])}, InvalidApiKeyDescription),
    ({"api_key": ApiKeyRequest("k", ["ORG_KING"])}, InvalidOrganizationRole),
    ({"api_key": ApiKeyRequest("k", [])}, ApiKeyWithoutRoles),
    (account(name=""), InvalidAttribute),
    (account(description=""), InvalidAttribute),
    (account(secret_lifetime_hours=7), InvalidAttribute),
    (account(secret_lifetime_hours=8761), InvalidAttribute),
    (account(roles=["ORG_KING"]), InvalidOrganizationRole),
]


@pytest.mark.parametrize(("values", "refusal"), REFUSED)
async def test_inv18_a_refused_organization_leaves_nothing(
    desk: Desk, world: World, values: dict[str, Any], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        await desk.ask(organizations.create, world.caller, **{**NEW, "owner_id": world.owner.id, **values})
    for table in ("organizations", "api_keys", "service_accounts"):
        row = await desk.database.read(lambda tx, t=table: tx.row(Statement(f"SELECT count(*) FROM {t}")))  # type: ignore[misc]
        assert row is not None
        assert row[0] == 1


async def test_inv03_a_stranger_cannot_be_made_an_owner(desk: Desk, world: World, stranger: World) -> None:
    with pytest.raises(UserNotFound):
        await desk.ask(organizations.create, world.caller, owner_id=stranger.owner.id, **NEW)


async def test_renaming_is_told_and_other_changes_keep_the_name(desk: Desk, world: World) -> None:
    of = {"organization_id": world.organization.id}
    renamed = await desk.ask(
        organizations.update,
        world.caller,
        **of,
        name="Ac\N{COMBINING ACUTE ACCENT}me",
        skip_default_alerts_settings=None,
    )
    assert renamed.name == "Aćme"
    assert await desk.event_types(world) == ["ORG_RENAMED"]
    await desk.ask(organizations.update, world.caller, **of, name=None, skip_default_alerts_settings=True)
    assert await desk.event_types(world) == ["ORG_RENAMED", "ORG_SETTINGS_UPDATED"]
    kept = await desk.database.read(lambda tx: api_keys.find_kept(tx, world.key.public_key))
    assert kept is not None
    assert kept.organization.name == renamed.name
    with pytest.raises(InvalidOrganizationName):
        await desk.ask(organizations.update, world.caller, **of, name=" ", skip_default_alerts_settings=None)


@pytest.mark.parametrize("role", ["ORG_MEMBER", "ORG_READ_ONLY", "ORG_GROUP_CREATOR"])
async def test_inv05_only_owners_rename_and_every_member_reads(desk: Desk, world: World, role: str) -> None:
    caller, of = world.caller_with(role), {"organization_id": world.organization.id}
    assert await desk.look(organizations.get, caller, **of) == world.organization
    with pytest.raises(NotOrganizationOwner):
        await desk.ask(organizations.update, caller, **of, name="Mine", skip_default_alerts_settings=None)


@pytest.mark.parametrize(("prefix", "found"), [("", 1), ("aC", 1), ("Acme", 1), ("cme", 0), ("Umbrella", 0)])
async def test_inv02_a_caller_lists_its_own_organization_only(
    desk: Desk, world: World, stranger: World, prefix: str, found: int
) -> None:
    page = await desk.look(
        organizations.list_for_caller, world.caller, name_prefix=prefix, page=PageRequest()
    )
    assert (page.items, page.total) == ([world.organization] * found, found)
