"""From URLs to engines, and from one statement text to each engine's."""

import pytest
from tests.conftest import VAULT

from antechamber.domain.policy import Policy
from antechamber.storage.database import Statement
from antechamber.storage.engines import dialect, open_database


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("sqlite:///antechamber.db", "sqlite"),
        ("sqlite:////var/lib/antechamber.db", "sqlite"),
        ("postgresql://user@host/name", "postgresql"),
        ("postgres://user@host/name", "postgresql"),
    ],
)
def test_the_scheme_names_the_engine(url: str, name: str) -> None:
    assert dialect(url) == name


@pytest.mark.parametrize("url", ["", "antechamber.db", "mysql://host/name", "http://host"])
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="database URL"):
        open_database(url, policy=Policy(), sealer=VAULT)


def test_names_become_numbers_for_postgresql_each_value_once() -> None:
    statement = Statement("SELECT 1 WHERE a = :one AND b = :ha1 AND c = :one AND d::text = '' {for_update}")
    assert statement.names[:2] == ("one", "ha1")
    assert statement.postgresql.startswith("SELECT 1 WHERE a = $1 AND b = $2 AND c = $1")
    assert statement.postgresql.endswith("d::text = '' FOR NO KEY UPDATE")
    assert statement.sqlite.startswith("SELECT 1 WHERE a = :one AND b = :ha1")
    assert "for_update" not in statement.sqlite


@pytest.mark.parametrize(
    ("text", "writes"),
    [("SELECT 1", False), ("  SELECT 1", False), ("DELETE FROM t", True), ("INSERT INTO t", True)],
)
def test_a_statement_knows_whether_it_writes(text: str, writes: bool) -> None:
    assert Statement(text).writes is writes
