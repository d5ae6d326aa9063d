"""Service accounts: made, given secrets that are shown once, roles and addresses, deleted."""

from functools import partial
from typing import Any, NamedTuple

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from antechamber.domain.access_lists import Entry
from antechamber.domain.callers import Caller
from antechamber.domain.errors import Refusal
from antechamber.domain.paging import PageRequest
from antechamber.domain.projects import Project
from antechamber.domain.service_accounts import ServiceAccount
from antechamber.usecases import projects, service_accounts
from antechamber.usecases.service_accounts import (
    NewSecret,
    ServiceAccountChange,
    ServiceAccountRequest,
)
from antechamber.web import pages
from antechamber.web.console import access_form, desk
from antechamber.web.console.organizations import ROOT

_USUAL_HOURS = "8760"


def _hours(fields: FormData) -> int:
    text = desk.field(fields, "hours", most=9)
    return int(text) if text.isascii() and text.isdecimal() else 0


async def show_all(
    request: Request,
    *,
    status: int = 200,
    errors: desk.Errors | None = None,
    name: str = "",
    description: str = "",
    hours: str = _USUAL_HOURS,
    roles: tuple[str, ...] = ("ORG_MEMBER",),
) -> Response:
    """Show the service accounts of an organization."""
    page = PageRequest(desk.page_number(request), desk.PAGE_SIZE)
    job = desk.of(request, service_accounts.list_of_organization, page=page)
    caller, found = await desk.look(request, job)
    return desk.render(
        request,
        caller,
        "service_accounts.html",
        active="service_accounts",
        status=status,
        found=found,
        organization_roles=access_form.ORGANIZATION_ROLES,
        name=name,
        description=description,
        hours=hours,
        chosen=access_form.Chosen(roles),
        errors=errors or {},
    )


async def create(request: Request) -> Response:
    """Create an account; this answer is the only place where its first secret ever stands (INV-24)."""
    fields = await pages.form(request)
    wanted = ServiceAccountRequest(
        desk.field(fields, "name"),
        desk.field(fields, "description"),
        desk.chosen(fields, "roles"),
        _hours(fields),
    )
    try:
        made = await desk.act(request, desk.of(request, service_accounts.create, request=wanted))
    except Refusal as refusal:
        status, errors = desk.refused(request, refusal)
        return await show_all(
            request,
            status=status,
            errors=errors,
            name=wanted.name,
            description=wanted.description,
            hours=desk.field(fields, "hours", most=9),
            roles=tuple(wanted.roles),
        )
    return await _shown_once(request, made.account.client_id, made.secret)


async def _shown_once(request: Request, client_id: str, made: NewSecret) -> Response:
    job = desk.of(request, service_accounts.get, client_id=client_id)
    caller, _ = await desk.look(request, job)
    ids = {"organization_id": request.path_params["organization_id"], "client_id": client_id}
    return desk.render(
        request,
        caller,
        "secret.html",
        active="service_accounts",
        kind="service_account",
        public_name=client_id,
        secret=made.clear,
        onward=pages.path_for(request, "service_account", **ids),
    )


class _Subject(NamedTuple):
    account: ServiceAccount
    entries: list[Entry]
    assigned: list[tuple[str, tuple[str, ...]]]
    projects: list[Project]


async def _subject(ids: dict[str, str], tx: Any, caller: Caller) -> _Subject:
    every = access_form.EVERY
    return _Subject(
        await service_accounts.get(tx, caller, **ids),
        (await service_accounts.list_access_entries(tx, caller, **ids, page=every)).items,
        (await service_accounts.list_projects(tx, caller, **ids, page=every)).items,
        (await projects.list_for_caller(tx, caller, page=every)).items,
    )


async def show(
    request: Request,
    *,
    status: int = 200,
    errors: desk.Errors | None = None,
    change: ServiceAccountChange | None = None,
    block: str = "",
    hours: str = _USUAL_HOURS,
) -> Response:
    """Show one account."""
    caller, subject = await desk.look(request, partial(_subject, request.path_params))
    account = subject.account
    kept = change or ServiceAccountChange(account.name, account.description, account.roles)
    return desk.render(
        request,
        caller,
        "service_account.html",
        active="service_accounts",
        status=status,
        account=account,
        name=kept.name,
        description=kept.description,
        chosen=access_form.Chosen(tuple(kept.roles or ())),
        entries=subject.entries,
        assigned=subject.assigned,
        organization_roles=access_form.ORGANIZATION_ROLES,
        project_roles=access_form.PROJECT_ROLES,
        projects=subject.projects,
        project_names={one.id: one.name for one in subject.projects},
        block=block,
        hours=hours,
        errors=errors or {},
    )


def _one(request: Request, usecase: Any, **values: Any) -> desk.Job[Any]:
    return desk.of(request, usecase, client_id=request.path_params["client_id"], **values)


async def change(request: Request) -> Response:
    """Change the name, the description and the roles of an account."""
    fields = await pages.form(request)
    wanted = ServiceAccountChange(
        desk.field(fields, "name"), desk.field(fields, "description"), desk.chosen(fields, "roles")
    )
    job = _one(request, service_accounts.update, change=wanted)
    again = partial(show, change=wanted)
    return await desk.attempt(request, job, again=again, to="service_account", notice="console.saved")


async def assign(request: Request) -> Response:
    """Give an account exactly these roles on a project; none takes it off."""
    fields = await pages.form(request)
    project_id, roles = desk.field(fields, "project"), desk.chosen(fields, "project_roles")
    client_id = request.path_params["client_id"]

    async def job(tx: Any, caller: Caller) -> None:
        of = {"project_id": project_id, "client_id": client_id}
        if roles:
            await service_accounts.invite(tx, caller, **of, requested_roles=roles)
        else:
            await service_accounts.unassign(tx, caller, **of)

    return await desk.attempt(request, job, again=show, to="service_account", notice="console.saved")


async def create_secret(request: Request) -> Response:
    """Give an account another secret, shown in this answer only (INV-24)."""
    fields = await pages.form(request)
    job = _one(request, service_accounts.create_secret, lifetime_hours=_hours(fields))
    try:
        made = await desk.act(request, job)
    except Refusal as refusal:
        status, errors = desk.refused(request, refusal)
        return await show(request, status=status, errors=errors, hours=desk.field(fields, "hours", most=9))
    return await _shown_once(request, request.path_params["client_id"], made)


async def delete_secret(request: Request) -> Response:
    """Delete a secret."""
    await pages.form(request)
    job = _one(request, service_accounts.delete_secret, secret_id=request.path_params["secret_id"])
    return await desk.attempt(request, job, again=show, to="service_account", notice="console.deleted")


async def add_entry(request: Request) -> Response:
    """Add an address or a block to the access list of an account."""
    block = desk.field(await pages.form(request), "block")
    job = _one(request, service_accounts.add_access_entries, addresses=[block], page=PageRequest(size=1))
    again = partial(show, block=block)
    return await desk.attempt(request, job, again=again, to="service_account", notice="console.saved")


async def remove_entry(request: Request) -> Response:
    """Take a block off the access list of an account."""
    block = desk.field(await pages.form(request), "block")
    job = _one(request, service_accounts.remove_access_entry, address=block)
    return await desk.attempt(request, job, again=show, to="service_account", notice="console.saved")


async def ask_deletion(request: Request, *, status: int = 200, errors: desk.Errors | None = None) -> Response:
    """Ask whether an account is really to be deleted."""
    caller, account = await desk.look(request, _one(request, service_accounts.get))
    return desk.confirm(
        request,
        caller,
        active="service_accounts",
        status=status,
        errors=errors or {},
        kind="delete_service_account",
        facts={"name": account.name},
        back=pages.path_for(request, "service_account", **request.path_params),
    )


async def delete(request: Request) -> Response:
    """Delete an account."""
    await pages.form(request)
    job = _one(request, service_accounts.delete)
    return await desk.attempt(
        request, job, again=ask_deletion, to="service_accounts", notice="console.deleted"
    )


def routes() -> list[Route]:
    """Return the routes of these pages."""
    one = f"{ROOT}/accounts/{{client_id}}"
    secret = f"{one}/secrets/{{secret_id}}/deletion"
    return [
        Route(f"{ROOT}/accounts", show_all, name="service_accounts"),
        Route(f"{ROOT}/accounts", create, name="create_service_account", methods=["POST"]),
        Route(one, show, name="service_account"),
        Route(f"{one}/details", change, name="change_service_account", methods=["POST"]),
        Route(f"{one}/projects", assign, name="assign_service_account", methods=["POST"]),
        Route(f"{one}/secrets", create_secret, name="create_secret", methods=["POST"]),
        Route(secret, delete_secret, name="delete_secret", methods=["POST"]),
        Route(f"{one}/addresses", add_entry, name="add_account_address", methods=["POST"]),
        Route(f"{one}/addresses/removal", remove_entry, name="remove_account_address", methods=["POST"]),
        Route(f"{one}/deletion", ask_deletion, name="ask_deletion_of_service_account"),
        Route(f"{one}/deletion", delete, name="delete_service_account", methods=["POST"]),
    ]
