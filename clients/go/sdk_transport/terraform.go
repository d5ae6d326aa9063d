package main

import "net/url"

// terraform makes the calls of the Terraform provider's resources, in their order: contract, CLIENTS.md section 3.
func (w *walker) terraform() {
	who := "grace@example.com"
	byName := "/users/byName/" + url.PathEscape(who)
	w.refused("org_invitation create: is there such a user?", "GET", byName, v2023, nil, 404, "USERNAME_NOT_FOUND")
	made := w.did("org_invitation create", "POST", w.org+"/invites", v2023,
		object{"roles": []string{"ORG_MEMBER"}, "teamIds": []string{}, "username": who}, 200,
		some("id"), some("orgId"), some("createdAt"), some("expiresAt"), some("inviterUsername"))
	one := w.org + "/invites/" + text(made, "id")
	w.did("org_invitation read", "GET", one, v2023, nil, 200, is("username", who), is("teamIds", []string{}))
	w.did("org_invitation update", "PATCH", one, v2023, object{"roles": []string{"ORG_READ_ONLY"}}, 200, is("roles", []string{"ORG_READ_ONLY"}))
	w.did("org_invitation import", "GET", w.org+"/invites", v2023, nil, 200, holds(1))
	w.did("org_invitation delete: read", "GET", one, v2023, nil, 200)
	w.did("org_invitation delete", "DELETE", one, v2023, nil, 204)
	w.refused("org_invitation read, deleted", "GET", one, v2023, nil, 404, "INVALID_INVITATION_ID")

	made = w.did("project_invitation create", "POST", w.project+"/invites", v2023, object{"roles": []string{"GROUP_READ_ONLY"}, "username": who}, 200)
	one = w.project + "/invites/" + text(made, "id")
	w.did("project_invitation read", "GET", one, v2023, nil, 200, is("username", who), some("groupId"))
	w.did("project_invitation update", "PATCH", one, v2023, object{"roles": []string{"GROUP_OWNER"}}, 200)
	w.did("project_invitation delete", "DELETE", one, v2023, nil, 204)

	users := w.org + "/users"
	made = w.did("cloud_user_org_assignment create", "POST", users, people,
		object{"username": "mary@example.com", "roles": object{"orgRoles": []string{"ORG_MEMBER"}}}, 201, some("id"))
	person := text(made, "id")
	w.did("cloud_user_org_assignment read", "GET", users+"/"+person, people, nil, 200, is("orgMembershipStatus", "PENDING"))
	w.did("cloud_user_org_assignment read by username", "GET", users+"?username=mary%40example.com", people, nil, 200, holds(1))
	w.did("cloud_user_org_assignment update", "PATCH", users+"/"+person, people, object{"roles": object{"orgRoles": []string{"ORG_READ_ONLY"}}}, 200, is("id", person))
	theirs := w.project + "/users"
	w.did("cloud_user_project_assignment create", "POST", theirs, people, object{"username": "mary@example.com", "roles": []string{"GROUP_READ_ONLY"}}, 201, is("id", person))
	w.did("cloud_user_project_assignment update: add", "POST", theirs+"/"+person+":addRole", people, object{"groupRole": "GROUP_OWNER"}, 200)
	w.did("cloud_user_project_assignment update: remove", "POST", theirs+"/"+person+":removeRole", people, object{"groupRole": "GROUP_READ_ONLY"}, 200)
	w.did("cloud_user_project_assignment read", "GET", theirs+"/"+person, people, nil, 200, is("roles", []string{"GROUP_OWNER"}))
	w.did("cloud_user_project_assignment delete", "DELETE", theirs+"/"+person, people, nil, 204)
	owner := w.owner()
	team := text(w.did("team create", "POST", w.org+"/teams", v2023, object{"name": "Terraform", "usernames": []string{text(owner, "username")}}, 201), "id")
	w.did("team read", "GET", w.org+"/teams/"+team, v2023, nil, 200, is("name", "Terraform"))
	w.did("team read: users", "GET", w.org+"/teams/"+team+"/users?itemsPerPage=100&pageNum=1", v2023, nil, 200, is("totalCount", 1))
	w.did("cloud_user_team_assignment create", "POST", w.org+"/teams/"+team+":addUser", people, object{"id": person}, 200, is("teamIds", []string{team}))
	w.did("cloud_user_team_assignment read", "GET", w.org+"/teams/"+team+"/users?userId="+person, people, nil, 200, holds(1))
	w.did("cloud_user_team_assignment delete", "POST", w.org+"/teams/"+team+":removeUser", people, object{"id": person}, 200)
	w.did("cloud_user_org_assignment delete", "DELETE", users+"/"+person, people, nil, 204)

	made = w.did("project create", "POST", "/groups?projectOwnerId=", v2023, object{"name": "Terraform", "orgId": w.org[len("/orgs/"):], "withDefaultAlertsSettings": true}, 201)
	group := "/groups/" + text(made, "id")
	w.did("project create: settings", "PATCH", group+"/settings", v2023, w.did("project create: read settings", "GET", group+"/settings", v2023, nil, 200), 200)
	w.did("project read", "GET", group, v2023, nil, 200, is("name", "Terraform"))
	w.did("project read: teams", "GET", group+"/teams", v2023, nil, 200, holds(0))
	w.did("project read: limits", "GET", group+"/limits", v2023, nil, 200)
	w.did("project read: addresses", "GET", group+"/ipAddresses", v2023, nil, 200, some("services"))
	w.did("project read: managedSlowMs", "GET", group+"/managedSlowMs", v2023, nil, 200)
	w.did("team_project_assignment create", "POST", group+"/teams", v2023, []object{{"teamId": team, "roleNames": []string{"GROUP_OWNER"}}}, 200, holds(1))
	w.did("team_project_assignment read", "GET", group+"/teams/"+team, v2023, nil, 200, is("roleNames", []string{"GROUP_OWNER"}))
	w.refused("team delete, assigned", "DELETE", w.org+"/teams/"+team, v2023, nil, 404, "CANNOT_DELETE_TEAM_ASSIGNED_TO_PROJECT")
	w.did("team_project_assignment delete", "DELETE", group+"/teams/"+team, v2023, nil, 204)
	w.did("team delete", "DELETE", w.org+"/teams/"+team, v2023, nil, 204)
	w.did("project data source: users", "GET", group+"/users?itemsPerPage=100&pageNum=1", v2023, nil, 200, some("totalCount"))
	w.did("project delete: clusters", "GET", group+"/clusters", accounts, nil, 200, is("totalCount", 0))
	w.did("project delete", "DELETE", group, v2023, nil, 202)
	w.refused("project read, deleted", "GET", group, v2023, nil, 404, "GROUP_NOT_FOUND")

	w.alwaysTyped = true
	all := w.org + "/serviceAccounts"
	made = w.did("service_account create", "POST", all, accounts, object{"name": "terraform", "description": "made by terraform",
		"roles": []string{"ORG_MEMBER"}, "secretExpiresAfterHours": 48}, 201, some("clientId"), some("secrets"))
	client := text(made, "clientId")
	w.did("service_account read", "GET", all+"/"+client, accounts, nil, 200, is("clientId", client))
	w.did("service_account update", "PATCH", all+"/"+client, accounts, object{"name": "terraformed"}, 200, is("name", "terraformed"))
	secret := w.did("service_account_secret create", "POST", all+"/"+client+"/secrets", accounts, object{"secretExpiresAfterHours": 24}, 201, some("secret"))
	w.did("service_account_secret delete", "DELETE", all+"/"+client+"/secrets/"+text(secret, "id"), accounts, nil, 204)
	w.did("service_account_project_assignment create", "POST", w.project+"/serviceAccounts/"+client+":invite", accounts, object{"roles": []string{"GROUP_OWNER"}}, 200)
	w.did("service_account_project_assignment read", "GET", w.project+"/serviceAccounts/"+client, accounts, nil, 200)
	w.did("service_account_project_assignment delete", "DELETE", w.project+"/serviceAccounts/"+client, accounts, nil, 204)
	w.did("service_account_access_list_entry create", "POST", all+"/"+client+"/accessList", accounts, []object{{"ipAddress": "192.0.2.1"}}, 200, holds(1))
	w.did("service_account_access_list_entry delete", "DELETE", all+"/"+client+"/accessList/192.0.2.1", accounts, nil, 204)
	w.did("service_account delete", "DELETE", all+"/"+client, accounts, nil, 204)
	w.alwaysTyped = false

	made = w.did("organization create", "POST", "/orgs", v2023, object{"name": "Terraformed", "orgOwnerId": owner["id"],
		"apiKey": object{"desc": "made by terraform", "roles": []string{"ORG_OWNER"}}}, 201, some("organization"), some("apiKey"))
	organization, _ := made["organization"].(object)
	key, _ := made["apiKey"].(object)
	w.madeOrganization(text(organization, "id"), text(key, "publicKey"), text(key, "privateKey"))
}

// madeOrganization goes on with the new organization's own key, as the provider does.
func (w *walker) madeOrganization(id, publicKey, privateKey string) {
	theirs := &walker{client: withKey(w.base, publicKey, privateKey), org: "/orgs/" + id}
	theirs.did("organization create: settings", "PATCH", theirs.org+"/settings", v2023, object{"multiFactorAuthRequired": false}, 200)
	theirs.did("organization read", "GET", theirs.org, v2023, nil, 200, is("name", "Terraformed"))
	theirs.did("organization read: settings", "GET", theirs.org+"/settings", v2023, nil, 200)
	theirs.did("organization delete", "DELETE", theirs.org, v2023, nil, 204)
	w.Add(theirs.Walk)
}
