"""Settings of organizations."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from antechamber.domain import events
from antechamber.domain.callers import Caller
from antechamber.domain.errors import InvalidAttribute
from antechamber.domain.languages import LANGUAGES
from antechamber.domain.organization_settings import OrganizationSettings, require_settings
from antechamber.domain.permissions import Permission
from antechamber.storage import events as trail
from antechamber.storage import organizations
from antechamber.storage.database import Transaction
from antechamber.usecases import access

# By setting: the event for a new value that holds, and for one that does not.
_EVENTS = {
    "api_access_list_required": (
        events.ORG_PUBLIC_API_ACCESS_LIST_REQUIRED,
        events.ORG_PUBLIC_API_ACCESS_LIST_NOT_REQUIRED,
    ),
    "max_secret_hours": (events.ORG_SERVICE_ACCOUNT_MAX_SECRET_VALIDITY_EDITED,) * 2,
    "multi_factor_auth_required": (events.ORG_TWO_FACTOR_AUTH_REQUIRED, events.ORG_TWO_FACTOR_AUTH_OPTIONAL),
    "operations_contact": (events.OPERATIONS_CONTACT_MODIFIED,) * 2,
    "restrict_employee_access": (
        events.ORG_EMPLOYEE_ACCESS_RESTRICTED,
        events.ORG_EMPLOYEE_ACCESS_UNRESTRICTED,
    ),
    "security_contact": (events.SECURITY_CONTACT_MODIFIED,) * 2,
}
_TIMEOUTS = ("absolute_session_timeout_seconds", "idle_session_timeout_seconds")


async def get(tx: Transaction, caller: Caller, *, organization_id: str) -> OrganizationSettings:
    """Return the organization's settings. Source: contract, getOrgSettings."""
    await access.organization(tx, caller, organization_id, to=Permission.ORGANIZATION_SETTINGS_READ)
    return await organizations.settings(tx, organization_id)


async def update(
    tx: Transaction, caller: Caller, *, organization_id: str, changes: Mapping[str, Any]
) -> OrganizationSettings:
    """Change the settings named in `changes` (fields of OrganizationSettings) and return all of them.

    Raises InvalidAttribute, InvalidEmailAddress. Source: contract, updateOrgSettings; events: DOMAIN.md
    section 8.
    """
    await access.organization(tx, caller, organization_id, to=Permission.ORGANIZATION_SETTINGS_UPDATE)
    await organizations.lock(tx, organization_id)
    before = await organizations.settings(tx, organization_id)
    after = require_settings(replace(before, **changes))
    if after == before:
        return after
    await organizations.keep_settings(tx, organization_id, after)
    await _record(tx, caller, organization_id, events.ORG_SETTINGS_UPDATED)
    for name, (holds, does_not) in _EVENTS.items():
        value = getattr(after, name)
        if value != getattr(before, name):
            await _record(tx, caller, organization_id, holds if value else does_not)
    if any(getattr(after, name) != getattr(before, name) for name in _TIMEOUTS):
        await _record(tx, caller, organization_id, events.CUSTOM_SESSION_TIMEOUT_MODIFIED)
    return after


async def choose_language(tx: Transaction, caller: Caller, *, organization_id: str, language: str) -> None:
    """Have the organization's mails and pages speak a language, empty for the server's own.

    Raises InvalidAttribute for one that there is not.
    """
    await access.organization(tx, caller, organization_id, to=Permission.ORGANIZATION_SETTINGS_UPDATE)
    if language and language not in LANGUAGES:
        raise InvalidAttribute("language")
    await organizations.lock(tx, organization_id)
    if language != await organizations.language(tx, organization_id):
        await organizations.keep_language(tx, organization_id, language)
        await _record(tx, caller, organization_id, events.ORG_SETTINGS_UPDATED)


async def _record(tx: Transaction, caller: Caller, organization_id: str, type_name: str) -> None:
    await trail.append(
        tx, events.by(caller, type_name, id=tx.new_id(), organization_id=organization_id, now=tx.now)
    )
