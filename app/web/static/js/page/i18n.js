/** Words, numbers and days in the language of the page. The English sentence is the key. */

let language = "de";
let table = {};
let learned = {};

/**
 * Say which language to speak.
 * @param {string} code `de` or `en`
 * @param {Record<string, string>} messages English text to text; missing ones stay English
 */
export function speak(code, messages) {
  language = code;
  table = messages;
}

/** Learn texts beside those of `speak`, which the page may not call: what every page says. */
export function learn(code, messages) {
  language = code;
  learned = { ...learned, ...messages };
}

/** The language spoken. */
export function spoken() {
  return language;
}

/**
 * Translate, filling `{name}` with the values given.
 * @param {string} message English text
 * @param {Record<string, string|number>} [values]
 * @returns {string}
 */
export function t(message, values = {}) {
  const known = [table, learned].find((one) => Object.hasOwn(one, message));
  const text = known ? known[message] : message;
  return text.replace(/\{(\w+)\}/g, (whole, name) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );
}

/** Mark a text that is translated later, where it is shown. */
export function N_(message) {
  return message;
}

/** Translate a text for `n` things; `{n}` is the number, written out in the language's form. */
export function tn(n, one, many, values = {}) {
  return t(n === 1 ? one : many, { n: number(n), ...values });
}

/** Return `1.234,5`; an en dash for what is no number. */
export function number(value, digits = 0) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  const form = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(language, form).format(value);
}

const NBSP = "\u00a0";

/** Return a length, `48 m`; short ones with a decimal, `3,2 m`, or in centimetres, `3 cm`. */
export function metres(value) {
  if (value === null || value === undefined) return "–";
  if (value > 0 && value < 0.995) return `${number(Math.max(1, Math.round(value * 100)))}${NBSP}cm`;
  return `${number(value, value < 9.95 && value % 1 !== 0 ? 1 : 0)}${NBSP}m`;
}

/** Return an area, `29.980 m²`. */
export function squareMetres(value) {
  return `${number(value)}${NBSP}m²`;
}

/** Return minutes, `12 Min.`. */
export function minutes(value) {
  return `${number(Math.round(value))}${NBSP}${t("min")}`;
}

/** Return a share, `4,5 %`. */
export function percent(share) {
  return `${number(share * 100, share < 0.1 ? 1 : 0)}${NBSP}%`;
}

/** Where times of instants are those on the wall. */
const ZONE = "Europe/Berlin";

/** Write an instant or an ISO day by Intl. */
function written(at, form, timeZone = "UTC", locale = language) {
  return new Intl.DateTimeFormat(locale, { ...form, timeZone }).format(at);
}

/** Return an ISO day as `24.04.2024` or `24 Apr 2024`. */
export function day(iso) {
  if (!iso) return "–";
  const part = (form) => written(Date.parse(iso), form);
  if (language === "de") return part({ day: "2-digit", month: "2-digit", year: "numeric" });
  return [part({ day: "numeric" }), part({ month: "short" }), part({ year: "numeric" })].join(NBSP);
}

/** Return the name of an ISO day's weekday. */
export function weekday(iso) {
  return written(Date.parse(iso), { weekday: "long" });
}

/** Return an ISO day with its weekday, `Montag, 04.05.2026`. */
export function dayInFull(iso) {
  return `${weekday(iso)}, ${day(iso)}`;
}

/** Return an instant's day in the park, `Mittwoch, 24.04.2024`. */
export function dayOf(at) {
  // Sweden writes days as ISO does.
  return dayInFull(written(at, {}, ZONE, "sv"));
}

/** Return an instant as a time of day in the park, `14:05`. */
export function clockAt(at) {
  return written(at, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }, ZONE);
}

/** Return an instant as people write it, `24.04.2024, 14:05 Uhr`. */
export function instant(at) {
  return `${day(written(at, {}, ZONE, "sv"))}, ${clock(clockAt(at))}`;
}

/** Write a number with two digits at least. */
export function pad(value) {
  return String(value).padStart(2, "0");
}

/** Return a time of day, `14:05 Uhr` or `14:05`; `24:30`, in the night after, as `00:30 Uhr (+1 Tag)`. */
export function clock(text) {
  return onDay(text, language === "de" ? `${timeOfDay(text)}${NBSP}Uhr` : timeOfDay(text));
}

/** Return the time from `14:05` to `14:20` as people write it. */
export function clockSpan(from, until) {
  return onDay(
    until,
    `${timeOfDay(from)}–${language === "de" ? `${timeOfDay(until)}${NBSP}Uhr` : timeOfDay(until)}`,
  );
}

/** Return what a watch shows at a time that is counted on from midnight of a tour's day. */
export function timeOfDay(text) {
  const [hours, mins] = text.split(":");
  return `${pad(Number(hours) % 24)}:${mins}`;
}

function onDay(text, shown) {
  const n = Math.floor(Number(text.split(":")[0]) / 24);
  if (n === 0) return shown;
  return n === 1 ? t("{time} (+1 day)", { time: shown }) : t("{time} (+{n} days)", { time: shown, n });
}

/**
 * Say since when something is so, as exactly as it is known.
 * @param {string|null} from first ISO day, null when unknown
 * @param {string|null} precision `day`, `month`, `year` or `unknown`
 * @param {string|null} [asOf] state of the source (`2026-05`)
 * @returns {string} `seit 2013`, `seit 12/2020`, `seit 18.11.2021`, `Beginn unbekannt (Stand 05/2026)`
 */
export function since(from, precision, asOf = null) {
  if (!from || precision === "unknown") {
    return asOf ? t("start unknown (as of {asOf})", { asOf: state(asOf) }) : t("start unknown");
  }
  return t("since {when}", { when: asKnown(from, precision) });
}

/** Return a day as exactly as it is known: `18.11.2021`, `12/2020`, `2013`. */
export function asKnown(from, precision = "day") {
  const [year, month] = from.split("-");
  return precision === "year" ? year : precision === "month" ? `${month}/${year}` : day(from);
}

/** Return the state of a source, `2026-05` as `05/2026` and `2026-05-04` as a day; other words as they are. */
export function state(asOf) {
  if (/^\d{4}-\d{2}-\d{2}$/.test(asOf)) return day(asOf);
  const [, year, month] = /^(\d{4})-(\d{2})$/.exec(asOf) ?? [];
  return year ? `${month}/${year}` : asOf;
}
