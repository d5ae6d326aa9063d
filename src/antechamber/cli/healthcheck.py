"""`antechamber healthcheck`: for containers and supervisors."""

import click

from antechamber.cli import configured


@click.command(short_help="Exit with 0 when the server is ready.")
@click.option("--url", help="Where the server is; by default where the settings put it, on this machine.")
def healthcheck(url: str | None) -> None:
    """Exit with 0 when the server is ready, with 1 when it is not or does not answer."""
    from antechamber.cli.asking import status_of

    url = url or _configured_url()
    status = status_of(url, "/readyz")
    if status == 200:
        click.echo("ready")
        return
    click.echo(f"{url}: {'no answer' if status is None else f'not ready ({status})'}", err=True)
    raise click.exceptions.Exit(1)


def _configured_url() -> str:
    from antechamber.settings import InvalidSettings, load

    try:
        settings = load(flags={})
    except InvalidSettings as error:
        raise configured.Refused(error.problems) from error
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    scheme = "https" if settings.tls_certificate else "http"
    return f"{scheme}://[{host}]:{settings.port}" if ":" in host else f"{scheme}://{host}:{settings.port}"
