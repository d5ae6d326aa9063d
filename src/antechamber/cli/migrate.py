"""`antechamber migrate`: the database gets the schema of this program."""

import asyncio
from typing import TYPE_CHECKING

import click

from antechamber.cli import configured

if TYPE_CHECKING:
    from antechamber.settings import Settings


@click.command(short_help="Bring the database to the current schema.")
@configured.options
@click.option("--distribute", is_flag=True, help="Lay it out on Citus, see docs/scaling.md.")
def migrate(load: configured.Load, distribute: bool) -> None:
    """Bring the database to the current schema; can be repeated."""
    settings = load()
    configured.require(configured.database_problems(settings))
    revisions, tables = asyncio.run(_migrate(settings, distribute=distribute))
    click.echo(f"migrated: {', '.join(revisions)}" if revisions else "the schema is current")
    if distribute:
        click.echo(f"distributed: {', '.join(tables)}" if tables else "every table is distributed")


async def _migrate(settings: "Settings", *, distribute: bool) -> tuple[list[str], list[str]]:
    from antechamber.storage import distribution
    from antechamber.storage.engines import dialect
    from antechamber.storage.migrations import migrate

    engine = dialect(settings.database)
    if distribute and engine != "postgresql":
        raise configured.Refused(["only PostgreSQL with Citus can be distributed"])
    async with configured.opened(settings, must_be_current=False) as database:
        try:
            if distribute:
                await database.read(distribution.require_citus)
            revisions = await migrate(database, engine)
            return revisions, await database.write(distribution.lay_out) if distribute else []
        except distribution.NotDistributable as error:
            raise configured.Refused([str(error)]) from error
