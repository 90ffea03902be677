/** What the page says of times, distances and directions. */
import { metres, minutes, t } from "#page/i18n";
import { wind } from "#walk/bearing";

/**
 * Say how late the walk is.
 * @param {number|null} late minutes, negative when early
 * @returns {{text: string, kind: "late"|"early"|"on-time"}|null}
 */
export function lateness(late) {
  if (late === null) return null;
  const whole = Math.round(late);
  if (whole > 0) return { text: t("{minutes} late", { minutes: span(whole) }), kind: "late" };
  if (whole < 0) return { text: t("{minutes} early", { minutes: span(-whole) }), kind: "early" };
  return { text: t("on time"), kind: "on-time" };
}

/** Return whole minutes, from two hours on in hours and minutes. */
function span(whole) {
  if (whole < 120) return minutes(whole);
  return t("{hours} h {minutes}", { hours: Math.floor(whole / 60), minutes: minutes(whole % 60) });
}

/** Say how far and where a walk of the plan goes; without a walk nothing. */
export function planned(leg) {
  if (!leg) return "";
  if (leg.is_reachable === false) return leg.notes.join("; ");
  const words = t("{length} on foot, {minutes}", {
    length: metres(leg.length_m),
    minutes: minutes(leg.walk_min),
  });
  return leg.heading_deg === null
    ? words
    : [words, t("first {wind}", { wind: windWord(leg.heading_deg) })].join(", ");
}

/** Say how far and where a place is as the crow flies. */
export function measured(distance, degrees, accuracyM) {
  if (distance <= Math.max(15, Math.min(accuracyM, 40))) return t("You are there.");
  return t("{length} to the {wind}", {
    length: metres(Math.round(distance / 5) * 5),
    wind: windWord(degrees),
  });
}

/** Return the name of the wind a direction is nearest to. */
function windWord(degrees) {
  return t(wind(degrees));
}
