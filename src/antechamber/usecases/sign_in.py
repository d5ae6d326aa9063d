"""Signing in with a browser: by password or by a mailed link, who is signed in, and what they may do where.

Tries are counted in the database, so that several servers agree; who tries too often waits, nobody is
locked out. Whether an address has an account shows neither in an answer nor in its time (INV-26).
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from antechamber.auth import secrets
from antechamber.domain import usernames, users
from antechamber.domain.callers import Caller, CallerKind
from antechamber.domain.errors import (
    NoTieToOrganization,
    SessionEnded,
    SignInLinkUseless,
    TooManyTries,
    WrongCredentials,
    WrongPassword,
)
from antechamber.domain.rate_limits import Taken
from antechamber.domain.users import User
from antechamber.storage import organizations, rate_limits, sessions, sign_in_links
from antechamber.storage import users as accounts
from antechamber.storage.database import Transaction
from antechamber.usecases import mail_queue
from antechamber.usecases.users import is_password

LINK_LIFETIME = timedelta(minutes=15)
# So long after signing in by a link a new password needs no old one: whoever forgot theirs came this way.
TRUSTED_AFTER_LINK = timedelta(minutes=15)
_TOUCH_AFTER = timedelta(minutes=1)
# Source: SECURITY-MODEL "Limits". The second bounds guessing one password for many accounts.
_TRIES, _TRIES_PER_MINUTE = 10, 10 / 15
_TRIES_OF_ADDRESS, _TRIES_OF_ADDRESS_PER_MINUTE = 100, 100.0
# Whoever knows a session's cookie knows how it began; the fingerprint covers the word too.
_BY_LINK = "link."
_BY_PASSWORD = "password."  # noqa: S105 - no password, the word


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person with a session.

    fingerprint: the session's. is_by_link: it began with a mailed link. needs_touch: that it is in use is to
    be kept (INV-23).
    """

    user: User
    fingerprint: bytes = field(repr=False)
    created_at: datetime
    is_by_link: bool = False
    needs_touch: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a try to sign in is measured against. user: None for an address without a proven account."""

    user: User | None
    password_hash: str | None = field(repr=False)
    address: str
    key: str


# -- by password ------------------------------------------------------------------------------------


async def attempt(tx: Transaction, *, username: str, address: str) -> Attempt:
    """Count a try and return what to measure it against. address: where the request comes from.

    Raises TooManyTries; nothing is counted then.
    """
    key = _key(username)
    await _count(tx, "sign-in", address, key)
    user = await accounts.find_by_key(tx, key)
    if user is None or not user.is_verified:
        return Attempt(None, None, address, key)
    return Attempt(user, await accounts.password_hash(tx, user.id), address, key)


async def is_right(tried: Attempt, password: str) -> bool:
    """Tell whether it is the account's password. Takes as long without one; call it outside transactions."""
    return await is_password(password, tried.password_hash)


async def begin(tx: Transaction, tried: Attempt, *, instead_of: SignedIn | None = None) -> str:
    """Begin the session of somebody whose password was right; return its cookie.

    instead_of: the session that this browser had. Raises WrongCredentials for an account without a password,
    and for one whose password was changed meanwhile (INV-25).
    """
    user = tried.user
    if user is None or tried.password_hash is None:
        raise WrongCredentials
    if await accounts.password_hash(tx, user.id) != tried.password_hash:
        raise WrongCredentials
    await _give_back(tx, "sign-in", tried.address, tried.key)
    return await begin_session(tx, user, instead_of=instead_of)


# -- by a mailed link -------------------------------------------------------------------------------


async def request_link(tx: Transaction, *, username: str, address: str, language: str) -> None:
    """Mail a link to the address if it has an account. Raises TooManyTries."""
    key = _key(username)
    await _count(tx, "sign-in-link", address, key)
    user = await accounts.find_by_key(tx, key)
    if user is None or not user.is_verified:
        return
    organization_id = await accounts.some_organization(tx, user.id)
    if organization_id is None:
        # Nobody whose mail it could be, and nothing to be seen after signing in.
        return
    token = secrets.invitation_token()
    await sign_in_links.insert(tx, secrets.token_fingerprint(token), user.id, tx.now + LINK_LIFETIME)
    await mail_queue.send_sign_in_link(tx, organization_id, user.username, token=token, language=language)


async def redeem_link(tx: Transaction, *, token: str, instead_of: SignedIn | None = None) -> str:
    """Begin the session of whom the link was mailed to; return its cookie. A link works once.

    instead_of: the session that this browser had. Raises SignInLinkUseless.
    """
    user_id = await sign_in_links.take(tx, secrets.token_fingerprint(token))
    user = None if user_id is None else await accounts.find(tx, user_id)
    if user is None or not user.is_verified:
        raise SignInLinkUseless
    return await begin_session(tx, user, is_by_link=True, instead_of=instead_of)


# -- sessions ---------------------------------------------------------------------------------------


async def begin_session(
    tx: Transaction, user: User, *, is_by_link: bool = False, instead_of: SignedIn | None = None
) -> str:
    """Begin a session; return its cookie, which is new each time."""
    cookie = (_BY_LINK if is_by_link else _BY_PASSWORD) + secrets.invitation_token()
    if instead_of is not None:
        await sessions.end(tx, instead_of.fingerprint)
    expires_at = tx.now + timedelta(hours=tx.policy.session_hours)
    await sessions.insert(tx, secrets.token_fingerprint(cookie), user.id, expires_at)
    await accounts.stamp_sign_in(tx, user.id)
    return cookie


async def who(tx: Transaction, cookie: str) -> SignedIn | None:
    """Return who is signed in with a cookie, None for nobody (any more)."""
    fingerprint = secrets.token_fingerprint(cookie)
    session = await _session(tx, fingerprint)
    if session is None:
        return None
    return SignedIn(
        session.user,
        fingerprint,
        session.created_at,
        is_by_link=cookie.startswith(_BY_LINK),
        needs_touch=tx.now - session.seen_at >= _TOUCH_AFTER,
    )


async def touch(tx: Transaction, signed_in: SignedIn) -> None:
    """Keep that a session is in use."""
    await sessions.touch(tx, signed_in.fingerprint)


async def require_session(tx: Transaction, signed_in: SignedIn) -> None:
    """Return when the person is signed in still (INV-25). Raises SessionEnded."""
    if await _session(tx, signed_in.fingerprint) is None:
        raise SessionEnded


async def sign_out(tx: Transaction, signed_in: SignedIn) -> None:
    """End the session."""
    await sessions.end(tx, signed_in.fingerprint)


async def end_everything(tx: Transaction, user_id: str, *, kept: bytes = b"") -> None:
    """End all sessions of a person but the one with this fingerprint, and all links to sign in."""
    await sessions.end_of_user(tx, user_id, kept=kept)
    await sign_in_links.end_of_user(tx, user_id)


async def _session(tx: Transaction, fingerprint: bytes) -> sessions.Session | None:
    idle = timedelta(minutes=tx.policy.session_idle_minutes)
    return await sessions.find(tx, fingerprint, seen_after=tx.now - idle)


# -- the account ------------------------------------------------------------------------------------


async def needs_old_password(tx: Transaction, signed_in: SignedIn) -> bool:
    """Tell whether a new password needs the old one: not without one, nor soon after a mailed link."""
    if signed_in.is_by_link and tx.now - signed_in.created_at < TRUSTED_AFTER_LINK:
        return False
    return await accounts.password_hash(tx, signed_in.user.id) is not None


async def change_password(
    tx: Transaction, signed_in: SignedIn, *, password_hash: str, proven: Attempt | None = None
) -> None:
    """Give the person a new password; every other session and every link to sign in ends.

    proven: the try with the right old password, None for somebody who needs none.
    Raises SessionEnded; WrongPassword where the old one is needed, or is not the old one any more.
    """
    await require_session(tx, signed_in)
    if await needs_old_password(tx, signed_in):
        kept = await accounts.password_hash(tx, signed_in.user.id)
        if proven is None or proven.password_hash != kept:
            raise WrongPassword
        await _give_back(tx, "sign-in", proven.address, proven.key)
    await accounts.change_password(tx, signed_in.user.id, password_hash)
    await end_everything(tx, signed_in.user.id, kept=signed_in.fingerprint)


async def rename(tx: Transaction, signed_in: SignedIn, *, first_name: str, last_name: str) -> None:
    """Give the person another name. Raises SessionEnded and the refusals for names."""
    await require_session(tx, signed_in)
    await accounts.rename(tx, signed_in.user.id, users.first_name(first_name), users.last_name(last_name))


async def member(
    tx: Transaction, signed_in: SignedIn, organization_id: str, address: str, *, language: str = ""
) -> Caller:
    """Return the person as a caller in an organization, with the roles of this very moment (INV-4).

    address: where the request comes from. language: what the mails that it causes are to be written in.
    Raises SessionEnded; NoTieToOrganization for somebody who is no member, and for an unknown organization.
    """
    await require_session(tx, signed_in)
    organization = await organizations.find(tx, organization_id)
    roles = await accounts.organization_roles(tx, organization_id, signed_in.user.id)
    if organization is None or not roles:
        raise NoTieToOrganization
    return Caller(
        kind=CallerKind.USER,
        id=signed_in.user.id,
        name=signed_in.user.username,
        organization=organization,
        roles=frozenset(roles),
        address=address,
        language=language,
    )


# -- counting tries ---------------------------------------------------------------------------------


async def _count(tx: Transaction, what: str, address: str, key: str) -> None:
    """Count a try. Raises TooManyTries, which undoes the counting too: waiting is all that helps."""
    for taken in _takes(what, address, key):
        left = (await rate_limits.take(tx, taken)).level
        if left < 0:
            raise TooManyTries(str(max(1, round(-left * 60 / taken.refill))))


async def _give_back(tx: Transaction, what: str, address: str, key: str) -> None:
    for taken in _takes(what, address, key, count=-1):
        await rate_limits.take(tx, taken)


def _key(username: str) -> str:
    """Return the key of what somebody entered as their address, empty for what cannot be one."""
    entered = username.strip()
    return usernames.key_of(entered) if entered.isprintable() else ""


def _takes(what: str, address: str, key: str, *, count: int = 1) -> tuple[Taken, Taken]:
    network = _network(address)
    # Short, of one length, and no address of a person in a table that is not about people.
    account = hashlib.sha256(f"{network}\0{key}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return (
        Taken((what, account), count, _TRIES, _TRIES_PER_MINUTE),
        Taken((what, network), count, _TRIES_OF_ADDRESS, _TRIES_OF_ADDRESS_PER_MINUTE),
    )


def _network(address: str) -> str:
    """Return what counts as one address: an IPv4 address, or the /64 that an IPv6 address is in."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ip_network((found, 64), strict=False))
    return str(found)
