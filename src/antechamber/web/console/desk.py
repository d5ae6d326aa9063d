"""What every page of the console is made of: the caller, what it may do, refusals in words, places in lists.

The person becomes a Caller in the very transaction in which a use case runs; the pages only hide what the
permission table would refuse.
"""

import re
import unicodedata
from collections.abc import Awaitable, Callable, Collection, Mapping
from functools import partial
from typing import Any, TypeVar

from markupsafe import Markup
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from antechamber.domain import errors
from antechamber.domain.callers import Caller
from antechamber.domain.errors import NotFound, NotPermitted, Refusal, Unavailable
from antechamber.domain.permissions import GRANTS, Permission
from antechamber.usecases import sign_in
from antechamber.web import pages

Result = TypeVar("Result")
Job = Callable[[Any, Caller], Awaitable[Result]]
Errors = dict[str, Markup]

PAGE_SIZE = 50
_NOT_THERE = (
    errors.NoTieToOrganization,
    errors.NoTieToProject,
    errors.OrganizationNotFound,
    errors.ProjectNotFound,
)
# Where on a form the cause of a refusal stands; all others are told at the top.
_FIELDS: dict[type[Refusal], str] = {
    errors.InvalidOrganizationName: "name",
    errors.InvalidProjectName: "name",
    errors.InvalidTeamName: "name",
    errors.ProjectNameTaken: "name",
    errors.TeamNameTaken: "name",
    errors.InvalidUsername: "address",
    errors.UserAlreadyExists: "address",
    errors.UserNotInOrganization: "address",
    errors.UnknownUsernameInBody: "address",
    errors.UserAlreadyInTeam: "address",
    errors.EmptyTeam: "address",
    errors.MissingAttribute: "roles",
    errors.ApiKeyWithoutRoles: "roles",
    errors.NoRolesInAssignment: "roles",
    errors.ApiKeyWithoutDescription: "description",
    errors.InvalidApiKeyDescription: "description",
    errors.AttributeNotPositive: "hours",
    errors.InvalidAddress: "block",
    errors.AddressAlreadyListed: "block",
    errors.TooManyAccessListEntries: "block",
}
# What a form of ours can name wrongly in its fields; any other thing that is gone is the page's own subject.
_NAMED_IN_FORMS = (
    errors.UserNotInOrganization,
    errors.UnknownUsernameInBody,
    errors.TeamNotInOrganization,
    errors.TeamStillAssigned,
    errors.UserNotFound,
    errors.InvitationNotFound,
)
_ID = re.compile(r"[A-Za-z0-9_]{1,64}")


# -- asking -----------------------------------------------------------------------------------------


async def look(request: Request, job: Job[Result]) -> tuple[Caller, Result]:
    """Return the caller and what a job finds that changes nothing."""
    return await _asked(request, pages.read, job)


async def act(request: Request, job: Job[Result], *, language: str = "") -> Result:
    """Return what a job has done. language: of the mails that it causes, empty for the organization's."""
    return (await _asked(request, pages.write, job, language=language))[1]


async def _asked(
    request: Request, transaction: Any, job: Job[Result], *, language: str = ""
) -> tuple[Caller, Result]:
    signed_in = pages.signed_in(request)
    for value in request.path_params.values():
        if not _ID.fullmatch(value):
            raise pages.Refused(404, "not_found")

    async def as_member(tx: Any) -> tuple[Caller, Result]:
        caller = await sign_in.member(
            tx,
            signed_in,
            request.path_params["organization_id"],
            pages.address(request),
            language=language,
        )
        return caller, await job(tx, caller)

    try:
        answer: tuple[Caller, Result] = await transaction(request, as_member)
    except _NOT_THERE as refusal:
        # What belongs to others looks like what there is not (INV-2).
        raise pages.Refused(404, "not_found") from refusal
    return answer


def of(request: Request, usecase: Callable[..., Awaitable[Result]], /, **values: Any) -> Job[Result]:
    """Return the job that asks one use case about the organization of the path."""
    return partial(_ask, usecase, {"organization_id": request.path_params["organization_id"], **values})


def of_project(request: Request, usecase: Callable[..., Awaitable[Result]], /, **values: Any) -> Job[Result]:
    """Return the job that asks one use case about the project of the path."""
    return partial(_ask, usecase, {"project_id": request.path_params["project_id"], **values})


async def _ask(
    usecase: Callable[..., Awaitable[Result]], values: Mapping[str, Any], tx: Any, caller: Caller
) -> Result:
    return await usecase(tx, caller, **values)


# -- answering --------------------------------------------------------------------------------------

Again = Callable[..., Awaitable[Response]]


async def attempt(
    request: Request,
    job: Job[Any],
    *,
    again: Again,
    to: str,
    notice: str,
    facts: Mapping[str, str] | None = None,
    language: str = "",
    **params: object,
) -> Response:
    """Return the way to the route `to` once the job is done, or the page `again` with what is wrong."""
    try:
        await act(request, job, language=language)
    except Refusal as refusal:
        status, told = refused(request, refusal)
        return await again(request, status=status, errors=told)
    ids = {name: request.path_params[name] for name in request.path_params}
    return pages.redirect(request, to, notice=notice, facts=facts, **{**ids, **params})


def refused(request: Request, refusal: Refusal) -> tuple[int, Errors]:
    """Return the status and the errors by field of a page that says why something was not done.

    Raises the refusal again where there is no form to show: no right, no database, nothing there.
    """
    if isinstance(refusal, NotPermitted | Unavailable):
        raise refusal
    if isinstance(refusal, NotFound) and not isinstance(refusal, _NAMED_IN_FORMS):
        raise refusal
    field = _FIELDS.get(type(refusal), "")
    status = 409 if isinstance(refusal, errors.Conflict) else 400
    return status, {field: pages.words(request, refusal)}


def may(caller: Caller, name: str, held: Collection[str] | None = None) -> bool:
    """Tell whether the permission table lets the caller do something. held: roles on a project."""
    return not GRANTS[Permission[name]].roles.isdisjoint(caller.roles if held is None else held)


def render(
    request: Request,
    caller: Caller,
    template: str,
    *,
    active: str,
    held: Collection[str] | None = None,
    status: int = 200,
    **values: Any,
) -> Response:
    """Return a page of the organization. active: its part of the console. held: the roles on a project."""
    return pages.render(
        request,
        f"console/{template}",
        status,
        organization=caller.organization,
        caller=caller,
        active=active,
        may=lambda name: may(caller, name),
        may_here=lambda name: may(caller, name, held),
        query=request.query_params,
        **values,
    )


def confirm(request: Request, caller: Caller, *, active: str, **values: Any) -> Response:
    """Return a page that asks once more before something is done that cannot be undone.

    title, text, button: keys. facts: for their placeholders. back: the path of the page before.
    """
    return render(request, caller, "confirm.html", active=active, **values)


# -- what people typed ------------------------------------------------------------------------------


def clean(text: str, *, most: int = 254, lines: bool = False) -> str:
    """Return what was typed without what nobody types: controls, and spaces at the ends."""
    kept = "".join(
        letter
        for letter in text
        if (lines and letter in "\n\t") or unicodedata.category(letter) not in {"Cc", "Cs"}
    )
    return kept.strip()[:most]


def field(fields: FormData, name: str, *, most: int = 254, lines: bool = False) -> str:
    """Return what stands in a text field."""
    return clean(pages.field_of(fields, name), most=most, lines=lines)


def chosen(fields: FormData, name: str) -> tuple[str, ...]:
    """Return the values of the boxes that are ticked, each once."""
    return tuple(dict.fromkeys(clean(one) for one in fields.getlist(name) if isinstance(one, str)))


def asked(request: Request, name: str, allowed: Collection[str] | None = None) -> str:
    """Return a value of the query, empty where there is none or one that is not allowed."""
    value = clean(request.query_params.get(name, ""))
    return value if allowed is None or value in allowed else ""


def page_number(request: Request) -> int:
    """Return which page of a short list is asked for."""
    text = asked(request, "page")
    return min(max(int(text), 1), 10_000) if text.isdecimal() and text.isascii() and len(text) < 6 else 1
