"""What is installed is pinned, explained and free of this or that machine's addresses."""

import itertools
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUNTIME = [*PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"]["postgres"]]
GROUPS = PROJECT["dependency-groups"]

# Spelled in two halves so that this file does not hold what it looks for.
MACHINE_TRACES = ["/wo" + "rk/", "/fa" + "rm/", "index" + "-url", '"resolved": "' + "http"]


def test_there_is_a_lock_for_each_purpose() -> None:
    assert [lock.stem for lock in LOCKS] == ["build", "dev", "runtime", "uv"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_each_locked_requirement_is_one_version_with_hashes(lock: Path) -> None:
    for requirement in _requirements(lock):
        assert re.match(r"[a-z0-9-]+==[^ ]+( ;[^\\]+)? \\\n", requirement)
        assert "--hash=sha256:" in requirement


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_a_lock_names_no_address(lock: Path) -> None:
    assert "://" not in lock.read_text()
    assert not re.search(r"^-", lock.read_text(), re.MULTILINE)


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("uv", GROUPS["uv"]),
        ("build", GROUPS["build"]),
        ("runtime", RUNTIME),
        ("dev", [*RUNTIME, *GROUPS["dev"]]),
    ],
    ids=["uv", "build", "runtime", "dev"],
)
def test_a_lock_holds_all_that_pyproject_asks_for(lock: str, wanted: list[str]) -> None:
    assert {_name(requirement) for requirement in wanted} <= _pins(lock).keys()


def test_development_runs_the_versions_that_users_run() -> None:
    assert _pins("runtime").items() <= _pins("dev").items()


@pytest.mark.parametrize("requirement", sorted({*RUNTIME, *itertools.chain(*GROUPS.values())}))
def test_each_dependency_is_explained(requirement: str) -> None:
    explained = (ROOT / "docs" / "dependencies.md").read_text()
    assert re.search(rf"^\| {re.escape(_name(requirement))} \| .+ \| .+ \|$", explained, re.MULTILINE)


def test_no_file_holds_a_machine_path_or_an_index_address() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git work tree")
    # A clone may belong to somebody else than the user who tests it, for instance in a container.
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    files = [ROOT / name for name in listing.stdout.split("\0") if (ROOT / name).is_file()]
    traces = [
        f"{file.relative_to(ROOT)}: {trace}"
        for file in files
        for trace in MACHINE_TRACES
        if trace.encode() in file.read_bytes()
    ]
    assert not traces


def _requirements(lock: Path) -> list[str]:
    """Return the entries of a lock, each with its continuation lines, comments left out."""
    lines = [line for line in lock.read_text().splitlines(keepends=True) if not line.lstrip().startswith("#")]
    return re.split(r"\n(?=\S)", "".join(lines).strip("\n"))


def _pins(lock: str) -> dict[str, str]:
    """Return the version of each package of a lock."""
    entries = _requirements(ROOT / "requirements" / f"{lock}.txt")
    return dict(entry.split(" ")[0].split("==") for entry in entries)


def _name(requirement: str) -> str:
    """Return the name alone of a requirement as pyproject.toml writes it."""
    return re.split(r"[^A-Za-z0-9-]", requirement, maxsplit=1)[0]
