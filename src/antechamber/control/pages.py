"""The pages for people, and what every one of them carries."""

from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from antechamber import __version__
from antechamber.control import BASE_PATH, desk, states, steering

_SHOWN_REQUESTS = 25
_SHOWN_MESSAGES = 5


def render(request: Request, template: str, **values: Any) -> Response:
    """Return a page."""
    here = desk.of(request)
    common = {
        "base": BASE_PATH,
        "version": __version__,
        "clock": steering.shown(here.development.clock.read()),
        "url": here.development.url,
    }
    return HTMLResponse(here.templates.get_template(template).render(**common, **values))


async def home(request: Request) -> Response:
    """Show everything that there is here."""
    here = desk.of(request)
    await here.catch_up()
    return render(
        request,
        "desk.html",
        messages=here.mailbox.messages()[: -_SHOWN_MESSAGES - 1 : -1],
        snapshots=states.snapshots(here),
        requests=here.development.requests.last(_SHOWN_REQUESTS),
    )
