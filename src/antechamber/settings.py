"""Settings: file, environment, flags; in this order, the later wins. Read by app and cli only."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

PREFIX = "ANTECHAMBER_"
FILE_NAME = "antechamber.toml"


class InvalidSettings(Exception):
    """What is wrong with the settings, in words."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything the operator may set. `docs/settings.md` says what each is for.

    limits: by name, what differs from the service's defaults.
    """

    database: str = ""
    master_key: str = ""
    master_key_file: str = ""
    old_master_keys: tuple[str, ...] = ()
    public_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8080
    workers: int = 1
    tls_certificate: str = ""
    tls_key: str = ""
    proxies: tuple[str, ...] = ()
    insecure: bool = False
    hide_foreign: bool = False
    limits: dict[str, int] = {}
    log_requests: bool = True

    def __repr__(self) -> str:
        # Never a key (INV-24).
        return f"Settings(database={self.database.partition('@')[2] or self.database!r}, host={self.host!r})"


def load(
    *, environment: Mapping[str, str] = os.environ, file: Path | None = None, flags: Mapping[str, Any]
) -> Settings:
    """Return the settings.

    file: a TOML file; None for antechamber.toml in the current folder, if it is there. flags: what the
    command line says; None values count as not said.
    Raises InvalidSettings for unknown names, wrong values and unreadable files.
    """
    values: dict[str, Any] = {}
    values.update(_of_file(file))
    for name, value in environment.items():
        if name.startswith(PREFIX) and not name.startswith(f"{PREFIX}TEST_"):
            values[name.removeprefix(PREFIX).lower()] = value
    values.update({name: value for name, value in flags.items() if value is not None})
    for name, field in (("limits", dict), ("proxies", tuple), ("old_master_keys", tuple)):
        text = values.get(name)
        if isinstance(text, str):
            words = [word.strip() for word in text.split(",") if word.strip()]
            if field is dict:
                if any("=" not in word for word in words):
                    raise InvalidSettings(f"{name}: NAME=NUMBER, separated by commas, is wanted")
                values[name] = dict(word.split("=", 1) for word in words)
            else:
                values[name] = words
    try:
        return msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidSettings(f"settings: {error}") from error


def _of_file(file: Path | None) -> dict[str, Any]:
    path = file or Path(FILE_NAME)
    if file is None and not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidSettings(f"{path}: {error}") from error
