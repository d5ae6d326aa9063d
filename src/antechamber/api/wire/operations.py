"""The operation table: what the server answers, in which versions, to whom; and finding a row in it."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from antechamber.api.wire import media_types
from antechamber.api.wire.errors import (
    InvalidPathParameter,
    MalformedOrganizationId,
    MalformedProjectId,
    MalformedTeamId,
    MalformedUserId,
    MethodNotAllowed,
)
from antechamber.api.wire.messages import Header
from antechamber.api.wire.queries import Query
from antechamber.api.wire.rate_limits import EndpointSet
from antechamber.domain.callers import Caller
from antechamber.domain.errors import Refusal, ResourceNotFound
from antechamber.domain.ids import is_id
from antechamber.domain.permissions import Permission
from antechamber.domain.roles import PROJECT_ROLES
from antechamber.domain.service_accounts import is_client_id


class Evidence(StrEnum):
    """How the behaviour of an operation is known."""

    RECORDED = "recorded"
    DOCUMENTED = "documented"
    REPORTED = "reported"
    INFERRED = "inferred"


@dataclass(slots=True)
class Call:
    """An understood request of a known caller, inside its transaction."""

    tx: Any
    caller: Caller
    parameters: dict[str, str]
    query: Query
    body: Any
    base_url: str
    path: str
    # Scheme, host and base path of the generation: what links to its resources begin with.
    api_url: str
    # The project roles that the generation knows.
    project_roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with headers of its own; without them a handler returns the value alone."""

    value: Any
    headers: tuple[Header, ...] = ()


Handler = Callable[[Call], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Deprecation:
    """Header values of a version that is to go; since: "" where only its end is known.

    Source: contract, WIRE.md section 3.
    """

    since: str
    sunset: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation in one version.

    path: below the base path, parameters in braces. permission: what the caller needs (INV-1). body: the
    type of the request body, None for none. result: the type of the answer, None for none, a union with
    None where there may be none. items: what is on a page, where the answer is one. success: its status;
    a value of None is sent as 204. parameters: query parameters it reads besides envelope and pretty.
    reads_one: once the caller may have it, one statement reads all of the answer, so that it needs no
    snapshot. prepare: makes of the body what the handler gets, for work that would hold up a transaction;
    done for known callers only.
    """

    id: str
    method: str
    path: str
    handler: Handler
    permission: Permission
    summary: str
    version: str = field(kw_only=True)
    endpoints: EndpointSet = field(kw_only=True)
    evidence: Evidence = field(kw_only=True)
    tag: str = field(kw_only=True)
    result: Any = field(default=None, kw_only=True)
    items: Any = field(default=None, kw_only=True)
    body: Any = field(default=None, kw_only=True)
    reads_one: bool = field(default=False, kw_only=True)
    prepare: Callable[[Any], Awaitable[Any]] | None = field(default=None, kw_only=True)
    success: int = field(default=200, kw_only=True)
    deprecated: Deprecation | None = field(default=None, kw_only=True)
    parameters: tuple[str, ...] = field(default=(), kw_only=True)

    @property
    def writes(self) -> bool:
        """Whether it may change something: every method but GET may."""
        return self.method != "GET"


_MALFORMED: dict[str, type[Refusal]] = {
    "orgId": MalformedOrganizationId,
    "groupId": MalformedProjectId,
    "teamId": MalformedTeamId,
    "userId": MalformedUserId,
}
_IDS = frozenset({*_MALFORMED, "invitationId", "apiUserId", "eventId", "secretId"})
# Takes the rest of the path: the "/" of a CIDR block arrives as %2F and is decoded by then.
_REST_OF_PATH = "ipAddress"
_LONGEST_KEPT_PATH = 200
_MOST_KEPT_PATHS = 5_000


@dataclass(slots=True)
class _Node:
    fixed: dict[str, "_Node"] = field(default_factory=dict)
    # By the literal suffix of the segment: "" or ":addRole".
    named: dict[str, tuple[str, "_Node"]] = field(default_factory=dict)
    methods: dict[str, dict[str, Operation]] = field(default_factory=dict)


class Table:
    """All operations below one base path, found by method, path and version."""

    def __init__(
        self,
        base_path: str,
        operations: Iterable[Operation],
        *,
        project_roles: frozenset[str] = PROJECT_ROLES,
    ) -> None:
        self.operations = tuple(operations)
        self.base_path = base_path
        self.project_roles = project_roles
        self._skip = len(base_path)
        self._root = _Node()
        self._negotiated: dict[tuple[int, str | None], Operation] = {}
        # What was asked for is asked for again: by method and path.
        self._found: dict[tuple[str, str], tuple[dict[str, Operation], dict[str, str]]] = {}
        for operation in self.operations:
            node = self._root
            for segment in operation.path.strip("/").split("/") if operation.path != "/" else ():
                if segment.startswith("{"):
                    name, _, suffix = segment.partition("}")
                    node = node.named.setdefault(suffix, (name[1:], _Node()))[1]
                else:
                    node = node.fixed.setdefault(segment, _Node())
            versions = node.methods.setdefault(operation.method, {})
            if operation.version in versions:
                raise ValueError(f"{operation.id} {operation.version} is declared twice")
            versions[operation.version] = operation

    def find(self, method: str, path: str) -> tuple[dict[str, Operation], dict[str, str]]:
        """Return the versions of the operation at method and path, and the path's parameters.

        path: percent-decoded, with the base path. HEAD finds GET. Raises ResourceNotFound,
        MethodNotAllowed, and the refusals for malformed parameters.
        """
        found = self._found.get((method, path))
        if found is None:
            found = self._search(method, path)
            if len(path) <= _LONGEST_KEPT_PATH:
                if len(self._found) >= _MOST_KEPT_PATHS:
                    self._found.clear()
                self._found[method, path] = found
        return found

    def _search(self, method: str, path: str) -> tuple[dict[str, Operation], dict[str, str]]:
        parameters: dict[str, str] = {}
        node = self._root
        rest = path[self._skip :].strip("/")
        while rest:
            segment, _, after = rest.partition("/")
            below = node.fixed.get(segment)
            if below is None:
                found = _named(node, segment)
                if found is None:
                    raise ResourceNotFound(path)
                name, value, below = found
                if name == _REST_OF_PATH:
                    value, after = rest, ""
                elif name in _IDS and not is_id(value):
                    raise _MALFORMED[name](value) if name in _MALFORMED else InvalidPathParameter(name)
                elif name == "clientId" and not is_client_id(value):
                    raise InvalidPathParameter(name)
                parameters[name] = value
            node, rest = below, after
        versions = node.methods.get("GET" if method == "HEAD" else method)
        if versions is None:
            if not node.methods:
                raise ResourceNotFound(path)
            allowed = sorted({*node.methods, *({"HEAD"} if "GET" in node.methods else ())})
            raise MethodNotAllowed(", ".join(allowed))
        return versions, parameters

    def negotiate(self, accept: str | None, versions: dict[str, Operation]) -> Operation:
        """Return the version to serve. Raises InvalidVersionDate."""
        key = (id(versions), accept)
        operation = self._negotiated.get(key)
        if operation is None:
            operation = media_types.negotiate(accept, versions)
            if len(self._negotiated) < 10_000:
                self._negotiated[key] = operation
        return operation


def _named(node: _Node, segment: str) -> tuple[str, str, _Node] | None:
    """Return name, value and node of a parameter segment; a literal suffix such as :addRole comes first."""
    if ":" in segment:
        value, _, action = segment.rpartition(":")
        suffixed = node.named.get(f":{action}")
        if value and suffixed is not None:
            return suffixed[0], value, suffixed[1]
    plain = node.named.get("")
    return (plain[0], segment, plain[1]) if plain is not None and segment else None
