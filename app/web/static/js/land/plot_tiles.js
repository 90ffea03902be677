/**
 * Plots drawn from vector tiles on canvas; loaded only where a map has too many plots to draw them one by one.
 */
import { VectorTile } from "@mapbox/vector-tile";
import { PbfReader } from "pbf";
import { bytes } from "#page/api";
import { plotPaint } from "#page/icons";
import { middle } from "#map/model";

const L = globalThis.L;
const SIDE = 512;
const PATTERN_SIDE = 8;
// Coarser grids are those of the whole park: plots are small there, and their borders must not hide them.
const FULL_GRID = 4096;
const FAR_BORDER = 0.4;
const probe = document.createElement("canvas").getContext("2d");

/** @typedef {{key: string, name: string, status: string, path: Path2D, piece: any}} TilePlot */

/** A layer of tiles; what is drawn can be asked by place. */
export class PlotTiles extends L.GridLayer {
  /**
   * @param {string} address with {z}, {y} and {x}
   * @param {Record<string, any>} styles by use status
   */
  constructor(address, styles) {
    super({ pane: "plots", tileSize: SIDE, noWrap: true, updateWhenZooming: false, keepBuffer: 1 });
    this.address = address;
    this.styles = styles;
    this.tiles = new Map();
    this.pointed = null;
    this.on("tileunload", ({ coords }) => this.forget(coords));
  }

  /** Make a tile; Leaflet asks for it. @override */
  createTile(coords, done) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = SIDE * Math.min(2, devicePixelRatio);
    const tile = { canvas, plots: [], grid: 1, stop: new AbortController() };
    this.tiles.set(nameOf(coords), tile);
    this.load(coords, tile).then(
      () => done(null, canvas),
      (error) => tile.stop.signal.aborted || done(error, canvas),
    );
    return canvas;
  }

  forget(coords) {
    this.tiles.get(nameOf(coords))?.stop.abort();
    this.tiles.delete(nameOf(coords));
  }

  async load({ x, y, z }, tile) {
    // A tile twice as wide as usual shows what one of the zoom before holds.
    const address = L.Util.template(this.address, { x, y, z: z - 1 });
    const { plots: layer } = new VectorTile(new PbfReader(await bytes(address, tile.stop.signal))).layers;
    if (!layer) return;
    tile.grid = layer.extent;
    for (let i = 0; i < layer.length; i += 1) tile.plots.push(plotOf(layer.feature(i)));
    this.paint(tile);
  }

  /** Draw a tile anew: plots of one state at once, for they do not overlap. */
  paint({ canvas, plots, grid }) {
    const pen = canvas.getContext("2d");
    const ratio = canvas.width / SIDE;
    const scale = canvas.width / grid;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    for (const [status, path] of byStatus(plots)) {
      const style = this.styles[status] ?? this.styles.unknown;
      pen.fillStyle = fillOf(pen, style, ratio, scale);
      pen.fill(path, "evenodd");
      pen.strokeStyle = style.color;
      pen.globalAlpha = 0.65;
      pen.lineWidth = ((grid < FULL_GRID ? FAR_BORDER : 1) * ratio) / scale;
      pen.stroke(path);
      pen.globalAlpha = 1;
    }
    const pointed = plots.find(({ key }) => key === this.pointed);
    if (!pointed) return;
    pen.strokeStyle = plotPaint(pointed.status, this.styles[pointed.status] ?? this.styles.unknown).stroke;
    pen.lineWidth = (2.5 * ratio) / scale;
    pen.stroke(pointed.path);
  }

  /** Mark the plot that is pointed at; null for none. */
  point(key) {
    const before = this.pointed;
    if (key === before) return;
    this.pointed = key;
    for (const tile of this.tiles.values())
      if (tile.plots.some((plot) => plot.key === key || plot.key === before)) this.paint(tile);
  }

  /**
   * Return the plot drawn at a place, or undefined.
   * @param {any} latLng
   * @returns {TilePlot|undefined}
   */
  at(latLng) {
    const z = Math.round(this._map?.getZoom() ?? 0);
    const place = this._map?.project(latLng, z).divideBy(SIDE);
    const tile = place && this.tiles.get(nameOf({ x: Math.floor(place.x), y: Math.floor(place.y), z }));
    if (!tile) return undefined;
    const [x, y] = [(place.x % 1) * tile.grid, (place.y % 1) * tile.grid];
    return tile.plots.find(({ path }) => probe.isPointInPath(path, x, y, "evenodd"));
  }

  /** Return the names of the plots drawn, each once, where most of it lies: `{name, at}`. */
  names() {
    const z = Math.round(this._map?.getZoom() ?? 0);
    const widest = new Map();
    for (const [place, { plots, grid }] of this.tiles) {
      const [left, top, zoom] = place.split("/").map(Number);
      for (const { key, name, piece } of zoom === z ? plots : []) {
        const [x0, y0, x1, y1] = piece.bbox();
        const size = (x1 - x0) * (y1 - y0);
        if (size > (widest.get(key)?.size ?? 0)) widest.set(key, { name, piece, size, left, top, grid });
      }
    }
    return [...widest.values()].map(({ name, piece, left, top, grid }) => {
      const [x, y] = centerOf(piece);
      return { name, at: this._map.unproject([(left + x / grid) * SIDE, (top + y / grid) * SIDE], z) };
    });
  }
}

function nameOf({ x, y, z }) {
  return `${x}/${y}/${z}`;
}

function plotOf(piece) {
  const { id, label, use_status: status } = piece.properties;
  const path = new Path2D();
  for (const ring of piece.loadGeometry()) {
    ring.forEach(({ x, y }, i) => (i ? path.lineTo(x, y) : path.moveTo(x, y)));
    path.closePath();
  }
  return { key: id, name: label || id, status, path, piece };
}

function byStatus(plots) {
  const paths = new Map();
  for (const { status, path } of plots) {
    if (!paths.has(status)) paths.set(status, new Path2D());
    paths.get(status).addPath(path);
  }
  return paths;
}

function centerOf(piece) {
  const rings = piece.loadGeometry().map((ring) => [ring.map(({ x, y }) => [x, y])]);
  return middle({ type: "MultiPolygon", coordinates: rings });
}

/** Return the fill of a state as `plotPaint` has it for SVG: a tint, and a hatch or dots on it. */
function fillOf(pen, style, ratio, scale) {
  const side = PATTERN_SIDE * ratio;
  const sample = document.createElement("canvas");
  sample.width = sample.height = side;
  const brush = sample.getContext("2d");
  brush.scale(ratio, ratio);
  brush.fillStyle = brush.strokeStyle = style.color;
  brush.globalAlpha = style.fill;
  brush.fillRect(0, 0, PATTERN_SIDE, PATTERN_SIDE);
  if (style.pattern) MARKS[style.pattern](brush);
  const fill = pen.createPattern(sample, "repeat");
  fill.setTransform(new DOMMatrix([1 / scale, 0, 0, 1 / scale, 0, 0]));
  return fill;
}

const MARKS = {
  hatch: (brush) => {
    brush.globalAlpha = 0.8;
    brush.lineWidth = 1.4;
    brush.stroke(new Path2D("M0 8L8 0M-2 2L2-2M6 10L10 6"));
  },
  dots: (brush) => {
    brush.globalAlpha = 0.55;
    brush.fill(new Path2D("M3.2 4a.8 .8 0 1 0 1.6 0a.8 .8 0 1 0 -1.6 0"));
  },
};
