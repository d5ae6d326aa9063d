// Walks /api/atlas/v2 with the two HTTP libraries that the Atlas Go SDK signs in with, and with its headers: its operations, or
// the calls that the Atlas CLI, the Terraform provider or an Ops Manager client make, in their order. It is none of these programs:
// the calls are ours.
package main

import (
	"fmt"
	"net/url"
	"os"
	"sort"
	"strings"

	"antechamber.invalid/clients/check"
)

const (
	v2023    = "2023-01-01"
	accounts = "2024-08-05"
	people   = "2025-02-19"
	unknown  = "ffffffffffffffffffffffff"
)

type walker struct {
	check.Walk
	client
	org, project string
	inviter      string
}

func main() {
	walks := map[string]func(*walker){"sdk": (*walker).sdk, "cli": (*walker).cli, "terraform": (*walker).terraform, "public": (*walker).public}
	if len(os.Args) != 3 || walks[os.Args[1]] == nil || os.Args[2] != "digest" && os.Args[2] != "oauth" {
		fmt.Fprintln(os.Stderr, "usage: sdk_transport sdk|cli|terraform|public digest|oauth")
		os.Exit(2)
	}
	w := &walker{
		client: newClient(os.Args[2]),
		org:    "/orgs/" + check.Setting("MONGODB_ATLAS_ORG_ID"), project: "/groups/" + check.Setting("MONGODB_ATLAS_PROJECT_ID"),
	}
	if os.Args[2] == "digest" {
		w.inviter = check.Setting("MONGODB_ATLAS_PUBLIC_KEY")
	}
	walks[os.Args[1]](w)
	w.End()
}

func (w *walker) sdk() {
	w.organizations()
	team := w.teams()
	w.organizationInvitations(team)
	w.projectInvitations()
	w.organizationUsers()
	w.projectUsers()
	w.teamUsers(team)
	w.projects(team)
	w.apiKeys()
	w.serviceAccounts()
	w.events()
}

// did sends a request that shall succeed, records it, and returns the object that came back.
func (w *walker) did(operation, method, path, version string, body any, status int, wrong ...func(object) string) object {
	got, value, said, err := w.send(method, path, version, body)
	if err == nil && said != nil {
		err = fmt.Errorf("%d %s: %s", got, said.ErrorCode, said.Detail)
	}
	if err == nil && got != status {
		err = fmt.Errorf("status %d, not %d", got, status)
	}
	answer, isObject := value.(object)
	if list, isArray := value.([]any); isArray {
		answer = object{"results": list}
	} else if !isObject {
		answer = object{}
	}
	var found []string
	if err == nil {
		for _, look := range wrong {
			found = append(found, look(answer))
		}
	}
	w.Did(operation, err, found...)
	return answer
}

// refused sends a request that must fail with this status and code; with status 0, 400 and 404 are both right.
func (w *walker) refused(operation, method, path, version string, body any, status int, code string) {
	got, _, said, err := w.send(method, path, version, body)
	if err != nil || said == nil {
		w.Did(operation, fmt.Errorf("status %d, not %d %s: %v", got, status, code, err))
		return
	}
	if status == 0 && (got == 400 || got == 404) {
		status = got
	}
	w.Did(operation, nil, check.Same("status", got, status), check.Same("error", said.Error, status),
		check.Same("errorCode", said.ErrorCode, code), check.That("no detail", said.Detail != ""),
		check.That("no reason", said.Reason != ""), check.That("no parameters", said.Parameters != nil))
}

// is checks one field; a list of words in any order.
func is(field string, want any) func(object) string {
	return func(answer object) string {
		got := answer[field]
		if words, isList := want.([]string); isList {
			sort.Strings(words)
			return check.Same(field, strings.Join(texts(got), " "), strings.Join(words, " "))
		}
		if number, isNumber := want.(int); isNumber {
			want = float64(number)
		}
		return check.Same(field, got, want)
	}
}

// holds checks how many results there are.
func holds(count int) func(object) string {
	return func(answer object) string {
		results, _ := answer["results"].([]any)
		return check.Same("number of results", len(results), count)
	}
}

func some(field string) func(object) string {
	return func(answer object) string {
		return check.That("no "+field, answer[field] != nil && answer[field] != "")
	}
}

func month(answer object) string {
	return check.Month(fmt.Sprint(answer["createdAt"]), fmt.Sprint(answer["expiresAt"]))
}

func texts(value any) []string {
	list, _ := value.([]any)
	words := make([]string, 0, len(list))
	for _, word := range list {
		words = append(words, fmt.Sprint(word))
	}
	sort.Strings(words)
	return words
}

func text(answer object, field string) string {
	word, _ := answer[field].(string)
	return word
}

func first(answer object) object {
	if results, _ := answer["results"].([]any); len(results) > 0 {
		one, _ := results[0].(object)
		return one
	}
	return object{}
}

func (w *walker) organizations() {
	w.did("listOrgs", "GET", "/orgs?itemsPerPage=50&name=", v2023, nil, 200, holds(1), is("totalCount", 1))
	w.did("getOrg", "GET", w.org, v2023, nil, 200, is("id", w.org[len("/orgs/"):]), is("isDeleted", false))
	w.refused("getOrg, unknown", "GET", "/orgs/"+unknown, v2023, nil, 404, "ORG_NOT_FOUND")
	w.did("getOrgGroups", "GET", w.org+"/groups", v2023, nil, 200, holds(1))
	w.did("getOrgSettings", "GET", w.org+"/settings", v2023, nil, 200)
	w.did("updateOrg", "PATCH", w.org, v2023, object{"name": "Walked Organization"}, 200, is("name", "Walked Organization"))
}

func (w *walker) owner() object {
	_, value, _, _ := w.send("GET", w.org+"/users?orgMembershipStatus=ACTIVE", people, nil)
	answer, _ := value.(object)
	return first(answer)
}

func (w *walker) teams() string {
	owner := text(w.owner(), "username")
	team := w.did("createOrgTeam", "POST", w.org+"/teams", v2023, object{"name": "Walkers", "usernames": []string{owner}}, 201,
		is("name", "Walkers"), is("usernames", []string{owner}), some("id"))
	id := text(team, "id")
	w.did("listOrgTeams", "GET", w.org+"/teams?includeCount=true", v2023, nil, 200, is("totalCount", 2))
	w.did("getOrgTeam", "GET", w.org+"/teams/"+id, v2023, nil, 200, is("name", "Walkers"))
	w.did("getOrgTeamByName", "GET", w.org+"/teams/byName/Walkers", v2023, nil, 200, is("id", id))
	w.did("renameOrgTeam", "PATCH", w.org+"/teams/"+id, v2023, object{"name": "Runners"}, 200, is("name", "Runners"))
	w.refused("getOrgTeam, unknown", "GET", w.org+"/teams/"+unknown, v2023, nil, 404, "TEAM_NOT_FOUND")
	return id
}

func (w *walker) organizationInvitations(team string) {
	invites, who, project := w.org+"/invites", "grace@example.com", w.project[len("/groups/"):]
	wanted := []func(object) string{is("username", who), is("orgId", w.org[len("/orgs/"):]), is("orgName", "Walked Organization"),
		is("roles", []string{"ORG_MEMBER", "ORG_READ_ONLY"}), is("teamIds", []string{team}), month, some("inviterUsername"),
		w.oneEntryEachRole(project, "GROUP_DATA_ACCESS_ADMIN", "GROUP_READ_ONLY")}
	if w.inviter != "" {
		wanted = append(wanted, is("inviterUsername", w.inviter))
	}
	made := w.did("createOrgInvite", "POST", invites, v2023, object{
		"username": who, "roles": []string{"ORG_READ_ONLY", "ORG_MEMBER"}, "teamIds": []string{team},
		"groupRoleAssignments": []object{{"groupId": project, "roles": []string{"GROUP_READ_ONLY", "GROUP_DATA_ACCESS_ADMIN"}}},
	}, 200, wanted...)
	one := invites + "/" + text(made, "id")
	w.did("listOrgInvites", "GET", invites, v2023, nil, 200, holds(1))
	w.did("listOrgInvites, username", "GET", invites+"?username="+url.QueryEscape(who), v2023, nil, 200, holds(1))
	w.did("listOrgInvites, nobody", "GET", invites+"?username=nobody%40example.com", v2023, nil, 200, holds(0))
	w.did("getOrgInvite", "GET", one, v2023, nil, 200, is("id", made["id"]), is("expiresAt", made["expiresAt"]))
	w.did("updateOrgInviteById", "PATCH", one, v2023, object{"roles": []string{"ORG_GROUP_CREATOR"}}, 200,
		is("roles", []string{"ORG_GROUP_CREATOR"}), is("teamIds", []string{team}), is("expiresAt", made["expiresAt"]),
		is("createdAt", made["createdAt"]), w.oneEntryEachRole(project, "GROUP_DATA_ACCESS_ADMIN", "GROUP_READ_ONLY"))
	w.did("updateOrgInvites", "PATCH", invites, v2023, object{
		"username": who, "roles": []string{"ORG_MEMBER"}, "teamIds": []string{},
		"groupRoleAssignments": []object{{"groupId": project, "roles": []string{"GROUP_OWNER"}}},
	}, 200, is("roles", []string{"ORG_MEMBER"}), is("teamIds", []string{}), w.oneEntryEachRole(project, "GROUP_OWNER"))
	w.did("deleteOrgInvite", "DELETE", one, v2023, nil, 204)
	w.refused("getOrgInvite, deleted", "GET", one, v2023, nil, 404, "INVALID_INVITATION_ID")
	w.refused("updateOrgInviteById, deleted", "PATCH", one, v2023, object{"roles": []string{"ORG_MEMBER"}}, 404, "INVALID_INVITATION_ID")
	w.refused("deleteOrgInvite, deleted", "DELETE", one, v2023, nil, 404, "INVALID_INVITATION_ID")
	w.refused("createOrgInvite, unknown organization", "POST", "/orgs/"+unknown+"/invites", v2023,
		object{"username": who, "roles": []string{"ORG_MEMBER"}}, 404, "ORG_NOT_FOUND")
	member := text(w.owner(), "username")
	w.refused("createOrgInvite, a member", "POST", invites, v2023,
		object{"username": member, "roles": []string{"ORG_MEMBER"}}, 409, "USER_ALREADY_EXISTS")
}

// oneEntryEachRole: requests name several roles of a project at once, answers have one entry for each.
func (w *walker) oneEntryEachRole(project string, roles ...string) func(object) string {
	return func(answer object) string {
		entries, _ := answer["groupRoleAssignments"].([]any)
		var got []string
		for _, entry := range entries {
			one, _ := entry.(object)
			if one["groupId"] != project {
				return fmt.Sprintf("groupRoleAssignments name %v", one["groupId"])
			}
			got = append(got, text(one, "groupRole"))
		}
		sort.Strings(got)
		return check.Same("groupRoleAssignments", got, roles)
	}
}

func (w *walker) projectInvitations() {
	invites, who := w.project+"/invites", "alan@example.com"
	wanted := []func(object) string{is("username", who), is("groupId", w.project[len("/groups/"):]), some("groupName"),
		is("roles", []string{"GROUP_READ_ONLY"}), month, some("inviterUsername")}
	if w.inviter != "" {
		wanted = append(wanted, is("inviterUsername", w.inviter))
	}
	made := w.did("createGroupInvite", "POST", invites, v2023, object{"username": who, "roles": []string{"GROUP_READ_ONLY"}}, 200, wanted...)
	one := invites + "/" + text(made, "id")
	w.did("listGroupInvites", "GET", invites, v2023, nil, 200, holds(1))
	w.did("listGroupInvites, username", "GET", invites+"?username="+url.QueryEscape(who), v2023, nil, 200, holds(1))
	w.did("getGroupInvite", "GET", one, v2023, nil, 200, is("username", who))
	w.did("updateGroupInviteById", "PATCH", one, v2023, object{"roles": []string{"GROUP_OWNER"}}, 200,
		is("roles", []string{"GROUP_OWNER"}), is("expiresAt", made["expiresAt"]))
	w.did("updateGroupInvites", "PATCH", invites, v2023, object{"username": who, "roles": []string{"GROUP_DATA_ACCESS_READ_ONLY"}}, 200,
		is("roles", []string{"GROUP_DATA_ACCESS_READ_ONLY"}), is("id", made["id"]))
	w.did("deleteGroupInvite", "DELETE", one, v2023, nil, 204)
	w.refused("getGroupInvite, deleted", "GET", one, v2023, nil, 404, "INVALID_INVITATION_ID")
	w.refused("createGroupInvite, unknown project", "POST", "/groups/"+unknown+"/invites", v2023,
		object{"username": who, "roles": []string{"GROUP_OWNER"}}, 404, "GROUP_NOT_FOUND")
	// The list of the organization shows what was made there, not what an invitation to a project brings with it.
	w.did("listOrgInvites, after a project invitation", "GET", w.org+"/invites?username="+url.QueryEscape(who), v2023, nil, 200, holds(0))
}

func (w *walker) organizationUsers() {
	users, project := w.org+"/users", w.project[len("/groups/"):]
	made := w.did("createOrgUser", "POST", users, people, object{"username": "mary@example.com", "roles": object{
		"orgRoles":             []string{"ORG_MEMBER"},
		"groupRoleAssignments": []object{{"groupId": project, "groupRoles": []string{"GROUP_READ_ONLY"}}},
	}}, 201, is("orgMembershipStatus", "PENDING"), is("username", "mary@example.com"), some("invitationExpiresAt"), some("id"))
	one := users + "/" + text(made, "id")
	w.did("listOrgUsers", "GET", users+"?includeCount=true", people, nil, 200, is("totalCount", 2))
	w.did("listOrgUsers, old", "GET", users+"?includeCount=true", v2023, nil, 200, is("totalCount", 1))
	w.did("listOrgUsers, username", "GET", users+"?username=mary%40example.com", people, nil, 200, holds(1))
	w.did("getOrgUser", "GET", one, people, nil, 200, is("username", "mary@example.com"))
	w.did("updateOrgUser", "PATCH", one, people, object{"roles": object{"orgRoles": []string{"ORG_READ_ONLY"}}}, 200, is("id", made["id"]))
	w.did("addOrgUserRole", "POST", one+":addRole", people, object{"orgRole": "ORG_MEMBER"}, 200, is("id", made["id"]))
	w.did("removeOrgUserRole", "POST", one+":removeRole", people, object{"orgRole": "ORG_READ_ONLY"}, 200, is("id", made["id"]))
	w.refused("createOrgUser, twice", "POST", users, people, object{"username": "mary@example.com",
		"roles": object{"orgRoles": []string{"ORG_MEMBER"}}}, 409, "USER_ALREADY_EXISTS")
	w.did("removeOrgUser", "DELETE", one, people, nil, 204)
	w.refused("getOrgUser, removed", "GET", one, people, nil, 404, "USER_NOT_IN_ORG")
}

func (w *walker) projectUsers() {
	users := w.project + "/users"
	made := w.did("addGroupUsers", "POST", users, people, object{"username": "edsger@example.com", "roles": []string{"GROUP_READ_ONLY"}}, 201,
		is("orgMembershipStatus", "PENDING"), is("roles", []string{"GROUP_READ_ONLY"}))
	one := users + "/" + text(made, "id")
	w.did("listGroupUsers", "GET", users+"?flattenTeams=false&includeOrgUsers=false", people, nil, 200, holds(2))
	w.did("getGroupUser", "GET", one, people, nil, 200, is("username", "edsger@example.com"))
	w.did("addGroupUserRole", "POST", one+":addRole", people, object{"groupRole": "GROUP_OWNER"}, 200)
	w.did("removeGroupUserRole", "POST", one+":removeRole", people, object{"groupRole": "GROUP_READ_ONLY"}, 200)
	w.did("removeGroupUser", "DELETE", one, people, nil, 204)
	w.refused("getGroupUser, removed", "GET", one, people, nil, 404, "USER_NOT_IN_GROUP")
}

func (w *walker) teamUsers(team string) {
	users, owner := w.org+"/teams/"+team+"/users", text(w.owner(), "id")
	w.did("listOrgTeamUsers", "GET", users, people, nil, 200, holds(1), is("totalCount", 1))
	w.did("listOrgTeamUsers, old", "GET", users, v2023, nil, 200, holds(1), is("totalCount", 1))
	w.did("removeOrgTeamUserFromTeam", "DELETE", users+"/"+owner, v2023, nil, 204)
	w.did("addOrgTeamUsers", "POST", users, v2023, []object{{"id": owner}}, 200, holds(1))
	w.did("removeOrgTeamUser", "POST", w.org+"/teams/"+team+":removeUser", people, object{"id": owner}, 200, is("id", owner))
	w.did("addOrgTeamUser", "POST", w.org+"/teams/"+team+":addUser", people, object{"id": owner}, 200, is("teamIds", w.teamsOf(team)))
	w.did("getUser", "GET", "/users/"+owner, v2023, nil, 200, is("id", owner))
	w.did("getUserByName", "GET", "/users/byName/"+text(w.owner(), "username"), v2023, nil, 200, is("id", owner))
}

// teamsOf returns the teams that the owner is in: the demo team and this one.
func (w *walker) teamsOf(team string) []string {
	teams := []string{team}
	_, value, _, _ := w.send("GET", w.org+"/teams", v2023, nil)
	answer, _ := value.(object)
	results, _ := answer["results"].([]any)
	for _, result := range results {
		if one, _ := result.(object); one["id"] != team {
			teams = append(teams, text(one, "id"))
		}
	}
	return teams
}

func (w *walker) projects(team string) {
	made := w.did("createGroup", "POST", "/groups?projectOwnerId=", v2023, object{"name": "Walked", "orgId": w.org[len("/orgs/"):],
		"tags": []object{}, "withDefaultAlertsSettings": true}, 201, is("name", "Walked"), some("id"), some("created"))
	one := "/groups/" + text(made, "id")
	w.did("listGroups", "GET", "/groups?includeCount=true", v2023, nil, 200, is("totalCount", 2))
	w.did("getGroup", "GET", one, v2023, nil, 200, is("name", "Walked"))
	w.did("getGroupByName", "GET", "/groups/byName/Walked", v2023, nil, 200, is("id", made["id"]))
	w.did("updateGroup", "PATCH", one, v2023, object{"name": "Run"}, 200, is("name", "Run"))
	w.did("getGroupSettings", "GET", one+"/settings", v2023, nil, 200, is("isDataExplorerEnabled", true))
	w.did("updateGroupSettings", "PATCH", one+"/settings", v2023, object{"isDataExplorerEnabled": false}, 200, is("isDataExplorerEnabled", false))
	w.did("addGroupTeams", "POST", one+"/teams", v2023, []object{{"teamId": team, "roleNames": []string{"GROUP_READ_ONLY"}}}, 200, holds(1))
	w.did("listGroupTeams", "GET", one+"/teams", v2023, nil, 200, holds(1))
	w.did("getGroupTeam", "GET", one+"/teams/"+team, v2023, nil, 200, is("roleNames", []string{"GROUP_READ_ONLY"}))
	w.did("updateGroupTeam", "PATCH", one+"/teams/"+team, v2023, object{"roleNames": []string{"GROUP_OWNER"}}, 200, holds(1))
	w.refused("deleteOrgTeam, assigned", "DELETE", w.org+"/teams/"+team, v2023, nil, 404, "CANNOT_DELETE_TEAM_ASSIGNED_TO_PROJECT")
	w.did("removeGroupTeam", "DELETE", one+"/teams/"+team, v2023, nil, 204)
	w.did("deleteOrgTeam", "DELETE", w.org+"/teams/"+team, v2023, nil, 204)
	w.did("deleteGroup", "DELETE", one, v2023, nil, 202)
	w.refused("getGroup, deleted", "GET", one, v2023, nil, 404, "GROUP_NOT_FOUND")
}

func (w *walker) apiKeys() {
	keys := w.org + "/apiKeys"
	made := w.did("createOrgApiKey", "POST", keys, v2023, object{"desc": "walker", "roles": []string{"ORG_MEMBER"}}, 200,
		is("desc", "walker"), some("privateKey"), some("publicKey"))
	id := text(made, "id")
	one, lists := keys+"/"+id, keys+"/"+id+"/accessList"
	w.did("listOrgApiKeys", "GET", keys+"?includeCount=true", v2023, nil, 200, some("totalCount"))
	w.did("getOrgApiKey", "GET", one, v2023, nil, 200, is("publicKey", made["publicKey"]))
	w.did("updateOrgApiKey", "PATCH", one, v2023, object{"desc": "runner"}, 200, is("desc", "runner"))
	w.did("createOrgApiKeyAccessListEntry", "POST", lists, v2023, []object{{"cidrBlock": "192.0.2.0/24"}, {"ipAddress": "198.51.100.7"}}, 200, holds(2))
	w.did("listOrgApiKeyAccessListEntries", "GET", lists, v2023, nil, 200, holds(2))
	w.did("getOrgApiKeyAccessListEntry", "GET", lists+"/198.51.100.7", v2023, nil, 200, is("ipAddress", "198.51.100.7"))
	w.did("deleteOrgApiKeyAccessListEntry", "DELETE", lists+"/192.0.2.0%2F24", v2023, nil, 204)
	w.did("addGroupApiKey", "POST", w.project+"/apiKeys/"+id, v2023, []object{{"roles": []string{"GROUP_READ_ONLY"}}}, 204)
	w.did("updateGroupApiKeyRoles", "PATCH", w.project+"/apiKeys/"+id, v2023, object{"roles": []string{"GROUP_OWNER"}}, 200, is("id", id))
	w.did("listGroupApiKeys", "GET", w.project+"/apiKeys", v2023, nil, 200, some("results"))
	w.did("removeGroupApiKey", "DELETE", w.project+"/apiKeys/"+id, v2023, nil, 204)
	theirs := w.did("createGroupApiKey", "POST", w.project+"/apiKeys", v2023, object{"desc": "project", "roles": []string{"GROUP_OWNER"}}, 200, some("privateKey"))
	w.did("deleteOrgApiKey", "DELETE", one, v2023, nil, 204)
	w.did("deleteOrgApiKey, of a project", "DELETE", keys+"/"+text(theirs, "id"), v2023, nil, 204)
	w.refused("getOrgApiKey, deleted", "GET", one, v2023, nil, 0, "API_KEY_NOT_FOUND")
}

func (w *walker) serviceAccounts() {
	all := w.org + "/serviceAccounts"
	made := w.did("createOrgServiceAccount", "POST", all, accounts, object{"name": "walker", "description": "walks",
		"roles": []string{"ORG_MEMBER"}, "secretExpiresAfterHours": 48}, 201, is("name", "walker"), some("clientId"), some("secrets"))
	id := text(made, "clientId")
	one := all + "/" + id
	w.did("listOrgServiceAccounts", "GET", all, accounts, nil, 200, holds(2))
	w.did("getOrgServiceAccount", "GET", one, accounts, nil, 200, is("clientId", id))
	w.did("updateOrgServiceAccount", "PATCH", one, accounts, object{"name": "runner"}, 200, is("name", "runner"))
	secret := w.did("createOrgServiceAccountSecret", "POST", one+"/secrets", accounts, object{"secretExpiresAfterHours": 24}, 201, some("secret"), some("id"))
	w.did("deleteOrgServiceAccountSecret", "DELETE", one+"/secrets/"+text(secret, "id"), accounts, nil, 204)
	w.did("createOrgServiceAccountAccessList", "POST", one+"/accessList", accounts, []object{{"cidrBlock": "192.0.2.0/24"}}, 200, holds(1))
	w.did("listOrgServiceAccountAccessList", "GET", one+"/accessList?itemsPerPage=500", accounts, nil, 200, holds(1))
	w.did("deleteOrgServiceAccountAccessListEntry", "DELETE", one+"/accessList/192.0.2.0%2F24", accounts, nil, 204)
	theirs := w.project + "/serviceAccounts"
	w.did("inviteGroupServiceAccount", "POST", theirs+"/"+id+":invite", accounts, object{"roles": []string{"GROUP_READ_ONLY"}}, 200)
	w.did("getGroupServiceAccount", "GET", theirs+"/"+id, accounts, nil, 200, is("clientId", id))
	w.did("updateGroupServiceAccount", "PATCH", theirs+"/"+id, accounts, object{"roles": []string{"GROUP_OWNER"}}, 200)
	w.did("listGroupServiceAccounts", "GET", theirs, accounts, nil, 200, holds(1))
	w.did("getOrgServiceAccountGroups", "GET", one+"/groups", accounts, nil, 200, holds(1))
	w.did("deleteGroupServiceAccount", "DELETE", theirs+"/"+id, accounts, nil, 204)
	w.did("deleteOrgServiceAccount", "DELETE", one, accounts, nil, 204)
}

func (w *walker) events() {
	listed := w.did("listOrgEvents", "GET", w.org+"/events?includeCount=false&includeRaw=false", v2023, nil, 200, some("results"))
	event := first(listed)
	w.did("getOrgEvent", "GET", w.org+"/events/"+text(event, "id"), v2023, nil, 200, is("eventTypeName", event["eventTypeName"]))
	w.did("listOrgEvents, of a type", "GET", w.org+"/events?eventType=INVITED_TO_ORG", v2023, nil, 200)
	w.did("listGroupEvents", "GET", w.project+"/events", v2023, nil, 200)
}
