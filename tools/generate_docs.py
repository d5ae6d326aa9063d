"""Write the pages of docs/ that follow from the code: coverage.md, permissions.md and shards.md.

Usage: python tools/generate_docs.py [FOLDER]   (default: the project's docs/ folder)
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from antechamber.api import private
from antechamber.api.atlas_v1 import routes as atlas_v1
from antechamber.api.atlas_v2 import routes
from antechamber.api.public_v1 import routes as public_v1
from antechamber.api.wire import errors
from antechamber.api.wire.operations import Evidence, Operation
from antechamber.domain.permissions import GRANTS, Grant, Permission, Scope
from antechamber.domain.roles import (
    CLOUD_MANAGER_PROJECT_ROLES,
    ORGANIZATION_ROLES,
    implied_project_roles,
)

sys.path.insert(0, str(Path(__file__).parents[1]))
from tools.shards import asks

DOCS = Path(__file__).parents[1] / "docs"
TABLES: tuple[tuple[str, Sequence[Operation]], ...] = (
    (routes.BASE_PATH, routes.OPERATIONS),
    (atlas_v1.BASE_PATH, atlas_v1.OPERATIONS),
    (public_v1.BASE_PATH, public_v1.OPERATIONS),
    (private.BASE_PATH, private.OPERATIONS),
)

_EVIDENCE = {
    Evidence.RECORDED: "seen in recorded answers of the service",
    Evidence.DOCUMENTED: "stated by the service's documents or its published description",
    Evidence.REPORTED: "told by users of the service",
    Evidence.INFERRED: "followed from its neighbours; nothing says so",
}


def coverage() -> str:
    """Return the page that lists every operation, its versions and how its behaviour is known."""
    parts = [
        "# Coverage",
        "",
        "Every operation that is served, in every version, from the operation tables; `make docs` writes",
        "this page. All of them answer for real. What the service has besides is 404 `RESOURCE_NOT_FOUND`.",
        "",
        "Evidence, strongest first:",
        "",
        *(f"- **{evidence}**: {text}." for evidence, text in _EVIDENCE.items()),
    ]
    for base_path, rows in TABLES:
        parts += ["", f"## `{base_path}`: {len({row.id for row in rows})} operations"]
        for tag in sorted({row.tag for row in rows}):
            tagged = sorted((row for row in rows if row.tag == tag), key=_place)
            parts += ["", f"### {tag}", "", *_table(_HEADS, map(_line, tagged))]
    return "\n".join(parts) + "\n"


_HEADS = ("Operation", "Call", "Version", "Status", "Permission", "Evidence", "Ends")


def _place(row: Operation) -> tuple[str, str, str]:
    return row.path, row.method, row.version


def _line(row: Operation) -> tuple[str, ...]:
    return (
        row.id,
        f"`{row.method} {row.path}`",
        row.version or "undated",
        str(row.success),
        row.permission.value,
        str(row.evidence),
        row.deprecated.sunset if row.deprecated else "",
    )


def permissions() -> str:
    """Return the page that shows which role may call which operation."""
    parts = [
        "# Permissions",
        "",
        "Who may call what, from the one permission table. `make docs` writes this page, and",
        "`tests/api/test_authorization.py` asks a running server about every cell of it.",
        "",
        "- An organization owner owns every project of the organization; organization read-only reads all.",
        "- A role too low is answered 401 with the code in the last column; an organization or project that",
        "  the caller has no tie to, 401 `USER_CANNOT_ACCESS_ORG` or `NOT_IN_GROUP`; or 404.",
    ]
    rows = [row for _, table in TABLES for row in table]
    for scope, roles in (
        (Scope.ORGANIZATION, sorted(ORGANIZATION_ROLES)),
        (Scope.PROJECT, sorted(ORGANIZATION_ROLES) + sorted(CLOUD_MANAGER_PROJECT_ROLES)),
    ):
        parts += ["", f"## On {'an' if scope is Scope.ORGANIZATION else 'a'} {scope.value}", ""]
        lines = [
            (
                *_names(rows, permission),
                *("yes" if held_by(grant, role) else "" for role in roles),
                _code(grant),
            )
            for permission, grant in GRANTS.items()
            if grant.scope is scope
        ]
        parts += _table(("Permission", "Operations", *roles, "Otherwise"), lines)
    parts += ["", "## For every known caller", ""]
    parts += _table(
        ("Permission", "Operations"),
        [_names(rows, permission) for permission, grant in GRANTS.items() if grant.scope is Scope.CALLER],
    )
    return "\n".join(parts) + "\n"


def _names(rows: Iterable[Operation], permission: Permission) -> tuple[str, str]:
    names = dict.fromkeys(row.id for row in rows if row.permission is permission)
    return permission.value, ", ".join(names)


def held_by(grant: Grant, role: str) -> bool:
    """Return whether one role alone grants it."""
    if grant.scope is Scope.PROJECT and role in ORGANIZATION_ROLES:
        return not grant.roles.isdisjoint(implied_project_roles({role}))
    return role in grant.roles


def _code(grant: Grant) -> str:
    return f"`{errors.rows()[grant.refusal].code}`"


def _table(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> list[str]:
    return [
        f"| {' | '.join(heads)} |",
        f"|{'---|' * len(heads)}",
        *(f"| {' | '.join(line)} |" for line in lines),
    ]


def shards() -> str:
    """Return the page that tells which shards of a distributed database an operation asks."""
    parts = [
        "# Shards",
        "",
        "Which shards of a [distributed database](scaling.md) every operation may ask, read from the",
        "code, from its handler down to the SQL; `make docs` writes this page. It may say too much of an",
        "operation, never too little. Before it comes who calls: with a bearer token the organization's",
        "shard alone, with an API key `directory` by the public key and then that shard; both are asked",
        "again only after something changed. Where a line is empty, knowing the caller is all it takes.",
        "",
        "- **people**: `users` lies on every node; reading asks no other node, writing writes all.",
        "- **single keys**: one row each, by the key that the table is distributed by.",
        "- **every shard**: and why; everything else asks one organization's shard.",
    ]
    seen: dict[tuple[str, ...], list[str]] = {}
    for _, rows in TABLES:
        for row in rows:
            seen.setdefault(asks(row.handler), []).append(row.id)
    lines = [(", ".join(sorted(set(ids))), *asked) for asked, ids in seen.items()]
    heads = ("Operations", "Organization's shard", "People", "Single keys", "Every shard")
    parts += ["", *_table(heads, sorted(lines, key=lambda line: (line[4], line[3], line[2], line[0])))]
    return "\n".join(parts) + "\n"


PAGES = {"coverage.md": coverage, "permissions.md": permissions, "shards.md": shards}


def main(folder: Path) -> None:
    """Write FOLDER/coverage.md, FOLDER/permissions.md and FOLDER/shards.md."""
    for name, page in PAGES.items():
        (folder / name).write_text(page(), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS)
