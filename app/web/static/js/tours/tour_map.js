/**
 * The map of a tour's page: the walk with its numbered stops on the ground of its day.
 *
 * The page holds a drawing of the walk already; the map takes its place once it is drawn.
 */
import { Unavailable, collections, startPage } from "#page/api";
import { byId } from "#page/dom";
import { streetLabels } from "#labels/label_layer";
import { buildModel, idOf } from "#map/model";
import { ParkMap } from "#map/park_map";

const L = globalThis.L;
const NAMES = ["parks", "plots", "walkways", "footprints", "tours", "tour-stops", "tour-legs"];
// Around the walk: for the buttons, and for the names that stand right of the stops.
const ROOM = { paddingTopLeft: [36, 48], paddingBottomRight: [130, 56] };
const NOTHING = { type: "FeatureCollection", features: [] };

/** The map of one tour. */
class TourMap extends ParkMap {
  /**
   * @param {{map: import("leaflet").Map, layers: Record<string, any>}} handle what the page's script made
   * @param {{on: string, tour: string, styles: Record<string, any>}} config
   */
  constructor(handle, config) {
    const point = (sel) => this.land.point(sel?.kind === "plot" ? sel.key : null);
    super(handle, config.styles, { pick: () => {}, point });
    this.config = config;
    // The page scrolls with the wheel; the map zooms by its buttons, by double click and by two fingers.
    this.map.scrollWheelZoom.disable();
  }

  /** Get the day's collections and draw them. */
  async load() {
    const found = await collections(NAMES, this.config.on);
    const data = { companies: NOTHING, facilities: NOTHING, ...found };
    const model = buildModel(data, (_, value) => value);
    const tour = model.find({ kind: "tour", key: this.config.tour });
    if (!tour) return;
    // Alone in the colors of its page.
    const alone = { ...tour, look: 0, letter: null };
    this.show(data, { ...model, tours: [alone] }, alone);
  }

  show(data, model, tour) {
    this.streets = streetLabels(data.walkways);
    byId("tour-figure").classList.add("has-map");
    this.map.invalidateSize({ animate: false });
    this.map.fitBounds(
      L.geoJSON(tour.legs)
        .getBounds()
        .extend(tour.stops.map((stop) => stop.at)),
      { ...ROOM, animate: false },
    );
    this.land.draw(data, model);
    this.tours.draw(model.tours, [tour]);
    this.signs.draw(model, [tour]);
    this.signs.choose(idOf(tour));
    this.labels.queue();
  }

  /** @override */
  labelSource() {
    if (!this.streets) return { labels: [], obstacles: [] };
    const boxes = this.signs.boxes();
    const stops = boxes.map(({ one, w }) => ({
      kind: "stop",
      text: one.stop.name,
      at: one.marker.getLatLng(),
      radius: w / 2,
      priority: 90,
    }));
    return {
      obstacles: boxes,
      labels: [...stops, ...this.tours.legLabels(), ...(this.map.getZoom() >= 14.5 ? this.streets : [])],
    };
  }
}

const config = startPage();
const view = new TourMap(window.parkMaps.tour, config);
view.load().catch((error) => {
  // Without its data there is no map, and the drawing stays.
  if (!(error instanceof Unavailable)) throw error;
});
