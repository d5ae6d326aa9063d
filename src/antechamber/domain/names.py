"""Names of organizations, projects and teams."""

import unicodedata

from antechamber.domain.errors import InvalidOrganizationName, InvalidProjectName, InvalidTeamName

LENGTH_CHARACTERS = 64
_PUNCTUATION = frozenset("-_.(),:&@+' ")


def _normalized(name: str) -> str | None:
    """Return name in NFC if it keeps the published pattern, else None.

    Letters and digits of every script, some punctuation, and spaces inside but not at the ends.
    Source: contract, DOMAIN.md section 5 and DECISIONS.md 5 and 20.
    """
    name = unicodedata.normalize("NFC", name)
    if not 1 <= len(name) <= LENGTH_CHARACTERS or name != name.strip(" "):
        return None
    if all(letter in _PUNCTUATION or unicodedata.category(letter)[0] in "LN" for letter in name):
        return name
    return None


def organization_name(name: str) -> str:
    """Return the name as it is kept. Raises InvalidOrganizationName."""
    kept = _normalized(name)
    if kept is None:
        raise InvalidOrganizationName(name)
    return kept


def project_name(name: str) -> str:
    """Return the name as it is kept. Raises InvalidProjectName."""
    kept = _normalized(name)
    if kept is None:
        raise InvalidProjectName(name)
    return kept


def team_name(name: str) -> str:
    """Return the name as it is kept. Raises InvalidTeamName."""
    kept = _normalized(name)
    if kept is None:
        raise InvalidTeamName(name)
    return kept
