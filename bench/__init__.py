"""The benchmark behind `make bench`; docs/benchmarks.md says what it measures and how."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
