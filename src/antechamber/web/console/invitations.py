"""Invitations to an organization and its projects: looking through them, and steering one."""

from collections.abc import AsyncIterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from antechamber.domain.callers import Caller
from antechamber.domain.invitation_search import Order, Place, Record, Wanted
from antechamber.domain.invitations import State
from antechamber.usecases import invitation_search, invitations, projects
from antechamber.web import pages
from antechamber.web.console import access_form, desk, exports
from antechamber.web.console.organizations import ROOT

_COLUMNS = (
    "address",
    "state",
    "roles",
    "projectId",
    "inviter",
    "createdAt",
    "expiresAt",
    "endedAt",
    "note",
    "flagged",
    "id",
)
FLAGGED = "flagged"
STATES = ("", *(state.value for state in State), FLAGGED)


class Filter(NamedTuple):
    """What a list is narrowed to, as the query says. scope: a project, or the organization; empty for all."""

    state: str
    address: str
    scope: str
    order: str


def asked_for(request: Request) -> Filter:
    """Return what the query asks for."""
    return Filter(
        desk.asked(request, "state", STATES),
        desk.asked(request, "address"),
        desk.asked(request, "scope"),
        desk.asked(request, "order", tuple(Order)) or Order.NEWEST.value,
    )


def wanted(chosen: Filter) -> Wanted:
    """Return the same as the use case wants it."""
    is_flagged = chosen.state == FLAGGED
    return Wanted(
        state=State(chosen.state) if chosen.state and not is_flagged else None,
        address=chosen.address,
        scope_id=chosen.scope or None,
        is_flagged=is_flagged,
        order=Order(chosen.order),
    )


def place(request: Request, order: str) -> Place | None:
    """Return where the page begins that the query asks for, None for the first one and for nonsense."""
    by, comma, id = desk.asked(request, "after").rpartition(",")
    is_number = by.isascii() and by.isdecimal() and len(by) <= 12
    if not comma or not (by if order == Order.ADDRESS else is_number):
        return None
    return Place(by, id)


async def show_all(request: Request) -> Response:
    """Show the invitations of an organization."""
    chosen = asked_for(request)
    job = partial(_all, request.path_params["organization_id"], wanted(chosen), place(request, chosen.order))
    caller, (found, choices) = await desk.look(request, job)
    return desk.render(
        request,
        caller,
        "invitations.html",
        active="invitations",
        found=found,
        filters=chosen._asdict(),
        states=STATES,
        orders=tuple(Order),
        projects=choices.projects,
        project_names={one.id: one.name for one in choices.projects},
        after=desk.asked(request, "after"),
    )


async def _all(
    organization_id: str, which: Wanted, after: Place | None, tx: Any, caller: Caller
) -> tuple[Any, access_form.Choices]:
    found = await invitation_search.search(
        tx, caller, organization_id=organization_id, wanted=which, after=after, size=desk.PAGE_SIZE
    )
    return found, await access_form.choices(tx, caller, organization_id)


async def export(request: Request) -> Response:
    """Return the same invitations as a file."""
    kind = request.path_params["kind"]
    if kind not in exports.KINDS:
        raise pages.Refused(404, "not_found")
    which = wanted(asked_for(request))

    async def slices() -> AsyncIterator[list[Mapping[str, object]]]:
        after: Place | None = None
        while True:
            job = desk.of(request, invitation_search.search, wanted=which, after=after, size=exports.SLICE)
            _, found = await desk.look(request, job)
            yield [exported(record) for record in found.records]
            after = found.next
            if after is None:
                return

    return await exports.export(kind, "invitations", _COLUMNS, slices())


def exported(record: Record) -> Mapping[str, object]:
    """Return an invitation as files have it."""
    one = record.invitation
    return {
        "address": one.username,
        "state": record.state.value,
        "roles": one.roles,
        "projectId": one.project_id,
        "inviter": one.inviter,
        "createdAt": one.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "expiresAt": one.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "endedAt": record.ended_at.strftime("%Y-%m-%dT%H:%M:%SZ") if record.ended_at else None,
        "note": record.note,
        "flagged": record.is_flagged,
        "id": one.id,
    }


# -- one of them ------------------------------------------------------------------------------------


class _Subject(NamedTuple):
    record: Record
    choices: access_form.Choices
    project_name: str
    can_manage: bool


async def _subject(ids: Mapping[str, str], tx: Any, caller: Caller) -> _Subject:
    record = await invitation_search.get(
        tx, caller, organization_id=ids["organization_id"], invitation_id=ids["invitation_id"]
    )
    choices = await access_form.choices(tx, caller, ids["organization_id"])
    if record.invitation.project_id is None:
        can_manage = desk.may(caller, "ORGANIZATION_INVITATIONS_MANAGE")
        return _Subject(record, choices, "", can_manage)
    project, held = await projects.get_with_standing(tx, caller, project_id=record.invitation.project_id)
    return _Subject(record, choices, project.name, desk.may(caller, "PROJECT_INVITATIONS_MANAGE", held))


async def show(
    request: Request,
    *,
    status: int = 200,
    errors: desk.Errors | None = None,
    chosen: access_form.Chosen | None = None,
) -> Response:
    """Show one invitation."""
    caller, subject = await desk.look(request, partial(_subject, request.path_params))
    one = subject.record.invitation
    return desk.render(
        request,
        caller,
        "invitation.html",
        active="invitations" if one.project_id is None else "projects",
        status=status,
        record=subject.record,
        project_name=subject.project_name,
        can_manage=subject.can_manage and subject.record.can_be_sent,
        choices=subject.choices,
        chosen=chosen or access_form.standing(one.roles, one.team_ids, one.project_roles),
        project_names={project.id: project.name for project in subject.choices.projects},
        team_names={team.id: team.name for team in subject.choices.teams},
        errors=errors or {},
    )


async def change(request: Request) -> Response:
    """Change what a pending invitation carries."""
    chosen = access_form.read(await pages.form(request))

    async def job(tx: Any, caller: Caller) -> None:
        ids = request.path_params
        record = await invitation_search.get(tx, caller, **ids)
        project_id = record.invitation.project_id
        if project_id is not None:
            await invitations.change_of_project(
                tx,
                caller,
                project_id=project_id,
                invitation_id=ids["invitation_id"],
                requested_roles=chosen.roles,
            )
            return
        await invitations.change_of_organization(
            tx,
            caller,
            **ids,
            requested_roles=chosen.roles,
            team_ids=chosen.team_ids,
            project_roles=chosen.project_roles,
        )

    return await desk.attempt(
        request, job, again=partial(show, chosen=chosen), to="sent_invitation", notice="console.saved"
    )


async def resend(request: Request) -> Response:
    """Mail a pending invitation once more."""
    await pages.form(request)

    async def job(tx: Any, caller: Caller) -> None:
        record = await invitation_search.get(tx, caller, **request.path_params)
        await invitations.resend(tx, caller, **request.path_params, project_id=record.invitation.project_id)

    return await desk.attempt(
        request, job, again=show, to="sent_invitation", notice="console.invitations.resent"
    )


async def ask_cancel(request: Request, *, status: int = 200, errors: desk.Errors | None = None) -> Response:
    """Ask whether an invitation is really to be cancelled."""
    caller, subject = await desk.look(request, partial(_subject, request.path_params))
    return desk.confirm(
        request,
        caller,
        active="invitations",
        status=status,
        errors=errors or {},
        kind="cancel_invitation",
        facts={"address": subject.record.invitation.username},
        back=pages.path_for(request, "sent_invitation", **request.path_params),
    )


async def cancel(request: Request) -> Response:
    """Cancel a pending invitation."""
    await pages.form(request)

    async def job(tx: Any, caller: Caller) -> None:
        ids = request.path_params
        record = await invitation_search.get(tx, caller, **ids)
        project_id = record.invitation.project_id
        if project_id is None:
            await invitations.revoke_of_organization(tx, caller, **ids)
        else:
            await invitations.revoke_of_project(
                tx, caller, project_id=project_id, invitation_id=ids["invitation_id"]
            )

    return await desk.attempt(
        request, job, again=ask_cancel, to="sent_invitation", notice="console.invitations.cancelled"
    )


def routes() -> list[Route]:
    """Return the routes of these pages."""
    one = f"{ROOT}/invitations/{{invitation_id}}"
    return [
        Route(f"{ROOT}/invitations", show_all, name="invitations"),
        Route(f"{ROOT}/exports/invitations/{{kind}}", export, name="export_invitations"),
        Route(one, show, name="sent_invitation"),
        Route(f"{one}/access", change, name="change_invitation", methods=["POST"]),
        Route(f"{one}/mail", resend, name="resend_invitation", methods=["POST"]),
        Route(f"{one}/end", ask_cancel, name="ask_cancel_of_invitation"),
        Route(f"{one}/end", cancel, name="cancel_invitation", methods=["POST"]),
    ]
