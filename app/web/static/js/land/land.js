/** The ground of the map: parks, plots, buildings, streets as wide as they are, and the walk network. */
import { h } from "#page/dom";
import { FarLand } from "#land/far_land";
import { plotPaint } from "#page/icons";
import { t } from "#page/i18n";
import { bindTip } from "#labels/tips";

const STREET_WIDTH_M = 8;
const L = globalThis.L;

/** Return how many metres a pixel covers in the middle of the map. */
function metresPerPixel(map) {
  const { lat } = map.getCenter();
  return (40_075_016.7 * Math.cos((lat * Math.PI) / 180)) / 2 ** (map.getZoom() + 8);
}

/** The drawn ground; `draw` replaces it by another day's. */
export class Land {
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
    this.model = null;
    this.plots = new Map();
    this.by = null;
    this.far = new FarLand(map, layers.plots.group, styles.plots, actions, (plot) => this.farTip(plot));
    map.on("zoomend", () => this.fitStreets());
  }

  /** Draw the collections of a day. */
  draw(data, model) {
    this.model = model;
    this.fill("ground", () => this.lines(data.parks, "ground", "park-ground"));
    this.fill("footprints", () =>
      L.geoJSON(data.footprints, {
        pane: "footprints",
        interactive: false,
        style: ({ properties }) => ({ className: `footprint is-${properties.kind}` }),
      }),
    );
    this.fill("streets", () => this.streets(data.walkways));
    this.fill("walkways", () =>
      this.lines(
        only(data.walkways, (kind) => kind !== "street"),
        "walkways",
        "walkway",
      ),
    );
    this.fill("plots", () => this.plotShapes(data.plots, model));
    this.far.show(data.plots.isFar ? data.plots.tiles : null);
    this.fitStreets();
  }

  fill(name, make) {
    const layer = this.layers[name];
    if (!layer) return;
    layer.group.clearLayers();
    layer.group.addLayer(make());
  }

  lines(collection, pane, className) {
    return L.geoJSON(collection, { pane, interactive: false, style: { className } });
  }

  streets(walkways) {
    const streets = only(walkways, (kind) => kind === "street");
    this.casing = this.lines(streets, "streets", "street-casing");
    this.surface = this.lines(streets, "streets", "street");
    return L.layerGroup([this.casing, this.surface]);
  }

  /** Make streets as wide as in the world, but never too thin to see. */
  fitStreets() {
    if (!this.surface) return;
    const width = Math.max(2.5, STREET_WIDTH_M / metresPerPixel(this.map));
    this.surface.setStyle({ weight: width });
    this.casing.setStyle({ weight: width + 2 });
  }

  plotShapes(plots, model) {
    this.plots = new Map();
    return L.geoJSON(plots, {
      pane: "plots",
      style: ({ properties }) => this.plotStyle(properties),
      onEachFeature: ({ properties }, shape) => this.register(properties, shape, model),
    });
  }

  /** Color the plots by their marketing status, or (null) by their use. */
  colorBy(by) {
    if (by === this.by) return;
    this.by = by;
    for (const shape of this.plots.values())
      if (shape.feature) shape.setStyle(this.plotStyle(shape.feature.properties));
  }

  plotStyle({ use_status, marketing_status }) {
    const isOffered = this.by === "marketing";
    const status = isOffered ? marketing_status : use_status;
    const style = isOffered ? this.styles.marketing[status] : this.styles.plots[status];
    const paint = style
      ? plotPaint(status, style)
      : isOffered
        ? { stroke: this.styles.plots.unknown.color, fill: "none", "fill-opacity": 0 }
        : plotPaint("unknown", this.styles.plots.unknown);
    return {
      className: "plot",
      weight: 1,
      color: paint.stroke,
      fillColor: paint.fill,
      fillOpacity: paint["fill-opacity"],
    };
  }

  register(properties, shape, model) {
    const sel = { kind: "plot", key: properties.key };
    this.plots.set(properties.key, shape);
    if (model.find(sel)?.isUncertain) shape.options.className = "plot is-uncertain";
    shape.on({
      click: (event) => {
        L.DomEvent.stopPropagation(event);
        this.actions.pick(sel);
      },
      mouseover: () => this.actions.point(sel),
      mouseout: () => this.actions.point(null),
    });
    bindTip(shape, () => plotTip(model.find(sel), this.styles));
  }

  /** Know the outlines of plots that are drawn as tiles, so that they can be selected. */
  lend(features) {
    for (const feature of features) {
      const [shape] = L.geoJSON(feature).getLayers();
      this.plots.set(feature.properties.key, shape);
    }
  }

  farTip({ key, name, status }) {
    return plotTip({ name, firms: this.model.on(key), use_status: status }, this.styles);
  }

  /** Return the outline of a plot as it is on the day drawn, or undefined. */
  shapeOf(key) {
    return this.plots.get(key);
  }

  /** Mark the plots that are chosen together. */
  tick(keys) {
    for (const [name, shape] of this.plots) shape.getElement()?.classList.toggle("is-ticked", keys.has(name));
  }

  /** Mark the plot that is pointed at, in the map or in a list. */
  point(key) {
    this.far.point(key);
    for (const [name, shape] of this.plots) shape.getElement()?.classList.toggle("is-pointed", name === key);
  }

  /** Fade the plots that are not among `keys`; null fades none. */
  emphasize(keys) {
    for (const [name, shape] of this.plots)
      shape.getElement()?.classList.toggle("is-faded", keys !== null && !keys.has(name));
  }
}

function only(collection, holds) {
  return { ...collection, features: collection.features.filter(({ properties }) => holds(properties.kind)) };
}

function plotTip(plot, styles) {
  if (!plot) return h("span");
  const firms = plot.firms.slice(0, 3).map((firm) => h("span", firm.name));
  const more = plot.firms.length > 3 ? h("span", `+ ${plot.firms.length - 3}`) : null;
  const use = t(styles.plots[plot.use_status]?.label ?? "use unknown");
  const state = h("small", plot.isUncertain ? t("{use}, not certain on this day", { use }) : use);
  const offer = plot.marketing_status && h("small", t(styles.marketing[plot.marketing_status].label));
  return h("div.tip-body", h("strong", plot.name), ...firms, more, state, offer);
}
