"""The program: one file a command.

Lives here: reading the command line, starting and stopping, talking to whoever runs it.
May call: everything below. Never: a rule, a statement, a request. What is slow to import is imported by
the command that needs it.
"""

import click

from antechamber import __version__
from antechamber.cli.backup import backup
from antechamber.cli.copy import copy
from antechamber.cli.create_owner import create_owner
from antechamber.cli.deliver_mail import deliver_mail
from antechamber.cli.dev import dev
from antechamber.cli.doctor import doctor
from antechamber.cli.env import env
from antechamber.cli.healthcheck import healthcheck
from antechamber.cli.migrate import migrate
from antechamber.cli.rotate_keys import rotate_keys
from antechamber.cli.seed import export, import_, seed
from antechamber.cli.serve import serve


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="antechamber")
def main() -> None:
    """The access desk of the MongoDB Atlas Administration API, self-hosted."""


for _command in (
    dev,
    serve,
    deliver_mail,
    migrate,
    create_owner,
    seed,
    export,
    import_,
    copy,
    backup,
    rotate_keys,
    doctor,
    healthcheck,
    env,
):
    main.add_command(_command)
