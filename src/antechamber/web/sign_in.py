"""Signing in and out, and the page of one's own account."""

import asyncio
import time
from collections.abc import Mapping
from functools import partial

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from antechamber.domain.errors import SignInLinkUseless, TooManyTries, WrongCredentials, WrongPassword
from antechamber.usecases import invitee, sign_in
from antechamber.usecases.sign_in import Attempt, SignedIn
from antechamber.web import pages, security
from antechamber.web.accept_invitation import token_of

# Longer than queueing a mail takes: who has an account is answered as late as who has none (INV-26).
_LINK_ANSWER_SECONDS = 0.25


def routes() -> list[BaseRoute]:
    """Return where these pages are."""
    return [
        Route("/sign-in", show, name="sign_in"),
        Route("/sign-in", by_password, name="sign_in_by_password", methods=["POST"]),
        Route("/sign-in/link", request_link, name="sign_in_link", methods=["POST"]),
        Route("/sign-in/open", by_link, name="sign_in_open", methods=["POST"]),
        Route("/sign-out", sign_out, name="sign_out", methods=["POST"]),
        Route("/account", account, name="account"),
        Route("/account/name", rename, name="account_name", methods=["POST"]),
        Route("/account/password", change_password, name="account_password", methods=["POST"]),
    ]


async def home(request: Request) -> Response:
    """The way to where somebody begins: the console, or signing in."""
    if pages.person(request) is None:
        return pages.redirect(request, "sign_in")
    return pages.redirect_to(request, pages.local(request, "/console") or pages.path_for(request, "account"))


async def show(request: Request) -> Response:
    """The page on which to sign in; also where a mailed link leads to, the same for everybody."""
    return _page(request, next_path=request.query_params.get("next", ""))


async def by_password(request: Request) -> Response:
    """Sign in by address and password."""
    fields = await _form(request)
    username, password = pages.field_of(fields, "username"), pages.field_of(fields, "password")
    try:
        tried = await pages.write(
            request, partial(sign_in.attempt, username=username, address=pages.address(request))
        )
        if not await sign_in.is_right(tried, password):
            raise WrongCredentials
        cookie = await pages.write(
            request, partial(sign_in.begin, tried=tried, instead_of=pages.person(request))
        )
    except WrongCredentials as refusal:
        errors = {"username": pages.words(request, refusal)}
        return _page(request, fields=fields, errors=errors, status=403)
    except TooManyTries as refusal:
        return _too_many(request, refusal)
    return await _signed_in(request, fields, cookie)


async def request_link(request: Request) -> Response:
    """Mail a link to sign in with; the answer is the same whether there is an account or not."""
    began = time.monotonic()
    fields = await _form(request)
    username = pages.field_of(fields, "username").strip()
    try:
        await pages.write(
            request,
            partial(
                sign_in.request_link,
                username=username,
                address=pages.address(request),
                language=pages.language(request),
            ),
        )
    except TooManyTries as refusal:
        return _too_many(request, refusal)
    await asyncio.sleep(max(0.0, began + _LINK_ANSWER_SECONDS - time.monotonic()))
    return pages.render(request, "sign_in_sent.html", username=username)


async def by_link(request: Request) -> Response:
    """Sign in by the token of a mailed link, which works once."""
    fields = await _form(request)
    token = token_of(pages.field_of(fields, "link"))
    try:
        cookie = await pages.write(
            request, partial(sign_in.redeem_link, token=token, instead_of=pages.person(request))
        )
    except SignInLinkUseless as refusal:
        return _page(request, fields=fields, errors={"": pages.words(request, refusal)}, status=403)
    return await _signed_in(request, fields, cookie)


async def sign_out(request: Request) -> Response:
    """End the session."""
    fields = await _form(request)
    signed_in = pages.person(request)
    if signed_in is not None:
        await pages.write(request, partial(sign_in.sign_out, signed_in=signed_in))
    next_path = pages.local(request, pages.field_of(fields, "next"))
    response = pages.redirect_to(request, next_path or pages.path_for(request, "sign_in"))
    security.drop_cookie(request, response, security.SESSION)
    # Forms that the next person at this browser finds open are of no use.
    security.drop_cookie(request, response, security.FORM)
    return response


# -- the account ------------------------------------------------------------------------------------


async def account(request: Request) -> Response:
    """The person's own page."""
    return await _account_page(request, pages.signed_in(request))


async def rename(request: Request) -> Response:
    """Change the person's name."""
    request.state.page = pages.path_for(request, "account")
    signed_in = pages.signed_in(request)
    fields = await pages.form(request)
    (first_name, last_name), errors = pages.entered_names(request, fields)
    if errors:
        return await _account_page(request, signed_in, fields=fields, errors=errors)
    await pages.write(
        request,
        partial(sign_in.rename, signed_in=signed_in, first_name=first_name, last_name=last_name),
    )
    return pages.redirect(request, "account", notice="account.renamed")


async def change_password(request: Request) -> Response:
    """Change the person's password; all their other sessions end."""
    request.state.page = pages.path_for(request, "account")
    signed_in = pages.signed_in(request)
    fields = await pages.form(request)
    try:
        proven = await _proven(request, signed_in, pages.field_of(fields, "old_password"))
        password_hash, errors = await pages.entered_password(request, fields, is_required=True)
        if password_hash is None:
            return await _account_page(request, signed_in, fields=fields, errors=errors)
        await pages.write(
            request,
            partial(sign_in.change_password, signed_in=signed_in, password_hash=password_hash, proven=proven),
        )
    except WrongPassword as refusal:
        errors = {"old_password": pages.words(request, refusal)}
        return await _account_page(request, signed_in, fields=fields, errors=errors)
    except TooManyTries as refusal:
        return _too_many(request, refusal)
    return pages.redirect(request, "account", notice="account.password_changed")


async def _proven(request: Request, signed_in: SignedIn, old_password: str) -> Attempt | None:
    """Return the try with the right old password, None where none is needed. Raises WrongPassword."""
    if not await pages.read(request, partial(sign_in.needs_old_password, signed_in=signed_in)):
        return None
    tried = await pages.write(
        request,
        partial(sign_in.attempt, username=signed_in.user.username, address=pages.address(request)),
    )
    if not await sign_in.is_right(tried, old_password):
        raise WrongPassword
    return tried


async def _account_page(
    request: Request,
    signed_in: SignedIn,
    *,
    fields: FormData | None = None,
    errors: Mapping[str, str] | None = None,
) -> Response:
    entered = {"first_name": signed_in.user.first_name, "last_name": signed_in.user.last_name}
    if fields is not None and "first_name" in fields:
        entered = {name: pages.field_of(fields, name) for name in entered}
    return pages.render(
        request,
        "account.html",
        400 if errors else 200,
        user=signed_in.user,
        entered=entered,
        errors=errors or {},
        needs_old_password=await pages.read(
            request, partial(sign_in.needs_old_password, signed_in=signed_in)
        ),
    )


# -- the parts --------------------------------------------------------------------------------------


async def _form(request: Request) -> FormData:
    request.state.page = pages.path_for(request, "sign_in")
    return await pages.form(request)


def _page(
    request: Request,
    *,
    next_path: str = "",
    fields: FormData | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    if fields is not None:
        next_path = pages.field_of(fields, "next")
    return pages.render(
        request,
        "sign_in.html",
        status,
        next_path=pages.local(request, next_path) or "",
        username="" if fields is None else pages.field_of(fields, "username"),
        errors=errors or {},
    )


def _too_many(request: Request, refusal: TooManyTries) -> Response:
    seconds = refusal.facts[0]
    return pages.render(
        request, "error.html", 429, headers={"retry-after": seconds}, name="too_many", words=None
    )


async def _signed_in(request: Request, fields: FormData, cookie: str) -> Response:
    """Return the way on: to where the person wanted to go, else to their invitation that is open here."""
    path = pages.local(request, pages.field_of(fields, "next"))
    ticket = security.cookie(request, security.INVITATION)
    if path is None and await pages.read(
        request, partial(invitee.is_waiting_for, cookie=cookie, ticket=ticket)
    ):
        path = pages.path_for(request, "invitation")
    response = pages.redirect_to(request, path or pages.path_for(request, "home"))
    security.set_cookie(request, response, security.SESSION, cookie)
    return response
