"""Settings of projects, and their limits of what this server has none of."""

from collections.abc import Mapping
from dataclasses import replace

from antechamber.domain import events, project_limits
from antechamber.domain.callers import Caller
from antechamber.domain.permissions import Permission
from antechamber.domain.project_limits import ProjectLimit
from antechamber.domain.project_settings import ProjectSettings
from antechamber.domain.projects import Project
from antechamber.storage import events as trail
from antechamber.storage import limits, organizations, projects
from antechamber.storage.database import Transaction
from antechamber.usecases import access

_EVENTS = {
    "is_collect_database_specifics_statistics_enabled": events.PROJECT_COLLECT_DATABASE_STATISTICS_UPDATED,
    "is_data_validation_enabled": events.PROJECT_ENABLE_DATA_VALIDATION_UPDATED,
    "is_extended_storage_sizes_enabled": events.PROJECT_ENABLE_EXTENDED_STORAGE_SIZES_UPDATED,
}


async def get(tx: Transaction, caller: Caller, *, project_id: str) -> ProjectSettings:
    """Return the project's settings. Source: contract, getGroupSettings."""
    project = await access.project(tx, caller, project_id, to=Permission.PROJECT_SETTINGS_READ)
    return await projects.settings(tx, project)


async def update(
    tx: Transaction, caller: Caller, *, project_id: str, changes: Mapping[str, bool]
) -> ProjectSettings:
    """Change the settings named in `changes` (fields of ProjectSettings) and return all of them.

    Source: contract, updateGroupSettings.
    """
    project = await access.project(tx, caller, project_id, to=Permission.PROJECT_SETTINGS_UPDATE)
    await organizations.lock(tx, project.organization_id)
    before = await projects.settings(tx, project)
    after = replace(before, **changes)
    if after != before:
        await projects.keep_settings(tx, project, after)
        changed = [name for name, value in changes.items() if value != getattr(before, name)]
        for type_name in dict.fromkeys(_event_of(name, changes[name]) for name in changed):
            await _record(tx, caller, project, type_name)
    return after


def _event_of(name: str, value: bool) -> str:
    if name == "is_data_explorer_enabled":
        return events.DATA_EXPLORER_ENABLED if value else events.DATA_EXPLORER_DISABLED
    return _EVENTS.get(name, events.GROUP_SETTINGS_UPDATED)


async def list_limits(tx: Transaction, caller: Caller, *, project_id: str) -> list[ProjectLimit]:
    """Return all limits of the project, by name."""
    project = await access.project(tx, caller, project_id, to=Permission.PROJECT_READ)
    own = await limits.own(tx, project.organization_id, project_id)
    return [
        ProjectLimit(name, own.get(name, bounds.default), bounds)
        for name, bounds in sorted(project_limits.BOUNDS.items())
    ]


async def get_limit(tx: Transaction, caller: Caller, *, project_id: str, name: str) -> ProjectLimit:
    """Return one limit of the project. Raises LimitNotFound."""
    project = await access.project(tx, caller, project_id, to=Permission.PROJECT_READ)
    bounds = project_limits.bounds_of(name)
    own = await limits.own(tx, project.organization_id, project_id)
    return ProjectLimit(name, own.get(name, bounds.default), bounds)


async def set_limit(
    tx: Transaction, caller: Caller, *, project_id: str, name: str, value: int
) -> ProjectLimit:
    """Set one limit of the project. Raises LimitNotFound, InvalidAttribute beyond the most it can be."""
    project = await access.project(tx, caller, project_id, to=Permission.PROJECT_UPDATE)
    kept = project_limits.require_value(name, value)
    await limits.set_own(tx, project.organization_id, project_id, name, kept)
    await _record(tx, caller, project, events.PROJECT_LIMIT_UPDATED)
    return ProjectLimit(name, kept, project_limits.bounds_of(name))


async def reset_limit(tx: Transaction, caller: Caller, *, project_id: str, name: str) -> None:
    """Set one limit of the project back to its default. Raises LimitNotFound."""
    project = await access.project(tx, caller, project_id, to=Permission.PROJECT_UPDATE)
    project_limits.bounds_of(name)
    if await limits.reset(tx, project.organization_id, project_id, name):
        await _record(tx, caller, project, events.PROJECT_LIMIT_UPDATED)


async def _record(tx: Transaction, caller: Caller, project: Project, type_name: str) -> None:
    await trail.append(
        tx,
        events.by(
            caller,
            type_name,
            id=tx.new_id(),
            organization_id=project.organization_id,
            project_id=project.id,
            now=tx.now,
        ),
    )
