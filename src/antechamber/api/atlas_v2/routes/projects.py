"""Rows of projects."""

from antechamber.api.atlas_v2 import projects
from antechamber.api.atlas_v2.routes import families
from antechamber.api.atlas_v2.shapes import projects as shapes
from antechamber.api.wire import rate_limits
from antechamber.api.wire.operations import Operation
from antechamber.api.wire.paging import Paged
from antechamber.domain.permissions import Permission

OPERATIONS: tuple[Operation, ...] = (
    families.projects(
        "listGroups",
        "GET",
        "/groups",
        projects.list_groups,
        Permission.PROJECTS_LIST,
        "List the projects the caller can reach.",
        endpoints=rate_limits.PROJECTS_OF_CALLER,
        result=Paged,
        items=shapes.GroupShape,
        parameters=families.PAGING,
    ),
    families.projects(
        "createGroup",
        "POST",
        "/groups",
        projects.create_group,
        Permission.PROJECT_CREATE,
        "Create a project.",
        endpoints=rate_limits.PROJECTS_OF_CALLER,
        body=shapes.GroupRequest,
        result=shapes.GroupShape,
        success=201,
        parameters=("projectOwnerId",),
    ),
    families.projects(
        "getGroupByName",
        "GET",
        "/groups/byName/{groupName}",
        projects.get_group_by_name,
        Permission.PROJECT_READ,
        "Return the project of a name.",
        endpoints=rate_limits.PROJECTS_OF_CALLER,
        result=shapes.GroupShape,
    ),
    families.projects(
        "getGroup",
        "GET",
        "/groups/{groupId}",
        projects.get_group,
        Permission.PROJECT_READ,
        "Return a project.",
        reads_one=True,
        result=shapes.GroupShape,
    ),
    families.projects(
        "updateGroup",
        "PATCH",
        "/groups/{groupId}",
        projects.update_group,
        Permission.PROJECT_UPDATE,
        "Rename a project, or set its tags.",
        body=shapes.GroupChange,
        result=shapes.GroupShape,
    ),
    families.projects(
        "deleteGroup",
        "DELETE",
        "/groups/{groupId}",
        projects.delete_group,
        Permission.PROJECT_DELETE,
        "Delete a project.",
        success=202,
        result=dict[str, object],
    ),
)
