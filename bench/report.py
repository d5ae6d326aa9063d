"""The results as a table for people and as JSON for programs."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import apsw
import msgspec

from antechamber import __version__

PACKAGES = ("granian", "uvloop", "msgspec", "apsw")


class Row(msgspec.Struct, frozen=True):
    """One measure: ours, what it is compared with, and the goal, which is for the ratio where there is one.

    rounds: the ratio of each round. p50, p99: of ours, in milliseconds. met: None where there is no goal.
    """

    measure: str
    unit: str
    ours: float
    other: float | None = None
    compared_with: str = ""
    ratio: float | None = None
    rounds: list[float] = []
    p50: float | None = None
    p99: float | None = None
    goal: str = ""
    met: bool | None = None


class Report(msgspec.Struct, frozen=True):
    """A whole run."""

    made_at: str
    machine: dict[str, str]
    versions: dict[str, str]
    method: list[str]
    rows: list[Row]
    notes: list[str]
    samples: dict[str, list[float]]


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = [
        ("measure", "ours", "p50 / p99 ms", "compared with", "ratio", "rounds", "goal", "met"),
        *(
            (
                row.measure,
                f"{_number(row.ours)} {row.unit}",
                "" if row.p50 is None or row.p99 is None else f"{row.p50:.2f} / {row.p99:.2f}",
                "" if row.other is None else f"{_number(row.other)} {row.unit}, {row.compared_with}",
                "" if row.ratio is None else f"{row.ratio:.2f}",
                f"{min(row.rounds):.2f}–{max(row.rounds):.2f}" if row.rounds else "",
                row.goal,
                {True: "yes", False: "NO", None: ""}[row.met],
            )
            for row in rows
        ),
    ]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    printed = ["| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines]
    return "\n".join([printed[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *printed[1:]])


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def text(report: Report) -> str:
    """Return the report as Markdown."""
    return "\n".join(
        [
            table(report.rows),
            "",
            *(f"- {note}" for note in report.notes),
            *(f"- {name}: {value}" for name, value in report.machine.items()),
            f"- versions: {', '.join(f'{name} {value}' for name, value in report.versions.items())}",
            f"- made at: {report.made_at}",
            "",
            *report.method,
        ]
    )


def now() -> str:
    """Return the instant in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def machine() -> dict[str, str]:
    """Return what the numbers depend on, as far as the system tells."""
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{memory_bytes / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "load average before the run": f"{os.getloadavg()[0]:.2f}",
    }


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def versions() -> dict[str, str]:
    """Return the versions that the numbers depend on."""
    return {
        "antechamber": __version__,
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
        "sqlite": apsw.sqlite_lib_version(),
    }
