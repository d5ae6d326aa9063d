"""The people of an organization, members and invited, and what each may do."""

from collections.abc import AsyncIterator, Mapping
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from antechamber.domain.callers import Caller
from antechamber.domain.users import SHOWN, OrganizationUser, Status
from antechamber.usecases import organization_users
from antechamber.web import pages
from antechamber.web.console import access_form, desk, exports
from antechamber.web.console.organizations import ROOT

_STATUSES: dict[str, frozenset[Status]] = {
    "": SHOWN,
    "active": frozenset({Status.ACTIVE}),
    "pending": frozenset({Status.PENDING}),
    "expired": frozenset({Status.INVITATION_EXPIRED}),
    "rejected": frozenset({Status.INVITATION_REJECTED}),
    "all": frozenset(Status),
}
_COLUMNS = ("address", "status", "firstName", "lastName", "roles", "id")


async def show_all(request: Request) -> Response:
    """Show the people of an organization."""
    wanted = _wanted(request)
    after = desk.asked(request, "after")
    job = desk.of(request, organization_users.search, **wanted, after=after, size=desk.PAGE_SIZE)
    caller, (found, following) = await desk.look(request, job)
    return desk.render(
        request,
        caller,
        "people.html",
        active="people",
        people=found,
        following=following,
        after=after,
        statuses=_STATUSES,
        filters=_filters(request),
    )


async def export(request: Request) -> Response:
    """Return the same people as a file."""
    kind = request.path_params["kind"]
    if kind not in exports.KINDS:
        raise pages.Refused(404, "not_found")
    wanted = _wanted(request)

    async def slices() -> AsyncIterator[list[Mapping[str, object]]]:
        after: str | None = ""
        while after is not None:
            job = desk.of(request, organization_users.search, **wanted, after=after, size=exports.SLICE)
            _, (found, after) = await desk.look(request, job)
            yield [_exported(person) for person in found]

    return await exports.export(kind, "people", _COLUMNS, slices())


def _exported(person: OrganizationUser) -> Mapping[str, object]:
    return {
        "address": person.username,
        "status": person.status.value,
        "firstName": person.account.first_name if person.account else "",
        "lastName": person.account.last_name if person.account else "",
        "roles": person.roles,
        "id": person.id,
    }


def _wanted(request: Request) -> dict[str, Any]:
    return {
        "statuses": _STATUSES[desk.asked(request, "status", _STATUSES)],
        "address": desk.asked(request, "address"),
    }


def _filters(request: Request) -> dict[str, str]:
    return {"status": desk.asked(request, "status", _STATUSES), "address": desk.asked(request, "address")}


async def _person(
    user_id: str, organization_id: str, tx: Any, caller: Caller
) -> tuple[OrganizationUser, access_form.Choices]:
    person = await organization_users.get(
        tx, caller, organization_id=organization_id, user_id=user_id, statuses=frozenset(Status)
    )
    return person, await access_form.choices(tx, caller, organization_id)


async def show(
    request: Request,
    *,
    status: int = 200,
    errors: desk.Errors | None = None,
    chosen: access_form.Chosen | None = None,
) -> Response:
    """Show one person."""
    ids = request.path_params
    caller, (person, choices) = await desk.look(
        request, partial(_person, ids["user_id"], ids["organization_id"])
    )
    return desk.render(
        request,
        caller,
        "person.html",
        active="people",
        status=status,
        subject=person,
        choices=choices,
        chosen=chosen or access_form.standing(person.roles, person.team_ids, person.project_roles),
        project_names={one.id: one.name for one in choices.projects},
        can_change=desk.may(caller, "ORGANIZATION_USERS_MANAGE") and person.status in SHOWN,
        errors=errors or {},
    )


async def change(request: Request) -> Response:
    """Change what a person may do, or will."""
    chosen = access_form.read(await pages.form(request))
    job = desk.of(
        request,
        organization_users.update,
        user_id=request.path_params["user_id"],
        requested_roles=chosen.roles,
        team_ids=chosen.team_ids,
        project_roles=chosen.project_roles,
    )
    return await desk.attempt(
        request, job, again=partial(show, chosen=chosen), to="person", notice="console.saved"
    )


async def ask_removal(request: Request, *, status: int = 200, errors: desk.Errors | None = None) -> Response:
    """Ask whether a person is really to be removed."""
    job = desk.of(request, organization_users.get, user_id=request.path_params["user_id"])
    caller, person = await desk.look(request, job)
    is_member = person.status is Status.ACTIVE
    kind = "remove_person" if is_member else "cancel_invitation"
    return desk.confirm(
        request,
        caller,
        active="people",
        status=status,
        errors=errors or {},
        kind=kind,
        facts={"address": person.username},
        back=pages.path_for(request, "person", **request.path_params),
    )


async def remove(request: Request) -> Response:
    """Remove a person, or cancel the invitation."""
    await pages.form(request)
    job = desk.of(request, organization_users.remove, user_id=request.path_params["user_id"])
    return await desk.attempt(request, job, again=ask_removal, to="people", notice="console.people.removed")


def routes() -> list[Route]:
    """Return the routes of these pages."""
    one = f"{ROOT}/people/{{user_id}}"
    return [
        Route(f"{ROOT}/people", show_all, name="people"),
        Route(f"{ROOT}/exports/people/{{kind}}", export, name="export_people"),
        Route(one, show, name="person"),
        Route(f"{one}/access", change, name="change_person", methods=["POST"]),
        Route(f"{one}/removal", ask_removal, name="ask_removal_of_person"),
        Route(f"{one}/removal", remove, name="remove_person", methods=["POST"]),
    ]
