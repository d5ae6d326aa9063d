"""Addresses as people paste them, and cells that no spreadsheet runs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.web.console import exports, pasted


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", []),
        ("\n \n,\n;", []),
        ("a@b.example", [("a@b.example", ())]),
        ("a@b.example, org_owner ORG_OWNER", [("a@b.example", ("ORG_OWNER",))]),
        ("a@b.example;ORG_OWNER;ORG_MEMBER", [("a@b.example", ("ORG_OWNER", "ORG_MEMBER"))]),
        ('"a@b.example","ORG_OWNER ORG_MEMBER"', [("a@b.example", ("ORG_OWNER", "ORG_MEMBER"))]),
        ("a@b.example\tc@d.example", [("a@b.example", ()), ("c@d.example", ())]),
        ("a@b.example, c@d.example ORG_OWNER", [("a@b.example", ()), ("c@d.example", ("ORG_OWNER",))]),
        ("\ufeffaddress,roles\r\na@b.example,ORG_OWNER\r\n", [("a@b.example", ("ORG_OWNER",))]),
        ("<a@b.example>", [("a@b.example", ())]),
        ("nobody ORG_OWNER", [("nobody", ("ORG_OWNER",))]),
    ],
)
def test_lines_are_people(text: str, rows: list[tuple[str, tuple[str, ...]]]) -> None:
    assert [(row.address, row.roles) for row in pasted.read(text)] == rows


def test_an_address_that_comes_again_is_marked() -> None:
    rows = pasted.read("a@b.example\nA@B.example\nc@d.example")
    assert [(row.line, row.is_repeated) for row in rows] == [(1, False), (2, True), (3, False)]


@given(st.text())
def test_inv29_any_text_is_read_or_refused(text: str) -> None:
    try:
        rows = pasted.read(text)
    except pasted.TooMuch:
        return
    assert len(rows) <= pasted.MOST_ROWS


def test_inv30_more_than_the_bound_is_refused() -> None:
    assert len(pasted.read("x@y.example\n" * pasted.MOST_ROWS)) == pasted.MOST_ROWS
    with pytest.raises(pasted.TooMuch):
        pasted.read("x@y.example\n" * (pasted.MOST_ROWS + 1))
    with pytest.raises(pasted.TooMuch):
        pasted.read("é" * (pasted.MOST_BYTES // 2 + 1))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_that_could_be_a_formula_is_text(text: str) -> None:
    assert exports.cell(text) == f"'{text}"
    assert exports.cell(f"a{text}") == f"a{text}"
