/**
 * Signs on the map: companies, facilities and the stops of tours, moved apart where they would cover one another.
 */
import { h } from "#page/dom";
import { sign } from "#page/icons";
import { number, t } from "#page/i18n";
import { idOf } from "#map/model";
import { spread } from "#map/spread";
import { lookOf } from "#tours/tour_looks";
import { isOf, pairTwins } from "#cards/twins";

const L = globalThis.L;
/** What stands on the sign of a stop: its number, a dot where people meet, a dash where it is in no order. */
const stopSign = (position) => (position === 0 ? "•" : number(position));
const stopName = ({ positions: [n], name }) =>
  n === 0 ? t("Meeting point: {name}", { name }) : t("Stop {n}: {name}", { n, name });
/** Width of a sign by zoom: small over the whole park, comfortable to touch near by. */
const WIDTHS = [
  [14.25, 13],
  [14.75, 17],
  [15.75, 21],
  [99, 27],
];

/** Of more signs than these, small ones are dots that stay where they are: there is no room to move them to. */
const MOST_SPREAD = 300;
const LEAST_SPREAD_WIDTH = 21;
const DOT_WIDTH = 8;

/** All signs of the map. */
export class Signs {
  /**
   * @param {any} map Leaflet map
   * @param {Record<string, {group: any}>} layers
   * @param {Record<string, any>} styles
   * @param {{pick: (sel: object) => void, point: (sel: object|null) => void}} actions
   */
  constructor(map, layers, styles, actions) {
    this.map = map;
    this.layers = layers;
    this.styles = styles;
    this.actions = actions;
    this.shown = [];
    this.groups = {};
    this.onArranged = () => {};
    map.on("zoomend layeradd layerremove", () => this.queue());
  }

  /** Put up the signs of a day, and the numbered stops of some tours. */
  draw(model, tours) {
    this.shown = [
      ...model.companies.flatMap((company) =>
        company.places.map((place) => this.companySign(company, place)),
      ),
      ...model.facilities.map((facility) => this.facilitySign(facility)),
      ...tours.flatMap((tour) => stopsOf(tour).map((stop) => this.stopSign(tour, stop, tours.length > 1))),
    ];
    pairTwins(this.shown, this.styles);
    for (const name of ["companies", "facilities", "stops"]) this.fill(name);
    this.arrange();
  }

  fill(name) {
    const layer = this.layers[name === "stops" ? "tours" : name];
    if (!layer) return;
    if (this.groups[name]) layer.group.removeLayer(this.groups[name]);
    const own = this.shown.filter((one) => one.layer === name);
    this.groups[name] = L.layerGroup(own.flatMap((one) => [one.tether, one.marker]));
    layer.group.addLayer(this.groups[name]);
  }

  companySign(company, place) {
    const style = this.styles.sectors[company.filter] ?? this.styles.sectors.unknown;
    const drawn = sign(style, { isApproximate: place.location_quality === "street" });
    const made = this.make("companies", company, place.at, drawn, company.name);
    made.html.classList.toggle("is-uncertain", place.isUncertain);
    return { ...made, place };
  }

  facilitySign(facility) {
    const style = this.styles.facilities[facility.facilityKind];
    const letter = facility.facilityKind === "truck_parking";
    const drawn = sign(style, {
      shape: "square",
      letter,
      isApproximate: facility.location_quality === "street",
    });
    const made = this.make("facilities", facility, facility.at, drawn, facility.name);
    made.html.classList.toggle("is-uncertain", facility.isUncertain);
    return made;
  }

  stopSign(tour, stop, areMany) {
    const numbers = stop.positions.map(stopSign).join("·");
    const text = `${(areMany && tour.letter) || ""}${numbers}`;
    const drawn = h(
      "span",
      { class: `sign sign-stop ${lookOf(tour)} ${text.length > 2 ? "is-long" : ""}` },
      h("b", text),
    );
    return { ...this.make("stops", tour, stop.at, drawn, stopName(stop)), stop };
  }

  make(layer, record, at, drawn, name) {
    const html = h("span.sign-place", drawn);
    const pane = layer === "stops" ? "tours" : layer;
    const options = {
      pane,
      keyboard: false,
      bubblingMouseEvents: false,
      icon: L.divIcon({ html, className: "sign-box", iconSize: [0, 0] }),
    };
    const marker = L.marker(at, options);
    const sel = { kind: record.kind, key: record.key };
    marker.on({
      click: () => this.actions.pick(sel),
      mouseover: () => this.actions.point(sel),
      mouseout: () => this.actions.point(null),
    });
    const doubt = (record.places ?? [record]).some((one) => one.isUncertain && one.at === at);
    const unsure = doubt && h("small", t("Not known whether already there"));
    marker.bindTooltip(() => h("div.tip-body", h("strong", name), unsure), {
      className: "tip",
      direction: "top",
      offset: [0, -16],
      opacity: 1,
    });
    const tether = L.polyline([at, at], { pane, interactive: false, className: "tether" });
    return { layer, id: idOf(record), record, name, at: L.latLng(at), html, marker, tether };
  }

  /** Arrange once after a burst of changes. */
  queue() {
    cancelAnimationFrame(this.waiting);
    this.waiting = requestAnimationFrame(() => this.arrange());
  }

  /** Move the signs that are switched on apart, and tie each to its place. */
  arrange() {
    const width = this.width();
    this.map.getContainer().style.setProperty("--sign-width", `${width}px`);
    this.map.getContainer().classList.toggle("has-letters", width >= 27);
    this.map.getContainer().classList.toggle("has-dots", width <= 13);
    for (const one of this.shown) one.html.classList.toggle("is-twin", this.isCovered(one));
    const seen = this.shown.filter((one) => this.isSeen(one));
    const anchors = seen.map((one) => this.map.latLngToLayerPoint(one.at));
    (width === DOT_WIDTH ? anchors : spread(anchors, width + 2)).forEach((point, index) => {
      const place = this.map.layerPointToLatLng(L.point(point.x, point.y));
      const isMoved = Math.hypot(point.x - anchors[index].x, point.y - anchors[index].y) > width * 0.55;
      seen[index].marker.setLatLng(place);
      seen[index].tether.setLatLngs(isMoved ? [seen[index].at, place] : []);
    });
    this.onArranged();
  }

  isSeen(one) {
    return this.map.hasLayer(one.marker) && !this.isCovered(one);
  }

  /** Whether another sign stands for this one, too: a facility's, beside its firm's. */
  isCovered(one) {
    return Boolean(one.twin) && this.map.hasLayer(one.twin.marker);
  }

  width() {
    const [, width] = WIDTHS.find(([below]) => this.map.getZoom() < below);
    return this.shown.length > MOST_SPREAD && width < LEAST_SPREAD_WIDTH ? DOT_WIDTH : width;
  }

  /** Return the boxes the signs cover, in pixels of the map's layer. */
  boxes() {
    const half = this.width() / 2;
    return this.shown
      .filter((one) => this.isSeen(one))
      .map((one) => ({ one, point: this.map.latLngToLayerPoint(one.marker.getLatLng()) }))
      .map(({ one, point }) => ({ one, x: point.x - half, y: point.y - half, w: 2 * half, h: 2 * half }));
  }

  /** Raise the signs of the chosen record; null lowers all. */
  choose(id) {
    for (const one of this.shown) {
      one.html.classList.toggle("is-chosen", isOf(one, id) && one.layer !== "stops");
      one.marker.setZIndexOffset(isOf(one, id) ? 1000 : 0);
    }
  }

  /** Mark the signs that are pointed at, in the map or in a list. */
  point(id) {
    for (const one of this.shown) one.html.classList.toggle("is-pointed", isOf(one, id));
  }

  /** Fade the signs of `kind` that are not among `ids`; null fades none. */
  emphasize(kind, ids) {
    for (const one of this.shown.filter(({ record }) => record.kind === kind)) {
      one.html.classList.toggle("is-faded", ids !== null && !ids.has(one.id));
    }
  }
}

/** Stops at one place (start and end of a round) share a sign. */
function stopsOf(tour) {
  const places = new Map();
  for (const stop of tour.stops) {
    const key = stop.at.join();
    if (places.has(key)) places.get(key).positions.push(stop.position);
    else places.set(key, { ...stop, positions: [stop.position] });
  }
  return [...places.values()];
}
