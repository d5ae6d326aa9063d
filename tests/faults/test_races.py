"""Two servers on one database are asked for what only one of them may do (INV-31)."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import TypeVar

from tests.api.desk import BearerAuth, Client
from tests.conftest import OpenDatabase
from tests.faults.starting import Start
from tests.worlds import World

from antechamber.domain.invitations import Invitation, State
from antechamber.domain.roles import ORG_MEMBER
from antechamber.storage import invitations as stored
from antechamber.storage.database import Database, Transaction
from antechamber.usecases import invitations

Answer = TypeVar("Answer")
ROUNDS = 10
DATED = {"Accept": "application/vnd.atlas.2025-02-19+json"}
SECRET = f"mdb_sa_sk_{'5' * 40}"


def _at_once(*jobs: Callable[[], Answer]) -> list[Answer]:
    barrier = Barrier(len(jobs))

    def one(job: Callable[[], Answer]) -> Answer:
        barrier.wait()
        return job()

    with ThreadPoolExecutor(len(jobs)) as threads:
        return list(threads.map(one, jobs))


def _duels(file: Path) -> None:
    """Write a seed of organizations with two owners each."""
    organizations = [
        {
            "name": f"Duel {number}",
            "id": f"{number:024x}",
            "users": [
                {
                    "username": f"{name}{number}@duel.example",
                    "id": f"{name * 4}{number:020x}",
                    "roles": ["ORG_OWNER"],
                }
                for name in "ab"
            ],
            "serviceAccounts": [
                {
                    "clientId": f"mdb_sa_id_{number:024x}",
                    "secret": SECRET,
                    "name": "duel",
                    "description": "duel",
                    "roles": ["ORG_OWNER"],
                }
            ],
        }
        for number in range(1, ROUNDS + 1)
    ]
    file.write_text(json.dumps({"organizations": organizations}))


def test_inv07_two_servers_never_take_both_owners_away(start: Start, tmp_path: Path) -> None:
    _duels(tmp_path / "duels.yaml")
    one = start(options=("--seed", str(tmp_path / "duels.yaml")))
    two = start()
    statuses: Counter[tuple[int, ...]] = Counter()
    for number in range(1, ROUNDS + 1):
        auth = BearerAuth(one.token(f"mdb_sa_id_{number:024x}", SECRET))
        users = f"/orgs/{number:024x}/users"
        removals = [
            partial(Client(server.url, auth).delete, f"{users}/{name * 4}{number:020x}", headers=DATED)
            for server, name in ((one, "a"), (two, "b"))
        ]
        statuses[tuple(sorted(answer.status_code for answer in _at_once(*removals)))] += 1
        assert len(Client(two.url, auth).get(users, headers=DATED).json()["results"]) == 1
    assert statuses == {(204, 403): ROUNDS}


def test_inv08_two_servers_send_one_invitation(start: Start) -> None:
    one = start()
    two = start()
    office = one.office()
    urls = [one.url, two.url] * 4
    auth = office.client.session.auth
    assert isinstance(auth, BearerAuth)
    for number in range(ROUNDS):
        body = {"username": f"same{number}@guest.example", "roles": ["ORG_MEMBER"]}
        answers = _at_once(*(partial(Client(url, auth).post, office.invites, body) for url in urls))
        assert Counter(answer.status_code for answer in answers) == {200: 1, 409: len(urls) - 1}
    assert len(office.client.get(office.invites).json()) == ROUNDS
    assert one.rows("SELECT count(*) FROM outbox") == [(ROUNDS,)]


async def test_inv15_of_two_who_end_an_invitation_on_two_servers_one_does(
    database: Database, database_url: str, open_url: OpenDatabase, world: World
) -> None:
    other = open_url(database_url)
    for number in range(ROUNDS):
        _, invitation = await database.write(
            lambda tx, n=number: invitations.invite_to_organization(  # type: ignore[misc]
                tx,
                world.caller,
                organization_id=world.organization.id,
                username=f"ann{n}@guest.example",
                requested_roles=[ORG_MEMBER],
            )
        )

        async def end(tx: Transaction, state: State, invitation: Invitation = invitation) -> bool:
            return await stored.end(tx, invitation, state)

        accepted, cancelled = await asyncio.gather(
            database.write(lambda tx: end(tx, State.ACCEPTED)), other.write(lambda tx: end(tx, State.REVOKED))
        )
        assert accepted != cancelled
        kept = await database.read(
            lambda tx, id=invitation.id: stored.find(tx, world.organization.id, id)  # type: ignore[misc]
        )
        assert kept is not None
        assert kept.state is (State.ACCEPTED if accepted else State.REVOKED)
