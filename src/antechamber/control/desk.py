"""What every handler of the desk is made of: the database, bodies in, JSON out."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response

from antechamber.control.development import Development
from antechamber.control.mailbox import Mailbox
from antechamber.domain.errors import Refusal

Result = TypeVar("Result")
Body = TypeVar("Body", bound=msgspec.Struct)
Describe = Callable[[Refusal], tuple[int, msgspec.Struct]]


class Database(Protocol):
    """Where use cases run, and what else dev does with it."""

    async def read(self, job: Callable[[Any], Awaitable[Result]]) -> Result:
        """Run a job that changes nothing."""
        ...

    async def write(self, job: Callable[[Any], Awaitable[Result]]) -> Result:
        """Run a job and commit what it changed."""
        ...

    async def snapshot(self, file: Path) -> None:
        """Keep all that the database holds in a file."""
        ...

    async def restore(self, file: Path) -> None:
        """Put back what a file kept."""
        ...


class In(msgspec.Struct, forbid_unknown_fields=True, rename="camel", kw_only=True):
    """A body that comes in."""


class Out(msgspec.Struct, rename="camel", kw_only=True):
    """A body that goes out."""


class _Problem(Out):
    # As every error of the API, in the order of its wire.
    detail: str
    error: int
    error_code: str
    parameters: list[str]
    reason: str


class Refused(Exception):
    """A request that the desk itself refuses."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail


@dataclass(slots=True)
class Desk:
    """What the handlers of one worker share.

    catch_up: does at once what the server does in the background. describe: how the API tells a refusal,
    its status and its body.
    """

    development: Development
    database: Database
    catch_up: Callable[[], Awaitable[None]]
    describe: Describe
    mailbox: Mailbox = field(init=False)
    templates: Environment = field(init=False)

    def __post_init__(self) -> None:
        self.mailbox = Mailbox(self.development.mail_folder)
        self.templates = Environment(
            loader=FileSystemLoader(Path(__file__).with_name("templates")),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )


def of(request: Request) -> Desk:
    """Return what the handlers share."""
    desk: Desk = request.app.state.desk
    return desk


def answer(value: object, status: int = 200) -> Response:
    """Return the value as JSON."""
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def nothing() -> Response:
    """Return the answer to what succeeded and has nothing to say."""
    return Response(status_code=204)


def problem(status: int, code: str, detail: str, reason: str) -> Response:
    """Return an error in the API's own shape."""
    body = _Problem(detail=detail, error=status, error_code=code, parameters=[], reason=reason)
    return answer(body, status)


def is_read_by_a_person(request: Request) -> bool:
    """Tell whether a page is wanted, and not JSON."""
    return "text/html" in request.headers.get("accept", "")


async def body_of(request: Request, kind: type[Body]) -> Body:
    """Return the body; none at all counts as {}. Raises Refused."""
    content = await request.body()
    try:
        return msgspec.json.decode(content or b"{}", type=kind)
    except msgspec.ValidationError as error:
        raise Refused(400, "INVALID_ATTRIBUTE", str(error)) from error
    except msgspec.DecodeError as error:
        raise Refused(400, "MALFORMED_JSON", "Received JSON is malformed.") from error


def number(request: Request, name: str, default: float, most: float) -> float:
    """Return a number of the query, between 0 and most. Raises Refused."""
    try:
        value = float(request.query_params.get(name, default))
    except ValueError:
        value = -1.0
    if not 0 <= value <= most:
        raise Refused(400, "INVALID_QUERY_PARAMETER", f"{name}: a number from 0 to {most:g} is wanted.")
    return value


def moment(seconds: float) -> str:
    """Return Unix seconds as the API writes times."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
