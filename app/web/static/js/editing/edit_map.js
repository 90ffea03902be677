/** The map beside a form: the land of a day, and what is being edited on it. */
import { collections } from "#page/api";
import { byId } from "#page/dom";
import { streetLabels } from "#labels/label_layer";
import { buildModel } from "#map/model";
import { ParkMap } from "#map/park_map";

const L = globalThis.L;
const NAMES = ["parks", "plots", "companies", "facilities", "walkways", "footprints"];
const NOTHING = { features: [] };
const ROOM = { padding: [40, 40], maxZoom: 18, animate: false };

/** The map. */
export class EditMap extends ParkMap {
  /**
   * @param {any} config of the page
   * @param {{plot?: (key: string) => void, place?: (at: [number, number]) => void}} actions what a click means
   */
  constructor(config, actions) {
    super(window.parkMaps.edit, config.styles, {
      pick: (sel) => (sel.kind === "plot" ? actions.plot?.(sel.key) : this.pickPlotOf(sel, actions)),
      point: (sel) => this.land.point(sel?.kind === "plot" ? sel.key : null),
    });
    this.config = config;
    /** @type {Record<string, any>|null} */
    this.data = null;
    this.isBare = !actions.plot;
    this.map.getContainer().classList.toggle("is-drawing", Boolean(actions.place));
    this.map.on("click", ({ latlng }) => {
      const plot = actions.plot && this.land.far.at(latlng);
      if (plot) actions.plot(plot.key);
      actions.place?.([latlng.lng, latlng.lat]);
    });
    this.map.doubleClickZoom.disable();
    // The page scrolls with the wheel.
    this.map.scrollWheelZoom.disable();
    new ResizeObserver(() => this.map.invalidateSize({ animate: false })).observe(this.map.getContainer());
  }

  /** Whoever clicks on a firm means the plot it is on. */
  pickPlotOf(sel, actions) {
    const plot = this.model.find(sel)?.places?.find((place) => place.plot)?.plot;
    if (plot) actions.plot?.(plot);
  }

  /** Get the day's collections and draw them. */
  async load() {
    const found = await collections(NAMES, this.config.on);
    this.data = { tours: NOTHING, "tour-stops": NOTHING, "tour-legs": NOTHING, ...found };
    this.model = buildModel(this.data, (_, value) => value);
    this.streets = streetLabels(found.walkways);
    this.land.draw(this.data, this.model);
    if (!this.isBare) this.signs.draw(this.model, []);
    this.signs.choose(this.config.editing.company ? `company:${this.config.editing.company}` : null);
    this.labels.queue();
    byId("failure").replaceChildren();
  }

  /** Show all of some positions. */
  fit(positions) {
    const bounds = L.latLngBounds(positions.map(([lon, lat]) => [lat, lon]));
    if (bounds.isValid()) this.map.fitBounds(bounds, ROOM);
  }

  /** Return how many metres some pixels are in the middle of the map. */
  metresOf(pixels) {
    const { lat } = this.map.getCenter();
    return (pixels * 40_075_016.7 * Math.cos((lat * Math.PI) / 180)) / 2 ** (this.map.getZoom() + 8);
  }

  /** Return the place in the middle of the map. */
  middle() {
    const { lng, lat } = this.map.getCenter();
    return /** @type {[number, number]} */ ([lng, lat]);
  }

  isChosen({ id }) {
    return id === `company:${this.config.editing.company}`;
  }

  nameLabel({ one, w }) {
    const kind = one.layer === "companies" ? "company" : "facility";
    const priority = this.isChosen(one) ? 95 : 50;
    return { kind, text: one.name, at: one.marker.getLatLng(), radius: w / 2, priority };
  }

  /** @override */
  labelSource() {
    if (!this.model) return { labels: [], obstacles: [] };
    const zoom = this.map.getZoom();
    const plots = zoom >= 16.5 ? this.model.plots : [];
    const boxes = this.signs.boxes();
    return {
      obstacles: boxes,
      labels: [
        ...boxes.filter(({ one }) => zoom >= 15.75 || this.isChosen(one)).map((box) => this.nameLabel(box)),
        ...(zoom >= 14.5 ? this.streets : []),
        ...plots.map(({ name, at }) => ({ kind: "plot", text: name, at, priority: 10 })),
      ],
    };
  }
}
