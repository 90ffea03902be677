/**
 * Getting data: from the service, or from the file itself when the map was saved as one.
 */
import { embedded } from "#map/dom";
import { t } from "#map/i18n";

/** Something could not be had; `message` says why in the reader's language. */
export class Unavailable extends Error {}

const KEPT = 80;
const answers = new Map();
let service = { isEmbedded: true };

/**
 * Say where data comes from.
 *
 * @param {{isEmbedded?: boolean, exports?: string, api?: string, links?: string}} settings
 *   `isEmbedded`: all data is in the page, and nothing is asked of any host
 */
export function connect(settings) {
  service = settings;
}

/** Whether the data is in the page itself. */
export function isEmbedded() {
  return Boolean(service.isEmbedded);
}

/**
 * Return a collection as of a day.
 *
 * @param {string} name `plots`, `companies`, ...
 * @param {string} on ISO day
 * @returns {Promise<{features: any[]}>}
 */
export function collection(name, on) {
  if (service.isEmbedded) return fromPage(`data-${name}`, { type: "FeatureCollection", features: [] });
  return ask(`${service.exports}/${name}.geojson?on=${on}`);
}

/** Return where a collection of a day can be downloaded. */
export function downloadAddress(name, on) {
  return `${service.exports}/${name}.geojson?on=${on}&download=1`;
}

/**
 * Return the neighbors of a company or plot on a day.
 *
 * @param {"company"|"plot"} kind
 * @param {string} key
 * @param {string} on
 * @returns {Promise<{neighbors: any[]}>}
 */
export async function neighbors(kind, key, on) {
  if (service.isEmbedded) {
    const all = await fromPage("data-neighbors", {});
    return all[`${kind}:${key}`] ?? { neighbors: [], groups: [] };
  }
  const noun = kind === "company" ? "companies" : "plots";
  return ask(`${service.api}/${noun}/${encodeURIComponent(key)}/neighbors?on=${on}`);
}

/**
 * Return who is within 5, 10 and 15 minutes' walk of a company's place or a facility on a day.
 *
 * @param {"company"|"facility"} kind
 * @param {string} key
 * @param {string} on
 * @returns {Promise<{places: any[], areas: {features: any[]}}>}
 */
export function reach(kind, key, on) {
  return ask(`${service.api}/reach?${new URLSearchParams({ [kind]: key, on })}`);
}

/** Return the page that plans a tour to a company or facility; null where there is none. */
export function plannerAddress(kind, key, on) {
  if (service.isEmbedded) return null;
  return `${service.planner}?${new URLSearchParams({ stop: `${kind}:${key}`, on })}`;
}

/** Return the days on which something changed: `{days, today}`. */
export function changes() {
  return service.isEmbedded ? fromPage("data-changes", { days: [] }) : ask(`${service.api}/changes`);
}

/** Return who followed whom, and the meetings: `{successions, meetings}`. */
export function links() {
  return service.isEmbedded ? fromPage("data-links", { successions: [], meetings: [] }) : ask(service.links);
}

async function fromPage(id, otherwise) {
  if (!answers.has(id)) answers.set(id, embedded(id) ?? otherwise);
  return answers.get(id);
}

/** Ask once: the same address gives the same promise, until it fails or many newer ones came. */
function ask(address) {
  const known = answers.get(address);
  if (known) return known;
  const answer = fetched(address).catch((error) => {
    answers.delete(address);
    throw error;
  });
  answers.set(address, answer);
  if (answers.size > KEPT) answers.delete(answers.keys().next().value);
  return answer;
}

async function fetched(address) {
  let response;
  try {
    response = await fetch(address, { headers: { Accept: "application/json" } });
  } catch {
    throw new Unavailable(t("The service cannot be reached."));
  }
  const body = await response.json().catch(() => null);
  if (response.ok && body) return body;
  throw new Unavailable(
    body?.error ?? t("The service answered with an error ({status}).", { status: response.status }),
  );
}
