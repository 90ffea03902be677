/**
 * The fold of a meeting's log, the same as `app/domain/meetings/participation.py` makes; a test feeds both.
 *
 * An event is `{event_id, company, kind, value, of, counter, device, client_time}`, a company its key.
 */

const NOTHING = {
  invited_at: null,
  invited_via: null,
  answer: "none",
  heads: null,
  answer_via: null,
  answer_note: null,
  answered_sequence: null,
  presence: "unknown",
  presence_basis: null,
  part: "guest",
};

/** Compare by counter, device, id: no clock decides. */
function compare(one, other) {
  if (one.counter !== other.counter) return one.counter - other.counter;
  if (one.device !== other.device) return one.device < other.device ? -1 : 1;
  return one.event_id < other.event_id ? -1 : Number(one.event_id > other.event_id);
}

/**
 * Return the events in order, each once, without those that are taken back and those that take back.
 *
 * What takes back can be taken back, too.
 */
export function inForce(events) {
  const byId = new Map(events.map((event) => [event.event_id, event]));
  const takers = new Map();
  for (const event of byId.values())
    if (event.of !== null) takers.set(event.of, [...(takers.get(event.of) ?? []), event]);
  return [...byId.values()].sort(compare).filter((event) => event.of === null && stands(event, takers, []));
}

/** Whether nothing takes an event back. A circle, which only a broken device can make, takes nothing back. */
function stands(event, takers, above) {
  if (above.includes(event.event_id)) return false;
  const path = [...above, event.event_id];
  return !(takers.get(event.event_id) ?? []).some((taker) => stands(taker, takers, path));
}

/** Return what is known of each company that a log names, by its key, however it arrived. */
export function fold(events) {
  const found = new Map();
  for (const event of inForce(events)) {
    if (event.kind === "close") for (const [company, axes] of found) found.set(company, closed(axes));
    else if (event.company !== null)
      found.set(event.company, after(found.get(event.company) ?? NOTHING, event));
  }
  return found;
}

function closed(axes) {
  if (axes.invited_at === null || axes.presence !== "unknown") return axes;
  return { ...axes, presence: "absent", presence_basis: "list" };
}

function after(axes, { kind, value }) {
  if (kind === "invite") return { ...axes, invited_at: value.at ?? null, invited_via: value.via ?? null };
  if (kind === "answer") return answered(axes, value);
  if (kind === "presence") return { ...axes, presence: value.presence, presence_basis: value.basis ?? null };
  return kind === "part" ? { ...axes, part: value.part } : axes;
}

function answered(axes, value) {
  const isNone = value.answer === "none";
  return {
    ...axes,
    answer: value.answer,
    heads: isNone ? null : (value.heads ?? null),
    answer_via: isNone ? null : (value.via ?? null),
    answer_note: value.note ?? null,
    answered_sequence: value.sequence ?? null,
  };
}

/** Return what is known of a company that no event names. */
export function axesOf(found, company) {
  return found.get(company) ?? NOTHING;
}
