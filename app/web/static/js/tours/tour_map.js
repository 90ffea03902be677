/**
 * The map of a tour's page: the walk with its numbered stops on the ground of its day.
 *
 * The page holds a drawing of the walk already; the map takes its place once it is drawn.
 */
import { Unavailable, collection, connect } from "#page/api";
import { embedded } from "#page/dom";
import { minutes, speak } from "#page/i18n";
import { definePatterns } from "#page/icons";
import { LabelLayer, streetLabels } from "#labels/label_layer";
import { Land } from "#land/land";
import { nameMap } from "#labels/map_names";
import { buildModel, idOf } from "#map/model";
import { Signs } from "#map/signs";
import { TourLines } from "#tours/tour_layer";

const L = globalThis.L;
const NAMES = ["parks", "plots", "walkways", "footprints", "tours", "tour-stops", "tour-legs"];
// Around the walk: for the buttons, and for the names that stand right of the stops.
const ROOM = { paddingTopLeft: [36, 48], paddingBottomRight: [130, 56] };
const NOTHING = { type: "FeatureCollection", features: [] };

/** The map of one tour. */
class TourMap {
  /**
   * @param {{map: any, layers: Record<string, any>}} handle what the page's script made
   * @param {{on: string, tour: string, styles: Record<string, any>}} config
   */
  constructor({ map, layers }, config) {
    this.map = map;
    this.config = config;
    const actions = { pick: () => {}, point: (sel) => this.land.point(sel?.kind === "plot" ? sel.key : null) };
    // The page scrolls with the wheel; the map zooms by its buttons, by double click and by two fingers.
    map.scrollWheelZoom.disable();
    nameMap(map);
    definePatterns(config.styles.plots);
    this.land = new Land(map, layers, config.styles, actions);
    this.tours = new TourLines(map, layers.tours, actions);
    this.signs = new Signs(map, layers, config.styles, actions);
    this.labels = new LabelLayer(map, layers.labels, () => this.labelSource());
    this.signs.onArranged = () => this.labels.queue();
  }

  /** Get the day's collections and draw them. */
  async load() {
    const answers = await Promise.all(NAMES.map((name) => collection(name, this.config.on)));
    const data = {
      companies: NOTHING,
      facilities: NOTHING,
      ...Object.fromEntries(NAMES.map((name, i) => [name, answers[i]])),
    };
    const model = buildModel(data, (_, value) => value);
    const tour = model.find({ kind: "tour", key: this.config.tour });
    if (!tour) return;
    // Alone in the colors of its page.
    const alone = { ...tour, look: 0, letter: null };
    this.show(data, { ...model, tours: [alone] }, alone);
  }

  show(data, model, tour) {
    this.streets = streetLabels(data.walkways);
    document.getElementById("tour-figure").classList.add("has-map");
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
    const legs = this.tours
      .legLabels()
      .map((leg) => ({ kind: "minutes", className: leg.className, text: minutes(leg.walk_min), at: leg.at, radius: 6, priority: 80 }));
    return { obstacles: boxes, labels: [...stops, ...legs, ...(this.map.getZoom() >= 14.5 ? this.streets : [])] };
  }
}

const config = embedded("map-config");
speak(config.language, embedded("messages") ?? {});
connect(config.service);
const view = new TourMap(window.parkMaps.tour, config);
view.load().catch((error) => {
  // Without its data there is no map, and the drawing stays.
  if (!(error instanceof Unavailable)) throw error;
});
