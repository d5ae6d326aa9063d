"""The OAuth 2.0 endpoints: tokens for service accounts, and taking them back.

Source: RFC 6749 sections 4.4 and 5, RFC 7009; contract, WIRE.md section 9.
"""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from antechamber.api.request_cycle import RETRY_AFTER_SECONDS, Observation, Transactions
from antechamber.api.wire import printing
from antechamber.api.wire.errors import BodyTooLarge, BodyTooSlow, RateLimited
from antechamber.api.wire.messages import Header, Request, Response
from antechamber.api.wire.rate_limits import Buckets
from antechamber.domain.errors import Unavailable, UnknownCredentials
from antechamber.usecases import authentication

TOKEN_PATH = "/api/oauth/token"  # noqa: S105 - a path
REVOKE_PATH = "/api/oauth/revoke"
_FORM_LIMIT_BYTES = 16 * 1024
_NO_STORE: tuple[Header, ...] = (("cache-control", "no-store"), ("pragma", "no-cache"))


class _Token(msgspec.Struct):
    access_token: str
    expires_in: int
    token_type: str = "Bearer"  # noqa: S105 - a word of RFC 6750


class _Error(msgspec.Struct):
    error_description: str
    error: str


class _Problem(Exception):
    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(error)
        self.status, self.error, self.description = status, error, description


class OAuth:
    """Both endpoints.

    identity: headers that every answer carries. observe: told of every request when it is over.
    """

    def __init__(
        self,
        database: Transactions,
        buckets: Buckets,
        identity: tuple[Header, ...],
        observe: Callable[[Observation], None],
    ) -> None:
        self._database = database
        self._buckets = buckets
        self._observe = observe
        self._headers = (*identity, *_NO_STORE, ("content-type", "application/json"))

    async def respond(self, request: Request) -> Response:
        """Return the answer to a request for one of the two paths. Raises nothing."""
        began = time.perf_counter()
        failure: BaseException | None = None
        try:
            response = await self._respond(request)
        except _Problem as problem:
            response = self._answer(problem.status, _Error(problem.description, problem.error))
        except UnknownCredentials:
            response = self._answer(401, _Error("Invalid credentials provided.", "invalid_client"))
        except RateLimited as limited:
            resource, most, minutes = limited.facts[:3]
            text = f"Resource {resource} is limited to {most} requests every {minutes} minutes."
            response = self._answer(429, _Error(text, "rate_limited"))
            response.headers.append(("retry-after", str(limited.wait_seconds)))
        except Unavailable as error:
            response = self._answer(503, _Error("Please retry.", "temporarily_unavailable"))
            response.headers.append(("retry-after", RETRY_AFTER_SECONDS))
            failure = error.__cause__
        except Exception as error:  # noqa: BLE001 - a bug is answered, logged and counted, never shown
            response = self._answer(500, _Error("Unexpected error.", "server_error"))
            failure = error
        self._observe(
            Observation(
                request.id,
                "createAccessToken" if request.path == TOKEN_PATH else "revokeAccessToken",
                response.status,
                time.perf_counter() - began,
                request.method,
                None,
                request.address,
                failure,
            )
        )
        return response

    async def _respond(self, request: Request) -> Response:
        if request.method != "POST":
            raise _Problem(405, "invalid_request", "Only POST is allowed.")
        client_id, secret = _client(request)
        form = await _form(request)
        try:
            if request.path == TOKEN_PATH:
                self._buckets.token(client_id, request.path)
                return await self._token(client_id, secret, form)
            return await self._revoke(client_id, secret, form)
        except UnknownCredentials:
            self._buckets.wrong_credentials(request.address, client_id, request.path)
            raise

    async def _token(self, client_id: str, secret: str, form: dict[str, str]) -> Response:
        grant_type = form.get("grant_type")
        if not grant_type:
            raise _Problem(400, "invalid_request", "The grant_type parameter is missing.")
        if grant_type != "client_credentials":
            raise _Problem(400, "unsupported_grant_type", "Only the client_credentials grant is supported.")

        async def job(tx: Any) -> authentication.IssuedToken:
            return await authentication.issue_access_token(tx, client_id, secret)

        issued = await self._database.write(job)
        return self._answer(200, _Token(issued.token, issued.lifetime_seconds))

    async def _revoke(self, client_id: str, secret: str, form: dict[str, str]) -> Response:
        token = form.get("token")
        if not token:
            raise _Problem(400, "invalid_request", "The token parameter is missing.")

        async def job(tx: Any) -> None:
            await authentication.revoke_access_token(tx, client_id, secret, token)

        await self._database.write(job)
        return Response(200, list(self._headers), b"")

    def _answer(self, status: int, body: msgspec.Struct) -> Response:
        headers = list(self._headers)
        if status == 401:
            headers.append(("www-authenticate", 'Basic realm="antechamber"'))
        if status == 405:
            headers.append(("allow", "POST"))
        return Response(status, headers, printing.compact(body))


def _client(request: Request) -> tuple[str, str]:
    basic = authentication.client_of(request.headers.get("authorization") or "")
    if basic is None:
        raise UnknownCredentials
    return basic


async def _form(request: Request) -> dict[str, str]:
    """Return the form's fields. Source: RFC 6749 appendix B; no field may be sent twice (section 3.2)."""
    media_type = (request.headers.get("content-type") or "").partition(";")[0].strip().lower()
    if media_type != "application/x-www-form-urlencoded":
        raise _Problem(400, "invalid_request", "The body must be a form.")
    try:
        text = (await request.read_body(_FORM_LIMIT_BYTES)).decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=20)
    except BodyTooLarge:
        raise _Problem(413, "invalid_request", "The body is too large.") from None
    except BodyTooSlow:
        raise _Problem(408, "invalid_request", "The body took too long to arrive.") from None
    except ValueError:
        raise _Problem(400, "invalid_request", "The form is malformed.") from None
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise _Problem(400, "invalid_request", "A parameter was sent twice.")
    return fields
