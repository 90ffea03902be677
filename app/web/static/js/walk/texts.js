/** What the page says of times, distances and directions. */
import { metres, minutes, spoken, t } from "#page/i18n";
import { wind } from "#walk/bearing";

const ZONE = "Europe/Berlin";

/** Return an instant as a time of day in the park, `14:05`. */
export function clock(at) {
  const form = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: ZONE };
  return new Intl.DateTimeFormat(spoken(), form).format(at);
}

/** Return an instant's day in the park, `Mittwoch, 24.04.2024`. */
export function dayOf(at) {
  const isGerman = spoken() === "de";
  const date = isGerman ? { day: "2-digit", month: "2-digit" } : { day: "numeric", month: "short" };
  return new Intl.DateTimeFormat(isGerman ? "de" : "en-GB", { weekday: "long", ...date, year: "numeric", timeZone: ZONE }).format(at);
}

/**
 * Say how late the walk is.
 *
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
export function span(whole) {
  if (whole < 120) return minutes(whole);
  return t("{hours} h {minutes}", { hours: Math.floor(whole / 60), minutes: minutes(whole % 60) });
}

/** Say how far and where a walk of the plan goes; without a walk nothing. */
export function planned(leg) {
  if (!leg) return "";
  if (leg.is_reachable === false) return leg.notes.join("; ");
  const told = t("{length} on foot, {minutes}", { length: metres(leg.length_m), minutes: minutes(leg.walk_min) });
  return leg.heading_deg === null ? told : [told, t("first {wind}", { wind: windWord(leg.heading_deg) })].join(", ");
}

/** Say how far and where a place is as the crow flies. */
export function measured(distance, degrees, accuracyM) {
  if (distance <= Math.max(15, Math.min(accuracyM, 40))) return t("You are there.");
  return t("{length} to the {wind}", { length: metres(Math.round(distance / 5) * 5), wind: windWord(degrees) });
}

/** Return the name of the wind a direction is nearest to. */
export function windWord(degrees) {
  return t(wind(degrees));
}
