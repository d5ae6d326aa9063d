"""`antechamber migrate`: the database gets the schema of this program."""

import asyncio
from typing import TYPE_CHECKING

import click

from antechamber.cli import configured

if TYPE_CHECKING:
    from antechamber.settings import Settings


@click.command(short_help="Bring the database to the current schema.")
@configured.options
def migrate(load: configured.Load) -> None:
    """Bring the database to the current schema; can be repeated."""
    settings = load()
    configured.require(configured.database_problems(settings))
    revisions = asyncio.run(_migrate(settings))
    click.echo(f"migrated: {', '.join(revisions)}" if revisions else "the schema is current")


async def _migrate(settings: "Settings") -> list[str]:
    from antechamber.storage.engines import dialect
    from antechamber.storage.migrations import migrate

    async with configured.opened(settings, must_be_current=False) as database:
        return await migrate(database, dialect(settings.database))
