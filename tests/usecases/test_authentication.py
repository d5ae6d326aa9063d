"""Who is calling: Digest answers, access tokens, access lists."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import pytest
from tests.conftest import OpenDatabase
from tests.worlds import ADDRESS, Clock, World

from antechamber.auth import bearer, digest
from antechamber.domain.callers import Caller, CallerKind
from antechamber.domain.credentials import BearerToken, DigestAnswer
from antechamber.domain.errors import (
    AccessListRequired,
    AddressNotListed,
    Refusal,
    StaleChallenge,
    UnknownCredentials,
    UnknownToken,
    UserAlreadyExists,
)
from antechamber.storage import access_lists, organizations
from antechamber.storage.database import Database, Statement, Transaction
from antechamber.usecases import authentication, system
from antechamber.usecases.authentication import Authenticator

PATH = "/api/atlas/v2/orgs"
NONCE_KEY = b"k" * 32
_END_KEY = Statement("DELETE FROM api_keys WHERE organization_id = :organization_id")
_END_ACCOUNT = Statement("DELETE FROM service_accounts WHERE organization_id = :organization_id")
_END_SECRET = Statement("DELETE FROM service_account_secrets WHERE organization_id = :organization_id")
_DEMOTE_KEY = Statement("UPDATE api_keys SET roles = 'ORG_MEMBER' WHERE organization_id = :organization_id")
_REQUIRE_LIST = Statement("UPDATE organizations SET api_access_list_required = 1 WHERE id = :organization_id")


class RealTime:
    """The real time, moved by some seconds: nonces do not go by the clock of transactions."""

    def __init__(self) -> None:
        self.moved_seconds = 0.0

    def __call__(self) -> float:
        return time.time() + self.moved_seconds


@dataclass
class Gate:
    """A server's authenticator in front of a database."""

    database: Database
    authenticator: Authenticator
    time: RealTime

    def nonce(self) -> str:
        return self.authenticator.challenge().partition('nonce="')[2].partition('"')[0]

    async def caller(
        self, credentials: DigestAnswer | BearerToken, *, writes: bool = False, address: str = ADDRESS
    ) -> Caller:
        async def job(tx: Transaction) -> Caller:
            return await self.authenticator.caller(tx, credentials, address, writes=writes)

        return await (self.database.write if writes else self.database.read)(job)


@pytest.fixture
def gate(database: Database) -> Gate:
    clock = RealTime()
    return Gate(database, Authenticator(NONCE_KEY, clock), clock)


def answer(
    world: World,
    nonce: str,
    *,
    nc: int = 1,
    method: str = "GET",
    private_key: str | None = None,
    public_key: str | None = None,
    algorithm: str = "MD5",
    **request: Any,
) -> DigestAnswer:
    """Return a client's answer to a challenge, computed as RFC 7616 says."""
    username = public_key or world.key.public_key
    ha1 = digest.ha1(username, private_key or world.private_key, algorithm)
    hashed = digest._HASHES[algorithm]
    response = hashed(f"{ha1}:{nonce}:{nc:08x}:cafe:auth:" + hashed(f"{method}:{PATH}?pageNum=1"))
    header = (
        f'Digest username="{username}", realm="{digest.REALM}", nonce="{nonce}", uri="{PATH}?pageNum=1",'
        f' algorithm={algorithm}, qop=auth, nc={nc:08x}, cnonce="cafe", response="{response}"'
    )
    return DigestAnswer(
        **{"authorization": header, "method": method, "path": PATH, "query": "pageNum=1", **request}
    )


async def end(database: Database, world: World, statement: Statement) -> None:
    async def job(tx: Transaction) -> None:
        assert await tx.run(statement, organization_id=world.organization.id) == 1
        await organizations.authority_changed(tx, world.organization.id)

    await database.write(job)


async def token_of(database: Database, world: World) -> str:
    issued = await database.write(
        lambda tx: authentication.issue_access_token(tx, world.account.client_id, world.clear_secret)
    )
    assert issued.lifetime_seconds == 3600
    assert issued.token not in repr(issued)
    return issued.token


# -- Digest -----------------------------------------------------------------------------------------


async def test_the_right_answer_tells_who_calls(gate: Gate, world: World) -> None:
    caller = await gate.caller(answer(world, gate.nonce()))
    assert caller == world.caller
    assert caller.kind is CallerKind.API_KEY
    assert caller.name == world.key.public_key


async def test_a_nonce_serves_for_many_counts_of_one_client(gate: Gate, world: World) -> None:
    nonce = gate.nonce()
    for count in (1, 3, 2, 10):
        assert await gate.caller(answer(world, nonce, nc=count)) == world.caller


async def test_inv26_an_unknown_key_and_a_wrong_one_are_refused_alike(gate: Gate, world: World) -> None:
    refusals = []
    for wrong in (
        answer(world, gate.nonce(), public_key="nobodyxx"),
        answer(world, gate.nonce(), private_key="00000000-0000-4000-8000-000000000000"),
    ):
        with pytest.raises(UnknownCredentials) as refused:
            await gate.caller(wrong)
        refusals.append((type(refused.value), refused.value.facts))
    assert refusals[0] == refusals[1]


WRONG_REQUESTS: list[dict[str, Any]] = [
    {"path": "/api/atlas/v2/groups"},
    {"query": "pageNum=2"},
    {"query": ""},
    {"authorization": "Digest nonsense"},
    {"authorization": "Basic YTpi"},
    {"authorization": ""},
    {"algorithm": "SHA-256"},
]


@pytest.mark.parametrize("values", WRONG_REQUESTS)
async def test_an_answer_serves_for_its_own_request_only(
    gate: Gate, world: World, values: dict[str, Any]
) -> None:
    nonce = gate.nonce()
    with pytest.raises(UnknownCredentials):
        await gate.caller(answer(world, nonce, **values))
    assert await gate.caller(answer(world, nonce)) == world.caller


async def test_an_answer_for_another_method_is_refused(gate: Gate, world: World) -> None:
    read = answer(world, gate.nonce())
    with pytest.raises(UnknownCredentials):
        await gate.caller(DigestAnswer(read.authorization, "DELETE", read.path, read.query), writes=True)


async def test_a_nonce_of_somebody_else_is_refused(gate: Gate, world: World) -> None:
    foreign = digest.Nonces(b"x" * 32).mint(time.time())
    with pytest.raises(UnknownCredentials):
        await gate.caller(answer(world, foreign))


async def test_only_the_right_answer_learns_that_its_nonce_is_spent(gate: Gate, world: World) -> None:
    nonce = gate.nonce()
    gate.time.moved_seconds = authentication.NONCE_LIFETIME_SECONDS + 1
    with pytest.raises(StaleChallenge):
        await gate.caller(answer(world, nonce))
    with pytest.raises(UnknownCredentials):
        await gate.caller(answer(world, nonce, private_key="wrong"))
    assert "stale=true" in gate.authenticator.challenge(stale=True)
    assert await gate.caller(answer(world, gate.nonce())) == world.caller


async def test_inv27_a_read_is_not_answered_twice(gate: Gate, world: World) -> None:
    once = answer(world, gate.nonce())
    await gate.caller(once)
    with pytest.raises(StaleChallenge):
        await gate.caller(once)


async def test_inv27_a_write_runs_once_on_all_servers(
    gate: Gate, world: World, database_url: str, open_url: OpenDatabase
) -> None:
    other = Gate(open_url(database_url), Authenticator(NONCE_KEY), RealTime())
    once = answer(world, gate.nonce(), method="POST")
    answers = await asyncio.gather(
        *(each.caller(once, writes=True) for _ in range(5) for each in (gate, other)), return_exceptions=True
    )
    assert sum(isinstance(one, Caller) for one in answers) == 1
    assert sum(isinstance(one, StaleChallenge) for one in answers) == 9


async def test_inv27_a_refused_write_did_not_run_and_may_be_sent_again(gate: Gate, world: World) -> None:
    once = answer(world, gate.nonce(), method="POST")

    async def refused(tx: Transaction) -> None:
        await gate.authenticator.caller(tx, once, ADDRESS, writes=True)
        raise UserAlreadyExists("ann@example.com")

    with pytest.raises(UserAlreadyExists):
        await gate.database.write(refused)
    assert await gate.caller(once, writes=True) == world.caller
    with pytest.raises(StaleChallenge):
        await gate.caller(once, writes=True)


async def test_answers_are_forgotten_once_their_nonces_are_spent(
    gate: Gate, world: World, clock: Clock
) -> None:
    await gate.caller(answer(world, gate.nonce(), method="POST"), writes=True)
    clock.advance(seconds=authentication.NONCE_LIFETIME_SECONDS)
    assert await gate.database.write(system.sweep) == 0
    clock.advance(seconds=digest.CLOCK_SKEW_SECONDS)
    assert await gate.database.write(system.sweep) == 1


async def test_inv25_a_deleted_key_is_refused_from_the_next_request_on(gate: Gate, world: World) -> None:
    nonce = gate.nonce()
    await gate.caller(answer(world, nonce))
    await end(gate.database, world, _END_KEY)
    with pytest.raises(UnknownCredentials):
        await gate.caller(answer(world, nonce, nc=2))


async def test_inv04_roles_are_those_of_this_moment(gate: Gate, world: World) -> None:
    nonce = gate.nonce()
    assert (await gate.caller(answer(world, nonce))).roles == {"ORG_OWNER"}
    await end(gate.database, world, _DEMOTE_KEY)
    assert (await gate.caller(answer(world, nonce, nc=2))).roles == {"ORG_MEMBER"}


# -- access tokens ----------------------------------------------------------------------------------


async def test_a_token_speaks_for_its_account(gate: Gate, world: World) -> None:
    caller = await gate.caller(BearerToken(await token_of(gate.database, world)))
    assert (caller.kind, caller.id, caller.name) == (
        CallerKind.SERVICE_ACCOUNT,
        world.account.client_id,
        world.account.client_id,
    )
    assert (caller.organization, caller.roles, caller.address) == (
        world.organization,
        frozenset({"ORG_OWNER"}),
        ADDRESS,
    )


async def test_a_token_ends_after_an_hour_to_the_second(gate: Gate, world: World, clock: Clock) -> None:
    token = BearerToken(await token_of(gate.database, world))
    clock.advance(seconds=3599)
    await gate.caller(token)
    clock.advance(seconds=1)
    with pytest.raises(UnknownToken):
        await gate.caller(token)


async def test_a_token_belongs_to_the_organization_it_names(
    gate: Gate, world: World, stranger: World
) -> None:
    token = await token_of(gate.database, world)
    for other in (
        token.replace(world.organization.id, stranger.organization.id),
        bearer.mint(world.organization.id),
        "at_nonsense",
        "",
    ):
        with pytest.raises(UnknownToken):
            await gate.caller(BearerToken(other))
    assert (await gate.caller(BearerToken(token))).organization == world.organization


@pytest.mark.parametrize("statement", [_END_ACCOUNT, _END_SECRET], ids=["account", "secret"])
async def test_inv25_a_token_ends_with_its_account_and_with_its_secret(
    gate: Gate, world: World, statement: Statement
) -> None:
    token = BearerToken(await token_of(gate.database, world))
    await end(gate.database, world, statement)
    with pytest.raises(UnknownToken):
        await gate.caller(token)
    with pytest.raises(UnknownCredentials):
        await token_of(gate.database, world)


async def revoke(database: Database, world: World, token: str, secret: str | None = None) -> None:
    await database.write(
        lambda tx: authentication.revoke_access_token(
            tx, world.account.client_id, secret or world.clear_secret, token
        )
    )


async def test_inv25_a_revoked_token_is_refused_and_others_go_on(gate: Gate, world: World) -> None:
    first, second = await token_of(gate.database, world), await token_of(gate.database, world)
    await revoke(gate.database, world, first)
    with pytest.raises(UnknownToken):
        await gate.caller(BearerToken(first))
    await gate.caller(BearerToken(second))
    for again in (first, "at_nonsense", bearer.mint(world.organization.id)):
        await revoke(gate.database, world, again)


async def test_a_token_is_not_revoked_by_another_account(gate: Gate, world: World, stranger: World) -> None:
    token = await token_of(gate.database, world)
    await revoke(gate.database, stranger, token)
    with pytest.raises(UnknownCredentials):
        await revoke(gate.database, world, token, secret="wrong")
    await gate.caller(BearerToken(token))


async def test_inv26_an_unknown_client_and_a_wrong_secret_are_refused_alike(
    database: Database, world: World
) -> None:
    refusals: list[tuple[type[Refusal], tuple[Any, ...]]] = []
    for client_id, secret in (
        (world.account.client_id, "wrong"),
        ("mdb_sa_id_" + "5f" * 12, world.clear_secret),
        (world.account.client_id, ""),
    ):
        with pytest.raises(UnknownCredentials) as refused:
            await database.write(
                lambda tx, c=client_id, s=secret: authentication.issue_access_token(tx, c, s)  # type: ignore[misc]
            )
        refusals.append((type(refused.value), refused.value.facts))
    assert len(set(refusals)) == 1


async def test_an_expired_secret_gives_no_token_and_ends_none(gate: Gate, world: World, clock: Clock) -> None:
    clock.advance(days=365, seconds=-1)
    token = await token_of(gate.database, world)
    clock.advance(seconds=1)
    with pytest.raises(UnknownCredentials):
        await token_of(gate.database, world)
    with pytest.raises(UnknownCredentials):
        await revoke(gate.database, world, token)


async def test_the_oldest_of_more_than_a_hundred_tokens_ends(gate: Gate, world: World, clock: Clock) -> None:
    first = await token_of(gate.database, world)
    clock.advance(seconds=1)
    second = await token_of(gate.database, world)
    for _ in range(99):
        clock.advance(seconds=1)
        await token_of(gate.database, world)
    with pytest.raises(UnknownToken):
        await gate.caller(BearerToken(first))
    await gate.caller(BearerToken(second))


# -- access lists -----------------------------------------------------------------------------------


async def listed(database: Database, world: World, principal_id: str, block: str) -> None:
    async def job(tx: Transaction) -> None:
        assert await access_lists.insert(tx, world.organization.id, principal_id, block)

    await database.write(job)


async def test_inv28_only_listed_addresses_may_use_a_key_or_token(gate: Gate, world: World) -> None:
    await listed(gate.database, world, world.key.id, "198.51.100.0/24")
    await listed(gate.database, world, world.key.id, "192.0.2.1/32")
    await listed(gate.database, world, world.account.client_id, "198.51.100.0/24")
    nonce, token = gate.nonce(), BearerToken(await token_of(gate.database, world))
    for count, address in enumerate(("198.51.100.77", "::ffff:198.51.100.77"), 1):
        await gate.caller(answer(world, nonce, nc=count), address=address)
        await gate.caller(token, address=address)
    with pytest.raises(AddressNotListed) as refused:
        await gate.caller(answer(world, nonce, nc=8))
    assert refused.value.facts == (ADDRESS,)
    with pytest.raises(AddressNotListed):
        await gate.caller(token)


async def test_inv26_only_the_right_answer_learns_of_the_list(gate: Gate, world: World) -> None:
    await listed(gate.database, world, world.key.id, "192.0.2.1/32")
    with pytest.raises(UnknownCredentials):
        await gate.caller(answer(world, gate.nonce(), private_key="wrong"))


async def test_inv28_an_organization_may_require_a_list(gate: Gate, world: World) -> None:
    token = BearerToken(await token_of(gate.database, world))
    await end(gate.database, world, _REQUIRE_LIST)
    for credentials in (answer(world, gate.nonce()), token):
        with pytest.raises(AccessListRequired):
            await gate.caller(credentials)
    await listed(gate.database, world, world.key.id, f"{ADDRESS}/32")
    assert (await gate.caller(answer(world, gate.nonce()))).organization.api_access_list_required


async def test_the_status_of_a_caller_tells_its_roles_and_its_list(database: Database, world: World) -> None:
    await listed(database, world, world.key.id, "192.0.2.1/32")
    status = await database.read(lambda tx: system.caller_status(tx, world.caller))
    assert (status.caller, status.project_roles, status.networks) == (world.caller, {}, ("192.0.2.1/32",))
