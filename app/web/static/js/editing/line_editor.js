/** Drawing a way: clicks or keys add corners, handles move and remove them; the field of the form has the line. */
import { button, byId, focused } from "#page/dom";
import { metres, t } from "#page/i18n";
import { handle } from "#editing/handles";
import {
  SNAP_M,
  between,
  inserted,
  joint,
  lengthOf,
  lineText,
  moved,
  parseLine,
  removed,
} from "#editing/line";
import { EditMap } from "#editing/edit_map";
import { History } from "#planner/history";

const L = globalThis.L;
const REACH_PX = 10;

/** Draws one way. */
export class LineEditor {
  /** @param {any} config of the page; `editing` names the field and the key of a way that is stored */
  constructor(config) {
    this.config = config;
    this.field = byId(config.editing.field, HTMLInputElement);
    this.view = new EditMap(config, { place: (at) => this.add(at) });
    this.history = new History(parseLine(this.field.value) ?? []);
    this.ways = [];
    this.handles = L.layerGroup().addTo(this.view.map);
    this.drawn = L.polyline([], { className: "edit-line", interactive: false }).addTo(this.view.map);
    this.makeBar();
    this.listen();
  }

  get line() {
    return this.history.now;
  }

  async start() {
    this.view.fit(this.line);
    this.show();
    await this.view.load();
    this.ways = this.view.data.walkways.features
      .filter(({ properties }) => properties.key !== this.config.editing.key)
      .map(({ properties, geometry }) => ({
        name: properties.name ?? properties.key,
        line: geometry.coordinates,
      }));
    if (!this.line.length) this.view.fit(this.parkBounds());
    this.say();
  }

  parkBounds() {
    const [west, south, east, north] = this.config.box;
    return [
      [west, south],
      [east, north],
    ];
  }

  makeBar() {
    this.undoButton = button(t("Undo"), () => this.step("undo"), { "aria-keyshortcuts": "Control+Z" });
    this.redoButton = button(t("Redo"), () => this.step("redo"), { "aria-keyshortcuts": "Control+Y" });
    byId("edit-bar").replaceChildren(
      button(t("Corner in the middle of the map"), () => this.add(this.view.middle())),
      this.undoButton,
      this.redoButton,
      button(t("Remove all corners"), () => this.go([])),
    );
  }

  listen() {
    this.field.addEventListener("change", () => {
      const typed = parseLine(this.field.value);
      if (typed) this.go(typed);
    });
    const frame = this.view.map.getContainer();
    frame.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || focused() !== frame) return;
      event.preventDefault();
      this.add(this.view.middle());
    });
    document.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || focused()?.matches("input, select, textarea")) return;
      const verb = { z: event.shiftKey ? "redo" : "undo", y: "redo" }[event.key.toLowerCase()];
      if (!verb) return;
      event.preventDefault();
      this.step(verb);
    });
  }

  /** A gesture on the map is one in the form: its draft is stored. */
  changed() {
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** Add a corner at the end, on the network where that is near. */
  add(at) {
    this.go([...this.line, this.joined(at)]);
  }

  /** Whoever clicks beside a way by a few pixels means it. */
  joined(at) {
    return joint(at, this.ways, Math.max(SNAP_M, this.view.metresOf(REACH_PX)))?.at ?? at;
  }

  step(verb) {
    if (!this.history[verb]()) return;
    this.show();
    this.changed();
  }

  go(line, mark = null, focusOn = null) {
    if (!this.history.go(line, mark)) return;
    this.show(focusOn);
    this.changed();
  }

  show(focusOn = null) {
    this.field.value = lineText(this.line);
    this.drawn.setLatLngs(this.line.map(([lon, lat]) => [lat, lon]));
    this.handles.clearLayers();
    this.line.forEach((at, i) => this.addHandle(at, i, focusOn));
    this.line.slice(1).forEach((at, i) => this.addMiddle(i + 1, between(this.line[i], at)));
    this.undoButton.disabled = !this.history.past.length;
    this.redoButton.disabled = !this.history.future.length;
    this.say();
  }

  addHandle(at, i, focusOn) {
    const isEnd = i === 0 || i === this.line.length - 1;
    const words = { n: i + 1, of: this.line.length };
    const marker = handle(this.handles, at, {
      name: t("Corner {n} of {of}: arrow keys move it, Delete removes it", words),
      look: isEnd ? "is-end" : "",
      move: (to, isOver, isByKey) => (isOver ? this.drop(i, to, isEnd, isByKey) : this.drag(i, to)),
      remove: () => this.go(removed(this.line, i), null, Math.max(0, i - 1)),
    });
    if (i === focusOn) marker.getElement().querySelector("button").focus();
  }

  /** Between two corners a small handle makes another one. */
  addMiddle(i, at) {
    handle(this.handles, at, {
      name: t("New corner between {n} and {next}", { n: i, next: i + 1 }),
      look: "is-middle",
      move: (to, isOver) => (isOver ? this.go(inserted(this.line, i, to), null, i) : this.drag(i, to, true)),
      press: () => this.go(inserted(this.line, i, at), null, i),
    });
  }

  drag(i, to, isNew = false) {
    const line = isNew ? inserted(this.line, i, to) : moved(this.line, i, to);
    this.drawn.setLatLngs(line.map(([lon, lat]) => [lat, lon]));
  }

  drop(i, to, isEnd, isByKey) {
    // A step of a key must be able to leave what a corner was joined to.
    const at = isEnd && !isByKey ? this.joined(to) : to;
    this.go(moved(this.line, i, at), `corner ${i}`, isByKey ? i : null);
  }

  /** Say how long the way is, and what its ends will be joined to. */
  say() {
    const { line } = this;
    const words =
      line.length < 2
        ? [t("{n} of at least 2 corners set.", { n: line.length })]
        : [
            t("{n} corners, {length}.", { n: line.length, length: metres(lengthOf(line)) }),
            this.endWords(t("Its start"), line[0]),
            this.endWords(t("Its end"), line.at(-1)),
          ];
    byId("edit-said").textContent = words.join(" ");
  }

  endWords(end, at) {
    const met = joint(at, this.ways);
    if (!met) return t("{end}: joined to no way within {reach}.", { end, reach: metres(SNAP_M) });
    const words = { end, name: met.way.name };
    return met.isTip
      ? t("{end}: joined to “{name}”.", words)
      : t("{end}: joined to “{name}”, which is divided there.", words);
  }
}
