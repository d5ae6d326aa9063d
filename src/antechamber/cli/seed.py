"""`antechamber seed`: checks seed files, or fills a configured database from them."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import click

from antechamber.cli import configured


@click.command(short_help="Fill the database from seed files, or only check them.")
@configured.options
@click.option("--check", is_flag=True, help="Say what is wrong with the files; needs no database.")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False), metavar="FILE..."
)
def seed(load: configured.Load, check: bool, files: tuple[Path, ...]) -> None:
    """Fill the database from seed files, or only check them. The format: docs/seed.md.

    Either all that the files say comes in, or nothing.
    """
    from antechamber.cli.create_owner import plant
    from antechamber.cli.seed_files import read_seeds
    from antechamber.domain.seeds import SeedRefused, require
    from antechamber.usecases.seeding import hash_passwords

    try:
        value = read_seeds(files)
        if check:
            require(value, datetime.now(UTC).replace(microsecond=0))
            asyncio.run(hash_passwords(value))
        else:
            settings = load()
            configured.require(configured.database_problems(settings))
            asyncio.run(plant(settings, value))
    except SeedRefused as error:
        raise configured.Refused(error.problems) from error
    count = len(value.organizations)
    words = "1 organization" if count == 1 else f"{count} organizations"
    click.echo(f"{words}: {'nothing wrong' if check else 'planted'}")
