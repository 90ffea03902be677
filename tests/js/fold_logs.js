// Read meetings' logs as JSON, write what the browser's fold makes of each.
import { readFileSync } from "node:fs";
import { fold } from "#meetings/door_fold";

const logs = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(logs.map((events) => Object.fromEntries(fold(events)))));
