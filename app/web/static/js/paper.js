/**
 * The map on paper: light, as wide as the sheet, showing what the screen showed.
 */

/**
 * Make the map ready whenever the page goes to a printer, and put it back afterwards.
 *
 * @param {import("#map/map_view").MapView} view
 */
export function printWell(view) {
  const root = document.documentElement;
  let before = null;
  addEventListener("beforeprint", () => {
    before ??= {
      theme: root.dataset.bsTheme,
      center: view.map.getCenter(),
      zoom: view.map.getZoom(),
      bounds: view.map.getBounds(),
      zoomSnap: view.map.options.zoomSnap,
    };
    // Any zoom will do on paper: what the screen showed fills the sheet.
    view.map.options.zoomSnap = 0;
    root.dataset.bsTheme = "light";
    root.classList.add("is-printing");
    view.redraw(() => view.map.fitBounds(before.bounds, { animate: false }));
  });
  addEventListener("afterprint", () => {
    if (!before) return;
    const { theme, center, zoom, zoomSnap } = before;
    before = null;
    view.map.options.zoomSnap = zoomSnap;
    root.dataset.bsTheme = theme;
    root.classList.remove("is-printing");
    view.redraw(() => view.map.setView(center, zoom, { animate: false }));
  });
}
