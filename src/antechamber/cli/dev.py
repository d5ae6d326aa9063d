"""`antechamber dev`: everything on, nothing to configure."""

import asyncio
import contextlib
import functools
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from antechamber.cli import configured

if TYPE_CHECKING:
    from antechamber.cli.demo import Credentials
    from antechamber.cli.running_info import RunningInfo
    from antechamber.domain.seeds import Seed
    from antechamber.settings import Settings


@click.command(short_help="Start a server with demo data; nothing to configure.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help="Port to listen on; 0 for a free one.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Keep database and credentials in this folder; without it they are gone at exit.",
)
@click.option("--database", metavar="URL", help="Another database, for instance postgresql://….")
@click.option(
    "--seed",
    "seeds",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Start with what this file says instead of the demo organization; repeatable.",
)
@click.option(
    "--env-file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write what clients need as shell variables, as soon as the server answers.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON when ready, and no screen.")
@click.option(
    "--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes that answer requests."
)
@click.option("--tls", is_flag=True, help="Speak HTTPS, with a certificate made for this machine.")
@click.option("--log-requests", is_flag=True, help="Log each request on stderr.")
@click.option(
    "--rate-limits", is_flag=True, help="Refuse too many requests; otherwise they are counted only."
)
@click.option(
    "--quirks", is_flag=True, help="The two odd limits too: ten invitations a minute, ten tokens a minute."
)
@click.option(
    "--limit",
    "limits",
    multiple=True,
    callback=lambda _context, _option, words: _limits(words),
    metavar="NAME=NUMBER",
    help="Another limit than the service's, for instance users-per-organization=2000; repeatable.",
)
@click.option(
    "--set",
    "rules",
    multiple=True,
    metavar="NAME=VALUE",
    help="Another setting of docs/settings.md, for instance remind_days_before_expiry=3; repeatable.",
)
@click.option(
    "--public-url", metavar="URL", help="What links in mails begin with; the server's own address by default."
)
@click.option("--smtp", metavar="URL", help="Send mail too: smtp://USER:PASSWORD@HOST:PORT or smtps://….")
@click.option(
    "--mail-to",
    multiple=True,
    metavar="ADDRESS",
    help="With --smtp: to this address, or to all of an @domain, and to nobody else; repeatable.",
)
@click.option("--mail-from", metavar="ADDRESS", help="With --smtp: the sender.")
@click.option(
    "--desk/--no-desk",
    default=True,
    help="The development desk at /_antechamber/; without it requests are as fast as those of serve.",
)
def dev(
    host: str,
    port: int,
    data: Path | None,
    database: str | None,
    seeds: tuple[Path, ...],
    env_file: Path | None,
    as_json: bool,
    workers: int,
    log_requests: bool,
    tls: bool,
    rate_limits: bool,
    quirks: bool,
    limits: dict[str, int],
    rules: tuple[str, ...],
    public_url: str | None,
    smtp: str | None,
    mail_to: tuple[str, ...],
    mail_from: str | None,
    desk: bool,
) -> None:
    """Start a server with demo data; nothing to configure.

    For development and tests: the credentials are printed, and with --data they are kept readable in that
    folder, so that the next start can print them again. For anything else there is `antechamber serve`.

    Mail is caught, and shown at /_antechamber/mail; none leaves this machine without both --smtp and
    --mail-to.
    """
    # Granian takes over once it runs; until then a signal shall leave nothing behind either.
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(128 + signal.SIGTERM))
    with contextlib.ExitStack() as at_exit:
        import msgspec

        from antechamber.cli import development_mail, running, running_info
        from antechamber.control.development import Development

        more = {**_rules(rules), **development_mail.settings(smtp, mail_to, mail_from)}
        try:
            reservation = running.Reservation(host, port)
        except running.AddressUnavailable as error:
            raise click.ClickException(str(error)) from error
        at_exit.callback(reservation.close)
        if env_file is not None and not env_file.absolute().parent.is_dir():
            raise configured.Refused([f"--env-file: there is no folder {env_file.parent}"])
        if not configured.is_loopback(reservation.address):
            unsafe = "" if tls else "; the traffic is not encrypted"
            _say(f"Warning: whoever can reach this address can use the server{unsafe}.")
        folder = _folder(data, at_exit)
        url = reservation.url("https" if tls else "http")
        settings = _settings(
            folder,
            database=database or f"sqlite:///{folder / 'antechamber.db'}",
            host=host,
            port=reservation.port,
            workers=workers,
            log_requests=log_requests,
            limits=limits,
            rate_limits=rate_limits,
            quirks=quirks,
            public_url=(public_url or url).rstrip("/"),
            mail_folder=str(folder / "mail"),
            **more,
        )
        development = Development(
            url=settings.public_url,
            mail_folder=folder / "mail",
            snapshots=_snapshots(folder, settings),
            is_exposed=not configured.is_loopback(reservation.address),
        )
        credentials = _prepared(settings, folder, development.snapshots, seeds)
        info = credentials.info(url)
        if tls:
            from antechamber.cli import development_tls

            made = development_tls.prepare(folder, host)
            settings = msgspec.structs.replace(
                settings, tls_certificate=str(made.certificate), tls_key=str(made.key)
            )
            info = msgspec.structs.replace(info, ca_file=str(made.authority))
        files = running_info.info_files(reservation.port, data)
        for file in files:
            at_exit.callback(file.unlink, missing_ok=True)
        from antechamber.cli.screen import screen

        is_temporary = data is None and database is None
        text = "" if as_json else screen(info, credentials, is_temporary=is_temporary, has_desk=desk)
        announce = functools.partial(_announce, info, text, files, env_file)
        sys.stdout.flush()
        running.run(
            settings,
            reservation,
            announce=announce,
            logging=_LOGGING,
            respawn=False,
            development=development if desk else None,
        )


def _announce(info: "RunningInfo", text: str, files: list[Path], env_file: Path | None) -> None:
    """Tell, from the worker that answers, everybody who waits."""
    import msgspec

    from antechamber.cli import running_info

    line = msgspec.json.encode(info).decode()
    for file in files:
        try:
            running_info.make_private_folder(file.parent)
            running_info.write_private(file, line + "\n")
        except OSError as error:
            _say(f"`antechamber env` will not find this server: {error}")
    if env_file is not None:
        running_info.write_private(env_file, running_info.formatted(running_info.variables(info), "shell"))
    print(text or line, flush=True)


def _folder(data: Path | None, at_exit: contextlib.ExitStack) -> Path:
    from antechamber.cli.running_info import make_private_folder

    if data is None:
        folder = Path(tempfile.mkdtemp(prefix="antechamber-dev-"))
        at_exit.callback(shutil.rmtree, folder, ignore_errors=True)
        return folder
    try:
        make_private_folder(data)
    except OSError as error:
        raise click.ClickException(f"--data: {error}") from error
    return data.resolve()


def _settings(folder: Path, **values: Any) -> "Settings":
    """Return the settings of the server. Raises Refused."""
    import msgspec

    from antechamber.cli import demo
    from antechamber.settings import InvalidSettings, load

    try:
        # Of a whole file and environment nothing counts: dev is the same wherever it is started.
        settings = load(environment={}, file=Path(os.devnull), flags=values)
    except InvalidSettings as error:
        raise configured.Refused(error.problems) from error
    settings = msgspec.structs.replace(settings, master_key=demo.master_key(folder))
    configured.require(configured.database_problems(settings) + configured.mail_problems(settings))
    return settings


def _snapshots(folder: Path, settings: "Settings") -> Path:
    """Return the folder of snapshots of this engine and schema; there is one for each."""
    from antechamber.storage.engines import dialect
    from antechamber.storage.migrations import revisions

    engine = dialect(settings.database)
    snapshots = folder / "snapshots" / f"{engine}-{max(revisions(engine))}"
    snapshots.mkdir(mode=0o700, parents=True, exist_ok=True)
    return snapshots


def _prepared(
    settings: "Settings", folder: Path, snapshots: Path, seed_files: tuple[Path, ...]
) -> "Credentials":
    """Return what one gets in with, the database migrated and planted, and that state kept."""
    from antechamber.cli import demo
    from antechamber.cli.seed_files import read_seeds
    from antechamber.domain.seeds import SeedRefused

    kept = demo.kept(folder)
    if kept is not None and seed_files:
        _say(f"{folder} was filled at an earlier start: --seed adds nothing to it.")
    try:
        seed = None if kept is not None else read_seeds(seed_files) if seed_files else demo.seed()
        made = asyncio.run(_fill(settings, seed, snapshots))
    except SeedRefused as error:
        raise configured.Refused(error.problems) from error
    if made is not None:
        demo.keep(folder, made)
    credentials = made or kept
    assert credentials is not None, "without kept credentials there is a seed, which makes some"
    return credentials


def _rules(words: tuple[str, ...]) -> dict[str, str]:
    rules = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or name not in _RULES:
            raise configured.Refused([f"--set: NAME=VALUE is wanted, with one of {', '.join(_RULES)}"])
        rules[name] = value
    return rules


def _limits(words: tuple[str, ...]) -> dict[str, int]:
    from antechamber.domain.policy import DEFAULT_LIMITS

    limits = {}
    for word in words:
        name, _, number = word.partition("=")
        if name not in DEFAULT_LIMITS or not number.isdecimal():
            raise click.BadParameter(
                f"NAME=NUMBER is wanted, with one of {', '.join(sorted(DEFAULT_LIMITS))}"
            )
        limits[name] = int(number)
    return limits


async def _fill(settings: "Settings", seed: "Seed | None", snapshots: Path) -> "Credentials | None":
    """Bring the database up to date and plant the seed in it; return the credentials of what was planted."""
    from antechamber.cli.demo import Credentials
    from antechamber.control.development import SEED
    from antechamber.storage.engines import dialect
    from antechamber.storage.migrations import migrate
    from antechamber.usecases import seeding

    planted = None
    hashes = await seeding.hash_passwords(seed) if seed is not None else {}
    async with configured.opened(settings, must_be_current=False) as database:
        await migrate(database, dialect(settings.database))
        if seed is not None:
            if not await database.read(seeding.is_empty):
                words = (
                    "the database is in use: name the folder of its first start with --data, or an empty one"
                )
                raise configured.Refused([words])
            planted = await database.write(
                functools.partial(seeding.plant, seed=seed, password_hashes=hashes)
            )
        if planted is not None or not (snapshots / SEED).exists():
            await database.snapshot(snapshots / SEED)
    return None if seed is None or planted is None else Credentials.of(seed, planted)


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


# What --set sets; for everything else there is an option, or dev sees to it.
_RULES = (
    "bypass_invitations",
    "hide_foreign",
    "inviter_check",
    "language",
    "mail_on_change",
    "mail_templates",
    "remind_days_before_expiry",
    "renew_on_resend",
    "session_hours",
    "session_idle_minutes",
)
# Standard output is for what dev itself announces.
_LOGGING = {
    "formatters": {"plain": {"format": "%(message)s"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "plain", "stream": "ext://sys.stderr"}
    },
    "loggers": {"_granian": {"handlers": ["stderr"], "level": "WARNING", "propagate": False}},
}
