"""Who is calling: API keys by HTTP Digest, service accounts by access token.

Everything is read in the request's own transaction, so a revoked credential, role or token is refused
from the next request on, on every server (INV-4, INV-25).
"""

import hmac
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from antechamber.auth import bearer, client_credentials, digest
from antechamber.domain import access_lists
from antechamber.domain.access_lists import Use
from antechamber.domain.callers import Caller, CallerKind
from antechamber.domain.credentials import BearerToken, Credentials, DigestAnswer
from antechamber.domain.errors import (
    AccessListRequired,
    AddressNotListed,
    StaleChallenge,
    UnknownCredentials,
    UnknownToken,
)
from antechamber.domain.organizations import Organization
from antechamber.domain.service_accounts import ACCESS_TOKEN_LIFETIME_SECONDS
from antechamber.storage import api_keys, digest_answers, organizations, service_accounts
from antechamber.storage.database import Transaction

NONCE_LIFETIME_SECONDS = 300
# The one that the service offers, and HA1 is kept for.
ALGORITHM = "MD5"
MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new access token, in clear for the one answer that carries it."""

    token: str = field(repr=False)
    lifetime_seconds: int


@dataclass(frozen=True, slots=True)
class _Remembered:
    """What was read of a credential, true as long as the organization's authority version stands still."""

    caller: Caller
    expires_at: datetime | None = None
    ha1: str = field(default="", repr=False)
    # The entry of its access list that let it in.
    block: str | None = None


class Authenticator:
    """Checks credentials.

    Keeps the nonce key, the reads that each nonce has answered, and what it read of credentials: that is
    used again only after the organization's authority version was read in the request's own transaction
    and found unchanged (INV-25). Nonces and signatures go by real time, whatever the transaction's clock.
    """

    def __init__(self, nonce_key: bytes, clock: Callable[[], float] = time.time) -> None:
        self._nonces = digest.Nonces(nonce_key, NONCE_LIFETIME_SECONDS)
        self._windows = digest.NonceWindows()
        self._clock = clock
        # By token or public key, and the address it was used from.
        self._remembered: dict[tuple[str, str], _Remembered] = {}
        # By organization, principal and entry of its access list.
        self._uses: dict[tuple[str, str, str], Use] = {}

    def challenge(self, *, stale: bool = False) -> str:
        """Return a fresh WWW-Authenticate value. Source: contract, WIRE.md section 8."""
        return digest.challenge(self._nonces.mint(self._clock()), stale=stale)

    def caller(
        self, tx: Transaction, credentials: Credentials, address: str, *, writes: bool
    ) -> Awaitable[Caller]:
        """Return who calls.

        address: where from. writes: the request changes something, so its Digest answer is used up for
        good (INV-27). Raises UnknownCredentials, StaleChallenge, UnknownToken, AddressNotListed,
        AccessListRequired.
        """
        if isinstance(credentials, BearerToken):
            return self._by_token(tx, credentials.token, address)
        return self._by_answer(tx, credentials, address, writes=writes)

    def take_uses(self) -> list[Use]:
        """Return how entries of access lists were used since the last call, in one order for all."""
        uses, self._uses = self._uses, {}
        return [uses[key] for key in sorted(uses)]

    def _let_in(self, tx: Transaction, remembered: _Remembered) -> Caller:
        caller, block = remembered.caller, remembered.block
        if block is not None:
            key = (caller.organization.id, caller.id, block)
            before = self._uses.get(key)
            self._uses[key] = Use(*key, before.count + 1 if before else 1, tx.now, caller.address)
        return caller

    async def _recall(self, tx: Transaction, key: tuple[str, str], *, for_sure: bool) -> _Remembered | None:
        """Return what is remembered and still true. for_sure: the job cannot run again, so know it now."""
        remembered = self._remembered.get(key)
        if remembered is not None:
            organization = remembered.caller.organization
            if for_sure:
                version = await organizations.authority_version(tx, organization.id)
                holds = version == organization.authority_version
            else:
                holds = await organizations.has_same_authority(tx, organization)
            if holds:
                return remembered
            # Another request may have been here since: it waited for the database as this one did.
            self._remembered.pop(key, None)
        return None

    def _remember(self, key: tuple[str, str], remembered: _Remembered) -> None:
        if len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[key] = remembered

    async def _by_token(self, tx: Transaction, token: str, address: str) -> Caller:
        remembered = await self._recall(tx, (token, address), for_sure=False)
        if remembered is None:
            organization_id = bearer.parse(token)
            if organization_id is None:
                raise UnknownToken
            kept = await service_accounts.find_token(tx, organization_id, bearer.fingerprint(token))
            if kept is None:
                raise UnknownToken
            caller = Caller(
                CallerKind.SERVICE_ACCOUNT,
                kept.client_id,
                kept.client_id,
                kept.organization,
                kept.roles,
                address,
            )
            block = _require_listed(address, kept.networks, kept.organization)
            remembered = _Remembered(caller, kept.expires_at, block=block)
            self._remember((token, address), remembered)
        assert remembered.expires_at is not None, "a token has an end"
        if tx.now >= remembered.expires_at:
            raise UnknownToken
        return self._let_in(tx, remembered)

    async def _by_answer(
        self, tx: Transaction, credentials: DigestAnswer, address: str, *, writes: bool
    ) -> Caller:
        try:
            answer = digest.parse(credentials.authorization)
        except digest.InvalidAnswer as error:
            raise UnknownCredentials from error
        nonce_state = self._nonces.check(answer.nonce, self._clock())
        if nonce_state is digest.NonceState.FORGED or answer.algorithm != ALGORITHM:
            raise UnknownCredentials
        # A second run would find the count of its nonce used.
        remembered = await self._recall(tx, (answer.username, address), for_sure=True)
        key = None
        if remembered is None:
            key = await api_keys.find_kept(tx, answer.username)
            if key is not None:
                caller = Caller(
                    CallerKind.API_KEY, key.id, key.public_key, key.organization, key.roles, address
                )
                remembered = _Remembered(caller, ha1=key.ha1)
        # An unknown key takes the same steps as a wrong answer (INV-26).
        ha1 = remembered.ha1 if remembered is not None else digest.DUMMY_HA1
        right = digest.matches(answer, ha1, credentials.method)
        if (
            remembered is None
            or not right
            or not digest.same_target(answer.uri, credentials.path, credentials.query)
        ):
            raise UnknownCredentials
        caller = remembered.caller
        if nonce_state is digest.NonceState.STALE:
            raise StaleChallenge
        # Reads are only kept in mind, by this server: what they answer, they change nothing.
        if not (
            await _use_up(tx, caller, answer) if writes else self._windows.accept(answer.nonce, answer.nc)
        ):
            raise StaleChallenge
        if key is not None:
            block = _require_listed(address, key.networks, key.organization)
            remembered = replace(remembered, block=block)
            self._remember((answer.username, address), remembered)
        return self._let_in(tx, remembered)


async def _use_up(tx: Transaction, caller: Caller, answer: digest.Answer) -> bool:
    """Take down an answer that writes; return False for one that has written (INV-27)."""
    return await digest_answers.insert(
        tx,
        caller.organization.id,
        answer.nonce,
        answer.nc,
        NONCE_LIFETIME_SECONDS + digest.CLOCK_SKEW_SECONDS,
    )


def _require_listed(address: str, networks: tuple[str, ...], organization: Organization) -> str | None:
    """Return the entry that lets the address in, None where there is no list (INV-28).

    Source: contract, ERRORS.md "Authentication, authorization, access lists".
    """
    if networks:
        block = access_lists.match(networks, address)
        if block is None:
            raise AddressNotListed(address)
        return block
    if organization.api_access_list_required:
        raise AccessListRequired
    return None


def client_of(authorization: str) -> tuple[str, str] | None:
    """Return client id and secret of a Basic Authorization header, None for anything else."""
    return client_credentials.parse_basic(authorization)


async def issue_access_token(tx: Transaction, client_id: str, secret: str) -> IssuedToken:
    """Return a new token of a service account. Raises UnknownCredentials.

    Source: RFC 6749 section 4.4; contract, WIRE.md section 9.
    """
    fingerprint = client_credentials.fingerprint(secret)
    for kept in await service_accounts.list_kept_secrets(tx, client_id):
        if hmac.compare_digest(fingerprint, kept.fingerprint) and tx.now < kept.expires_at:
            token = bearer.mint(kept.organization_id)
            expires_at = tx.now + timedelta(seconds=ACCESS_TOKEN_LIFETIME_SECONDS)
            await service_accounts.insert_token(tx, kept, bearer.fingerprint(token), expires_at)
            return IssuedToken(token, ACCESS_TOKEN_LIFETIME_SECONDS)
    raise UnknownCredentials


async def revoke_access_token(tx: Transaction, client_id: str, secret: str, token: str) -> None:
    """End a token of this service account; an unknown one is no error. Raises UnknownCredentials.

    Source: RFC 7009 section 2.
    """
    fingerprint = client_credentials.fingerprint(secret)
    for kept in await service_accounts.list_kept_secrets(tx, client_id):
        if hmac.compare_digest(fingerprint, kept.fingerprint) and tx.now < kept.expires_at:
            if bearer.parse(token) == kept.organization_id:
                await service_accounts.delete_token(
                    tx, kept.organization_id, client_id, bearer.fingerprint(token)
                )
            return
    raise UnknownCredentials
