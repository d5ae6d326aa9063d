"""The one path every JSON request takes: who calls, which operation and version, values in, bytes out.

The request is read as far as possible before the transaction, but what is wrong with it is told only to
a caller who is known: without credentials the answer is the challenge, whatever was asked
(contract, WIRE.md section 8).
"""

import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

from antechamber.api.wire import bodies, media_types, printing
from antechamber.api.wire.arrays import LongArray
from antechamber.api.wire.envelopes import enveloped
from antechamber.api.wire.errors import (
    CHALLENGE_BODY,
    InvalidPathParameter,
    MethodNotAllowed,
    TooManyRequests,
    Unexpected,
    UnsupportedMediaType,
    UriTooLong,
    answer_of,
    body_of,
)
from antechamber.api.wire.messages import Header, Request, Response
from antechamber.api.wire.operations import Call, Operation, Reply, Table
from antechamber.api.wire.queries import NO_QUERY, Query
from antechamber.api.wire.rate_limits import INVITING, Buckets
from antechamber.domain import languages
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
_NO_TIE = (NoTieToOrganization, NoTieToProject, OrganizationNotFound, ProjectNotFound)
_USERNAME = re.compile(r'username="?([^",]*)', re.IGNORECASE)
_TYPE = ("content-type",)
_COUNTED = ("content-type", "ratelimit-limit")


class Transactions(Protocol):
    """Where use cases run: the database, seen from a door."""

    async def read(self, job: Callable[[Any], Awaitable[Result]], *, snapshot: bool = True) -> Result:
        """Run a job that changes nothing. snapshot: all that it reads is of one state."""
        ...

    async def write(self, job: Callable[[Any], Awaitable[Result]]) -> Result:
        """Run a job and commit what it changed."""
        ...


class Authenticator(Protocol):
    """Who tells callers apart."""

    def challenge(self, *, stale: bool = False) -> str:
        """Return a fresh WWW-Authenticate value."""
        ...

    def caller(self, tx: Any, credentials: Credentials, address: str, *, writes: bool) -> Awaitable[Caller]:
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
    # Whose bucket a token was taken from, and how many are left there.
    whose: str = ""
    left: int = -1


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
            response = self._refused(self._limited(refusal, exchange), exchange)
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
            await self._database.read(
                lambda tx: self._identify(tx, exchange, credentials, writes=False), snapshot=False
            )
            raise refusal from None
        if operation.prepare is not None:
            known = await self._database.read(
                lambda tx: self._identify(tx, exchange, credentials, writes=False), snapshot=False
            )
            self._take(exchange, operation, known)
            exchange.body = await operation.prepare(exchange.body)

        async def job(tx: Any) -> Any:
            caller = await self._identify(tx, exchange, credentials, writes=operation.writes)
            request = exchange.request
            if exchange.left < 0:  # a job may run twice
                self._take(exchange, operation, caller)
            return await operation.handler(
                Call(
                    tx,
                    caller,
                    exchange.parameters,
                    exchange.query,
                    exchange.body,
                    request.base_url,
                    request.path,
                    request.base_url + self._table.base_path,
                    self._table.project_roles,
                )
            )

        if operation.writes:
            value = await self._database.write(job)
        else:
            value = await self._database.read(job, snapshot=not operation.reads_one)
        if type(value) is LongArray:
            status, query = operation.success, exchange.query
            body = await value.printed(
                around=lambda array: enveloped(array, status) if query.flag("envelope") else array,
                pretty=query.flag("pretty"),
            )
            return Response(status, self._headers(operation, exchange), body)
        return self._succeeded(value, operation, exchange)

    def _take(self, exchange: _Exchange, operation: Operation, caller: Caller) -> None:
        """Take a token for the request. Raises the refusal for an empty bucket."""
        endpoints = operation.endpoints
        exchange.whose = exchange.parameters.get(endpoints.key) or caller.id
        exchange.left = 0
        exchange.left = self._buckets.take(endpoints, exchange.whose, exchange.request.path)
        if operation.id in INVITING:
            self._buckets.invitation(exchange.request.address)

    def _limited(self, refusal: Refusal, exchange: _Exchange) -> Refusal:
        """Return the refusal, or the one for too many requests of a caller that it is not counted for yet."""
        operation, caller, request = exchange.operation, exchange.caller, exchange.request
        try:
            if isinstance(refusal, Unauthenticated) and not isinstance(refusal, StaleChallenge):
                self._buckets.wrong_credentials(
                    request.address, _presented(_credentials(request)), request.path
                )
            elif operation is not None and caller is not None and isinstance(refusal, _NO_TIE):
                # A stranger shall not empty the bucket of whom it asks for.
                if exchange.whose and exchange.whose != caller.id:
                    self._buckets.give_back(operation.endpoints, exchange.whose)
                    self._buckets.take(operation.endpoints, caller.id, request.path)
            elif operation is not None and caller is not None and not exchange.whose:
                # Refused before anybody asked whether the caller has anything to do with the owner.
                exchange.whose = caller.id
                exchange.left = 0
                exchange.left = self._buckets.take(operation.endpoints, caller.id, request.path)
        except TooManyRequests as limited:
            return limited
        return refusal

    async def _identify(
        self, tx: Any, exchange: _Exchange, credentials: Credentials, *, writes: bool
    ) -> Caller:
        exchange.caller = None  # a job may run twice
        caller = await self._authenticator.caller(tx, credentials, exchange.request.address, writes=writes)
        operation = exchange.operation
        if operation is not None and operation.id in INVITING:
            accepted = exchange.request.headers.get("accept-language")
            if accepted:
                caller = replace(caller, language=languages.preferred(accepted))
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

    def _headers(self, operation: Operation, exchange: _Exchange) -> list[Header]:
        return [*self._operation_headers[id(operation)], ("ratelimit-remaining", str(exchange.left))]

    def _succeeded(self, value: Any, operation: Operation, exchange: _Exchange) -> Response:
        headers = self._headers(operation, exchange)
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

    def _refused(self, refusal: Refusal, exchange: _Exchange) -> Response:
        if isinstance(refusal, UnknownToken):
            # Recorded as an empty body; the header is what RFC 6750 section 3 asks for.
            return Response(401, [*self._identity, ("www-authenticate", 'Bearer error="invalid_token"')], b"")
        if isinstance(refusal, Unauthenticated):
            return self._challenge(stale=isinstance(refusal, StaleChallenge))
        row = answer_of(refusal)
        operation = exchange.operation
        if operation is not None:
            # Recorded: no numbers of a bucket that is not the caller's.
            dropped = _COUNTED if isinstance(refusal, _NO_TIE) or exchange.left < 0 else _TYPE
            headers = [
                header for header in self._operation_headers[id(operation)] if header[0] not in dropped
            ]
            if dropped is _TYPE:
                headers.append(("ratelimit-remaining", str(exchange.left)))
        else:
            headers = list(self._identity)
        headers.append(("content-type", "application/json"))
        headers.append(("x-error-code", row.code))
        if isinstance(refusal, MethodNotAllowed):
            headers.append(("allow", refusal.facts[0]))
        if isinstance(refusal, TooManyRequests):
            headers.append(("retry-after", str(refusal.wait_seconds)))
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
        if operation.deprecated.since:
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


def _presented(credentials: Credentials | None) -> str:
    """Return what wrong credentials are counted by: the name they give, or the token."""
    if isinstance(credentials, BearerToken):
        return credentials.token
    named = _USERNAME.search(credentials.authorization) if credentials is not None else None
    return named[1] if named is not None else ""
