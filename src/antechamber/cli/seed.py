"""`antechamber seed`, `import` and `export`: organizations from files, and into one."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from antechamber.cli import configured

if TYPE_CHECKING:
    from antechamber.domain.seeds import OrganizationSeed, Seed
    from antechamber.settings import Settings

_files = click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False), metavar="FILE..."
)


@click.command(short_help="Fill the database from seed files, or only check them.")
@configured.options
@click.option("--check", is_flag=True, help="Say what is wrong with the files; needs no database.")
@_files
def seed(load: configured.Load, check: bool, files: tuple[Path, ...]) -> None:
    """Fill the database from seed files, or only check them. The format: docs/seed.md.

    Either all that the files say comes in, or nothing. A secret that they leave out is made, and printed
    this once.
    """
    _plant(load, files, check=check, keep_ids=True, done="planted")


@click.command("import", short_help="Bring organizations in that `export` wrote.")
@configured.options
@click.option("--keep-ids", is_flag=True, help="Give everything the id that it has in the file.")
@_files
def import_(load: configured.Load, keep_ids: bool, files: tuple[Path, ...]) -> None:
    """Bring organizations in that `export` wrote, with new ids and new secrets, which are printed this once.

    People who have an account here keep it. Public keys and client ids stay, and must be free.
    """
    _plant(load, files, check=False, keep_ids=keep_ids, done="imported")


@click.command(short_help="Write an organization as a seed file.")
@configured.options
@click.argument("organization_id")
def export(load: configured.Load, organization_id: str) -> None:
    """Write an organization as a seed file, on standard output; docs/seed.md says what it leaves out."""
    from antechamber.cli.seed_files import written
    from antechamber.domain.seeds import Seed

    settings = load()
    configured.require(configured.database_problems(settings))
    found = asyncio.run(_export(settings, organization_id))
    click.echo("# Without secrets: `import` makes new ones, and prints them once.")
    click.echo(written(Seed((found,))), nl=False)


async def _export(settings: "Settings", organization_id: str) -> "OrganizationSeed":
    from antechamber.domain.errors import OrganizationNotFound
    from antechamber.usecases import exporting

    async with configured.opened(settings) as database:
        try:
            return await database.read(lambda tx: exporting.organization_seed(tx, organization_id))
        except OrganizationNotFound as error:
            raise configured.Refused([f"there is no organization {organization_id}"]) from error


def _plant(load: configured.Load, files: tuple[Path, ...], *, check: bool, keep_ids: bool, done: str) -> None:
    from antechamber.cli.create_owner import plant
    from antechamber.cli.seed_files import read_seeds
    from antechamber.domain.seeds import SeedRefused, require, without_ids
    from antechamber.usecases.seeding import hash_passwords

    try:
        value = read_seeds(files)
        if check:
            require(value, datetime.now(UTC).replace(microsecond=0))
            asyncio.run(hash_passwords(value))
        else:
            settings = load()
            configured.require(configured.database_problems(settings))
            value = value if keep_ids else without_ids(value)
            asyncio.run(plant(settings, value))
    except SeedRefused as error:
        raise configured.Refused(error.problems) from error
    count = len(value.organizations)
    words = "1 organization" if count == 1 else f"{count} organizations"
    click.echo(f"{words}: {'nothing wrong' if check else done}")
    if not check:
        _show_new_secrets(value)


def _show_new_secrets(value: "Seed") -> None:
    for organization in value.organizations:
        made = [(key.public_key, key.private_key) for key in organization.api_keys if key.is_new]
        made += [(one.client_id, one.secret) for one in organization.service_accounts if one.is_new]
        for name, secret in made:
            click.echo(f"{organization.name}: {name} {secret}")
