"""`antechamber deliver-mail`: sending mail in a process of its own."""

import asyncio
import contextlib
import signal
from typing import TYPE_CHECKING, Any

import click

from antechamber.cli import configured

if TYPE_CHECKING:
    from antechamber.settings import Settings
    from antechamber.storage.database import Database
    from antechamber.usecases.mail_delivery import Outcome, Post

PAUSE_SECONDS = 1.0
LIFECYCLE_SECONDS = 60.0
# As a server does: what is on its way to a mail server at a signal is waited for so long.
CLOSE_SECONDS = 10.0


@click.command(short_help="Send queued mail, in a process of its own.")
@configured.options
@click.option("--once", is_flag=True, help="Send what is due now, and end.")
@click.option("--public-url", metavar="URL", help="What links in mails begin with.")
def deliver_mail(load: configured.Load, once: bool, public_url: str | None) -> None:
    """Send queued mail, in a process of its own, until SIGTERM.

    Where it runs, `mail_worker = false` keeps the servers from sending too; it does no harm if they do.
    It ends invitations that have run out and queues reminders as well. With --once the exit status is 1
    when a message could not be sent; 2 says that it cannot work as configured.
    """
    from antechamber.cli.logs import logger

    log = logger()
    try:
        settings = load({"public_url": public_url} if public_url else {})
        configured.require(configured.delivering_problems(settings))
        failures = asyncio.run(_run(settings, log, once=once))
    except configured.Refused as refused:
        for problem in refused.problems:
            log.error("refused", problem=problem)
        raise click.exceptions.Exit(refused.exit_code) from refused
    if once and failures:
        raise click.exceptions.Exit(1)


async def _run(settings: "Settings", log: Any, *, once: bool) -> int:
    """Send until told to stop, or once; return how many messages could not be sent."""
    from antechamber import app

    post = app.post(settings)
    assert post is not None, "a way out is configured"
    async with configured.opened(settings) as database:
        if once:
            return await _drain(database, post, log)
        log.info("ready")
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        sending = asyncio.create_task(_send_until(stop, database, post, log))
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({sending, stopped}, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait({sending}, timeout=CLOSE_SECONDS)
        for task in (sending, stopped):
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sending
        log.info("stopped")
    return 0


async def _drain(database: "Database", post: "Post", log: Any) -> int:
    from antechamber.usecases import lifecycle, mail_delivery

    await lifecycle.run(database)
    failures = 0
    while outcomes := await mail_delivery.deliver_due(database, post):
        failures += _tell(outcomes, log)
    return failures


async def _send_until(stop: asyncio.Event, database: "Database", post: "Post", log: Any) -> None:
    from antechamber.domain.errors import Unavailable
    from antechamber.usecases import lifecycle, mail_delivery

    loop = asyncio.get_running_loop()
    lifecycle_at = loop.time()
    while not stop.is_set():
        try:
            if loop.time() >= lifecycle_at:
                await lifecycle.run(database)
                lifecycle_at = loop.time() + LIFECYCLE_SECONDS
            outcomes = await mail_delivery.deliver_due(database, post)
        except Unavailable as error:
            log.warning("the database cannot be used", reason=str(error.__cause__ or "unavailable"))
            outcomes = []
        _tell(outcomes, log)
        if not outcomes:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), PAUSE_SECONDS)


def _tell(outcomes: "list[Outcome]", log: Any) -> int:
    """Log what was not sent; return how many messages that is."""
    failed = [outcome for outcome in outcomes if outcome.is_trouble]
    for outcome in failed:
        log.warning("mail not sent", **outcome.facts())
    if sent := sum(outcome.is_sent for outcome in outcomes):
        log.info("mail sent", messages=sent)
    return len(failed)
