"""Programmatic API keys: a public and a private half, used with HTTP Digest."""

from dataclasses import dataclass
from datetime import datetime

from antechamber.domain.errors import ApiKeyWithoutDescription, InvalidApiKeyDescription
from antechamber.domain.invitations import ProjectRole

DESCRIPTION_CHARACTERS = 250


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key. The private half is not here: only its last characters, for showing it masked.

    roles: on the organization. project_roles: direct ones, by project.
    """

    id: str
    organization_id: str
    public_key: str
    private_key_tail: str
    description: str
    roles: tuple[str, ...]
    created_at: datetime
    project_roles: tuple[ProjectRole, ...] = ()


def require_description(text: str) -> str:
    """Return the description. Raises ApiKeyWithoutDescription, InvalidApiKeyDescription.

    Source: contract, DOMAIN.md section 6.
    """
    if not text.strip():
        raise ApiKeyWithoutDescription
    if len(text) > DESCRIPTION_CHARACTERS:
        raise InvalidApiKeyDescription(DESCRIPTION_CHARACTERS)
    return text
