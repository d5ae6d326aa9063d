"""`antechamber env`: what clients need to reach a running dev server, as variables."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from antechamber.cli.running_info import Notation, RunningInfo


@click.command(short_help="Print what clients need to reach a running dev server.")
@click.option(
    "--format",
    "notation",
    type=click.Choice(["shell", "dotenv", "json"]),
    default="shell",
    show_default=True,
    help="shell can be sourced, dotenv is the same without export.",
)
@click.option(
    "--auth",
    type=click.Choice(["api-key", "service-account"]),
    default="api-key",
    show_default=True,
    help="What to sign in with.",
)
@click.option("--port", type=int, help="The server on this port.")
@click.option(
    "--data", type=click.Path(path_type=Path), metavar="DIR", help="The server with this data folder."
)
@click.option(
    "--info", type=click.Path(path_type=Path), metavar="FILE", help="The server that wrote this file."
)
def env(notation: "Notation", auth: str, port: int | None, data: Path | None, info: Path | None) -> None:
    """Print what clients need to reach a running dev server: eval "$(antechamber env)".

    Without --port, --data and --info it is the only server of this user that runs, or the one on port 8080.
    """
    from antechamber.cli import running_info

    if info is not None:
        found = _answering([info])
    elif data is not None:
        found = _answering([data / "dev.json"])
    else:
        found = _answering(_runtime_files(port))
    if len(found) > 1:
        found = [one for one in found if one.url.endswith(":8080")] or found
    if len(found) > 1:
        urls = ", ".join(one.url for one in found)
        raise click.ClickException(f"several servers run, choose one with --port: {urls}")
    if not found:
        raise click.ClickException("no such dev server answers; `antechamber dev` starts one")
    click.echo(running_info.formatted(running_info.variables(found[0], auth), notation), nl=False)


def _runtime_files(port: int | None) -> list[Path]:
    from antechamber.cli.running_info import runtime_folder

    folder = runtime_folder()
    # In a folder that everybody may write, somebody else could have made it.
    if not folder.is_dir() or folder.stat().st_uid != os.getuid():
        return []
    return sorted(folder.glob(f"dev-{port or '*'}.json"))


def _answering(files: list[Path]) -> "list[RunningInfo]":
    import msgspec

    from antechamber.cli.asking import status_of
    from antechamber.cli.running_info import RunningInfo

    found = []
    for file in files:
        try:
            info = msgspec.json.decode(file.read_bytes(), type=RunningInfo)
        except (OSError, msgspec.MsgspecError):
            continue
        if status_of(info.url, "/healthz") == 200:
            found.append(info)
    return found
