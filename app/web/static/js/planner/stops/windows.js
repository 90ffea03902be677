/** The windows of a stop: from when until when a host can receive, several if need be. */
import { button, h } from "#page/dom";
import { t } from "#page/i18n";
import { windowFault } from "#planner/stops/faults";
import { besides, complain, show, timeField } from "#planner/stops/fields";
import { glyph } from "#planner/plan/glyphs";

/** The editor of one stop's windows. */
export class Windows {
  /** @param {(windows: [string, string][]) => void} change */
  constructor(change) {
    this.change = change;
    this.windows = [];
    this.rows = [];
    this.list = h("div.windows-list");
    this.more = button([glyph("add"), h("span")], () => this.add(), { class: "chip is-adding" });
    this.element = h("div.windows", this.list, this.more);
  }

  /** Show windows of a visit that lasts so many minutes. */
  update(windows, name, dwellMin) {
    this.windows = windows;
    while (this.rows.length > windows.length) this.rows.pop().element.remove();
    while (this.rows.length < windows.length) this.grow(this.rows.length);
    windows.forEach((window, i) => this.showRow(this.rows[i], window, { name, dwellMin }));
    this.more.lastChild.textContent = windows.length ? "" : t("any time");
    const words = t("Add a time window for {name}", { name });
    // What is read aloud begins with what is seen.
    this.more.setAttribute("aria-label", windows.length ? words : `${t("any time")}: ${words}`);
    this.more.title = t("Add a time window");
  }

  grow(i) {
    const opens = timeField("", (time) => this.set(i, 0, time), { placeholder: t("from") });
    const closes = timeField("", (time) => this.set(i, 1, time), { placeholder: t("until") });
    const gone = button(glyph("remove"), () => this.drop(i), { class: "tool is-small" });
    const fields = h("div.window", opens, h("span", { "aria-hidden": "true" }, "–"), closes, gone);
    const night = h("span.field-night");
    const element = h("div", fields, night, besides(closes));
    this.rows.push({ element, opens, closes, gone, night });
    this.list.append(element);
  }

  showRow({ opens, closes, gone, night }, window, { name, dwellMin }) {
    show(opens, window[0]);
    show(closes, window[1]);
    opens.setAttribute("aria-label", t("{name} can receive from", { name }));
    closes.setAttribute("aria-label", t("{name} can receive until", { name }));
    gone.setAttribute("aria-label", t("Remove the time window of {name}", { name }));
    gone.title = t("Remove the time window");
    const fault = windowFault(window, dwellMin);
    complain(closes, fault);
    night.textContent = window[1] && window[1] < window[0] && !fault ? t("until the next day") : "";
  }

  set(i, side, time) {
    const windows = structuredClone(this.windows);
    windows[i][side] = time ?? "";
    this.change(windows);
  }

  add() {
    this.change([...this.windows, ["", ""]]);
    this.rows.at(-1)?.opens.focus();
  }

  drop(i) {
    this.change(this.windows.filter((_, j) => j !== i));
    this.more.focus();
  }
}
