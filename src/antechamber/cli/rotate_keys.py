"""`antechamber rotate-keys`: what old master keys sealed is sealed with the present one."""

import asyncio
from typing import TYPE_CHECKING

import click

from antechamber.cli import configured

if TYPE_CHECKING:
    from antechamber.settings import Settings


@click.command("rotate-keys", short_help="Seal everything anew with the present master key.")
@configured.options
def rotate_keys(load: configured.Load) -> None:
    """Seal everything anew with the present master key; servers may run meanwhile. Can be repeated.

    The settings name the keys to open with in old_master_keys; afterwards they can go from there.
    """
    settings = load()
    configured.require(configured.database_problems(settings))
    count = asyncio.run(_rotate(settings))
    click.echo(f"sealed anew: {count}; nothing in the database needs an old key any more")


async def _rotate(settings: "Settings") -> int:
    from antechamber.auth.secrets import UnsealFailed
    from antechamber.storage import sealed

    async with configured.opened(settings) as database:
        try:
            return await sealed.walk(database.write, sealed.reseal)
        except UnsealFailed as error:
            raise configured.Refused(
                ["something is sealed with a key that is neither master_key nor in old_master_keys"]
            ) from error
