"""Lists of invitations in every state, for people who look through them.

A page is found in two steps of one statement: its ids by walking an index that holds all that the list is
narrowed and sorted by, then their rows. So a page costs what the walk costs, also where few of 100,000 match.
"""

from functools import cache
from typing import Any

from antechamber.domain.invitation_search import Found, Order, Place, Record, Wanted, shown_state
from antechamber.domain.invitations import State
from antechamber.domain.mail import INVITING, MailState
from antechamber.domain.usernames import key_of
from antechamber.storage.database import Row, Statement, Transaction
from antechamber.storage.invitations import COLUMNS, of_row
from antechamber.storage.rows import instant, seconds

_INVITING = ", ".join(f"'{one.value}'" for one in sorted(INVITING))
_LATEST_MAIL = f"""FROM outbox o WHERE o.organization_id = :organization_id AND o.invitation_id = i.id
    AND o.message_type IN ({_INVITING}) ORDER BY o.created_at DESC, o.id DESC LIMIT 1"""
_COLUMNS = (
    ", ".join(f"i.{name.strip()}" for name in COLUMNS.split(","))
    + f""", i.note, i.is_flagged, i.language, i.ended_at,
    (SELECT CASE WHEN o.sent_at IS NOT NULL THEN 'sent' WHEN o.dead_at IS NOT NULL THEN 'dead'
    ELSE 'queued' END {_LATEST_MAIL}) AS mail, (SELECT o.last_error {_LATEST_MAIL}) AS mail_error"""
)
_STATES = {
    State.PENDING: "c.state = 'pending' AND c.expires_at > :now",
    State.EXPIRED: "(c.state = 'expired' OR (c.state = 'pending' AND c.expires_at <= :now))",
    State.ACCEPTED: "c.state = 'accepted'",
    State.REJECTED: "c.state = 'rejected'",
    State.REVOKED: "c.state = 'revoked'",
}
# By order: the column, its direction, and what comes after a place.
_ORDERS = {
    Order.NEWEST: ("created_at", "DESC", "<"),
    Order.OLDEST: ("created_at", "ASC", ">"),
    Order.ADDRESS: ("username_key", "ASC", ">"),
}
# Every letter of a key is ASCII and comes before this one.
_AFTER_ALL = "\x7f"
_FIND = Statement(
    f"""SELECT {_COLUMNS} FROM invitations i
    WHERE i.organization_id = :organization_id AND i.id = :id AND i.from_project = 0"""
)


@cache
def _statement(
    order: Order,
    state: State | None,
    *,
    has_address: bool,
    has_scope: bool,
    is_flagged: bool,
    has_place: bool,
) -> Statement:
    column, direction, after = _ORDERS[order]
    # Hidden halves of project invitations are nobody's business.
    conditions = ["c.organization_id = :organization_id", "c.from_project = 0"]
    if state is not None:
        conditions.append(_STATES[state])
    if has_address:
        conditions.append("c.username_key >= :address AND c.username_key < :address_end")
    if has_scope:
        conditions.append("c.scope_id = :scope_id")
    if is_flagged:
        conditions.append("c.is_flagged = 1")
    if has_place:
        conditions.append(f"(c.{column}, c.id) {after} (:by, :after_id)")
    # CROSS JOIN keeps SQLite from turning the two steps round.
    return Statement(
        f"""SELECT {_COLUMNS} FROM (SELECT c.id AS id, c.{column} AS {column} FROM invitations c
        WHERE {" AND ".join(conditions)}
        ORDER BY c.{column} {direction}, c.id {direction} LIMIT :size) AS chosen
        CROSS JOIN invitations i WHERE i.organization_id = :organization_id AND i.id = chosen.id
        ORDER BY chosen.{column} {direction}, chosen.id {direction}"""
    )


def statements() -> list[Statement]:
    """Return every statement that a search may run, for tests."""
    return [
        _statement(
            order,
            state,
            has_address=has_address,
            has_scope=has_scope,
            is_flagged=is_flagged,
            has_place=has_place,
        )
        for order in Order
        for state in (None, *State)
        for has_address in (False, True)
        for has_scope in (False, True)
        for is_flagged in (False, True)
        for has_place in (False, True)
    ]


async def search(
    tx: Transaction, organization_id: str, wanted: Wanted, *, after: Place | None = None, size: int
) -> Found:
    """Return a page of the organization's invitations. after: where it begins, None for the first page."""
    statement = _statement(
        wanted.order,
        wanted.state,
        has_address=bool(wanted.address),
        has_scope=wanted.scope_id is not None,
        is_flagged=wanted.is_flagged,
        has_place=after is not None,
    )
    address = key_of(wanted.address)
    values: dict[str, Any] = {
        "organization_id": organization_id,
        "now": seconds(tx.now),
        "address": address,
        "address_end": address + _AFTER_ALL,
        "scope_id": wanted.scope_id,
        "size": size + 1,
    }
    if after is not None:
        values["by"] = after.by if wanted.order is Order.ADDRESS else int(after.by)
        values["after_id"] = after.id
    rows = await tx.rows(statement, **{name: values[name] for name in statement.names})
    records = [_record(tx, row) for row in rows[:size]]
    return Found(records, _place(records[-1], wanted.order) if len(rows) > size else None)


async def find(tx: Transaction, organization_id: str, id: str) -> Record | None:
    """Return one invitation in whatever state, None for none."""
    row = await tx.row(_FIND, organization_id=organization_id, id=id)
    return _record(tx, row) if row else None


def _place(record: Record, order: Order) -> Place:
    one = record.invitation
    by = key_of(one.username) if order is Order.ADDRESS else str(seconds(one.created_at))
    return Place(by, one.id)


def _record(tx: Transaction, row: Row) -> Record:
    kept = of_row(row)
    note, is_flagged, language, ended_at, mail, mail_error = row[-6:]
    return Record(
        kept,
        shown_state(kept, tx.now),
        note=note,
        is_flagged=bool(is_flagged),
        language=language,
        ended_at=None if ended_at is None else instant(ended_at),
        mail=None if mail is None else MailState(mail),
        mail_error=mail_error or "",
    )
