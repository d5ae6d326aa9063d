"""An organization: the tenant to which everything else belongs."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Organization:
    """One organization.

    api_access_list_required: API calls must come from a listed address. authority_version: see
    storage.organizations.authority_version.
    """

    id: str
    name: str
    created_at: datetime
    skip_default_alerts_settings: bool = False
    api_access_list_required: bool = False
    authority_version: int = 0
