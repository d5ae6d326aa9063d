"""`python -m bench`: measure and print one table.

It ends with 0 whatever the numbers are, and with 1 when they would mean nothing.
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from bench import ROOT, report
from bench.load import CONNECTIONS, LoadFailed
from bench.measures import Bench
from bench.report import Report
from bench.servers import ServerFailed

# Not the system's folder for temporary files: that may be memory, where a durable commit costs nothing.
BUILD = ROOT / "build"


def main() -> None:
    """Run the benchmark as the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Measure Antechamber and a bare application, side by side."
    )
    parser.add_argument("--quick", action="store_true", help="2 rounds of 1 second instead of 5 of 2 seconds")
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
    began = time.monotonic()
    try:
        made = _run(*(2, 1, 3) if options.quick else (5, 2, 5), own=own)
    except (LoadFailed, ServerFailed) as error:
        sys.exit(f"bench: {error}")
    _say(f"done after {time.monotonic() - began:.0f} s\n")
    print(report.text(made))
    if options.json is not None:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(made)))


def _run(rounds: int, seconds: int, starts: int, *, own: bool) -> Report:
    BUILD.mkdir(exist_ok=True)
    machine = report.machine()
    with (
        tempfile.TemporaryDirectory(prefix="bench-", dir=BUILD) as folder,
        Bench(Path(folder), seconds, own=own) as bench,
    ):
        _say("warming up")
        bench.warm_up()
        for number in range(rounds):
            _say(f"round {number + 1} of {rounds}")
            bench.round()
        # After the load, and before other servers come and go.
        memory = bench.memory_rows()
        _say("starts")
        for _ in range(starts):
            bench.start()
        return Report(
            made_at=report.now(),
            machine=machine,
            versions=report.versions(),
            method=_method(rounds, seconds, starts),
            rows=[*bench.rows(), *memory],
            notes=bench.notes(),
            samples=bench.samples,
        )


def _method(rounds: int, seconds: int, starts: int) -> list[str]:
    return [
        f"Medians of {rounds} rounds of {seconds} s a measurement, all measures in turn in each round, and",
        f"of {starts} starts. `ratio`: median of the rounds' ratios; `rounds`: their range. One load process",
        f"with {CONNECTIONS} kept connections, on the same machine. One worker, no request log. A refused",
        "request ends the run. Bare: the same status, headers and bytes, constant, same server and options.",
        "Plain SQLite loop: UPDATE, INSERT of the event, durable COMMIT, one after the other, same disk.",
    ]


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
