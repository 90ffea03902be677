/**
 * Tours on the map: the walk with arrows in its direction; dashed where it leaves the walk network.
 *
 * Several strong ones are told apart by color and by the line inside the line, and lie beside each other
 * where they go the same way.
 */
import { h, svg } from "#page/dom";
import { minutes } from "#page/i18n";
import { bindTip } from "#labels/tips";
import { halfway } from "#map/model";
import { lookOf } from "#tours/tour_looks";

const L = globalThis.L;
const ARROW_EVERY_PX = 110;

/** The drawn tours. */
export class TourLines {
  /**
   * @param {any} map Leaflet map
   * @param {{group: any}} layer
   * @param {{pick: (sel: object) => void, point: (sel: object|null) => void}} actions
   */
  constructor(map, layer, actions) {
    this.map = map;
    this.layer = layer;
    this.actions = actions;
    this.strong = [];
    map.on("zoomend", () => this.drawArrows());
  }

  /**
   * Draw tours.
   * @param {any[]} tours
   * @param {any[]} strong those of them drawn strongly, with arrows
   * @param {boolean} [areFaint] whether the others step back
   */
  draw(tours, strong, areFaint = false) {
    this.strong = strong;
    if (this.lines) this.layer.group.removeLayer(this.lines);
    const others = tours.filter((tour) => !strong.includes(tour));
    const looks = [
      ...others.map((tour) => [tour, areFaint ? "is-faint" : "is-other"]),
      ...strong.map((tour) => [tour, strong.length > 1 ? "is-chosen is-shifted" : "is-chosen"]),
    ];
    this.lines = L.layerGroup(looks.map(([tour, look]) => this.tourLines(tour, look)));
    this.layer.group.addLayer(this.lines);
    this.drawArrows();
  }

  tourLines(tour, state) {
    const legs = tour.legs.map(inOneDirection);
    const look = `${state} ${lookOf(tour)}`;
    const casing = L.geoJSON(legs, {
      pane: "tours",
      interactive: false,
      style: { className: `tour-casing ${look}` },
    });
    const line = L.geoJSON(legs, {
      pane: "tours",
      style: ({ properties }) => ({
        className: `tour-line ${look} ${properties.is_on_network ? "" : "is-off-network"}`,
      }),
    });
    const sel = { kind: "tour", key: tour.key };
    line.on({
      click: (event) => {
        L.DomEvent.stopPropagation(event);
        this.actions.pick(sel);
      },
    });
    bindTip(line, () => h("div.tip-body", h("strong", tour.name)));
    const inner = L.geoJSON(
      legs.filter((leg) => leg.properties.is_on_network),
      { pane: "tours", interactive: false, style: { className: `tour-inner ${look}` } },
    );
    return L.layerGroup([casing, line, inner]);
  }

  /** Draw the arrows of the strong tours anew for the zoom. */
  drawArrows() {
    if (this.arrows) this.layer.group.removeLayer(this.arrows);
    const look = (tour) => `${lookOf(tour)} ${this.strong.length > 1 ? "is-shifted" : ""}`;
    const onNetwork = (tour) => tour.legs.filter((leg) => leg.properties.is_on_network);
    this.arrows = L.layerGroup(
      this.strong.flatMap((tour) => onNetwork(tour).flatMap((leg) => this.legArrows(leg, look(tour)))),
    );
    this.layer.group.addLayer(this.arrows);
  }

  legArrows(leg, look) {
    const points = leg.geometry.coordinates.map(([lon, lat]) => this.map.latLngToLayerPoint([lat, lon]));
    return arrowPlaces(points, ARROW_EVERY_PX).map(({ x, y, angle }) => {
      const head = svg(
        "svg",
        { viewBox: "-8 -8 16 16", class: `tour-arrow ${look}` },
        svg("path", { d: "M-4 -5.5L4.5 0L-4 5.5Z" }),
      );
      head.style.transform = `rotate(${angle}rad)`;
      const at = this.map.layerPointToLatLng([x, y]);
      return L.marker(at, {
        pane: "tours",
        interactive: false,
        keyboard: false,
        icon: L.divIcon({ html: head, className: "arrow-box", iconSize: [0, 0] }),
      });
    });
  }

  /** Return a label with the minutes of each leg of the strong tours. */
  legLabels(priority = 80) {
    if (!this.map.hasLayer(this.layer.group)) return [];
    return this.strong
      .flatMap((tour) =>
        [...grouped(tour.legs).values()].map((parts) => ({ parts, className: lookOf(tour) })),
      )
      .map(({ parts, className }) => {
        const longest = parts.reduce((best, part) =>
          part.properties.length_m > best.properties.length_m ? part : best,
        );
        const at = halfway(longest.geometry.coordinates);
        const walkMin = parts.reduce((sum, part) => sum + part.properties.walk_min, 0);
        return { kind: "minutes", className, text: minutes(walkMin), at, radius: 6, priority };
      });
  }
}

/**
 * Return a leg as it is drawn: off the network from its western end on, whichever way it is walked.
 *
 * The way to a stop and the way from it lie on each other there: so their dashes do, too.
 */
export function inOneDirection(leg) {
  if (leg.properties.is_on_network) return leg;
  const { coordinates: line, ...geometry } = leg.geometry;
  const [[startX, startY], [endX, endY]] = [line[0], line.at(-1)];
  const isTurned = startX > endX || (startX === endX && startY > endY);
  return { ...leg, geometry: { ...geometry, coordinates: isTurned ? [...line].reverse() : line } };
}

const position = (leg) => leg.properties.position;

function grouped(legs) {
  const groups = new Map();
  for (const leg of legs) groups.set(position(leg), [...(groups.get(position(leg)) ?? []), leg]);
  return groups;
}

/** Return places along a line of pixels, with the direction walked there. */
function arrowPlaces(points, every) {
  const places = [];
  let next = every / 2;
  let walked = 0;
  for (let i = 1; i < points.length; i += 1) {
    const [a, b] = [points[i - 1], points[i]];
    const length = Math.hypot(b.x - a.x, b.y - a.y);
    for (; next <= walked + length; next += every) {
      const share = (next - walked) / length;
      places.push({
        x: a.x + (b.x - a.x) * share,
        y: a.y + (b.y - a.y) * share,
        angle: Math.atan2(b.y - a.y, b.x - a.x),
      });
    }
    walked += length;
  }
  return places;
}
