"""`antechamber backup`: a copy of a SQLite database that is whole, made while servers write."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from antechamber.cli import configured

if TYPE_CHECKING:
    from antechamber.settings import Settings


@click.command(short_help="Back a SQLite database up while it is in use.")
@configured.options
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(load: configured.Load, file: Path) -> None:
    """Back a SQLite database up into a new FILE while it is in use; to restore it, put the file back.

    Copying the file by other means while a server runs loses what still stands in its log, or tears it.
    """
    settings = load()
    configured.require(configured.database_problems(settings))
    asyncio.run(_backup(settings, file))
    click.echo(f"{file}: {file.stat().st_size} bytes, checked")


async def _backup(settings: "Settings", file: Path) -> None:
    from antechamber.storage import backups
    from antechamber.storage.engines import dialect, sqlite_path

    if dialect(settings.database) != "sqlite":
        raise configured.Refused(["PostgreSQL has its own: pg_dump, or a base backup and its log"])
    if file.exists():  # noqa: ASYNC240 - nothing else runs in this loop
        raise configured.Refused([f"{file} is there already"])
    async with configured.opened(settings):
        try:
            backups.back_up(sqlite_path(settings.database), file)
        except OSError as error:
            raise configured.Refused([f"{file}: {error.strerror or error}"]) from error
