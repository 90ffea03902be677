/** Where a company is: a plot clicked on the map, or a point that is dragged or moved by keyboard. */
import { byId, first } from "#page/dom";
import { t } from "#page/i18n";
import { EditMap } from "#editing/edit_map";
import { handle } from "#editing/handles";
import { parseLine, pointText } from "#editing/line";
import { holds } from "#planner/plan/legs";

const say = (sentence) => (byId("edit-said").textContent = sentence);

/** Chooses a plot. */
export class PlotChooser {
  /** @param {any} config of the page; `editing.at` is where the company is now */
  constructor(config) {
    this.config = config;
    this.field = byId(config.editing.field, HTMLInputElement);
    this.view = new EditMap(config, { plot: (key) => this.choose(key) });
    this.field.addEventListener("input", () => this.show());
    byId("edit-said").textContent = t("Click the plot, or choose it in the list.");
  }

  async start() {
    await this.view.load();
    const { at } = this.config.editing;
    if (at) this.view.map.setView([at[1], at[0]], 16.5, { animate: false });
    this.show();
  }

  choose(key) {
    this.field.value = key;
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
    first(this.field.form, '[value="preview"]')?.focus();
  }

  show() {
    const plot = this.view.model?.find({ kind: "plot", key: this.field.value.trim() });
    this.view.land.plots.forEach((shape, key) =>
      shape.getElement()?.classList.toggle("is-chosen", key === plot?.key),
    );
    if (plot) say(t("Chosen: {plot}.", { plot: wordsOf(plot) }));
  }
}

/** Moves a point. */
export class PointMover {
  /** @param {any} config of the page */
  constructor(config) {
    this.field = byId(config.editing.field, HTMLInputElement);
    this.name = config.editing.name;
    this.view = new EditMap(config, { place: (at) => this.move(at) });
    this.field.addEventListener("change", () => this.read());
  }

  async start() {
    await this.view.load();
    this.read();
    if (this.at) this.view.map.setView([this.at[1], this.at[0]], 17.5, { animate: false });
  }

  read() {
    const [at] = parseLine(this.field.value) ?? [];
    if (at) this.go(at);
  }

  /** A gesture on the map is one in the form: its draft is stored. */
  move(at, isOver = true) {
    this.go(at);
    if (isOver) this.field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  go(at) {
    this.at = at;
    this.field.value = pointText(at);
    if (this.marker) this.marker.setLatLng([at[1], at[0]]);
    else this.marker = this.put(at);
    this.say();
  }

  put(at) {
    const name = t("Place of {name}: arrow keys move it by 1 m, with Shift by 10 m", { name: this.name });
    return handle(this.view.map, at, { name, look: "is-place", move: (to, isOver) => this.move(to, isOver) });
  }

  say() {
    const lies = this.view.data?.plots.features.find(({ geometry }) => holds(geometry, this.at));
    const plot = lies && this.view.model.find({ kind: "plot", key: lies.properties.key });
    say(
      plot
        ? t("At {at}, on {plot}.", { at: pointText(this.at), plot: wordsOf(plot) })
        : t("At {at}, on no plot.", { at: pointText(this.at) }),
    );
  }
}

/** Return a plot with who is there. */
function wordsOf(plot) {
  return [plot.name, plot.street, ...plot.firms.slice(0, 3).map(({ name }) => name)]
    .filter(Boolean)
    .join(", ");
}
