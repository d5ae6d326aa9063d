"""Mail of an organization: what went out lately, and how each message looks."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from antechamber.domain.languages import LANGUAGES
from antechamber.domain.mail import MessageType
from antechamber.domain.paging import PageRequest
from antechamber.usecases import mail_delivery, organizations
from antechamber.web import pages
from antechamber.web.console import desk
from antechamber.web.console.organizations import ROOT

# A message brings its own style; nothing in it may run, load, or lead anywhere.
_CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"


async def show_all(request: Request) -> Response:
    """Show the latest messages of an organization."""
    page = PageRequest(desk.page_number(request), desk.PAGE_SIZE)
    job = desk.of(request, mail_delivery.list_of_organization, page=page)
    caller, found = await desk.look(request, job)
    return desk.render(
        request, caller, "mail.html", active="mail", found=found, types=tuple(MessageType), errors={}
    )


async def show_preview(request: Request) -> Response:
    """Show what a message says."""
    caller, _ = await desk.look(request, desk.of(request, organizations.get))
    message_type, language = _which(request)
    rendered = _previews(request).of(message_type, language)
    return desk.render(
        request,
        caller,
        "mail_preview.html",
        active="mail",
        types=tuple(MessageType),
        message_type=message_type,
        chosen_language=language,
        rendered=rendered,
    )


async def show_html(request: Request) -> Response:
    """Return a message as a mail program shows it."""
    await desk.look(request, desk.of(request, organizations.get))
    rendered = _previews(request).of(*_which(request))
    headers = {"content-security-policy": _CONTENT_SECURITY_POLICY}
    return Response(rendered.html, 200, headers, media_type="text/html")


def _previews(request: Request) -> mail_delivery.Previews:
    previews = pages.room(request).previews
    if previews is None:
        raise pages.Refused(404, "not_found")
    return previews


def _which(request: Request) -> tuple[MessageType, str]:
    words, language = request.query_params.get("message", ""), request.query_params.get("in", "")
    message_type = next(
        (one for one in MessageType if one.value == words), MessageType.ORGANIZATION_INVITATION
    )
    return message_type, language if language in LANGUAGES else pages.language(request)


def routes() -> list[Route]:
    """Return the routes of these pages."""
    return [
        Route(f"{ROOT}/mail", show_all, name="mail"),
        Route(f"{ROOT}/mail/preview", show_preview, name="mail_preview"),
        Route(f"{ROOT}/mail/preview/html", show_html, name="mail_preview_html"),
    ]
