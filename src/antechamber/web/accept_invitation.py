"""The pages of the invited person: open the link, look, accept, decline.

A GET changes nothing: mail scanners that follow the link burn nothing, and without a click nothing is shown.
"""

from collections.abc import Mapping
from functools import partial

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from antechamber.domain.errors import (
    InvitationChanged,
    InvitationEnded,
    InvitationForSomebodyElse,
    InvitationLinkUnknown,
    InvitationNeedsSignIn,
    InviterLost,
    SessionEnded,
    TicketRunOut,
)
from antechamber.domain.invitations import State
from antechamber.usecases import invitee
from antechamber.usecases.invitee import Look, NewPerson
from antechamber.web import pages, security

TICKET_SECONDS = int(invitee.TICKET_LIFETIME.total_seconds())
# What a page about an invitation is asked to be shown again for.
_LOOK_AGAIN = (InvitationEnded, InvitationForSomebodyElse, InvitationNeedsSignIn, InviterLost, SessionEnded)


def routes() -> list[BaseRoute]:
    """Return where these pages are."""
    return [
        Route("/invite", open_page, name="invite"),
        Route("/invite", open_link, name="invite_open", methods=["POST"]),
        Route("/invitation", show, name="invitation"),
        Route("/invitation/accept", accept, name="invitation_accept", methods=["POST"]),
        Route("/invitation/decline", confirm_decline, name="invitation_confirm_decline"),
        Route("/invitation/decline", decline, name="invitation_decline", methods=["POST"]),
    ]


async def open_page(request: Request) -> Response:
    """The page that a mail's link leads to; it is the same for everybody."""
    return pages.render(request, "open_invitation.html")


async def open_link(request: Request) -> Response:
    """Trade the link's token for a ticket, and go on to the invitation."""
    request.state.page = pages.path_for(request, "invite")
    fields = await pages.form(request)
    token = token_of(pages.field_of(fields, "link"))
    try:
        ticket = await pages.write(request, partial(invitee.open_link, token=token))
    except InvitationLinkUnknown:
        return pages.render(request, "unknown_invitation.html", 404)
    response = pages.redirect(request, "invitation")
    security.set_cookie(request, response, security.INVITATION, ticket, TICKET_SECONDS)
    return response


def token_of(link: str) -> str:
    """Return the token in what somebody pasted: a whole link, or the token alone."""
    return link.strip().rpartition("#")[2].strip()


async def show(request: Request) -> Response:
    """The invitation, as it is now."""
    try:
        seen = await _look(request)
    except TicketRunOut:
        return _run_out(request)
    return _page(request, seen)


async def accept(request: Request) -> Response:
    """Accept what was shown."""
    request.state.page = pages.path_for(request, "invitation")
    fields = await pages.form(request)
    try:
        seen = await _look(request)
        new_person, errors = await _new_person(request, seen, fields)
        if errors:
            return _page(request, seen, errors=errors, fields=fields, status=400)
        accepted = await pages.write(
            request,
            partial(
                invitee.accept,
                ticket=security.cookie(request, security.INVITATION),
                signed_in=pages.person(request),
                version=pages.field_of(fields, "version"),
                address=pages.address(request),
                new_person=new_person,
            ),
        )
    except TicketRunOut:
        return _run_out(request)
    except InvitationChanged:
        return pages.redirect(request, "invitation", notice="invitation.changed")
    except _LOOK_AGAIN:
        return pages.redirect(request, "invitation")
    response = pages.redirect(request, "invitation")
    if accepted.cookie:
        security.set_cookie(request, response, security.SESSION, accepted.cookie)
    return response


async def confirm_decline(request: Request) -> Response:
    """The one question before an invitation is declined."""
    try:
        seen = await _look(request)
    except TicketRunOut:
        return _run_out(request)
    if seen.state is not State.PENDING or _is_somebody_else(request, seen):
        return _page(request, seen)
    return pages.render(
        request, "decline_invitation.html", look=seen, note_characters=invitee.NOTE_CHARACTERS
    )


async def decline(request: Request) -> Response:
    """Decline the invitation."""
    request.state.page = pages.path_for(request, "invitation")
    fields = await pages.form(request)
    try:
        await pages.write(
            request,
            partial(
                invitee.decline,
                ticket=security.cookie(request, security.INVITATION),
                signed_in=pages.person(request),
                address=pages.address(request),
                note=pages.field_of(fields, "note"),
            ),
        )
    except TicketRunOut:
        return _run_out(request)
    except _LOOK_AGAIN:
        pass
    return pages.redirect(request, "invitation")


# -- the parts --------------------------------------------------------------------------------------


async def _look(request: Request) -> Look:
    ticket = security.cookie(request, security.INVITATION)
    seen = await pages.read(request, partial(invitee.look, ticket=ticket))
    pages.speak(request, seen.language, seen.organization_language)
    return seen


def _is_somebody_else(request: Request, seen: Look) -> bool:
    signed_in = pages.person(request)
    return signed_in is not None and signed_in.user.id != seen.user.id


def _stage(request: Request, seen: Look) -> str:
    """Return what the person can do about the invitation now."""
    if seen.state is not State.PENDING:
        return seen.state.value
    if _is_somebody_else(request, seen):
        return "somebody_else"
    if not seen.may_be_accepted:
        return "inviter_lost"
    if not seen.has_account:
        return "new_person"
    return "sign_in" if pages.person(request) is None else "accept"


def _page(
    request: Request,
    seen: Look,
    *,
    errors: Mapping[str, str] | None = None,
    fields: FormData | None = None,
    status: int = 200,
) -> Response:
    entered = {
        "first_name": seen.user.first_name,
        "last_name": seen.user.last_name,
    }
    if fields is not None:
        entered = {name: pages.field_of(fields, name) for name in entered}
    stage = _stage(request, seen)
    if stage == "somebody_else":
        status = 403
    return pages.render(
        request,
        "invitation.html",
        status,
        look=seen,
        stage=stage,
        errors=errors or {},
        entered=entered,
        is_own=pages.person(request) is not None and stage != "somebody_else",
    )


def _run_out(request: Request) -> Response:
    return pages.render(request, "invitation_run_out.html", 403)


async def _new_person(
    request: Request, seen: Look, fields: FormData
) -> tuple[NewPerson | None, dict[str, str]]:
    """Return what somebody new entered, or by field what is wrong with it."""
    if seen.has_account or seen.state is not State.PENDING or _is_somebody_else(request, seen):
        return None, {}
    names, errors = pages.entered_names(request, fields)
    password_hash, wrong = await pages.entered_password(request, fields, is_required=False)
    errors.update(wrong)
    return NewPerson(*names, password_hash), errors
