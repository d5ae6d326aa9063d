"""The house plan holds: which room may import which, and what each may import from outside."""

import ast
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOMAIN = ROOT / "src" / "antechamber" / "domain"
# idna is arithmetic on text like the rest of the room; the standard library only knows the IDNA of 2003.
DOMAIN_MAY_IMPORT = {*sys.stdlib_module_names, "idna"}


def test_the_import_contracts_of_pyproject_are_kept() -> None:
    lint_imports = Path(sysconfig.get_path("scripts")) / "lint-imports"
    run = subprocess.run(
        [lint_imports, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("file", sorted(DOMAIN.rglob("*.py")), ids=lambda file: file.stem)
def test_the_domain_imports_only_itself_and_the_standard_library(file: Path) -> None:
    foreign = {
        name
        for name in _imported_modules(file)
        if name.split(".")[0] not in DOMAIN_MAY_IMPORT and not name.startswith("antechamber.domain")
    }
    assert not foreign


def _imported_modules(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
