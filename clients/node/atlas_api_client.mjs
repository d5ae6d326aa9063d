// Walks one generation with mongodb-atlas-api-client and an API key. Usage: atlas_api_client.mjs v1.0|v2
import assert from "node:assert/strict";
import getClient from "mongodb-atlas-api-client";
import { did, end, setting } from "./walk.mjs";

const generation = process.argv[2];
if (!["v1.0", "v2"].includes(generation)) {
    console.error("usage: atlas_api_client.mjs v1.0|v2");
    process.exit(2);
}
const [orgId, projectId] = [setting("MONGODB_ATLAS_ORG_ID"), setting("MONGODB_ATLAS_PROJECT_ID")];
const { organization, project, atlasUser, event } = getClient({
    publicKey: setting("MONGODB_ATLAS_PUBLIC_KEY"),
    privateKey: setting("MONGODB_ATLAS_PRIVATE_KEY"),
    baseUrl: `${setting("MONGODB_ATLAS_BASE_URL")}/api/atlas/${generation}`,
    projectId,
});
// The client does not know of versioned media types; its httpOptions take the headers. They replace its own.
const accept = { Accept: "application/vnd.atlas.2025-03-12+json" };
const options = generation === "v2" ? { httpOptions: { headers: accept } } : {};
const writing = generation === "v2" ? { httpOptions: { headers: { ...accept, "Content-Type": "application/json" } } } : {};

const userName = "grace@example.com";
const orgs = await did("organization.getAll", () => organization.getAll(options), (all) => assert.equal(all.results[0].id, orgId));
await did("organization.getById", () => organization.getById(orgId, options), (one) => assert.equal(one.name, orgs?.results[0].name));
await did(
    "organization.invite",
    () => organization.invite(orgId, { username: userName, roles: ["ORG_MEMBER"] }, writing),
    (made) => {
        assert.equal(made.username, userName);
        assert.deepEqual(made.roles, ["ORG_MEMBER"]);
        assert.equal(Date.parse(made.expiresAt) - Date.parse(made.createdAt), 30 * 24 * 3600 * 1000);
    },
);
await did(
    "organization.invite, unknown organization",
    () => organization.invite("f".repeat(24), { username: userName, roles: ["ORG_MEMBER"] }, writing),
    // This client gives back what came, error or not.
    (answer) => assert.equal(answer.errorCode, "ORG_NOT_FOUND"),
);
await did(
    "organization.rename",
    () => organization.rename(orgId, { name: "Renamed" }, writing),
    (one) => assert.equal(one.name, "Renamed"),
);
await did(
    "organization.getAllProjectsForOrganization",
    () => organization.getAllProjectsForOrganization(orgId, options),
    (all) => assert.equal(all.results[0].id, projectId),
);
const people = await did(
    "organization.getAllUsersForOrganization",
    () => organization.getAllUsersForOrganization(orgId, options),
    (all) => assert.ok(all.results.length > 0),
);
await did("project.getAll", () => project.getAll(options), (all) => assert.equal(all.totalCount, 1));
const made = await did(
    "project.create",
    () => project.create({ name: "Walked", orgId }, writing),
    (one) => assert.equal(one.name, "Walked"),
);
await did("project.getById", () => project.getById(made.id, options), (one) => assert.equal(one.name, "Walked"));
await did("project.getByName", () => project.getByName("Walked", options), (one) => assert.equal(one.id, made.id));
await did("project.getTeamsByProjectId", () => project.getTeamsByProjectId(made.id, options), (all) => assert.equal(all.totalCount, 0));
await did("project.delete", () => project.delete(made.id, options));
await did(
    "project.getById, deleted",
    () => project.getById(made.id, options),
    (answer) => assert.equal(answer.errorCode, "GROUP_NOT_FOUND"),
);
const owner = people?.results.find((user) => user.username !== userName);
await did("atlasUser.getAll", () => atlasUser.getAll(options), (all) => assert.ok(all.results.length > 0));
await did("atlasUser.getByName", () => atlasUser.getByName(owner.username, options), (one) => assert.equal(one.id, owner.id));
await did("atlasUser.getById", () => atlasUser.getById(owner.id, options), (one) => assert.equal(one.username, owner.username));
const events = await did(
    "event.getAllByOrganizationId",
    () => event.getAllByOrganizationId(orgId, options),
    (all) => assert.ok(all.results.some((one) => one.eventTypeName === "INVITED_TO_ORG")),
);
await did(
    "event.getByOrganizationId",
    () => event.getByOrganizationId(orgId, events.results[0].id, options),
    (one) => assert.equal(one.id, events.results[0].id),
);
await did("event.getAll", () => event.getAll(options), (all) => assert.ok(Array.isArray(all.results)));
end();
