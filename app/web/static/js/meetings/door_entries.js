/** What a phone at the door notes: entries to be sent, made from what it has seen; and what the page says of it. */
import { inForce } from "#meetings/door_fold";
import { t, tn } from "#page/i18n";

const RANDOM_BYTES = 8;
/** Fewer letters would bring up a list to browse. */
export const LEAST_TYPED = 2;

/** Make the name of this phone: a number, of nobody. */
export function newDevice() {
  const bytes = crypto.getRandomValues(new Uint8Array(RANDOM_BYTES));
  return `phone-${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** Make an id; `crypto.randomUUID` is for secure contexts only. */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Return a count higher than all that a phone has seen. */
function nextCount(events) {
  return 1 + events.reduce((highest, { counter }) => Math.max(highest, counter), 0);
}

function entry(events, device, now, own) {
  return {
    event_id: newId(),
    company: null,
    value: {},
    of: null,
    counter: nextCount(events),
    device,
    actor: "door",
    client_time: new Date(now).toISOString(),
    ...own,
  };
}

/** Note that a company is there. */
export function present(events, device, company, now) {
  const value = { presence: "present", basis: "door" };
  return [entry(events, device, now, { kind: "presence", company, value })];
}

/** Note that a firm came that is in no list. */
export function walkIn(events, device, note, now) {
  return [entry(events, device, now, { kind: "note", value: { note } })];
}

/** Take back all that this phone knows to be noted at the door of a company, or one note; others' yet unseen stay. */
export function undo(events, device, noted, now) {
  return noted.map(({ event_id, kind, company }) =>
    entry(events, device, now, { kind, company, of: event_id }),
  );
}

/** Return the events at the door by which a company is there. */
export function notedAt(events, company) {
  return inForce(events).filter(
    (event) => event.kind === "presence" && event.company === company && event.actor === "door",
  );
}

/** Return the firms that were typed at the door and that the office has not found out about. */
export function walkIns(events) {
  return inForce(events).filter(({ kind, actor }) => kind === "note" && actor === "door");
}

/** Return an entry as the service takes it. */
export function asSent({ event_id, kind, company, value, of, counter, device, client_time }) {
  return { event_id, kind, company, note: value.note ?? null, of, counter, device, client_time };
}

/** Say what a company answered. */
export function answerWords({ answer, heads, invited_at: invitedAt }) {
  if (answer === "accepted")
    return heads ? tn(heads, "accepted, {n} person", "accepted, {n} persons") : t("accepted");
  if (answer === "declined") return t("declined");
  if (answer === "maybe") return t("not sure yet");
  return invitedAt ? t("invited, no answer") : t("not invited");
}

/**
 * Say whether the office knows what this phone noted.
 * @param {number} nWaiting entries that are not sent
 * @param {boolean} isAway whether the service was not reached
 * @returns {{text: string, kind: "done"|"waiting"|"away"}}
 */
export function statusOf(nWaiting, isAway) {
  const waiting = nWaiting > 0 ? tn(nWaiting, "{n} not sent yet", "{n} not sent yet") : null;
  if (isAway) return { text: [t("no connection"), waiting].filter(Boolean).join(" · "), kind: "away" };
  return waiting ? { text: waiting, kind: "waiting" } : { text: t("all sent"), kind: "done" };
}
