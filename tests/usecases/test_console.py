"""What the console asks beyond the API: overviews, lists, languages, and roles that come from teams."""

from dataclasses import replace

import pytest
from tests.usecases.conftest import Desk
from tests.worlds import World

from antechamber.domain import events
from antechamber.domain.callers import Caller, CallerKind
from antechamber.domain.errors import (
    InvalidAttribute,
    InvitationNotFound,
    NoTieToOrganization,
    NoTieToProject,
    NotOrganizationOwner,
    NotOrganizationUserAdmin,
    NotProjectUserAdmin,
)
from antechamber.domain.invitation_search import Wanted
from antechamber.domain.paging import PageRequest
from antechamber.domain.roles import GROUP_OWNER, GROUP_READ_ONLY, ORG_MEMBER, ORG_OWNER
from antechamber.domain.teams import TeamRoles
from antechamber.storage import teams
from antechamber.storage.database import Transaction
from antechamber.usecases import (
    invitation_search,
    invitations,
    organization_settings,
    organization_users,
    organizations,
    projects,
    team_roles,
)


def person(world: World) -> Caller:
    """The plain member as a caller."""
    return replace(
        world.caller,
        kind=CallerKind.USER,
        id=world.member.id,
        name=world.member.username,
        roles=frozenset({ORG_MEMBER}),
    )


async def put_into_team(desk: Desk, world: World, *roles: str) -> None:
    async def job(tx: Transaction) -> None:
        assigned = TeamRoles(world.project.id, world.team.id, roles)
        await teams.assign(tx, world.organization.id, assigned, tx.now)
        await teams.add_member(tx, world.team, world.member.id, tx.now)

    await desk.database.write(job)


async def test_a_person_may_do_on_a_project_what_their_team_may(desk: Desk, world: World) -> None:
    of = {"project_id": world.project.id}
    with pytest.raises(NoTieToProject):
        await desk.look(projects.get, person(world), **of)
    await put_into_team(desk, world, GROUP_READ_ONLY)
    project, held = await desk.look(projects.get_with_standing, person(world), **of)
    assert (project, held) == (world.project, frozenset({GROUP_READ_ONLY}))
    page = await desk.look(projects.list_for_caller, person(world), page=PageRequest())
    assert (page.items, page.total) == ([world.project], 1)
    with pytest.raises(NotProjectUserAdmin):
        await desk.look(invitation_search.search_in_project, person(world), wanted=Wanted(), size=9, **of)


async def test_a_key_gets_nothing_from_teams(desk: Desk, world: World) -> None:
    await put_into_team(desk, world, GROUP_OWNER)
    key = replace(person(world), kind=CallerKind.API_KEY)
    with pytest.raises(NoTieToProject):
        await desk.look(projects.get, key, project_id=world.project.id)


async def test_an_overview_counts(desk: Desk, world: World) -> None:
    of = {"organization_id": world.organization.id}
    await desk.ask(
        invitations.invite_to_organization,
        world.caller,
        username="kim@example.com",
        requested_roles=[ORG_MEMBER],
        **of,
    )
    found = await desk.look(organizations.overview, person(world), **of)
    assert (found.members, found.pending, found.projects, found.teams, found.api_keys) == (2, 1, 1, 1, 1)
    assert found.language == ""


async def test_owners_choose_the_language_of_mail(desk: Desk, world: World) -> None:
    of = {"organization_id": world.organization.id}
    await desk.ask(organization_settings.choose_language, world.caller, language="ja", **of)
    await desk.ask(organization_settings.choose_language, world.caller, language="ja", **of)
    assert (await desk.look(organizations.overview, world.caller, **of)).language == "ja"
    assert await desk.event_types(world) == [events.ORG_SETTINGS_UPDATED]
    with pytest.raises(InvalidAttribute):
        await desk.ask(organization_settings.choose_language, world.caller, language="xx", **of)
    with pytest.raises(NotOrganizationOwner):
        await desk.ask(organization_settings.choose_language, person(world), language="en", **of)


async def test_invitations_are_looked_through_by_those_who_may(
    desk: Desk, world: World, stranger: World
) -> None:
    of = {"organization_id": world.organization.id}
    _, sent = await desk.ask(
        invitations.invite_to_organization,
        world.caller,
        username="kim@example.com",
        requested_roles=[ORG_MEMBER],
        **of,
    )
    found = await desk.look(invitation_search.search, world.caller, wanted=Wanted(), size=9, **of)
    assert [record.invitation for record in found.records] == [sent]
    record = await desk.look(invitation_search.get, world.caller, invitation_id=sent.id, **of)
    assert record.invitation == sent
    for usecase, values in (
        (invitation_search.search, {"wanted": Wanted(), "size": 9}),
        (invitation_search.get, {"invitation_id": sent.id}),
    ):
        with pytest.raises(NotOrganizationUserAdmin):
            await desk.look(usecase, person(world), **of, **values)
        with pytest.raises(NoTieToOrganization):
            await desk.look(usecase, stranger.caller, **of, **values)
    with pytest.raises(InvitationNotFound):
        await desk.look(
            invitation_search.get,
            stranger.caller,
            organization_id=stranger.organization.id,
            invitation_id=sent.id,
        )


async def test_people_and_teams_are_listed_for_members_only(
    desk: Desk, world: World, stranger: World
) -> None:
    of = {"organization_id": world.organization.id}
    found, following = await desk.look(organization_users.search, person(world), size=9, **of)
    assert [one.username for one in found] == [world.member.username, world.owner.username]
    assert following is None
    await put_into_team(desk, world, GROUP_OWNER)
    assigned = await desk.look(team_roles.list_of_team, person(world), team_id=world.team.id, **of)
    assert assigned == [TeamRoles(world.project.id, world.team.id, (GROUP_OWNER,))]
    for usecase, values in (
        (organization_users.search, {"size": 9}),
        (team_roles.list_of_team, {"team_id": world.team.id}),
    ):
        with pytest.raises(NoTieToOrganization):
            await desk.look(usecase, stranger.caller_with(ORG_OWNER), **of, **values)
