/** One stop in the table: number, name and times, how long, when, and what can be done with it. */
import { button, h } from "#page/dom";
import { t } from "#page/i18n";
import { numberField, show } from "#planner/stops/fields";
import { glyph } from "#planner/plan/glyphs";
import { StopMore } from "#planner/stops/stop_more";
import { Windows } from "#planner/stops/windows";
import { numberOf, visitWords } from "#planner/plan/texts";

/** A row of the table, and the two that may follow it: why it is left out, and more fields. */
export class StopRow {
  /**
   * @param {any} stop
   * @param {any} actions of the table
   */
  constructor(stop, actions) {
    this.id = stop.id;
    this.actions = actions;
    const change = (value, mark) => actions.change(stop.id, value, mark);
    this.dwell = numberField(t("Minutes here"), (dwell) => change({ dwell_min: dwell }, "dwell"), {
      min: 0,
      max: 480,
    });
    this.windows = new Windows((windows) => change({ windows }));
    this.more = new StopMore(stop.id, actions, { isPoint: !stop.company && !stop.facility });
    this.build(Boolean(stop.company));
  }

  build(hasNeighbors) {
    this.number = h("span.number");
    this.handle = button([glyph("drag"), this.number], () => {}, { class: "handle" });
    this.handle.addEventListener("keydown", (event) => this.onHandleKey(event));
    this.name = h("span.stop-name", { lang: "de" });
    this.marks = h("span.stop-marks");
    this.when = h("span.stop-when");
    this.buildTools();
    const tools = h("div.tools", hasNeighbors && this.around, this.up, this.down, this.open, this.gone);
    this.row = h(
      "tr.stop-row",
      { dataset: { id: this.id } },
      h("td.cell-number", this.handle),
      h("th.cell-name", { scope: "row" }, this.name, this.marks, this.when),
      h("td.cell-dwell", this.dwell, h("span.unit", { "aria-hidden": "true" }, t("min"))),
      h("td.cell-windows", this.windows.element),
      h("td.cell-tools", tools),
    );
    this.why = h("ul.reasons");
    this.whyRow = h("tr.why-row", { hidden: true }, h("td"), h("td", { colspan: 4 }, this.why));
    this.moreRow = h(
      "tr.more-row",
      { id: `more-${this.id}`, hidden: true },
      h("td", { colspan: 5 }, this.more.element),
    );
  }

  buildTools() {
    const move = (step) => () => this.actions.move(this.id, step);
    this.up = button(glyph("up"), move(-1), { class: "tool is-up" });
    this.down = button(glyph("down"), move(1), { class: "tool is-down" });
    this.around = button(glyph("neighbors"), () => this.actions.addNeighbors(this.id), {
      class: "tool is-around",
    });
    this.gone = button(glyph("remove"), () => this.actions.remove(this.id), { class: "tool is-remove" });
    this.open = button(glyph("more"), () => this.toggle(), {
      class: "tool is-more",
      "aria-expanded": "false",
      "aria-controls": `more-${this.id}`,
    });
  }

  onHandleKey(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    this.actions.move(this.id, step);
  }

  /** Open or close the fields behind the row. */
  toggle(isOpen = this.moreRow.hidden) {
    this.moreRow.hidden = !isOpen;
    this.open.setAttribute("aria-expanded", String(isOpen));
  }

  /** The rows of the table, in their order. */
  get elements() {
    return [this.row, this.whyRow, this.moreRow];
  }

  /**
   * Show a stop.
   * @param {any} stop
   * @param {{request: any, visit: any, isLeftOut: boolean, reasons: string[], isFirst: boolean, isLast: boolean}} context
   */
  update(stop, context) {
    const { visit, isLeftOut, reasons } = context;
    this.number.textContent = visit ? String(numberOf(visit)) : "–";
    this.row.classList.toggle("is-out", !visit);
    this.name.textContent = stop.name;
    this.name.title = stop.name;
    this.marks.replaceChildren(...marksOf(stop, context));
    this.when.textContent = visit ? visitWords(visit) : isLeftOut ? t("left out") : "";
    show(this.dwell, stop.dwell_min);
    this.windows.update(stop.windows, stop.name, stop.dwell_min);
    this.why.replaceChildren(...reasons.map((text) => h("li", text)));
    this.whyRow.hidden = !reasons.length;
    this.more.update(stop, context.request, visit?.position ?? null);
    this.up.disabled = context.isFirst;
    this.down.disabled = context.isLast;
    this.nameAll(stop.name, visit);
  }

  nameAll(name, visit) {
    this.dwell.setAttribute("aria-label", t("Minutes at {name}", { name }));
    const names = /** @type {[HTMLElement, string][]} */ ([
      [
        this.handle,
        (visit ? `${numberOf(visit)}: ` : "") + t("Move {name}: drag, or use the arrow keys", { name }),
      ],
      [this.around, t("Add the neighbors of {name}", { name })],
      [this.up, t("{name}: earlier", { name })],
      [this.down, t("{name}: later", { name })],
      [this.open, t("More about {name}", { name })],
      [this.gone, t("Remove {name}", { name })],
    ]);
    for (const [element, words] of names) {
      element.setAttribute("aria-label", words);
      element.title = words;
    }
  }
}

function marksOf(stop, { request, visit }) {
  const words = [
    stop.is_optional && t("optional"),
    request.first === stop.id && t("first"),
    request.last === stop.id && t("last"),
    stop.position !== null && t("fixed as no. {n}", { n: numberOf(stop) }),
    visit?.is_approximate && t("location approximate"),
  ];
  return words.filter(Boolean).map((text) => h("span.hint.is-calm", text));
}
