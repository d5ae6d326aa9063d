"""What pages say, in every language: TOML files of nested tables, `<noun>.<language>.toml`."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from antechamber.domain.languages import ENGLISH, LANGUAGES


def _flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def _load() -> dict[str, dict[str, str]]:
    catalogs: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
    for path in sorted(Path(__file__).parent.glob("*.toml")):
        language = path.name.split(".")[-2]
        catalogs[language].update(_flat(tomllib.loads(path.read_text("utf-8"))))
    return catalogs


# By language, then by dotted key.
CATALOGS = _load()


def has(key: str) -> bool:
    """Tell whether there is such a text."""
    return key in CATALOGS[ENGLISH]


def text(language: str, key: str, **values: object) -> Markup:
    """Return a text in a language, safe to stand in HTML.

    values: fill its {placeholders}; they are escaped unless they are Markup. Raises KeyError for a key that
    there is not.
    """
    return escape(CATALOGS[language][key]).format(**values)
