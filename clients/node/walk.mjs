// The record of a walk: one line for each operation, "ok NAME" or "FAIL NAME: why".
import assert from "node:assert/strict";

let failed = false;

/** Runs one operation and then the checks of its result; returns the result, or undefined when it failed. */
export async function did(operation, run, look = () => {}) {
    try {
        const result = await run();
        await look(result);
        console.log(`ok ${operation}`);
        return result;
    } catch (error) {
        failed = true;
        const why = error instanceof assert.AssertionError ? error.message.replaceAll("\n", " ") : (error?.message ?? error);
        console.log(`FAIL ${operation}: ${why}`);
        return undefined;
    }
}

/** Leaves the program: with status 1 if anything failed. */
export function end() {
    process.exit(failed ? 1 : 0);
}

/** Returns a variable that the dev server's env file sets. */
export function setting(name) {
    const value = process.env[name];
    if (!value) {
        console.error(`${name} is not set: load the env file of antechamber dev`);
        process.exit(2);
    }
    return value.replace(/\/$/, "");
}
