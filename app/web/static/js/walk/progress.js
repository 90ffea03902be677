/**
 * How far a walk has come, and how late it is. Pure: the plan, what happened, and a clock go in.
 *
 * What happened is a list of `{ kind, step, at }`: `arrive` at the goal `step`, `leave` it, or `head` for
 * it without having been at the ones before. Instants are milliseconds.
 */

const MINUTE = 60_000;
/** A walk begun further than this from its plan is taken for a rehearsal, and its clock is moved. */
const REHEARSAL = 6 * 60 * MINUTE;

/**
 * Return where the walk is.
 * @param {Array<{kind: string, step: number, at: number}>} events
 * @param {number} count number of goals
 * @returns {{step: number, phase: "walk"|"here"|"done", since: number|null}} `step` is the goal ahead or
 *   reached; `since` is when the last thing happened, null before anything did
 */
export function stateOf(events, count) {
  const last = events.at(-1);
  if (!last) return { step: 0, phase: "walk", since: null };
  if (last.kind === "arrive") {
    return { step: last.step, phase: last.step === count - 1 ? "done" : "here", since: last.at };
  }
  return { step: last.kind === "leave" ? last.step + 1 : last.step, phase: "walk", since: last.at };
}

/** Return what pressing the large button means now: `arrive`, `leave`, or null when all is over. */
export function nextKind(state) {
  if (state.phase === "done") return null;
  return state.phase === "here" ? "leave" : "arrive";
}

/** Return the events with the next one added; `at` is now. */
export function advanced(events, count, at) {
  const state = stateOf(events, count);
  const kind = nextKind(state);
  return kind ? [...events, { kind, step: state.step, at }] : events;
}

/**
 * Return how far the clock of the plan is moved: 0 on the day itself, else to the first thing that happened.
 * @param {{goals: Array<object>}} plan
 * @param {Array<object>} events
 * @returns {number} milliseconds
 */
export function shiftOf(plan, events) {
  const first = events[0];
  if (!first) return 0;
  const goal = plan.goals[first.step];
  const planned = Date.parse(first.kind === "leave" ? goal.departs_at : goal.arrives_at);
  return Math.abs(first.at - planned) > REHEARSAL ? first.at - planned : 0;
}

/** Say whether the plan's own day is far from now. */
export function isFar(plan, now) {
  return now < Date.parse(plan.starts_at) - REHEARSAL || now > Date.parse(plan.ends_at) + REHEARSAL;
}

/**
 * Return how many minutes the walk is behind its timetable; negative when it is ahead.
 *
 * On the way it is the arrival that counts: what is left of the walk from now, or at best from leaving.
 * At a stop it is the departure: a visit that waits for its host begins as planned, any other on arriving.
 * @param {{goals: Array<object>}} plan
 * @param {Array<object>} events
 * @param {number} now
 * @param {number|null} [leftMin] minutes of walking left, where the position is known
 * @returns {number|null} null when there is nothing to compare with
 */
export function lateMin(plan, events, now, leftMin = null) {
  const state = stateOf(events, plan.goals.length);
  const shift = shiftOf(plan, events);
  const goal = plan.goals[state.step];
  if (events.length === 0 && isFar(plan, now)) return null;
  const expected = expectedAt(goal, state, now, leftMin, shift);
  const planned = Date.parse(state.phase === "here" ? goal.departs_at : goal.arrives_at) + shift;
  if (state.since === null) return Math.max(0, expected - planned) / MINUTE;
  return (expected - planned) / MINUTE;
}

function expectedAt(goal, state, now, leftMin, shift) {
  if (state.phase === "done") return state.since;
  if (state.phase === "here") return Math.max(now, departureAfter(goal, state.since, shift));
  if (leftMin !== null) return now + leftMin * MINUTE;
  const walk = goal.leg ? goal.leg.walk_min * MINUTE : 0;
  return state.since === null ? now : Math.max(now, state.since + walk);
}

/** Return when a stop reached at `arrived` can be left: a visit for which one waits begins as planned. */
function departureAfter(goal, arrived, shift) {
  const [arrives, begins, departs] = [goal.arrives_at, goal.begins_at, goal.departs_at].map(
    (at) => Date.parse(at) + shift,
  );
  if (begins - arrives >= MINUTE / 2) return Math.max(arrived, begins) + (departs - begins);
  return arrived + (departs - arrives);
}

/**
 * Say of every goal what it is: `done`, `now` (ahead or reached) or `ahead`.
 * @returns {string[]}
 */
export function marksOf(plan, events) {
  const state = stateOf(events, plan.goals.length);
  return plan.goals.map((_, step) => {
    if (step < state.step || state.phase === "done") return "done";
    return step === state.step ? "now" : "ahead";
  });
}

/** Read events that were kept; anything that is not a list of them counts as none. */
export function parseEvents(text, count) {
  try {
    const events = JSON.parse(text ?? "[]");
    const isEvent = (one) =>
      ["arrive", "leave", "head"].includes(one?.kind) &&
      Number.isInteger(one.step) &&
      one.step >= 0 &&
      one.step < count &&
      !(one.kind === "leave" && one.step === count - 1) &&
      Number.isFinite(one.at);
    return Array.isArray(events) && events.every(isEvent) ? events : [];
  } catch {
    return [];
  }
}
