"""The older generations serve what the contract lists of them, and nothing else.

The lists are those of the contract, OPERATIONS.md sections 2 and 3; where it is beside the project they are
compared with it. What it lists and we do not serve is named below with the reason.
"""

import re
from pathlib import Path

import pytest

from antechamber.api import private
from antechamber.api.atlas_v1 import routes as atlas_v1
from antechamber.api.atlas_v2 import routes as atlas_v2
from antechamber.api.public_v1 import routes as public_v1
from antechamber.api.wire.media_types import UNDATED
from antechamber.api.wire.operations import Evidence, Operation
from antechamber.api.wire.paging import Paged
from antechamber.domain.permissions import GRANTS, Permission

CONTRACT = Path(__file__).parents[3] / "shared" / "contract" / "OPERATIONS.md"

# Methods by path, as both generations have them.
_COMMON = """
/ GET
/orgs GET POST
/orgs/{orgId} GET DELETE
/orgs/{orgId}/groups GET
/orgs/{orgId}/users GET
/orgs/{orgId}/invites GET POST PATCH
/orgs/{orgId}/invites/{invitationId} GET PATCH DELETE
/orgs/{orgId}/teams GET POST
/orgs/{orgId}/teams/{teamId} GET PATCH DELETE
/orgs/{orgId}/teams/byName/{teamName} GET
/orgs/{orgId}/teams/{teamId}/users GET POST
/orgs/{orgId}/teams/{teamId}/users/{userId} DELETE
/orgs/{orgId}/apiKeys GET POST
/orgs/{orgId}/apiKeys/{apiKeyId} GET PATCH DELETE
/orgs/{orgId}/apiKeys/{apiKeyId}/accessList GET POST
/orgs/{orgId}/apiKeys/{apiKeyId}/accessList/{ipAddress} GET DELETE
/orgs/{orgId}/events GET
/orgs/{orgId}/events/{eventId} GET
/groups GET POST
/groups/{groupId} GET DELETE
/groups/byName/{groupName} GET
/groups/{groupId}/users GET
/groups/{groupId}/users/{userId} DELETE
/groups/{groupId}/teams GET POST
/groups/{groupId}/teams/{teamId} PATCH DELETE
/groups/{groupId}/invites GET POST PATCH
/groups/{groupId}/invites/{invitationId} GET PATCH DELETE
/groups/{groupId}/apiKeys GET POST
/groups/{groupId}/apiKeys/{apiKeyId} PATCH DELETE
/groups/{groupId}/events GET
/groups/{groupId}/events/{eventId} GET
/users POST
/users/{userId} GET
/users/byName/{username} GET
"""
_ATLAS_V1 = """
/orgs/{orgId} PATCH
/groups/{groupId} PATCH
/groups/{groupId}/settings GET PATCH
"""
_PUBLIC_V1 = """
/users/{userId} DELETE
/unauth/users POST
/admin/apiKeys GET POST
/admin/apiKeys/{id} GET PATCH DELETE
/admin/whitelist GET POST
/admin/whitelist/{id} GET DELETE
"""
# Not served: an organization made from a name alone, which nobody could sign in to; deleting an account,
# which is other organizations' too; and what Ops Manager alone has.
_NOT_SERVED = f"/orgs POST\n{_PUBLIC_V1}"

Place = tuple[str, str]


def _places(text: str) -> set[Place]:
    """Return methods and nameless paths: what parameters are called is ours to choose."""
    places = set()
    for line in text.split("\n"):
        path, *methods = line.split() or [""]
        places |= {(method, re.sub(r"\{[^}]*\}", "{}", path)) for method in methods}
    return places


LISTED = {
    atlas_v1.BASE_PATH: _places(_COMMON + _ATLAS_V1),
    public_v1.BASE_PATH: _places(_COMMON + _PUBLIC_V1),
}
UNSERVED = {atlas_v1.BASE_PATH: set[Place](), public_v1.BASE_PATH: _places(_NOT_SERVED)}
TABLES = {atlas_v1.BASE_PATH: atlas_v1.OPERATIONS, public_v1.BASE_PATH: public_v1.OPERATIONS}
ROWS = [
    pytest.param(row, id=f"{base} {row.id}")
    for base, rows in {**TABLES, private.BASE_PATH: private.OPERATIONS}.items()
    for row in rows
]


@pytest.mark.parametrize("row", ROWS)
def test_every_row_has_a_permission_and_no_dates(row: Operation) -> None:
    assert isinstance(row.permission, Permission)
    assert row.permission in GRANTS
    assert isinstance(row.evidence, Evidence)
    assert row.summary.endswith(".")
    assert (row.version, row.deprecated) == (UNDATED, None)
    assert row.result is not None or row.success == 204
    assert (row.result is Paged) == (row.items is not None), "a page says what is on it"


@pytest.mark.parametrize("base", TABLES)
def test_what_is_served_is_what_is_listed(base: str) -> None:
    served = [place for row in TABLES[base] for place in _places(f"{row.path} {row.method}")]
    assert len(served) == len(set(served))
    assert set(served) == LISTED[base] - UNSERVED[base]


@pytest.mark.parametrize("base", TABLES)
def test_a_row_asks_for_the_permission_of_the_newer_generation(base: str) -> None:
    newer = {row.id: row for row in atlas_v2.OPERATIONS}
    for row in TABLES[base]:
        same = newer[row.id]
        assert (row.permission, row.method, row.path) == (same.permission, same.method, same.path), row.id
        assert row.endpoints == same.endpoints, "one bucket, whichever door"


def test_cloud_manager_answers_created_to_invitations() -> None:
    """Of the generation's own: its documents show 201 where Atlas says 200."""
    statuses = {row.id: row.success for row in public_v1.OPERATIONS if "invites" in row.path}
    assert {id for id, status in statuses.items() if status == 201} == {
        "createOrgInvite",
        "createGroupInvite",
    }
    assert len(statuses) == 12


@pytest.mark.skipif(not CONTRACT.exists(), reason="the contract is not beside the project")
@pytest.mark.parametrize(("base", "section"), [(atlas_v1.BASE_PATH, 2), (public_v1.BASE_PATH, 3)])
def test_the_list_is_the_contracts(base: str, section: int) -> None:
    assert _contract_places(section) == LISTED[base]


def _contract_places(section: int) -> set[Place]:
    """Return what the tables of a section list.

    One group of methods stands for all paths of its line; several, separated by semicolons, for one each,
    unless a path has methods of its own before it. "…/x" goes on where the path before had "/x", and
    "[/{id}]" means without and with.
    """
    text = CONTRACT.read_text("utf-8").split(f"\n## {section}. ")[1].split("\n## ")[0]
    places: set[Place] = set()
    before = ""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) != 3 or "`/" not in cells[1].replace("…", ""):
            continue
        *groups, last = cells[0].split("; ")
        for own, path in re.findall(r"(?:([A-Z][A-Z, ]*) )?`([^` ]+)`", cells[1]):
            if path.startswith("…"):
                going_on = path[1:]
                start = before.rindex("/" + going_on.split("/")[1])
                path = before[:start] + going_on
            before = path
            methods = own or (groups.pop(0) if groups else last)
            for whole in {path.replace("[", "").replace("]", ""), re.sub(r"\[.*\]", "", path)}:
                places |= _places(f"{whole} {methods.replace(',', '')}")
    return places
