"""`python -m bench`: measure and print one table.

It ends with 0 whatever the numbers are, and with 1 when they would mean nothing.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from bench import ROOT, embedded, lists, prism, production, report, starts
from bench.load import CONNECTIONS, LoadFailed
from bench.report import Report, Row
from bench.run import Run
from bench.servers import ServerFailed

# Not the system's folder for temporary files: that may be memory, where a durable commit costs nothing.
BUILD = ROOT / "build"
PARTS: dict[str, Callable[[Run], list[Row]]] = {
    "requests": embedded.requests,
    "production": production.production,
    "workers": embedded.workers,
    "sizes": lists.sizes,
    "whole": lists.whole,
    "starts": starts.starts,
    "prism": prism.prism,
}


def main() -> None:
    """Run the benchmark as the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Measure Antechamber and what it is compared with, side by side."
    )
    parser.add_argument("--quick", action="store_true", help="2 rounds of 1 second instead of 5 of 2 seconds")
    parser.add_argument(
        "--only", nargs="+", choices=PARTS, default=[*PARTS], metavar="PART", help=f"of {', '.join(PARTS)}"
    )
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write everything measured to this file too"
    )
    parser.add_argument(
        "--tool", choices=("wrk", "own"), help="what makes the load; default: wrk if it is there"
    )
    options = parser.parse_args()
    if options.tool == "wrk" and shutil.which("wrk") is None:
        parser.error("wrk is not in PATH")
    own = options.tool == "own" or shutil.which("wrk") is None
    rounds, seconds, starts = (2, 1, 3) if options.quick else (5, 2, 5)
    began = time.monotonic()
    BUILD.mkdir(exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-", dir=BUILD) as folder:
            # A database server that is not root's has its files in there.
            Path(folder).chmod(0o755)
            made = _run(
                Run(Path(folder), rounds=rounds, seconds=seconds, starts=starts, own=own),
                options.only,
                _method(rounds, seconds, starts),
            )
    except (LoadFailed, ServerFailed) as error:
        sys.exit(f"bench: {error}")
    _say(f"done after {time.monotonic() - began:.0f} s\n")
    print(report.text(made))
    if options.json is not None:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(made)))


def _run(run: Run, parts: list[str], method: list[str]) -> Report:
    machine = report.machine()
    rows: list[Row] = []
    for part in parts:
        began = time.monotonic()
        rows += PARTS[part](run)
        _say(f"{part}: {time.monotonic() - began:.0f} s")
    return Report(
        made_at=report.now(),
        machine=machine,
        versions=report.versions(),
        method=method,
        rows=rows,
        notes=run.notes(),
        samples=run.samples,
    )


def _method(rounds: int, seconds: int, starts: int) -> list[str]:
    return [
        f"Medians of {rounds} rounds of {seconds} s a measurement, in turn within a part in each round, and",
        f"of {starts} starts. `ratio`: median of the rounds' ratios; `rounds`: their range. One load process",
        f"with {CONNECTIONS} kept connections unless something else is said, same machine. One worker, no",
        "request log. A refused request ends the run.",
    ]


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
