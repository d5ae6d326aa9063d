// Starts the MongoDB MCP server and calls its Atlas tools over standard input and output, as an assistant does.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { did, end, setting } from "./walk.mjs";

const orgId = setting("MONGODB_ATLAS_ORG_ID");
const program = fileURLToPath(new URL("node_modules/mongodb-mcp-server/dist/esm/index.js", import.meta.url));
const server = spawn(process.execPath, [program], {
    stdio: ["pipe", "pipe", "pipe"],
    env: {
        ...process.env,
        MDB_MCP_API_BASE_URL: `${setting("MONGODB_ATLAS_BASE_URL")}/`,
        MDB_MCP_API_CLIENT_ID: setting("ANTECHAMBER_CLIENT_ID"),
        MDB_MCP_API_CLIENT_SECRET: setting("ANTECHAMBER_CLIENT_SECRET"),
        MDB_MCP_TELEMETRY: "disabled",
        MDB_MCP_LOGGERS: "stderr",
        // Else it asks before it writes, and nobody is there to answer.
        MDB_MCP_CONFIRMATION_REQUIRED_TOOLS: "",
        DO_NOT_TRACK: "1",
    },
});
let log = "";
server.stderr.on("data", (chunk) => {
    process.stderr.write(chunk);
    log += chunk;
});
const waiting = new Map();
createInterface({ input: server.stdout }).on("line", (line) => {
    const message = JSON.parse(line);
    waiting.get(message.id)?.(message);
    waiting.delete(message.id);
});
server.on("exit", (code) => waiting.forEach((answer) => answer({ error: { message: `the MCP server left with ${code}` } })));

let count = 0;
const send = (message) => server.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
async function ask(method, params) {
    const id = ++count;
    const answer = await new Promise((resolve, reject) => {
        waiting.set(id, resolve);
        setTimeout(() => reject(new Error(`no answer to ${method} in 30 s`)), 30_000).unref();
        send({ id, method, params });
    });
    assert.equal(answer.error, undefined, answer.error?.message);
    return answer.result;
}
const words = (result) => result.content.map((part) => part.text ?? "").join("\n");
async function call(name, parameters) {
    const result = await ask("tools/call", { name, arguments: parameters });
    assert.ok(!result.isError, words(result));
    return result;
}

await did("initialize", () =>
    ask("initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "antechamber", version: "1" } }),
);
send({ method: "notifications/initialized" });
await did(
    "tools/list",
    () => ask("tools/list", {}),
    ({ tools }) => assert.ok(tools.some(({ name }) => name === "atlas-create-project")),
);
await did("atlas-list-orgs", () => call("atlas-list-orgs", {}), (result) => assert.ok(words(result).includes(orgId)));
await did("atlas-list-projects", () => call("atlas-list-projects", {}), (result) => assert.ok(words(result).includes("Demo Project")));
await did(
    "atlas-create-project",
    () => call("atlas-create-project", { projectName: "Made by MCP", orgId }),
    (result) => assert.ok(words(result).includes("Made by MCP")),
);
await did(
    "atlas-list-projects, of an organization",
    () => call("atlas-list-projects", { orgId, includeCount: true }),
    (result) => assert.ok(words(result).includes("Made by MCP")),
);
// When its input ends it revokes its token, and says so only when that fails.
await did(
    "leave",
    () =>
        new Promise((resolve) => {
            server.on("close", resolve);
            server.stdin.end();
            setTimeout(() => server.kill(), 10_000).unref();
        }),
    () => assert.ok(!log.includes("Failed to revoke"), "the token was not revoked"),
);
end();
