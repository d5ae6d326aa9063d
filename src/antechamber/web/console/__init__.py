"""The console: where owners see and steer their organizations, below /console.

Every page asks the use cases that the API asks, as the person who is signed in; one file a noun.
"""

from starlette.routing import BaseRoute

from antechamber.web.console import (
    api_keys,
    events,
    invitations,
    inviting,
    mail,
    organizations,
    people,
    projects,
    service_accounts,
    teams,
)

_NOUNS = (
    organizations,
    people,
    invitations,
    inviting,
    projects,
    teams,
    api_keys,
    service_accounts,
    events,
    mail,
)


def routes() -> list[BaseRoute]:
    """Return the routes of the console."""
    return [route for noun in _NOUNS for route in noun.routes()]
