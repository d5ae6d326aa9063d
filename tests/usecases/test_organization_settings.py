"""Settings of organizations, and the end of organizations."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest
from tests.usecases.conftest import Desk
from tests.worlds import World, plant_project

from antechamber.domain.errors import (
    InvalidAttribute,
    InvalidEmailAddress,
    NotOrganizationOwner,
    OrganizationNotEmpty,
    OrganizationNotFound,
)
from antechamber.domain.organization_settings import OrganizationSettings
from antechamber.domain.paging import PageRequest
from antechamber.storage import directory, users
from antechamber.storage import organizations as stored
from antechamber.storage.database import Statement
from antechamber.usecases import invitations, organization_settings, organizations, projects


async def update(desk: Desk, world: World, changes: Mapping[str, Any]) -> OrganizationSettings:
    of = {"organization_id": world.organization.id}
    changed = await desk.ask(organization_settings.update, world.caller, **of, changes=changes)
    assert changed == await desk.look(organization_settings.get, world.caller, **of)
    return changed


async def test_only_what_is_named_changes(desk: Desk, world: World) -> None:
    assert await update(desk, world, {}) == OrganizationSettings()
    changed = await update(desk, world, {"security_contact": "safe@acme.example", "max_secret_hours": 8})
    assert changed == OrganizationSettings(security_contact="safe@acme.example", max_secret_hours=8)
    changed = await update(desk, world, {"security_contact": "", "gen_ai_features_enabled": False})
    assert changed == OrganizationSettings(max_secret_hours=8, gen_ai_features_enabled=False)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"api_access_list_required": True}, ["ORG_PUBLIC_API_ACCESS_LIST_REQUIRED"]),
        ({"multi_factor_auth_required": True}, ["ORG_TWO_FACTOR_AUTH_REQUIRED"]),
        ({"restrict_employee_access": True}, ["ORG_EMPLOYEE_ACCESS_RESTRICTED"]),
        ({"operations_contact": "ops@acme.example"}, ["OPERATIONS_CONTACT_MODIFIED"]),
        ({"security_contact": "safe@acme.example"}, ["SECURITY_CONTACT_MODIFIED"]),
        ({"max_secret_hours": 8}, ["ORG_SERVICE_ACCOUNT_MAX_SECRET_VALIDITY_EDITED"]),
        ({"idle_session_timeout_seconds": 300}, ["CUSTOM_SESSION_TIMEOUT_MODIFIED"]),
        ({"streams_cross_group_enabled": True}, []),
    ],
)
async def test_every_change_is_told(
    desk: Desk, world: World, changes: dict[str, Any], told: list[str]
) -> None:
    await update(desk, world, changes)
    await update(desk, world, changes)
    assert await desk.event_types(world) == ["ORG_SETTINGS_UPDATED", *told]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"max_secret_hours": 7}, InvalidAttribute),
        ({"max_secret_hours": 8761}, InvalidAttribute),
        ({"absolute_session_timeout_seconds": 3599}, InvalidAttribute),
        ({"absolute_session_timeout_seconds": 43_201}, InvalidAttribute),
        ({"idle_session_timeout_seconds": 299}, InvalidAttribute),
        (
            {"absolute_session_timeout_seconds": 3600, "idle_session_timeout_seconds": 3601},
            InvalidAttribute,
        ),
        ({"operations_contact": ""}, InvalidEmailAddress),
        ({"operations_contact": "nobody"}, InvalidEmailAddress),
        ({"security_contact": "nobody"}, InvalidEmailAddress),
    ],
)
async def test_values_out_of_range_are_refused(
    desk: Desk, world: World, changes: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        await update(desk, world, changes)


async def test_credentials_are_read_anew(desk: Desk, world: World) -> None:
    organization_id = world.organization.id
    before = await desk.database.read(lambda tx: stored.authority_version(tx, organization_id))
    await update(desk, world, {"api_access_list_required": True})
    after = await desk.database.read(lambda tx: stored.find(tx, organization_id))
    assert before is not None
    assert after is not None
    assert after.authority_version > before
    assert after.api_access_list_required


async def test_only_owners_change_settings(desk: Desk, world: World) -> None:
    member = world.caller_with("ORG_MEMBER")
    of = {"organization_id": world.organization.id}
    assert await desk.look(organization_settings.get, member, **of) == OrganizationSettings()
    with pytest.raises(NotOrganizationOwner):
        await desk.ask(organization_settings.update, member, **of, changes={})
    with pytest.raises(NotOrganizationOwner):
        await desk.ask(organizations.delete, member, **of)


async def test_an_organization_with_projects_stays(desk: Desk, world: World) -> None:
    with pytest.raises(OrganizationNotEmpty):
        await desk.ask(organizations.delete, world.caller, organization_id=world.organization.id)


FIRST = PageRequest()
TABLES_OF_ORGANIZATIONS = Statement(
    "SELECT (SELECT count(*) FROM directory) + (SELECT count(*) FROM memberships)"
    " + (SELECT count(*) FROM teams) + (SELECT count(*) FROM team_members)"
    " + (SELECT count(*) FROM api_keys) + (SELECT count(*) FROM service_accounts)"
    " + (SELECT count(*) FROM service_account_secrets) + (SELECT count(*) FROM invitations)"
    " + (SELECT count(*) FROM outbox) + (SELECT count(*) FROM events) + (SELECT count(*) FROM limits)"
    " + (SELECT count(*) FROM access_list_entries) + (SELECT count(*) FROM organizations)"
)


async def test_everything_ends_with_an_organization(desk: Desk, world: World) -> None:
    of = {"organization_id": world.organization.id}
    await desk.ask(
        invitations.invite_to_organization,
        world.caller,
        **of,
        username="guest@acme.example",
        requested_roles=["ORG_MEMBER"],
    )
    await desk.ask(projects.delete, world.caller, project_id=world.project.id)
    await desk.ask(organizations.delete, world.caller, **of)
    left = await desk.database.read(lambda tx: tx.row(TABLES_OF_ORGANIZATIONS))
    assert left == (0,)
    key = world.key.public_key
    assert await desk.database.read(lambda tx: directory.find(tx, directory.Kind.API_KEY, key)) is None
    # Accounts belong to people.
    owner_id = world.owner.id
    assert await desk.database.read(lambda tx: users.find(tx, owner_id)) is not None


async def test_projects_of_an_organization(desk: Desk, world: World) -> None:
    for name in ("apple", "Apricot", "Éclair", "banana"):
        await desk.database.write(partial(plant_project, organization=world.organization, name=name))

    async def listed(roles: str, prefix: str = "", page: PageRequest = FIRST) -> list[str]:
        found = await desk.look(
            projects.list_of_organization,
            world.caller_with(roles),
            organization_id=world.organization.id,
            name_prefix=prefix,
            page=page,
        )
        return [one.name for one in found.items]

    assert await listed("ORG_READ_ONLY") == ["Acme Mobile", "Apricot", "apple", "banana", "Éclair"]
    assert await listed("ORG_READ_ONLY", "AP") == ["Apricot", "apple"]
    assert await listed("ORG_READ_ONLY", "é") == ["Éclair"]
    assert await listed("ORG_OWNER", "ap", PageRequest(2, 1)) == ["apple"]
    # A member sees what it was added to.
    assert await listed("ORG_MEMBER") == []


async def test_no_project_slips_into_an_organization_on_its_way_out(desk: Desk, world: World) -> None:
    organization_id = world.organization.id
    await desk.ask(projects.delete, world.caller, project_id=world.project.id)
    creations = [
        desk.ask(
            projects.create,
            world.caller,
            organization_id=organization_id,
            name=f"Project {number}",
            owner_id=None,
            tags=[],
            with_default_alerts_settings=True,
        )
        for number in range(6)
    ]
    deletion = desk.ask(organizations.delete, world.caller, organization_id=organization_id)
    outcomes = await asyncio.gather(*creations[:2], deletion, *creations[2:], return_exceptions=True)
    refused = [one for one in outcomes if isinstance(one, BaseException)]
    assert {type(one) for one in refused} <= {OrganizationNotEmpty, OrganizationNotFound}
    # Either it is gone with everything in it, or it stays with what was created.
    left = await desk.database.read(lambda tx: tx.row(TABLES_OF_ORGANIZATIONS))
    assert (left == (0,)) == (outcomes[2] is None)
