"""Reading one page of an ordered list from whichever end is nearer: OFFSET goes past every row before it."""

from typing import Any, NamedTuple

from antechamber.domain.paging import PageRequest
from antechamber.storage.database import Row, Statement, Transaction


class Listing(NamedTuple):
    """The same list in both directions; each statement takes :size and :skip."""

    forwards: Statement
    backwards: Statement


def listing(text: str, *order: str) -> Listing:
    """Return the statements of a list.

    text: without its order. order: columns, with " DESC" behind those that fall.
    """
    turned = (one.removesuffix(" DESC") if one.endswith(" DESC") else f"{one} DESC" for one in order)
    forwards, backwards = (
        Statement(f"{text} ORDER BY {', '.join(columns)} LIMIT :size OFFSET :skip")
        for columns in (order, turned)
    )
    return Listing(forwards, backwards)


async def page_of(
    tx: Transaction, statements: Listing, page: PageRequest, total: int, **values: Any
) -> list[Row]:
    """Return the rows of a page of a list that has `total` rows in this transaction."""
    behind = total - page.offset - page.size
    if page.offset <= behind:
        return await tx.rows(statements.forwards, **values, size=page.size, skip=page.offset)
    size = page.size + min(behind, 0)
    if size <= 0:
        return []
    rows = await tx.rows(statements.backwards, **values, size=size, skip=max(behind, 0))
    return rows[::-1]
