"""The one path every JSON request takes: who calls, which operation and version, values in, bytes out.

The request is read as far as possible before the transaction, but what is wrong with it is told only to
a caller who is known: without credentials the answer is the challenge, whatever was asked
(contract, WIRE.md section 8).
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from antechamber.api.wire import bodies, media_types, printing
from antechamber.api.wire.envelopes import enveloped
from antechamber.api.wire.errors import (
    CHALLENGE_BODY,
    InvalidPathParameter,
    MethodNotAllowed,
    Unexpected,
    UnsupportedMediaType,
    UriTooLong,
    answer_of,
    body_of,
)
from antechamber.api.wire.messages import Header, Request, Response
from antechamber.api.wire.operations import Call, Operation, Reply, Table
from antechamber.api.wire.queries import NO_QUERY, Query
from antechamber.api.wire.rate_limits import Buckets
from antechamber.domain.callers import Caller
from antechamber.domain.credentials import BearerToken, Credentials, DigestAnswer
from antechamber.domain.errors import (
    NoTieToOrganization,
    NoTieToProject,
    OrganizationNotFound,
    ProjectNotFound,
    Refusal,
    StaleChallenge,
    Unauthenticated,
    Unavailable,
    UnknownToken,
)

Result = TypeVar("Result")

BODY_LIMIT_BYTES = 256 * 1024
TARGET_LIMIT_CHARACTERS = 8 * 1024
RETRY_AFTER_SECONDS = "1"
_NOT_THEIRS = (NoTieToOrganization, NoTieToProject, OrganizationNotFound, ProjectNotFound)
_COUNTED = ("content-type", "ratelimit-limit")


class Transactions(Protocol):
    """Where use cases run: the database, seen from a door."""

    async def read(self, job: Callable[[Any], Awaitable[Result]]) -> Result:
        """Run a job that changes nothing."""
        ...

    async def write(self, job: Callable[[Any], Awaitable[Result]]) -> Result:
        """Run a job and commit what it changed."""
        ...


class Authenticator(Protocol):
    """Who tells callers apart."""

    def challenge(self, *, stale: bool = False) -> str:
        """Return a fresh WWW-Authenticate value."""
        ...

    async def caller(self, tx: Any, credentials: Credentials, address: str, *, writes: bool) -> Caller:
        """Return who calls."""
        ...


@dataclass(slots=True)
class Observation:
    """What is told of one request when it is over: never a body, a secret or an e-mail address."""

    request_id: str
    operation_id: str
    status: int
    seconds: float
    method: str
    caller: Caller | None
    address: str
    error: BaseException | None


@dataclass(slots=True)
class _Exchange:
    """One request and what has become known of it so far."""

    request: Request
    operation: Operation | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    query: Query = NO_QUERY
    body: Any = None
    caller: Caller | None = None


class RequestCycle:
    """One generation of the API: an operation table.

    identity: headers that every answer carries, the name of the server first. observe: told of every
    request when it is over.
    """

    def __init__(
        self,
        table: Table,
        *,
        database: Transactions,
        authenticator: Authenticator,
        buckets: Buckets,
        identity: tuple[Header, ...],
        observe: Callable[[Observation], None],
    ) -> None:
        self._table = table
        self._database = database
        self._authenticator = authenticator
        self._buckets = buckets
        self._identity = identity
        self._observe = observe
        self._operation_headers = {id(row): _headers_of(row, identity) for row in table.operations}

    async def respond(self, request: Request) -> Response:
        """Return the answer to a request below the base path. Raises nothing."""
        began = time.perf_counter()
        exchange = _Exchange(request)
        failure: BaseException | None = None
        try:
            response = await self._respond(exchange)
        except Refusal as refusal:
            response = self._refused(refusal, exchange)
            failure = refusal.__cause__ if isinstance(refusal, Unavailable) else None
        except Exception as error:  # noqa: BLE001 - a bug is answered, logged and counted, never shown
            response = self._refused(Unexpected(), exchange)
            failure = error
        self._observe(
            Observation(
                request.id,
                exchange.operation.id if exchange.operation else "none",
                response.status,
                time.perf_counter() - began,
                request.method,
                exchange.caller,
                request.address,
                failure,
            )
        )
        return response

    async def _respond(self, exchange: _Exchange) -> Response:
        credentials = _credentials(exchange.request)
        if credentials is None:
            return self._challenge(stale=False)
        try:
            operation = await self._read(exchange)
        except Refusal as refusal:
            # Told to a known caller only.
            await self._database.read(lambda tx: self._identify(tx, exchange, credentials, writes=False))
            raise refusal from None

        async def job(tx: Any) -> Any:
            caller = await self._identify(tx, exchange, credentials, writes=operation.writes)
            request = exchange.request
            return await operation.handler(
                Call(
                    tx,
                    caller,
                    exchange.parameters,
                    exchange.query,
                    exchange.body,
                    request.base_url,
                    request.path,
                )
            )

        value = await (self._database.write(job) if operation.writes else self._database.read(job))
        return self._succeeded(value, operation, exchange)

    async def _identify(
        self, tx: Any, exchange: _Exchange, credentials: Credentials, *, writes: bool
    ) -> Caller:
        exchange.caller = None  # a job may run twice
        caller = await self._authenticator.caller(tx, credentials, exchange.request.address, writes=writes)
        exchange.caller = caller
        return caller

    async def _read(self, exchange: _Exchange) -> Operation:
        """Return the operation asked for, its input read. Raises the refusal for the first thing wrong."""
        request = exchange.request
        if len(request.path) + len(request.query) > TARGET_LIMIT_CHARACTERS:
            raise UriTooLong
        if not request.path.isprintable():
            raise InvalidPathParameter("path")
        versions, exchange.parameters = self._table.find(request.method, request.path)
        operation = self._table.negotiate(request.headers.get("accept"), versions)
        exchange.operation = operation
        if request.query:
            exchange.query = Query(request.query)
            exchange.query.flag("envelope")
            exchange.query.flag("pretty")
        if operation.writes and request.method != "DELETE":
            if (request.headers.get("content-encoding") or "identity") != "identity":
                raise UnsupportedMediaType
            body = await request.read_body(BODY_LIMIT_BYTES)
            if operation.body is not None:
                media_types.require_json(request.headers.get("content-type"))
                exchange.body = bodies.read(body, operation.body)
        return operation

    def _succeeded(self, value: Any, operation: Operation, exchange: _Exchange) -> Response:
        headers = self._counted_headers(operation, exchange)
        if type(value) is Reply:
            headers.extend(value.headers)
            value = value.value
        status = operation.success if value is not None else 204
        query = exchange.query
        if query is not NO_QUERY and query.flag("envelope"):
            value = enveloped(value, status)
            status = 200 if status == 204 else status
        if value is None:
            return Response(status, headers)
        if query is not NO_QUERY and query.flag("pretty"):
            return Response(status, headers, printing.pretty(value))
        return Response(status, headers, printing.compact(value))

    def _counted_headers(self, operation: Operation, exchange: _Exchange) -> list[Header]:
        headers = list(self._operation_headers[id(operation)])
        caller = exchange.caller
        if caller is not None:
            endpoints = operation.endpoints
            whose = exchange.parameters.get(endpoints.key) or caller.id
            headers.append(("ratelimit-remaining", str(self._buckets.take(endpoints, whose))))
        return headers

    def _refused(self, refusal: Refusal, exchange: _Exchange) -> Response:
        if isinstance(refusal, UnknownToken):
            # Recorded as an empty body; the header is what RFC 6750 section 3 asks for.
            return Response(401, [*self._identity, ("www-authenticate", 'Bearer error="invalid_token"')], b"")
        if isinstance(refusal, Unauthenticated):
            return self._challenge(stale=isinstance(refusal, StaleChallenge))
        row = answer_of(refusal)
        operation = exchange.operation
        if operation is None:
            headers = list(self._identity)
        elif isinstance(refusal, _NOT_THEIRS):
            # A stranger neither draws on the bucket of whom it asks for nor is told of it.
            headers = [
                header for header in self._operation_headers[id(operation)] if header[0] not in _COUNTED
            ]
        else:
            counted = self._counted_headers(operation, exchange)
            headers = [header for header in counted if header[0] != "content-type"]
        headers.append(("content-type", "application/json"))
        headers.append(("x-error-code", row.code))
        if isinstance(refusal, MethodNotAllowed):
            headers.append(("allow", refusal.facts[0]))
        if row.status == 503:
            headers.append(("retry-after", RETRY_AFTER_SECONDS))
        body: Any = body_of(refusal)
        query = _lenient(exchange.request.query)
        if "envelope=true" in query:
            body = enveloped(body, row.status)
        if "pretty=true" in query:
            return Response(row.status, headers, printing.pretty(body))
        return Response(row.status, headers, printing.compact(body))

    def _challenge(self, *, stale: bool) -> Response:
        # Nothing more, as recorded.
        headers = [
            self._identity[0],
            ("content-type", "application/json"),
            ("www-authenticate", self._authenticator.challenge(stale=stale)),
        ]
        return Response(401, headers, CHALLENGE_BODY)


def _headers_of(operation: Operation, identity: tuple[Header, ...]) -> tuple[Header, ...]:
    headers = [
        *identity,
        ("content-type", media_types.of_date(operation.version)),
        ("ratelimit-limit", str(operation.endpoints.capacity)),
    ]
    if operation.deprecated is not None:
        headers.append(("deprecation", operation.deprecated.since))
        headers.append(("sunset", operation.deprecated.sunset))
    return tuple(headers)


def _lenient(query: str) -> list[str]:
    """Return the raw parameters: an error is laid out as asked for even where the query is what is wrong."""
    return query.split("&") if query else []


def _credentials(request: Request) -> Credentials | None:
    """Return what the Authorization header shows, None for nothing that could be checked."""
    authorization = request.headers.get("authorization")
    if authorization is None:
        return None
    scheme, _, rest = authorization.partition(" ")
    scheme = scheme.lower()
    if scheme == "bearer":
        return BearerToken(rest.strip())
    if scheme == "digest":
        return DigestAnswer(authorization, request.method, request.path, request.query)
    return None
