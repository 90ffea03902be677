/** The panel: search, tabs with counts, filters, and the list. */
import { TABS } from "#map/address";
import { all, button, byId, first, h } from "#page/dom";
import { choiceOf, downloadMenu } from "#page/downloads";
import { FarList } from "#land/far_list";
import { sign, swatch } from "#page/icons";
import { N_, number, t, tn } from "#page/i18n";
import { recordList, walk } from "#map/list";
import { idOf, parksOf } from "#map/model";
import { otherDays } from "#map/other_days";
import { matching } from "#page/search";

/** Of these it may not be known whether they were there; a plot is always there, whoever uses it. */
const COUNTED_APART = ["companies", "facilities"];
const STYLE_OF = { companies: "sectors", plots: "plots", facilities: "facilities" };

/** The search field, the tabs and the list under them. */
export class Panel {
  /**
   * @param {Record<string, any>} styles
   * @param {{go: (change: object) => void, pick: (record: any, on?: string) => void,
   *   point: (sel: object|null) => void, fail: (error: Error) => void}} actions
   */
  constructor(styles, actions) {
    this.styles = styles;
    this.actions = actions;
    this.model = null;
    this.state = null;
    this.found = {};
    /** What the search finds beside the tab, best first: in other tabs, and on other days. */
    this.inOtherTabs = [];
    this.onOtherDays = [];
    this.far = new FarList(() => this.showLists(), actions.fail);
    this.query = byId("q", HTMLInputElement);
    this.tabs = TABS.map((tab) => byId(`tab-${tab}`));
    this.filters = byId("filters");
    this.list = byId("list");
    this.list.addEventListener("keydown", walk);
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
    this.search();
    if (model.far) this.far.want(model.far, state, state.tab === "plots");
    this.showLists();
  }

  /** Find by the words, in all tabs and on all days; only where nothing is found, slips of the finger are forgiven. */
  search() {
    for (const forgives of [false, true]) {
      this.options = { forgives };
      const find = (records) => matching(this.inPark(records), this.state.q, this.options);
      for (const tab of TABS) this.found[tab] = find(this.model[tab]);
      const q = this.state.q.trim();
      const others = TABS.filter((tab) => tab !== this.state.tab).flatMap((tab) => this.found[tab]);
      this.inOtherTabs = q ? find(others) : [];
      this.onOtherDays = q ? find(this.others()) : [];
      if (TABS.some((tab) => this.found[tab].length) || this.onOtherDays.length) return;
    }
  }

  inPark(records) {
    const { park } = this.state;
    return records.filter((record) => !park || parksOf(record).includes(park));
  }

  /** Return what is there on other days only; made when somebody first searches. */
  others() {
    const { model } = this;
    if (!model.history) return [];
    const label = (kind, value) => t(this.styles[kind][value]?.label ?? value);
    model.others ??= otherDays(model.history, model.history.parks, model.day, label);
    return model.others;
  }

  /** Return all that the search found on the day, whatever the tab; null where nobody searches. */
  foundOnDay() {
    return this.state.q.trim() ? TABS.flatMap((tab) => this.found[tab]) : null;
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

  /** Return how many of a tab's records it is not known of whether they were there. */
  uncertainIn(tab) {
    return COUNTED_APART.includes(tab) ? this.found[tab].filter((record) => record.isUncertain).length : 0;
  }

  /** Return the records listed. */
  listed() {
    const { tab, only } = this.state;
    if (this.isFar(tab)) return this.far.records;
    return this.found[tab].filter((record) => isAmongChosen(record, only, this.styles.marketing));
  }

  showTabs() {
    this.tabs.forEach((tab, index) => {
      const isOpen = TABS[index] === this.state.tab;
      tab.setAttribute("aria-selected", String(isOpen));
      tab.tabIndex = isOpen ? 0 : -1;
      const unsure = this.uncertainIn(TABS[index]);
      tab.querySelector(".tab-count").textContent = number(this.countOf(TABS[index]) - unsure);
      tab.querySelector(".tab-unsure").replaceChildren(...unsureCount(unsure));
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
    const offers = tab === "plots" ? this.offers() : [];
    this.filters.replaceChildren(this.parkChoice(), ...chips, ...offers, ...this.download());
    if (held) first(this.filters, `[data-value="${CSS.escape(held)}"]`)?.focus();
  }

  /** Return the chips of marketing statuses and what colors the plots by them; nothing where none is known. */
  offers() {
    const { only, by } = this.state;
    const counts = countsOf(this.found.plots, "marketing_status");
    const values = Object.keys(this.styles.marketing).filter(
      (value) => counts.has(value) || only.includes(value),
    );
    if (!values.length) return [];
    const color = button(
      t("Color by marketing status"),
      () => this.actions.go({ by: by ? null : "marketing" }),
      { class: "filter-chip", "aria-pressed": String(Boolean(by)), dataset: { value: "by" } },
    );
    const chips = values.map((value) =>
      this.chip(value, this.styles.marketing[value], counts.get(value) ?? 0),
    );
    // A plot whose use is “vacant” need not be offered.
    return [h("span.filter-label", t("Marketing status")), ...chips, color];
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
    const { tab } = this.state;
    const records = this.listed();
    const isWaiting = this.isFar(tab) && this.far.isWaiting;
    const sure = COUNTED_APART.includes(tab) ? records.filter((record) => !record.isUncertain) : records;
    const unsure = records.filter((record) => !sure.includes(record));
    const parts = [
      ...this.part(null, sure),
      ...this.part(t("Not known whether already there"), unsure),
      ...(this.isFar(tab) && this.far.hasMore ? [this.more()] : []),
    ];
    const elsewhere = [
      ...this.part(t("In the other lists"), this.inOtherTabs),
      ...this.part(t("On other days"), this.onOtherDays),
    ];
    // Paper has the list of the tab and the day alone.
    if (elsewhere.length) parts.push(h("div.no-print", ...elsewhere));
    if (isWaiting) parts.unshift(h("p.loading", t("Loading …")));
    this.list.replaceChildren(...(parts.length ? parts : [this.nothing()]));
  }

  /** Return a part of the list under its title; nothing for no records. */
  part(title, records) {
    const { pick, point } = this.actions;
    const context = {
      styles: this.styles,
      parks: this.model.parks,
      selected: this.state.sel && idOf(this.state.sel),
      pick: (record) => pick(record, record.otherDay?.on),
      point,
    };
    if (!records.length) return [];
    const head = title && h("h3.list-part", title, h("span.count", number(records.length)));
    return [...(head ? [head] : []), recordList(records, context)];
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
    const plots = this.model.far?.size ?? this.found.plots.length;
    const unsure = this.uncertainIn("companies");
    const companies = this.countOf("companies") - unsure;
    const facts = [
      tn(companies, "{n} company", "{n} companies"),
      unsure &&
        tn(
          unsure,
          "{n} more of which it is not known whether it was already there",
          "{n} more of which it is not known whether they were already there",
        ),
      tn(plots, "{n} plot", "{n} plots"),
    ];
    return facts.filter(Boolean).join(", ");
  }

  pickFirst(event) {
    event.preventDefault();
    if (!this.state.q.trim()) return;
    const every = [...this.listed(), ...this.inOtherTabs, ...this.onOtherDays];
    // Plots that the service found are found by more than is known of them here.
    const found = matching(every, this.state.q, this.options)[0] ?? every[0];
    if (found) this.actions.pick(found, found.otherDay?.on);
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

/** Return what tells, beside a tab's count, how many more there may be; nothing for none. */
function unsureCount(n) {
  const words = tn(
    n,
    "{n} more of which it is not known whether it was already there",
    "{n} more of which it is not known whether they were already there",
  );
  return n
    ? [h("span", { "aria-hidden": "true", title: words }, `+${number(n)}?`), h("span.visually-hidden", words)]
    : [];
}

function countsOf(records, name = "filter") {
  const counts = new Map();
  for (const { [name]: value } of records) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** Say whether a record has one of the values chosen, and of plots one of the marketing statuses chosen. */
function isAmongChosen(record, only, marketing) {
  const offered = only.filter((value) => value in marketing);
  const others = only.filter((value) => !(value in marketing));
  return (
    (!others.length || others.includes(record.filter)) &&
    (!offered.length || offered.includes(record.marketing_status))
  );
}
