"""Copying a whole database into an empty one, whatever the two engines.

The source stands still meanwhile: SQLite's write lock or a share lock on every table of PostgreSQL is
held from the first row to the last comparison, so its servers go on reading and refuse to write. Rows go
over in the order of their keys, a batch a transaction; what the target holds is how far it got. Until
both hold the same, the target's schema version says that it is a copy under way, and no server starts on it.
"""

import functools
import hashlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec

from antechamber.storage import distribution
from antechamber.storage.database import Database, Row, Statement, Transaction
from antechamber.storage.migrations import COPYING

# Nothing has more than 32 columns: well below the 32,766 parameters that both engines take.
ROWS_A_BATCH = 500
# PostgreSQL's time goes into journeys; SQLite's into finding named parameters, where many take their square.
ROWS_AN_INSERT = {"sqlite": 1, "postgresql": ROWS_A_BATCH}
TABLES = tuple(table for table in distribution.TABLES if table != "alembic_version")

_COLUMNS = {
    "sqlite": Statement("SELECT name, pk FROM pragma_table_info(:table)"),
    "postgresql": Statement(
        """SELECT a.attname::text, coalesce(array_position(i.indkey::int2[], a.attnum) + 1, 0)
        FROM pg_attribute a LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
        WHERE a.attrelid = CAST(:table AS text)::regclass AND a.attnum > 0 AND NOT a.attisdropped"""
    ),
}
_LOCK = Statement(f"LOCK TABLE {', '.join(TABLES)} IN SHARE MODE")
_VERSION = Statement("SELECT version_num FROM alembic_version")
_SET_VERSION = Statement("UPDATE alembic_version SET version_num = :version")


class CopyRefused(Exception):
    """The copy cannot be made, or is not what it should be: one sentence a problem."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class Copied(NamedTuple):
    """A table that is the same in both: its rows, and the SHA-256 of them in the order of their keys."""

    table: str
    rows: int
    checksum: str


class End(NamedTuple):
    """A database and its engine's name."""

    database: Database
    dialect: str


class _Table(NamedTuple):
    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]


async def copy(source: End, target: End, *, copied: Callable[[Copied], object]) -> None:
    """Make the target hold what the source holds. copied: told of every table once it is proven the same.

    May be called again after it broke off anywhere. Raises CopyRefused.
    """

    async def while_it_stands_still(tx: Transaction) -> None:
        if source.dialect == "postgresql":
            await tx.rows(_LOCK)
        version = await _version(tx)
        tables = [await _table(tx, source.dialect, name) for name in TABLES]
        await target.database.write(functools.partial(_begin, end=target, version=version, tables=tables))
        for table in tables:
            await _copy_table(tx, target, table)
        different = [one for table in tables if (one := await _compare(tx, target.database, table, copied))]
        if different:
            raise CopyRefused(*different)
        await target.database.write(lambda theirs: theirs.run(_SET_VERSION, version=version))

    await source.database.write(while_it_stands_still)


async def _begin(tx: Transaction, *, end: End, version: str, tables: Sequence[_Table]) -> None:
    """Mark the target as a copy under way, if it is empty or is one. Raises CopyRefused."""
    theirs = [await _table(tx, end.dialect, table.name) for table in tables]
    if theirs != tables:
        raise CopyRefused("the target's tables are not the source's")
    marked = f"{COPYING}{version}"
    found = await _version(tx)
    if found == marked:
        return
    if found != version:
        raise CopyRefused(f"the target's schema is {found}, the source's {version}")
    for table in tables:
        if await tx.row(Statement(f"SELECT 1 FROM {table.name} LIMIT 1")) is not None:
            raise CopyRefused(f"the target is in use: {table.name} has rows")
    await tx.run(_SET_VERSION, version=marked)


async def _copy_table(tx: Transaction, target: End, table: _Table) -> None:
    key = ", ".join(f"{column} DESC" for column in table.key)
    last = Statement(f"SELECT {', '.join(table.key)} FROM {table.name} ORDER BY {key} LIMIT 1")
    found = await target.database.read(lambda theirs: theirs.row(last))
    after = None if found is None else tuple(found)
    while rows := await _page(tx, table, after):
        size = ROWS_AN_INSERT[target.dialect]
        await target.database.write(functools.partial(_insert, table=table, rows=rows, size=size))
        after = _key_of(table, rows[-1])


async def _insert(tx: Transaction, *, table: _Table, rows: Sequence[Row], size: int) -> None:
    for start in range(0, len(rows), size):
        some = rows[start : start + size]
        values = {f"v{n}_{c}": value for n, row in enumerate(some) for c, value in enumerate(row)}
        await tx.run(_inserting(table, len(some)), **values)


@functools.cache
def _inserting(table: _Table, count: int) -> Statement:
    rows = (", ".join(f":v{n}_{c}" for c in range(len(table.columns))) for n in range(count))
    values = ", ".join(f"({row})" for row in rows)
    return Statement(f"INSERT INTO {table.name} ({', '.join(table.columns)}) VALUES {values}")


async def _compare(
    tx: Transaction, target: Database, table: _Table, copied: Callable[[Copied], object]
) -> str | None:
    """Return what is different in the target's table, None for nothing."""
    ours = await _sum(tx, table)
    theirs = await target.read(lambda other: _sum(other, table))
    if ours == theirs:
        copied(ours)
        return None
    if ours.rows != theirs.rows:
        return f"{table.name}: {ours.rows} rows in the source, {theirs.rows} in the target"
    return f"{table.name}: the same number of rows, but not the same rows"


async def _sum(tx: Transaction, table: _Table) -> Copied:
    # Both engines order keys byte by byte ("C", BINARY), so one running sum tells both apart.
    digest, count, after = hashlib.sha256(), 0, None
    while rows := await _page(tx, table, after):
        digest.update(msgspec.msgpack.encode([tuple(row) for row in rows]))
        count += len(rows)
        after = _key_of(table, rows[-1])
    return Copied(table.name, count, digest.hexdigest())


def _key_of(table: _Table, row: Row) -> tuple[Any, ...]:
    return tuple(row[table.columns.index(column)] for column in table.key)


async def _page(tx: Transaction, table: _Table, after: tuple[Any, ...] | None) -> list[Row]:
    values = {} if after is None else {f"k{number}": value for number, value in enumerate(after)}
    return await tx.rows(_paging(table, first=after is None), **values)


@functools.cache
def _paging(table: _Table, *, first: bool) -> Statement:
    key = ", ".join(table.key)
    after = ", ".join(f":k{number}" for number in range(len(table.key)))
    where = "" if first else f"WHERE ({key}) > ({after})"
    return Statement(
        f"SELECT {', '.join(table.columns)} FROM {table.name} {where} ORDER BY {key} LIMIT {ROWS_A_BATCH}"
    )


async def _table(tx: Transaction, dialect: str, name: str) -> _Table:
    rows = await tx.rows(_COLUMNS[dialect], table=name)
    key = sorted((place, column) for column, place in rows if place)
    return _Table(name, tuple(sorted(row[0] for row in rows)), tuple(column for _, column in key))


async def _version(tx: Transaction) -> str:
    row = await tx.row(_VERSION)
    return str(row[0]) if row else ""
