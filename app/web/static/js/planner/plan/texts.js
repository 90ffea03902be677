/** What is said of a plan, in one sentence each. */
import { failureSentence } from "#page/api";
import { clock, clockSpan, metres, minutes, percent, t, timeOfDay, tn } from "#page/i18n";

const PROVED = {
  walking: () => t("Proven: no order is shorter"),
  duration: () => t("Proven: no order takes less time"),
};
/** Where stops are left out. */
const PROVED_MOST = {
  walking: () => t("Proven: no tour visits more, and none of those is shorter"),
  duration: () => t("Proven: no tour visits more, and none of those takes less time"),
};
/** Where nothing but that is known. */
const MOST = {
  walking: () => t("No tour visits more; a shorter one is not ruled out"),
  duration: () => t("No tour visits more; one that takes less time is not ruled out"),
};
/** Of an order that was kept, nothing is known but that it cannot be walked better. */
const PROVED_AS_ORDERED = {
  walking: () => t("Your own order; others may be shorter"),
  duration: () => t("Your own order; others may take less time"),
};

/**
 * Say how good a plan is known to be.
 * @param {{is_proved: boolean, objective: string, gap: number|null, value_gap: number|null, left_out?: object[]}} plan
 *   `gap` as a share of the plan's own measure, `value_gap` of the value that it visits
 * @param {{is_order_kept: boolean, stops: {position: number|null}[]}|null} [subject] the request that the plan is for
 * @returns {string}
 */
export function proofSentence(
  { is_proved: isProved, objective, gap, value_gap: valueGap, left_out: leftOut },
  subject,
) {
  const isWhole = !leftOut?.length;
  const aim = objective === "walking" ? "walking" : "duration";
  if (isProved && isOrdered(subject))
    return isWhole ? PROVED_AS_ORDERED[aim]() : t("Your own order; others may visit more");
  if (isProved) return provedFor(subject, (isWhole ? PROVED : PROVED_MOST)[aim]());
  if (!isWhole) return partlyKnown(valueGap, MOST[aim]);
  if (objective === "value" || !Number.isFinite(gap)) return t("A good order; how good is not known");
  return t("Not proven: at most {share} less may be possible", { share: percent(Math.max(gap, 0.001)) });
}

function partlyKnown(valueGap, most) {
  if (valueGap === 0) return most();
  if (!Number.isFinite(valueGap)) return t("A good order; how good is not known");
  return t("Not proven: at most {share} more may be possible", { share: percent(Math.max(valueGap, 0.001)) });
}

function provedFor(subject, proof) {
  return subject?.stops.some(isFixed) ? t("{proof}, with your fixed places", { proof }) : proof;
}

const isFixed = ({ position }) => position !== null;

/** Say whether a request leaves no order to be found. */
export function isOrdered(subject) {
  if (!subject) return false;
  return subject.is_order_kept || (subject.stops.length > 1 && subject.stops.every(isFixed));
}

/**
 * Return the number that people read for a position, which counts from 0: the point where people meet has none.
 *
 * @param {{position: number|null}} visit
 */
export const numberOf = ({ position }) => (position === null ? "•" : position + 1);

/** Say in one sentence what the new plan is, for those who listen. */
export function spokenPlan(plan, subject) {
  if (plan.status === "infeasible") return t("No tour meets these requirements.");
  if (plan.status !== "planned") return t("No tour was found in the time allowed.");
  const [from, until] = [timeOfDay(plan.starts_at), plan.ends_at];
  const stops = tn(plan.visits.length, "{n} stop", "{n} stops");
  const nOut = plan.left_out.length;
  const out = nOut ? ` ${tn(nOut, "{n} stop is left out.", "{n} stops are left out.")}` : "";
  const length = metres(plan.length_m);
  const news = t("New plan: {stops}, {from} to {until}, {length} on foot.", {
    stops,
    from,
    until: clock(until),
    length,
  });
  return `${news} ${proofSentence(plan, subject)}.${out}`;
}

/**
 * Say for those who listen what there is to know of a request now, null where nothing is new.
 * @param {import("#planner/plan_requests").PlanState} state
 * @param {string} why as `PlanRequests` reports it
 * @returns {string|null}
 */
export function spokenNews({ answer, error, explanation, subject }, why) {
  if (why === "held") return t("Not planned: please correct the marked times.");
  if (why === "failed") return `${t("This tour request could not be planned.")} ${failureSentence(error)}`;
  if (why === "explained") return explanation?.conflict.join(" ") || null;
  return why === "planned" && answer ? spokenPlan(answer, subject) : null;
}

/**
 * Return the figures of a plan, each with its name.
 * @returns {string[][]}
 */
export function figures(plan) {
  const rows = [
    [plan.meeting ? t("Meeting point") : t("Start"), clock(plan.starts_at)],
    [t("End"), clock(plan.ends_at)],
    [t("Walk"), metres(plan.length_m)],
    [t("Walking"), minutes(plan.walk_min)],
    [t("At the stops"), minutes(plan.dwell_min)],
  ];
  if (plan.wait_min >= 0.5) rows.push([t("Waiting"), minutes(plan.wait_min)]);
  return rows;
}

const LONG_WAIT_MIN = 60;

/**
 * Say for which optional stops people wait an hour or more: at them, or because they come before all others.
 * @param {{visits: {id: string, name: string, wait_min: number}[], meeting?: object|null}} plan
 * @param {{stops: {id: string, is_optional: boolean}[]}} request
 * @returns {string[]}
 */
export function longWaits({ visits, meeting }, { stops }) {
  const optional = new Set(stops.filter((stop) => stop.is_optional).map((stop) => stop.id));
  const firstMust = meeting ? 0 : visits.findIndex((visit) => !optional.has(visit.id));
  return visits.flatMap(({ id, name, wait_min: wait }, i) => {
    if (wait < LONG_WAIT_MIN) return [];
    if (optional.has(id))
      return [
        t("{minutes} of waiting at “{name}”, which may be left out.", { minutes: minutes(wait), name }),
      ];
    if (i === 0 || i !== firstMust) return [];
    const before = visits
      .slice(0, i)
      .map((visit) => `“${visit.name}”`)
      .join(", ");
    return [
      t("{minutes} of waiting at “{name}” after {before}, which may be left out.", {
        minutes: minutes(wait),
        name,
        before,
      }),
    ];
  });
}

/** Say when a stop is visited: `13:10–13:20`, with the waiting before it. */
export function visitWords(visit) {
  const when = clockSpan(visit.begins_at, visit.ends_at);
  const wait = visit.wait_min >= 0.5 ? t("{minutes} waiting", { minutes: minutes(visit.wait_min) }) : null;
  const pause = visit.pause_at ? t("pause from {time}", { time: clock(visit.pause_at) }) : null;
  return [when, wait, pause].filter(Boolean).join(" · ");
}

/** Say how a leg goes: `240 m, 4 Min.`, with what of it is off the paths. */
export function legWords(leg) {
  const off =
    leg.off_network_m >= 1
      ? `, ${t("of this {length} off the paths", { length: metres(leg.off_network_m) })}`
      : "";
  return `${metres(leg.length_m)}, ${minutes(leg.walk_min)}${off}`;
}
