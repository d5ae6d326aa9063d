"""Every operation's answer, byte for byte: plain, laid out, in an envelope, and both.

What a golden file shows is what contract WIRE.md says: a reviewer reads the two side by side.
"""

from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
import requests
from tests.api import golden
from tests.api.desk import OWNER, OWNER_ID, Office, Server, fresh, fresh_address

from antechamber.api.atlas_v2 import routes

Ask = Callable[[Server, Office, str], requests.Response]
LAYOUTS = ("", "pretty=true", "envelope=true", "envelope=true&pretty=true")


def _get_system_status(server: Server, office: Office, query: str) -> requests.Response:
    return office.client.get(f"/{query}")


def _list_orgs(server: Server, office: Office, query: str) -> requests.Response:
    return office.client.get(f"/orgs{query}")


def _create_org(server: Server, office: Office, query: str) -> requests.Response:
    body = {
        "name": fresh("Other"),
        "orgOwnerId": OWNER_ID,
        "apiKey": {"desc": "first", "roles": ["ORG_OWNER", "ORG_READ_ONLY"]},
    }
    return server.front_desk.post(f"/orgs{query}", body)


def _create_org_with_service_account(server: Server, office: Office, query: str) -> requests.Response:
    account = {
        "name": "first",
        "description": "one",
        "roles": ["ORG_MEMBER"],
        "secretExpiresAfterHours": 720,
    }
    body = {
        "name": fresh("Other"),
        "orgOwnerId": OWNER_ID,
        "serviceAccount": account,
        "skipDefaultAlertsSettings": True,
    }
    return server.front_desk.post(f"/orgs{query}", body)


def _get_org(server: Server, office: Office, query: str) -> requests.Response:
    return office.client.get(f"{office.path}{query}")


def _update_org(server: Server, office: Office, query: str) -> requests.Response:
    return office.client.patch(f"{office.path}{query}", {"name": fresh("Other")})


def _list_org_invites(server: Server, office: Office, query: str) -> requests.Response:
    # One for each time that the same organization is asked; the addresses end up in their order.
    office.invite()
    return office.client.get(f"{office.invites}{query}")


def _list_org_invites_of_nobody(server: Server, office: Office, query: str) -> requests.Response:
    return office.client.get(f"{office.invites}?username=nobody%40guest.example{query.replace('?', '&')}")


def _create_org_invite(server: Server, office: Office, query: str) -> requests.Response:
    body = {"username": fresh_address(), "roles": ["ORG_MEMBER"]}
    return office.client.post(f"{office.invites}{query}", body)


def _create_org_invite_with_everything(server: Server, office: Office, query: str) -> requests.Response:
    roles = ["GROUP_READ_ONLY", "GROUP_OWNER"]
    body = {
        "username": fresh_address(),
        "roles": ["ORG_READ_ONLY", "ORG_MEMBER"],
        "teamIds": [office.team()["id"]],
        "groupRoleAssignments": [{"groupId": office.project()["id"], "roles": roles}],
    }
    return office.client.post(f"{office.invites}{query}", body)


def _update_org_invites(server: Server, office: Office, query: str) -> requests.Response:
    body = {"username": office.invite()["username"], "roles": ["ORG_OWNER"]}
    return office.client.patch(f"{office.invites}{query}", body)


def _get_org_invite(server: Server, office: Office, query: str) -> requests.Response:
    return office.client.get(f"{office.invites}/{office.invite()['id']}{query}")


def _update_org_invite_by_id(server: Server, office: Office, query: str) -> requests.Response:
    body = {"roles": ["ORG_BILLING_ADMIN"], "teamIds": [office.team()["id"]]}
    return office.client.patch(f"{office.invites}/{office.invite()['id']}{query}", body)


def _delete_org_invite(server: Server, office: Office, query: str) -> requests.Response:
    return office.client.delete(f"{office.invites}/{office.invite()['id']}{query}")


def _list_group_invites(server: Server, office: Office, query: str) -> requests.Response:
    project = office.project()["id"]
    office.invite_to(project)
    return office.client.get(f"/groups/{project}/invites{query}")


def _create_group_invite(server: Server, office: Office, query: str) -> requests.Response:
    body = {"username": fresh_address(), "roles": ["GROUP_OWNER", "GROUP_READ_ONLY"]}
    return office.client.post(f"/groups/{office.project()['id']}/invites{query}", body)


def _update_group_invites(server: Server, office: Office, query: str) -> requests.Response:
    project = office.project()["id"]
    body = {"username": office.invite_to(project)["username"], "roles": ["GROUP_CLUSTER_MANAGER"]}
    return office.client.patch(f"/groups/{project}/invites{query}", body)


def _get_group_invite(server: Server, office: Office, query: str) -> requests.Response:
    project = office.project()["id"]
    return office.client.get(f"/groups/{project}/invites/{office.invite_to(project)['id']}{query}")


def _update_group_invite_by_id(server: Server, office: Office, query: str) -> requests.Response:
    project = office.project()["id"]
    path = f"/groups/{project}/invites/{office.invite_to(project)['id']}{query}"
    return office.client.patch(path, {"roles": ["GROUP_OWNER"]})


def _delete_group_invite(server: Server, office: Office, query: str) -> requests.Response:
    project = office.project()["id"]
    return office.client.delete(f"/groups/{project}/invites/{office.invite_to(project)['id']}{query}")


def _list_groups(server: Server, office: Office, query: str) -> requests.Response:
    office.project()
    return office.client.get(f"/groups{query}")


def _create_group(server: Server, office: Office, query: str) -> requests.Response:
    return office.client.post(f"/groups{query}", {"name": fresh("Room"), "orgId": office.id})


def _create_group_with_tags(server: Server, office: Office, query: str) -> requests.Response:
    body = {
        "name": fresh("Room"),
        "orgId": office.id,
        "tags": [{"key": "floor", "value": "first"}],
        "withDefaultAlertsSettings": False,
    }
    return office.client.post(f"/groups{query}", body)


def _get_group(server: Server, office: Office, query: str) -> requests.Response:
    return office.client.get(f"/groups/{office.project()['id']}{query}")


def _get_group_by_name(server: Server, office: Office, query: str) -> requests.Response:
    return office.client.get(f"/groups/byName/{quote(office.project()['name'])}{query}")


def _update_group(server: Server, office: Office, query: str) -> requests.Response:
    return office.client.patch(f"/groups/{office.project()['id']}{query}", {"name": fresh("Room")})


def _delete_group(server: Server, office: Office, query: str) -> requests.Response:
    return office.client.delete(f"/groups/{office.project()['id']}{query}")


def _list_org_teams(server: Server, office: Office, query: str) -> requests.Response:
    office.team()
    return office.client.get(f"{office.path}/teams{query}")


def _create_org_team(server: Server, office: Office, query: str) -> requests.Response:
    return office.client.post(f"{office.path}/teams{query}", {"name": fresh("Shift"), "usernames": [OWNER]})


def _get_org_team_by_name(server: Server, office: Office, query: str) -> requests.Response:
    return office.client.get(f"{office.path}/teams/byName/{quote(office.team()['name'])}{query}")


def _get_org_team(server: Server, office: Office, query: str) -> requests.Response:
    return office.client.get(f"{office.path}/teams/{office.team()['id']}{query}")


CASES: dict[str, Ask] = {
    "getSystemStatus": _get_system_status,
    "listOrgs": _list_orgs,
    "createOrg": _create_org,
    "createOrg.with-service-account": _create_org_with_service_account,
    "getOrg": _get_org,
    "updateOrg": _update_org,
    "listOrgInvites": _list_org_invites,
    "listOrgInvites.of-nobody": _list_org_invites_of_nobody,
    "createOrgInvite": _create_org_invite,
    "createOrgInvite.with-everything": _create_org_invite_with_everything,
    "updateOrgInvites": _update_org_invites,
    "getOrgInvite": _get_org_invite,
    "updateOrgInviteById": _update_org_invite_by_id,
    "deleteOrgInvite": _delete_org_invite,
    "listGroupInvites": _list_group_invites,
    "createGroupInvite": _create_group_invite,
    "updateGroupInvites": _update_group_invites,
    "getGroupInvite": _get_group_invite,
    "updateGroupInviteById": _update_group_invite_by_id,
    "deleteGroupInvite": _delete_group_invite,
    "listGroups": _list_groups,
    "createGroup": _create_group,
    "createGroup.with-tags": _create_group_with_tags,
    "getGroup": _get_group,
    "getGroupByName": _get_group_by_name,
    "updateGroup": _update_group,
    "deleteGroup": _delete_group,
    "listOrgTeams": _list_org_teams,
    "createOrgTeam": _create_org_team,
    "getOrgTeamByName": _get_org_team_by_name,
    "getOrgTeam": _get_org_team,
}


@pytest.mark.parametrize("name", CASES)
def test_an_operation_answers_as_on_its_golden_page(name: str, server: Server, office: Office) -> None:
    exchanges = []
    for layout in LAYOUTS:
        response = CASES[name](server, office, f"?{layout}" if layout else "")
        exchanges.append(golden.exchange(response))
    golden.check(name, exchanges)


def test_every_operation_has_a_golden_page() -> None:
    assert {name.partition(".")[0] for name in CASES} == {one.id for one in routes.OPERATIONS}
    assert {file.stem for file in golden.FOLDER.glob("*.txt")} == {*CASES, *ERRORS}


def _refused_paths(server: Server, office: Office) -> Iterator[tuple[str, requests.Response]]:
    unknown = f"{office.invites}/0123456789abcdef01234567"
    for layout in LAYOUTS:
        query = f"?{layout}" if layout else ""
        yield "error.unknown-invitation", office.client.get(unknown + query)
        yield "error.missing-attribute", office.client.post(office.invites + query, {"username": "x"})
        yield "error.challenge", server.nobody().get(unknown + query)
        yield "error.unknown-route", office.client.get(f"/nowhere{query}")


ERRORS = ("error.unknown-invitation", "error.missing-attribute", "error.challenge", "error.unknown-route")


@pytest.mark.parametrize("name", ERRORS)
def test_a_refusal_looks_as_on_its_golden_page(name: str, server: Server, office: Office) -> None:
    found = [golden.exchange(answer) for one, answer in _refused_paths(server, office) if one == name]
    golden.check(name, found)
