/**
 * The map of the planner: the ground of the day, companies and facilities to be added, the walk with its stops.
 */
import { button, h, isCalm } from "#page/dom";
import { t } from "#page/i18n";
import { streetLabels } from "#labels/label_layer";
import { idOf } from "#map/model";
import { ParkMap } from "#map/park_map";
import { holds, legFeatures } from "#planner/plan/legs";

const L = globalThis.L;
const ROOM = { paddingTopLeft: [40, 40], paddingBottomRight: [70, 40], maxZoom: 17 };
const NAMES_FROM_ZOOM = 15.75;

/** The map. */
export class PlannerMap extends ParkMap {
  /**
   * @param {{map: import("leaflet").Map, layers: Record<string, any>}} handle what the page's script made
   * @param {Record<string, any>} styles
   * @param {{add: (record: any) => void, addPoint: (lon: number, lat: number) => void,
   *   reveal: (id: string) => void, point: (id: string|null) => void}} actions
   */
  constructor(handle, styles, actions) {
    const point = (sel) => actions.point(sel?.kind === "stop" ? sel.key : null);
    super(handle, styles, { pick: (sel) => this.pick(sel), point });
    this.actions = actions;
    this.data = null;
    this.stops = [];
    this.legs = [];
    this.streets = [];
    this.map.on("click", ({ latlng }) => this.offer(latlng));
    new ResizeObserver(() => this.onResize()).observe(this.map.getContainer());
  }

  onResize() {
    this.map.invalidateSize({ animate: false });
    if (this.stops.length) this.keepInSight();
  }

  /** Draw the ground of a day. */
  draw(data, model) {
    this.data = data;
    this.model = model;
    this.streets = streetLabels(data.walkways);
    this.land.draw(data, model);
    this.drawStops();
  }

  /**
   * Draw stops and the walk.
   * @param {{id: string, name: string, at: [number, number], position: number|null,
   *   record: string|null}[]} stops `record` is the company or facility, `kind:key`
   * @param {any[]} legs of the plan
   */
  plan(stops, legs) {
    this.stops = stops;
    this.legs = legs;
    if (this.model) this.drawStops();
  }

  drawStops() {
    const taken = new Set(this.stops.map((stop) => stop.record));
    const isFree = (record) => !taken.has(idOf(record));
    const { companies, facilities } = this.model;
    const shown = { companies: companies.filter(isFree), facilities: facilities.filter(isFree) };
    const walk = { kind: "tour", key: "plan", name: t("Planned walk"), legs: legFeatures(this.legs) };
    this.tours.draw([walk], [walk]);
    this.signs.draw(shown, this.stops.map(signOf));
    for (const { html, stop } of this.signs.shown) html.classList.toggle("is-out", stop?.position === null);
    this.labels.queue();
  }

  pick(sel) {
    if (sel.kind === "stop") this.actions.reveal(sel.key);
    else if (sel.kind !== "plot" && sel.kind !== "tour") this.actions.add(this.model.find(sel));
  }

  /** Offer what is at a place that was clicked: the firms of its plot, and the place itself. */
  offer(latlng) {
    if (!this.model) return;
    const plot = this.data.plots.features.find(({ geometry }) => holds(geometry, [latlng.lng, latlng.lat]));
    const firms = plot ? this.model.on(plot.properties.key) : [];
    const press = (act) => () => {
      this.map.closePopup();
      act();
    };
    const choice = (name, act) => button(name, press(act), { class: "offer" });
    const lon = Number(latlng.lng.toFixed(6));
    const lat = Number(latlng.lat.toFixed(6));
    const body = h(
      "div.offers",
      h("p.offers-title", t("Add as a stop:")),
      ...firms.map((firm) => choice(firm.name, () => this.actions.add(firm))),
      choice(t("This place"), () => this.actions.addPoint(lon, lat)),
    );
    L.popup({ className: "offer-box", closeButton: false, offset: [0, -2] })
      .setLatLng(latlng)
      .setContent(body)
      .openOn(this.map);
  }

  /** Show a whole park, once for each choice of one; where there are stops, they say what is seen. */
  showPark(key) {
    const outline = this.data?.parks.features.find(({ properties }) => properties.key === key);
    if (!outline || key === this.park) return;
    this.park = key;
    if (!this.stops.length)
      this.map.fitBounds(L.geoJSON(outline.geometry).getBounds(), { ...ROOM, animate: false });
  }

  /** Show all stops and the walk. */
  fit() {
    const bounds = L.latLngBounds(this.stops.map((stop) => stop.at));
    for (const { geometry } of this.legs) bounds.extend(L.geoJSON(geometry).getBounds());
    if (bounds.isValid())
      this.go(() => this.map.fitBounds(bounds.pad(0.05), { ...ROOM, animate: !isCalm() }));
  }

  /** Move so that a stop is seen. */
  reveal(id) {
    const stop = this.stops.find((one) => one.id === id);
    if (stop)
      this.go(() => this.map.setView(stop.at, Math.max(this.map.getZoom(), 16), { animate: !isCalm() }));
  }

  /** Move only where a stop is out of sight, or at its edge. */
  keepInSight() {
    const seen = this.map.getBounds().pad(-0.06);
    if (this.stops.some((stop) => !seen.contains(stop.at))) this.fit();
  }

  /** Mark a stop, or none. */
  point(id) {
    this.signs.point(id && `stop:${id}`);
  }

  /** Mark a place, or none. */
  pointAt(at) {
    this.spot?.remove();
    this.spot =
      at &&
      L.circleMarker(at, { pane: "tours", radius: 9, interactive: false, className: "spot" }).addTo(this.map);
  }

  /** @override */
  labelSource() {
    if (!this.model) return { labels: [], obstacles: [] };
    const zoom = this.map.getZoom();
    const boxes = this.signs.boxes();
    return {
      obstacles: boxes,
      labels: [
        ...boxes.filter(({ one }) => one.stop || zoom >= NAMES_FROM_ZOOM).map(nameLabel),
        ...this.tours.legLabels(),
        ...(zoom >= 14.5 ? this.streets : []),
      ],
    };
  }
}

function signOf({ id, name, at, position }) {
  return { kind: "stop", key: id, name, stops: [{ at, position, name }], legs: [] };
}

function nameLabel({ one, w }) {
  const kind = one.stop ? "stop" : { companies: "company", facilities: "facility" }[one.layer];
  return {
    kind,
    text: one.stop?.name ?? one.name,
    at: one.marker.getLatLng(),
    radius: w / 2,
    priority: one.stop ? 90 : 50,
  };
}
