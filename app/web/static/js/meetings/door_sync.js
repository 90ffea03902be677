/** Sending what was noted, and getting what the other phones did. */
import { asSent } from "#meetings/door_entries";
import { forgetLogs, keepLog, keepRefusal, waitingOf } from "#meetings/door_store";

const PATIENCE_MS = 15_000;
const MOST_AT_ONCE = 100;
/** An answer of the service to what was sent that it will give again: not now and not later. */
const REFUSING = [400, 404, 409, 422];

/**
 * Ask once.
 * @returns {Promise<{kind: "ok"|"refused"|"closed"|"away", log?: any, sentence?: string}>}
 */
async function post({ address, page }, entries, state) {
  try {
    const answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Door-Page": page },
      body: JSON.stringify({ entries: entries.map(asSent), state }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const told = await answer.json();
    if (answer.ok) return { kind: "ok", log: told };
    if (told.is_closed || answer.status === 403) return { kind: "closed", sentence: told.error };
    return { kind: REFUSING.includes(answer.status) ? "refused" : "away", sentence: told.error };
  } catch {
    return { kind: "away" };
  }
}

/**
 * Send all that waits, in parts, and return the log that is known then and how it went.
 * @param {{address: string, page: string, meeting: string}} door
 * @param {{state: string, events: any[], companies: any[]}} log as it is known here
 */
export async function exchange(door, log) {
  let known = log;
  for (;;) {
    const open = (await waitingOf(door.meeting)).filter(({ refusal }) => refusal === null);
    const part = open.slice(0, MOST_AT_ONCE).map(({ entry }) => entry);
    const told = await sendPart(door, part, known);
    known = told.log;
    if (told.kind !== "ok" || open.length <= part.length) return told;
  }
}

/** Send a part; where the service refuses it, one by one, so that one that is wrong holds up no other. */
async function sendPart(door, part, known) {
  const told = await post(door, part, known.state);
  if (told.kind === "ok") return { kind: "ok", log: await taken(door, part, known, told.log) };
  if (told.kind === "closed") await forgetLogs();
  if (told.kind !== "refused") return { ...told, log: known };
  if (part.length === 0) return { ...told, kind: "away", log: known };
  if (part.length === 1) {
    await keepRefusal(door.meeting, part[0], told.sentence);
    return { kind: "ok", log: known };
  }
  let log = known;
  for (const entry of part) {
    const one = await sendPart(door, [entry], log);
    log = one.log;
    if (one.kind !== "ok") return one;
  }
  return { kind: "ok", log };
}

async function taken(door, part, known, told) {
  const log = { ...known, ...told };
  await keepLog(
    { ...log, meeting: door.meeting },
    part.map(({ event_id: id }) => id),
  );
  return log;
}
