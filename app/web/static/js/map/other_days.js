/** What is not there on the day shown, but was or will be: for the search, and to tell of a plot's past and future. */
import { dayBefore } from "#page/days";
import { buildModel } from "#map/model";
import { heldOn, holdsOn } from "#page/periods";

/** @typedef {{companies: any[], facilities: any[], plots: any[]|null}} History features with all their versions */

/** What names a thing of each collection: under another name it is found, too. */
const NAMED = {
  companies: ({ company, name }) => `${company} ${name}`,
  facilities: ({ key, name }) => `${key} ${name}`,
  plots: ({ key, label }) => `${key} ${label}`,
};

/**
 * Return records of what is not there on a day, each as it was last before it, else as it will be first.
 * @param {History} history
 * @param {any[]} parks features
 * @param {string} on
 * @param {(kind: string, value: string) => string} label
 * @returns {any[]} records as of the model, with `otherDay`: a day on which it is there, and whether that is later
 */
export function otherDays(history, parks, on, label) {
  return Object.keys(NAMED).flatMap((name) =>
    groups(history[name] ?? [], NAMED[name])
      .filter((rows) => !heldOn(rows, on).length)
      .map((rows) => {
        const otherDay = nearest(rows, on);
        const nothing = {
          companies: [],
          facilities: [],
          plots: [],
          tours: [],
          "tour-stops": [],
          "tour-legs": [],
        };
        const data = { ...nothing, parks, [name]: heldOn(rows, otherDay.on) };
        const [record] = buildModel(featuresOf(data), label)[name];
        return { ...record, otherDay };
      }),
  );
}

function featuresOf(lists) {
  return Object.fromEntries(Object.entries(lists).map(([name, features]) => [name, { features }]));
}

function groups(features, nameOf) {
  const found = new Map();
  for (const feature of features) {
    const name = nameOf(feature.properties);
    found.set(name, [...(found.get(name) ?? []), feature]);
  }
  return [...found.values()];
}

/**
 * Return the last day before `on` on which one of some rows holds, else the first day after it.
 * @param {{properties: import("#page/periods").Dated}[]} rows none of which holds on the day
 * @param {string} on
 * @returns {{on: string, isLater: boolean}}
 */
export function nearest(rows, on) {
  const ends = rows.map(({ properties }) => properties.valid_to).filter((end) => end && end <= on);
  if (ends.length) return { on: dayBefore(ends.sort().at(-1)), isLater: false };
  return { on: rows.map(({ properties }) => properties.valid_from).sort()[0], isLater: true };
}

/**
 * Return who is on some plots on other days than one, companies and facilities: the latest first, then who comes.
 * @param {History} history
 * @param {string[]} plots keys
 * @param {string} on
 * @returns {{kind: string, key: string, name: string, on: string, isLater: boolean, row: any}[]}
 */
export function othersOn(history, plots, on) {
  const isHere = ({ properties }) => plots.includes(properties.plot);
  const ofKind = (kind, name, keyOf) =>
    groups(history[name].filter(isHere), NAMED[name])
      .filter((rows) => !rows.some(({ properties }) => holdsOn(properties, on)))
      .map((rows) => {
        const near = nearest(rows, on);
        const [{ properties: row }] = heldOn(rows, near.on);
        return { kind, key: keyOf(row), name: row.name, ...near, row };
      });
  return [
    ...ofKind("company", "companies", ({ company }) => company),
    ...ofKind("facility", "facilities", ({ key }) => key),
  ].sort((a, b) => Number(a.isLater) - Number(b.isLater) || (a.on < b.on === a.isLater ? -1 : 1));
}
