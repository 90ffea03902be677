/**
 * Who is within a few minutes' walk of a company or a facility: as a list in its card and as areas on the map.
 */
import { failureSentence, isochrones } from "#page/api";
import { button, h } from "#page/dom";
import { icon } from "#page/icons";
import { minutes, number, t, tn } from "#page/i18n";
import { recordOf } from "#map/model";

const L = globalThis.L;

/** The areas on the map. */
export class Isochrones {
  /** @param {{group: any}} layer that they are drawn into */
  constructor(layer) {
    this.layer = layer;
    this.drawn = null;
  }

  /** Draw areas, the largest first; null takes them away. */
  draw(areas) {
    if (this.drawn) this.layer.group.removeLayer(this.drawn);
    this.drawn =
      areas && L.geoJSON(areas, { pane: "selection", interactive: false, style: { className: "reach" } });
    if (this.drawn) this.layer.group.addLayer(this.drawn);
  }

  /** Return the box of what is drawn. */
  bounds() {
    return this.drawn?.getBounds() ?? null;
  }
}

/** The button of a card, and the list that it opens. */
export class IsochronePart {
  /**
   * @param {any} record company or facility
   * @param {{on: string, pick: (sel: object) => void, model: any, styles: any}} context
   * @param {(areas: any) => void} draw shows areas on the map, null takes them away
   */
  constructor(record, context, draw) {
    this.record = record;
    this.context = context;
    this.draw = draw;
    this.button = button([icon("walk"), t("Within walking distance")], () => this.toggle(), {
      "aria-expanded": "false",
    });
    this.place = h("section.card-part.reach-part", { "aria-live": "polite", hidden: true });
  }

  toggle() {
    const isOpen = this.place.hidden;
    this.place.hidden = !isOpen;
    this.button.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) this.load();
    else this.draw(null);
  }

  async load() {
    const { kind, key, places } = this.record;
    this.fill(h("p.loading", { role: "status" }, t("Measuring the walks …")));
    try {
      const found = await isochrones(kind, kind === "company" ? places[0].key : key, this.context.on);
      if (!this.place.isConnected || this.place.hidden) return;
      this.draw(found.areas);
      this.fill(...this.groups(found));
    } catch (error) {
      this.fill(this.failure(error));
    }
  }

  fill(...parts) {
    this.place.replaceChildren(h("h3", t("Within walking distance")), ...parts);
  }

  groups({ places, areas }) {
    const others = places.filter((place) => place.key !== (this.record.places?.[0].key ?? this.record.key));
    const steps = areas.features.map(({ properties }) => properties.minutes).sort((a, b) => a - b);
    const parts = steps.map((step, i) => this.group(others, steps[i - 1] ?? -1, step));
    return parts.some(Boolean)
      ? parts.filter(Boolean)
      : [h("p.quiet", t("Nobody within a quarter of an hour."))];
  }

  group(places, above, step) {
    const own = places.filter((place) => place.minutes > above && place.minutes <= step);
    if (!own.length) return null;
    const title = [
      t("up to {minutes}", { minutes: minutes(step) }),
      tn(own.length, "{n} place", "{n} places"),
    ].join(" · ");
    return h(
      "details.reach-group",
      { open: above < 0 },
      h("summary", title),
      h("ul.reach-list", ...own.map((place) => this.row(place))),
    );
  }

  row(place) {
    const name = place.kind === "company" ? "company" : "facility";
    const sel = recordOf(this.context.model, { [name]: place.key });
    const words = sel
      ? button(place.name, () => this.context.pick(sel), { class: "inline-link" })
      : h("span", place.name);
    const walk = `${number(place.minutes, 1)}\u00a0${t("min")}`;
    return h("li", h("span", words, this.kindOf(sel)), h("span.quiet", walk));
  }

  /** A bus stop is named like the street it is in. */
  kindOf(sel) {
    const style = this.context.styles.facilities[sel?.facilityKind];
    return style && h("span.quiet", ` · ${t(style.label)}`);
  }

  failure(error) {
    const again = button(t("Try again"), () => this.load());
    return h("div.failure", { role: "alert" }, h("p", failureSentence(error)), again);
  }
}
