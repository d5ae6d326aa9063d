"""Lists as files: CSV for spreadsheets, JSON for programs."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator, Mapping, Sequence

from starlette.responses import Response

SLICE = 500
MOST_ROWS = 100_000
KINDS = frozenset({"csv", "json"})
# What makes a spreadsheet take a cell for a formula.
_FORMULA = frozenset("=+-@\t\r")


def cell(text: str) -> str:
    """Return the text of a cell that no spreadsheet runs."""
    return f"'{text}" if text and text[0] in _FORMULA else text


async def export(
    kind: str, name: str, columns: Sequence[str], slices: AsyncIterator[list[Mapping[str, object]]]
) -> Response:
    """Return a file of MOST_ROWS rows at most. kind: one of KINDS. slices: the rows, some at a time."""
    # Without the mark, spreadsheets read the letters of other languages wrongly.
    text = io.StringIO("" if kind == "json" else "\ufeff", newline="")
    text.seek(0, io.SEEK_END)
    writer = csv.writer(text)
    if kind == "csv":
        writer.writerow(columns)
    rows = 0
    async for some in slices:
        for row in some[: MOST_ROWS - rows]:
            if kind == "csv":
                writer.writerow([cell(_words(row[column])) for column in columns])
            else:
                text.write(("[\n" if rows == 0 else ",\n") + json.dumps(dict(row), ensure_ascii=False))
            rows += 1
        if rows == MOST_ROWS:
            break
        # Others have their turn between two slices.
        await asyncio.sleep(0)
    if kind == "json":
        text.write("\n]\n" if rows else "[]\n")
    headers = {"content-disposition": f'attachment; filename="{name}.{kind}"'}
    media_type = "text/csv" if kind == "csv" else "application/json"
    return Response(text.getvalue(), 200, headers, media_type=media_type)


def _words(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    return str(value)
