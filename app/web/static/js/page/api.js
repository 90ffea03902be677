/** Getting data: from the service, or from the file itself when the map was saved as one. */
import { embedded } from "#page/dom";
import { speak, t } from "#page/i18n";
import { heldOn } from "#page/periods";

/** Something could not be had; `message` says why in the reader's language. */
export class Unavailable extends Error {}

/** Of more plots than these, a map takes tiles: drawn one by one they would make it slow. */
const MOST_DRAWN = 5000;
const PAGE = 10_000;
const ALL_TIME = "../..";
// Few enough that little is lost where there are too many, and one page of a usual park.
const PAGE_OF_PLOTS = 1000;
/** What tiles of plots tell of each. */
export const TILE_COLUMNS = "label,use_status";
const MOST_CACHED = 80;
const answers = new Map();
/** @type {{isEmbedded?: boolean, exports?: string, api?: string, links?: string, planner?: string}} */
let service = { isEmbedded: true };
/**
 * The instant whose knowledge is shown; null for today's.
 * @type {string|null}
 */
let known = null;

/**
 * Say where data comes from.
 * @param {typeof service} settings
 *   `isEmbedded`: all data is in the page, and nothing is asked of any host
 */
function connect(settings) {
  service = settings;
}

/** Return the settings written into the page, once its language and where its data comes from are known. */
export function startPage() {
  const config = embedded("map-config");
  speak(config.language, embedded("messages") ?? {});
  connect(config.service ?? { isEmbedded: true });
  known = config.known ?? null;
  return config;
}

/** Whether the data is in the page itself. */
export function isEmbedded() {
  return Boolean(service.isEmbedded);
}

/**
 * Return a collection as of a day.
 *
 * Of more than `MOST_DRAWN` plots none come, but `isFar` and the address of their tiles.
 * @param {string} name `plots`, `companies`, ...
 * @param {string} on ISO day
 * @returns {Promise<{type?: string, features: any[], numberMatched?: number, isFar?: boolean, tiles?: string}>}
 */
export async function collection(name, on) {
  if (service.isEmbedded) return fromPage(`data-${name}`, { type: "FeatureCollection", features: [] });
  // Tours are planned on what is known today.
  if (known && name.startsWith("tour")) return { features: [], numberMatched: 0 };
  const versions = await history(name);
  return versions ? { type: "FeatureCollection", features: heldOn(versions, on) } : allPlots(on);
}

/**
 * Return the features of a collection with all their versions, asked for once: going from day to day asks for
 * nothing more. Null for plots that are too many, and where the data of one day are all there is.
 * @param {string} name
 * @returns {Promise<any[]|null>}
 */
export async function history(name) {
  if (service.isEmbedded) return null;
  const isOfPlots = name === "plots";
  const address = itemsAddress(name, { datetime: ALL_TIME, limit: isOfPlots ? PAGE_OF_PLOTS : PAGE });
  const found = await ask(address, () => whole(address, isOfPlots ? MOST_DRAWN : Infinity));
  return found.isFar ? null : found.features;
}

/** Return several collections as of a day, by name. */
export async function collections(names, on) {
  const found = await Promise.all(names.map((name) => collection(name, on)));
  return Object.fromEntries(names.map((name, i) => [name, found[i]]));
}

async function allPlots(on) {
  const address = itemsAddress("plots", { datetime: on, limit: PAGE_OF_PLOTS });
  const found = await ask(address, () => whole(address, MOST_DRAWN));
  return found.isFar
    ? { ...found, tiles: tilesAddress("plots", { datetime: on, properties: TILE_COLUMNS }) }
    : found;
}

/**
 * Return some of a collection: what `asked` narrows it to.
 * @param {string} name
 * @param {Record<string, string|number|null>} asked parameters of the API; those without a value are left out
 * @returns {Promise<{features: any[], numberMatched: number, links: any[]}>}
 */
export function items(name, asked) {
  return ask(itemsAddress(name, asked));
}

/** Return the page after one that `items` gave; null after the last. */
export function itemsAfter(page) {
  const next = nextOf(page);
  return next && ask(next);
}

/** Return all of a collection that `asked` narrows it to. */
export function allItems(name, asked) {
  return ask(itemsAddress(name, { ...asked, limit: PAGE }), whole);
}

/**
 * Return the evidence of the neighbor pairs that some plots are part of.
 * @param {string[]} plots keys
 * @param {string} on
 * @returns {Promise<{features: any[]}>}
 */
export async function pairsOf(plots, on) {
  if (service.isEmbedded) return fromPage("data-adjacency", { features: [] });
  if (!plots.length) return { features: [] };
  const filter = `${isAmong("focal", plots)} OR ${isAmong("neighbor", plots)}`;
  return allItems("adjacency", { datetime: on, filter });
}

/** Return where the tiles of a collection are, for Leaflet's {z}, {y} and {x}. */
export function tilesAddress(name, asked) {
  return `${service.api}/collections/${name}/tiles/WebMercatorQuad/{z}/{y}/{x}?${query(asked)}`;
}

/** Write the CQL2 condition that a property is one of some texts. */
export function isAmong(property, texts) {
  return `${property} IN (${texts.map(quoted).join(",")})`;
}

/** Write a text as CQL2 does. */
export function quoted(text) {
  return `'${text.replaceAll("'", "''")}'`;
}

/**
 * Return where a collection, or the part of it that `choice` narrows it to, can be downloaded in a form.
 * @param {string} name
 * @param {string} form `gpkg`, `xlsx`, ...
 * @param {Record<string, string|null>} choice parameters of the API; those without a value are left out
 */
export function downloadAddress(name, form, choice) {
  const asked = query({ ...choice, download: form === "geojson" ? 1 : null });
  return `${service.exports}/${name}.${form}${asked && `?${asked}`}`;
}

/**
 * Return the neighbors of a company or plot on a day.
 * @param {"company"|"plot"} kind
 * @param {string} key
 * @param {string} on
 * @returns {Promise<{neighbors: any[], note?: string}>}
 */
export async function neighbors(kind, key, on) {
  if (service.isEmbedded) {
    const all = await fromPage("data-neighbors", {});
    return all[`${kind}:${key}`] ?? { neighbors: [], groups: [] };
  }
  const noun = kind === "company" ? "companies" : "plots";
  return ask(`${service.api}/${noun}/${encodeURIComponent(key)}/neighbors?${query({ on })}`);
}

/**
 * Return who is within 5, 10 and 15 minutes' walk of a company's place or a facility on a day.
 * @param {"company"|"facility"} kind
 * @param {string} key
 * @param {string} on
 * @returns {Promise<{places: any[], areas: {features: any[]}}>}
 */
export function isochrones(kind, key, on) {
  return ask(`${service.api}/reach?${new URLSearchParams({ from: `${kind}:${key}`, on })}`);
}

/** Return the page that plans a tour to a company or facility; null where there is none. */
export function plannerAddress(kind, key, on) {
  if (service.isEmbedded) return null;
  return `${service.planner}?${new URLSearchParams({ stop: `${kind}:${key}`, on })}`;
}

/** Return the days on which something changed: `{days, today}`. */
export function changes() {
  return service.isEmbedded
    ? fromPage("data-changes", { days: [] })
    : ask(`${service.api}/changes?${query({})}`);
}

/** Return who followed whom, and the meetings: `{successions, meetings}`. */
export function links() {
  return service.isEmbedded ? fromPage("data-links", { successions: [], meetings: [] }) : ask(service.links);
}

/** Forget all answers: something was changed. */
export function forgetAnswers() {
  answers.clear();
}

async function fromPage(id, otherwise) {
  if (!answers.has(id)) answers.set(id, embedded(id) ?? otherwise);
  return answers.get(id);
}

/** Ask once: the same address gives the same promise, until it fails or many newer ones came. */
function ask(address, get = fetched) {
  const answer =
    answers.get(address) ??
    get(address).catch((error) => {
      answers.delete(address);
      throw error;
    });
  // What is asked for again is the newest.
  answers.delete(address);
  answers.set(address, answer);
  if (answers.size > MOST_CACHED) answers.delete(answers.keys().next().value);
  return answer;
}

/** Follow a collection from page to page; of more than `most` features none are returned. */
async function whole(address, most = Infinity) {
  const first = await fetched(address);
  if (first.numberMatched > most) return { ...first, features: [], isFar: true };
  const features = [...first.features];
  for (let next = nextOf(first); next;) {
    const page = await fetched(next);
    features.push(...page.features);
    next = nextOf(page);
  }
  return { ...first, features };
}

/** Return where the next page is, on the host that is asked anyway. */
function nextOf(page) {
  const link = page.links?.find(({ rel }) => rel === "next");
  if (!link) return null;
  const { pathname, search } = new URL(link.href, location.href);
  return pathname + search;
}

function itemsAddress(name, asked) {
  return `${service.api}/collections/${name}/items?${query(asked)}`;
}

function query(asked) {
  const given = Object.entries({ ...asked, known }).filter(([, value]) => value !== null && value !== "");
  return new URLSearchParams(given).toString();
}

async function fetched(address) {
  return json(await fetchFrom(address, { headers: { Accept: "application/geo+json, application/json" } }));
}

/** Return the JSON of an answer; a refusal is thrown with the service's own sentence, as what `kinds` has for its status. */
export async function json(response, kinds = {}) {
  const body = await response.json().catch(() => null);
  if (response.ok && body) return body;
  const sentence = t("The service answered with an error ({status}).", { status: response.status });
  throw new (kinds[response.status] ?? Unavailable)(body?.error ?? sentence);
}

/** Get a file, such as a tile; `signal` gives it up. */
export async function bytes(address, signal) {
  const response = await fetchFrom(address, { signal });
  return response.ok ? response.arrayBuffer() : json(response);
}

/** Ask a host; what was given up by its signal fails as such. */
export async function fetchFrom(address, options) {
  try {
    return await fetch(address, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Unavailable(t("The service cannot be reached."));
  }
}

/** Return the sentence for a failure. */
export function failureSentence(error) {
  return error instanceof Unavailable ? error.message : t("Something went wrong in the page.");
}
