"""`antechamber serve`: the real thing."""

import asyncio
import functools
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from antechamber import __version__
from antechamber.cli import configured

if TYPE_CHECKING:
    from antechamber.settings import Settings


@click.command(short_help="Start the server as configured.")
@configured.options
@click.option("--host", help="Address to listen on; 127.0.0.1 by default.")
@click.option("--port", type=int, help="Port to listen on; 8080 by default, 0 for a free one.")
@click.option("--public-url", metavar="URL", help="What clients call the server, for instance https://….")
@click.option("--workers", type=int, help="Processes that answer requests; 1 by default.")
@click.option("--tls-certificate", metavar="FILE", help="Certificate chain, PEM.")
@click.option("--tls-key", metavar="FILE", help="Its key, PEM.")
@click.option(
    "--proxy",
    "proxies",
    multiple=True,
    metavar="CIDR",
    help="Address of a proxy that does TLS and whose forwarded headers are believed; repeatable.",
)
@click.option("--insecure", is_flag=True, default=None, help="Allow other machines without TLS and proxy.")
@click.option("--log-requests/--no-log-requests", default=None, help="Log each request; on by default.")
@click.option("--rate-limits/--no-rate-limits", default=None, help="Refuse too many requests; on by default.")
@click.option("--quirks/--no-quirks", default=None, help="The service's two odd limits too; off by default.")
def serve(load: configured.Load, **flags: Any) -> None:
    """Start the server as configured.

    Settings come from antechamber.toml, then from ANTECHAMBER_… variables, then from these options; the
    later wins. Stops on SIGTERM when the running requests are answered.
    """
    from antechamber.cli.logs import logger

    log = logger()
    try:
        settings = load({name: value or None for name, value in flags.items()} | _said(flags))
        configured.require(configured.serving_problems(settings))
        _run(settings, log)
    except configured.Refused as refused:
        for problem in refused.problems:
            log.error("refused", problem=problem)
        raise click.exceptions.Exit(refused.exit_code) from refused


def _said(flags: dict[str, Any]) -> dict[str, Any]:
    """Return the flags whose empty values mean something."""
    names = ("port", "workers", "log_requests", "rate_limits", "quirks")
    return {name: flags[name] for name in names if flags[name] is not None}


def _run(settings: "Settings", log: Any) -> None:
    from antechamber.cli import running
    from antechamber.cli.logs import STANDARD_LIBRARY

    asyncio.run(_require_database(settings))
    with ExitStack() as at_exit:
        try:
            reservation = running.Reservation(settings.host, settings.port)
        except running.AddressUnavailable as error:
            raise configured.Refused([str(error)]) from error
        at_exit.callback(reservation.close)
        url = reservation.url("https" if settings.tls_certificate else "http")
        log.info("starting", version=__version__, address=url, workers=settings.workers)
        announce = functools.partial(log.info, "ready", address=url, public_url=settings.public_url)
        running.run(settings, reservation, announce=announce, logging=STANDARD_LIBRARY, respawn=True)
        log.info("stopped")


async def _require_database(settings: "Settings") -> None:
    async with configured.opened(settings):
        pass
