/** What the page shows, in the address bar: `?on=…&known=…&sel=…&tab=…&q=…&by=…&layers=…#z/lat/lon`. */

export const TABS = ["companies", "plots", "facilities", "tours"];
export const KINDS = ["company", "plot", "facility", "tour"];

/**
 * @typedef {{kind: string, key: string}} Selection
 * @typedef {{zoom: number, lat: number, lon: number}} View
 * @typedef {{on: string|null, sel: Selection|null, tab: string|null, q: string, park: string|null,
 *   only: string[], by: "marketing"|null, layers: string[]|null, view: View|null, lang: string|null, known?: string|null}} Address
 */

/**
 * Read an address; what it does not say or says wrongly is null (or empty).
 * @param {string} search `?on=2024-04-24&sel=plot:HK1-001`
 * @param {string} [hash] `#16/52.37/10.74`
 * @returns {Address}
 */
export function parseAddress(search, hash = "") {
  const params = new URLSearchParams(search);
  const tab = params.get("tab");
  const layers = params.get("layers");
  return {
    on: /^\d{4}-\d{2}-\d{2}$/.test(params.get("on") ?? "") ? params.get("on") : null,
    sel: parseSelection(params.get("sel")),
    tab: TABS.includes(tab) ? tab : null,
    q: params.get("q") ?? "",
    park: params.get("park") || null,
    only: words(params.get("only")),
    by: params.get("by") === "marketing" ? "marketing" : null,
    layers: layers === null ? null : words(layers),
    view: parseView(hash),
    lang: params.get("lang"),
  };
}

/**
 * Write an address, leaving out what is as usual.
 * @param {Partial<Address>} address
 * @returns {string} `?…#…`, `?` alone left out; may be empty
 */
export function formatAddress(address) {
  const parts = [];
  const say = (name, value) => value && parts.push(`${name}=${readable(value)}`);
  say("lang", address.lang);
  say("on", address.on);
  say("known", address.known);
  say("sel", address.sel && formatSelection(address.sel));
  say("tab", address.tab);
  say("q", address.q);
  say("park", address.park);
  say("only", address.only?.join(","));
  say("by", address.by);
  if (address.layers) parts.push(`layers=${readable(address.layers.join(","))}`);
  const search = parts.length ? `?${parts.join("&")}` : "";
  return search + (address.view ? formatView(address.view) : "");
}

/** Read `kind:key`; null for anything else. */
export function parseSelection(text) {
  const at = (text ?? "").indexOf(":");
  const [kind, key] = [(text ?? "").slice(0, at), (text ?? "").slice(at + 1)];
  return at > 0 && key && KINDS.includes(kind) ? { kind, key } : null;
}

/** Write `kind:key`. */
export function formatSelection(sel) {
  return `${sel.kind}:${sel.key}`;
}

function parseView(hash) {
  const found = /^#(\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)$/.exec(hash);
  if (!found) return null;
  const [zoom, lat, lon] = found.slice(1).map(Number);
  return zoom <= 22 && Math.abs(lat) <= 85 && Math.abs(lon) <= 180 ? { zoom, lat, lon } : null;
}

function formatView(view) {
  return `#${round(view.zoom, 2)}/${view.lat.toFixed(5)}/${view.lon.toFixed(5)}`;
}

function round(value, digits) {
  return Number(value.toFixed(digits));
}

function words(text) {
  return (text ?? "").split(",").filter(Boolean);
}

/** Percent-encode for a query, leaving the separators of our own values readable. */
function readable(text) {
  return encodeURIComponent(text).replace(/%3A/g, ":").replace(/%2C/g, ",").replace(/%20/g, "+");
}
