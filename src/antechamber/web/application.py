"""The pages as one ASGI application: its routes, and what surrounds every handler."""

import hashlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from antechamber.domain import languages
from antechamber.domain.errors import (
    Conflict,
    Invalid,
    NotFound,
    NotPermitted,
    Refusal,
    SessionEnded,
    Unauthenticated,
    Unavailable,
)
from antechamber.usecases import sign_in as sign_in_cases
from antechamber.usecases.mail_delivery import Previews
from antechamber.web import accept_invitation, console, pages, security, sign_in

_STATIC = Path(__file__).with_name("static")
_RETRY_AFTER_SECONDS = 5
# All of the domain; what else is refused concerns the request on its way in.
_REFUSALS = (Conflict, Invalid, NotFound, NotPermitted, Unauthenticated, Unavailable)
_LANGUAGE_SECONDS = 365 * 86400


def application(
    database: pages.Transactions,
    *,
    csrf_key: bytes,
    development: bool,
    language: str = languages.ENGLISH,
    previews: Previews | None = None,
) -> Starlette:
    """Return the pages.

    csrf_key: 32 bytes that sign forms. development: `antechamber dev` serves them. language: for who asks
    for none that there is. previews: of mails, for the console.
    """
    made = Starlette(
        routes=routes(),
        middleware=[Middleware(Surroundings)],
        exception_handlers={
            HTTPException: _refused_request,
            **dict.fromkeys(_REFUSALS, _refusal),
            SessionEnded: _sign_in_first,
            pages.SignInFirst: _sign_in_first,
        },
    )
    # A redirect to the path without slash would be built from the Host header.
    made.router.redirect_slashes = False
    made.state.room = pages.Room(
        database, csrf_key, development, language, pages.environment(), _fingerprints(_STATIC), previews
    )
    return made


def routes() -> list[BaseRoute]:
    """Return the routes of all pages."""
    return [
        Route("/", sign_in.home, name="home"),
        *accept_invitation.routes(),
        *sign_in.routes(),
        *console.routes(),
        Mount(pages.STATIC_PATH, StaticFiles(directory=_STATIC), name="static"),
    ]


def _fingerprints(folder: Path) -> dict[str, str]:
    """Return some characters for each file that differ when its content does."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:12] for path in sorted(folder.iterdir())
    }


class Surroundings:
    """What happens to every request, before and after its handler: language, session, checks, headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        state = request.state
        state.form_secret = security.cookie(request, security.FORM)
        state.is_new_browser = not state.form_secret
        if state.is_new_browser:
            state.form_secret = security.new_form_secret()
        state.signed_in = None
        state.drop_notice = False
        state.page = "/"
        _choose_language(request)
        send = partial(_send, request, send)
        try:
            response = await self._before(request)
            if response is None:
                await self._app(scope, receive, send)
                return
        except Unavailable as refusal:
            response = await _refusal(request, refusal)
        except Refusal:
            # Who called us answers it.
            raise
        except Exception as error:  # noqa: BLE001 - answered with a page; who called us logs it
            state.failure = error
            response = _error_page(request, 500, "broken")
        await response(scope, receive, send)

    async def _before(self, request: Request) -> Response | None:
        path = request.url.path
        if path.startswith("/static/"):
            return None
        if request.method not in {"GET", "HEAD"} and not security.is_own_form(request):
            return _error_page(request, 403, "foreign_form")
        if path != "/" and path.endswith("/") and "//" not in path and request.method in {"GET", "HEAD"}:
            return RedirectResponse(path.rstrip("/"), 308)
        cookie = security.cookie(request, security.SESSION)
        if cookie:
            request.state.signed_in = await _who(request, cookie)
        return None


def _choose_language(request: Request) -> None:
    state = request.state
    state.chosen_now = request.query_params.get("lang", "")
    if state.chosen_now not in languages.LANGUAGES:
        state.chosen_now = ""
    chosen = state.chosen_now or security.cookie(request, security.LANGUAGE)
    accepted = languages.preferred(request.headers.get("accept-language", ""))
    state.language_is_chosen = chosen in languages.LANGUAGES
    state.language_is_accepted = bool(accepted)
    state.language = chosen if state.language_is_chosen else accepted or pages.room(request).language


async def _who(request: Request, cookie: str) -> sign_in_cases.SignedIn | None:
    found = await pages.read(request, partial(sign_in_cases.who, cookie=cookie))
    if found is not None and found.needs_touch:
        await pages.write(request, partial(sign_in_cases.touch, signed_in=found))
    return found


async def _send(request: Request, send: Send, message: Message) -> None:
    if message["type"] == "http.response.start":
        headers = MutableHeaders(scope=message)
        for name, value in security.headers(request).items():
            headers.setdefault(name, value)
        if request.url.path.startswith("/static/"):
            # The page names the version that it wants.
            seconds = 31536000 if request.url.query else 300
            headers["cache-control"] = f"public, max-age={seconds}"
        else:
            headers["cache-control"] = "no-store"
            headers.setdefault("vary", "Cookie, Accept-Language")
            _send_cookies(request, headers)
    await send(message)


def _send_cookies(request: Request, headers: MutableHeaders) -> None:
    state = request.state
    response = Response()
    if state.is_new_browser:
        security.set_cookie(request, response, security.FORM, state.form_secret)
    if state.chosen_now:
        security.set_cookie(request, response, security.LANGUAGE, state.chosen_now, _LANGUAGE_SECONDS)
    if state.drop_notice:
        security.drop_cookie(request, response, security.NOTICE)
    for value in response.headers.getlist("set-cookie"):
        headers.append("set-cookie", value)


# -- what handlers raise ----------------------------------------------------------------------------


def _error_page(
    request: Request, status: int, name: str, headers: Mapping[str, str] | None = None, words: Any = None
) -> Response:
    return pages.render(request, "error.html", status, headers=headers, name=name, words=words)


async def _refused_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error, pages.Refused):
        name = error.name
    else:
        name = {404: "not_found", 405: "wrong_method"}.get(error.status_code, "bad_request")
    return _error_page(request, error.status_code, name, error.headers)


async def _refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    if isinstance(error, Unavailable):
        return _error_page(request, 503, "unavailable", {"retry-after": str(_RETRY_AFTER_SECONDS)})
    if isinstance(error, NotFound):
        status, name = 404, "not_found"
    elif isinstance(error, NotPermitted):
        status, name = 403, "not_permitted"
    else:
        status, name = (409 if isinstance(error, Conflict) else 400), "refused"
    return _error_page(request, status, name, words=pages.words(request, error))


async def _sign_in_first(request: Request, _error: Exception) -> Response:
    wanted = ""
    if request.method in {"GET", "HEAD"}:
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return pages.redirect(request, "sign_in", next=wanted)
