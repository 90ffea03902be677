/**
 * The plots of a map that has too many to draw them one by one: tiles, with what can be done to each plot.
 */
const L = globalThis.L;
const FAINT = 0.2;

/** Plots as tiles; nothing until `show`. */
export class FarLand {
  /**
   * @param {any} map Leaflet map
   * @param {any} group the layer group of the plots
   * @param {Record<string, any>} styles by use status
   * @param {{point: (sel: object|null) => void}} actions
   * @param {(plot: {key: string, name: string, status: string}) => HTMLElement} tipOf what is said of a plot pointed at
   */
  constructor(map, group, styles, actions, tipOf) {
    this.map = map;
    this.group = group;
    this.styles = styles;
    this.actions = actions;
    this.tipOf = tipOf;
    this.all = null;
    this.wanted = null;
    this.under = null;
    this.address = null;
    this.narrowed = null;
    this.onDrawn = () => {};
    this.onFail = (_error) => {};
    this.tip = L.tooltip({ className: "tip", opacity: 1, offset: [12, 0] });
    // A finger points at nothing until it picks.
    if (!matchMedia("(hover: hover)").matches) return;
    map.on("mousemove", ({ latlng }) => this.follow(latlng));
    map.on("mouseout", () => this.follow(null));
  }

  /** Draw the tiles of an address in place of what was drawn; null for none. */
  async show(address) {
    this.address = address;
    this.clear();
    if (!address) return;
    const { PlotTiles } = await import("#land/plot_tiles");
    if (this.address !== address) return;
    this.all = new PlotTiles(address, this.styles).addTo(this.group);
    this.all.on({ load: () => this.onDrawn(), tileerror: ({ error }) => this.onFail(error) });
    this.narrow(this.narrowed);
  }

  clear() {
    for (const layer of [this.all, this.wanted]) if (layer) this.group.removeLayer(layer);
    this.all = null;
    this.wanted = null;
    this.follow(null);
  }

  /** Fade all but the plots in the tiles of an address; null fades none. */
  async narrow(address) {
    this.narrowed = address;
    if (!this.all) return;
    this.all.setOpacity(address ? FAINT : 1);
    if (this.wanted && this.wanted.address === address) return;
    if (this.wanted) this.group.removeLayer(this.wanted);
    this.wanted = null;
    if (!address) return;
    const { PlotTiles } = await import("#land/plot_tiles");
    if (this.narrowed === address && this.all)
      this.wanted = new PlotTiles(address, this.styles).addTo(this.group);
  }

  /** Return the plot at a place, or undefined. */
  at(latLng) {
    return this.all?.at(latLng);
  }

  /** Return names of the plots in sight and where to write them. */
  names() {
    return this.all?.names() ?? [];
  }

  /** Mark the plot that is pointed at; null for none. */
  point(key) {
    this.all?.point(key);
    this.wanted?.point(key);
  }

  /** Tell what is under the pointer, once a picture. */
  follow(latLng) {
    if (!this.all && !this.under) return;
    cancelAnimationFrame(this.waiting);
    this.waiting = requestAnimationFrame(() => this.showTip(latLng));
  }

  showTip(latLng) {
    const plot = latLng ? this.at(latLng) : undefined;
    if (plot) this.tip.setLatLng(latLng);
    if (plot?.key === this.under) return;
    this.under = plot?.key;
    this.map.getContainer().style.setProperty("cursor", plot ? "pointer" : "");
    this.actions.point(plot ? { kind: "plot", key: plot.key } : null);
    if (plot) this.tip.setContent(this.tipOf(plot)).addTo(this.map);
    else this.tip.remove();
  }
}
