"""Inviting, and everything the inviting side does with an invitation."""

import asyncio
from typing import Any

import pytest
from tests.conftest import OpenDatabase
from tests.usecases.conftest import Desk
from tests.worlds import Clock, World, join, plant_project, whole

from antechamber.auth import secrets
from antechamber.domain.callers import CallerKind
from antechamber.domain.errors import (
    GlobalRole,
    InvalidOrganizationRole,
    InvalidProjectRole,
    InvalidUsername,
    InvitationIsForOrganization,
    InvitationIsForProject,
    InvitationNotFound,
    MissingAttribute,
    NotOrganizationUserAdmin,
    NotProjectUserAdmin,
    OrganizationNotFound,
    OrganizationRoleInProject,
    ProjectNotFound,
    ProjectRoleInOrganization,
    Refusal,
    TeamNotInOrganization,
    TooManyUsersInOrganization,
    TooManyUsersInProject,
    UserAlreadyExists,
    UsernameNotFound,
)
from antechamber.domain.invitations import Invitation, ProjectRole, State
from antechamber.domain.mail import MessageType
from antechamber.domain.policy import USERS_PER_ORGANIZATION, USERS_PER_PROJECT, Policy
from antechamber.storage import invitation_tokens, projects
from antechamber.storage import invitations as stored
from antechamber.storage.database import Statement
from antechamber.usecases import invitations

ANN = "ann@example.com"
NOWHERE = "5f" * 12
_FINGERPRINT = Statement(
    """SELECT fingerprint FROM invitation_tokens
    WHERE organization_id = :organization_id AND invitation_id = :id"""
)


async def invite(desk: Desk, world: World, username: str = ANN, **values: Any) -> Invitation:
    _, invitation = await desk.ask(
        invitations.invite_to_organization,
        world.caller,
        organization_id=world.organization.id,
        username=username,
        **{"requested_roles": ["ORG_MEMBER"], **values},
    )
    return invitation


async def invite_to_project(
    desk: Desk, world: World, username: str = ANN, roles: tuple[str, ...] = ("GROUP_READ_ONLY",)
) -> Invitation:
    _, invitation = await desk.ask(
        invitations.invite_to_project,
        world.caller,
        project_id=world.project.id,
        username=username,
        requested_roles=roles,
    )
    return invitation


async def listed(desk: Desk, world: World, username: str | None = None) -> list[Invitation]:
    _, found = await desk.look(
        whole(invitations.list_of_organization),
        world.caller,
        organization_id=world.organization.id,
        username=username,
    )
    return found


async def listed_of_project(desk: Desk, world: World, username: str | None = None) -> list[Invitation]:
    _, found = await desk.look(
        whole(invitations.list_of_project), world.caller, project_id=world.project.id, username=username
    )
    return found


async def get(desk: Desk, world: World, id: str) -> Invitation:
    _, found = await desk.look(
        invitations.get_of_organization,
        world.caller,
        organization_id=world.organization.id,
        invitation_id=id,
    )
    return found


async def get_of_project(desk: Desk, world: World, id: str) -> Invitation:
    _, found = await desk.look(
        invitations.get_of_project, world.caller, project_id=world.project.id, invitation_id=id
    )
    return found


async def change(desk: Desk, world: World, **values: Any) -> Invitation:
    _, changed = await desk.ask(
        invitations.change_of_organization, world.caller, organization_id=world.organization.id, **values
    )
    return changed


async def change_of_project(desk: Desk, world: World, **values: Any) -> Invitation:
    _, changed = await desk.ask(
        invitations.change_of_project, world.caller, project_id=world.project.id, **values
    )
    return changed


async def revoke(desk: Desk, world: World, id: str) -> None:
    await desk.ask(
        invitations.revoke_of_organization,
        world.caller,
        organization_id=world.organization.id,
        invitation_id=id,
    )


async def revoke_of_project(desk: Desk, world: World, id: str) -> None:
    await desk.ask(invitations.revoke_of_project, world.caller, project_id=world.project.id, invitation_id=id)


async def traces(desk: Desk, world: World) -> tuple[int, int, int]:
    """Return how many invitations of any state, events and queued messages there are."""
    row = await desk.database.read(
        lambda tx: tx.row(
            Statement("SELECT count(*) FROM invitations WHERE organization_id = :organization_id"),
            organization_id=world.organization.id,
        )
    )
    assert row is not None
    return row[0], len(await desk.events(world)), len(await desk.mail())


# -- to an organization -----------------------------------------------------------------------------


async def test_inviting_to_an_organization_makes_a_pending_invitation(
    desk: Desk, world: World, clock: Clock
) -> None:
    invitation = await invite(
        desk,
        world,
        "Ann@Example.com",
        requested_roles=["ORG_MEMBER", "ORG_GROUP_CREATOR", "ORG_MEMBER"],
        team_ids=[world.team.id, world.team.id],
        project_roles=[(world.project.id, ["GROUP_OWNER", "GROUP_READ_ONLY"])],
    )
    assert invitation.state is State.PENDING
    assert invitation.username == "Ann@Example.com"
    assert invitation.inviter == world.key.public_key
    assert invitation.roles == ("ORG_MEMBER", "ORG_GROUP_CREATOR")
    assert invitation.team_ids == (world.team.id,)
    assert invitation.project_roles == (
        ProjectRole(world.project.id, "GROUP_OWNER"),
        ProjectRole(world.project.id, "GROUP_READ_ONLY"),
    )
    assert invitation.created_at == clock.now
    assert (invitation.expires_at - invitation.created_at).days == 30
    assert await get(desk, world, invitation.id) == invitation
    assert await listed(desk, world) == [invitation]
    assert await listed_of_project(desk, world) == []


@pytest.mark.observed
async def test_the_user_of_a_new_invitation_gets_the_next_id(desk: Desk, world: World) -> None:
    invitation = await invite(desk, world)
    assert int(invitation.user_id, 16) == int(invitation.id, 16) + 1


async def test_a_person_keeps_one_account_whoever_invites(desk: Desk, world: World, stranger: World) -> None:
    first = await invite(desk, world, ANN)
    second = await invite(desk, stranger, ANN.upper())
    assert first.user_id == second.user_id
    assert (await invite(desk, world, stranger.owner.username)).user_id == stranger.owner.id


async def test_inv18_inviting_leaves_one_event_and_one_message(desk: Desk, world: World) -> None:
    invitation = await invite(desk, world)
    (event,) = await desk.events(world)
    assert (event.type_name, event.target_username, event.project_id) == ("INVITED_TO_ORG", ANN, None)
    assert (event.actor_kind, event.actor_id, event.actor_name, event.address) == (
        CallerKind.API_KEY,
        world.key.id,
        world.key.public_key,
        world.caller.address,
    )
    assert event.created_at == invitation.created_at
    (message,) = await desk.mail()
    assert message.type is MessageType.ORGANIZATION_INVITATION
    assert (message.recipient, message.invitation_id) == (ANN, invitation.id)


async def test_inv10_inv11_only_the_mail_knows_the_token(desk: Desk, world: World) -> None:
    invitation = await invite(desk, world)
    (message,) = await desk.mail()
    assert len(message.token) == 43
    for shown in (invitation, await desk.events(world), await listed(desk, world), message):
        assert message.token not in repr(shown)
    row = await desk.database.read(
        lambda tx: tx.row(_FINGERPRINT, organization_id=world.organization.id, id=invitation.id)
    )
    assert row is not None
    assert bytes(row[0]) == secrets.token_fingerprint(message.token)
    sealed = await desk.database.read(
        lambda tx: tx.row(
            Statement("SELECT sealed_token FROM outbox WHERE organization_id = :organization_id"),
            organization_id=world.organization.id,
        )
    )
    assert sealed is not None
    assert message.token.encode() not in bytes(sealed[0])


REFUSED_INVITATIONS: list[tuple[dict[str, Any], type[Refusal]]] = [
    ({"username": "no address"}, InvalidUsername),
    ({"requested_roles": []}, MissingAttribute),
    ({"requested_roles": ["ORG_KING"]}, InvalidOrganizationRole),
    ({"requested_roles": ["GROUP_OWNER"]}, ProjectRoleInOrganization),
    ({"requested_roles": ["GLOBAL_OWNER"]}, GlobalRole),
    ({"team_ids": [NOWHERE]}, TeamNotInOrganization),
    ({"project_roles": [(NOWHERE, ["GROUP_OWNER"])]}, ProjectNotFound),
    ({"username": "owner@acme.example"}, UserAlreadyExists),
    ({"username": "MEMBER@Acme.example"}, UserAlreadyExists),
]


@pytest.mark.parametrize(("values", "refusal"), REFUSED_INVITATIONS)
async def test_inv18_a_refused_invitation_leaves_nothing(
    desk: Desk, world: World, values: dict[str, Any], refusal: type[Refusal]
) -> None:
    before = await traces(desk, world)
    with pytest.raises(refusal):
        await invite(desk, world, **values)
    assert await traces(desk, world) == before
    await invite(desk, world)


@pytest.mark.parametrize(
    ("roles", "refusal"),
    [
        (["GROUP_KING"], InvalidProjectRole),
        (["ORG_OWNER"], OrganizationRoleInProject),
        ([], MissingAttribute),
    ],
)
async def test_carried_project_roles_are_checked(
    desk: Desk, world: World, roles: list[str], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        await invite(desk, world, project_roles=[(world.project.id, roles)])


async def test_inv03_teams_and_projects_of_another_organization_are_unknown(
    desk: Desk, world: World, stranger: World
) -> None:
    with pytest.raises(TeamNotInOrganization) as refused:
        await invite(desk, world, team_ids=[world.team.id, stranger.team.id])
    assert refused.value.facts == (stranger.team.id, world.organization.id)
    with pytest.raises(ProjectNotFound):
        await invite(desk, world, project_roles=[(stranger.project.id, ["GROUP_OWNER"])])


async def test_inv08_the_same_address_is_not_invited_twice(desk: Desk, world: World) -> None:
    first = await invite(desk, world)
    with pytest.raises(UserAlreadyExists) as refused:
        await invite(desk, world, ANN.upper())
    assert refused.value.facts == (ANN.upper(),) or refused.value.facts == (ANN.upper().lower(),)
    assert await listed(desk, world) == [first]


async def test_inv08_many_inviting_one_person_at_once_make_one_invitation(
    desk: Desk, world: World, database_url: str, open_url: OpenDatabase
) -> None:
    other = Desk(open_url(database_url))
    answers = await asyncio.gather(
        *(invite(each, world) for _ in range(10) for each in (desk, other)), return_exceptions=True
    )
    made = [answer for answer in answers if isinstance(answer, Invitation)]
    assert len(made) == 1
    assert all(isinstance(answer, UserAlreadyExists) for answer in answers if answer not in made)
    assert await listed(desk, world) == made
    assert await traces(desk, world) == (1, 1, 1)


async def test_inv08_two_organizations_inviting_one_new_person_at_once_make_one_account(
    desk: Desk, world: World, stranger: World, database_url: str, open_url: OpenDatabase
) -> None:
    other = Desk(open_url(database_url))
    for number in range(5):
        one, two = await asyncio.gather(
            invite(desk, world, f"person{number}@example.com"),
            invite(other, stranger, f"person{number}@example.com"),
        )
        assert one.user_id == two.user_id


async def test_lists_are_sorted_and_filtered_by_username(desk: Desk, world: World) -> None:
    for name in ("carl", "Bob", "ann"):
        await invite(desk, world, f"{name}@example.com")
    assert [one.username for one in await listed(desk, world)] == [
        "ann@example.com",
        "Bob@example.com",
        "carl@example.com",
    ]
    assert [one.username for one in await listed(desk, world, "bob@EXAMPLE.com")] == ["Bob@example.com"]
    assert await listed(desk, world, "bo") == []
    assert await listed(desk, world, "not an address") == []


async def test_inv14_an_expired_invitation_is_gone_to_the_second_and_may_be_made_again(
    desk: Desk, world: World, clock: Clock
) -> None:
    first = await invite(desk, world)
    clock.advance(days=30, seconds=-1)
    assert await get(desk, world, first.id) == first
    with pytest.raises(UserAlreadyExists):
        await invite(desk, world)
    clock.advance(seconds=1)
    assert await listed(desk, world) == []
    assert await listed(desk, world, ANN) == []
    with pytest.raises(InvitationNotFound):
        await get(desk, world, first.id)
    with pytest.raises(InvitationNotFound):
        await change(desk, world, invitation_id=first.id, requested_roles=["ORG_OWNER"])
    with pytest.raises(UsernameNotFound):
        await change(desk, world, username=ANN, requested_roles=["ORG_OWNER"])
    with pytest.raises(InvitationNotFound):
        await revoke(desk, world, first.id)
    second = await invite(desk, world)
    assert second.id != first.id
    assert second.user_id == first.user_id
    assert await listed(desk, world) == [second]
    kept = await desk.database.read(lambda tx: stored.find(tx, world.organization.id, first.id))
    assert kept is not None
    assert kept.state is State.EXPIRED


async def test_inv13_a_new_invitation_has_a_new_token(desk: Desk, world: World, clock: Clock) -> None:
    first = await invite(desk, world)
    await revoke(desk, world, first.id)
    await invite(desk, world)
    one, other = await desk.mail()
    assert one.token != other.token
    opened = await desk.database.read(
        lambda tx: invitation_tokens.find(tx, secrets.token_fingerprint(one.token))
    )
    assert opened == (world.organization.id, first.id), "the old token opens what is over, and nothing else"


async def test_a_revoked_invitation_is_gone_and_may_be_made_again(desk: Desk, world: World) -> None:
    first = await invite(desk, world)
    await revoke(desk, world, first.id)
    assert await listed(desk, world) == []
    for again in (get, revoke):
        with pytest.raises(InvitationNotFound):
            await again(desk, world, first.id)
    second = await invite(desk, world)
    assert await listed(desk, world) == [second]
    assert await desk.event_types(world) == ["INVITED_TO_ORG", "ORG_INVITATION_DELETED", "INVITED_TO_ORG"]


async def test_inv15_many_revoking_at_once_make_one_event(desk: Desk, world: World) -> None:
    invitation = await invite(desk, world)
    answers = await asyncio.gather(
        *(revoke(desk, world, invitation.id) for _ in range(10)), return_exceptions=True
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["InvitationNotFound"] * 9 + ["NoneType"]
    assert await desk.event_types(world) == ["INVITED_TO_ORG", "ORG_INVITATION_DELETED"]


async def test_inv06_a_change_replaces_what_is_given_and_keeps_the_rest(
    desk: Desk, world: World, clock: Clock
) -> None:
    before = await invite(
        desk,
        world,
        team_ids=[world.team.id],
        project_roles=[(world.project.id, ["GROUP_OWNER"])],
    )
    clock.advance(days=1)
    by_id = await change(desk, world, invitation_id=before.id, requested_roles=["ORG_OWNER"])
    assert by_id == before._replace(roles=("ORG_OWNER",))
    by_name = await change(desk, world, username=ANN.upper(), team_ids=[], project_roles=[])
    assert by_name == by_id._replace(team_ids=(), project_roles=())
    assert await get(desk, world, before.id) == by_name
    assert len(await desk.mail()) == 1
    assert await desk.event_types(world) == ["INVITED_TO_ORG", *["USER_ROLES_CHANGED_AUDIT"] * 2]


REFUSED_CHANGES: list[tuple[dict[str, Any], type[Refusal]]] = [
    ({"invitation_id": NOWHERE}, InvitationNotFound),
    ({"username": "nobody@example.com"}, UsernameNotFound),
    ({"username": "owner@acme.example"}, UsernameNotFound),
    ({"username": "no address"}, InvalidUsername),
    ({"username": ANN, "requested_roles": []}, MissingAttribute),
    ({"username": ANN, "requested_roles": ["ORG_KING"]}, InvalidOrganizationRole),
    ({"username": ANN, "requested_roles": ["GROUP_OWNER"]}, ProjectRoleInOrganization),
    ({"username": ANN, "team_ids": [NOWHERE]}, TeamNotInOrganization),
    ({"username": ANN, "project_roles": [(NOWHERE, ["GROUP_OWNER"])]}, ProjectNotFound),
]


@pytest.mark.parametrize(("values", "refusal"), REFUSED_CHANGES)
async def test_inv20_a_refused_change_changes_nothing(
    desk: Desk, world: World, values: dict[str, Any], refusal: type[Refusal]
) -> None:
    invitation = await invite(desk, world)
    before = await traces(desk, world)
    with pytest.raises(refusal):
        await change(desk, world, **values)
    assert await traces(desk, world) == before
    assert await get(desk, world, invitation.id) == invitation


async def test_inv31_two_changes_of_different_parts_at_once_are_both_kept(
    desk: Desk, world: World, database_url: str, open_url: OpenDatabase
) -> None:
    other = Desk(open_url(database_url))
    for number in range(10):
        username = f"person{number}@example.com"
        await invite(desk, world, username)
        await asyncio.gather(
            change(desk, world, username=username, requested_roles=["ORG_OWNER"]),
            change(other, world, username=username, team_ids=[world.team.id]),
        )
        (kept,) = await listed(desk, world, username)
        assert (kept.roles, kept.team_ids) == (("ORG_OWNER",), (world.team.id,))


async def test_inv02_an_invitation_of_another_organization_is_an_unknown_one(
    desk: Desk, world: World, stranger: World
) -> None:
    theirs = await invite(desk, stranger)
    with pytest.raises(InvitationNotFound):
        await get(desk, world, theirs.id)
    with pytest.raises(InvitationNotFound):
        await change(desk, world, invitation_id=theirs.id, requested_roles=["ORG_OWNER"])
    with pytest.raises(InvitationNotFound):
        await revoke(desk, world, theirs.id)
    assert await get(desk, stranger, theirs.id) == theirs
    assert await listed(desk, world) == []


async def test_an_unknown_organization_is_not_found(desk: Desk, world: World) -> None:
    with pytest.raises(OrganizationNotFound) as refused:
        await desk.look(invitations.list_of_organization, world.caller, organization_id=NOWHERE)
    assert refused.value.facts == (NOWHERE,)


@pytest.mark.parametrize("role", ["ORG_MEMBER", "ORG_READ_ONLY", "ORG_GROUP_CREATOR", "ORG_BILLING_ADMIN"])
async def test_inv05_who_does_not_own_the_organization_neither_sees_nor_makes_invitations(
    desk: Desk, world: World, role: str
) -> None:
    invitation = await invite(desk, world)
    caller = world.caller_with(role)
    of = {"organization_id": world.organization.id}
    before = await traces(desk, world)
    for usecase, values in (
        (invitations.list_of_organization, {}),
        (invitations.get_of_organization, {"invitation_id": invitation.id}),
        (invitations.revoke_of_organization, {"invitation_id": invitation.id}),
        (
            invitations.change_of_organization,
            {"invitation_id": invitation.id, "requested_roles": ["ORG_OWNER"]},
        ),
        (invitations.invite_to_organization, {"username": "b@example.com", "requested_roles": ["ORG_OWNER"]}),
    ):
        with pytest.raises(NotOrganizationUserAdmin) as refused:
            await desk.ask(usecase, caller, **of, **values)
        assert refused.value.facts == (world.organization.id,)
    assert await traces(desk, world) == before


# -- to a project -----------------------------------------------------------------------------------


async def test_inviting_an_outsider_to_a_project_makes_a_hidden_organization_half(
    desk: Desk, world: World
) -> None:
    invitation = await invite_to_project(desk, world, roles=("GROUP_OWNER",))
    assert (invitation.project_id, invitation.roles) == (world.project.id, ("GROUP_OWNER",))
    assert await listed_of_project(desk, world) == [invitation]
    assert await get_of_project(desk, world, invitation.id) == invitation
    assert await listed(desk, world) == []
    assert await listed(desk, world, ANN) == []
    half = await hidden_half(desk, world)
    assert half is not None
    assert (half.from_project, half.roles, half.user_id) == (True, ("ORG_MEMBER",), invitation.user_id)
    assert await desk.event_types(world) == ["INVITED_TO_ORG", "INVITED_TO_GROUP"]
    (message,) = await desk.mail()
    assert (message.type, message.invitation_id) == (MessageType.PROJECT_INVITATION, invitation.id)


async def hidden_half(desk: Desk, world: World) -> Invitation | None:
    of = world.organization.id
    return await desk.database.read(lambda tx: stored.find_pending(tx, of, of, ANN))


async def test_the_hidden_half_cannot_be_reached_through_the_organization(desk: Desk, world: World) -> None:
    await invite_to_project(desk, world)
    half = await hidden_half(desk, world)
    assert half is not None
    with pytest.raises(InvitationNotFound):
        await get(desk, world, half.id)
    with pytest.raises(InvitationNotFound):
        await revoke(desk, world, half.id)
    with pytest.raises(InvitationNotFound):
        await change(desk, world, invitation_id=half.id, requested_roles=["ORG_OWNER"])
    with pytest.raises(UsernameNotFound):
        await change(desk, world, username=ANN, requested_roles=["ORG_OWNER"])


async def test_cancelling_the_project_invitation_leaves_the_half_which_an_open_one_replaces(
    desk: Desk, world: World
) -> None:
    invitation = await invite_to_project(desk, world)
    half = await hidden_half(desk, world)
    await revoke_of_project(desk, world, invitation.id)
    assert await listed_of_project(desk, world) == []
    assert await hidden_half(desk, world) == half
    opened = await invite(desk, world)
    assert await listed(desk, world) == [opened]
    assert half is not None
    replaced = await desk.database.read(lambda tx: stored.find(tx, world.organization.id, half.id))
    assert replaced is not None
    assert replaced.state is State.REVOKED


async def test_a_second_project_does_not_make_a_second_half(desk: Desk, world: World) -> None:
    await invite_to_project(desk, world)
    half = await hidden_half(desk, world)
    other = await desk.database.write(lambda tx: plant_project(tx, world.organization, "Other"))
    await desk.ask(
        invitations.invite_to_project,
        world.caller,
        project_id=other.id,
        username=ANN,
        requested_roles=["GROUP_OWNER"],
    )
    assert await hidden_half(desk, world) == half
    assert (await desk.event_types(world)).count("INVITED_TO_ORG") == 1


async def test_who_is_invited_to_the_organization_or_in_it_gets_no_half(desk: Desk, world: World) -> None:
    opened = await invite(desk, world)
    await invite_to_project(desk, world)
    await invite_to_project(desk, world, world.member.username)
    assert await listed(desk, world) == [opened]
    assert [one.username for one in await listed_of_project(desk, world)] == [ANN, world.member.username]
    assert (await desk.event_types(world)).count("INVITED_TO_ORG") == 1


async def test_an_expired_half_is_made_anew_with_the_next_project_invitation(
    desk: Desk, world: World, clock: Clock
) -> None:
    await invite_to_project(desk, world)
    first = await hidden_half(desk, world)
    clock.advance(days=30)
    await invite_to_project(desk, world)
    second = await hidden_half(desk, world)
    assert first is not None
    assert second is not None
    assert second.id != first.id
    assert second.is_pending(clock.now)


REFUSED_PROJECT_INVITATIONS: list[tuple[str, tuple[str, ...], type[Refusal]]] = [
    ("no address", ("GROUP_OWNER",), InvalidUsername),
    (ANN, (), MissingAttribute),
    (ANN, ("GROUP_KING",), InvalidProjectRole),
    (ANN, ("ORG_OWNER",), OrganizationRoleInProject),
    (ANN, ("GLOBAL_OWNER",), GlobalRole),
    ("owner@acme.example", ("GROUP_OWNER",), UserAlreadyExists),
]


@pytest.mark.parametrize(("username", "roles", "refusal"), REFUSED_PROJECT_INVITATIONS)
async def test_inv18_a_refused_project_invitation_leaves_nothing(
    desk: Desk, world: World, username: str, roles: tuple[str, ...], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        await invite_to_project(desk, world, username, roles)
    assert await traces(desk, world) == (0, 0, 0)
    await invite_to_project(desk, world)


async def test_inv08_the_same_address_is_not_invited_twice_to_a_project(desk: Desk, world: World) -> None:
    answers = await asyncio.gather(
        *(invite_to_project(desk, world) for _ in range(8)), return_exceptions=True
    )
    assert sum(isinstance(answer, Invitation) for answer in answers) == 1
    assert sum(isinstance(answer, UserAlreadyExists) for answer in answers) == 7
    assert await traces(desk, world) == (2, 2, 1)


async def test_inv14_an_expired_project_invitation_is_gone_and_may_be_made_again(
    desk: Desk, world: World, clock: Clock
) -> None:
    first = await invite_to_project(desk, world)
    clock.advance(days=30)
    assert await listed_of_project(desk, world) == []
    for again in (get_of_project, revoke_of_project):
        with pytest.raises(InvitationNotFound):
            await again(desk, world, first.id)
    second = await invite_to_project(desk, world)
    assert await listed_of_project(desk, world) == [second]


async def test_inv06_a_project_invitation_changes_its_roles_alone(
    desk: Desk, world: World, clock: Clock
) -> None:
    before = await invite_to_project(desk, world)
    clock.advance(days=1)
    changed = await change_of_project(
        desk, world, invitation_id=before.id, requested_roles=["GROUP_OWNER", "GROUP_OWNER"]
    )
    assert changed == before._replace(roles=("GROUP_OWNER",))
    by_name = await change_of_project(desk, world, username=ANN, requested_roles=["GROUP_READ_ONLY"])
    assert by_name == before
    with pytest.raises(UsernameNotFound):
        await change_of_project(desk, world, username="b@example.com", requested_roles=["GROUP_OWNER"])
    with pytest.raises(OrganizationRoleInProject):
        await change_of_project(desk, world, username=ANN, requested_roles=["ORG_OWNER"])
    assert await get_of_project(desk, world, before.id) == before


async def test_each_kind_of_invitation_is_cancelled_on_its_own_path(desk: Desk, world: World) -> None:
    of_organization = await invite(desk, world)
    of_project = await invite_to_project(desk, world)
    with pytest.raises(InvitationIsForProject):
        await revoke(desk, world, of_project.id)
    with pytest.raises(InvitationIsForOrganization):
        await revoke_of_project(desk, world, of_organization.id)
    with pytest.raises(InvitationNotFound):
        await get(desk, world, of_project.id)
    with pytest.raises(InvitationNotFound):
        await get_of_project(desk, world, of_organization.id)
    assert await listed(desk, world) == [of_organization]
    assert await listed_of_project(desk, world) == [of_project]


async def test_inv02_an_invitation_of_another_project_is_an_unknown_one(desk: Desk, world: World) -> None:
    theirs = await invite_to_project(desk, world)
    other = await desk.database.write(lambda tx: plant_project(tx, world.organization, "Other"))
    for usecase in (invitations.get_of_project, invitations.revoke_of_project):
        with pytest.raises(InvitationNotFound):
            await desk.ask(usecase, world.caller, project_id=other.id, invitation_id=theirs.id)


@pytest.mark.parametrize(
    ("role", "may"), [("GROUP_OWNER", True), ("GROUP_READ_ONLY", False), ("GROUP_DATA_ACCESS_ADMIN", False)]
)
async def test_inv05_only_project_owners_have_to_do_with_its_invitations(
    desk: Desk, world: World, role: str, may: bool
) -> None:
    caller = world.caller_with("ORG_MEMBER")
    await desk.database.write(
        lambda tx: projects.grant(
            tx,
            world.organization.id,
            world.project.id,
            kind=caller.kind,
            principal_id=caller.id,
            roles=(role,),
            at=tx.now,
        )
    )
    invitation = await invite_to_project(desk, world)
    of = {"project_id": world.project.id}
    for usecase, values in (
        (invitations.list_of_project, {}),
        (invitations.get_of_project, {"invitation_id": invitation.id}),
        (invitations.change_of_project, {"invitation_id": invitation.id, "requested_roles": ["GROUP_OWNER"]}),
        (invitations.revoke_of_project, {"invitation_id": invitation.id}),
        (invitations.invite_to_project, {"username": "b@example.com", "requested_roles": ["GROUP_OWNER"]}),
    ):
        if may:
            await desk.ask(usecase, caller, **of, **values)
        else:
            with pytest.raises(NotProjectUserAdmin):
                await desk.ask(usecase, caller, **of, **values)


# -- limits -----------------------------------------------------------------------------------------


def limited(database_url: str, open_url: OpenDatabase, **limits: int) -> Desk:
    names = {"organization": USERS_PER_ORGANIZATION, "project": USERS_PER_PROJECT}
    raised = {**Policy().limits, **{names[name]: value for name, value in limits.items()}}
    return Desk(open_url(database_url, Policy(limits=raised)))


async def test_members_and_pending_people_count_towards_the_organizations_limit(
    world: World, database_url: str, open_url: OpenDatabase, clock: Clock
) -> None:
    desk = limited(database_url, open_url, organization=4)
    first = await invite(desk, world, "a@example.com")
    await invite(desk, world, "b@example.com")
    with pytest.raises(TooManyUsersInOrganization) as refused:
        await invite(desk, world, "c@example.com")
    assert refused.value.facts == ("4", world.organization.name)
    with pytest.raises(TooManyUsersInOrganization):
        await invite_to_project(desk, world, "c@example.com")
    assert await traces(desk, world) == (2, 2, 2)
    await revoke(desk, world, first.id)
    await invite(desk, world, "c@example.com")
    clock.advance(days=30)
    await invite(desk, world, "d@example.com")
    await desk.database.write(lambda tx: join(tx, world.organization.id, "e@example.com", "ORG_MEMBER"))
    with pytest.raises(TooManyUsersInOrganization):
        await invite(desk, world, "f@example.com")


async def test_a_hidden_half_counts_once_when_it_is_replaced(
    world: World, database_url: str, open_url: OpenDatabase
) -> None:
    desk = limited(database_url, open_url, organization=3)
    await invite_to_project(desk, world)
    await invite(desk, world)
    with pytest.raises(TooManyUsersInOrganization):
        await invite(desk, world, "b@example.com")


async def test_members_and_pending_people_count_towards_the_projects_limit(
    world: World, database_url: str, open_url: OpenDatabase
) -> None:
    desk = limited(database_url, open_url, project=2)
    await invite_to_project(desk, world, "a@example.com")
    with pytest.raises(TooManyUsersInProject) as refused:
        await invite_to_project(desk, world, "b@example.com")
    assert refused.value.facts == ("2", world.project.name)
    await invite(desk, world, "b@example.com")


async def test_inv31_the_limit_holds_while_many_invite_at_once(
    world: World, database_url: str, open_url: OpenDatabase
) -> None:
    desks = [limited(database_url, open_url, organization=7) for _ in range(2)]
    answers = await asyncio.gather(
        *(invite(desks[number % 2], world, f"p{number}@example.com") for number in range(20)),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, Invitation) for answer in answers) == 5
    assert sum(isinstance(answer, TooManyUsersInOrganization) for answer in answers) == 15
    assert len(await listed(desks[0], world)) == 5
