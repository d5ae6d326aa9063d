"""API keys: made, shown once, given roles, bound to addresses, deleted."""

from functools import partial
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from antechamber.domain.access_lists import Entry
from antechamber.domain.api_keys import ApiKey
from antechamber.domain.callers import Caller
from antechamber.domain.errors import Refusal
from antechamber.domain.paging import PageRequest
from antechamber.domain.projects import Project
from antechamber.usecases import api_keys, projects
from antechamber.usecases.api_keys import ApiKeyRequest
from antechamber.web import pages
from antechamber.web.console import access_form, desk
from antechamber.web.console.organizations import ROOT


async def show_all(
    request: Request,
    *,
    status: int = 200,
    errors: desk.Errors | None = None,
    description: str = "",
    roles: tuple[str, ...] = ("ORG_MEMBER",),
) -> Response:
    """Show the API keys of an organization."""
    page = PageRequest(desk.page_number(request), desk.PAGE_SIZE)
    caller, found = await desk.look(request, desk.of(request, api_keys.list_of_organization, page=page))
    return desk.render(
        request,
        caller,
        "api_keys.html",
        active="api_keys",
        status=status,
        found=found,
        organization_roles=access_form.ORGANIZATION_ROLES,
        description=description,
        chosen=access_form.Chosen(roles),
        errors=errors or {},
    )


async def create(request: Request) -> Response:
    """Create a key; this answer is the only place where its private half ever stands (INV-24)."""
    fields = await pages.form(request)
    description, roles = desk.field(fields, "description"), desk.chosen(fields, "roles")
    job = desk.of(request, api_keys.create, request=ApiKeyRequest(description, roles))
    try:
        made = await desk.act(request, job)
    except Refusal as refusal:
        status, errors = desk.refused(request, refusal)
        return await show_all(request, status=status, errors=errors, description=description, roles=roles)
    caller, _ = await desk.look(request, desk.of(request, api_keys.get, key_id=made.key.id))
    return desk.render(
        request,
        caller,
        "secret.html",
        active="api_keys",
        kind="api_key",
        public_name=made.key.public_key,
        secret=made.private_key,
        onward=pages.path_for(request, "api_key", key_id=made.key.id, **request.path_params),
    )


class _Subject(NamedTuple):
    key: ApiKey
    entries: list[Entry] | None
    projects: list[Project]


async def _subject(ids: dict[str, str], tx: Any, caller: Caller) -> _Subject:
    key = await api_keys.get(tx, caller, **ids)
    entries = None
    if desk.may(caller, "API_KEY_ACCESS_LISTS"):
        entries = (await api_keys.list_access_entries(tx, caller, **ids, page=access_form.EVERY)).items
    reachable = await projects.list_for_caller(tx, caller, page=access_form.EVERY)
    return _Subject(key, entries, reachable.items)


async def show(
    request: Request,
    *,
    status: int = 200,
    errors: desk.Errors | None = None,
    description: str | None = None,
    chosen: access_form.Chosen | None = None,
    block: str = "",
) -> Response:
    """Show one key."""
    caller, subject = await desk.look(request, partial(_subject, request.path_params))
    key = subject.key
    standing = access_form.standing(key.roles, (), key.project_roles)
    return desk.render(
        request,
        caller,
        "api_key.html",
        active="api_keys",
        status=status,
        key=key,
        masked=api_keys.masked_private_key(key),
        entries=subject.entries,
        description=key.description if description is None else description,
        chosen=chosen or standing,
        standing=standing,
        organization_roles=access_form.ORGANIZATION_ROLES,
        project_roles=access_form.PROJECT_ROLES,
        projects=subject.projects,
        project_names={one.id: one.name for one in subject.projects},
        block=block,
        errors=errors or {},
    )


async def change(request: Request) -> Response:
    """Change the description and the roles of a key."""
    fields = await pages.form(request)
    description, roles = desk.field(fields, "description"), desk.chosen(fields, "roles")
    job = desk.of(
        request,
        api_keys.update,
        key_id=request.path_params["key_id"],
        description=description,
        requested_roles=roles,
    )
    again = partial(show, description=description, chosen=access_form.Chosen(roles))
    return await desk.attempt(request, job, again=again, to="api_key", notice="console.saved")


async def assign(request: Request) -> Response:
    """Give a key exactly these roles on a project; none takes it off."""
    fields = await pages.form(request)
    project_id, roles = desk.field(fields, "project"), desk.chosen(fields, "project_roles")
    key_id = request.path_params["key_id"]

    async def job(tx: Any, caller: Caller) -> None:
        if roles:
            await api_keys.assign(tx, caller, project_id=project_id, key_id=key_id, requested_roles=roles)
        else:
            await api_keys.unassign(tx, caller, project_id=project_id, key_id=key_id)

    return await desk.attempt(request, job, again=show, to="api_key", notice="console.saved")


async def add_entry(request: Request) -> Response:
    """Add an address or a block to the access list of a key."""
    block = desk.field(await pages.form(request), "block")
    job = desk.of(
        request,
        api_keys.add_access_entries,
        key_id=request.path_params["key_id"],
        addresses=[block],
        page=PageRequest(size=1),
    )
    return await desk.attempt(
        request, job, again=partial(show, block=block), to="api_key", notice="console.saved"
    )


async def remove_entry(request: Request) -> Response:
    """Take a block off the access list of a key."""
    block = desk.field(await pages.form(request), "block")
    job = desk.of(request, api_keys.remove_access_entry, key_id=request.path_params["key_id"], address=block)
    return await desk.attempt(request, job, again=show, to="api_key", notice="console.saved")


async def ask_deletion(request: Request, *, status: int = 200, errors: desk.Errors | None = None) -> Response:
    """Ask whether a key is really to be deleted."""
    job = desk.of(request, api_keys.get, key_id=request.path_params["key_id"])
    caller, key = await desk.look(request, job)
    return desk.confirm(
        request,
        caller,
        active="api_keys",
        status=status,
        errors=errors or {},
        kind="delete_api_key",
        facts={"name": key.public_key},
        back=pages.path_for(request, "api_key", **request.path_params),
    )


async def delete(request: Request) -> Response:
    """Delete a key."""
    await pages.form(request)
    job = desk.of(request, api_keys.delete, key_id=request.path_params["key_id"])
    return await desk.attempt(request, job, again=ask_deletion, to="api_keys", notice="console.deleted")


def routes() -> list[Route]:
    """Return the routes of these pages."""
    one = f"{ROOT}/keys/{{key_id}}"
    return [
        Route(f"{ROOT}/keys", show_all, name="api_keys"),
        Route(f"{ROOT}/keys", create, name="create_api_key", methods=["POST"]),
        Route(one, show, name="api_key"),
        Route(f"{one}/details", change, name="change_api_key", methods=["POST"]),
        Route(f"{one}/projects", assign, name="assign_api_key", methods=["POST"]),
        Route(f"{one}/addresses", add_entry, name="add_api_key_address", methods=["POST"]),
        Route(f"{one}/addresses/removal", remove_entry, name="remove_api_key_address", methods=["POST"]),
        Route(f"{one}/deletion", ask_deletion, name="ask_deletion_of_api_key"),
        Route(f"{one}/deletion", delete, name="delete_api_key", methods=["POST"]),
    ]
