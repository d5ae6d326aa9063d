"""Inviting one person or many: addresses typed, pasted or uploaded, each invited in its own transaction."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from markupsafe import Markup
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from antechamber.domain.callers import Caller
from antechamber.domain.errors import NotPermitted, Refusal
from antechamber.domain.languages import LANGUAGES
from antechamber.usecases import invitations, projects
from antechamber.web import pages
from antechamber.web.console import access_form, desk, pasted
from antechamber.web.console.organizations import ROOT

# Of one form: what is pasted grows when it is encoded.
_FORM_BYTES = 3 * pasted.MOST_BYTES + 16 * 1024
# So many at once share a commit.
_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one row. problem: why the person was not invited, None for who was."""

    row: pasted.Row
    problem: Markup | None


async def _choices(ids: dict[str, str], tx: Any, caller: Caller) -> tuple[access_form.Choices, Any]:
    choices = await access_form.choices(tx, caller, ids["organization_id"])
    if "project_id" not in ids:
        return choices, None
    return choices, await projects.get_with_standing(tx, caller, project_id=ids["project_id"])


async def show(
    request: Request,
    *,
    status: int = 200,
    errors: desk.Errors | None = None,
    chosen: access_form.Chosen | None = None,
    addresses: str = "",
    language: str = "",
) -> Response:
    """Show the form."""
    caller, (choices, of_project) = await desk.look(request, partial(_choices, request.path_params))
    project, held = of_project or (None, None)
    allowed = "PROJECT_INVITATIONS_MANAGE" if project else "ORGANIZATION_INVITATIONS_MANAGE"
    if not desk.may(caller, allowed, held):
        raise pages.Refused(403, "not_permitted")
    usual = access_form.Chosen(("GROUP_READ_ONLY",) if project else ("ORG_MEMBER",))
    return desk.render(
        request,
        caller,
        "invite.html",
        active="projects" if project else "invitations",
        held=held,
        status=status,
        project=project,
        choices=choices,
        chosen=chosen or usual,
        project_names={one.id: one.name for one in choices.projects},
        addresses=addresses,
        chosen_language=language,
        most=pasted.MOST_ROWS,
        errors=errors or {},
    )


async def invite(request: Request) -> Response:
    """Invite everybody of the form; one bad row does not stop the others."""
    fields = await pages.form(request, limit_bytes=_FORM_BYTES)
    chosen = access_form.read(fields)
    language = desk.field(fields, "language")
    language = language if language in LANGUAGES else ""
    typed = desk.clean(pages.field_of(fields, "addresses"), most=pasted.MOST_BYTES + 1, lines=True)
    again = partial(show, chosen=chosen, addresses=typed, language=language)
    try:
        rows = pasted.read(f"{typed}\n{await _uploaded(fields)}")
    except pasted.TooMuch:
        problem = pages.text(request, "console.invite.too_much", most=pasted.MOST_ROWS)
        return await again(request, status=413, errors={"addresses": problem})
    if not rows:
        problem = pages.text(request, "console.invite.nobody")
        return await again(request, status=400, errors={"addresses": problem})
    results = await _invite_all(request, rows, chosen, language)
    project_id = request.path_params.get("project_id")
    if len(results) == 1:
        if results[0].problem is not None:
            return await again(request, status=400, errors={"addresses": results[0].problem})
        return pages.redirect(
            request,
            "project_invitations" if project_id else "invitations",
            notice="console.invite.done",
            facts={"address": results[0].row.address},
            **request.path_params,
        )
    caller, (_, of_project) = await desk.look(request, partial(_choices, request.path_params))
    return desk.render(
        request,
        caller,
        "invited.html",
        active="projects" if project_id else "invitations",
        project=of_project[0] if of_project else None,
        results=results,
        invited=sum(result.problem is None for result in results),
    )


async def _uploaded(fields: FormData) -> str:
    file = fields.get("file")
    if not isinstance(file, UploadFile):
        return ""
    # Spreadsheets begin a file with a mark that is no letter of it.
    content = (await file.read(pasted.MOST_BYTES + 1)).decode("utf-8-sig", "replace")
    return desk.clean(content, most=pasted.MOST_BYTES + 1, lines=True)


async def _invite_all(
    request: Request, rows: Sequence[pasted.Row], chosen: access_form.Chosen, language: str
) -> list[Result]:
    results: list[Result] = []
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        results += await asyncio.gather(*(_invite_one(request, row, chosen, language) for row in some))
    return results


async def _invite_one(request: Request, row: pasted.Row, chosen: access_form.Chosen, language: str) -> Result:
    if row.is_repeated:
        return Result(row, pages.text(request, "console.invite.repeated"))
    roles = row.roles or chosen.roles
    job: desk.Job[Any]
    if "project_id" in request.path_params:
        job = desk.of_project(
            request, invitations.invite_to_project, username=row.address, requested_roles=roles
        )
    else:
        job = desk.of(
            request,
            invitations.invite_to_organization,
            username=row.address,
            requested_roles=roles,
            team_ids=chosen.team_ids,
            project_roles=chosen.project_roles,
        )
    try:
        await desk.act(request, job, language=language)
    except NotPermitted:
        raise
    except Refusal as refusal:
        return Result(row, pages.words(request, refusal))
    return Result(row, None)


def routes() -> list[Route]:
    """Return the routes of these pages."""
    of_organization, of_project = f"{ROOT}/inviting", f"{ROOT}/projects/{{project_id}}/inviting"
    return [
        Route(of_organization, show, name="invite_people"),
        Route(of_organization, invite, name="send_invitations", methods=["POST"]),
        Route(of_project, show, name="invite_to_project"),
        Route(of_project, invite, name="send_project_invitations", methods=["POST"]),
    ]
