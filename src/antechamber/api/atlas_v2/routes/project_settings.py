"""Rows of settings and limits of projects, and of what a project here never has."""

from functools import partial

from antechamber.api.atlas_v2 import project_settings
from antechamber.api.atlas_v2.routes import families
from antechamber.api.atlas_v2.shapes import project_settings as shapes
from antechamber.api.wire import rate_limits
from antechamber.api.wire.operations import Evidence, Operation
from antechamber.api.wire.paging import Paged
from antechamber.domain.permissions import Permission

_documented = partial(families.projects, evidence=Evidence.DOCUMENTED)
_clusters = partial(
    Operation,
    "listGroupClusters",
    "GET",
    "/groups/{groupId}/clusters",
    project_settings.list_group_clusters,
    Permission.PROJECT_READ,
    "List the clusters of the project: it has none.",
    tag="Projects",
    endpoints=rate_limits.PROJECTS,
    evidence=Evidence.DOCUMENTED,
    result=Paged,
    items=dict[str, object],
    parameters=families.PAGING,
)

OPERATIONS: tuple[Operation, ...] = (
    families.projects(
        "getGroupSettings",
        "GET",
        "/groups/{groupId}/settings",
        project_settings.get_group_settings,
        Permission.PROJECT_SETTINGS_READ,
        "Return the settings of the project.",
        result=shapes.GroupSettings,
    ),
    families.projects(
        "updateGroupSettings",
        "PATCH",
        "/groups/{groupId}/settings",
        project_settings.update_group_settings,
        Permission.PROJECT_SETTINGS_UPDATE,
        "Change settings of the project.",
        body=shapes.GroupSettings,
        result=shapes.GroupSettings,
    ),
    _documented(
        "listGroupLimits",
        "GET",
        "/groups/{groupId}/limits",
        project_settings.list_group_limits,
        Permission.PROJECT_READ,
        "List the limits of the project.",
        result=list[shapes.Limit],
    ),
    _documented(
        "getGroupLimit",
        "GET",
        "/groups/{groupId}/limits/{limitName}",
        project_settings.get_group_limit,
        Permission.PROJECT_READ,
        "Return a limit of the project.",
        result=shapes.Limit,
    ),
    _documented(
        "setGroupLimit",
        "PATCH",
        "/groups/{groupId}/limits/{limitName}",
        project_settings.set_group_limit,
        Permission.PROJECT_UPDATE,
        "Set a limit of the project.",
        body=shapes.LimitRequest,
        result=shapes.Limit,
    ),
    _documented(
        "deleteGroupLimit",
        "DELETE",
        "/groups/{groupId}/limits/{limitName}",
        project_settings.delete_group_limit,
        Permission.PROJECT_UPDATE,
        "Set a limit of the project back to its default.",
        success=204,
    ),
    _documented(
        "getGroupIpAddresses",
        "GET",
        "/groups/{groupId}/ipAddresses",
        project_settings.get_group_ip_addresses,
        Permission.PROJECT_READ,
        "Return the addresses of the project's clusters: it has none.",
        result=shapes.IpAddresses,
    ),
    _documented(
        "getGroupManagedSlowMs",
        "GET",
        "/groups/{groupId}/managedSlowMs",
        project_settings.get_group_managed_slow_ms,
        Permission.PROJECT_SETTINGS_READ,
        "Tell whether the threshold for slow operations is managed.",
        result=bool,
    ),
    _documented(
        "enableGroupManagedSlowMs",
        "POST",
        "/groups/{groupId}/managedSlowMs/enable",
        project_settings.enable_group_managed_slow_ms,
        Permission.PROJECT_SETTINGS_UPDATE,
        "Have the threshold for slow operations managed.",
        success=204,
    ),
    _documented(
        "disableGroupManagedSlowMs",
        "DELETE",
        "/groups/{groupId}/managedSlowMs/disable",
        project_settings.disable_group_managed_slow_ms,
        Permission.PROJECT_SETTINGS_UPDATE,
        "Have the threshold for slow operations not managed.",
        success=204,
    ),
    _clusters(version="2023-01-01"),
    _clusters(version="2023-02-01"),
    _clusters(version="2024-08-05"),
)
