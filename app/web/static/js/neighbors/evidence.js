/** What is selected, strongly drawn, and the lines that show why others are its neighbors. */
import { metres } from "#page/i18n";
import { halfway, latLon, middle } from "#map/model";

const L = globalThis.L;
const DASHES = { solid: null, double: null, dotted: "0.1 8", dashed: "7 7" };

/** The drawn selection with its neighbors. */
export class Evidence {
  /**
   * @param {Record<string, {group: any}>} layers
   * @param {Record<string, any>} styles
   * @param {import("#land/land").Land} land
   */
  constructor(layers, styles, land) {
    this.layers = layers;
    this.styles = styles;
    this.land = land;
    this.labels = [];
    this.drawn = [];
  }

  /** Draw nothing. */
  clear() {
    this.layers.selection.group.clearLayers();
    this.forget();
  }

  /** Take away the neighbors, leaving the outline. */
  forget() {
    for (const { layer } of this.drawn) this.layers.selection.group.removeLayer(layer);
    this.layers.evidence.group.clearLayers();
    this.labels = [];
    this.drawn = [];
  }

  /** Outline the plots selected. */
  outline(plotKeys) {
    this.clear();
    for (const key of plotKeys) {
      const shape = this.land.shapeOf(key);
      if (!shape) continue;
      for (const className of ["chosen-casing", "chosen-line"])
        this.layers.selection.group.addLayer(this.copy(shape, className));
    }
  }

  copy(shape, className) {
    return L.geoJSON(shape.toGeoJSON(), { pane: "selection", interactive: false, style: { className } });
  }

  /**
   * Draw the neighbors and the evidence.
   * @param {any[]} neighbors as the service tells them
   * @param {{features: any[]}} adjacency evidence geometry by pair
   */
  draw(neighbors, adjacency) {
    this.forget();
    const byId = new Map(
      adjacency.features.map((feature) => [
        `${feature.properties.focal}~${feature.properties.neighbor}`,
        feature,
      ]),
    );
    const lit = new Set();
    for (const neighbor of neighbors) {
      for (const plot of neighbor.plots) {
        if (!lit.has(plot) && neighbor.relation !== "same_plot") this.light(plot, neighbor.relation);
        lit.add(plot);
      }
      for (const id of neighbor.evidence ?? []) {
        if (byId.has(id)) this.drawPair(id, byId.get(id), neighbor);
      }
    }
  }

  light(plot, relation) {
    const shape = this.land.shapeOf(plot);
    if (!shape) return;
    const layer = this.copy(shape, `neighbor-plot is-${relation}`);
    this.layers.selection.group.addLayer(layer);
    this.drawn.push({ plots: [plot], layer });
  }

  drawPair(id, feature, neighbor) {
    if (this.drawn.some((one) => one.id === id)) return;
    const style = this.styles.relations[feature.properties.relation];
    const line = this.pairLine(feature, style, feature.properties.relation);
    this.layers.evidence.group.addLayer(line);
    this.drawn.push({ id, plots: neighbor.plots, layer: line });
    const { shared_m: shared, gap_m: gap, relation } = feature.properties;
    const length = relation === "across" ? gap : shared;
    if (length) this.labels.push({ at: labelPlace(feature.geometry), text: metres(length), relation });
  }

  pairLine(feature, style, relation) {
    const draw = (className, weight, color) =>
      L.geoJSON(feature, {
        pane: "evidence",
        interactive: false,
        pointToLayer: (_, at) => L.circleMarker(at, { pane: "evidence", radius: 6, interactive: false }),
        style: {
          className,
          weight,
          ...(color && { color }),
          fillOpacity: 0,
          opacity: 1,
          dashArray: color ? DASHES[style.line] : null,
          lineCap: "round",
        },
      });
    const layers = [
      draw("evidence-casing", 9, null),
      draw(`evidence-line is-${relation}`, style.line === "double" ? 7 : 5, style.color),
    ];
    if (style.line === "double") layers.push(draw("evidence-inner", 2.5, null));
    return L.layerGroup(layers);
  }

  /** Make the evidence towards some plots stand out; null for none. */
  point(plots) {
    for (const one of this.drawn) {
      const isIt = plots !== null && one.plots.some((plot) => plots.includes(plot));
      const mark = (shape) =>
        shape.eachLayer ? shape.eachLayer(mark) : shape.getElement()?.classList.toggle("is-pointed", isIt);
      mark(one.layer);
    }
  }
}

function labelPlace(geometry) {
  if (geometry.type === "Point") return latLon(geometry.coordinates);
  if (geometry.type === "LineString") return halfway(geometry.coordinates);
  if (geometry.type === "MultiLineString") {
    return halfway(geometry.coordinates.reduce((best, line) => (span(line) > span(best) ? line : best)));
  }
  if (geometry.type === "GeometryCollection")
    return labelPlace(geometry.geometries[geometry.geometries.length - 1]);
  return latLon(middle(geometry));
}

function span(line) {
  return line.slice(1).reduce((sum, [x, y], i) => sum + Math.hypot(x - line[i][0], y - line[i][1]), 0);
}
