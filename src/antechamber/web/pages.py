"""What every page is made of: rendering, forms, transactions, redirects, and who is signed in.

A handler is `async def name(request) -> Response`. What it raises becomes a page: a refusal of a use case
says in words what is wrong, `SignInFirst` leads to the sign-in page and back.
"""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match

from antechamber import __version__
from antechamber.domain import users
from antechamber.domain.errors import CommonPassword, Invalid, MissingAttribute, Refusal, WeakPassword
from antechamber.domain.languages import LANGUAGES
from antechamber.usecases.mail_delivery import Previews
from antechamber.usecases.sign_in import SignedIn
from antechamber.usecases.users import hash_password
from antechamber.web import security, texts

FORM_LIMIT_BYTES = 16 * 1024
STATIC_PATH = "/static"
Result = TypeVar("Result")
Errors = Mapping[str, str]


class Transactions(Protocol):
    """Where use cases run: the database, seen from a door."""

    async def read(self, job: Callable[[Any], Awaitable[Result]]) -> Result:
        """Run a job that changes nothing."""
        ...

    async def write(self, job: Callable[[Any], Awaitable[Result]]) -> Result:
        """Run a job and commit what it changed."""
        ...


class SignInFirst(Exception):
    """The page is for somebody who is signed in."""


class Refused(HTTPException):
    """A request that ends on an error page. name: of its texts, `error.<name>.title` and `.text`."""

    def __init__(self, status: int, name: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, headers=headers)
        self.name = name


@dataclass
class Room:
    """What the pages of one server share."""

    database: Transactions
    csrf_key: bytes = field(repr=False)
    development: bool
    language: str
    templates: Environment
    # By name, with what changes when the file does.
    assets: Mapping[str, str]
    # How mails look; None where nobody is to see that.
    previews: Previews | None = None

    def asset(self, name: str) -> str:
        """Return the path of a file that browsers may keep."""
        return f"{STATIC_PATH}/{name}?v={self.assets[name]}"


def environment() -> Environment:
    """Return where the templates are; what they show is escaped."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals.update(languages=LANGUAGES, version=__version__)
    return made


def room(request: Request) -> Room:
    """Return what the pages share."""
    shared: Room = request.app.state.room
    return shared


# -- language and words -----------------------------------------------------------------------------


def language(request: Request) -> str:
    """Return the language that this answer is in."""
    chosen: str = request.state.language
    return chosen


def speak(request: Request, wanted: str, otherwise: str = "") -> None:
    """Answer in this language unless the person chose one (by cookie or link); empty for no wish.

    otherwise: the language where the browser, which comes before it, asks for none that we speak.
    """
    state = request.state
    if state.language_is_chosen:
        return
    if wanted in LANGUAGES:
        state.language = wanted
    elif otherwise in LANGUAGES and not state.language_is_accepted:
        state.language = otherwise


def text(request: Request, key: str, **values: object) -> Markup:
    """Return a text in the language of this answer; values are escaped."""
    return texts.text(language(request), key, **values)


def words(request: Request, refusal: Refusal) -> Markup:
    """Return what a refusal means to a person: the text `refusal.<class>`, or that of the nearest class."""
    for one in type(refusal).__mro__:
        key = f"refusal.{one.__name__}"
        if texts.has(key):
            return text(request, key, **{f"fact{n}": fact for n, fact in enumerate(refusal.facts)})
    raise AssertionError("there is a text for Refusal itself")


_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def _date(spoken: str, at: datetime) -> str:
    if spoken == "en":
        return f"{at.day} {_MONTHS[at.month - 1]} {at.year}"
    return f"{at.year}年{at.month}月{at.day}日"


def moment(spoken: str, at: datetime) -> Markup:
    """Return a time as a <time> element; all our times are UTC and say so."""
    separator = ", " if spoken == "en" else " "
    shown = f"{_date(spoken, at)}{separator}{at:%H:%M} UTC"
    return Markup('<time datetime="{}">{}</time>').format(f"{at:%Y-%m-%dT%H:%M:%SZ}", shown)


def day(spoken: str, at: datetime) -> Markup:
    """Return the day of a time as a <time> element."""
    return Markup('<time datetime="{}">{}</time>').format(f"{at:%Y-%m-%dT%H:%M:%SZ}", _date(spoken, at))


def role(request: Request, name: str) -> Markup:
    """Return what a role is called by people; one that has no text is shown as it is."""
    return text(request, f"role.{name}") if texts.has(f"role.{name}") else escape(name)


# -- answers ----------------------------------------------------------------------------------------


def render(
    request: Request,
    template: str,
    status: int = 200,
    *,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> Response:
    """Return a page.

    The template knows, besides the values: t(key, …) the text, language, languages, csrf (the hidden field
    that every form needs), path_for(route, …), role(name), moment(at), day(at), person (the user who is
    signed in, or None), notice (what the page before left to say, or None), errors (by field; empty unless
    given), asset(name) the path of a static file, development, version, language_link(code).
    """
    spoken = language(request)
    shared = room(request)
    token = security.form_token(shared.csrf_key, request.state.form_secret)
    who = person(request)
    context: dict[str, Any] = {
        "t": lambda text_key, /, **more: texts.text(spoken, text_key, **more),
        "language": spoken,
        "language_link": lambda code: _language_link(request, code),
        "csrf": Markup('<input type="hidden" name="csrf" value="{}">').format(token),
        "path_for": lambda name, /, **params: path_for(request, name, **params),
        "role": lambda name: role(request, name),
        "moment": lambda at: moment(spoken, at),
        "day": lambda at: day(spoken, at),
        "asset": shared.asset,
        "person": None if who is None else who.user,
        "notice": _take_notice(request),
        "development": shared.development,
        "errors": {},
        **values,
    }
    page = shared.templates.get_template(template).render(context)
    return Response(page, status, dict(headers or {}), media_type="text/html")


def path_for(request: Request, name: str, **params: object) -> str:
    """Return the path of a route; params that it does not know make its query."""
    route = next(one for one in _routes(request) if one.name == name)
    known = set(route.param_convertors)
    path = str(route.url_path_for(name, **{key: str(params[key]) for key in known}))
    query = urlencode({key: value for key, value in params.items() if key not in known and value}, doseq=True)
    return f"{path}?{query}" if query else path


def redirect(
    request: Request, name: str, *, notice: str = "", facts: Mapping[str, str] | None = None, **params: object
) -> Response:
    """Return the way to one of our own routes.

    notice: the key of a text that the next page shows once, with facts for its placeholders.
    """
    return redirect_to(request, path_for(request, name, **params), notice=notice, facts=facts)


def redirect_to(
    request: Request, path: str, *, notice: str = "", facts: Mapping[str, str] | None = None
) -> Response:
    """Return the way to a path that `local` has let pass, or that `path_for` has made."""
    response = RedirectResponse(path, 303)
    if notice:
        value = json.dumps([notice, dict(facts or {})])
        signed = security.sign(room(request).csrf_key, request.state.form_secret, value)
        security.set_cookie(request, response, security.NOTICE, signed, 60)
    return response


def _take_notice(request: Request) -> Markup | None:
    signed = security.cookie(request, security.NOTICE)
    if not signed:
        return None
    request.state.drop_notice = True
    value = security.signed_value(room(request).csrf_key, request.state.form_secret, signed)
    if value is None:
        return None
    key, facts = json.loads(value)
    return text(request, key, **facts)


def local(request: Request, path: str) -> str | None:
    """Return a path that leads to one of our own pages, None for any other text.

    Where a person goes after signing in comes with the form, so it is not to be believed.
    """
    parts = urlsplit(path)
    if parts.scheme or parts.netloc or not parts.path.startswith("/") or "\\" in path or "//" in path:
        return None
    scope = {"type": "http", "method": "GET", "path": parts.path, "root_path": "", "headers": []}
    for one in _routes(request):
        if one.matches(scope)[0] is Match.FULL and "GET" in (one.methods or ()):
            return f"{parts.path}?{parts.query}" if parts.query else parts.path
    return None


def _routes(request: Request) -> Iterable[Any]:
    return (one for one in request.app.routes if hasattr(one, "param_convertors") and hasattr(one, "methods"))


def _language_link(request: Request, code: str) -> str:
    kept = [(key, value) for key, value in request.query_params.multi_items() if key != "lang"]
    # What a form was sent to cannot be asked for again.
    path = request.url.path if request.method in {"GET", "HEAD"} else request.state.page
    return f"{path}?{urlencode([*kept, ('lang', code)])}"


# -- forms ------------------------------------------------------------------------------------------


async def form(request: Request, *, limit_bytes: int = FORM_LIMIT_BYTES) -> FormData:
    """Return the fields of a form of ours; `.get(name, "")`, `.getlist(name)`.

    Raises Refused: for a form that is too large, is no form, or was not made for this browser. Where it comes
    from was checked before any handler saw it.
    """
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > limit_bytes or len(await request.body()) > limit_bytes:
        raise Refused(413, "too_large")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        raise Refused(415, "no_form")
    fields = await request.form(max_files=1, max_fields=1000, max_part_size=limit_bytes)
    token = fields.get("csrf", "")
    if not isinstance(token, str) or not security.is_form_token(
        room(request).csrf_key, request.state.form_secret, token
    ):
        raise Refused(403, "old_form")
    return fields


def field_of(fields: FormData, name: str) -> str:
    """Return what stands in a text field, empty for a missing one."""
    value = fields.get(name, "")
    return value if isinstance(value, str) else ""


# -- transactions -----------------------------------------------------------------------------------


async def read(request: Request, job: Callable[[Any], Awaitable[Result]]) -> Result:
    """Return what a job finds, in a transaction that changes nothing."""
    return await room(request).database.read(job)


async def write(request: Request, job: Callable[[Any], Awaitable[Result]]) -> Result:
    """Return what a job has done, once that is durable."""
    return await room(request).database.write(job)


# -- who asks ---------------------------------------------------------------------------------------


def person(request: Request) -> SignedIn | None:
    """Return who is signed in, None for nobody."""
    found: SignedIn | None = request.state.signed_in
    return found


def signed_in(request: Request) -> SignedIn:
    """Return who is signed in. Raises SignInFirst, which leads to the sign-in page and back here."""
    found = person(request)
    if found is None:
        raise SignInFirst
    return found


def address(request: Request) -> str:
    """Return the client's IP address."""
    return request.client.host if request.client else ""


# -- what several forms ask for ---------------------------------------------------------------------


def entered_names(request: Request, fields: FormData) -> tuple[tuple[str, str], dict[str, str]]:
    """Return the first and last name of a form, and by field what is wrong with them."""
    errors: dict[str, str] = {}
    kept = []
    for name, check in (("first_name", users.first_name), ("last_name", users.last_name)):
        entered = "".join(one for one in field_of(fields, name) if one.isprintable())
        try:
            kept.append(check(entered))
        except MissingAttribute:
            errors[name] = text(request, f"form.{name}_missing")
        except Invalid as refusal:
            errors[name] = words(request, refusal)
    return ((kept[0], kept[1]) if not errors else ("", "")), errors


async def entered_password(
    request: Request, fields: FormData, *, is_required: bool
) -> tuple[str | None, dict[str, str]]:
    """Return the hash of the new password of a form, and by field what is wrong with it.

    Without a password, where none is required, the hash is None.
    """
    password, again = field_of(fields, "password"), field_of(fields, "password_again")
    if not password and not again and not is_required:
        return None, {}
    if not password:
        return None, {"password": text(request, "form.password_missing")}
    if password != again:
        return None, {"password_again": text(request, "form.password_differs")}
    try:
        return await hash_password(password), {}
    except (WeakPassword, CommonPassword) as refusal:
        return None, {"password": words(request, refusal)}
