"""Rows of invitations."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from antechamber.domain.invitations import Invitation, ProjectRole, State
from antechamber.domain.usernames import key_of
from antechamber.storage.database import PART, Row, Statement, Transaction
from antechamber.storage.rows import instant, seconds, split, words

COLUMNS = """id, organization_id, project_id, from_project, user_id, username, inviter, state, roles,
    team_ids, project_roles, created_at, expires_at"""

_INSERT = Statement(
    """INSERT INTO invitations (organization_id, id, scope_id, project_id, from_project, user_id, username,
    username_key, inviter, state, roles, team_ids, project_roles, language, created_at, expires_at,
    ended_at) VALUES (:organization_id, :id, :scope_id, :project_id, :from_project, :user_id, :username,
    :username_key, :inviter, :state, :roles, :team_ids, :project_roles, :language, :created_at,
    :expires_at, :ended_at) ON CONFLICT DO NOTHING RETURNING id"""
)
_BY_ID = f"SELECT {COLUMNS} FROM invitations WHERE organization_id = :organization_id AND id = :id"
# The words state = 'pending' are those of the partial index.
_PENDING = f"""SELECT {COLUMNS} FROM invitations WHERE organization_id = :organization_id
    AND scope_id = :scope_id AND username_key = :username_key AND state = 'pending'"""
_FIND, _FIND_LOCKED = Statement(_BY_ID), Statement(_BY_ID + " {for_update}")
_FIND_PENDING, _FIND_PENDING_LOCKED = Statement(_PENDING), Statement(_PENDING + " {for_update}")
_LIST_PENDING = Statement(
    f"""SELECT {COLUMNS} FROM invitations WHERE organization_id = :organization_id
    AND scope_id = :scope_id AND state = 'pending' AND from_project = 0 AND expires_at > :now
    AND username_key > :after ORDER BY username_key LIMIT :most"""
)
_COUNT_PENDING = Statement(
    """SELECT count(*) FROM (SELECT 1 FROM invitations WHERE organization_id = :organization_id
    AND scope_id = :scope_id AND state = 'pending' AND expires_at > :now LIMIT :most) AS counted"""
)
_UPDATE = Statement(
    """UPDATE invitations SET roles = :roles, team_ids = :team_ids, project_roles = :project_roles
    WHERE organization_id = :organization_id AND id = :id AND state = 'pending'"""
)
_END = Statement(
    """UPDATE invitations SET state = :state, ended_at = :now
    WHERE organization_id = :organization_id AND id = :id AND state = 'pending'"""
)
_ANSWER = Statement(
    """UPDATE invitations SET state = :state, ended_at = :now, note = :note, is_flagged = :is_flagged
    WHERE organization_id = :organization_id AND id = :id AND state = 'pending' AND expires_at > :now"""
)
_CARRYING_PROJECT = Statement(
    f"""SELECT {COLUMNS} FROM invitations WHERE organization_id = :organization_id
    AND scope_id = :organization_id AND state = 'pending' AND project_roles LIKE :pattern"""
)
_CARRYING_TEAM = Statement(
    f"""SELECT {COLUMNS} FROM invitations WHERE organization_id = :organization_id
    AND scope_id = :organization_id AND state = 'pending' AND team_ids LIKE :pattern"""
)
_COUNT_CARRYING_PROJECT = Statement(
    """SELECT count(*) FROM (SELECT 1 FROM invitations WHERE organization_id = :organization_id
    AND scope_id = :organization_id AND state = 'pending' AND expires_at > :now
    AND project_roles LIKE :pattern LIMIT :most) AS counted"""
)
_NAMES_USER = Statement(
    "SELECT 1 FROM invitations WHERE organization_id = :organization_id AND user_id = :user_id LIMIT 1"
)
_LIST_PENDING_OF_USER = Statement(
    f"""SELECT {COLUMNS} FROM invitations WHERE organization_id = :organization_id AND state = 'pending'
    AND id IN (SELECT named.id FROM invitations named
    WHERE named.organization_id = :organization_id AND named.user_id = :user_id) ORDER BY created_at, id"""
)
_COUNT_CARRYING_TEAM = Statement(
    """SELECT count(*) FROM invitations WHERE organization_id = :organization_id
    AND scope_id = :organization_id AND state = 'pending' AND expires_at > :now AND team_ids LIKE :pattern"""
)
_LIST_EXPIRED = Statement(
    f"""SELECT {COLUMNS} FROM invitations WHERE state = 'pending' AND expires_at <= :now
    ORDER BY expires_at LIMIT :most"""
)
_LIST_TO_REMIND = Statement(
    f"""SELECT {COLUMNS} FROM invitations WHERE state = 'pending' AND expires_at > :now
    AND expires_at <= :until AND reminded_at IS NULL ORDER BY expires_at LIMIT :most"""
)
_REMINDED = Statement(
    """UPDATE invitations SET reminded_at = :now WHERE organization_id = :organization_id AND id = :id
    AND state = 'pending' AND reminded_at IS NULL"""
)
_RENEW = Statement(
    """UPDATE invitations SET expires_at = :expires_at, reminded_at = NULL
    WHERE organization_id = :organization_id AND id = :id AND state = 'pending'"""
)
_LANGUAGE_AND_NOTE = Statement(
    "SELECT language, note FROM invitations WHERE organization_id = :organization_id AND id = :id"
)


# The hidden halves of project invitations follow from those.
_LIST_ALL = Statement(
    f"""SELECT {COLUMNS}, language FROM invitations
    WHERE organization_id = :organization_id AND from_project = 0 ORDER BY created_at, id"""
)

_STATES = {state.value: state for state in State}


@lru_cache(1024)
def _project_roles(words: str) -> tuple[ProjectRole, ...]:
    return tuple([ProjectRole(*word.split(":")) for word in words.split()])


def of_row(row: Row) -> Invitation:
    """Return the value of a row that begins with COLUMNS."""
    (
        id,
        organization_id,
        project_id,
        from_project,
        user_id,
        username,
        inviter,
        state,
        roles,
        team_ids,
        project_roles,
        created_at,
        expires_at,
        *_,
    ) = row
    return Invitation(
        id,
        organization_id,
        project_id,
        from_project == 1,
        user_id,
        username,
        inviter,
        _STATES[state],
        split(roles),
        split(team_ids),
        _project_roles(project_roles),
        instant(created_at),
        instant(expires_at),
    )


def _carried(invitation: Invitation) -> dict[str, str]:
    return {
        "roles": words(invitation.roles),
        "team_ids": words(invitation.team_ids),
        "project_roles": words(f"{project_id}:{role}" for project_id, role in invitation.project_roles),
    }


async def insert(
    tx: Transaction,
    invitation: Invitation,
    *,
    language: str = "",
    ended_at: datetime | None = None,
) -> bool:
    """Keep a new invitation; return False while another is pending for address and scope (INV-8).

    language: of its mails, empty for the organization's. ended_at: when it got its final state, None for a
    pending one.
    """
    return await tx.row(_INSERT, **_values(invitation, language, ended_at)) is not None


async def insert_many(
    tx: Transaction, many: Sequence[tuple[Invitation, str, datetime | None]]
) -> frozenset[str]:
    """Keep new invitations, each with its language and when it got its final state; return the ids of those
    that were kept, as for one."""
    rows = await tx.run_many(_INSERT, [_values(*one) for one in many])
    return frozenset(row[0] for row in rows)


def _values(invitation: Invitation, language: str, ended_at: datetime | None) -> dict[str, Any]:
    return {
        "organization_id": invitation.organization_id,
        "id": invitation.id,
        "scope_id": invitation.project_id or invitation.organization_id,
        "project_id": invitation.project_id,
        "from_project": int(invitation.from_project),
        "user_id": invitation.user_id,
        "username": invitation.username,
        "username_key": key_of(invitation.username),
        "inviter": invitation.inviter,
        "state": invitation.state.value,
        "language": language,
        "created_at": seconds(invitation.created_at),
        "expires_at": seconds(invitation.expires_at),
        "ended_at": None if ended_at is None else seconds(ended_at),
        **_carried(invitation),
    }


async def find(tx: Transaction, organization_id: str, id: str, *, lock: bool = False) -> Invitation | None:
    """Return the organization's invitation, whatever its state and scope, or None.

    lock: others who want to change it wait until this transaction ends.
    """
    row = await tx.row(_FIND_LOCKED if lock else _FIND, organization_id=organization_id, id=id)
    return of_row(row) if row else None


async def find_pending(
    tx: Transaction, organization_id: str, scope_id: str, username_key: str, *, lock: bool = False
) -> Invitation | None:
    """Return the address's one pending invitation to the scope, expired or not, or None.

    scope_id: the project's id, or the organization's own. lock: as for `find`.
    """
    row = await tx.row(
        _FIND_PENDING_LOCKED if lock else _FIND_PENDING,
        organization_id=organization_id,
        scope_id=scope_id,
        username_key=username_key,
    )
    return of_row(row) if row else None


async def list_pending(
    tx: Transaction, organization_id: str, scope_id: str
) -> AsyncIterator[list[Invitation]]:
    """Yield what is pending in the scope and not expired, by username, some hundreds at a time.

    There may be many: other requests have their turn between two parts.
    """
    after = ""
    while True:
        rows = await tx.rows(
            _LIST_PENDING,
            organization_id=organization_id,
            scope_id=scope_id,
            now=seconds(tx.now),
            after=after,
            most=PART,
        )
        found = [of_row(row) for row in rows]
        yield found
        if len(found) < PART:
            return
        after = key_of(found[-1].username)
        await tx.breathe()


async def count_pending(tx: Transaction, organization_id: str, scope_id: str, most: int) -> int:
    """Return how many people are invited to the scope; counting stops at `most`."""
    row = await tx.row(
        _COUNT_PENDING,
        organization_id=organization_id,
        scope_id=scope_id,
        now=seconds(tx.now),
        most=most,
    )
    return int(row[0]) if row else 0


async def update(tx: Transaction, invitation: Invitation) -> bool:
    """Keep what a pending invitation carries now; return False when it is pending no more."""
    return (
        await tx.run(
            _UPDATE,
            organization_id=invitation.organization_id,
            id=invitation.id,
            **_carried(invitation),
        )
        == 1
    )


async def end(tx: Transaction, invitation: Invitation, state: State) -> bool:
    """Give a pending invitation its final state; return False when it has one already (INV-13, INV-15)."""
    return (
        await tx.run(
            _END,
            organization_id=invitation.organization_id,
            id=invitation.id,
            state=state.value,
            now=seconds(tx.now),
        )
        == 1
    )


async def answer(
    tx: Transaction, invitation: Invitation, state: State, *, note: str = "", is_flagged: bool = False
) -> bool:
    """Keep what the person answers to a pending invitation; return False when it is over (INV-14, INV-15).

    note: what they say with it. is_flagged: accepted though the inviter could not invite any more.
    """
    return (
        await tx.run(
            _ANSWER,
            organization_id=invitation.organization_id,
            id=invitation.id,
            state=state.value,
            note=note,
            is_flagged=int(is_flagged),
            now=seconds(tx.now),
        )
        == 1
    )


async def list_expired(tx: Transaction, most: int) -> list[Invitation]:
    """Return invitations of all organizations that have run out and are not ended yet, oldest first."""
    rows = await tx.rows(_LIST_EXPIRED, now=seconds(tx.now), most=most)
    return [of_row(row) for row in rows]


async def list_to_remind(tx: Transaction, until: datetime, most: int) -> list[Invitation]:
    """Return pending invitations of all organizations that end by then and of which nobody was reminded."""
    rows = await tx.rows(_LIST_TO_REMIND, now=seconds(tx.now), until=seconds(until), most=most)
    return [of_row(row) for row in rows]


async def mark_reminded(tx: Transaction, invitation: Invitation) -> bool:
    """Keep that the person is reminded now; return False when somebody did it before, or it is over."""
    values = {"organization_id": invitation.organization_id, "id": invitation.id}
    return await tx.run(_REMINDED, now=seconds(tx.now), **values) == 1


async def renew(tx: Transaction, invitation: Invitation) -> bool:
    """Keep a pending invitation's new end, with a new reminder; return False when it is pending no more."""
    return (
        await tx.run(
            _RENEW,
            organization_id=invitation.organization_id,
            id=invitation.id,
            expires_at=seconds(invitation.expires_at),
        )
        == 1
    )


async def language_and_note(tx: Transaction, organization_id: str, id: str) -> tuple[str, str]:
    """Return the language of an invitation's mails, empty for none, and what the person declined with."""
    row = await tx.row(_LANGUAGE_AND_NOTE, organization_id=organization_id, id=id)
    return (row[0], row[1]) if row else ("", "")


async def drop_project(tx: Transaction, organization_id: str, project_id: str) -> None:
    """Take a deleted project out of what pending organization invitations carry (INV-16)."""
    for row in await tx.rows(_CARRYING_PROJECT, organization_id=organization_id, pattern=f"%{project_id}:%"):
        invitation = of_row(row)
        kept = tuple(carried for carried in invitation.project_roles if carried.project_id != project_id)
        values = {**_carried(invitation), "project_roles": words(f"{p}:{r}" for p, r in kept)}
        await tx.run(_UPDATE, organization_id=organization_id, id=invitation.id, **values)


async def count_carrying_project(tx: Transaction, organization_id: str, project_id: str, most: int) -> int:
    """Return how many people join the project when they accept the organization; stops at `most`."""
    row = await tx.row(
        _COUNT_CARRYING_PROJECT,
        organization_id=organization_id,
        pattern=f"%{project_id}:%",
        now=seconds(tx.now),
        most=most,
    )
    return int(row[0]) if row else 0


async def names_user(tx: Transaction, organization_id: str, user_id: str) -> bool:
    """Tell whether the organization has ever invited the person, to itself or to a project."""
    return await tx.row(_NAMES_USER, organization_id=organization_id, user_id=user_id) is not None


async def list_pending_of_user(tx: Transaction, organization_id: str, user_id: str) -> list[Invitation]:
    """Return the person's pending invitations to the organization and its projects, expired or not."""
    rows = await tx.rows(_LIST_PENDING_OF_USER, organization_id=organization_id, user_id=user_id)
    return [of_row(row) for row in rows]


async def drop_team(tx: Transaction, organization_id: str, team_id: str) -> None:
    """Take a deleted team out of what pending organization invitations carry (INV-16)."""
    for row in await tx.rows(_CARRYING_TEAM, organization_id=organization_id, pattern=f"%{team_id}%"):
        invitation = of_row(row)
        kept = tuple(carried for carried in invitation.team_ids if carried != team_id)
        await update(tx, invitation._replace(team_ids=kept))


async def count_carrying_team(tx: Transaction, organization_id: str, team_id: str) -> int:
    """Return how many people will join the team when they accept what is pending."""
    row = await tx.row(
        _COUNT_CARRYING_TEAM,
        organization_id=organization_id,
        pattern=f"%{team_id}%",
        now=seconds(tx.now),
    )
    return int(row[0]) if row else 0


async def list_all(tx: Transaction, organization_id: str) -> list[tuple[Invitation, str]]:
    """Return every invitation that anybody sent, in whatever state, oldest first, and its mails' language."""
    rows = await tx.rows(_LIST_ALL, organization_id=organization_id)
    return [(of_row(row), row[-1]) for row in rows]
