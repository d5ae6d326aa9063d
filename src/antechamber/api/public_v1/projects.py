"""Projects as this generation shows them: with what an agent would report, had the server any.

Source: contract, OPERATIONS.md section 3.
"""

from typing import Any

from msgspec import Struct

from antechamber.api.atlas_v2.shapes.projects import GroupShape
from antechamber.api.wire.operations import Call, Handler, Reply
from antechamber.api.wire.paging import Link, Paged


class HostCounts(Struct):
    """Monitored processes by kind."""

    arbiter: int = 0
    config: int = 0
    master: int = 0
    mongos: int = 0
    primary: int = 0
    secondary: int = 0
    slave: int = 0


class ProjectShape(Struct, rename="camel"):
    """A project."""

    active_agent_count: int
    host_counts: HostCounts
    id: str
    links: list[Link]
    name: str
    org_id: str
    public_api_enabled: bool
    replica_set_count: int
    shard_count: int
    tags: list[str]


def _shape(group: GroupShape) -> ProjectShape:
    # No agent reports to this server and nothing is monitored: the counts are true.
    tags = group.tags if isinstance(group.tags, list) else []
    return ProjectShape(
        active_agent_count=0,
        host_counts=HostCounts(),
        id=group.id,
        links=group.links,
        name=group.name,
        org_id=group.org_id,
        public_api_enabled=True,
        replica_set_count=0,
        shard_count=0,
        tags=[f"{tag.key}:{tag.value}" for tag in tags],
    )


def reshaped(handler: Handler) -> Handler:
    """Return a handler of v2 that answers with projects of this generation, one or a page of them."""

    async def reshaping(call: Call) -> Any:
        answer = await handler(call)
        if isinstance(answer, Reply):
            return Reply(_shape(answer.value), answer.headers)
        if isinstance(answer, Paged):
            answer.results = [_shape(group) for group in answer.results]
            return answer
        return _shape(answer)

    return reshaping
