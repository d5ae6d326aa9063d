"""The organizations of the person who is signed in, and what one of them holds."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from antechamber.usecases import organization_settings, organizations
from antechamber.web import pages
from antechamber.web.console import desk

ROOT = "/console/organizations/{organization_id}"


async def home(request: Request) -> Response:
    """Show the organizations that the person belongs to."""
    signed_in = pages.signed_in(request)
    found = await pages.read(request, partial(organizations.list_of_person, signed_in=signed_in))
    return pages.render(request, "console/home.html", organizations=found)


async def show(
    request: Request, *, status: int = 200, errors: desk.Errors | None = None, name: str | None = None
) -> Response:
    """Show one organization."""
    caller, overview = await desk.look(request, desk.of(request, organizations.overview))
    return desk.render(
        request,
        caller,
        "organization.html",
        active="overview",
        status=status,
        overview=overview,
        errors=errors or {},
        name=overview.organization.name if name is None else name,
    )


async def rename(request: Request) -> Response:
    """Give an organization another name."""
    name = desk.field(await pages.form(request), "name")
    job = desk.of(request, organizations.update, name=name, skip_default_alerts_settings=None)
    return await desk.attempt(
        request, job, again=partial(show, name=name), to="organization", notice="console.saved"
    )


async def choose_language(request: Request) -> Response:
    """Choose the language of an organization's mails."""
    chosen = desk.field(await pages.form(request), "language")
    job = desk.of(request, organization_settings.choose_language, language=chosen)
    return await desk.attempt(request, job, again=show, to="organization", notice="console.saved")


def routes() -> list[Route]:
    """Return the routes of these pages."""
    return [
        Route("/console", home, name="console"),
        Route(ROOT, show, name="organization"),
        Route(f"{ROOT}/name", rename, name="rename_organization", methods=["POST"]),
        Route(f"{ROOT}/language", choose_language, name="organization_language", methods=["POST"]),
    ]
