"""`antechamber copy`: all data from one database into another, whatever the engines."""

import asyncio
from typing import TYPE_CHECKING

import click

from antechamber.cli import configured

if TYPE_CHECKING:
    from antechamber.settings import Settings


@click.command(short_help="Move all data to another database, also of another engine.")
@configured.key_options
@click.option("--from", "source", required=True, metavar="URL", help="The database that holds the data.")
@click.option("--to", "target", required=True, metavar="URL", help="An empty one, migrated.")
def copy(load: configured.Load, source: str, target: str) -> None:
    """Move all data to another database, also of another engine.

    The source can be read and not written meanwhile. After a break, the same command goes on where it was.
    In the end every table is compared; only then can a server start on the target.
    """
    if source == target:
        raise configured.Refused(["--from and --to are the same database"])
    ends = load({"database": source}), load({"database": target})
    for settings in ends:
        configured.require(configured.database_problems(settings))
    asyncio.run(_copy(*ends))


async def _copy(source: "Settings", target: "Settings") -> None:
    from antechamber.auth.secrets import UnsealFailed
    from antechamber.storage import copying, sealed
    from antechamber.storage.engines import dialect

    def tell(table: copying.Copied) -> None:
        click.echo(f"{table.table:<24}{table.rows:>10} rows  {table.checksum[:16]}")

    async with configured.opened(source) as ours, configured.opened(target, must_be_current=False) as theirs:
        try:
            if await theirs.schema() is None:
                raise configured.Refused(["the target has no schema: run `antechamber migrate` on it"])
            await sealed.walk(ours.read, sealed.try_keys)
            await copying.copy(
                copying.End(ours, dialect(source.database)),
                copying.End(theirs, dialect(target.database)),
                copied=tell,
            )
        except UnsealFailed as error:
            raise configured.Refused(
                ["the master key does not open what the source holds sealed: the target needs the same key"]
            ) from error
        except copying.CopyRefused as error:
            raise configured.Refused(error.problems) from error
    click.echo("copied, and every table is the same")
