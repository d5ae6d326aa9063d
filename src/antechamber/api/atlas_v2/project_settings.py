"""Operations on settings and limits of projects, and on what a project here never has."""

from typing import Any

from antechamber.api.atlas_v2.shapes import project_settings as shapes
from antechamber.api.wire.operations import Call, Reply
from antechamber.api.wire.paging import paged
from antechamber.domain.errors import InvalidAttribute
from antechamber.domain.paging import Page
from antechamber.domain.project_settings import ProjectSettings
from antechamber.usecases import project_settings, projects


def _settings(call: Call, settings: ProjectSettings) -> Reply:
    # Recorded with the literal double slash; no client reads it.
    location = f"{call.base_url}//api/atlas/v1.0"
    return Reply(shapes.group_settings(settings), (("location", location),))


async def get_group_settings(call: Call) -> Any:
    """Return the settings of a project."""
    found = await project_settings.get(call.tx, call.caller, project_id=call.parameters["groupId"])
    return _settings(call, found)


async def update_group_settings(call: Call) -> Any:
    """Change settings of a project."""
    changed = await project_settings.update(
        call.tx,
        call.caller,
        project_id=call.parameters["groupId"],
        changes=shapes.changes(call.body),
    )
    return _settings(call, changed)


async def get_group_managed_slow_ms(call: Call) -> Any:
    """Tell whether the threshold for slow operations is managed."""
    found = await project_settings.get(call.tx, call.caller, project_id=call.parameters["groupId"])
    return found.managed_slow_ms


async def enable_group_managed_slow_ms(call: Call) -> None:
    """Have the threshold for slow operations managed."""
    await _manage_slow_ms(call, True)


async def disable_group_managed_slow_ms(call: Call) -> None:
    """Have the threshold for slow operations not managed."""
    await _manage_slow_ms(call, False)


async def _manage_slow_ms(call: Call, managed: bool) -> None:
    await project_settings.update(
        call.tx,
        call.caller,
        project_id=call.parameters["groupId"],
        changes={"managed_slow_ms": managed},
    )


async def list_group_limits(call: Call) -> Any:
    """Return the limits of a project."""
    found = await project_settings.list_limits(call.tx, call.caller, project_id=call.parameters["groupId"])
    return [shapes.limit(one) for one in found]


async def get_group_limit(call: Call) -> Any:
    """Return one limit of a project."""
    found = await project_settings.get_limit(
        call.tx,
        call.caller,
        project_id=call.parameters["groupId"],
        name=call.parameters["limitName"],
    )
    return shapes.limit(found)


async def set_group_limit(call: Call) -> Any:
    """Set one limit of a project."""
    body: shapes.LimitRequest = call.body
    name = call.parameters["limitName"]
    if body.name is not None and body.name != name:
        raise InvalidAttribute("name")
    changed = await project_settings.set_limit(
        call.tx, call.caller, project_id=call.parameters["groupId"], name=name, value=body.value
    )
    return shapes.limit(changed)


async def delete_group_limit(call: Call) -> None:
    """Set one limit of a project back to its default."""
    await project_settings.reset_limit(
        call.tx,
        call.caller,
        project_id=call.parameters["groupId"],
        name=call.parameters["limitName"],
    )


async def get_group_ip_addresses(call: Call) -> Any:
    """Return the addresses of a project's clusters: there are none."""
    project = await projects.get(call.tx, call.caller, project_id=call.parameters["groupId"])
    return shapes.IpAddresses(project.id, shapes.Services())


async def list_group_clusters(call: Call) -> Any:
    """Return the clusters of a project: there are none."""
    await projects.get(call.tx, call.caller, project_id=call.parameters["groupId"])
    nothing: Page[None] = Page([], 0, call.query.page())
    return paged(nothing, lambda none: none, base_url=call.base_url, path=call.path, query=call.query)
