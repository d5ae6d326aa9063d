"""Operations on projects."""

from typing import Any

import msgspec

from antechamber.api.atlas_v2.shapes import projects as shapes
from antechamber.api.wire.errors import InvalidQueryParameter
from antechamber.api.wire.operations import Call, Reply
from antechamber.api.wire.paging import paged
from antechamber.domain.ids import is_id
from antechamber.usecases import projects


class _Nothing(msgspec.Struct):
    """An empty object."""


async def list_groups(call: Call) -> Any:
    """Return the projects that the caller can reach."""
    page = await projects.list_for_caller(call.tx, call.caller, page=call.query.page())
    return paged(
        page,
        lambda one: shapes.listed_group(one, call.api_url),
        base_url=call.base_url,
        path=call.path,
        query=call.query,
    )


async def create_group(call: Call) -> Any:
    """Create a project."""
    body: shapes.GroupRequest = call.body
    owner_id = call.query.text("projectOwnerId")
    if owner_id is not None and not is_id(owner_id):
        raise InvalidQueryParameter("projectOwnerId")
    project = await projects.create(
        call.tx,
        call.caller,
        organization_id=body.org_id,
        name=body.name,
        owner_id=owner_id,
        tags=shapes.tags(body.tags or []),
        with_default_alerts_settings=body.with_default_alerts_settings is not False,
    )
    # Recorded with the literal double slash; no client reads it.
    return Reply(
        shapes.group(project, call.api_url, is_new=True),
        (("location", f"{call.base_url}//api/atlas/v1.0"),),
    )


async def get_group(call: Call) -> Any:
    """Return one project."""
    project = await projects.get(call.tx, call.caller, project_id=call.parameters["groupId"])
    return shapes.group(project, call.api_url)


async def get_group_by_name(call: Call) -> Any:
    """Return the project of a name."""
    project = await projects.get_by_name(call.tx, call.caller, name=call.parameters["groupName"])
    return shapes.group(project, call.api_url)


async def update_group(call: Call) -> Any:
    """Rename a project, or set its tags or flag."""
    body: shapes.GroupChange = call.body
    project = await projects.update(
        call.tx,
        call.caller,
        project_id=call.parameters["groupId"],
        name=body.name,
        tags=None if body.tags is None else shapes.tags(body.tags),
        with_default_alerts_settings=body.with_default_alerts_settings,
    )
    return shapes.group(project, call.api_url)


async def delete_group(call: Call) -> Any:
    """Delete a project; recorded as 202 with an empty object."""
    await projects.delete(call.tx, call.caller, project_id=call.parameters["groupId"])
    return _Nothing()
