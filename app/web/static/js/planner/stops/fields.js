/** The fields of the forms: each keeps its text while it is typed in, and tells what was meant. */
import { h } from "#page/dom";
import { t } from "#page/i18n";
import { parseClock } from "#planner/stops/clock";

/** Set what a field shows, unless somebody is typing in it. */
export function show(field, value) {
  if (field === document.activeElement && field.type !== "checkbox" && field.tagName !== "SELECT") return;
  if (field.type === "checkbox") field.checked = Boolean(value);
  else {
    field.value = value ?? "";
    complain(field, "");
  }
}

/** Make a label with its field. */
export function labeled(words, field, { class: className = "field", after = null } = {}) {
  return h("label", { class: className }, h("span.field-name", words), field, after);
}

/** Make a box to tick, with its words behind it. */
export function tick(words, change) {
  const box = h("input", { type: "checkbox", on: { change: () => change(box.checked) } });
  return { box, label: h("label.tick", box, h("span", words)) };
}

/**
 * Make a field for a time of day; `change` gets `HH:MM`, or null for an empty field.
 * @param {string} name for those who do not see it
 * @param {(time: string|null) => void} change
 * @param {{placeholder?: string, isNeeded?: boolean, isOnDay?: boolean}} [options] `isOnDay`: not in the night after
 */
export function timeField(name, change, { placeholder = "", isNeeded = false, isOnDay = false } = {}) {
  const field = h("input.input.is-time", {
    type: "text",
    inputmode: "numeric",
    autocomplete: "off",
    maxlength: 9,
    placeholder,
    "aria-label": name,
  });
  const take = () => {
    const typed = parseClock(field.value);
    const time = isOnDay && typed >= "24:00" ? null : typed;
    const isWrong = time === null && (isNeeded || field.value.trim() !== "");
    complain(field, isWrong ? t("Please write the time as 14:30.") : "");
    // Whoever left the field is led back, and hears what is wrong with it.
    if (isWrong) return void field.focus();
    field.value = time ?? "";
    change(time);
  };
  field.addEventListener("change", take);
  field.addEventListener("keydown", (event) => event.key === "Enter" && take());
  return field;
}

/**
 * Make a field for a whole number; `change` gets it, or null for an empty field.
 * @param {string} name
 * @param {(value: number|null) => void} change
 * @param {{min: number, max: number, step?: number, isNeeded?: boolean}} limits
 */
export function numberField(name, change, { min, max, step = 1, isNeeded = true }) {
  const field = h("input.input.is-number", {
    type: "number",
    inputmode: "numeric",
    min,
    max,
    step,
    "aria-label": name,
  });
  field.addEventListener("input", () => {
    const isEmpty = field.value === "";
    const value = Number(field.value);
    const isWrong = isEmpty
      ? isNeeded || field.validity.badInput
      : !Number.isInteger(value) || value < min || value > max;
    complain(field, isWrong ? t("Please write a whole number from {min} to {max}.", { min, max }) : "");
    if (!isWrong) change(isEmpty ? null : value);
  });
  return field;
}

let nSentences = 0;

const places = new WeakMap();

/** Make the place where a field's sentence is read, to be put beside it. */
export function besides(field) {
  const place = h("span.field-wrong", { id: `wrong-${++nSentences}`, hidden: true });
  field.setAttribute("aria-describedby", place.id);
  places.set(field, place);
  return place;
}

/** What stands in a row with a field: its sentence comes below all of it. */
const ROWS = ".window, .day-box, .pause-fields, .shift-part, .is-inline";

/** Return where a field's sentence is read, made for it where `besides` did not. */
function placeOf(field) {
  if (!places.has(field)) (field.closest(ROWS) ?? field).after(besides(field));
  return places.get(field);
}

/**
 * Mark a field as wrong with a sentence; an empty one takes the mark away. The page's own sentence is the only one:
 * a browser's bubble would hide it.
 */
export function complain(field, sentence) {
  const place = sentence ? placeOf(field) : places.get(field);
  if (place && place.textContent !== sentence) place.textContent = sentence;
  if (place) place.hidden = !sentence;
  if (sentence) {
    field.setAttribute("aria-invalid", "true");
    field.title = sentence;
  } else {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("title");
  }
}
