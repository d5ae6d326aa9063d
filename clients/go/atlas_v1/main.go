// Walks /api/atlas/v1.0 with the v1.0 Go client and an API key.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sort"

	"antechamber.invalid/clients/check"
	"github.com/mongodb-forks/digest"
	"go.mongodb.org/atlas/mongodbatlas"
)

type walker struct {
	check.Walk
	ctx          context.Context
	client       *mongodbatlas.Client
	org, project string
	key          string
}

func main() {
	key := check.Setting("MONGODB_ATLAS_PUBLIC_KEY")
	transport := digest.NewTransport(key, check.Setting("MONGODB_ATLAS_PRIVATE_KEY"))
	base := check.Setting("MONGODB_ATLAS_BASE_URL") + "/"
	client, err := mongodbatlas.New(&http.Client{Transport: transport}, mongodbatlas.SetBaseURL(base))
	if err != nil {
		panic(err)
	}
	w := &walker{
		ctx: context.Background(), client: client, key: key,
		org: check.Setting("MONGODB_ATLAS_ORG_ID"), project: check.Setting("MONGODB_ATLAS_PROJECT_ID"),
	}
	w.root()
	w.organizations()
	team := w.teams()
	w.organizationInvitations(team)
	w.projectInvitations()
	w.projects(team)
	w.users()
	w.apiKeys()
	w.events()
	w.End()
}

// refused records an operation that must fail with this status and code.
func (w *walker) refused(operation string, err error, status int, code string) {
	var answer *mongodbatlas.ErrorResponse
	if !errors.As(err, &answer) {
		w.Did(operation, fmt.Errorf("not refused with %s: %v", code, err))
		return
	}
	w.Did(operation, nil, check.Same("error", answer.HTTPCode, status), check.Same("status", answer.Response.StatusCode, status),
		check.Same("errorCode", answer.ErrorCode, code), check.That("no reason", answer.Reason != ""),
		check.That("no detail", answer.Detail != ""))
}

func (w *walker) root() {
	root, _, err := w.client.Root.List(w.ctx, nil)
	if err != nil {
		w.Did("root", err)
		return
	}
	w.Did("root", nil, check.Same("publicKey", root.APIKey.PublicKey, w.key), check.That("no appName", root.AppName != ""))
}

func (w *walker) organizations() {
	orgs, _, err := w.client.Organizations.List(w.ctx, nil)
	if err != nil {
		w.Did("organizations list", err)
	} else {
		w.Did("organizations list", nil, check.Same("totalCount", orgs.TotalCount, 1),
			check.That("not the demo organization", len(orgs.Results) == 1 && orgs.Results[0].ID == w.org))
	}
	org, _, err := w.client.Organizations.Get(w.ctx, w.org)
	if err != nil {
		w.Did("organizations get", err)
		return
	}
	w.Did("organizations get", nil, check.Same("id", org.ID, w.org))
	_, _, err = w.client.Organizations.Get(w.ctx, "ffffffffffffffffffffffff")
	w.refused("organizations get, unknown", err, 404, "ORG_NOT_FOUND")
	projects, _, err := w.client.Organizations.Projects(w.ctx, w.org, nil)
	w.Did("organizations projects", err, check.That("no projects", err != nil || projects.TotalCount > 0))
	users, _, err := w.client.Organizations.Users(w.ctx, w.org, nil)
	w.Did("organizations users", err, check.That("no users", err != nil || users.TotalCount > 0))
	renamed, _, err := w.client.Organizations.Update(w.ctx, w.org, &mongodbatlas.Organization{Name: "Renamed"})
	w.Did("organizations update", err, check.That("not renamed", err != nil || renamed.Name == "Renamed"))
}

func (w *walker) teams() string {
	users, _, err := w.client.Organizations.Users(w.ctx, w.org, nil)
	if err != nil || len(users.Results) == 0 {
		w.Did("teams create", fmt.Errorf("there is nobody to put in a team: %v", err))
		return ""
	}
	owner := users.Results[0]
	team, _, err := w.client.Teams.Create(w.ctx, w.org, &mongodbatlas.Team{Name: "Walkers", Usernames: []string{owner.Username}})
	if err != nil {
		w.Did("teams create", err)
		return ""
	}
	w.Did("teams create", nil, check.Same("name", team.Name, "Walkers"),
		check.Same("usernames", team.Usernames, []string{owner.Username}))
	listed, _, err := w.client.Teams.List(w.ctx, w.org, nil)
	w.Did("teams list", err, check.That("fewer than two", err != nil || len(listed) >= 2))
	got, _, err := w.client.Teams.Get(w.ctx, w.org, team.ID)
	w.Did("teams get", err, check.That("another team", err != nil || got.Name == "Walkers"))
	named, _, err := w.client.Teams.GetOneTeamByName(w.ctx, w.org, "Walkers")
	w.Did("teams get by name", err, check.That("another team", err != nil || named.ID == team.ID))
	renamed, _, err := w.client.Teams.Rename(w.ctx, w.org, team.ID, "Runners")
	w.Did("teams rename", err, check.That("not renamed", err != nil || renamed.Name == "Runners"))
	members, _, err := w.client.Teams.GetTeamUsersAssigned(w.ctx, w.org, team.ID)
	w.Did("teams users", err, check.That("not the owner alone", err != nil || len(members) == 1 && members[0].ID == owner.ID))
	_, err = w.client.Teams.RemoveUserToTeam(w.ctx, w.org, team.ID, owner.ID)
	w.Did("teams remove user", err)
	members, _, err = w.client.Teams.AddUsersToTeam(w.ctx, w.org, team.ID, []string{owner.ID})
	w.Did("teams add users", err, check.That("not the owner alone", err != nil || len(members) == 1 && members[0].ID == owner.ID))
	return team.ID
}

func (w *walker) organizationInvitations(team string) {
	service, who := w.client.Organizations, "grace@example.com"
	made, _, err := service.InviteUser(w.ctx, w.org, &mongodbatlas.Invitation{
		Username: who, Roles: []string{"ORG_MEMBER", "ORG_READ_ONLY"}, TeamIDs: teams(team),
	})
	if err != nil {
		w.Did("organization invitations invite", err)
		return
	}
	sort.Strings(made.Roles)
	w.Did("organization invitations invite", nil, check.Same("username", made.Username, who), check.Same("orgId", made.OrgID, w.org),
		check.Same("orgName", made.OrgName, "Renamed"), check.Same("inviterUsername", made.InviterUsername, w.key),
		check.Same("roles", made.Roles, []string{"ORG_MEMBER", "ORG_READ_ONLY"}), check.Same("teamIds", made.TeamIDs, teams(team)),
		check.Month(made.CreatedAt, made.ExpiresAt))
	_, _, err = service.InviteUser(w.ctx, "ffffffffffffffffffffffff", &mongodbatlas.Invitation{Username: who, Roles: []string{"ORG_MEMBER"}})
	w.refused("organization invitations invite, unknown organization", err, 404, "ORG_NOT_FOUND")
	all, _, err := service.Invitations(w.ctx, w.org, nil)
	w.Did("organization invitations list", err, check.That("not there", err != nil || len(all) == 1 && all[0].ID == made.ID))
	some, _, err := service.Invitations(w.ctx, w.org, &mongodbatlas.InvitationOptions{Username: "nobody@example.com"})
	w.Did("organization invitations list by username", err, check.That("not empty", err != nil || len(some) == 0))
	got, _, err := service.Invitation(w.ctx, w.org, made.ID)
	w.Did("organization invitations get", err, check.That("another one", err != nil || got.Username == who && got.ExpiresAt == made.ExpiresAt))
	// This client sends one and the same struct back: with a user name, an id and dates in the body.
	got = &mongodbatlas.Invitation{Roles: []string{"ORG_GROUP_CREATOR"}, TeamIDs: teams(team)}
	changed, _, err := service.UpdateInvitationByID(w.ctx, w.org, made.ID, got)
	w.Did("organization invitations update by id", err, check.That("roles or dates are wrong", err != nil ||
		len(changed.Roles) == 1 && changed.Roles[0] == "ORG_GROUP_CREATOR" && changed.ExpiresAt == made.ExpiresAt))
	changed, _, err = service.UpdateInvitation(w.ctx, w.org, &mongodbatlas.Invitation{Username: who, Roles: []string{"ORG_MEMBER"}})
	w.Did("organization invitations update by username", err, check.That("roles or teams are wrong", err != nil ||
		len(changed.Roles) == 1 && changed.Roles[0] == "ORG_MEMBER" && len(changed.TeamIDs) == len(teams(team))))
	_, err = service.DeleteInvitation(w.ctx, w.org, made.ID)
	w.Did("organization invitations delete", err)
	_, _, err = service.Invitation(w.ctx, w.org, made.ID)
	w.refused("organization invitations get, deleted", err, 404, "INVALID_INVITATION_ID")
}

func teams(team string) []string {
	if team == "" {
		return nil
	}
	return []string{team}
}

func (w *walker) projectInvitations() {
	service, who := w.client.Projects, "alan@example.com"
	made, _, err := service.InviteUser(w.ctx, w.project, &mongodbatlas.Invitation{Username: who, Roles: []string{"GROUP_READ_ONLY"}})
	if err != nil {
		w.Did("project invitations invite", err)
		return
	}
	w.Did("project invitations invite", nil, check.Same("username", made.Username, who), check.Same("groupId", made.GroupID, w.project),
		check.That("no groupName", made.GroupName != ""), check.Same("inviterUsername", made.InviterUsername, w.key),
		check.Same("roles", made.Roles, []string{"GROUP_READ_ONLY"}), check.Month(made.CreatedAt, made.ExpiresAt))
	all, _, err := service.Invitations(w.ctx, w.project, nil)
	w.Did("project invitations list", err, check.That("not there", err != nil || len(all) == 1 && all[0].ID == made.ID))
	some, _, err := service.Invitations(w.ctx, w.project, &mongodbatlas.InvitationOptions{Username: who})
	w.Did("project invitations list by username", err, check.That("not there", err != nil || len(some) == 1))
	got, _, err := service.Invitation(w.ctx, w.project, made.ID)
	w.Did("project invitations get", err, check.That("another one", err != nil || got.Username == who))
	changed, _, err := service.UpdateInvitationByID(w.ctx, w.project, made.ID, &mongodbatlas.Invitation{Roles: []string{"GROUP_OWNER"}})
	w.Did("project invitations update by id", err, check.That("roles or dates are wrong", err != nil ||
		len(changed.Roles) == 1 && changed.Roles[0] == "GROUP_OWNER" && changed.ExpiresAt == made.ExpiresAt))
	changed, _, err = service.UpdateInvitation(w.ctx, w.project, &mongodbatlas.Invitation{
		Username: who, Roles: []string{"GROUP_DATA_ACCESS_ADMIN"},
	})
	w.Did("project invitations update by username", err, check.That("roles are wrong", err != nil ||
		len(changed.Roles) == 1 && changed.Roles[0] == "GROUP_DATA_ACCESS_ADMIN"))
	_, err = service.DeleteInvitation(w.ctx, w.project, made.ID)
	w.Did("project invitations delete", err)
	_, err = service.DeleteInvitation(w.ctx, w.project, made.ID)
	w.refused("project invitations delete, deleted", err, 404, "INVALID_INVITATION_ID")
}

func (w *walker) projects(team string) {
	service := w.client.Projects
	all, _, err := service.GetAllProjects(w.ctx, nil)
	w.Did("projects list", err, check.That("none", err != nil || all.TotalCount > 0))
	made, _, err := service.Create(w.ctx, &mongodbatlas.Project{Name: "Walked", OrgID: w.org}, nil)
	if err != nil {
		w.Did("projects create", err)
		return
	}
	w.Did("projects create", nil, check.Same("name", made.Name, "Walked"), check.Same("orgId", made.OrgID, w.org))
	got, _, err := service.GetOneProject(w.ctx, made.ID)
	w.Did("projects get", err, check.That("another one", err != nil || got.Name == "Walked" && got.Created != ""))
	named, _, err := service.GetOneProjectByName(w.ctx, "Walked")
	w.Did("projects get by name", err, check.That("another one", err != nil || named.ID == made.ID))
	renamed, _, err := service.Update(w.ctx, made.ID, &mongodbatlas.ProjectUpdateRequest{Name: "Run"})
	w.Did("projects update", err, check.That("not renamed", err != nil || renamed.Name == "Run"))
	settings, _, err := service.GetProjectSettings(w.ctx, made.ID)
	w.Did("projects settings", err, check.That("a flag is absent", err != nil || settings.IsDataExplorerEnabled != nil))
	off := false
	settings, _, err = service.UpdateProjectSettings(w.ctx, made.ID, &mongodbatlas.ProjectSettings{IsDataExplorerEnabled: &off})
	w.Did("projects update settings", err, check.That("not off", err != nil || settings.IsDataExplorerEnabled != nil && !*settings.IsDataExplorerEnabled))
	if team != "" {
		added, _, err := service.AddTeamsToProject(w.ctx, made.ID, []*mongodbatlas.ProjectTeam{{TeamID: team, RoleNames: []string{"GROUP_READ_ONLY"}}})
		w.Did("projects add teams", err, check.That("not there", err != nil || added.TotalCount == 1))
		assigned, _, err := service.GetProjectTeamsAssigned(w.ctx, made.ID)
		w.Did("projects teams", err, check.That("not there", err != nil || len(assigned.Results) == 1 && assigned.Results[0].TeamID == team))
		roles, _, err := w.client.Teams.UpdateTeamRoles(w.ctx, made.ID, team, &mongodbatlas.TeamUpdateRoles{RoleNames: []string{"GROUP_OWNER"}})
		w.Did("teams update roles", err, check.That("roles are wrong", err != nil || len(roles) == 1 && roles[0].RoleNames[0] == "GROUP_OWNER"))
		_, err = w.client.Teams.RemoveTeamFromOrganization(w.ctx, w.org, team)
		w.refused("teams delete, assigned", err, 404, "CANNOT_DELETE_TEAM_ASSIGNED_TO_PROJECT")
		_, err = w.client.Teams.RemoveTeamFromProject(w.ctx, made.ID, team)
		w.Did("teams remove from project", err)
		_, err = w.client.Teams.RemoveTeamFromOrganization(w.ctx, w.org, team)
		w.Did("teams delete", err)
	}
	_, err = service.Delete(w.ctx, made.ID)
	w.Did("projects delete", err)
	_, _, err = service.GetOneProject(w.ctx, made.ID)
	w.refused("projects get, deleted", err, 404, "GROUP_NOT_FOUND")
}

func (w *walker) users() {
	people, _, err := w.client.AtlasUsers.List(w.ctx, w.project, nil)
	if err != nil || len(people) == 0 {
		w.Did("users list", fmt.Errorf("nobody in the project: %w", err))
		return
	}
	w.Did("users list", nil, check.That("no roles", len(people[0].Roles) > 0), check.That("no address", people[0].EmailAddress != ""))
	got, _, err := w.client.AtlasUsers.Get(w.ctx, people[0].ID)
	w.Did("users get", err, check.That("another one", err != nil || got.Username == people[0].Username))
	named, _, err := w.client.AtlasUsers.GetByName(w.ctx, people[0].Username)
	w.Did("users get by name", err, check.That("another one", err != nil || named.ID == people[0].ID))
	_, _, err = w.client.AtlasUsers.GetByName(w.ctx, "nobody@example.com")
	w.refused("users get by name, unknown", err, 404, "USERNAME_NOT_FOUND")
}

func (w *walker) apiKeys() {
	made, _, err := w.client.APIKeys.Create(w.ctx, w.org, &mongodbatlas.APIKeyInput{Desc: "walker", Roles: []string{"ORG_MEMBER"}})
	if err != nil {
		w.Did("api keys create", err)
		return
	}
	w.Did("api keys create", nil, check.Same("desc", made.Desc, "walker"), check.Same("length of publicKey", len(made.PublicKey), 8),
		check.Same("length of privateKey", len(made.PrivateKey), 36))
	all, _, err := w.client.APIKeys.List(w.ctx, w.org, nil)
	w.Did("api keys list", err, check.That("fewer than two", err != nil || len(all) >= 2))
	got, _, err := w.client.APIKeys.Get(w.ctx, w.org, made.ID)
	w.Did("api keys get", err, check.That("the private key is shown again", err != nil || got.PrivateKey != made.PrivateKey))
	changed, _, err := w.client.APIKeys.Update(w.ctx, w.org, made.ID, &mongodbatlas.APIKeyInput{Desc: "runner", Roles: []string{"ORG_READ_ONLY"}})
	w.Did("api keys update", err, check.That("not changed", err != nil || changed.Desc == "runner"))

	lists := w.client.AccessListAPIKeys
	added, _, err := lists.Create(w.ctx, w.org, made.ID, []*mongodbatlas.AccessListAPIKeysReq{{CidrBlock: "192.0.2.0/24"}, {IPAddress: "198.51.100.7"}})
	w.Did("access lists create", err, check.That("not two entries", err != nil || len(added.Results) == 2))
	entries, _, err := lists.List(w.ctx, w.org, made.ID, nil)
	w.Did("access lists list", err, check.That("not two entries", err != nil || entries.TotalCount == 2))
	entry, _, err := lists.Get(w.ctx, w.org, made.ID, "198.51.100.7")
	w.Did("access lists get", err, check.That("another one", err != nil || entry.IPAddress == "198.51.100.7"))
	_, err = lists.Delete(w.ctx, w.org, made.ID, "198.51.100.7")
	w.Did("access lists delete", err)

	_, err = w.client.ProjectAPIKeys.Assign(w.ctx, w.project, made.ID, &mongodbatlas.AssignAPIKey{Roles: []string{"GROUP_READ_ONLY"}})
	w.Did("project api keys assign", err)
	theirs, _, err := w.client.ProjectAPIKeys.List(w.ctx, w.project, nil)
	w.Did("project api keys list", err, check.That("none", err != nil || len(theirs) > 0))
	_, err = w.client.ProjectAPIKeys.Unassign(w.ctx, w.project, made.ID)
	w.Did("project api keys unassign", err)
	_, err = w.client.APIKeys.Delete(w.ctx, w.org, made.ID)
	w.Did("api keys delete", err)
}

func (w *walker) events() {
	events, _, err := w.client.Events.ListOrganizationEvents(w.ctx, w.org, nil)
	if err != nil || len(events.Results) == 0 {
		w.Did("events of an organization", fmt.Errorf("no events: %w", err))
	} else {
		w.Did("events of an organization", nil, check.That("no type", events.Results[0].EventTypeName != ""))
		event, _, err := w.client.Events.GetOrganizationEvent(w.ctx, w.org, events.Results[0].ID)
		w.Did("events get", err, check.That("another one", err != nil || event.ID == events.Results[0].ID))
	}
	_, _, err = w.client.Events.ListProjectEvents(w.ctx, w.project, nil)
	w.Did("events of a project", err)
}
