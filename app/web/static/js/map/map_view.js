/** The map as one thing: draws a day, shows a selection, says what is pointed at. */
import { isCalm, isNarrow } from "#page/dom";
import { Evidence } from "#neighbors/evidence";
import { streetLabels } from "#labels/label_layer";
import { idOf, middle, plotsOf } from "#map/model";
import { ParkMap } from "#map/park_map";
import { Isochrones } from "#walking/isochrones";
import { isOf } from "#cards/twins";

const L = globalThis.L;

/** The map. */
export class MapView extends ParkMap {
  /**
   * @param {{map: import("leaflet").Map, layers: Record<string, any>}} handle what the page's script made
   * @param {Record<string, any>} styles
   * @param {import("#map/park_map").Actions} actions
   */
  constructor(handle, styles, actions) {
    super(handle, styles, actions);
    this.data = null;
    this.sel = null;
    this.tab = null;
    this.listed = null;
    this.neighborPlots = [];
    this.neighborIds = [];
    this.covered = () => 0;
    this.evidence = new Evidence(this.layers, styles, this.land);
    this.reach = new Isochrones(this.layers.selection);
    this.land.far.onDrawn = () => this.labels.queue();
    new ResizeObserver(() => this.map.invalidateSize({ animate: false })).observe(this.map.getContainer());
  }

  /** Draw a day. */
  draw(data, model) {
    Object.assign(this, { data, model });
    this.streetNames = streetLabels(data.walkways);
    this.land.draw(data, model);
    this.show(this.sel, this.tab);
  }

  /** Show a selection (null: none) while a tab is open; neighbors are added by `explain`. */
  show(sel, tab) {
    Object.assign(this, { sel, tab, neighborPlots: [], neighborIds: [] });
    const record = this.model?.find(sel) ?? null;
    const tours = record?.kind === "tour" ? [record] : !record && tab === "tours" ? this.model.tours : [];
    this.reach.draw(null);
    this.evidence.outline(plotsOf(record));
    this.tours.draw(this.model.tours, tours, record !== null);
    this.signs.draw(this.model, tours);
    this.signs.choose(record ? idOf(record) : null);
    this.labels.queue();
  }

  /** Show areas that are within a walk, wholly; null takes them away. */
  showIsochrones(areas) {
    this.reach.draw(areas);
    const bounds = this.reach.bounds();
    if (bounds?.isValid())
      this.go(() => this.map.fitBounds(bounds, { ...this.padding(), animate: !isCalm() }));
  }

  /** Draw the neighbors of what is selected and the evidence for them. */
  explain(neighbors, adjacency) {
    this.evidence.draw(neighbors, adjacency);
    this.keep(neighbors);
    this.labels.queue();
  }

  /** Fade some neighbors no longer, and those before them as all else. */
  keep(neighbors) {
    this.neighborPlots = neighbors.flatMap((neighbor) => neighbor.plots);
    const firms = neighbors.flatMap((neighbor) => [neighbor, ...(neighbor.members ?? [])]);
    this.neighborIds = firms.map(({ kind = "company", key }) => idOf({ kind, key }));
    if (this.listed) this.emphasize(this.listed.tab, this.listed.records, this.listed.found);
  }

  /** Show what is selected with all of its neighbors, unless they are in sight. */
  revealNeighbors(record, neighbors) {
    this.go(() => {
      const bounds = record && this.boundsOf(record);
      if (!bounds?.isValid()) return;
      for (const plot of neighbors.flatMap((neighbor) => neighbor.plots)) {
        const shape = this.land.shapeOf(plot);
        if (shape) bounds.extend(shape.getBounds());
      }
      if (this.map.getBounds().contains(bounds) && !this.isCovered(bounds)) return;
      this.map.fitBounds(bounds, { ...this.padding(), maxZoom: this.map.getZoom(), animate: !isCalm() });
    });
  }

  /** Mark what is pointed at. */
  point(sel) {
    this.signs.point(sel ? idOf(sel) : null);
    this.land.point(sel?.kind === "plot" ? sel.key : null);
  }

  /** Fit the map to its frame and move it at once, without waiting for the next picture. */
  redraw(move) {
    this.map.invalidateSize({ animate: false });
    move();
    this.signs.arrange();
    this.labels.draw();
  }

  /** Make the evidence towards neighboring plots stand out; null for none. */
  pointNeighbor(plots) {
    this.evidence.point(plots);
  }

  /** Fade all plots that are not in the tiles of an address; null fades none. */
  narrow(address) {
    this.land.far.narrow(address);
  }

  /** Return the plot at a place where plots are drawn as tiles; null elsewhere. */
  plotAt(latLng) {
    const plot = this.land.far.at(latLng);
    return plot ? { kind: "plot", key: plot.key } : null;
  }

  /**
   * Fade what the list of a tab leaves out, or all that a search did not find; null fades nothing. What is selected
   * and its neighbors are never faded.
   * @param {string} tab
   * @param {any[]|null} records those listed
   * @param {any[]|null} found by a search, of all kinds
   */
  emphasize(tab, records, found = null) {
    this.listed = { tab, records, found };
    const kind = { companies: "company", facilities: "facility" }[tab];
    const chosen = this.model?.find(this.sel) ?? null;
    const always = [...(chosen ? [idOf(chosen)] : []), ...this.neighborIds];
    for (const one of ["company", "facility"]) {
      const seen = one === kind ? records : found;
      this.signs.emphasize(one, seen && new Set([...seen.map(idOf), ...always]));
    }
    const plots = tab === "plots" && records?.map(({ key }) => key);
    this.land.emphasize(plots ? new Set([...plots, ...plotsOf(chosen), ...this.neighborPlots]) : null);
  }

  /** Move so that a record can be seen, no further than needed. */
  reveal(record, isSmooth = true) {
    this.go(() => this.revealNow(record, isSmooth));
  }

  revealNow(record, isSmooth) {
    const bounds = this.boundsOf(record);
    if (!bounds?.isValid()) return;
    const best = this.map.getBoundsZoom(bounds, false, L.point(120, 140));
    const near = Math.min(best - 0.5, 16);
    if (this.map.getBounds().contains(bounds) && !this.isCovered(bounds) && this.map.getZoom() >= near)
      return;
    const maxZoom = Math.max(this.map.getZoom(), 17.5);
    this.map.fitBounds(bounds, { ...this.padding(), maxZoom, animate: isSmooth && !isCalm() });
  }

  /** Show the whole of a box of longitudes and latitudes. */
  fit([west, south, east, north]) {
    this.map.fitBounds(
      [
        [south, west],
        [north, east],
      ],
      { ...this.padding(), animate: false },
    );
  }

  padding() {
    if (!isNarrow()) return { paddingTopLeft: [36, 48], paddingBottomRight: [56, 90] };
    return {
      paddingTopLeft: [16, 64],
      paddingBottomRight: [16, Math.min(this.covered(), this.map.getSize().y * 0.6) + 16],
    };
  }

  isCovered(bounds) {
    const {
      paddingBottomRight: [, bottom],
    } = this.padding();
    return (
      isNarrow() && this.map.latLngToContainerPoint(bounds.getSouthWest()).y > this.map.getSize().y - bottom
    );
  }

  boundsOf(record) {
    if (record.kind === "tour")
      return L.geoJSON(record.legs)
        .getBounds()
        .extend(L.latLngBounds(record.stops.map((stop) => stop.at)));
    const shapes = plotsOf(record)
      .map((key) => this.land.shapeOf(key))
      .filter(Boolean);
    const bounds = L.latLngBounds((record.places ?? [record]).map((place) => place.at).filter(Boolean));
    shapes.forEach((shape) => bounds.extend(shape.getBounds()));
    return bounds;
  }

  /** Say which layers are switched on. */
  switchedOn() {
    return Object.values(this.layers)
      .filter(({ switchable, group }) => switchable && this.map.hasLayer(group))
      .map(({ id }) => id);
  }

  /** Switch layers on and off; null leaves all on. */
  switchTo(ids) {
    for (const { id, switchable, group } of Object.values(this.layers)) {
      if (!switchable) continue;
      if (ids === null || ids.includes(id)) group.addTo(this.map);
      else group.remove();
    }
  }

  /** @override */
  labelSource() {
    if (!this.model) return { labels: [], obstacles: [] };
    const zoom = this.map.getZoom();
    const boxes = this.signs.boxes();
    return {
      obstacles: boxes,
      labels: [...this.groundLabels(zoom), ...this.signLabels(zoom, boxes), ...this.lineLabels()],
    };
  }

  groundLabels(zoom) {
    const parks = zoom < 16 ? this.data.parks.features.map((feature) => parkLabel(feature)) : [];
    const streets = zoom >= 14.5 ? this.streetNames : [];
    const isNear = zoom >= 16.5 && this.map.hasLayer(this.layers.plots.group);
    const plots = isNear ? [...this.model.plots, ...this.land.far.names()] : [];
    return [
      ...parks,
      ...streets,
      ...plots.map(({ name, at }) => ({ kind: "plot", text: name, at, priority: 10 })),
    ];
  }

  signLabels(zoom, boxes) {
    return boxes
      .filter(({ one }) => !(one.stop && (one.stop.company || one.stop.facility)))
      .filter(
        ({ one }) =>
          this.isChosen(one) ||
          zoom >=
            (one.record.facilityKind === "truck_parking" ? 14.5 : one.layer === "facilities" ? 17 : 15.75),
      )
      .map(({ one, w }) => ({
        kind: { companies: "company", facilities: "facility", stops: "stop" }[one.layer],
        text: one.stop?.name ?? one.name,
        at: one.marker.getLatLng(),
        radius: this.isChosen(one) ? w / 2 + 7 : w / 2,
        priority: this.signPriority(one),
      }));
  }

  isChosen(one) {
    return isOf(one, this.sel && idOf(this.sel));
  }

  signPriority(one) {
    if (this.isChosen(one)) return 95;
    if (one.record.facilityKind === "truck_parking") return 70;
    return one.layer === "facilities" ? 30 : 50;
  }

  lineLabels() {
    const measures = this.evidence.labels.map((label) => ({
      kind: "measure",
      className: `is-${label.relation}`,
      text: label.text,
      at: label.at,
      radius: label.relation === "across" ? 9 : 0,
      priority: 90,
    }));
    return [...measures, ...this.tours.legLabels(85)];
  }
}

function parkLabel(feature) {
  const [lon] = middle(feature.geometry);
  const ring =
    feature.geometry.type === "Polygon"
      ? feature.geometry.coordinates[0]
      : feature.geometry.coordinates.flatMap(([outer]) => outer);
  const near = ring.filter(([x]) => Math.abs(x - lon) < 0.003);
  const north = Math.max(...(near.length ? near : ring).map(([, y]) => y));
  return { kind: "park", text: feature.properties.name, at: [north, lon], above: true, priority: 60 };
}
