"""`antechamber doctor`: says in words what is wrong."""

import asyncio
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from antechamber.cli import configured

if TYPE_CHECKING:
    from antechamber.settings import Settings
    from antechamber.storage.database import Schema

MOST_SECONDS_APART = 5.0
OK, WARNING, PROBLEM = "ok", "warning", "problem"
Finding = tuple[str, str]


@click.command(short_help="Check configuration, database, clock and mail.")
@configured.options
def doctor(load: configured.Load) -> None:
    """Check configuration, database, clock and mail.

    Exits with 1 when something keeps the server from starting.
    """
    try:
        settings = load()
    except configured.Refused as refused:
        findings = [(PROBLEM, problem) for problem in refused.problems]
    else:
        findings = list(_findings(settings))
    for level, words in findings:
        click.echo(f"{level:<8} {words}")
    if any(level == PROBLEM for level, _ in findings):
        raise click.exceptions.Exit(1)


def _findings(settings: "Settings") -> Iterator[Finding]:
    problems = configured.serving_problems(settings)
    yield from ((PROBLEM, problem) for problem in problems)
    if not problems:
        yield OK, "configuration: complete"
    yield from _about_key_file(settings)
    if not configured.database_problems(settings):
        yield from asyncio.run(_about_database(settings))
    yield from _about_mail(settings)


def _about_key_file(settings: "Settings") -> Iterator[Finding]:
    if settings.insecure and not configured.is_loopback(settings.host):
        yield WARNING, "insecure: passwords and keys travel unencrypted"
    file = Path(settings.master_key_file) if settings.master_key_file else None
    if file is not None and file.exists() and file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield WARNING, f"master key: others than its owner may touch {file}; chmod 600 it"


def _about_mail(settings: "Settings") -> Iterator[Finding]:
    if not (settings.smtp_host or settings.mail_folder):
        yield WARNING, "mail: not configured, messages wait in the outbox"
        return
    if configured.mail_problems(settings):
        # Said already.
        return
    # Ours too: a program that was put together wrongly is found here.
    broken = [] if settings.mail_templates else configured.template_problems(settings)
    yield from ((PROBLEM, problem) for problem in broken)
    if not broken:
        yield OK, "mail templates: complete"
    if settings.mail_folder:
        yield WARNING, f"mail: written to {settings.mail_folder}, not sent"
    if settings.smtp_host and (settings.mail_recipients or not settings.mail_folder):
        yield asyncio.run(_about_smtp(settings))
    if settings.mail_recipients:
        yield WARNING, f"mail: goes to {', '.join(settings.mail_recipients)} only"
    if not settings.mail_worker:
        yield OK, "mail: the server leaves it to `antechamber deliver-mail`"


async def _about_smtp(settings: "Settings") -> Finding:
    from antechamber import app
    from antechamber.mail.delivery import Unreachable

    smtp = app.smtp_delivery(settings)
    assert smtp is not None, "a mail server is named"
    try:
        await smtp.check()
    except Unreachable as error:
        return PROBLEM, f"mail: {settings.smtp_host} port {settings.smtp_port}: {error}"
    signed_in = ", signed in" if settings.smtp_username else ""
    return OK, f"mail: {settings.smtp_host} port {settings.smtp_port}, {settings.smtp_security}{signed_in}"


async def _about_database(settings: "Settings") -> list[Finding]:
    from antechamber.storage import inspection
    from antechamber.storage.engines import dialect

    name = dialect(settings.database)
    inspect = inspection.sqlite if name == "sqlite" else inspection.postgresql
    try:
        async with configured.opened(settings, must_be_current=False) as database:
            schema = await database.schema()
            found = await database.read(inspect)
    except configured.Refused as refused:
        return [(PROBLEM, problem) for problem in refused.problems]
    ahead = found.clock_ahead_seconds
    return [
        (OK, f"database: {found.version}, reachable"),
        _about_schema(schema, name),
        (OK if found.is_durable else PROBLEM, f"durability: {found.durability}"),
        (
            OK if abs(ahead) <= MOST_SECONDS_APART else WARNING,
            "clock: the database's is this machine's"
            if name == "sqlite"
            else f"clock: the database's is {ahead:+.1f} seconds from this machine's",
        ),
    ]


def _about_schema(schema: "Schema | None", dialect: str) -> Finding:
    from antechamber.storage.migrations import SchemaMismatch, require_served

    try:
        require_served(schema, dialect)
    except SchemaMismatch as mismatch:
        return PROBLEM, f"schema: {mismatch}"
    return OK, f"schema: {schema.revision if schema else 'none'}, current"
