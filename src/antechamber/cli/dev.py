"""`antechamber dev`: everything on, nothing to configure."""

import asyncio
import contextlib
import functools
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

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
) -> None:
    """Start a server with demo data; nothing to configure.

    For development and tests: the credentials are printed, and with --data they are kept readable in that
    folder, so that the next start can print them again. For anything else there is `antechamber serve`.
    """
    # Granian takes over once it runs; until then a signal shall leave nothing behind either.
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(128 + signal.SIGTERM))
    with contextlib.ExitStack() as at_exit:
        import msgspec

        from antechamber.cli import running, running_info

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
        settings, credentials = _prepared(
            folder,
            database,
            seeds,
            host=host,
            port=reservation.port,
            workers=workers,
            log_requests=log_requests,
            limits=limits,
            rate_limits=rate_limits,
            quirks=quirks,
        )
        info = credentials.info(reservation.url("https" if tls else "http"))
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

        text = "" if as_json else screen(info, credentials, is_temporary=data is None and database is None)
        announce = functools.partial(_announce, info, text, files, env_file)
        sys.stdout.flush()
        running.run(settings, reservation, announce=announce, logging=_LOGGING, respawn=False)


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


def _prepared(
    folder: Path,
    database: str | None,
    seed_files: tuple[Path, ...],
    *,
    host: str,
    port: int,
    workers: int,
    log_requests: bool,
    rate_limits: bool,
    quirks: bool,
    limits: dict[str, int],
) -> "tuple[Settings, Credentials]":
    """Return the settings of the server and what one gets in with, the database migrated and planted."""
    from antechamber.cli import demo
    from antechamber.cli.seed_files import read_seeds
    from antechamber.domain.seeds import SeedRefused
    from antechamber.settings import Settings

    kept = demo.kept(folder)
    if kept is not None and seed_files:
        _say(f"{folder} was filled at an earlier start: --seed adds nothing to it.")
    try:
        seed = None if kept is not None else read_seeds(seed_files) if seed_files else demo.seed()
        settings = Settings(
            database=database or f"sqlite:///{folder / 'antechamber.db'}",
            master_key=demo.master_key(folder),
            host=host,
            port=port,
            workers=workers,
            log_requests=log_requests,
            limits=limits,
            rate_limits=rate_limits,
            quirks=quirks,
        )
        if database is not None:
            configured.require(configured.database_problems(settings))
        made = asyncio.run(_fill(settings, seed))
    except SeedRefused as error:
        raise configured.Refused(error.problems) from error
    if made is not None:
        demo.keep(folder, made)
    credentials = made or kept
    assert credentials is not None, "without kept credentials there is a seed, which makes some"
    return settings, credentials


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


async def _fill(settings: "Settings", seed: "Seed | None") -> "Credentials | None":
    """Bring the database up to date and plant the seed in it; return the credentials of what was planted."""
    from antechamber.cli.demo import Credentials
    from antechamber.storage.engines import dialect
    from antechamber.storage.migrations import migrate
    from antechamber.usecases import seeding

    async with configured.opened(settings, must_be_current=False) as database:
        await migrate(database, dialect(settings.database))
        if seed is None:
            return None
        if not await database.read(seeding.is_empty):
            raise configured.Refused(
                ["the database is in use: name the folder of its first start with --data, or an empty one"]
            )
        planted = await database.write(functools.partial(seeding.plant, seed=seed))
    return Credentials.of(seed, planted)


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


# Standard output is for what dev itself announces.
_LOGGING = {
    "formatters": {"plain": {"format": "%(message)s"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "plain", "stream": "ext://sys.stderr"}
    },
    "loggers": {"_granian": {"handlers": ["stderr"], "level": "WARNING", "propagate": False}},
}
