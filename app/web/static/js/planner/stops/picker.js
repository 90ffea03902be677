/** Choosing stops from a list that is searched by words; a combo box after the patterns of WAI-ARIA. */
import { h } from "#page/dom";
import { sign } from "#page/icons";
import { t } from "#page/i18n";
import { matching } from "#page/search";
import { idOf, parksOf } from "#map/model";

const MOST_SHOWN = 60;

/** The search field with its list. */
export class Picker {
  /**
   * @param {{field: HTMLInputElement, list: HTMLElement}} parts
   * @param {{styles: Record<string, any>, planner: {parks: {key: string, name: string}[]}}} config of the page
   * @param {(record: any) => void} pick
   */
  constructor({ field, list }, { styles, planner }, pick) {
    this.field = field;
    this.list = list;
    this.styles = styles;
    this.pick = pick;
    this.records = [];
    this.taken = new Set();
    this.park = null;
    this.at = -1;
    this.parkNames = new Map(planner.parks.map(({ key, name }) => [key, name]));
    field.addEventListener("input", () => this.open());
    field.addEventListener("focus", () => this.open());
    // After a choice the field keeps the focus, and the list is closed.
    field.addEventListener("click", () => this.open());
    field.addEventListener("blur", () => this.close());
    field.addEventListener("keydown", (event) => this.onKey(event));
    // The list must not take the focus from the field, which would close it.
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("click", (event) =>
      this.choose(/** @type {Element} */ (event.target).closest("[role=option]")),
    );
  }

  /** Offer records but those taken; first those of the park, the others with the name of theirs. */
  offer(records, taken, park) {
    Object.assign(this, { records, taken, park });
    if (!this.list.hidden) this.open();
  }

  open() {
    const found = matching(this.records, this.field.value);
    const free = found.filter((record) => !this.taken.has(idOf(record)));
    const near = free.filter((record) => this.isNear(record));
    this.shown = [...near, ...free.filter((record) => !this.isNear(record))].slice(0, MOST_SHOWN);
    this.list.replaceChildren(...this.shown.map((record, i) => this.option(record, i)));
    if (!this.shown.length) this.list.append(h("p.picker-none", this.nothing(found)));
    if (this.list.hidden) {
      this.list.hidden = false;
      // Near the lower edge it would open below it, or below the button that lies there.
      this.list.scrollIntoView({ block: "nearest" });
    }
    this.field.setAttribute("aria-expanded", "true");
    this.go(this.field.value.trim() && this.shown.length ? 0 : -1);
  }

  isNear(record) {
    return parksOf(record).includes(this.park);
  }

  nothing(found) {
    if (found.length) return t("Everything found is already among the stops.");
    return t("Nothing found for “{q}” here.", { q: this.field.value.trim() });
  }

  option(record, i) {
    const style =
      record.kind === "company" ? this.styles.sectors[record.filter] : this.styles.facilities[record.filter];
    const shape = record.kind === "company" ? "round" : "square";
    const drawn = sign(style ?? this.styles.sectors.unknown, { shape, letter: false });
    const what = record.sector ?? (style && t(style.label));
    const about = [what, !this.isNear(record) && this.parkNames.get(parksOf(record)[0])]
      .filter(Boolean)
      .join(" · ");
    return h(
      "div.option",
      { role: "option", id: `option-${i}`, "aria-selected": "false", dataset: { at: i } },
      drawn,
      h("span.option-name", record.name),
      h("span.option-about", about),
    );
  }

  onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (this.list.hidden) this.open();
      else this.go((this.at + step + this.shown.length) % Math.max(this.shown.length, 1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.choose(this.list.querySelector("[aria-selected=true]"));
    } else if (event.key === "Tab") {
      // Before the browser looks where to go: a list that scrolls is a stop of its own, and would close under the focus.
      this.close();
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.stopPropagation();
      this.close();
    }
  }

  go(at) {
    this.at = at;
    [...this.list.querySelectorAll("[role=option]")].forEach((option, i) => {
      option.setAttribute("aria-selected", String(i === at));
      if (i === at) option.scrollIntoView({ block: "nearest" });
    });
    if (at >= 0) this.field.setAttribute("aria-activedescendant", `option-${at}`);
    else this.field.removeAttribute("aria-activedescendant");
  }

  choose(option) {
    if (!option) return;
    const record = this.shown[Number(option.dataset.at)];
    this.field.value = "";
    // Open, it would lie over the stops to which this one is added.
    this.close();
    this.pick(record);
  }

  close() {
    this.list.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
  }
}
