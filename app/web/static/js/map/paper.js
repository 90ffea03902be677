/** The map on paper: light, as wide as the sheet, showing what the screen showed. */

import { byId, h } from "#page/dom";
import { day, t } from "#page/i18n";

/** More parks are not named one by one. */
const MOST_NAMED = 3;

/**
 * Make the map ready whenever the page goes to a printer, and put it back afterwards.
 *
 * Paper says above the map what it shows, and below it what the signs mean.
 * @param {import("#map/map_view").MapView} view
 * @param {() => string[]} describe title of the sheet, and what holds for all of it
 */
export function printWell(view, describe) {
  const root = document.documentElement;
  let before = null;
  addEventListener("beforeprint", () => {
    before ??= {
      theme: root.dataset.bsTheme,
      center: view.map.getCenter(),
      zoom: view.map.getZoom(),
      bounds: view.map.getBounds(),
      zoomSnap: view.map.options.zoomSnap,
      legend: openLegend(),
    };
    const [title, ...facts] = describe();
    byId("paper-head").replaceChildren(h("strong", title), facts.join(" · "));
    // Any zoom will do on paper: what the screen showed fills the sheet.
    view.map.options.zoomSnap = 0;
    root.dataset.bsTheme = "light";
    root.classList.add("is-printing");
    view.redraw(() => view.map.fitBounds(before.bounds, { animate: false }));
  });
  addEventListener("afterprint", () => {
    if (!before) return;
    const { theme, center, zoom, zoomSnap, legend } = before;
    before = null;
    legend.close();
    view.map.options.zoomSnap = zoomSnap;
    root.dataset.bsTheme = theme;
    root.classList.remove("is-printing");
    view.redraw(() => view.map.setView(center, zoom, { animate: false }));
  });
}

/** Open the legend below the map, and return what puts it back. */
function openLegend() {
  const legend = byId("legend", HTMLDetailsElement);
  const [home, next, wasOpen] = [legend.parentElement, legend.nextSibling, legend.open];
  legend.open = true;
  home.after(legend);
  return {
    close: () => {
      home.insertBefore(legend, next);
      legend.open = wasOpen;
    },
  };
}

/**
 * Return what the map's sheet tells of itself: its title, then the day and what the lists are narrowed by.
 * @param {{on: string, park: string|null, q: string, sel: object|null}} state
 * @param {any} model of the day; null while there is none
 * @param {(sel: object) => string|undefined} nameOf the name of what is not there on the day
 * @returns {string[]}
 */
export function onPaper({ on, park, q, sel }, model, nameOf) {
  const name = sel && (model?.find(sel)?.name ?? nameOf(sel) ?? sel.key);
  const every = model && [...model.parks.values()];
  const parks =
    model && (model.parks.get(park) ?? (every.length > MOST_NAMED ? t("All parks") : every.join(", ")));
  const facts = [
    t("as of {day}", { day: day(on) }),
    parks,
    q.trim() && t("searched for “{q}”", { q: q.trim() }),
  ];
  return [name ?? t("Map of the business parks"), ...facts.filter(Boolean)];
}
