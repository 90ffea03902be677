/**
 * Who is within a few minutes' walk of a company or a facility: as a list in its card and as areas on the map.
 */
import { Unavailable, reach } from "#page/api";
import { h } from "#page/dom";
import { icon } from "#page/icons";
import { minutes, number, t, tn } from "#page/i18n";

const L = globalThis.L;

/** The areas on the map. */
export class ReachAreas {
  /** @param {{group: any}} layer that they are drawn into */
  constructor(layer) {
    Object.assign(this, { layer, drawn: null });
  }

  /** Draw areas, the largest first; null takes them away. */
  draw(areas) {
    if (this.drawn) this.layer.group.removeLayer(this.drawn);
    this.drawn = areas && L.geoJSON(areas, { pane: "selection", interactive: false, style: { className: "reach" } });
    if (this.drawn) this.layer.group.addLayer(this.drawn);
  }

  /** Return the box of what is drawn. */
  bounds() {
    return this.drawn?.getBounds() ?? null;
  }
}

/** The button of a card, and the list that it opens. */
export class ReachPart {
  /**
   * @param {any} record company or facility
   * @param {{on: string, pick: (sel: object) => void, model: any}} context
   * @param {(areas: any) => void} draw shows areas on the map, null takes them away
   */
  constructor(record, context, draw) {
    Object.assign(this, { record, context, draw });
    const press = { type: "button", class: "btn btn-quiet btn-sm", "aria-expanded": "false", on: { click: () => this.toggle() } };
    this.button = h("button", press, icon("walk"), t("Within walking distance"));
    this.place = h("section", { class: "card-part reach-part", "aria-live": "polite", hidden: true });
  }

  toggle() {
    const isOpen = this.place.hidden;
    this.place.hidden = !isOpen;
    this.button.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) this.tell();
    else this.draw(null);
  }

  async tell() {
    const { kind, key, places } = this.record;
    this.fill(h("p", { class: "loading", role: "status", text: t("Measuring the walks …") }));
    try {
      const told = await reach(kind, kind === "company" ? places[0].key : key, this.context.on);
      if (!this.place.isConnected || this.place.hidden) return;
      this.draw(told.areas);
      this.fill(...this.groups(told));
    } catch (error) {
      this.fill(this.failure(error));
    }
  }

  fill(...parts) {
    this.place.replaceChildren(h("h3", { text: t("Within walking distance") }), ...parts);
  }

  groups({ places, areas }) {
    const others = places.filter((place) => place.key !== (this.record.places?.[0].key ?? this.record.key));
    const steps = areas.features.map(({ properties }) => properties.minutes).sort((a, b) => a - b);
    const parts = steps.map((step, i) => this.group(others, steps[i - 1] ?? -1, step));
    return parts.some(Boolean) ? parts.filter(Boolean) : [h("p", { class: "quiet", text: t("Nobody within a quarter of an hour.") })];
  }

  group(places, above, step) {
    const own = places.filter((place) => place.minutes > above && place.minutes <= step);
    if (!own.length) return null;
    const title = [t("up to {minutes}", { minutes: minutes(step) }), tn(own.length, "{n} place", "{n} places")].join(" · ");
    return h(
      "details",
      { class: "reach-group", open: above < 0 },
      h("summary", { text: title }),
      h("ul", { class: "reach-list" }, ...own.map((place) => this.row(place))),
    );
  }

  row(place) {
    const sel = this.selectionOf(place);
    const name = sel
      ? h("button", { type: "button", class: "inline-link", text: place.name, on: { click: () => this.context.pick(sel) } })
      : h("span", { text: place.name });
    const walk = `${number(place.minutes, 1)}\u00a0${t("min")}`;
    return h("li", {}, h("span", {}, name, this.kindOf(sel)), h("span", { class: "quiet", text: walk }));
  }

  /** A bus stop is named like the street it is in. */
  kindOf(sel) {
    const style = this.context.styles.facilities[sel?.facilityKind];
    return style && h("span", { class: "quiet", text: ` · ${t(style.label)}` });
  }

  /** The service tells a company by the key of its place. */
  selectionOf({ kind, key }) {
    const { model } = this.context;
    if (kind !== "company") return model.find({ kind: "facility", key });
    return model.companies.find((company) => company.places.some((one) => one.key === key)) ?? null;
  }

  failure(error) {
    const sentence = error instanceof Unavailable ? error.message : t("Something went wrong in the page.");
    const again = { type: "button", class: "btn btn-quiet btn-sm", text: t("Try again"), on: { click: () => this.tell() } };
    return h("div", { class: "failure", role: "alert" }, h("p", { text: sentence }), h("button", again));
  }
}
