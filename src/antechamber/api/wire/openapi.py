"""The OpenAPI 3.1 description of operation tables.

Everything in it comes from the rows: bodies and answers from their types, errors from the error table.
"""

from collections.abc import Iterable, Iterator, Sequence
from http import HTTPStatus
from types import NoneType
from typing import Any, get_args

import msgspec

from antechamber.api.wire import errors, media_types
from antechamber.api.wire.operations import Evidence, Operation
from antechamber.api.wire.paging import Link, Paged
from antechamber.domain.permissions import GRANTS

Json = dict[str, Any]

_SCHEMAS = "#/components/schemas/"
_ID = {"type": "string", "pattern": "^[a-f0-9]{24}$"}
_TEXT = {"type": "string", "maxLength": 1024}
_NAME = {"type": "string", "maxLength": 64}
_FLAG = {"type": "boolean", "default": False}
_DATE = {"type": "string", "format": "date-time"}
_TEXTS = {"type": "array", "items": _TEXT, "maxItems": 50}
_STATUSES = {
    "type": "string",
    "enum": ["ACTIVE", "PENDING", "INVITATION_EXPIRED", "INVITATION_REJECTED"],
}

# Every path parameter, by name.
PATH_PARAMETERS: dict[str, Json] = {
    "orgId": _ID,
    "groupId": _ID,
    "teamId": _ID,
    "userId": _ID,
    "invitationId": _ID,
    "apiUserId": _ID,
    "eventId": _ID,
    "secretId": _ID,
    "clientId": {"type": "string", "pattern": "^mdb_sa_id_[a-fA-F0-9]{24}$"},
    "ipAddress": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[0-9a-fA-F.:/]+$"},
    "groupName": {**_NAME, "minLength": 1},
    "teamName": {**_NAME, "minLength": 1},
    "limitName": {**_NAME, "minLength": 1},
    "userName": {"type": "string", "format": "email", "maxLength": 254},
    "endpointSetId": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[a-z-]+$"},
}
# Every query parameter: its schema, and what it says.
QUERY_PARAMETERS: dict[str, tuple[Json, str]] = {
    "envelope": (_FLAG, "Whether to put the status beside the answer, for clients that cannot see it."),
    "pretty": (_FLAG, "Whether to lay the answer out for people."),
    "pageNum": ({"type": "integer", "minimum": 1, "maximum": 2**31 - 1, "default": 1}, "Which page."),
    "itemsPerPage": (
        {"type": "integer", "minimum": 1, "maximum": 500, "default": 100},
        "How many items on a page.",
    ),
    "includeCount": ({"type": "boolean", "default": True}, "Whether to count the items of all pages."),
    "username": (_TEXT, "The e-mail address to look for."),
    "name": (_TEXT, "The name, or its beginning, to look for."),
    "projectOwnerId": (_ID, "The person who is to own the project."),
    "orgId": (_ID, "The organization."),
    "groupId": (_ID, "The project."),
    "userId": ({"type": "string", "maxLength": 64}, "The person, or the caller."),
    "ipAddress": ({"type": "string", "maxLength": 64}, "The address that the caller comes from."),
    "endpointPath": (_TEXTS, "Paths of operations, with their parameters in braces."),
    "eventType": (_TEXTS, "Types of events to show."),
    "excludedEventType": (_TEXTS, "Types of events to leave out."),
    "clusterNames": (_TEXTS, "Names of clusters; there are none here."),
    "minDate": (_DATE, "The earliest moment, in any ISO 8601 form; UTC without a zone."),
    "maxDate": (_DATE, "The latest moment, in any ISO 8601 form; UTC without a zone."),
    "includeRaw": (_FLAG, "Whether to add the event as it is kept."),
    "orgMembershipStatus": (_STATUSES, "The standing of the people to show."),
    "orgMembershipStatuses": (
        {"type": "array", "items": _STATUSES, "maxItems": 4},
        "The standings of the people to show.",
    ),
    "flattenTeams": (_FLAG, "Whether to show people who are there through a team."),
    "includeOrgUsers": (_FLAG, "Whether to show people who are there through the organization."),
    "includeSystemManaged": (_FLAG, "Whether to show what the system manages; there is none here."),
}
# What any operation may answer besides its own, and what more one that writes may.
# 431 comes from the HTTP layer and has no body: the head of the request was too long to be read.
_ERRORS = (400, 401, 403, 404, 405, 406, 414, 429, 431, 500, 503)
_ERRORS_OF_WRITES = (409, 413, 415)
_VERBS = ("get", "put", "post", "delete", "patch")


class ApiError(msgspec.Struct, rename="camel", omit_defaults=True):
    """Why a request was refused."""

    detail: str
    error: int
    reason: str
    error_code: str
    parameters: list[str | int] = []
    bad_request_detail: dict[str, Any] = {}


class EnvelopedStatus(msgspec.Struct):
    """The status of an answer without a body, on request."""

    status: int


def describe(tables: Iterable[tuple[str, Sequence[Operation]]], *, version: str) -> Json:
    """Return the description of all operations. tables: each base path with its rows.

    Raises KeyError for a path or query parameter that is in neither table above.
    """
    rows = [(base_path, row) for base_path, table in tables for row in table]
    types = [ApiError, EnvelopedStatus, Link, *_types(row for _, row in rows)]
    references, components = msgspec.json.schema_components(
        types, schema_hook=_anything, ref_template=_SCHEMAS + "{name}"
    )
    for component in components.values():
        for name, schema in component.get("properties", {}).items():
            # A type that takes anything is that of attributes which are shown but cannot be set.
            component["properties"][name] = schema or {"readOnly": True}
    schemas = {_key(kind): schema for kind, schema in zip(types, references, strict=True)}
    paths: Json = {}
    for base_path, row in rows:
        path = paths.setdefault(f"{base_path}{row.path}".removesuffix("/"), {})
        described = path.setdefault(row.method.lower(), _operation(row))
        _add_version(described, row, schemas)
    _add_links(paths)
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "Antechamber",
            "version": version,
            "summary": "Organizations, projects, teams, people and credentials, over the documented wire.",
        },
        "servers": [{"url": "/"}],
        "security": [{"digest": []}, {"clientCredentials": []}],
        "tags": [{"name": tag} for tag in sorted({row.tag for _, row in rows})],
        "paths": paths,
        "components": {
            "schemas": components,
            "parameters": {
                name: {"name": name, "in": "query", "description": text, "schema": schema}
                for name, (schema, text) in QUERY_PARAMETERS.items()
            },
            "responses": {str(status): _error_response(status) for status in (*_ERRORS, *_ERRORS_OF_WRITES)},
            "securitySchemes": {
                "digest": {
                    "type": "http",
                    "scheme": "digest",
                    "description": "An API key: public and private half.",
                },
                "clientCredentials": {
                    "type": "oauth2",
                    "description": "A service account.",
                    "flows": {"clientCredentials": {"tokenUrl": "/api/oauth/token", "scopes": {}}},
                },
            },
        },
    }


def _anything(kind: type) -> Json:
    """Return the schema of `object`, the one type of a row that msgspec has no schema for."""
    if kind is object:
        return {"description": "Anything."}
    raise NotImplementedError(kind)


def _types(rows: Iterable[Operation]) -> list[Any]:
    """Return the types of all bodies and answers, each once."""
    found: dict[str, Any] = {}
    for row in rows:
        for kind in (row.body, row.items, _without_none(row.result)):
            if kind is not None and kind is not Paged:
                found.setdefault(_key(kind), kind)
    return list(found.values())


def _key(kind: Any) -> str:
    # Types such as Annotated[list, …] need not have a hash.
    return repr(kind)


def _without_none(kind: Any) -> Any:
    """Return the type without None, and None where nothing else is in it."""
    others = [one for one in get_args(kind) if one is not NoneType]
    if NoneType in get_args(kind) and len(others) == 1:
        return others[0]
    return kind


def _operation(row: Operation) -> Json:
    described: Json = {"operationId": row.id, "summary": row.summary, "tags": [row.tag], "parameters": []}
    for name in _path_names(row.path):
        described["parameters"].append(
            {"name": name, "in": "path", "required": True, "schema": PATH_PARAMETERS[name]}
        )
    return described


def _path_names(path: str) -> Iterator[str]:
    for part in path.split("{")[1:]:
        yield part.partition("}")[0]


def _add_version(described: Json, row: Operation, schemas: dict[str, Json]) -> None:
    """Add what one version of an operation takes and answers."""
    parameters = described["parameters"]
    for name in (*row.parameters, "envelope", "pretty"):
        assert name in QUERY_PARAMETERS, f"{row.id}: the query parameter {name} has no schema"
        reference = {"$ref": f"#/components/parameters/{name}"}
        if reference not in parameters:
            parameters.append(reference)
    media_type = media_types.of_date(row.version).partition(";")[0]
    if row.body is not None:
        content = described.setdefault("requestBody", {"required": True, "content": {}})["content"]
        content[media_type] = {"schema": schemas[_key(row.body)]}
        content.setdefault("application/json", {"schema": schemas[_key(row.body)]})
    responses = described.setdefault("responses", {})
    if row.result is not None:
        success = responses.setdefault(str(row.success), _success(row.success))
        success.setdefault("content", {})[media_type] = {"schema": _result(row, schemas)}
    if row.result is None or NoneType in get_args(row.result):
        responses.setdefault("204", _success(204))
        enveloped = responses.setdefault("200", {"description": "With `envelope=true`."})
        enveloped.setdefault("content", {}).setdefault(
            media_type, {"schema": {"$ref": f"{_SCHEMAS}EnvelopedStatus"}}
        )
    for status in (*_ERRORS, *(_ERRORS_OF_WRITES if row.writes else ())):
        responses.setdefault(str(status), {"$ref": f"#/components/responses/{status}"})
    versions = described.setdefault("x-versions", [])
    versions.append(
        {
            "version": row.version,
            "evidence": str(row.evidence),
            "permission": row.permission.value,
            "scope": GRANTS[row.permission].scope.value,
            **({"sunset": row.deprecated.sunset} if row.deprecated else {}),
        }
    )
    described["deprecated"] = all("sunset" in one for one in versions)
    if row.evidence is Evidence.INFERRED:
        described["description"] = "How the service behaves here is inferred."


def _success(status: int) -> Json:
    headers = {
        name: {"schema": {"type": "integer"}, "description": text}
        for name, text in (
            ("RateLimit-Limit", "How many requests the bucket holds."),
            ("RateLimit-Remaining", "How many are left in it."),
        )
    }
    return {"description": HTTPStatus(status).phrase, "headers": headers}


def _result(row: Operation, schemas: dict[str, Json]) -> Json:
    if row.result is not Paged:
        return schemas[_key(_without_none(row.result))]
    items = schemas[_key(row.items)] if row.items is not None else {}
    return {
        "type": "object",
        "properties": {
            "links": {"type": "array", "items": schemas[_key(Link)]},
            "results": {"type": "array", "items": items},
            "totalCount": {"type": "integer", "minimum": 0},
        },
        "required": ["links", "results"],
    }


def _error_response(status: int) -> Json:
    codes = sorted({row.code for row in errors.rows().values() if row.status == status})
    if not codes:
        return {"description": f"{HTTPStatus(status).phrase}, without a body."}
    listed = ", ".join(f"`{code}`" for code in codes)
    return {
        "description": f"{HTTPStatus(status).phrase}: {listed}.",
        "content": {"application/json": {"schema": {"$ref": f"{_SCHEMAS}ApiError"}}},
    }


def _add_links(paths: Json) -> None:
    """Lead from what creates a thing to what reads, changes and deletes it, by the id that is returned."""
    for path, by_verb in paths.items():
        post = by_verb.get("post")
        if post is None or ":" in path:
            continue
        for below, name in _below(path, paths):
            field = {"orgId": "organization/id", "clientId": "clientId"}.get(name, "id")
            kept = {one: f"$request.path.{one}" for one in _path_names(path)}
            for verb in _VERBS:
                if verb not in below:
                    continue
                link = {
                    "operationId": below[verb]["operationId"],
                    "parameters": {**kept, name: f"$response.body#/{field}"},
                }
                for status in ("200", "201"):
                    answer = post["responses"].get(status)
                    if answer is not None:
                        answer.setdefault("links", {})[below[verb]["operationId"]] = link


def _below(path: str, paths: Json) -> Iterator[tuple[Json, str]]:
    """Return what lies one parameter below a path, and the parameter's name."""
    for other, by_verb in paths.items():
        rest = other.removeprefix(f"{path}/{{")
        if rest == other or "/" in rest.partition("}")[2]:
            continue
        name = rest.partition("}")[0]
        if name in PATH_PARAMETERS and (PATH_PARAMETERS[name] is _ID or name == "clientId"):
            yield by_verb, name
