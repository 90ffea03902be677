/** What differs between two days, in the few words that go beside the day. */
import { number, t } from "#page/i18n";
import { addressOf, plotsOf } from "#map/model";

/** More are counted, not named. */
const MOST_NAMED = 5;

const TRAITS = {
  company: ({ name, places }) => [name, ...places.map((place) => [place.key, place.plot, addressOf(place)])],
  facility: ({ name, facilityKind, capacity, plot }) => [name, facilityKind, capacity, plot],
  plot: ({ name, use_status: use, area_m2: area }) => [name, use, area],
};

/**
 * Return what came, went and changed from one day to another; plots only where both days have all of theirs.
 * @param {any} before model of a day
 * @param {any} now model of another
 * @returns {{came: any[], gone: any[], changed: [any, any][]}} `changed`: what it was and is
 */
export function differences(before, now) {
  const kinds = ["companies", "facilities", ...(before.far || now.far ? [] : ["plots"])];
  const lacking = (one, other) => kinds.flatMap((kind) => one[kind].filter((record) => !other.find(record)));
  const pairs = kinds.flatMap((kind) => now[kind].map((record) => [before.find(record), record]));
  return {
    came: lacking(now, before),
    gone: lacking(before, now),
    changed: pairs.filter(([was, is]) => was && traits(was) !== traits(is)),
  };
}

function traits(record) {
  return JSON.stringify(TRAITS[record.kind](record));
}

/**
 * Name what differs: `+ Kaufland, – real`.
 *
 * A plot whose use changed because of who came or went is not named beside them.
 * @param {ReturnType<typeof differences>} found
 * @param {(status: string) => string} statusLabel
 * @returns {string} empty where nothing differs
 */
export function inWords({ came, gone, changed }, statusLabel) {
  const users = new Set([...came, ...gone].filter(({ kind }) => kind !== "plot").flatMap(usedBy));
  const words = [
    ...came.map(({ name }) => `+ ${name}`),
    ...gone.map(({ name }) => `– ${name}`),
    ...changed
      .filter(([, { kind, key }]) => kind !== "plot" || !users.has(key))
      .map(([was, is]) => CHANGE[is.kind](was, is, statusLabel)),
  ];
  const more = words.length - MOST_NAMED;
  if (more > 0) words.splice(MOST_NAMED, more, t("{n} more", { n: number(more) }));
  return words.join(", ");
}

function usedBy(record) {
  return record.kind === "facility" ? [record.plot] : plotsOf(record);
}

const renamed = (was, is) => (was.name === is.name ? null : `${was.name} → ${is.name}`);

const CHANGE = {
  company: (was, is) => renamed(was, is) ?? moved(was, is),
  facility: (was, is) => renamed(was, is) ?? t("{name}: changed", { name: is.name }),
  plot: (was, is, statusLabel) =>
    renamed(was, is) ??
    (was.use_status === is.use_status
      ? t("{name}: another boundary", { name: is.name })
      : `${is.name}: ${statusLabel(is.use_status)}`),
};

function moved({ places: before }, { name, places: now }) {
  if (now.length > before.length) return t("{name}: one more place", { name });
  return now.length < before.length ? t("{name}: one place less", { name }) : t("{name}: moved", { name });
}
