"""Projects: their people, teams and invitations."""

from functools import partial
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from antechamber.domain.callers import Caller
from antechamber.domain.errors import Refusal
from antechamber.domain.invitation_search import Found, Order
from antechamber.domain.paging import Page, PageRequest
from antechamber.domain.projects import Project
from antechamber.domain.teams import Team, TeamRoles
from antechamber.domain.users import ProjectUser
from antechamber.usecases import (
    invitation_search,
    project_users,
    projects,
    team_roles,
    teams,
)
from antechamber.web import pages
from antechamber.web.console import access_form, desk, invitations
from antechamber.web.console.organizations import ROOT


async def show_all(
    request: Request, *, status: int = 200, errors: desk.Errors | None = None, name: str = ""
) -> Response:
    """Show the projects that the person can reach."""
    page = PageRequest(desk.page_number(request), desk.PAGE_SIZE)
    prefix = desk.asked(request, "name")
    job = desk.of(request, projects.list_of_organization, name_prefix=prefix, page=page)
    caller, found = await desk.look(request, job)
    return desk.render(
        request,
        caller,
        "projects.html",
        active="projects",
        status=status,
        found=found,
        filters={"name": prefix},
        name=name,
        errors=errors or {},
    )


async def create(request: Request) -> Response:
    """Create a project."""
    name = desk.field(await pages.form(request), "name")
    job = desk.of(
        request, projects.create, name=name, owner_id=None, tags=(), with_default_alerts_settings=True
    )
    try:
        made = await desk.act(request, job)
    except Refusal as refusal:
        status, errors = desk.refused(request, refusal)
        return await show_all(request, status=status, errors=errors, name=name)
    return pages.redirect(
        request, "project", notice="console.created", project_id=made.id, **request.path_params
    )


class _Subject(NamedTuple):
    project: Project
    held: frozenset[str]
    people: Page[ProjectUser]
    assigned: list[TeamRoles]
    teams: list[Team]


async def _subject(project_id: str, page: PageRequest, tx: Any, caller: Caller) -> _Subject:
    project, held = await projects.get_with_standing(tx, caller, project_id=project_id)
    people = await project_users.list_of_project(
        tx, caller, project_id=project_id, through_teams=True, page=page
    )
    assigned = await team_roles.list_of_project(tx, caller, project_id=project_id, page=access_form.EVERY)
    every = await teams.list_of_organization(
        tx, caller, organization_id=project.organization_id, page=access_form.EVERY
    )
    return _Subject(project, held, people, assigned.items, every.items)


async def show(
    request: Request,
    *,
    status: int = 200,
    errors: desk.Errors | None = None,
    name: str | None = None,
    address: str = "",
) -> Response:
    """Show one project."""
    page = PageRequest(desk.page_number(request), desk.PAGE_SIZE)
    caller, subject = await desk.look(request, partial(_subject, request.path_params["project_id"], page))
    return desk.render(
        request,
        caller,
        "project.html",
        active="projects",
        held=subject.held,
        status=status,
        project=subject.project,
        found=subject.people,
        assigned=subject.assigned,
        team_names={team.id: team.name for team in subject.teams},
        teams=subject.teams,
        project_roles=access_form.PROJECT_ROLES,
        name=subject.project.name if name is None else name,
        address=address,
        errors=errors or {},
    )


async def rename(request: Request) -> Response:
    """Give a project another name."""
    name = desk.field(await pages.form(request), "name")
    job = desk.of_project(request, projects.update, name=name, tags=None, with_default_alerts_settings=None)
    return await desk.attempt(
        request, job, again=partial(show, name=name), to="project", notice="console.saved"
    )


async def ask_deletion(request: Request, *, status: int = 200, errors: desk.Errors | None = None) -> Response:
    """Ask whether a project is really to be deleted."""
    caller, project = await desk.look(request, desk.of_project(request, projects.get))
    return desk.confirm(
        request,
        caller,
        active="projects",
        status=status,
        errors=errors or {},
        kind="delete_project",
        facts={"name": project.name},
        back=pages.path_for(request, "project", **request.path_params),
    )


async def delete(request: Request) -> Response:
    """Delete a project."""
    await pages.form(request)
    job = desk.of_project(request, projects.delete)
    return await desk.attempt(request, job, again=ask_deletion, to="projects", notice="console.deleted")


# -- its people -------------------------------------------------------------------------------------


async def add_person(request: Request) -> Response:
    """Give somebody access to a project, with an invitation where that is needed."""
    fields = await pages.form(request)
    address, roles = desk.field(fields, "address"), desk.chosen(fields, "roles")
    job = desk.of_project(request, project_users.add, username=address, requested_roles=roles)
    return await desk.attempt(
        request, job, again=partial(show, address=address), to="project", notice="console.saved"
    )


async def show_person(
    request: Request,
    *,
    status: int = 200,
    errors: desk.Errors | None = None,
    chosen: access_form.Chosen | None = None,
) -> Response:
    """Show what one person may do on a project."""
    ids = request.path_params

    async def job(tx: Any, caller: Caller) -> tuple[Project, frozenset[str], ProjectUser]:
        project, held = await projects.get_with_standing(tx, caller, project_id=ids["project_id"])
        person = await project_users.get(tx, caller, project_id=ids["project_id"], user_id=ids["user_id"])
        return project, held, person

    caller, (project, held, person) = await desk.look(request, job)
    return desk.render(
        request,
        caller,
        "project_person.html",
        active="projects",
        held=held,
        status=status,
        project=project,
        subject=person,
        project_roles=access_form.PROJECT_ROLES,
        chosen=chosen or access_form.Chosen(person.roles),
        errors=errors or {},
    )


async def change_person(request: Request) -> Response:
    """Change the roles of a person on a project, or of one who is invited to it."""
    chosen = access_form.read(await pages.form(request))

    async def job(tx: Any, caller: Caller) -> None:
        ids = {"project_id": request.path_params["project_id"], "user_id": request.path_params["user_id"]}
        person = await project_users.get(tx, caller, **ids)
        if person.person.invitation is None:
            await project_users.replace_roles(tx, caller, **ids, requested_roles=chosen.roles)
            return
        # What an invitation promises is changed role by role.
        for role in chosen.roles:
            await project_users.add_role(tx, caller, **ids, role=role)
        for role in person.roles:
            if role not in chosen.roles:
                await project_users.remove_role(tx, caller, **ids, role=role)

    return await desk.attempt(
        request, job, again=partial(show_person, chosen=chosen), to="project", notice="console.saved"
    )


async def remove_person(request: Request) -> Response:
    """Take a person's roles on a project away."""
    await pages.form(request)
    job = desk.of_project(request, project_users.remove, user_id=request.path_params["user_id"])
    return await desk.attempt(request, job, again=show_person, to="project", notice="console.people.removed")


# -- its teams --------------------------------------------------------------------------------------


async def assign_team(request: Request) -> Response:
    """Give a team roles on a project, or other ones."""
    fields = await pages.form(request)
    team_id, roles = desk.field(fields, "team"), desk.chosen(fields, "roles")

    async def job(tx: Any, caller: Caller) -> None:
        of = {"project_id": request.path_params["project_id"]}
        assigned = await team_roles.list_of_project(tx, caller, **of, page=access_form.EVERY)
        if any(one.team_id == team_id for one in assigned.items):
            await team_roles.update(tx, caller, **of, team_id=team_id, role_names=roles)
        else:
            await team_roles.add(tx, caller, **of, requested=[(team_id, roles)])

    return await desk.attempt(request, job, again=show, to="project", notice="console.saved")


async def unassign_team(request: Request) -> Response:
    """Take a team off a project."""
    await pages.form(request)
    job = desk.of_project(request, team_roles.remove, team_id=request.path_params["team_id"])
    return await desk.attempt(request, job, again=show, to="project", notice="console.saved")


# -- invitations to it ------------------------------------------------------------------------------


async def show_invitations(request: Request) -> Response:
    """Show the invitations to a project."""
    chosen = invitations.asked_for(request)._replace(scope="")

    async def job(tx: Any, caller: Caller) -> tuple[Project, frozenset[str], Found]:
        project_id = request.path_params["project_id"]
        project, held = await projects.get_with_standing(tx, caller, project_id=project_id)
        found = await invitation_search.search_in_project(
            tx,
            caller,
            project_id=project_id,
            wanted=invitations.wanted(chosen),
            after=invitations.place(request, chosen.order),
            size=desk.PAGE_SIZE,
        )
        return project, held, found

    caller, (project, held, found) = await desk.look(request, job)
    return desk.render(
        request,
        caller,
        "invitations.html",
        active="projects",
        held=held,
        project=project,
        found=found,
        filters=chosen._asdict(),
        states=invitations.STATES,
        orders=tuple(Order),
        projects=[],
        project_names={project.id: project.name},
        after=desk.asked(request, "after"),
    )


def routes() -> list[Route]:
    """Return the routes of these pages."""
    one = f"{ROOT}/projects/{{project_id}}"
    person = f"{one}/people/{{user_id}}"
    return [
        Route(f"{ROOT}/projects", show_all, name="projects"),
        Route(f"{ROOT}/projects", create, name="create_project", methods=["POST"]),
        Route(one, show, name="project"),
        Route(f"{one}/name", rename, name="rename_project", methods=["POST"]),
        Route(f"{one}/deletion", ask_deletion, name="ask_deletion_of_project"),
        Route(f"{one}/deletion", delete, name="delete_project", methods=["POST"]),
        Route(f"{one}/people", add_person, name="add_to_project", methods=["POST"]),
        Route(person, show_person, name="project_person"),
        Route(person, change_person, name="change_project_person", methods=["POST"]),
        Route(f"{person}/removal", remove_person, name="remove_from_project", methods=["POST"]),
        Route(f"{one}/teams", assign_team, name="assign_team", methods=["POST"]),
        Route(f"{one}/teams/{{team_id}}/removal", unassign_team, name="unassign_team", methods=["POST"]),
        Route(f"{one}/invitations", show_invitations, name="project_invitations"),
    ]
