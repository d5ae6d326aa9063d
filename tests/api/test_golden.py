"""Every operation's answer, byte for byte: plain, laid out, in an envelope, and both.

What a golden file shows is what contract WIRE.md says: a reviewer reads the two side by side.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
import requests
from tests.api import golden
from tests.api.desk import FRONT_DESK, OWNER, OWNER_ID, Client, Office, Server, fresh, fresh_address

from antechamber.api.atlas_v2 import routes
from antechamber.api.wire.operations import Operation

LAYOUTS = ("", "pretty=true", "envelope=true", "envelope=true&pretty=true")
OF_2025 = {"Accept": "application/vnd.atlas.2025-02-19+json"}
OF_2024 = {"Accept": "application/vnd.atlas.2024-08-05+json"}
LIMIT = "atlas.project.deployment.clusters"
# Members of the seed that are there to be removed, one for each layout.
LEAVERS = iter([f"0d000000000000000000001{number}" for number in range(1, 5)])


class Request(NamedTuple):
    """What is asked for; method and version are those of the operation. client: the office's own if None."""

    path: str
    body: Any = None
    client: Client | None = None


# Called once for each layout, with what it needs made anew.
Ask = Callable[[Server, Office], str | Request]


# -- organizations ----------------------------------------------------------------------------------


def _create_org(server: Server, office: Office) -> Request:
    body = {
        "name": fresh("Other"),
        "orgOwnerId": OWNER_ID,
        "apiKey": {"desc": "first", "roles": ["ORG_OWNER", "ORG_READ_ONLY"]},
    }
    return Request("/orgs", body, server.front_desk)


def _create_org_with_service_account(server: Server, office: Office) -> Request:
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
    return Request("/orgs", body, server.front_desk)


def _delete_org(server: Server, office: Office) -> Request:
    closing = server.office()
    return Request(closing.path, client=closing.client)


def _get_org_groups(server: Server, office: Office) -> str:
    office.project()
    return f"{office.path}/groups"


def _update_org_settings(server: Server, office: Office) -> Request:
    body = {
        "customSessionTimeouts": {
            "absoluteSessionTimeoutInSeconds": 3600,
            "idleSessionTimeoutInSeconds": 300,
        },
        "operationsContact": "ops@guest.example",
        "securityContact": "safe@guest.example",
    }
    return Request(f"{office.path}/settings", body)


# -- invitations ------------------------------------------------------------------------------------


def _list_org_invites(server: Server, office: Office) -> str:
    # One for each time that the same organization is asked; the addresses end up in their order.
    office.invite()
    return office.invites


def _create_org_invite_with_everything(server: Server, office: Office) -> Request:
    roles = ["GROUP_READ_ONLY", "GROUP_OWNER"]
    body = {
        "username": fresh_address(),
        "roles": ["ORG_READ_ONLY", "ORG_MEMBER"],
        "teamIds": [office.team()["id"]],
        "groupRoleAssignments": [{"groupId": office.project()["id"], "roles": roles}],
    }
    return Request(office.invites, body)


def _update_org_invites(server: Server, office: Office) -> Request:
    return Request(office.invites, {"username": office.invite()["username"], "roles": ["ORG_OWNER"]})


def _update_org_invite_by_id(server: Server, office: Office) -> Request:
    body = {"roles": ["ORG_BILLING_ADMIN"], "teamIds": [office.team()["id"]]}
    return Request(f"{office.invites}/{office.invite()['id']}", body)


def _org_invite(server: Server, office: Office) -> str:
    return f"{office.invites}/{office.invite()['id']}"


def _list_group_invites(server: Server, office: Office) -> str:
    project = _project(office)
    office.invite_to(project.rpartition("/")[2])
    return f"{project}/invites"


def _create_group_invite(server: Server, office: Office) -> Request:
    body = {"username": fresh_address(), "roles": ["GROUP_OWNER", "GROUP_READ_ONLY"]}
    return Request(f"{_project(office)}/invites", body)


def _update_group_invites(server: Server, office: Office) -> Request:
    project = office.project()["id"]
    body = {"username": office.invite_to(project)["username"], "roles": ["GROUP_CLUSTER_MANAGER"]}
    return Request(f"/groups/{project}/invites", body)


def _group_invite(server: Server, office: Office) -> str:
    project = office.project()["id"]
    return f"/groups/{project}/invites/{office.invite_to(project)['id']}"


def _update_group_invite_by_id(server: Server, office: Office) -> Request:
    return Request(_group_invite(server, office), {"roles": ["GROUP_OWNER"]})


def _add_group_access_user(server: Server, office: Office) -> Request:
    body = {"username": fresh_address(), "roles": ["GROUP_OWNER", "GROUP_READ_ONLY"]}
    return Request(f"{_project(office)}/access", body)


def _add_group_access_user_who_is_a_member(server: Server, office: Office) -> Request:
    project = _project(office)
    # Who makes a project owns it; taken off it there is something to add.
    assert office.client.delete(f"{project}/users/{OWNER_ID}").status_code == 204
    return Request(f"{project}/access", {"username": OWNER, "roles": ["GROUP_READ_ONLY"]})


# -- projects ---------------------------------------------------------------------------------------


def _project(office: Office) -> str:
    return f"/groups/{office.project()['id']}"


def _list_groups(server: Server, office: Office) -> str:
    office.project()
    return "/groups"


def _create_group_with_tags(server: Server, office: Office) -> Request:
    body = {
        "name": fresh("Room"),
        "orgId": office.id,
        "tags": [{"key": "floor", "value": "first"}],
        "withDefaultAlertsSettings": False,
    }
    return Request("/groups", body)


# -- people -----------------------------------------------------------------------------------------


def _pending(office: Office, **fields: Any) -> str:
    """Return where somebody new is who was invited to the organization."""
    body = {"username": fresh_address(), "roles": {"orgRoles": ["ORG_MEMBER", "ORG_READ_ONLY"]}, **fields}
    new = office.client.post(f"{office.path}/users", body, headers=OF_2025)
    assert new.status_code == 201
    return f"{office.path}/users/{new.json()['id']}"


def _list_org_users(server: Server, office: Office) -> str:
    _pending(office)
    return f"{office.path}/users?username="


def _create_org_user(server: Server, office: Office) -> Request:
    body = {"username": fresh_address(), "roles": {"orgRoles": ["ORG_READ_ONLY"]}}
    return Request(f"{office.path}/users", body)


def _create_org_user_with_everything(server: Server, office: Office) -> Request:
    roles = ["GROUP_READ_ONLY", "GROUP_OWNER"]
    assignments = [{"groupId": office.project()["id"], "groupRoles": roles}]
    body = {
        "username": fresh_address(),
        "roles": {"groupRoleAssignments": assignments, "orgRoles": ["ORG_OWNER", "ORG_MEMBER"]},
        "teamIds": [office.team()["id"]],
    }
    return Request(f"{office.path}/users", body)


def _update_org_user(server: Server, office: Office) -> Request:
    body = {"roles": {"orgRoles": ["ORG_BILLING_ADMIN"]}, "teamIds": [office.team()["id"]]}
    return Request(_pending(office), body)


def _remove_member(server: Server, office: Office) -> Request:
    return Request(f"/orgs/{FRONT_DESK}/users/{next(LEAVERS)}", client=server.front_desk)


def _group_guest(office: Office) -> str:
    """Return where somebody new is who was invited to the organization and a project of it."""
    body = {"username": fresh_address(), "roles": ["GROUP_READ_ONLY", "GROUP_CLUSTER_MANAGER"]}
    users = f"{_project(office)}/users"
    new = office.client.post(users, body, headers=OF_2025)
    assert new.status_code == 201
    return f"{users}/{new.json()['id']}"


def _add_group_users(server: Server, office: Office) -> Request:
    body = {"username": fresh_address(), "roles": ["GROUP_READ_ONLY"]}
    return Request(f"{_project(office)}/users", body)


def _create_user(server: Server, office: Office) -> Request:
    body = {
        "country": "IE",
        "firstName": "Ada",
        "lastName": "Lovelace",
        "mobileNumber": "+353 1 234 5678",
        "password": "correct horse battery",
        "roles": [{"orgId": office.id, "roleName": "ORG_MEMBER"}],
        "username": fresh_address(),
    }
    return Request("/users", body)


# -- teams ------------------------------------------------------------------------------------------


def _team(office: Office) -> str:
    return f"{office.path}/teams/{office.team()['id']}"


def _list_org_teams(server: Server, office: Office) -> str:
    office.team()
    return f"{office.path}/teams"


def _team_with_guest(office: Office) -> tuple[str, str]:
    """Return where a team with its owner and a pending guest is, and the guest's id."""
    team = office.team()["id"]
    return f"{office.path}/teams/{team}", _pending(office, teamIds=[team]).rpartition("/")[2]


def _add_org_team_users(server: Server, office: Office) -> Request:
    team = _team(office)
    assert office.client.delete(f"{team}/users/{OWNER_ID}").status_code == 204
    return Request(f"{team}/users", [{"id": OWNER_ID}])


def _add_org_team_user(server: Server, office: Office) -> Request:
    return Request(f"{_team(office)}:addUser", {"id": _pending(office).rpartition("/")[2]})


def _remove_org_team_user(server: Server, office: Office) -> Request:
    team, guest = _team_with_guest(office)
    return Request(f"{team}:removeUser", {"id": guest})


def _add_group_teams(server: Server, office: Office) -> Request:
    roles = ["GROUP_READ_ONLY", "GROUP_CLUSTER_MANAGER"]
    return Request(f"{_project(office)}/teams", [{"teamId": office.team()["id"], "roleNames": roles}])


def _assigned_team(office: Office) -> str:
    """Return where a team of a project is."""
    teams, team = f"{_project(office)}/teams", office.team()["id"]
    assert office.client.post(teams, [{"teamId": team, "roleNames": ["GROUP_READ_ONLY"]}]).ok
    return f"{teams}/{team}"


# -- API keys and service accounts ------------------------------------------------------------------


def _key(office: Office, path: str | None = None, role: str = "ORG_MEMBER") -> str:
    """Return where a new key is, below the organization or the path."""
    keys = f"{path or office.path}/apiKeys"
    return f"{keys}/{office.client.post(keys, {'desc': 'one', 'roles': [role]}).json()['id']}"


def _create_key(role: str) -> Any:
    return {"desc": "for the build", "roles": [role]}


def _add_group_api_key(server: Server, office: Office) -> Request:
    key = _key(office).rpartition("/")[2]
    return Request(f"{_project(office)}/apiKeys/{key}", [{"roles": ["GROUP_READ_ONLY"]}])


def _listed_addresses(office: Office, holder: str) -> str:
    """Return where a list with an address and a block in it is."""
    entries = f"{holder}/accessList"
    body = [{"ipAddress": "192.0.2.1"}, {"cidrBlock": "198.51.100.0/24"}]
    assert office.client.post(entries, body, headers=OF_2024).ok
    return entries


_ADDRESSES = [{"ipAddress": "192.0.2.1"}, {"cidrBlock": "2001:db8::/32"}]


def _account(office: Office, path: str | None = None, role: str = "ORG_MEMBER") -> str:
    """Return where a new service account is, below the organization or the path."""
    accounts = f"{path or office.path}/serviceAccounts"
    new = office.client.post(accounts, _account_body(role), headers=OF_2024)
    assert new.status_code == 201
    return f"{accounts}/{new.json()['clientId']}"


def _account_body(role: str) -> Any:
    return {"name": "nightly", "description": "at night", "roles": [role], "secretExpiresAfterHours": 720}


def _group_account(office: Office) -> str:
    return _account(office, _project(office), "GROUP_READ_ONLY")


def _secret(office: Office, account: str) -> str:
    """Return where another secret of an account is."""
    new = office.client.post(f"{account}/secrets", {"secretExpiresAfterHours": 8}, headers=OF_2024)
    return f"{account}/secrets/{new.json()['id']}"


def _account_groups(server: Server, office: Office) -> str:
    account = _group_account(office).rpartition("/")[2]
    return f"{office.path}/serviceAccounts/{account}/groups"


def _invite_account(server: Server, office: Office) -> Request:
    account = _account(office).rpartition("/")[2]
    return Request(f"{_project(office)}/serviceAccounts/{account}:invite", {"roles": ["GROUP_OWNER"]})


# -- events -----------------------------------------------------------------------------------------


def _group_events(office: Office) -> str:
    project = office.project()["id"]
    office.invite_to(project)
    return f"/groups/{project}/events"


def _newest(office: Office, events: str) -> str:
    return f"{events}/{office.client.get(events).json()['results'][0]['id']}"


CASES: dict[str, Ask] = {
    "getSystemStatus": lambda server, office: "/",
    # Organizations.
    "listOrgs": lambda server, office: "/orgs",
    "createOrg": _create_org,
    "createOrg.with-service-account": _create_org_with_service_account,
    "getOrg": lambda server, office: office.path,
    "updateOrg": lambda server, office: Request(office.path, {"name": fresh("Other")}),
    "deleteOrg": _delete_org,
    "getOrgGroups": _get_org_groups,
    "getOrgSettings": lambda server, office: f"{office.path}/settings",
    "updateOrgSettings": _update_org_settings,
    # Invitations.
    "listOrgInvites": _list_org_invites,
    "listOrgInvites.of-nobody": lambda server, office: f"{office.invites}?username=nobody%40guest.example",
    "createOrgInvite": lambda server, office: Request(
        office.invites, {"username": fresh_address(), "roles": ["ORG_MEMBER"]}
    ),
    "createOrgInvite.with-everything": _create_org_invite_with_everything,
    "updateOrgInvites": _update_org_invites,
    "getOrgInvite": _org_invite,
    "updateOrgInviteById": _update_org_invite_by_id,
    "deleteOrgInvite": _org_invite,
    "listGroupInvites": _list_group_invites,
    "createGroupInvite": _create_group_invite,
    "updateGroupInvites": _update_group_invites,
    "getGroupInvite": _group_invite,
    "updateGroupInviteById": _update_group_invite_by_id,
    "deleteGroupInvite": _group_invite,
    "addGroupAccessUser": _add_group_access_user,
    "addGroupAccessUser.who-is-a-member": _add_group_access_user_who_is_a_member,
    # Projects.
    "listGroups": _list_groups,
    "createGroup": lambda server, office: Request("/groups", {"name": fresh("Room"), "orgId": office.id}),
    "createGroup.with-tags": _create_group_with_tags,
    "getGroup": lambda server, office: _project(office),
    "getGroupByName": lambda server, office: f"/groups/byName/{quote(office.project()['name'])}",
    "updateGroup": lambda server, office: Request(_project(office), {"name": fresh("Room")}),
    "deleteGroup": lambda server, office: _project(office),
    "getGroupSettings": lambda server, office: f"{_project(office)}/settings",
    "updateGroupSettings": lambda server, office: Request(
        f"{_project(office)}/settings", {"isSchemaAdvisorEnabled": False}
    ),
    "listGroupLimits": lambda server, office: f"{_project(office)}/limits",
    "getGroupLimit": lambda server, office: f"{_project(office)}/limits/{LIMIT}",
    "setGroupLimit": lambda server, office: Request(f"{_project(office)}/limits/{LIMIT}", {"value": 30}),
    "deleteGroupLimit": lambda server, office: f"{_project(office)}/limits/{LIMIT}",
    "getGroupIpAddresses": lambda server, office: f"{_project(office)}/ipAddresses",
    "getGroupManagedSlowMs": lambda server, office: f"{_project(office)}/managedSlowMs",
    "enableGroupManagedSlowMs": lambda server, office: f"{_project(office)}/managedSlowMs/enable",
    "disableGroupManagedSlowMs": lambda server, office: f"{_project(office)}/managedSlowMs/disable",
    "listGroupClusters.2023-01-01": lambda server, office: f"{_project(office)}/clusters",
    "listGroupClusters.2023-02-01": lambda server, office: f"{_project(office)}/clusters",
    "listGroupClusters.2024-08-05": lambda server, office: f"{_project(office)}/clusters",
    # People of organizations.
    "listOrgUsers.2023-01-01": _list_org_users,
    "listOrgUsers.2025-02-19": _list_org_users,
    "createOrgUser": _create_org_user,
    "createOrgUser.with-everything": _create_org_user_with_everything,
    "getOrgUser": lambda server, office: f"{office.path}/users/{OWNER_ID}",
    "getOrgUser.pending": lambda server, office: _pending(office),
    "updateOrgUser": _update_org_user,
    "removeOrgUser.2023-01-01": _remove_member,
    "removeOrgUser.2025-02-19": lambda server, office: _pending(office),
    "updateOrgUserRoles": lambda server, office: Request(
        f"{office.path}/users/{OWNER_ID}/roles", {"orgRoles": ["ORG_OWNER", "ORG_MEMBER"]}
    ),
    "addOrgUserRole": lambda server, office: Request(f"{_pending(office)}:addRole", {"orgRole": "ORG_OWNER"}),
    "removeOrgUserRole": lambda server, office: Request(
        f"{_pending(office)}:removeRole", {"orgRole": "ORG_MEMBER"}
    ),
    # People of projects.
    "listGroupUsers.2023-01-01": lambda server, office: _group_guest(office).rpartition("/")[0],
    "listGroupUsers.2025-02-19": lambda server, office: _group_guest(office).rpartition("/")[0],
    "addGroupUsers": _add_group_users,
    "getGroupUser": lambda server, office: f"{_project(office)}/users/{OWNER_ID}",
    "getGroupUser.pending": lambda server, office: _group_guest(office),
    "removeGroupUser.2023-01-01": lambda server, office: f"{_project(office)}/users/{OWNER_ID}",
    "removeGroupUser.2025-02-19": lambda server, office: _group_guest(office),
    "updateGroupUserRoles": lambda server, office: Request(
        f"{_project(office)}/users/{OWNER_ID}/roles", {"groupRoles": ["GROUP_READ_ONLY", "GROUP_OWNER"]}
    ),
    "addGroupUserRole": lambda server, office: Request(
        f"{_project(office)}/users/{OWNER_ID}:addRole", {"groupRole": "GROUP_READ_ONLY"}
    ),
    "removeGroupUserRole": lambda server, office: Request(
        f"{_group_guest(office)}:removeRole", {"groupRole": "GROUP_READ_ONLY"}
    ),
    # Accounts.
    "createUser": _create_user,
    "getUser": lambda server, office: f"/users/{OWNER_ID}",
    "getUserByName": lambda server, office: f"/users/byName/{OWNER}",
    # Teams.
    "listOrgTeams": _list_org_teams,
    "createOrgTeam": lambda server, office: Request(
        f"{office.path}/teams", {"name": fresh("Shift"), "usernames": [OWNER]}
    ),
    "getOrgTeamByName": lambda server, office: f"{office.path}/teams/byName/{quote(office.team()['name'])}",
    "getOrgTeam": lambda server, office: _team(office),
    "renameOrgTeam": lambda server, office: Request(_team(office), {"name": fresh("Shift")}),
    "deleteOrgTeam": lambda server, office: _team(office),
    "listOrgTeamUsers.2023-01-01": lambda server, office: f"{_team_with_guest(office)[0]}/users",
    "listOrgTeamUsers.2025-02-19": lambda server, office: f"{_team_with_guest(office)[0]}/users",
    "addOrgTeamUsers": _add_org_team_users,
    "removeOrgTeamUserFromTeam": lambda server, office: f"{_team(office)}/users/{OWNER_ID}",
    "addOrgTeamUser": _add_org_team_user,
    "removeOrgTeamUser": _remove_org_team_user,
    "listGroupTeams": lambda server, office: _assigned_team(office).rpartition("/")[0],
    "addGroupTeams": _add_group_teams,
    "getGroupTeam": lambda server, office: _assigned_team(office),
    "updateGroupTeam": lambda server, office: Request(
        _assigned_team(office), {"roleNames": ["GROUP_OWNER", "GROUP_READ_ONLY"]}
    ),
    "removeGroupTeam": lambda server, office: _assigned_team(office),
    # API keys.
    "listOrgApiKeys": lambda server, office: _key(office).rpartition("/")[0],
    "createOrgApiKey": lambda server, office: Request(f"{office.path}/apiKeys", _create_key("ORG_MEMBER")),
    "getOrgApiKey": lambda server, office: _key(office),
    "updateOrgApiKey": lambda server, office: Request(_key(office), {"roles": ["ORG_READ_ONLY"]}),
    "deleteOrgApiKey": lambda server, office: _key(office),
    "listOrgApiKeyAccessListEntries": lambda server, office: _listed_addresses(office, _key(office)),
    "createOrgApiKeyAccessListEntry": lambda server, office: Request(
        f"{_key(office)}/accessList", _ADDRESSES
    ),
    "getOrgApiKeyAccessListEntry": lambda server, office: (
        f"{_listed_addresses(office, _key(office))}/198.51.100.0%2F24"
    ),
    "deleteOrgApiKeyAccessListEntry": lambda server, office: (
        f"{_listed_addresses(office, _key(office))}/192.0.2.1"
    ),
    "listGroupApiKeys": lambda server, office: _key(office, _project(office), "GROUP_READ_ONLY").rpartition(
        "/"
    )[0],
    "createGroupApiKey": lambda server, office: Request(
        f"{_project(office)}/apiKeys", _create_key("GROUP_READ_ONLY")
    ),
    "addGroupApiKey": _add_group_api_key,
    "updateGroupApiKeyRoles": lambda server, office: Request(
        _key(office, _project(office), "GROUP_READ_ONLY"), {"roles": ["GROUP_OWNER"]}
    ),
    "removeGroupApiKey": lambda server, office: _key(office, _project(office), "GROUP_READ_ONLY"),
    # Service accounts.
    "listOrgServiceAccounts": lambda server, office: f"{office.path}/serviceAccounts",
    "createOrgServiceAccount": lambda server, office: Request(
        f"{office.path}/serviceAccounts", _account_body("ORG_MEMBER")
    ),
    "getOrgServiceAccount": lambda server, office: _account(office),
    "updateOrgServiceAccount": lambda server, office: Request(_account(office), {"name": "daily"}),
    "deleteOrgServiceAccount": lambda server, office: _account(office),
    "getOrgServiceAccountGroups": _account_groups,
    "createOrgServiceAccountSecret": lambda server, office: Request(
        f"{_account(office)}/secrets", {"secretExpiresAfterHours": 720}
    ),
    "deleteOrgServiceAccountSecret": lambda server, office: _secret(office, _account(office)),
    "listOrgServiceAccountAccessList": lambda server, office: _listed_addresses(office, _account(office)),
    "createOrgServiceAccountAccessList": lambda server, office: Request(
        f"{_account(office)}/accessList", _ADDRESSES
    ),
    "deleteOrgServiceAccountAccessListEntry": lambda server, office: (
        f"{_listed_addresses(office, _account(office))}/198.51.100.0%2F24"
    ),
    "listGroupServiceAccounts": lambda server, office: _group_account(office).rpartition("/")[0],
    "createGroupServiceAccount": lambda server, office: Request(
        f"{_project(office)}/serviceAccounts", _account_body("GROUP_READ_ONLY")
    ),
    "getGroupServiceAccount": lambda server, office: _group_account(office),
    "updateGroupServiceAccount": lambda server, office: Request(
        _group_account(office), {"roles": ["GROUP_OWNER"]}
    ),
    "deleteGroupServiceAccount": lambda server, office: _group_account(office),
    "inviteGroupServiceAccount": _invite_account,
    "createGroupServiceAccountSecret": lambda server, office: Request(
        f"{_group_account(office)}/secrets", {"secretExpiresAfterHours": 720}
    ),
    "deleteGroupServiceAccountSecret": lambda server, office: _secret(office, _group_account(office)),
    "listGroupServiceAccountAccessList": lambda server, office: _listed_addresses(
        office, _group_account(office)
    ),
    "createGroupServiceAccountAccessList": lambda server, office: Request(
        f"{_group_account(office)}/accessList", _ADDRESSES
    ),
    "deleteGroupServiceAccountAccessListEntry": lambda server, office: (
        f"{_listed_addresses(office, _group_account(office))}/192.0.2.1"
    ),
    # Events. Not the whole catalogue, nor all buckets: they grow.
    "listEventTypes": lambda server, office: "/eventTypes?itemsPerPage=2&pageNum=2&includeCount=false",
    "listOrgEvents": lambda server, office: f"{office.path}/events",
    "listOrgEvents.uncounted": lambda server, office: f"{office.path}/events?includeCount=false&minDate=",
    "getOrgEvent": lambda server, office: f"{_newest(office, f'{office.path}/events')}?includeRaw=true",
    "listGroupEvents": lambda server, office: _group_events(office),
    "getGroupEvent": lambda server, office: _newest(office, _group_events(office)),
    # Rate limits.
    "listRateLimits.2025-03-12": lambda server, office: "/rateLimits?name=Root",
    "listRateLimits.preview": lambda server, office: "/rateLimits?name=Root",
    "getRateLimit.2025-03-12": lambda server, office: "/rateLimits/organization-settings",
    "getRateLimit.preview": lambda server, office: "/rateLimits/organization-settings",
}


def _operations(name: str) -> list[Operation]:
    """Return the operation of a page, in the version that the name goes on with if there are several."""
    id, _, rest = name.partition(".")
    versions = [one for one in routes.OPERATIONS if one.id == id]
    return versions if len(versions) == 1 else [one for one in versions if rest.startswith(one.version)]


@pytest.mark.parametrize("name", CASES)
def test_an_operation_answers_as_on_its_golden_page(name: str, server: Server, office: Office) -> None:
    (operation,) = _operations(name)
    headers = {"Accept": f"application/vnd.atlas.{operation.version}+json"}
    exchanges = []
    for layout in LAYOUTS:
        asked = CASES[name](server, office)
        request = Request(asked) if isinstance(asked, str) else asked
        joint = "" if not layout else "&" if "?" in request.path else "?"
        response = (request.client or office.client).send(
            operation.method, f"{request.path}{joint}{layout}", request.body, headers=headers
        )
        exchanges.append(golden.exchange(response))
    golden.check(name, exchanges)


def test_every_operation_has_a_golden_page() -> None:
    shown = {(one.id, one.version) for name in CASES for one in _operations(name)}
    assert shown == {(one.id, one.version) for one in routes.OPERATIONS}
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
