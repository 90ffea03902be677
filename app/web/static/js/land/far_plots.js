/** Plots where there are too many to load: they are asked for by key, by page and by number. */
import { TILE_COLUMNS, allItems, isAmong, items, itemsAfter, quoted, tilesAddress } from "#page/api";
import { t } from "#page/i18n";
import { buildModel, plotsOf } from "#map/model";
import { isUncertain } from "#page/periods";
import { matching } from "#page/search";

const PAGE = 100;
// An address must not grow too long for a server.
const KEYS_AT_ONCE = 60;
const SEARCHED = ["key", "label", "street", "parcel_number"];

/**
 * Return the records of a day; where plots are too many, with `far` to have them by and by, and the use statuses
 * there are as `states`.
 * @param {Record<string, any>} data collections by name
 * @param {{on: string, today: string}} when
 * @param {Record<string, any>} styles
 * @param {(features: any[], model: any) => void} lend gets plots that come later, for the map
 */
export async function dayModel(data, { on, today }, styles, lend) {
  const label = (kind, value) => t(styles[kind][value]?.label ?? value);
  const model = buildModel(data, label, (row) => isUncertain(row, on, today));
  if (!data.plots.isFar) return model;
  const { numberMatched: size } = data.plots;
  const far = new FarPlots(model, { size, on, states: Object.keys(styles.plots) }, lend);
  return Object.assign(model, { far, states: await far.counts({ q: "", park: null }) });
}

/** @typedef {{q: string, park: string|null, only: string[]}} Wanted */

/** The plots of a day, as far as they were asked for. */
export class FarPlots {
  /**
   * @param {any} model the day's records; plots that come are added to them
   * @param {{size: number, on: string, states: string[]}} about how many plots there are, when, of which use statuses
   * @param {(features: any[], model: any) => void} lend
   */
  constructor(model, about, lend) {
    this.model = model;
    this.size = about.size;
    this.on = about.on;
    this.states = about.states;
    this.lend = lend;
    this.asked = new Set();
  }

  /** Return the keys of plots that must be had before a selection can be told and drawn. */
  lacking(sel) {
    if (!sel) return [];
    const keys = sel.kind === "plot" ? [sel.key] : plotsOf(this.model.find(sel));
    return keys.filter((key) => !this.asked.has(key));
  }

  /** Have plots by their keys; those that are not there on the day are not asked for again. */
  async need(keys) {
    const open = [...new Set(keys)].filter((key) => !this.asked.has(key));
    for (let at = 0; at < open.length; at += KEYS_AT_ONCE) {
      const some = open.slice(at, at + KEYS_AT_ONCE);
      const { features } = await allItems("plots", { datetime: this.on, filter: isAmong("key", some) });
      this.adopt(features);
      some.forEach((key) => this.asked.add(key));
    }
  }

  /**
   * Return the first of the plots wanted, in order of their keys.
   * @param {Wanted} wanted
   * @returns {Promise<{records: any[], n: number, page: any}>}
   */
  async first(wanted) {
    return this.recordsOf(await items("plots", { ...this.query(wanted), limit: PAGE }));
  }

  /** Return the plots after those of a page, as `first` does; null after the last. */
  async after(page) {
    const next = await itemsAfter(page);
    return next && this.recordsOf(next);
  }

  /** Return how many of the plots wanted there are of each use status, whatever `only` says. */
  async counts({ q, park }) {
    const asked = this.states.map((state) =>
      items("plots", { ...this.query({ q, park, only: [state] }), limit: 1 }),
    );
    const pages = await Promise.all(asked);
    const counts = new Map(this.states.map((state, i) => [state, pages[i].numberMatched]));
    return new Map([...counts].filter(([, n]) => n > 0));
  }

  /** Return where the tiles of the plots wanted are. */
  tiles(wanted) {
    return tilesAddress("plots", { ...this.query(wanted), properties: TILE_COLUMNS });
  }

  recordsOf(page) {
    return { records: this.adopt(page.features), n: page.numberMatched, page };
  }

  adopt(features) {
    for (const { properties } of features) this.asked.add(properties.key);
    this.lend(features, this.model);
    return this.model.adopt(features);
  }

  query({ q, park, only }) {
    const conditions = [...this.words(q), ...(only.length ? [isAmong("use_status", only)] : [])];
    return { datetime: this.on, park, filter: conditions.map((one) => `(${one})`).join(" AND ") };
  }

  /** Return the conditions that search words make: each in a text of the plot, or all in those of its firms. */
  words(q) {
    const words = q.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
    if (!words.length) return [];
    const each = words.map((word) => {
      const pattern = `ACCENTI(CASEI(${quoted(`%${word}%`)}))`;
      return `(${SEARCHED.map((name) => `ACCENTI(CASEI(${name})) LIKE ${pattern}`).join(" OR ")})`;
    });
    const occupied = matching(this.model.companies, q).flatMap(plotsOf).slice(0, KEYS_AT_ONCE);
    const either = [each.join(" AND "), ...(occupied.length ? [isAmong("key", occupied)] : [])];
    return [either.join(" OR ")];
  }
}
