/** Elements without any HTML text: whatever comes from data becomes a text node or a checked attribute. */

/**
 * Make an element.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K | `${K}.${string}`} selector tag and classes, `span.count`
 * @param {...any} parts first, if it is neither node nor text, the properties: `class` (in place of the selector's),
 *   `text`, `dataset`, `style` (custom properties included), `on` (event listeners), boolean and plain attributes;
 *   then the children, texts becoming text nodes. Null, undefined and false are left out.
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(selector, ...parts) {
  const [tag, ...classes] = selector.split(".");
  const element = /** @type {HTMLElementTagNameMap[K]} */ (document.createElement(tag));
  if (classes.length) element.className = classes.join(" ");
  const props = parts[0]?.constructor === Object ? parts.shift() : {};
  for (const [name, value] of Object.entries(props)) setProp(element, name, value);
  element.append(...parts.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/**
 * Make a button; without words of its own it needs a `name`. What is not said of it is as with `h`.
 * @param {any} content
 * @param {(event: Event) => void} press
 * @param {Record<string, any>} [more]
 */
export function button(content, press, { name = null, class: look = "btn btn-quiet btn-sm", ...more } = {}) {
  const props = {
    type: "button",
    class: look,
    "aria-label": name,
    title: name,
    ...more,
    on: { click: press },
  };
  return h("button", props, content);
}

function setProp(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "text") element.textContent = value;
  else if (name === "dataset") Object.assign(element.dataset, value);
  else if (name === "style")
    for (const [key, part] of Object.entries(value)) element.style.setProperty(key, part);
  else if (name === "on")
    for (const [event, listen] of Object.entries(value)) element.addEventListener(event, listen);
  else element.setAttribute(name, value === true ? "" : String(value));
}

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an SVG element.
 * @param {string} tag
 * @param {Record<string, string|number|null|undefined>} [attributes] null and undefined are left out
 * @param {...(Node|string)} children
 * @returns {SVGElement}
 */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children);
  return element;
}

/**
 * Return the address if it leads to a web page, else null: no `javascript:`, no `data:`.
 * @param {string|null|undefined} text
 * @returns {string|null}
 */
export function webAddress(text) {
  if (!text) return null;
  try {
    const url = new URL(text);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}

/**
 * Return an element of the page.
 * @template {HTMLElement} E
 * @param {string} id
 * @param {new () => E} [Kind] what it must be
 * @returns {E}
 */
export function byId(id, Kind = /** @type {any} */ (HTMLElement)) {
  const element = document.getElementById(id);
  if (!(element instanceof Kind)) throw new TypeError(`#${id} is no ${Kind.name}`);
  return element;
}

/** Return what has the focus; null where nothing of the page has. */
export function focused() {
  return document.activeElement instanceof HTMLElement ? document.activeElement : null;
}

/**
 * Return the elements below a place that match a selector.
 * @param {ParentNode} place
 * @param {string} selector
 * @returns {HTMLElement[]}
 */
export function all(place, selector) {
  return [...place.querySelectorAll(selector)].filter((element) => element instanceof HTMLElement);
}

/** Return the first of `all`, or null. */
export function first(place, selector) {
  return all(place, selector)[0] ?? null;
}

/** Put a text into the clipboard; `field` shows it. Without a secure context only the old way works. */
export async function copyText(field) {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    document.execCommand("copy");
  }
}

/** Read the JSON of a data block of the page; null when there is none. */
export function embedded(id) {
  const block = document.getElementById(id);
  return block ? JSON.parse(block.textContent) : null;
}

/** Whether the reader asked for little motion. */
export function isCalm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** Whether the page is as narrow as a phone: the panel is a sheet then. */
export function isNarrow() {
  return matchMedia("screen and (max-width: 760px)").matches;
}
