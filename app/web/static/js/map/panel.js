/** The panel: search, tabs with counts, filters, and the list. */
import { TABS } from "#map/address";
import { all, button, byId, first, h } from "#page/dom";
import { choiceOf, downloadMenu } from "#page/downloads";
import { FarList } from "#land/far_list";
import { sign, swatch } from "#page/icons";
import { N_, number, t, tn } from "#page/i18n";
import { recordList } from "#map/list";
import { idOf, parksOf } from "#map/model";
import { matching } from "#page/search";

const STYLE_OF = { companies: "sectors", plots: "plots", facilities: "facilities" };

/** The search field, the tabs and the list under them. */
export class Panel {
  /**
   * @param {Record<string, any>} styles
   * @param {{go: (change: object) => void, pick: (record: any) => void, point: (sel: object|null) => void,
   *   fail: (error: Error) => void}} actions
   */
  constructor(styles, actions) {
    this.styles = styles;
    this.actions = actions;
    this.model = null;
    this.state = null;
    this.found = {};
    this.far = new FarList(() => this.showLists(), actions.fail);
    this.query = byId("q", HTMLInputElement);
    this.tabs = TABS.map((tab) => byId(`tab-${tab}`));
    this.filters = byId("filters");
    this.list = byId("list");
    this.query.addEventListener("input", () => actions.go({ q: this.query.value }));
    this.query.form.addEventListener("submit", (event) => this.pickFirst(event));
    this.tabs.forEach((tab, index) => {
      tab.addEventListener("click", () => actions.go({ tab: TABS[index], only: [] }));
      tab.addEventListener("keydown", (event) => this.byKey(event, index));
    });
  }

  /** Show the records of a day as the state asks: its tab, words, park and filters. */
  show(model, state) {
    this.model = model;
    this.state = state;
    if (this.query.value !== state.q) this.query.value = state.q;
    for (const tab of TABS) {
      const inPark = model[tab].filter((record) => !state.park || parksOf(record).includes(state.park));
      this.found[tab] = matching(inPark, state.q);
    }
    if (model.far) this.far.want(model.far, state, state.tab === "plots");
    this.showLists();
  }

  showLists() {
    this.showTabs();
    this.showFilters();
    this.showList();
  }

  /** Whether the plots of a tab come from the service page by page. */
  isFar(tab) {
    return tab === "plots" && Boolean(this.model.far);
  }

  /** Return how many records the words and the park leave in a tab. */
  countOf(tab) {
    return this.isFar(tab) ? this.far.total : this.found[tab].length;
  }

  /** Return the records listed. */
  listed() {
    const { tab, only } = this.state;
    if (this.isFar(tab)) return this.far.records;
    return this.found[tab].filter((record) => only.length === 0 || only.includes(record.filter));
  }

  showTabs() {
    this.tabs.forEach((tab, index) => {
      const isOpen = TABS[index] === this.state.tab;
      tab.setAttribute("aria-selected", String(isOpen));
      tab.tabIndex = isOpen ? 0 : -1;
      tab.querySelector(".tab-count").textContent = number(this.countOf(TABS[index]));
    });
    this.list.setAttribute("aria-labelledby", `tab-${this.state.tab}`);
  }

  showFilters() {
    const { tab, only } = this.state;
    const styles = this.styles[STYLE_OF[tab]] ?? {};
    const counts = this.isFar(tab) ? this.far.counts : countsOf(this.found[tab]);
    const values = Object.keys(styles).filter((value) => counts.has(value) || only.includes(value));
    const chips =
      values.length > 1 ? values.map((value) => this.chip(value, styles[value], counts.get(value) ?? 0)) : [];
    const held = first(this.filters, ":focus")?.dataset.value;
    this.filters.replaceChildren(this.parkChoice(), ...chips, ...this.download());
    if (held) first(this.filters, `[data-value="${CSS.escape(held)}"]`)?.focus();
  }

  parkChoice() {
    const choose = h(
      "select.park-choice",
      {
        "aria-label": t("Business park"),
        dataset: { value: "park" },
        on: { change: () => this.actions.go({ park: choose.value || null }) },
      },
      h("option", { value: "" }, t("All parks")),
    );
    for (const [key, name] of this.model.parks) choose.append(h("option", { value: key }, name));
    choose.value = this.state.park ?? "";
    return choose;
  }

  /** Return the menu that downloads what is listed, if anything is. */
  download() {
    const { tab } = this.state;
    if (!this.countOf(tab)) return [];
    const { choice, isAll } = this.isFar(tab)
      ? { choice: this.model.far.query(this.state), isAll: false }
      : choiceOf(this.state, this.listed());
    const note = isAll ? t("The whole list, regardless of the search") : null;
    return [downloadMenu(tab, choice, { title: t("Download this list"), note })].filter(Boolean);
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
    mark.setAttribute("aria-hidden", "true");
    const rest = isOn ? only.filter((one) => one !== value) : [...only, value];
    return button(
      [mark, h("span", t(style.label)), h("span.filter-count", number(n))],
      () => this.actions.go({ only: rest }),
      { class: "filter-chip", "aria-pressed": String(isOn), dataset: { value } },
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
    if (this.isFar(this.state.tab) && this.far.isWaiting)
      this.list.replaceChildren(h("p.loading", t("Loading …")));
    else this.list.replaceChildren(records.length ? recordList(records, context) : this.nothing());
    if (this.isFar(this.state.tab) && this.far.hasMore) this.list.append(this.more());
  }

  /** Say how many there are beside those listed, and offer more. */
  more() {
    const { records, n } = this.far;
    const add = async () => {
      await this.far.more();
      all(this.list, ".record")[records.length]?.focus();
    };
    return h(
      "div.empty",
      h("p", t("{shown} of {n} are listed.", { shown: number(records.length), n: number(n) })),
      button(t("List more"), add),
    );
  }

  nothing() {
    const { tab, q, only, park } = this.state;
    const elsewhere = TABS.filter((other) => other !== tab && this.countOf(other) > 0 && q);
    const jumps = elsewhere.map((other) =>
      button(`${t(TITLES[other])} (${number(this.countOf(other))})`, () =>
        this.actions.go({ tab: other, only: [] }),
      ),
    );
    const isNarrowed = Boolean(q || only.length || park);
    const clear = isNarrowed && button(t("Show all"), () => this.actions.go({ q: "", only: [], park: null }));
    const sentence = q
      ? t("Nothing found for “{q}” here.", { q })
      : t("Nothing is recorded here on this day.");
    return h("div.empty", h("p", sentence), ...jumps, clear);
  }

  /** Mark the record that is selected, and bring it into view. */
  mark(id) {
    for (const row of all(this.list, ".record")) {
      const isIt = row.dataset.id === id;
      if (isIt) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
      if (isIt) row.scrollIntoView({ block: "nearest" });
    }
  }

  /** Mark the record that is pointed at in the map. */
  point(id) {
    for (const row of all(this.list, ".record")) row.classList.toggle("is-pointed", row.dataset.id === id);
  }

  /** Put the focus on a record of the list, or on the search field. */
  focusOn(id) {
    (first(this.list, `[data-id="${CSS.escape(id ?? "")}"]`) ?? this.query).focus({ preventScroll: false });
  }

  /** Say in one sentence what is listed. */
  sentence() {
    const [companies, plots] = [this.countOf("companies"), this.model.far?.size ?? this.found.plots.length];
    return `${tn(companies, "{n} company", "{n} companies")}, ${tn(plots, "{n} plot", "{n} plots")}`;
  }

  pickFirst(event) {
    event.preventDefault();
    const found = this.listed()[0] ?? TABS.map((tab) => this.found[tab][0]).find(Boolean);
    if (found && this.state.q) this.actions.pick(found);
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

const TITLES = {
  companies: N_("Companies"),
  plots: N_("Plots"),
  facilities: N_("Facilities"),
  tours: N_("Tours"),
};

function countsOf(records) {
  const counts = new Map();
  for (const { filter } of records) counts.set(filter, (counts.get(filter) ?? 0) + 1);
  return counts;
}
