/** The list of plots: tick all, and tell how much land is ticked. */
import { all, byId } from "#page/dom";
import { number, speak } from "#page/i18n";

/**
 * Put numbers into the places of a sentence.
 * @param {string} template with {n}, {m2} and {ha}
 * @param {number[]} areas in m²
 */
export function selectedWords(template, areas) {
  const total = areas.reduce((sum, area) => sum + area, 0);
  return template
    .replace("{n}", number(areas.length))
    .replace("{m2}", number(Math.round(total)))
    .replace("{ha}", number(total / 10_000, 2));
}

/** Follow the ticks of the page. */
function followTicks() {
  const told = byId("selected-area");
  const every = byId("tick-all", HTMLInputElement);
  const ticks = /** @type {HTMLInputElement[]} */ (all(document, 'input[name="plots"]'));
  const show = () => {
    const areas = ticks.filter((tick) => tick.checked).map((tick) => Number(tick.dataset.area));
    told.textContent = areas.length ? selectedWords(told.dataset.some, areas) : told.dataset.none;
    every.checked = areas.length === ticks.length;
    every.indeterminate = areas.length > 0 && areas.length < ticks.length;
  };
  every.addEventListener("change", () => {
    for (const tick of ticks) tick.checked = every.checked;
    show();
  });
  for (const tick of ticks) tick.addEventListener("change", show);
  show();
}

if (globalThis.document?.getElementById("selected-area")) {
  speak(document.documentElement.lang, {});
  followTicks();
}
