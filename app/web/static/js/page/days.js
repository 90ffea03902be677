/** Days as ISO text (`2024-04-24`): reading what people type, and stepping along the days of change. */

// German and English names; nobody writes fewer than three letters of one.
const MONTHS = [
  "jan",
  "feb",
  "mar|mär|mrz",
  "apr",
  "may|mai",
  "jun",
  "jul",
  "aug",
  "sep",
  "oct|okt",
  "nov",
  "dec|dez",
];

/**
 * Read a day as people write it.
 * @param {string} text `24.04.2024`, `24.4.24`, `24,4,2024` (the keys some phones offer), `24042024`, `24 Apr 2024`,
 *   `24. April 2024`, `2024-04-24`, `4/2024` or `04.2024` (its first day), `2024` (its first day)
 * @returns {string|null} ISO day; null when it is none, 30 February included
 */
export function parseDay(text) {
  const typed = text.trim().replaceAll("\u00a0", " ").replaceAll(",", ".");
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(typed);
  if (iso) return isoDay(+iso[1], +iso[2], +iso[3]);
  const german =
    /^(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4}|\d{2})$/.exec(typed) ?? /^(\d{2})(\d{2})(\d{4})$/.exec(typed);
  if (german) return isoDay(german[3].length === 2 ? 2000 + +german[3] : +german[3], +german[2], +german[1]);
  const named = /^(\d{1,2})\.?\s*(\p{L}{3,})\.?\s*(\d{4})$/u.exec(typed);
  if (named) return isoDay(+named[3], monthOf(named[2]), +named[1]);
  const month = /^(\d{1,2})[./](\d{4})$/.exec(typed);
  if (month) return isoDay(+month[2], +month[1], 1);
  return /^\d{4}$/.test(typed) ? isoDay(+typed, 1, 1) : null;
}

/** Return the number of a month's name; 0 for none. */
function monthOf(name) {
  return MONTHS.findIndex((names) => new RegExp(`^(${names})`, "i").test(name)) + 1;
}

function isoDay(year, month, day) {
  const date = new Date(Date.UTC(year, month - 1, day));
  date.setUTCFullYear(year);
  const isReal =
    date.getUTCMonth() === month - 1 && date.getUTCDate() === day && year >= 1900 && year <= 2199;
  return isReal ? date.toISOString().slice(0, 10) : null;
}

/**
 * Return the steps of the date slider: the day before the first change, every change, today; in order, each once.
 * @param {string[]} changes ISO days on which something changed
 * @param {string} today
 * @returns {string[]}
 */
export function steps(changes, today) {
  const days = [...new Set([...changes, today])].sort();
  return changes.length ? [dayBefore([...changes].sort()[0]), ...days] : days;
}

/** Return the day before. */
export function dayBefore(iso) {
  return new Date(Date.parse(`${iso}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
}

/** Return the last step before `on`, or null. */
export function previousStep(days, on) {
  return days.findLast((day) => day < on) ?? null;
}

/** Return the first step after `on`, or null. */
export function nextStep(days, on) {
  return days.find((day) => day > on) ?? null;
}

/** Return the position of the step that holds on `on`: the last one not after it; 0 before all. */
export function stepAt(days, on) {
  return Math.max(
    0,
    days.findLastIndex((day) => day <= on),
  );
}

/**
 * Return where a line of steps is told its years: at the first step of a year, the latest years first where room is short.
 * @param {string[]} days the steps, in order
 * @param {number} least how far apart two years must be, as a share of the line
 * @returns {{year: string, at: number}[]} in order; `at` is a share of the line, 0 to 1
 */
export function yearMarks(days, least) {
  const firsts = days.flatMap((day, index) => {
    const year = day.slice(0, 4);
    return days[index - 1]?.startsWith(year) ? [] : [{ year, at: index / Math.max(1, days.length - 1) }];
  });
  return firsts.reduceRight(
    (kept, mark) => (!kept.length || kept[0].at - mark.at >= least ? [mark, ...kept] : kept),
    [],
  );
}
