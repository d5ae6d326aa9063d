"""Walk /api/atlas/v1.0 with atlasapi and an API key: organizations, projects and events."""

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

# The package reads its base URL from here when it is imported.
os.environ["BASE_URL"] = os.environ["MONGODB_ATLAS_BASE_URL"].rstrip("/")

from atlasapi.atlas import Atlas
from atlasapi.errors import ErrAtlasNotFound, ErrAtlasUnauthorized
from atlasapi.events_event_types import AtlasEventTypes
from requests.auth import HTTPDigestAuth

failed: list[str] = []


def did(operation: str, run: Callable[[], Any], holds: Callable[[Any], bool]) -> None:
    """Run one operation and check its result; print how it went."""
    try:
        result = run()
        why = "" if holds(result) else f"came back: {result!r}"
    except Exception as error:  # noqa: BLE001 - whatever the package or the server does wrong is to be told
        why = f"{type(error).__name__}: {error}"
    if why:
        failed.append(operation)
    print(f"FAIL {operation}: {why}"[:600] if why else f"ok {operation}")


def refused(operation: str, run: Callable[[], Any], kind: type[Exception], code: str) -> None:
    """Run one operation that must fail with this exception and error code."""

    def catch() -> str:
        try:
            run()
        except kind as error:
            return str(error.args) + str(getattr(error, "details", ""))
        return "not refused"

    did(operation, catch, lambda said: code in said)


org_id, project_id = os.environ["MONGODB_ATLAS_ORG_ID"], os.environ["MONGODB_ATLAS_PROJECT_ID"]
key, secret = os.environ["MONGODB_ATLAS_PUBLIC_KEY"], os.environ["MONGODB_ATLAS_PRIVATE_KEY"]
atlas = Atlas(key, secret, project_id, HTTPDigestAuth)
organizations, projects = atlas.Organizations, atlas.Projects

did(
    "Organizations.organizations",
    lambda: list(organizations.organizations),
    lambda found: found[0].id == org_id,
)
did(
    "Organizations.organization_by_id",
    lambda: organizations.organization_by_id(org_id),
    lambda one: one.id == org_id,
)
did(
    "Organizations.organization_by_name",
    lambda: organizations.organization_by_name("Demo Organization"),
    lambda one: one.id == org_id,
)
did(
    "Organizations.get_all_projects_for_org",
    lambda: list(organizations.get_all_projects_for_org(org_id)),
    lambda found: [one.id for one in found] == [project_id],
)
did(
    "Projects.projects",
    lambda: list(projects.projects),
    lambda found: [one.id for one in found] == [project_id],
)
did("Projects.project_by_id", lambda: projects.project_by_id(project_id), lambda one: one.org_id == org_id)
did(
    "Projects.project_by_name",
    lambda: projects.project_by_name("Demo Project"),
    lambda one: one.id == project_id,
)
did("Projects.get_project_teams", lambda: list(projects.get_project_teams()), lambda found: found == [])
did(
    "Projects.get_project_users",
    lambda: list(projects.get_project_users()),
    lambda found: bool(found[0].username),
)
# It writes its booleans as Python does: flattenTeams=True.
did(
    "Projects.get_project_users, flattened",
    lambda: list(projects.get_project_users(flatten_teams=True, include_org_users=True)),
    lambda found: len(found) >= 1,
)
did("Projects.user_count", projects.user_count, lambda count: count == 1)
did("Projects.settings", lambda: projects.settings, lambda settings: settings.is_data_explorer is True)
did("Events.all", lambda: atlas.Events.all, lambda found: isinstance(found, list))
did(
    "Events.all_by_type",
    lambda: atlas.Events.all_by_type(AtlasEventTypes.GROUP_CREATED),
    lambda found: found == [] or found[0].group_id == project_id,
)
did(
    "Events.since",
    lambda: atlas.Events.since(datetime.now(UTC).replace(tzinfo=None) + timedelta(days=2)),
    lambda found: found == [],
)
refused(
    "Projects.project_by_id, unknown",
    lambda: projects.project_by_id("f" * 24),
    ErrAtlasNotFound,
    "GROUP_NOT_FOUND",
)
stranger = Atlas("nobodyxx", secret, project_id, HTTPDigestAuth)
refused("a wrong key", lambda: stranger.Projects.project_by_id(project_id), ErrAtlasUnauthorized, "401")
sys.exit(1 if failed else 0)
