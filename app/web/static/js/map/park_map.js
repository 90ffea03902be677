/** What every map of a park has: the land of a day, tours, signs and words, and moves that follow one another. */
import { t } from "#page/i18n";
import { definePatterns } from "#page/icons";
import { LabelLayer } from "#labels/label_layer";
import { Land } from "#land/land";
import { Signs } from "#map/signs";
import { TourLines } from "#tours/tour_layer";

/** @typedef {{pick: (sel: any) => void, point: (sel: any) => void}} Actions */

/** A map; `labelSource` says which words there could be on it. */
export class ParkMap {
  /**
   * @param {{map: import("leaflet").Map, layers: Record<string, any>}} handle what the page's script made
   * @param {Record<string, any>} styles
   * @param {Actions} actions
   */
  constructor({ map, layers }, styles, actions) {
    this.map = map;
    this.layers = layers;
    this.model = null;
    this.isZooming = false;
    this.waiting = null;
    definePatterns({ ...styles.plots, ...styles.marketing });
    nameMap(map);
    this.land = new Land(map, layers, styles, actions);
    this.tours = new TourLines(map, layers.tours, actions);
    this.signs = new Signs(map, layers, styles, actions);
    this.labels = new LabelLayer(map, layers.labels, () => this.labelSource());
    this.signs.onArranged = () => this.labels.queue();
    map.on("zoomanim", () => (this.isZooming = true));
    map.on("zoomend", () => this.goOn());
  }

  /** @returns {{labels: any[], obstacles: any[]}} */
  labelSource() {
    return { labels: [], obstacles: [] };
  }

  /** Move now, or after the zoom that is under way: Leaflet drops what comes in between. The newest move counts. */
  go(move) {
    if (this.isZooming) this.waiting = move;
    else move();
  }

  goOn() {
    const move = this.waiting;
    this.isZooming = false;
    this.waiting = null;
    move?.();
  }
}

/** Name the map and its button for layers in the language of the page; Leaflet names none and speaks English. */
function nameMap(map) {
  const frame = map.getContainer();
  frame.setAttribute("role", "group");
  frame.setAttribute("aria-label", t("Map: the arrow keys move it, plus and minus zoom"));
  const layers = frame.querySelector(".leaflet-control-layers-toggle");
  if (layers) layers.title = t("Layers of the map");
}
