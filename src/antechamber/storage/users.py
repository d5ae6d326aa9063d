"""Rows of people and of their memberships in organizations."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from antechamber.domain.roles import ORG_OWNER
from antechamber.domain.usernames import Username
from antechamber.domain.users import User
from antechamber.storage import projects
from antechamber.storage.database import Row, Statement, Transaction
from antechamber.storage.rows import instant, seconds, words

_COLUMNS = """u.id, u.username, u.created_at, u.first_name, u.last_name, u.country, u.last_auth_at,
    u.mobile_number, u.verified_at"""

_INSERT = Statement(
    """INSERT INTO users (id, username, username_key, first_name, last_name, country, mobile_number,
    password_hash, created_at, verified_at) VALUES (:id, :username, :username_key, :first_name, :last_name,
    :country, :mobile_number, :password_hash, :created_at, :verified_at) ON CONFLICT DO NOTHING
    RETURNING id"""
)
_COMPLETE = Statement(
    """UPDATE users SET first_name = :first_name, last_name = :last_name, country = :country,
    mobile_number = :mobile_number, password_hash = :password_hash
    WHERE id = :id AND password_hash IS NULL AND verified_at IS NULL"""
)
_VERIFY = Statement(
    """UPDATE users SET verified_at = COALESCE(verified_at, :now),
    password_hash = COALESCE(:password_hash, password_hash) WHERE id = :id"""
)
_TAKE = Statement(
    """UPDATE users SET first_name = :first_name, last_name = :last_name, password_hash = :password_hash,
    verified_at = :now WHERE id = :id AND verified_at IS NULL"""
)
_PASSWORD = Statement("SELECT password_hash FROM users WHERE id = :id")
_CHANGE_PASSWORD = Statement("UPDATE users SET password_hash = :password_hash WHERE id = :id")
_RENAME = Statement("UPDATE users SET first_name = :first_name, last_name = :last_name WHERE id = :id")
_STAMP = Statement("UPDATE users SET last_auth_at = :now WHERE id = :id")
_SOME_ORGANIZATION = Statement(
    """SELECT organization_id FROM (
    SELECT organization_id, 0 AS rank, created_at FROM memberships WHERE user_id = :user_id
    UNION ALL SELECT organization_id, 1 AS rank, created_at FROM invitations
    WHERE user_id = :user_id AND state = 'pending' AND expires_at > :now
    ) AS known ORDER BY rank, created_at, organization_id LIMIT 1"""
)
_IS_MEMBER_ANYWHERE = Statement("SELECT 1 FROM memberships WHERE user_id = :user_id LIMIT 1")
_FIND = Statement(f"SELECT {_COLUMNS} FROM users u WHERE u.id = :id")
_FIND_BY_KEY = Statement(f"SELECT {_COLUMNS} FROM users u WHERE u.username_key = :key")
_JOIN = Statement(
    """INSERT INTO memberships (organization_id, user_id, username_key, roles, created_at)
    VALUES (:organization_id, :user_id, :username_key, :roles, :created_at) ON CONFLICT DO NOTHING"""
)
_ROLES = Statement(
    "SELECT roles FROM memberships WHERE organization_id = :organization_id AND user_id = :user_id"
)
_CHANGE_ROLES = Statement(
    """UPDATE memberships SET roles = :roles
    WHERE organization_id = :organization_id AND user_id = :user_id"""
)
_LEAVE = Statement("DELETE FROM memberships WHERE organization_id = :organization_id AND user_id = :user_id")
_OTHER_OWNER = Statement(
    f"""SELECT 1 FROM memberships WHERE organization_id = :organization_id AND user_id <> :user_id
    AND ' ' || roles || ' ' LIKE '% {ORG_OWNER} %' LIMIT 1"""
)
_MEMBERS = Statement(
    f"""SELECT {_COLUMNS}, m.roles FROM memberships m JOIN users u ON u.id = m.user_id
    WHERE m.organization_id = :organization_id ORDER BY m.created_at, m.user_id"""
)
_COUNT = Statement(
    """SELECT count(*) FROM (SELECT 1 FROM memberships WHERE organization_id = :organization_id
    LIMIT :most) AS counted"""
)
_LOCK = Statement("SELECT 1 FROM users WHERE id = :id {for_update}")
_COUNT_ORGANIZATIONS = Statement(
    "SELECT count(*) FROM (SELECT 1 FROM memberships WHERE user_id = :user_id LIMIT :most) AS counted"
)


def _user(row: Row) -> User:
    return User(
        id=row[0],
        username=row[1],
        created_at=instant(row[2]),
        first_name=row[3],
        last_name=row[4],
        country=row[5],
        last_auth_at=None if row[6] is None else instant(row[6]),
        mobile_number=row[7],
        is_verified=row[8] is not None,
    )


async def insert(
    tx: Transaction,
    user: User,
    username: Username,
    *,
    verified: bool = False,
    password_hash: str | None = None,
) -> bool:
    """Keep a new account; return False when the address or id is taken.

    verified: the address is known to belong to the person (INV-12).
    """
    return await tx.row(_INSERT, **_values(user, username, verified, password_hash)) is not None


async def insert_many(
    tx: Transaction, many: Sequence[tuple[User, Username, bool, str | None]]
) -> frozenset[str]:
    """Keep new accounts, each with whether it is verified and what is kept of its password; return the ids
    of those that were kept."""
    rows = await tx.run_many(_INSERT, [_values(*one) for one in many])
    return frozenset(row[0] for row in rows)


def _values(user: User, username: Username, verified: bool, password_hash: str | None) -> dict[str, Any]:
    return {
        "id": user.id,
        "username": user.username,
        "username_key": username.key,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "country": user.country,
        "mobile_number": user.mobile_number,
        "password_hash": password_hash,
        "created_at": seconds(user.created_at),
        "verified_at": seconds(user.created_at) if verified else None,
    }


async def complete(tx: Transaction, user: User, password_hash: str) -> bool:
    """Fill in an account that only invitations have made; return False for one that is somebody's."""
    # Not inside the update: a distributed database keeps accounts and memberships by different keys.
    if await tx.row(_IS_MEMBER_ANYWHERE, user_id=user.id) is not None:
        return False
    return (
        await tx.run(
            _COMPLETE,
            id=user.id,
            first_name=user.first_name,
            last_name=user.last_name,
            country=user.country,
            mobile_number=user.mobile_number,
            password_hash=password_hash,
        )
        == 1
    )


async def verify(tx: Transaction, id: str, *, password_hash: str | None = None) -> None:
    """Keep that the address belongs to the person (INV-12), and a password unless it is None."""
    await tx.run(_VERIFY, id=id, now=seconds(tx.now), password_hash=password_hash)


async def take(tx: Transaction, user: User, password_hash: str | None) -> bool:
    """Make an unproven account the person's, names and password included, whatever it had of these before.

    password_hash: None for somebody who signs in by mailed links. Return False for an account that is
    somebody's already (INV-12).
    """
    return (
        await tx.run(
            _TAKE,
            id=user.id,
            first_name=user.first_name,
            last_name=user.last_name,
            password_hash=password_hash,
            now=seconds(tx.now),
        )
        == 1
    )


async def password_hash(tx: Transaction, id: str) -> str | None:
    """Return what is kept of the user's password, None for somebody without one."""
    row = await tx.row(_PASSWORD, id=id)
    return row[0] if row else None


async def change_password(tx: Transaction, id: str, password_hash: str) -> None:
    """Give the user another password."""
    await tx.run(_CHANGE_PASSWORD, id=id, password_hash=password_hash)


async def rename(tx: Transaction, id: str, first_name: str, last_name: str) -> None:
    """Give the user another name."""
    await tx.run(_RENAME, id=id, first_name=first_name, last_name=last_name)


async def stamp_sign_in(tx: Transaction, id: str) -> None:
    """Keep that the user signs in now (INV-23)."""
    await tx.run(_STAMP, id=id, now=seconds(tx.now))


async def some_organization(tx: Transaction, id: str) -> str | None:
    """Return an organization whose mail the user may get: of a membership, else of a pending invitation."""
    row = await tx.row(_SOME_ORGANIZATION, user_id=id, now=seconds(tx.now))
    return row[0] if row else None


async def find(tx: Transaction, id: str) -> User | None:
    """Return the user, or None."""
    row = await tx.row(_FIND, id=id)
    return _user(row) if row else None


async def find_by_key(tx: Transaction, key: str) -> User | None:
    """Return the user of a username's key, or None."""
    row = await tx.row(_FIND_BY_KEY, key=key)
    return _user(row) if row else None


async def list_by_keys(tx: Transaction, keys: Iterable[str]) -> list[User]:
    """Return the users of these usernames' keys; whom nobody knows is left out."""
    return [_user(row) for row in await tx.run_many(_FIND_BY_KEY, [{"key": key} for key in keys])]


async def join_organization(
    tx: Transaction,
    organization_id: str,
    user: User,
    username: Username,
    roles: Sequence[str],
    at: datetime,
) -> bool:
    """Make the user a member with these organization roles; return False for one who is."""
    return await tx.run(_JOIN, **_joining(organization_id, user, username, roles, at)) == 1


async def join_organization_many(
    tx: Transaction, organization_id: str, many: Iterable[tuple[User, Username, Sequence[str], datetime]]
) -> None:
    """Make users members, as for one."""
    await tx.run_many(_JOIN, [_joining(organization_id, *one) for one in many])


def _joining(
    organization_id: str, user: User, username: Username, roles: Sequence[str], at: datetime
) -> dict[str, Any]:
    return {
        "organization_id": organization_id,
        "user_id": user.id,
        "username_key": username.key,
        "roles": words(roles),
        "created_at": seconds(at),
    }


async def organization_roles(tx: Transaction, organization_id: str, user_id: str) -> tuple[str, ...]:
    """Return the user's organization roles, empty for somebody who is not a member."""
    row = await tx.row(_ROLES, organization_id=organization_id, user_id=user_id)
    return tuple(row[0].split()) if row else ()


async def change_roles(tx: Transaction, organization_id: str, user_id: str, roles: Sequence[str]) -> None:
    """Give a member exactly these organization roles."""
    await tx.run(_CHANGE_ROLES, organization_id=organization_id, user_id=user_id, roles=words(roles))


async def leave_organization(tx: Transaction, organization_id: str, user_id: str) -> None:
    """End a membership with all that hangs on it: direct project roles and seats in teams (INV-9)."""
    await projects.revoke_all(tx, organization_id, user_id)
    await tx.run(_LEAVE, organization_id=organization_id, user_id=user_id)


async def has_other_owner(tx: Transaction, organization_id: str, user_id: str) -> bool:
    """Tell whether a member other than this one owns the organization.

    True only until another transaction changes that: lock the organization first (INV-7).
    """
    return await tx.row(_OTHER_OWNER, organization_id=organization_id, user_id=user_id) is not None


async def oldest_owner(tx: Transaction, organization_id: str) -> User | None:
    """Return the organization owner who has been a member longest, or None."""
    for row in await tx.rows(_MEMBERS, organization_id=organization_id):
        if ORG_OWNER in row[-1].split():
            return _user(row)
    return None


async def count_members(tx: Transaction, organization_id: str, most: int) -> int:
    """Return how many members the organization has; counting stops at `most`."""
    row = await tx.row(_COUNT, organization_id=organization_id, most=most)
    return int(row[0]) if row else 0


async def lock(tx: Transaction, id: str) -> None:
    """Make others wait who count what the person belongs to, until this transaction ends.

    Whoever locks an organization too does that first.
    """
    await tx.rows(_LOCK, id=id)


async def count_organizations(tx: Transaction, id: str, most: int) -> int:
    """Return how many organizations the person is a member of; counting stops at `most`."""
    row = await tx.row(_COUNT_ORGANIZATIONS, user_id=id, most=most)
    return int(row[0]) if row else 0
