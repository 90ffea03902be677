/** Times of day as people type them, and as minutes from midnight. */

import { pad } from "#page/i18n";

const DAY_MIN = 24 * 60;
const LONGEST_NIGHT_MIN = 16 * 60;
/** Later than this nothing of a tour can be. */
export const LAST_MIN = 2 * DAY_MIN;

/**
 * Return `HH:MM` for what was typed: `14:30`, `14.30`, `1430`, `9`, `14:30 Uhr`; `26:00` is two o'clock in the
 * night after the tour's day. Null for what is no time.
 * @param {string} text
 * @returns {string|null}
 */
export function parseClock(text) {
  const bare = text
    .trim()
    .toLowerCase()
    .replace(/\s*(uhr|h)$/, "");
  const found = /^(\d{1,2})(?:\s*[:.,]\s*(\d{2}))?$/.exec(bare) ?? /^(\d{1,2})(\d{2})$/.exec(bare);
  if (!found) return null;
  const [hours, mins] = [Number(found[1]), Number(found[2] ?? 0)];
  return hours < 48 && mins < 60 ? written(hours * 60 + mins) : null;
}

/** Return the minutes from midnight of `HH:MM`. */
export function minutesOf(text) {
  const [hours, mins] = text.split(":").map(Number);
  return hours * 60 + mins;
}

/** Return `HH:MM` of minutes from midnight, kept within the tour's day and the one after. */
export function written(total) {
  const held = Math.min(Math.max(Math.round(total), 0), LAST_MIN);
  return `${pad(Math.floor(held / 60))}:${pad(held % 60)}`;
}

/**
 * Return the minutes of hours, counted on from midnight of the tour's day, as the service reads them.
 *
 * Hours that end before they begin last over midnight, if that is no longer than a night; on a tour that
 * lasts beyond midnight, hours before its start are those of the next day.
 * @param {[string, string]} hours
 * @param {{earliest: string, latest: string|null}} tour
 * @returns {[number, number]}
 */
export function spanOf([opens, closes], tour) {
  const from = minutesOf(opens);
  const until = overMidnight(from, minutesOf(closes));
  const start = minutesOf(tour.earliest);
  const end = tour.latest ? overMidnight(start, minutesOf(tour.latest)) : 0;
  const moved = until < start && from + DAY_MIN <= end ? DAY_MIN : 0;
  return [from + moved, until + moved];
}

/** Return when hours end, on the next day where they begin in the evening and end in the morning. */
export function overMidnight(from, until) {
  const isNight = until < from && from <= DAY_MIN && until + DAY_MIN - from <= LONGEST_NIGHT_MIN;
  return isNight ? until + DAY_MIN : until;
}
