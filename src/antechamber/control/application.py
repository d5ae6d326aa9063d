"""The development desk as one ASGI application: its paths, and what surrounds every handler."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from antechamber.control import BASE_PATH, desk, guard, mail, pages, people, states, steering
from antechamber.control.desk import Database, Describe, Desk, Refused
from antechamber.control.development import Development
from antechamber.domain.errors import Refusal
from antechamber.domain.seeds import SeedRefused

_STATIC = Path(__file__).with_name("static")
_CODES = {404: "RESOURCE_NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}
_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; frame-src 'self'; "
        "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
    "vary": "Accept",
}


def application(
    development: Development,
    database: Database,
    *,
    catch_up: Callable[[], Awaitable[None]],
    describe: Describe,
) -> Starlette:
    """Return the desk; see `Desk` for catch_up and describe."""
    made = Starlette(
        routes=[
            Route(BASE_PATH, _to_home),
            Mount(BASE_PATH, routes=_routes()),
        ],
        middleware=[Middleware(_Surroundings, development=development)],
        exception_handlers={
            HTTPException: _not_here,
            Refused: _refused,
            Refusal: _refusal,
            SeedRefused: _seed_refused,
        },
    )
    made.router.redirect_slashes = False
    made.state.desk = Desk(development, database, catch_up, describe)
    return made


def _routes() -> list[Route | Mount]:
    return [
        Route("/", pages.home),
        Route("/clock", steering.clock, methods=["GET"]),
        Route("/clock", steering.steer, methods=["PUT"]),
        Route("/mail", mail.messages, methods=["GET"]),
        Route("/mail", mail.clear, methods=["DELETE"]),
        Route("/mail/next", mail.next_message, methods=["GET"]),
        Route("/mail/{id}", mail.message, methods=["GET"]),
        Route("/mail/{id}/html", mail.html, methods=["GET"]),
        Route("/mail/{id}/raw", mail.raw, methods=["GET"]),
        Route("/invitations/{id}/accept", people.accept, methods=["POST"]),
        Route("/invitations/{id}/decline", people.decline, methods=["POST"]),
        Route("/tenants", people.create_tenant, methods=["POST"]),
        Route("/tenants/{id}", people.delete_tenant, methods=["DELETE"]),
        Route("/reset", states.reset, methods=["POST"]),
        Route("/snapshots", states.list_snapshots, methods=["GET"]),
        Route("/snapshots", states.take_snapshot, methods=["POST"]),
        Route("/snapshots/{name}", states.delete_snapshot, methods=["DELETE"]),
        Route("/snapshots/{name}/restore", states.restore_snapshot, methods=["POST"]),
        Route("/requests", states.asked, methods=["GET"]),
        Mount("/static", StaticFiles(directory=_STATIC)),
    ]


class _Surroundings:
    """What happens to every request: who may not ask is refused, and every answer carries our headers."""

    def __init__(self, app: ASGIApp, development: Development) -> None:
        self._app = app
        self._development = development

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        words = guard.refusal(
            self._development,
            method=request.method,
            address=request.client.host if request.client else "",
            # HTTP/2 has another name for it.
            host=request.headers.get("host") or urlsplit(request.state.base_url).netloc,
            headers=dict(request.headers),
        )
        if words is not None:
            await _problem(403, "FORBIDDEN", words)(scope, receive, send_with_headers)
            return
        await self._app(scope, receive, send_with_headers)


async def _to_home(_request: Request) -> Response:
    return RedirectResponse(f"{BASE_PATH}/", 308)


async def _not_here(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _CODES.get(error.status_code, "UNEXPECTED_ERROR")
    words = f"{request.method} {request.url.path}: {HTTPStatus(error.status_code).phrase}."
    response = _problem(error.status_code, code, words)
    response.headers.update(error.headers or {})
    return response


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return _problem(error.status, error.code, error.detail)


async def _refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    status, body = desk.of(request).describe(error)
    return desk.answer(body, status)


async def _seed_refused(_request: Request, error: Exception) -> Response:
    return _problem(400, "INVALID_ATTRIBUTE", str(error))


def _problem(status: int, code: str, detail: str) -> Response:
    return desk.problem(status, code, detail, HTTPStatus(status).phrase)
