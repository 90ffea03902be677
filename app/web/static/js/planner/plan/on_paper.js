/**
 * The planner on paper: what is typed in fields on the screen is told above the plan, and every direction is shown.
 */
import { h } from "#page/dom";
import { dayInFull, t } from "#page/i18n";

/**
 * Tell whose plan it is: title, park and day.
 * @param {HTMLElement} place
 * @param {{title: string, park: string, on: string}} request
 * @param {{key: string, name: string}[]} parks
 */
export function headOnPaper(place, request, parks) {
  const park = parks.find(({ key }) => key === request.park)?.name;
  const about = [park, dayInFull(request.on)].filter(Boolean).join(" · ");
  place.replaceChildren(h("p.paper-title", request.title || t("Tour without a title")), h("p", about));
}

/** Open what is folded away in a place while it is printed, also what a better plan puts there meanwhile. */
export function openOnPaper(place) {
  const opened = new Set();
  const open = () => {
    for (const one of place.querySelectorAll("details:not([open])")) {
      one.open = true;
      opened.add(one);
    }
  };
  const watch = new MutationObserver(open);
  window.addEventListener("beforeprint", () => {
    open();
    watch.observe(place, { childList: true, subtree: true });
  });
  window.addEventListener("afterprint", () => {
    watch.disconnect();
    for (const one of opened) one.open = false;
    opened.clear();
  });
}
