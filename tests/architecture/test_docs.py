"""The generated pages are the code's own, and the tables serve what the contract lists."""

import importlib.util
import re
import tomllib
from itertools import cycle
from pathlib import Path
from types import ModuleType

import pytest

from antechamber.api.atlas_v2 import routes
from antechamber.api.wire import openapi
from antechamber.api.wire.operations import Evidence, Operation
from antechamber.api.wire.paging import Paged
from antechamber.domain import event_types, events
from antechamber.settings import Settings

ROOT = Path(__file__).parents[2]
CONTRACT = ROOT.parent / "shared" / "contract" / "OPERATIONS.md"
CELL = re.compile(r"(?<!\\)\|")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\bpreview\b")


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_docs", ROOT / "tools" / "generate_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["coverage.md", "permissions.md", "shards.md"])
def test_a_generated_page_is_not_stale(name: str) -> None:
    page = (ROOT / "docs" / name).read_text("utf-8")
    assert page == _generator().PAGES[name](), "run `make docs`"


@pytest.mark.parametrize("row", routes.OPERATIONS, ids=lambda row: f"{row.id}-{row.version}")
def test_every_row_says_how_its_behaviour_is_known_and_what_it_answers(row: Operation) -> None:
    assert isinstance(row.evidence, Evidence)
    assert row.summary.endswith(".")
    assert row.result is not None or row.success == 204
    assert (row.result is Paged) == (row.items is not None), "a page says what is on it"


def test_the_description_of_the_api_can_be_built_and_names_every_operation() -> None:
    document = openapi.describe([(routes.BASE_PATH, routes.OPERATIONS)], version="0")
    described = {
        operation["operationId"] for by_verb in document["paths"].values() for operation in by_verb.values()
    }
    assert described == {row.id for row in routes.OPERATIONS}


def test_every_event_type_that_is_written_is_in_the_catalogue() -> None:
    written = {value for name, value in vars(events).items() if name.isupper() and isinstance(value, str)}
    assert written <= event_types.CATALOGUE.keys()


def test_every_setting_is_documented_with_its_default() -> None:
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    rows = [CELL.split(line)[1:4] for line in page.splitlines() if line.startswith("| `")]
    # Several in one row have as many defaults, or share the one.
    documented = {
        name: default
        for names, defaults, _ in rows
        for name, default in zip(re.findall(r"`(\w+)`", names), cycle(_parts(defaults)), strict=False)
    }
    assert sorted(documented) == sorted(Settings.__struct_fields__)
    for name, default in documented.items():
        if default.startswith("`"):
            assert tomllib.loads(f"value = {default.strip('`')}")["value"] == _plain(
                getattr(Settings(), name)
            )


def _parts(cell: str) -> list[str]:
    return [cell.strip()] if "[" in cell else [part.strip() for part in cell.split(",")]


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _contract_rows() -> list[tuple[str, str, str, frozenset[str]]]:
    """Return method, path, operation id ("" for companions) and versions of what section 1 lists."""
    text = CONTRACT.read_text("utf-8")
    section = text[text.index("\n## 1.") : text.index("\n## 2.")]
    rows = []
    for line in section.splitlines():
        cells = [cell.strip() for cell in CELL.split(line)[1:-1]]
        if len(cells) == 8 and cells[1].startswith("`/"):
            rows.append((cells[0], cells[1].strip("`"), cells[2], frozenset(DATE.findall(cells[3]))))
        elif len(cells) == 4 and cells[1].startswith("`/"):
            rows += _companions(cells)
    return rows


def _companions(cells: list[str]) -> list[tuple[str, str, str, frozenset[str]]]:
    """Return the rows of one line: its methods and paths are separated by commas or semicolons."""
    methods = re.split(r"[,;]\s*", cells[0])
    paths = [part.strip().strip("`") for part in cells[1].split(";")]
    first = paths[0]
    paths = [f"{first.rpartition('/')[0]}{path.removeprefix('…')}" if "…" in path else path for path in paths]
    if len(paths) < len(methods):
        paths = [first] * len(methods)
    versions = frozenset(DATE.findall(cells[2]))
    pairs = zip(methods, paths, strict=True)
    return [(method, path, "", versions) for method, path in pairs if not path.endswith(":migrate")]


@pytest.mark.skipif(not CONTRACT.exists(), reason="the contract is not beside the project")
def test_every_operation_of_the_contract_is_served_in_its_versions() -> None:
    wanted = _contract_rows()
    assert len(wanted) > 100, "the page is read wrongly"
    served: dict[tuple[str, str], set[str]] = {}
    names: dict[tuple[str, str], str] = {}
    for row in routes.OPERATIONS:
        place = (row.method, _nameless(row.path))
        served.setdefault(place, set()).add(row.version)
        names[place] = row.id
    wrong = [
        f"{method} {path} {name}: {sorted(versions)} wanted, {sorted(served.get(place, ()))} served"
        for method, path, name, versions in wanted
        if served.get(place := (method, _nameless(path)), set()) != set(versions)
        or (name and names[place] != name)
    ]
    assert not wrong, "\n" + "\n".join(wrong)


def _nameless(path: str) -> str:
    """Return a path whose parameters have no names: those are ours to choose."""
    return re.sub(r"\{[^}]*\}", "{}", path)
