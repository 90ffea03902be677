/** Choosing a way on the map: a click leads to its page. */
import { byId } from "#page/dom";
import { t } from "#page/i18n";
import { joint } from "#editing/line";
import { EditMap } from "#editing/edit_map";

const L = globalThis.L;
/** So far beside a way, in pixels, a click still means it. */
const REACH_PX = 14;

/** The map of all ways. */
export class WayChooser {
  /** @param {any} config of the page; `editing.ways` is where the ways' pages are */
  constructor(config) {
    this.config = config;
    this.ways = [];
    this.view = new EditMap(config, { place: (at) => this.choose(at) });
    this.view.map.on("mousemove", ({ latlng }) => this.point([latlng.lng, latlng.lat]));
  }

  async start() {
    await this.view.load();
    this.ways = this.view.data.walkways.features.map(({ properties, geometry }) => ({
      ...properties,
      line: geometry.coordinates,
    }));
    for (const { line, access } of this.ways) {
      const className = `edit-way is-${access}`;
      L.polyline(
        line.map(([lon, lat]) => [lat, lon]),
        { className, interactive: false },
      ).addTo(this.view.map);
    }
    this.told = t("Click a way to change or remove it.");
    byId("edit-said").textContent = this.told;
  }

  near(at) {
    const reach = this.view.metresOf(REACH_PX);
    const feet = this.ways.map((way) => joint(at, [way], reach)).filter(Boolean);
    feet.sort((one, other) => one.metres - other.metres);
    return feet[0]?.way ?? null;
  }

  point(at) {
    const way = this.near(at);
    this.view.map.getContainer().classList.toggle("is-on-way", way !== null);
    byId("edit-said").textContent = way ? (way.name ?? way.key) : this.told;
  }

  choose(at) {
    const way = this.near(at);
    if (way) location.assign(`${this.config.editing.ways}/ways/${encodeURIComponent(way.key)}`);
    else byId("edit-said").textContent = t("There is no way here.");
  }
}
