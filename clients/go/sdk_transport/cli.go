package main

import (
	"fmt"
	"net/url"

	"antechamber.invalid/clients/check"
)

// cli makes the calls of the Atlas CLI's commands: contract, CLIENTS.md section 2.
func (w *walker) cli() {
	w.did("auth login: organizations", "GET", "/orgs?itemsPerPage=50&name=", v2023, nil, 200, is("totalCount", 1))
	w.did("auth login: organization", "GET", w.org, v2023, nil, 200, some("name"))
	w.did("auth login: projects of it", "GET", w.org+"/groups?itemsPerPage=50", v2023, nil, 200, is("totalCount", 1))
	w.did("auth login: projects", "GET", "/groups?itemsPerPage=50", v2023, nil, 200, is("totalCount", 1))
	w.did("auth login: project", "GET", w.project, v2023, nil, 200, some("name"))
	w.did("version check", "GET", "/api/private/unauth/version", "", nil, 200)

	w.did("organizations list", "GET", "/orgs?includeCount=true&itemsPerPage=100&name=&pageNum=1", v2023, nil, 200, holds(1))
	w.did("organizations describe", "GET", w.org, v2023, nil, 200, some("id"))
	w.did("organizations users list", "GET", w.org+"/users?includeCount=true&itemsPerPage=100&pageNum=1", people, nil, 200, holds(1))

	invites, who := w.org+"/invites", "grace@example.com"
	made := w.did("organizations invitations invite", "POST", invites, v2023,
		object{"username": who, "roles": []string{"ORG_MEMBER"}, "teamIds": []string{}}, 200, is("username", who))
	one := invites + "/" + text(made, "id")
	w.did("organizations invitations list", "GET", invites+"?username=", v2023, nil, 200, holds(1))
	w.did("organizations invitations describe", "GET", one, v2023, nil, 200, is("id", made["id"]))
	w.did("organizations invitations update ID", "PATCH", one, v2023, object{"roles": []string{"ORG_READ_ONLY"}, "teamIds": []string{}}, 200,
		is("roles", []string{"ORG_READ_ONLY"}))
	w.did("organizations invitations update --email", "PATCH", invites, v2023, object{"username": who, "roles": []string{"ORG_MEMBER"}}, 200,
		is("roles", []string{"ORG_MEMBER"}))
	w.did("api organizations getOrgInvite --pretty", "GET", one+"?pretty=true", v2023, nil, 200, is("id", made["id"]))
	w.did("api organizations getOrgInvite --envelope", "GET", one+"?envelope=true", v2023, nil, 200, is("status", 200), some("content"))
	w.did("organizations invitations delete", "DELETE", one, v2023, nil, 204)
	w.refused("organizations invitations describe, deleted", "GET", one, v2023, nil, 404, "INVALID_INVITATION_ID")

	invites = w.project + "/invites"
	made = w.did("projects invitations invite", "POST", invites, v2023, object{"username": who, "roles": []string{"GROUP_READ_ONLY"}}, 200)
	one = invites + "/" + text(made, "id")
	w.did("projects invitations list", "GET", invites+"?username=", v2023, nil, 200, holds(1))
	w.did("projects invitations describe", "GET", one, v2023, nil, 200, is("id", made["id"]))
	w.did("projects invitations update ID", "PATCH", one, v2023, object{"roles": []string{"GROUP_OWNER"}}, 200, is("roles", []string{"GROUP_OWNER"}))
	w.did("projects invitations update --email", "PATCH", invites, v2023, object{"username": who, "roles": []string{"GROUP_READ_ONLY"}}, 200,
		is("roles", []string{"GROUP_READ_ONLY"}))
	w.did("projects invitations delete", "DELETE", one, v2023, nil, 204)

	keys := w.org + "/apiKeys"
	made = w.did("organizations apiKeys create", "POST", keys, v2023, object{"desc": "cli", "roles": []string{"ORG_MEMBER"}}, 200, some("privateKey"))
	one = keys + "/" + text(made, "id")
	w.did("organizations apiKeys list", "GET", keys+"?includeCount=true&itemsPerPage=100&pageNum=1", v2023, nil, 200, some("totalCount"))
	w.did("organizations apiKeys describe", "GET", one, v2023, nil, 200, is("desc", "cli"))
	w.did("organizations apiKeys assign", "PATCH", one, v2023, object{"desc": "cli 2", "roles": []string{"ORG_READ_ONLY"}}, 200, is("desc", "cli 2"))
	address := w.did("organizations apiKeys accessLists create --currentIp: address", "GET", "/api/private/ipinfo", "", nil, 200,
		is("currentIpv4Address", "127.0.0.1"))
	w.did("organizations apiKeys accessLists create --currentIp: entry", "POST", one+"/accessList", v2023,
		[]object{{"ipAddress": address["currentIpv4Address"]}}, 200, holds(1))
	w.did("organizations apiKeys accessLists list", "GET", one+"/accessList?itemsPerPage=100&pageNum=1", v2023, nil, 200, holds(1))
	w.did("organizations apiKeys accessLists delete", "DELETE", one+"/accessList/127.0.0.1", v2023, nil, 204)
	w.did("projects apiKeys assign", "PATCH", w.project+"/apiKeys/"+text(made, "id"), v2023, object{"roles": []string{"GROUP_READ_ONLY"}}, 200)
	w.did("projects apiKeys list", "GET", w.project+"/apiKeys?itemsPerPage=100&pageNum=1", v2023, nil, 200, some("results"))
	w.did("projects apiKeys delete", "DELETE", w.project+"/apiKeys/"+text(made, "id"), v2023, nil, 204)
	w.did("organizations apiKeys delete", "DELETE", one, v2023, nil, 204)

	owner := w.owner()
	made = w.did("projects create", "POST", "/groups?projectOwnerId=", v2023,
		object{"name": "Made by the CLI", "orgId": w.org[len("/orgs/"):], "withDefaultAlertsSettings": true}, 201)
	group := "/groups/" + text(made, "id")
	w.did("projects update", "PATCH", group, v2023, object{"name": "Renamed by the CLI", "tags": []object{{"key": "stage", "value": "test"}}}, 200)
	w.did("projects settings describe", "GET", group+"/settings", v2023, nil, 200)
	w.did("projects settings update", "PATCH", group+"/settings", v2023, object{"isSchemaAdvisorEnabled": false}, 200, is("isSchemaAdvisorEnabled", false))
	w.did("projects users list", "GET", w.project+"/users?flattenTeams=true&includeCount=true&includeOrgUsers=true&itemsPerPage=100&pageNum=1", people, nil, 200, some("results"))
	team := w.did("teams create", "POST", w.org+"/teams", v2023, object{"name": "CLI", "usernames": []string{text(owner, "username")}}, 201)
	id := text(team, "id")
	w.did("teams list", "GET", w.org+"/teams?includeCount=true&itemsPerPage=100&pageNum=1", v2023, nil, 200, holds(2))
	w.did("teams describe --id", "GET", w.org+"/teams/"+id, v2023, nil, 200, is("name", "CLI"))
	w.did("teams describe --name", "GET", w.org+"/teams/byName/CLI", v2023, nil, 200, is("id", id))
	w.did("teams rename", "PATCH", w.org+"/teams/"+id, v2023, object{"name": "Renamed"}, 200, is("name", "Renamed"))
	w.did("teams users list", "GET", w.org+"/teams/"+id+"/users?itemsPerPage=100&pageNum=1", people, nil, 200, holds(1))
	w.did("teams users delete", "DELETE", w.org+"/teams/"+id+"/users/"+text(owner, "id"), v2023, nil, 204)
	w.did("teams users add", "POST", w.org+"/teams/"+id+"/users", v2023, []object{{"id": owner["id"]}}, 200, holds(1))
	w.did("projects teams add", "POST", group+"/teams", v2023, []object{{"teamId": id, "roleNames": []string{"GROUP_READ_ONLY"}}}, 200, holds(1))
	w.did("projects teams list", "GET", group+"/teams?includeCount=true&itemsPerPage=100&pageNum=1", v2023, nil, 200, holds(1))
	w.did("projects teams update", "PATCH", group+"/teams/"+id, v2023, object{"roleNames": []string{"GROUP_OWNER"}}, 200, holds(1))
	w.did("projects teams delete", "DELETE", group+"/teams/"+id, v2023, nil, 204)
	w.did("teams delete", "DELETE", w.org+"/teams/"+id, v2023, nil, 204)
	w.did("projects delete", "DELETE", group, v2023, nil, 202)

	user := w.did("users invite", "POST", "/users", v2023, object{
		"username": "barbara@example.com", "password": "correct horse battery", "firstName": "Barbara", "lastName": "Liskov",
		"country": "US", "mobileNumber": "2125550198", "roles": []object{{"orgId": w.org[len("/orgs/"):], "roleName": "ORG_MEMBER"}},
	}, 201, is("username", "barbara@example.com"), some("id"))
	w.did("users describe --id", "GET", "/users/"+text(user, "id"), v2023, nil, 200, is("emailAddress", "barbara@example.com"))
	w.did("users describe --username", "GET", "/users/byName/"+url.PathEscape("barbara@example.com"), v2023, nil, 200, is("id", user["id"]))

	filter := "?includeCount=false&includeRaw=false&itemsPerPage=100&minDate=2025-01-01T00%3A00%3A00Z&pageNum=1"
	w.did("events organizations list", "GET", w.org+"/events"+filter+"&eventType=INVITED_TO_ORG", v2023, nil, 200,
		func(answer object) string {
			return check.That("no events", first(answer)["eventTypeName"] == "INVITED_TO_ORG")
		})
	w.did("events projects list", "GET", w.project+"/events"+filter, v2023, nil, 200, func(answer object) string {
		return check.That(fmt.Sprint("no list: ", answer), answer["results"] != nil)
	})
}
