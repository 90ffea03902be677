/**
 * The panel: search, tabs with counts, filters, and the list.
 */
import { TABS } from "#map/address";
import { h } from "#map/dom";
import { sign, swatch } from "#map/icons";
import { number, t, tn } from "#map/i18n";
import { recordList } from "#map/list";
import { idOf } from "#map/model";
import { matching } from "#map/search";

const STYLE_OF = { companies: "sectors", plots: "plots", facilities: "facilities" };

/** The search field, the tabs and the list under them. */
export class Panel {
  /**
   * @param {HTMLElement} root
   * @param {Record<string, any>} styles
   * @param {{go: (change: object) => void, pick: (record: any) => void, point: (sel: object|null) => void}} actions
   */
  constructor(root, styles, actions) {
    Object.assign(this, { root, styles, actions, model: null, found: {} });
    this.query = root.querySelector("#q");
    this.tabs = TABS.map((tab) => root.querySelector(`#tab-${tab}`));
    this.filters = root.querySelector("#filters");
    this.list = root.querySelector("#list");
    this.query.addEventListener("input", () => actions.go({ q: this.query.value }));
    this.query.form.addEventListener("submit", (event) => this.pickFirst(event));
    this.tabs.forEach((button, index) => {
      button.addEventListener("click", () => actions.go({ tab: TABS[index], only: [] }));
      button.addEventListener("keydown", (event) => this.byKey(event, index));
    });
  }

  /** Show the records of a day as the state asks: its tab, words, park and filters. */
  show(model, state) {
    Object.assign(this, { model, state });
    if (this.query.value !== state.q) this.query.value = state.q;
    for (const tab of TABS) {
      const inPark = model[tab].filter((record) => !state.park || isIn(record, state.park));
      this.found[tab] = matching(inPark, state.q);
    }
    this.showTabs();
    this.showFilters();
    this.showList();
  }

  /** Return the records listed. */
  listed() {
    const { tab, only } = this.state;
    return this.found[tab].filter((record) => only.length === 0 || only.includes(record.filter));
  }

  showTabs() {
    this.tabs.forEach((button, index) => {
      const isOpen = TABS[index] === this.state.tab;
      button.setAttribute("aria-selected", String(isOpen));
      button.tabIndex = isOpen ? 0 : -1;
      button.querySelector(".tab-count").textContent = number(this.found[TABS[index]].length);
    });
    this.list.setAttribute("aria-labelledby", `tab-${this.state.tab}`);
  }

  showFilters() {
    const { tab, only } = this.state;
    const styles = this.styles[STYLE_OF[tab]] ?? {};
    const counts = new Map();
    for (const { filter } of this.found[tab]) counts.set(filter, (counts.get(filter) ?? 0) + 1);
    const values = Object.keys(styles).filter((value) => counts.has(value) || only.includes(value));
    const chips =
      values.length > 1 ? values.map((value) => this.chip(value, styles[value], counts.get(value) ?? 0)) : [];
    const held = this.filters.querySelector(":focus")?.dataset.value;
    this.filters.replaceChildren(this.parkChoice(), ...chips);
    if (held) this.filters.querySelector(`[data-value="${CSS.escape(held)}"]`)?.focus();
  }

  parkChoice() {
    const choose = h(
      "select",
      {
        class: "park-choice",
        "aria-label": t("Business park"),
        dataset: { value: "park" },
        on: { change: () => this.actions.go({ park: choose.value || null }) },
      },
      h("option", { value: "", text: t("All parks") }),
    );
    for (const [key, name] of this.model.parks) choose.append(h("option", { value: key, text: name }));
    choose.value = this.state.park ?? "";
    return choose;
  }

  chip(value, style, n) {
    const { tab, only } = this.state;
    const isOn = only.includes(value);
    const mark =
      tab === "plots"
        ? swatch(value, style)
        : sign(style, {
            shape: tab === "facilities" ? "square" : "round",
            letter: tab === "companies" || Boolean(style.letter),
          });
    const rest = isOn ? only.filter((one) => one !== value) : [...only, value];
    const label = `${t(style.label)} (${number(n)})`;
    return h(
      "button",
      {
        type: "button",
        class: "filter-chip",
        "aria-pressed": String(isOn),
        title: label,
        "aria-label": label,
        dataset: { value },
        on: { click: () => this.actions.go({ only: rest }) },
      },
      mark,
      h("span", { class: "filter-count", text: number(n) }),
    );
  }

  showList() {
    const records = this.listed();
    const context = {
      styles: this.styles,
      parks: this.model.parks,
      selected: this.state.sel && idOf(this.state.sel),
      ...this.actions,
    };
    this.list.replaceChildren(records.length ? recordList(records, context) : this.nothing());
  }

  nothing() {
    const { tab, q, only } = this.state;
    const elsewhere = TABS.filter((other) => other !== tab && this.found[other].length > 0 && q);
    const jumps = elsewhere.map((other) =>
      h("button", {
        type: "button",
        class: "btn btn-quiet btn-sm",
        text: `${t(TITLES[other])} (${number(this.found[other].length)})`,
        on: { click: () => this.actions.go({ tab: other, only: [] }) },
      }),
    );
    const clear =
      (q || only.length) &&
      h("button", {
        type: "button",
        class: "btn btn-quiet btn-sm",
        text: t("Show all"),
        on: { click: () => this.actions.go({ q: "", only: [], park: null }) },
      });
    const sentence = q ? t("Nothing found for “{q}” here.", { q }) : t("Nothing is recorded here on this day.");
    return h("div", { class: "empty" }, h("p", { text: sentence }), ...jumps, clear);
  }

  /** Mark the record that is selected, and bring it into view. */
  mark(id) {
    for (const button of this.list.querySelectorAll(".record")) {
      const isIt = button.dataset.id === id;
      if (isIt) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
      if (isIt) button.scrollIntoView({ block: "nearest" });
    }
  }

  /** Mark the record that is pointed at in the map. */
  point(id) {
    for (const button of this.list.querySelectorAll(".record"))
      button.classList.toggle("is-pointed", button.dataset.id === id);
  }

  /** Put the focus on a record of the list, or on the search field. */
  focusOn(id) {
    (this.list.querySelector(`[data-id="${CSS.escape(id ?? "")}"]`) ?? this.query).focus({ preventScroll: false });
  }

  /** Say in one sentence what is listed. */
  sentence() {
    const { companies, plots } = this.found;
    return `${tn(companies.length, "{n} company", "{n} companies")}, ${tn(plots.length, "{n} plot", "{n} plots")}`;
  }

  pickFirst(event) {
    event.preventDefault();
    const first = this.listed()[0] ?? TABS.map((tab) => this.found[tab][0]).find(Boolean);
    if (first && this.state.q) this.actions.pick(first);
  }

  byKey(event, index) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = (index + step + TABS.length) % TABS.length;
    this.actions.go({ tab: TABS[next], only: [] });
    this.tabs[next].focus();
    event.preventDefault();
  }
}

const TITLES = { companies: "Companies", plots: "Plots", facilities: "Facilities", tours: "Tours" };

function isIn(record, park) {
  return record.places ? record.places.some((place) => place.park === park) : record.park === park;
}
