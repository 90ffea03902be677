/** Many plots chosen at once, by a box on the map, by clicks, or in the list; for staff. */
import { button, h } from "#page/dom";
import { number, squareMetres, t, tn } from "#page/i18n";

const L = globalThis.L;

/**
 * Return the keys of the plots whose middle lies in a box.
 * @param {{key: string, at: [number, number]}[]} plots
 * @param {{south: number, west: number, north: number, east: number}} box
 */
export function plotsInBox(plots, { south, west, north, east }) {
  const isIn = ({ at: [lat, lon] }) => lat >= south && lat <= north && lon >= west && lon <= east;
  return plots.filter(isIn).map(({ key }) => key);
}

/**
 * Say how many plots are chosen and how much land that is.
 * @param {{official_area_m2: number|null, area_m2: number}[]} plots
 */
export function selectionWords(plots) {
  if (!plots.length) return t("Draw a box on the map, or choose plots on the map or in the list.");
  const area = plots.reduce((sum, plot) => sum + (plot.official_area_m2 ?? plot.area_m2), 0);
  const words = tn(plots.length, "{n} plot selected", "{n} plots selected");
  return `${words}: ${squareMetres(area)} (${number(area / 10_000, 2)} ha)`;
}

/** The plots chosen, and the bar that says so. */
export class PlotSelection {
  /**
   * @param {any} view the map
   * @param {HTMLElement} filters below which the bar stands
   * @param {string} address of the form for their marketing status
   */
  constructor(view, filters, address) {
    this.view = view;
    this.address = address;
    this.model = null;
    this.isOn = false;
    this.keys = new Set();
    this.start = null;
    this.box = null;
    this.isBoxed = false;
    this.bar = h("div.plot-selection", { hidden: true });
    filters.after(this.bar);
    this.words = h("p", { role: "status" });
    this.go = h("a.btn.btn-primary.btn-sm", { hidden: true }, t("Set marketing status …"));
    this.clear = button(t("Clear"), () => this.choose(new Set()));
    this.toggleButton = button(t("Select several plots"), () => this.turn(!this.isOn), {
      "aria-pressed": "false",
    });
    this.bar.append(this.toggleButton, this.words, h("div.plot-selection-acts", this.go, this.clear));
    this.listen(view.map.getContainer());
    this.fill();
  }

  /** Show the bar where plots are listed; plots that are gone are no longer chosen. */
  show(model, tab) {
    this.model = model;
    this.bar.hidden = tab !== "plots" || Boolean(model.far);
    if (this.bar.hidden && this.isOn) this.turn(false);
    const there = new Set(model.plots.map(({ key }) => key));
    this.choose(new Set([...this.keys].filter((key) => there.has(key))));
  }

  turn(isOn) {
    this.isOn = isOn;
    this.toggleButton.setAttribute("aria-pressed", String(isOn));
    const { map } = this.view;
    map.getContainer().classList.toggle("is-selecting", isOn);
    for (const handler of [map.dragging, map.boxZoom])
      if (isOn) handler.disable();
      else handler.enable();
    if (!isOn) this.keys = new Set();
    this.choose(this.keys);
  }

  /** Take what is picked, where several plots are being chosen; say whether it was taken. */
  takes({ kind, key }) {
    if (!this.isOn || kind !== "plot") return false;
    // The click at the end of a box is none.
    if (!this.isBoxed) this.toggle(key);
    return true;
  }

  /** Choose a plot, or choose it no longer. */
  toggle(key) {
    const keys = new Set(this.keys);
    if (!keys.delete(key)) keys.add(key);
    this.choose(keys);
  }

  choose(keys) {
    this.keys = keys;
    this.view.land.tick(keys);
    this.fill();
  }

  fill() {
    const chosen = (this.model?.plots ?? []).filter(({ key }) => this.keys.has(key));
    this.words.hidden = !this.isOn;
    this.words.textContent = selectionWords(chosen);
    this.go.hidden = this.clear.hidden = !chosen.length;
    const query = new URLSearchParams({ plots: chosen.map(({ key }) => key).join(",") });
    this.go.href = `${this.address}?${query}`;
  }

  /** A box is drawn with whatever points: mouse, pen or finger. */
  listen(frame) {
    frame.addEventListener("pointerdown", (event) => this.begin(event), { capture: true });
    frame.addEventListener("pointermove", (event) => this.draw(event));
    frame.addEventListener("pointerup", (event) => this.end(event));
    frame.addEventListener("pointercancel", () => this.drop());
  }

  begin(event) {
    if (!this.isOn || event.button !== 0 || event.target.closest(".leaflet-control")) return;
    this.start = this.view.map.mouseEventToLatLng(event);
  }

  draw(event) {
    if (!this.start) return;
    const bounds = L.latLngBounds(this.start, this.view.map.mouseEventToLatLng(event));
    if (this.box) this.box.setBounds(bounds);
    else
      this.box = L.rectangle(bounds, { className: "selection-box", interactive: false }).addTo(this.view.map);
  }

  end(event) {
    const { start, box } = this;
    const last = this.view.map.mouseEventToLatLng(event);
    this.drop();
    // A click is the plot's own.
    if (!start || !box || isNear(this.view.map, start, last)) return;
    const bounds = L.latLngBounds(start, last);
    const [south, west] = [bounds.getSouth(), bounds.getWest()];
    const found = plotsInBox(this.model.plots, {
      south,
      west,
      north: bounds.getNorth(),
      east: bounds.getEast(),
    });
    this.choose(new Set([...this.keys, ...found]));
    this.isBoxed = true;
    setTimeout(() => (this.isBoxed = false));
  }

  drop() {
    this.box?.remove();
    this.start = this.box = null;
  }
}

function isNear(map, one, other) {
  return map.latLngToContainerPoint(one).distanceTo(map.latLngToContainerPoint(other)) < 5;
}
