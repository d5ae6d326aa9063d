"""Settings: file, environment, flags; in this order, the later wins. Read by app and cli only."""

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

PREFIX = "ANTECHAMBER_"
FILE_NAME = "antechamber.toml"
# Of others: the tests' own, and what `antechamber dev --env-file` writes for clients.
_NOT_OURS = re.compile(rf"{PREFIX}(TEST_.*|URL|OWNER_(USERNAME|PASSWORD)|CLIENT_(ID|SECRET)|CA_FILE)")
_AT = re.compile(r" - at `\$\.?(\w*).*`$")
_LISTS = ("mail_recipients", "old_master_keys", "proxies")


class InvalidSettings(Exception):
    """What is wrong with the settings: one sentence each."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything the operator may set. `docs/settings.md` says what each is for.

    limits: by name, what differs from the service's defaults.
    """

    database: str = ""
    database_connections: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 16
    master_key: str = ""
    master_key_file: str = ""
    old_master_keys: tuple[str, ...] = ()
    public_url: str = ""
    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 8080
    workers: Annotated[int, msgspec.Meta(ge=1, le=256)] = 1
    tls_certificate: str = ""
    tls_key: str = ""
    proxies: tuple[str, ...] = ()
    insecure: bool = False
    hide_foreign: bool = False
    bypass_invitations: bool = False
    limits: dict[str, Annotated[int, msgspec.Meta(ge=0)]] = {}
    log_requests: bool = True
    rate_limits: bool = True
    quirks: bool = False
    language: Literal["en", "zh", "ja"] = "en"
    smtp_host: str = ""
    smtp_port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 587
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_username: str = ""
    smtp_password: str = ""
    smtp_password_file: str = ""
    mail_from: str = ""
    mail_recipients: tuple[str, ...] = ()
    mail_folder: str = ""
    mail_templates: str = ""
    mail_worker: bool = True
    mail_on_change: bool = False
    remind_days_before_expiry: Annotated[int, msgspec.Meta(ge=0, le=29)] = 0
    renew_on_resend: bool = False
    inviter_check: Literal["flag", "refuse"] = "flag"
    session_idle_minutes: Annotated[int, msgspec.Meta(ge=1, le=720)] = 30
    session_hours: Annotated[int, msgspec.Meta(ge=1, le=168)] = 12

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
    path = file or Path(FILE_NAME)
    of_file = _of_file(path) if file is not None or path.exists() else {}
    of_environment = {
        name: value
        for name, value in environment.items()
        if name.startswith(PREFIX) and not _NOT_OURS.fullmatch(name)
    }
    known = Settings.__struct_fields__
    unknown = [f"{path}: {name} is not a setting" for name in of_file if name not in known]
    unknown += [
        f"environment: {name} is not a setting" for name in of_environment if _setting(name) not in known
    ]
    if unknown:
        raise InvalidSettings(unknown)
    values = {**of_file, **{_setting(name): _listed(name, text) for name, text in of_environment.items()}}
    values.update({name: value for name, value in flags.items() if value is not None})
    try:
        return msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidSettings([_in_words(str(error))]) from error


def _setting(name: str) -> str:
    return name.removeprefix(PREFIX).lower()


def _listed(name: str, text: str) -> object:
    """Return the value that an environment variable's text stands for, where it stands for several."""
    name = _setting(name)
    words = [word.strip() for word in text.split(",") if word.strip()]
    if name == "limits":
        if not all("=" in word for word in words):
            raise InvalidSettings(["limits: NAME=NUMBER, separated by commas, is wanted"])
        return dict(word.split("=", 1) for word in words)
    return words if name in _LISTS else text


def _of_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InvalidSettings([f"{path}: {error.strerror}"]) from error
    except ValueError as error:
        raise InvalidSettings([f"{path}: {error}"]) from error


def _in_words(message: str) -> str:
    """Return a message of msgspec with the setting first, and never the value, which may be a secret."""
    place = _AT.search(message)
    words = _AT.sub("", message)
    for theirs, ours in (
        (r"Expected `int`, got .*", "a whole number is wanted"),
        (r"Expected `int` >= (\d+)", r"\1 or more is wanted"),
        (r"Expected `int` <= (\d+)", r"\1 or less is wanted"),
        (r"Expected `bool`, got .*", "true or false is wanted"),
        (r"Expected `array`, got .*", "a list is wanted"),
        (r"Expected `object`, got .*", "a table is wanted"),
        (r"Expected `str`, got .*", "a text is wanted"),
    ):
        words = re.sub(theirs, ours, words)
    return f"{place[1]}: {words}" if place else words
