"""What the commands of a configured server share: their options, their settings, their database."""

import contextlib
import functools
import ipaddress
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

if TYPE_CHECKING:
    from antechamber.settings import Settings
    from antechamber.storage.database import Database


Load = Callable[..., "Settings"]


class Refused(click.ClickException):
    """The command cannot do its work as it was asked to; one sentence a problem. Exit status 2."""

    exit_code = 2

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))

    def show(self, file: Any = None) -> None:
        """Print the problems on standard error."""
        for problem in self.problems:
            click.echo(problem, err=True, file=file)


def key_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of a command that is told its databases, and hand it how to load settings."""

    @click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Settings; antechamber.toml in this folder by default.",
    )
    @click.option("--master-key-file", metavar="FILE", help="The file that holds the master key.")
    @functools.wraps(command)
    def wrapped(config: Path | None, master_key_file: str | None, **others: Any) -> None:
        command(functools.partial(_load, config, {"master_key_file": master_key_file}), **others)

    return wrapped


def options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say which database, and hand the command their settings as first argument."""

    @key_options
    @click.option("--database", metavar="URL", help="sqlite:///PATH or postgresql://….")
    @functools.wraps(command)
    def wrapped(load: Load, database: str | None, **others: Any) -> None:
        def with_database(more: dict[str, Any] | None = None) -> "Settings":
            return load({"database": database, **(more or {})})

        command(with_database, **others)

    return wrapped


def _load(config: Path | None, flags: dict[str, Any], more: dict[str, Any] | None = None) -> "Settings":
    """Return the settings. more: further flags. Raises Refused."""
    from antechamber.settings import InvalidSettings, load

    if flags["master_key_file"]:
        # What the command line says replaces a key said elsewhere.
        flags = {**flags, "master_key": ""}
    try:
        return load(file=config, flags={**flags, **(more or {})})
    except InvalidSettings as error:
        raise Refused(error.problems) from error


def database_problems(settings: "Settings") -> list[str]:
    """Return what keeps these settings from naming a database and the key to what is sealed in it."""
    return [*_about_database(settings), *_about_master_key(settings)]


def serving_problems(settings: "Settings") -> list[str]:
    """Return what keeps a server from starting with these settings.

    Source: SECURITY-MODEL INV-33 and "Log, proxy, workers".
    """
    return [
        *database_problems(settings),
        *_about_public_url(settings),
        *_about_tls(settings),
        *_about_proxies(settings),
        *_about_limits(settings),
        *mail_problems(settings),
    ]


def delivering_problems(settings: "Settings") -> list[str]:
    """Return what keeps a process that sends mail, and does nothing else, from starting."""
    problems = [*database_problems(settings), *_about_public_url(settings), *mail_problems(settings)]
    if not (settings.smtp_host or settings.mail_folder):
        problems.append("smtp_host: name a mail server, or a folder with mail_folder")
    return problems


def mail_problems(settings: "Settings") -> list[str]:
    """Return what keeps mail from being sent; nothing where no mail is to be sent."""
    problems = [
        f"mail_recipients: {entry} is neither an address nor @ and a domain"
        for entry in settings.mail_recipients
        if "@" not in entry or entry.endswith("@") or " " in entry
    ]
    if settings.mail_from or settings.smtp_host:
        problems += _about_sender(settings)
    if settings.smtp_host:
        problems += _about_smtp_password(settings)
    if settings.mail_templates:
        problems += template_problems(settings)
    return problems


def template_problems(settings: "Settings") -> list[str]:
    """Return which templates of mails cannot be rendered, one sentence each."""
    from antechamber import app
    from antechamber.domain.languages import LANGUAGES
    from antechamber.domain.mail import MessageType
    from antechamber.mail.messages import preview
    from antechamber.mail.templates import BrokenTemplate

    if settings.mail_templates and not Path(settings.mail_templates).is_dir():
        return [f"mail_templates: {settings.mail_templates} is no folder"]
    templates = app.mail_templates(settings)
    problems = []
    for message_type in MessageType:
        for language in LANGUAGES:
            try:
                preview(message_type, language, templates, settings.public_url)
            except BrokenTemplate as error:
                problems.append(f"mail_templates: {error}")
    return problems


def require(problems: list[str]) -> None:
    """Return when there is no problem. Raises Refused."""
    if problems:
        raise Refused(problems)


@contextlib.asynccontextmanager
async def opened(settings: "Settings", *, must_be_current: bool = True) -> "AsyncIterator[Database]":
    """Open the database of the settings. must_be_current: refuse another schema than ours. Raises Refused."""
    from antechamber import app
    from antechamber.domain.errors import Unavailable
    from antechamber.storage.engines import dialect
    from antechamber.storage.migrations import SchemaMismatch, require_current

    try:
        database = app.database(settings)
    except ModuleNotFoundError as error:
        raise Refused(["PostgreSQL needs one more package: pip install 'antechamber[postgres]'"]) from error
    except Unavailable as error:
        raise Refused([f"the database cannot be opened: {error.__cause__ or error}"]) from error
    try:
        if must_be_current:
            await require_current(database, dialect(settings.database))
        yield database
    except SchemaMismatch as error:
        raise Refused([str(error)]) from error
    except Unavailable as error:
        raise Refused([f"the database cannot be used: {error.__cause__ or 'unavailable'}"]) from error
    finally:
        await database.close()


def _about_database(settings: "Settings") -> list[str]:
    from antechamber.storage.engines import dialect

    if not settings.database:
        return ["database: name one with ANTECHAMBER_DATABASE, in antechamber.toml or with --database"]
    try:
        dialect(settings.database)
    except ValueError as error:
        return [f"database: {error}"]
    return []


def _about_master_key(settings: "Settings") -> list[str]:
    from antechamber import app

    if not (settings.master_key or settings.master_key_file):
        ways = "ANTECHAMBER_MASTER_KEY, or a file with ANTECHAMBER_MASTER_KEY_FILE or --master-key-file"
        return [f"master key: give one with {ways}; `openssl rand -hex 32` makes one"]
    if settings.master_key and settings.master_key_file:
        return ["master key: give the key or its file, not both"]
    try:
        app.vault(settings)
    except OSError as error:
        return [f"master key: {settings.master_key_file}: {error.strerror}"]
    except ValueError as error:
        return [f"master key: {error}"]
    return []


def _about_public_url(settings: "Settings") -> list[str]:
    if not settings.public_url:
        return ["public_url: say what address clients use, with ANTECHAMBER_PUBLIC_URL or --public-url"]
    url = urlsplit(settings.public_url)
    if url.scheme not in ("http", "https") or not url.hostname or url.path.strip("/") or url.query:
        return ["public_url: https:// and a host, perhaps a port, and nothing after it are wanted"]
    return []


def _about_tls(settings: "Settings") -> list[str]:
    files = {"tls_certificate": settings.tls_certificate, "tls_key": settings.tls_key}
    missing = [name for name, file in files.items() if not file]
    if len(missing) == 1:
        return [f"{missing[0]}: a certificate and its key are wanted together"]
    if not missing:
        return _unusable(files)
    if settings.proxies or settings.insecure or is_loopback(settings.host):
        return []
    needs = "tls_certificate and tls_key, or the proxies that do TLS, or insecure = true"
    return [f"host: {settings.host} can be reached from elsewhere, which needs {needs}"]


def _unusable(files: dict[str, str]) -> list[str]:
    import ssl

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(files["tls_certificate"], files["tls_key"])
    except ssl.SSLError as error:
        return [f"tls_certificate, tls_key: not a certificate and its key in PEM ({error.reason or error})"]
    except OSError as error:
        return [f"tls_certificate, tls_key: {error.strerror}"]
    return []


def _about_proxies(settings: "Settings") -> list[str]:
    problems = []
    for block in settings.proxies:
        try:
            ipaddress.ip_network(block)
        except ValueError:
            problems.append(f"proxies: {block} is neither an address nor a CIDR block")
    return problems


def _about_limits(settings: "Settings") -> list[str]:
    from antechamber.domain.policy import DEFAULT_LIMITS

    known = ", ".join(DEFAULT_LIMITS)
    return [f"limits: {name} is none of {known}" for name in settings.limits if name not in DEFAULT_LIMITS]


def _about_sender(settings: "Settings") -> list[str]:
    from antechamber.mail.messages import sender_address

    if not settings.mail_from:
        return ["mail_from: say whom mail comes from, for instance Acme access <access@acme.example>"]
    try:
        sender_address(settings.mail_from)
    except ValueError as error:
        return [f"mail_from: {error}"]
    return []


def _about_smtp_password(settings: "Settings") -> list[str]:
    has_password = bool(settings.smtp_password or settings.smtp_password_file)
    if settings.smtp_password and settings.smtp_password_file:
        return ["smtp_password: give the password or its file, not both"]
    if has_password != bool(settings.smtp_username):
        return ["smtp_username, smtp_password: both are wanted, or neither"]
    if has_password and settings.smtp_security == "none" and not is_loopback(settings.smtp_host):
        return ["smtp_security: with none, the password would travel in clear; starttls or tls is wanted"]
    if settings.smtp_password_file:
        try:
            Path(settings.smtp_password_file).read_text("utf-8")
        except OSError as error:
            return [f"smtp_password_file: {settings.smtp_password_file}: {error.strerror}"]
        except ValueError:
            return [f"smtp_password_file: {settings.smtp_password_file}: text in UTF-8 is wanted"]
    return []


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches the host. host: a name or an IP address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
