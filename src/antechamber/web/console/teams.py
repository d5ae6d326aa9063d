"""Teams: their members, and their roles on projects."""

from functools import partial
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from antechamber.domain.callers import Caller
from antechamber.domain.errors import Refusal, UserNotInOrganization
from antechamber.domain.paging import Page, PageRequest
from antechamber.domain.projects import Project
from antechamber.domain.teams import Team, TeamRoles
from antechamber.domain.users import OrganizationUser
from antechamber.usecases import organization_users, projects, team_roles, team_users, teams
from antechamber.web import pages
from antechamber.web.console import access_form, desk
from antechamber.web.console.organizations import ROOT


async def show_all(
    request: Request,
    *,
    status: int = 200,
    errors: desk.Errors | None = None,
    name: str = "",
    address: str = "",
) -> Response:
    """Show the teams of an organization."""
    page = PageRequest(desk.page_number(request), desk.PAGE_SIZE)
    caller, found = await desk.look(request, desk.of(request, teams.list_of_organization, page=page))
    return desk.render(
        request,
        caller,
        "teams.html",
        active="teams",
        status=status,
        found=found,
        name=name,
        address=address,
        errors=errors or {},
    )


async def create(request: Request) -> Response:
    """Create a team with its first member."""
    fields = await pages.form(request)
    name, address = desk.field(fields, "name"), desk.field(fields, "address")
    members = [address] if address else []
    job = desk.of(request, teams.create, name=name, member_usernames=members)
    try:
        made, _ = await desk.act(request, job)
    except Refusal as refusal:
        status, errors = desk.refused(request, refusal)
        return await show_all(request, status=status, errors=errors, name=name, address=address)
    return pages.redirect(request, "team", notice="console.created", team_id=made.id, **request.path_params)


class _Subject(NamedTuple):
    team: Team
    people: Page[OrganizationUser]
    assigned: list[TeamRoles]
    projects: list[Project]


async def _subject(
    organization_id: str, team_id: str, page: PageRequest, tx: Any, caller: Caller
) -> _Subject:
    return _Subject(
        await teams.get(tx, caller, organization_id=organization_id, team_id=team_id),
        await team_users.list_of_team(
            tx, caller, organization_id=organization_id, team_id=team_id, page=page
        ),
        await team_roles.list_of_team(tx, caller, organization_id=organization_id, team_id=team_id),
        (await projects.list_for_caller(tx, caller, page=access_form.EVERY)).items,
    )


async def show(
    request: Request,
    *,
    status: int = 200,
    errors: desk.Errors | None = None,
    name: str | None = None,
    address: str = "",
) -> Response:
    """Show one team."""
    page = PageRequest(desk.page_number(request), desk.PAGE_SIZE)
    ids = (request.path_params["organization_id"], request.path_params["team_id"])
    caller, subject = await desk.look(request, partial(_subject, *ids, page))
    return desk.render(
        request,
        caller,
        "team.html",
        active="teams",
        status=status,
        team=subject.team,
        found=subject.people,
        assigned=subject.assigned,
        project_names={one.id: one.name for one in subject.projects},
        name=subject.team.name if name is None else name,
        address=address,
        errors=errors or {},
    )


async def rename(request: Request) -> Response:
    """Give a team another name."""
    name = desk.field(await pages.form(request), "name")
    job = desk.of(request, teams.rename, team_id=request.path_params["team_id"], name=name)
    return await desk.attempt(request, job, again=partial(show, name=name), to="team", notice="console.saved")


async def add_member(request: Request) -> Response:
    """Seat a member, or somebody who is invited."""
    address = desk.field(await pages.form(request), "address")
    ids = {key: request.path_params[key] for key in ("organization_id", "team_id")}

    async def job(tx: Any, caller: Caller) -> None:
        found = await organization_users.list_of_organization(
            tx,
            caller,
            organization_id=ids["organization_id"],
            username=address or "-",
            page=PageRequest(size=1),
        )
        if not found.items:
            raise UserNotInOrganization(address, ids["organization_id"])
        await team_users.add(tx, caller, **ids, user_id=found.items[0].id)

    return await desk.attempt(
        request, job, again=partial(show, address=address), to="team", notice="console.saved"
    )


async def remove_member(request: Request) -> Response:
    """Take somebody's seat."""
    await pages.form(request)
    job = partial(_unseat, request.path_params)
    return await desk.attempt(request, job, again=show, to="team", notice="console.people.removed")


async def _unseat(ids: dict[str, str], tx: Any, caller: Caller) -> None:
    await team_users.remove(tx, caller, **ids)


async def ask_deletion(request: Request, *, status: int = 200, errors: desk.Errors | None = None) -> Response:
    """Ask whether a team is really to be deleted."""
    job = desk.of(request, teams.get, team_id=request.path_params["team_id"])
    caller, team = await desk.look(request, job)
    return desk.confirm(
        request,
        caller,
        active="teams",
        status=status,
        errors=errors or {},
        kind="delete_team",
        facts={"name": team.name},
        back=pages.path_for(request, "team", **request.path_params),
    )


async def delete(request: Request) -> Response:
    """Delete a team."""
    await pages.form(request)
    job = desk.of(request, teams.delete, team_id=request.path_params["team_id"])
    return await desk.attempt(request, job, again=ask_deletion, to="teams", notice="console.deleted")


def routes() -> list[Route]:
    """Return the routes of these pages."""
    one = f"{ROOT}/teams/{{team_id}}"
    return [
        Route(f"{ROOT}/teams", show_all, name="teams"),
        Route(f"{ROOT}/teams", create, name="create_team", methods=["POST"]),
        Route(one, show, name="team"),
        Route(f"{one}/name", rename, name="rename_team", methods=["POST"]),
        Route(f"{one}/members", add_member, name="add_to_team", methods=["POST"]),
        Route(f"{one}/members/{{user_id}}/removal", remove_member, name="remove_from_team", methods=["POST"]),
        Route(f"{one}/deletion", ask_deletion, name="ask_deletion_of_team"),
        Route(f"{one}/deletion", delete, name="delete_team", methods=["POST"]),
    ]
