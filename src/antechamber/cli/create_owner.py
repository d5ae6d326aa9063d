"""`antechamber create-owner`: the first organization of an empty database, and a key to it."""

import asyncio
import functools
from typing import TYPE_CHECKING

import click

from antechamber.cli import configured

if TYPE_CHECKING:
    from antechamber.domain.seeds import Seed
    from antechamber.settings import Settings
    from antechamber.usecases.seeding import Planted


@click.command("create-owner", short_help="Make an organization, its owner and an API key.")
@configured.options
@click.option("--organization", required=True, metavar="NAME", help="Its name.")
@click.option("--username", required=True, metavar="E-MAIL", help="The address of its owner.")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON.")
def create_owner(load: configured.Load, organization: str, username: str, as_json: bool) -> None:
    """Make an organization, its owner and an API key; the key is printed this once.

    Further organizations can be made through the API. Each call of this command makes another one.
    """
    from antechamber.auth import api_keys
    from antechamber.domain.roles import ORG_OWNER
    from antechamber.domain.seeds import ApiKeySeed, OrganizationSeed, Seed, SeedRefused, UserSeed

    settings = load()
    configured.require(configured.database_problems(settings))
    key = ApiKeySeed(
        api_keys.new_public_key(),
        api_keys.new_private_key(),
        description="made by create-owner",
        roles=(ORG_OWNER,),
    )
    owner = UserSeed(username, roles=(ORG_OWNER,))
    seed = Seed((OrganizationSeed(organization, users=(owner,), api_keys=(key,)),))
    try:
        planted = asyncio.run(plant(settings, seed))
    except SeedRefused as error:
        raise configured.Refused(error.problems) from error
    made = {
        "orgId": planted[0].organization_id,
        "username": username,
        "publicKey": key.public_key,
        "privateKey": key.private_key,
    }
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(made))
    else:
        for name, value in zip(
            ("organization", "owner", "public key", "private key"), made.values(), strict=True
        ):
            click.echo(f"{name:<14}{value}")
        click.echo("The private key is kept nowhere in clear: note it now.", err=True)


async def plant(settings: "Settings", seed: "Seed") -> "list[Planted]":
    """Plant a seed in the configured database. Raises Refused, SeedRefused."""
    from antechamber.usecases import seeding

    hashes = await seeding.hash_passwords(seed)
    async with configured.opened(settings) as database:
        return await database.write(functools.partial(seeding.plant, seed=seed, password_hashes=hashes))
