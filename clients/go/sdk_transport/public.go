package main

import (
	"net/url"

	"antechamber.invalid/clients/check"
)

// public makes the calls of a Cloud Manager or Ops Manager client: contract, OPERATIONS.md section 3.
func (w *walker) public() {
	const api = "/api/public/v1.0"
	org, project, who := api+w.org, api+w.project, "grace@example.com"
	w.did("root", "GET", api+"/", "", nil, 200, some("appName"), is("throttling", false))
	w.did("organizations list", "GET", api+"/orgs", "", nil, 200, holds(1), is("totalCount", 1))
	w.did("organizations get", "GET", org, "", nil, 200, is("isDeleted", false), some("name"))
	w.did("organizations projects", "GET", org+"/groups", "", nil, 200, holds(1))
	w.did("organizations users", "GET", org+"/users", "", nil, 200, some("results"))

	made := w.did("organization invitations create", "POST", org+"/invites", "",
		object{"username": who, "roles": []string{"ORG_MEMBER", "ORG_READ_ONLY"}}, 201, is("username", who), some("orgName"),
		is("roles", []string{"ORG_MEMBER", "ORG_READ_ONLY"}), is("teamIds", []string{}), month, some("inviterUsername"), is("links", nil),
		func(answer object) string {
			_, there := answer["groupRoleAssignments"]
			return check.That("groupRoleAssignments are there", !there)
		})
	one := org + "/invites/" + text(made, "id")
	w.did("organization invitations list", "GET", org+"/invites", "", nil, 200, holds(1))
	w.did("organization invitations list by username", "GET", org+"/invites?username="+url.QueryEscape(who), "", nil, 200, holds(1))
	w.did("organization invitations get", "GET", one, "", nil, 200, is("id", made["id"]))
	w.did("organization invitations update by id", "PATCH", one, "", object{"roles": []string{"ORG_GROUP_CREATOR"}}, 200,
		is("roles", []string{"ORG_GROUP_CREATOR"}), is("expiresAt", made["expiresAt"]))
	w.did("organization invitations update by username", "PATCH", org+"/invites", "", object{"username": who, "roles": []string{"ORG_MEMBER"}}, 200,
		is("roles", []string{"ORG_MEMBER"}))
	w.refused("organization invitations update, no roles", "PATCH", one, "", object{}, 400, "MISSING_ATTRIBUTE")
	w.did("organization invitations delete", "DELETE", one, "", nil, 204)
	w.refused("organization invitations get, deleted", "GET", one, "", nil, 404, "INVALID_INVITATION_ID")

	made = w.did("project invitations create", "POST", project+"/invites", "", object{"username": who, "roles": []string{"GROUP_READ_ONLY"}}, 201,
		is("username", who), some("groupName"), is("teamIds", nil), month)
	one = project + "/invites/" + text(made, "id")
	w.did("project invitations list", "GET", project+"/invites", "", nil, 200, holds(1))
	w.did("project invitations list by username", "GET", project+"/invites?username="+url.QueryEscape(who), "", nil, 200, holds(1))
	w.did("project invitations get", "GET", one, "", nil, 200, is("id", made["id"]))
	w.did("project invitations update by id", "PATCH", one, "", object{"roles": []string{"GROUP_OWNER"}}, 200, is("roles", []string{"GROUP_OWNER"}))
	w.did("project invitations update by username", "PATCH", project+"/invites", "",
		object{"username": who, "roles": []string{"GROUP_READ_ONLY"}}, 200, is("roles", []string{"GROUP_READ_ONLY"}))
	w.did("project invitations delete", "DELETE", one, "", nil, 204)

	w.did("projects list", "GET", api+"/groups", "", nil, 200, holds(1))
	w.did("projects get", "GET", project, "", nil, 200, some("hostCounts"), is("publicApiEnabled", true))
	w.did("projects users", "GET", project+"/users", "", nil, 200, holds(1))
	w.did("projects teams", "GET", project+"/teams", "", nil, 200, holds(0))
	w.did("teams list", "GET", org+"/teams", "", nil, 200, holds(1))
	w.did("api keys list", "GET", org+"/apiKeys", "", nil, 200, some("results"))
	w.did("events list", "GET", org+"/events", "", nil, 200, some("results"))
}
