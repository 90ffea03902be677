/** Periods of days, as rows carry them (`valid_from` up to, not including, `valid_to`), and how much is known of them. */
import { dayBefore } from "#page/days";

/** @typedef {{valid_from?: string|null, valid_to?: string|null, as_of?: string|null}} Dated */

/**
 * Say whether a row holds on a day; what has no period always does.
 * @param {Dated} row
 * @param {string} on
 */
export function holdsOn({ valid_from: from, valid_to: to }, on) {
  return (!from || from <= on) && (!to || on < to);
}

/** Return the features that hold on a day. */
export function heldOn(features, on) {
  return features.filter(({ properties }) => holdsOn(properties, on));
}

/**
 * Return the first day on which a row is known to hold: its own, else the first day of its source's state, its last
 * day at the latest; null where no day is known.
 * @param {Dated} row
 */
export function knownFrom({ valid_from: from, valid_to: to, as_of: asOf }) {
  const [, year, month = "01", day = "01"] = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$/.exec(asOf ?? "") ?? [];
  const days = [year && `${year}-${month}-${day}`, to && dayBefore(to)].filter(Boolean).sort();
  return from ?? days[0] ?? null;
}

/**
 * Say whether it is not known that a row holds already on a day: its beginning is unknown, and the day is before the
 * first one known; where none is known, today is.
 * @param {Dated} row
 * @param {string} on
 * @param {string} today
 */
export function isUncertain(row, on, today) {
  return !row.valid_from && on < (knownFrom(row) ?? today);
}
