"""What the servers of the benchmark know: one organization, its credentials, and many pending invitations."""

import asyncio
import contextlib
import json
import time
from datetime import UTC, datetime
from pathlib import Path

import apsw

from antechamber.auth.secrets import Vault, new_master_key
from antechamber.domain import usernames
from antechamber.domain.events import USER_ROLES_CHANGED_AUDIT
from antechamber.domain.ids import IdGenerator
from antechamber.domain.invitations import LIFETIME, Invitation, State
from antechamber.domain.policy import Policy
from antechamber.domain.users import User
from antechamber.storage import invitations, users
from antechamber.storage.database import Transaction
from antechamber.storage.engines import open_database
from bench.load import Key

ORGANIZATION_ID = "a" * 24
INVITATION_ID = "b" * 24
KEY = Key("benchkey", "00000000-0000-4000-8000-000000000000")
CLIENT_ID, CLIENT_SECRET = f"mdb_sa_id_{'c' * 24}", f"mdb_sa_sk_{'d' * 40}"
ROLES = ("ORG_MEMBER",)
DATABASE = "antechamber.db"
YEAR_SECONDS = 365 * 86_400


def write_seed(file: Path) -> None:
    """Write the seed file: the organization with one pending invitation."""
    organization = {
        "name": "Bench",
        "id": ORGANIZATION_ID,
        "apiKeys": [
            {"publicKey": KEY.public, "privateKey": KEY.private, "desc": "bench", "roles": ["ORG_OWNER"]}
        ],
        "serviceAccounts": [
            {
                "clientId": CLIENT_ID,
                "secret": CLIENT_SECRET,
                "name": "bench",
                "description": "bench",
                "roles": ["ORG_OWNER"],
            }
        ],
        "users": [{"username": "owner@example.com", "roles": ["ORG_OWNER"]}],
        "invitations": [{"username": username(0), "id": INVITATION_ID, "roles": list(ROLES)}],
    }
    # YAML takes JSON as it is.
    file.write_text(json.dumps({"organizations": [organization]}))


def username(number: int) -> str:
    """Return the address of an invited person."""
    return f"person-{number:06}@example.com"


def fill(folder: Path, pending: int) -> None:
    """Invite people until so many invitations are pending, in one transaction; the server may be running."""
    asyncio.run(_fill(folder / DATABASE, pending))


async def _fill(file: Path, pending: int) -> None:
    database = open_database(
        f"sqlite:///{file}", policy=Policy(), sealer=Vault.from_master_key(new_master_key())
    )

    async def job(tx: Transaction) -> None:
        for number in range(1, pending):
            address = usernames.parse(username(number))
            user = User(id=tx.new_id(), username=address.text, created_at=tx.now)
            await users.insert(tx, user, address)
            invitation = Invitation(
                id=tx.new_id(),
                organization_id=ORGANIZATION_ID,
                project_id=None,
                from_project=False,
                user_id=user.id,
                username=address.text,
                inviter=KEY.public,
                state=State.PENDING,
                roles=ROLES,
                team_ids=(),
                project_roles=(),
                created_at=tx.now,
                expires_at=tx.now + LIFETIME,
            )
            await invitations.insert(tx, invitation)

    await database.write(job)
    await database.close()


def tell(folder: Path, events: int) -> None:
    """Put so many events into the trail, spread over a year; the server has not been asked for them yet."""
    now, new_id = int(time.time()), IdGenerator()
    step = YEAR_SECONDS / events
    with contextlib.closing(apsw.Connection(str(folder / DATABASE))) as connection, connection:
        connection.executemany(
            """INSERT INTO events (organization_id, id, type_name, created_at, target_username)
            VALUES (?, ?, ?, ?, ?)""",
            (
                (ORGANIZATION_ID, new_id(at), USER_ROLES_CHANGED_AUDIT, at, username(number))
                for number in range(events)
                for at in (now - YEAR_SECONDS + int(number * step),)
            ),
        )


def found(folder: Path, organizations: int) -> None:
    """Put so many more organizations into the database."""
    now, new_id = int(time.time()), IdGenerator()
    with contextlib.closing(apsw.Connection(str(folder / DATABASE))) as connection, connection:
        connection.executemany(
            "INSERT INTO organizations (id, name, created_at) VALUES (?, ?, ?)",
            ((new_id(now), f"Organization {number}", now) for number in range(organizations)),
        )


class PlainLoop:
    """What a durable change costs at the least, one after the other: UPDATE, INSERT of the event, COMMIT.

    It works on a copy of a server's database in the same folder, through the same driver, in this thread.
    """

    def __init__(self, folder: Path) -> None:
        copy = folder / "plain.db"
        with contextlib.closing(apsw.Connection(str(folder / DATABASE))) as source:
            source.execute("VACUUM INTO ?", (str(copy),))
        self._connection = apsw.Connection(str(copy))
        self._connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
        self._new_id = IdGenerator()

    def once(self) -> None:
        """Commit one change."""
        execute, now = self._connection.cursor().execute, int(datetime.now(UTC).timestamp())
        execute("BEGIN IMMEDIATE")
        execute(
            """UPDATE invitations SET roles = ?, team_ids = ?, project_roles = ?
            WHERE organization_id = ? AND id = ? AND state = 'pending'""",
            (ROLES[0], "", "", ORGANIZATION_ID, INVITATION_ID),
        )
        execute(
            """INSERT INTO events (organization_id, id, type_name, created_at, actor_kind, actor_id,
            actor_name, address, target_username) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            (
                ORGANIZATION_ID,
                self._new_id(now),
                USER_ROLES_CHANGED_AUDIT,
                now,
                "service-account",
                CLIENT_ID,
                CLIENT_ID,
                "127.0.0.1",
                username(0),
            ),
        )
        execute("COMMIT")

    def close(self) -> None:
        """Let go of the copy."""
        self._connection.close()
