/** The words on the map: chosen by importance and zoom, none over another, drawn with a halo. */
import { svg } from "#page/dom";
import { boxesAlong, placeLabels } from "#labels/placing";
import { chains, placesAlong } from "#labels/street_names";

/** Font by class of label: weight and size in pixels, as in map.css. */
const FONTS = {
  park: [650, 15],
  street: [500, 12],
  company: [600, 12],
  facility: [650, 12],
  stop: [650, 12],
  plot: [500, 11],
  measure: [700, 12],
  minutes: [700, 12],
};
const GAP = 3;
/** What the halo of a text takes beyond it. */
const HALO = 2;
const COVERS = ".legend, .date-bar, .leaflet-control";

/**
 * @typedef {{kind: string, text: string, priority: number, at?: any, radius?: number, line?: [number, number][]}} Label
 *   a label at a point beside a sign of `radius` pixels (0: centred on it), or along a line (longitude, latitude)
 */

/** Draws labels; `source` returns what could be labelled at the zoom. */
export class LabelLayer {
  /**
   * @param {any} map Leaflet map
   * @param {{group: any}} layer
   * @param {() => {labels: Label[], obstacles: object[]}} source
   */
  constructor(map, layer, source) {
    this.map = map;
    this.layer = layer;
    this.source = source;
    this.canvas = document.createElement("canvas").getContext("2d");
    this.pane = map.getPane("labels");
    this.root = svg("svg", { class: "labels", "aria-hidden": "true" });
    this.pane.append(this.root);
    this.family = getComputedStyle(map.getContainer()).fontFamily;
    map.on("zoomstart", () => this.root.classList.add("is-moving"));
    map.on("zoomend moveend resize layeradd layerremove", () => this.queue());
    this.area = map.getContainer().closest(".map-area") ?? map.getContainer();
    // The legend opens and shuts; such events do not bubble.
    this.area.addEventListener("toggle", () => this.queue(), true);
  }

  /** Draw anew once after a burst of changes. */
  queue() {
    cancelAnimationFrame(this.waiting);
    this.waiting = requestAnimationFrame(() => this.draw());
  }

  /** Choose and draw the labels of what is in view. */
  draw() {
    this.root.classList.remove("is-moving");
    if (!this.map.hasLayer(this.layer.group)) {
      this.root.replaceChildren();
      return;
    }
    const { labels, obstacles } = this.source();
    const view = this.map.getPixelBounds();
    const origin = this.map.getPixelOrigin();
    const frame = {
      left: view.min.x - origin.x,
      top: view.min.y - origin.y,
      right: view.max.x - origin.x,
      bottom: view.max.y - origin.y,
    };
    const candidates = labels.flatMap((label) =>
      label.line ? this.along(label, frame) : this.beside(label, frame),
    );
    const placed = placeLabels(candidates, [...obstacles, ...this.covered(frame)]);
    this.root.replaceChildren(...placed.map(({ candidate, choice }) => candidate.draw(choice)));
  }

  /** Return what of the frame lies below the legend, the day and the buttons: words there would be cut. */
  covered(frame) {
    const map = this.map.getContainer().getBoundingClientRect();
    return [...this.area.querySelectorAll(COVERS)]
      .filter((part) => part.checkVisibility())
      .map((part) => part.getBoundingClientRect())
      .map(({ x, y, width: w, height: h }) => ({
        x: x - map.x + frame.left,
        y: y - map.y + frame.top,
        w,
        h,
      }));
  }

  size(label) {
    const [weight, height] = FONTS[label.kind];
    this.canvas.font = `${weight} ${height}px ${this.family}`;
    return { width: this.canvas.measureText(label.text).width, height };
  }

  beside(label, frame) {
    const point = this.map.latLngToLayerPoint(label.at);
    if (
      point.x < frame.left - 40 ||
      point.x > frame.right + 40 ||
      point.y < frame.top - 20 ||
      point.y > frame.bottom + 20
    )
      return [];
    const room = inset(frame, HALO);
    const text = fitted(
      label.text,
      room.right - room.left,
      (part) => this.size({ ...label, text: part }).width,
    );
    const shown = { ...label, text };
    const { width, height } = this.size(shown);
    const ways = wholeFirst(waysAround(point, width, height, shown, room), width, room);
    const choices = ways.map(({ x, y }) => [
      { x: x - HALO, y: y - height / 2 - HALO, w: width + 2 * HALO, h: height + 2 * HALO },
    ]);
    return [
      {
        priority: label.priority,
        choices,
        draw: (choice) => this.text(shown, ways[choice].x, ways[choice].y),
      },
    ];
  }

  along(label, frame) {
    const { width, height } = this.size(label);
    const pixels = label.line.map(([lon, lat]) => this.map.latLngToLayerPoint([lat, lon]));
    return placesAlong(pixels, width + 12)
      .filter((place) => isWhole(place, width, frame))
      .map((place) => ({
        priority: label.priority - place.bend / 100,
        choices: [boxesAlong(place, place.angle, width, height + 2)],
        draw: () => this.text(label, place.x - width / 2, place.y, (place.angle * 180) / Math.PI, place),
      }));
  }

  text(label, x, y, turn = 0, middle = null) {
    const transform =
      turn && middle ? `rotate(${turn.toFixed(1)} ${middle.x.toFixed(1)} ${middle.y.toFixed(1)})` : null;
    return svg(
      "text",
      {
        x: x.toFixed(1),
        y: (y + FONTS[label.kind][1] * 0.36).toFixed(1),
        class: `label is-${label.kind} ${label.className ?? ""}`,
        transform,
      },
      label.text,
    );
  }
}

function inset({ left, top, right, bottom }, by) {
  return { left: left + by, top: top + by, right: right - by, bottom: bottom - by };
}

/** Return a text, or the longest beginning of it that fits with “…” into a width. */
export function fitted(text, width, widthOf) {
  if (widthOf(text) <= width) return text;
  const characters = [...text];
  const cut = (n) => `${characters.slice(0, n).join("").trimEnd()}…`;
  let [fits, over] = [0, characters.length];
  while (over - fits > 1) {
    const middle = Math.floor((fits + over) / 2);
    if (widthOf(cut(middle)) <= width) fits = middle;
    else over = middle;
  }
  return cut(fits);
}

/**
 * Return where the left middle of a text may be: above or below a line, centred, or right, left, below, above a
 * sign.
 * What stands above or below is moved into the frame; what is centred only where it takes most of the frame:
 * elsewhere it would lie on what is beside its place.
 */
export function waysAround({ x, y }, width, height, { above = false, radius = 0 }, frame) {
  const centred = x - width / 2;
  const moved = Math.max(frame.left, Math.min(centred, frame.right - width));
  if (above)
    return [y - height, y + height].map((at) => ({ x: moved, y: Math.max(at, frame.top + height / 2) }));
  if (!radius) return [{ x: 2 * width > frame.right - frame.left ? moved : centred, y }];
  const away = radius + GAP;
  return [
    { x: x + away, y },
    { x: x - away - width, y },
    { x: moved, y: y + away + height / 2 },
    { x: moved, y: y - away - height / 2 },
  ];
}

/** Say whether all of a turned text lies in the frame. */
export function isWhole({ x, y, angle }, width, { left, top, right, bottom }) {
  const [half, rise] = [Math.cos(angle), Math.sin(angle)].map((share) => (Math.abs(share) * width) / 2);
  return x - half > left && x + half < right && y - rise > top && y + rise < bottom;
}

/** Put the ways first in which the edge of the map cuts nothing off; the others stay: half a name is better than none. */
export function wholeFirst(ways, width, { left, right }) {
  const fits = ({ x }) => x >= left && x + width <= right;
  return [...ways.filter(fits), ...ways.filter((way) => !fits(way))];
}

/** Join the streets of one name and return a label for each chain. */
export function streetLabels(walkways) {
  const byName = new Map();
  for (const { properties, geometry } of walkways.features) {
    if (properties.kind !== "street" || !properties.name) continue;
    byName.set(properties.name, [...(byName.get(properties.name) ?? []), geometry.coordinates]);
  }
  return [...byName].flatMap(([text, lines]) =>
    chains(lines).map((line) => ({ kind: "street", text, line, priority: 40 })),
  );
}
