"""What the server says of itself. Source: contract, getSystemStatus."""

from msgspec import Struct

from antechamber.api.atlas_v2.shapes.api_keys import RoleAssignment
from antechamber.api.wire.paging import Link
from antechamber.usecases.system import CallerStatus


class AccessListItem(Struct, rename="camel"):
    """One address or block from which the caller may come."""

    cidr_block: str
    ip_address: str | None


class CallerShape(Struct, rename="camel"):
    """The credential that asks."""

    access_list: list[AccessListItem]
    id: str
    public_key: str
    roles: list[RoleAssignment]


class SystemStatus(Struct, rename="camel"):
    """The server and the caller."""

    api_key: CallerShape
    app_name: str
    build: str
    links: list[Link]
    throttling: bool


def system_status(status: CallerStatus, *, build: str, api_url: str) -> SystemStatus:
    """Return the shape of the root resource, 2023-01-01."""
    caller = status.caller
    roles = [RoleAssignment(org_id=caller.organization.id, role_name=role) for role in sorted(caller.roles)]
    for project_id, names in status.project_roles.items():
        roles.extend(RoleAssignment(group_id=project_id, role_name=name) for name in names)
    listed = [AccessListItem(block, _single(block)) for block in status.networks]
    shown = CallerShape(listed, caller.id, caller.name, roles)
    return SystemStatus(shown, "MongoDB Atlas", build, [Link(api_url, "self")], throttling=False)


def _single(block: str) -> str | None:
    address, _, length = block.partition("/")
    return address if length == ("128" if ":" in address else "32") else None
