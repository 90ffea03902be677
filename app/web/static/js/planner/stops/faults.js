/** What of a request contradicts itself where it was typed: no plan is asked for until it is put right. */
import { t } from "#page/i18n";
import { minutesOf, overMidnight } from "#planner/stops/clock";

/**
 * Say what is wrong with a window; nothing of one that is not finished.
 * @param {[string, string]} window
 * @param {number} dwellMin how long the visit lasts
 * @returns {string} empty when nothing is
 */
export function windowFault([opens, closes], dwellMin) {
  if (!opens || !closes) return "";
  const from = minutesOf(opens);
  const until = overMidnight(from, minutesOf(closes));
  if (until < from) return t("This time window ends before it begins.");
  return until - from < dwellMin ? t("This time window is shorter than the visit.") : "";
}

/** Say what is wrong with the hours of the whole tour. */
export function hoursFault({ earliest, latest }) {
  return latest && isBefore(latest, earliest) ? t("The tour would end before it starts.") : "";
}

/** Say what is wrong with the time in which the pause begins. */
export function pauseFault({ pause }) {
  return pause && isBefore(pause.latest, pause.earliest)
    ? t("The time within which the pause may begin ends before it starts.")
    : "";
}

function isBefore(closes, opens) {
  return overMidnight(minutesOf(opens), minutesOf(closes)) < minutesOf(opens);
}

/** Say whether anything in a request contradicts itself. */
export function hasFault(request) {
  const ofStop = ({ windows, dwell_min: dwellMin }) =>
    windows.some((window) => windowFault(window, dwellMin));
  return Boolean(hoursFault(request) || pauseFault(request) || request.stops.some(ofStop));
}
