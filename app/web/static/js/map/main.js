/** The map page: brings the map, the panel, the card and the day together. */
import {
  Unavailable,
  changes,
  collections,
  failureSentence,
  history,
  isEmbedded,
  links,
  startPage,
} from "#page/api";
import { CardPanel } from "#cards/card_panel";
import { DateBar } from "#map/date_bar";
import { button, byId, focused, h, isNarrow } from "#page/dom";
import { differences, inWords } from "#map/differences";
import { dayModel } from "#land/far_plots";
import { day, t } from "#page/i18n";
import { fillLegend } from "#map/legend";
import { MapView } from "#map/map_view";
import { onPaper, printWell } from "#map/paper";
import { idOf } from "#map/model";
import { Panel } from "#map/panel";
import { Sheet } from "#map/sheet";
import { Store, isSame, tabOf } from "#map/state";

const NAMES = [
  "parks",
  "plots",
  "companies",
  "facilities",
  "walkways",
  "footprints",
  "tours",
  "tour-stops",
  "tour-legs",
];

/** The page. */
class MapPage {
  constructor(config) {
    this.config = config;
    this.links = { successions: [], meetings: [] };
    this.names = new Map();
    // What is to be said when the next day is shown.
    this.note = null;
    const pick = (sel, on) => this.pick(sel, on);
    const point = (sel) => this.point(sel);
    this.view = new MapView(window.parkMaps.park, config.styles, { pick, point });
    const go = (change) => this.store.go(change);
    this.panel = new Panel(config.styles, { go, pick, point, fail: (error) => this.fail(error) });
    this.card = new CardPanel(byId("card"), {
      pick,
      close: () => this.close(),
      explain: (neighbors, pairs) => this.explain(neighbors, pairs),
      pointNeighbor: (neighbor) => this.pointNeighbor(neighbor),
      reach: (areas) => this.view.showIsochrones(areas),
      say: (sentence) => this.say(sentence),
    });
    this.sheet = new Sheet(byId("panel"), byId("grip", HTMLButtonElement));
    this.view.covered = () => this.sheet.covered();
    this.view.land.far.onFail = (error) => this.fail(error);
    this.dates = new DateBar(byId("date-bar"), {
      on: config.on,
      today: config.today,
      isFixed: isEmbedded(),
      isQuick: () => Boolean(this.model && !this.model.far),
      choose: (on, isStep) => this.store.go({ on }, { isStep }),
    });
    this.store = new Store({ ...config, isFixed: isEmbedded() }, (state, before) =>
      this.changed(state, before),
    );
    this.start();
  }

  async start() {
    const { state, view } = this.store;
    this.view.switchTo(state.layers);
    if (view) this.view.map.setView([view.lat, view.lon], view.zoom, { animate: false });
    else this.view.fit(this.config.box);
    this.listenToKeys();
    await this.startSelection();
    await this.load();
    if (state.sel && !view) this.reveal(state.sel, false);
    this.listenToMap();
    printWell(this.view, () => onPaper(this.store.state, this.model, (sel) => this.nameOf(sel)));
    // Without them the day can still be typed.
    const { days } = await changes().catch(() => ({ days: [] }));
    this.dates.offer(days);
  }

  /** Let staff choose many plots at once; nobody else loads what it takes. */
  async startSelection() {
    const { marketing } = this.config.service ?? {};
    if (!marketing) return;
    const { PlotSelection } = await import("#land/plot_selection");
    this.selection = new PlotSelection(this.view, byId("filters"), marketing);
  }

  listenToMap() {
    const { map } = this.view;
    map.on("moveend", () => this.store.look(this.where()));
    map.on("overlayadd overlayremove", () => this.store.go({ layers: this.switched() }));
    map.on("click", ({ latlng }) => {
      const plot = this.view.plotAt(latlng);
      if (this.selection?.isOn) return;
      if (plot) this.pick(plot);
      else if (this.store.state.sel) this.close();
    });
  }

  where() {
    const { lat, lng: lon } = this.view.map.getCenter();
    return { zoom: this.view.map.getZoom(), lat, lon };
  }

  /** Return the layers that are on, null when all are. */
  switched() {
    const all = Object.values(this.view.layers).filter((layer) => layer.switchable).length;
    const on = this.view.switchedOn();
    return on.length === all ? null : on;
  }

  changed(state, before) {
    if (state.on !== before.on) return void this.load();
    if (!this.model) return;
    this.panel.show(this.model, state);
    this.emphasize();
    if (state.by !== before.by) this.color();
    this.selection?.show(this.model, state.tab);
    if (String(state.layers) !== String(before.layers)) this.view.switchTo(state.layers);
    if (!isSame(state.sel, before.sel)) this.showSelection();
    else if (state.tab !== before.tab && !state.sel) this.view.show(null, state.tab);
  }

  /** Load and show the day of the state; a newer call makes an older one void. */
  async load() {
    const { on } = this.store.state;
    const turn = (this.turn = (this.turn ?? 0) + 1);
    this.dates.show(on);
    this.busy(true);
    try {
      // Cards do without successions and meetings where these cannot be had.
      this.links = await links().catch(() => this.links);
      const data = await collections(NAMES, on);
      const lend = (features, model) => model === this.model && this.view.land.lend(features);
      const { styles, today } = this.config;
      const model = await dayModel(data, { on, today }, styles, lend);
      Object.assign(model, { day: on, history: await allOfTime(data.parks.features) });
      if (turn === this.turn) this.show(data, model, on);
    } catch (error) {
      this.dates.stop();
      if (turn === this.turn) this.fail(error);
    } finally {
      if (turn === this.turn) this.busy(false);
    }
  }

  show(data, model, on) {
    const status = (value) => t(this.config.styles.plots[value]?.label ?? value);
    const news = this.model && inWords(differences(this.model, model), status);
    this.model = model;
    for (const record of [...this.model.companies, ...this.model.facilities])
      this.names.set(idOf(record), record.name);
    this.view.draw(data, this.model);
    this.panel.show(this.model, this.store.state);
    this.color();
    this.emphasize();
    this.selection?.show(this.model, this.store.state.tab);
    this.showSelection();
    byId("failure").replaceChildren();
    document.title = document.title.replace(
      /^.*? · /,
      `${t("Map")}, ${t("as of {day}", { day: day(on) })} · `,
    );
    this.dates.showNews(this.note ?? news ?? "");
    const sentence = [t("as of {day}", { day: day(on) }), news, this.panel.sentence()]
      .filter(Boolean)
      .join(": ");
    if (this.note) this.reveal(this.store.state.sel);
    this.say(this.note ?? sentence, Boolean(this.note));
    this.note = null;
  }

  color() {
    const { by } = this.store.state;
    this.view.land.colorBy(by);
    fillLegend(byId("legend-body"), this.model, this.config.styles, by);
  }

  emphasize() {
    const { state } = this.store;
    const isNarrowed = state.q.trim() || state.only.length || state.park;
    const far = state.tab === "plots" ? this.model.far : null;
    this.view.emphasize(state.tab, isNarrowed && !far ? this.panel.listed() : null, this.panel.foundOnDay());
    this.view.narrow(isNarrowed && far ? far.tiles(state) : null);
  }

  showSelection() {
    const { sel, tab } = this.store.state;
    const lacking = this.model.far?.lacking(sel) ?? [];
    if (lacking.length) return void this.fetchFirst(lacking, sel);
    this.view.show(sel, tab);
    this.emphasize();
    this.panel.mark(sel && idOf(sel));
    byId("browse").hidden = Boolean(sel);
    if (sel) this.openCard();
    else this.card.close();
  }

  /** Have plots that are in tiles only, then show the selection that they belong to. */
  async fetchFirst(keys, sel) {
    const { model } = this;
    try {
      await model.far.need(keys);
    } catch (error) {
      return this.fail(error);
    }
    if (model !== this.model || !isSame(sel, this.store.state.sel)) return;
    this.showSelection();
    if (isSame(sel, this.awaited)) this.reveal(sel);
  }

  openCard() {
    const { sel, on } = this.store.state;
    const record = this.model.find(sel);
    const context = {
      on,
      today: this.config.today,
      styles: this.config.styles,
      parks: this.model.parks,
      model: this.model,
      links: this.links,
      pick: (other, otherDay) => this.pick(other, otherDay),
      need: (plots) => this.model.far?.need(plots),
      isFixed: isEmbedded(),
      editAddress: {
        company: addressUnder(this.config.service?.companies),
        plot: this.config.service?.marketing ? addressUnder(this.config.service.plots) : null,
        facility: addressUnder(this.config.service?.facilities),
      },
      isPast: Boolean(this.config.known),
      changesAddress: changesAddress(this.config.service?.changes),
      correctionAddress: addressUnder(this.config.service?.corrections, "/correction"),
      editing: this.config.service?.editing,
      tourAddress: addressUnder(this.config.service?.tours),
    };
    if (record) this.card.open(record, context);
    else this.card.openMissing(sel, context, this.nameOf(sel));
    this.sheet.show();
  }

  /** Return the name of something that is not there on the day, where another day or a succession told it. */
  nameOf(sel) {
    const parties = this.links.successions.flatMap(({ predecessor, successor }) => [predecessor, successor]);
    return (
      this.names.get(idOf(sel)) ??
      parties.find((party) => sel.kind === "company" && party.key === sel.key)?.name
    );
  }

  /** Select a record, on another day where one is given; from a list or card the focus goes along. */
  pick(record, on) {
    if (this.selection?.isOn && record.kind === "plot") this.selection.pick(record.key);
    else this.select(record, on);
  }

  select(record, on) {
    const sel = { kind: record.kind, key: record.key };
    const isByHand = focused()?.closest("#panel");
    if (focused()?.closest("#list")) this.from = idOf(sel);
    const change = {
      sel,
      tab: tabOf(sel),
      ...(on && { on }),
      ...(tabOf(sel) !== this.store.state.tab && { only: [] }),
    };
    this.fitting = idOf(sel);
    this.noteDay(record, on);
    this.store.go(change, { isStep: true });
    if (isByHand) this.card.focus();
    if (!on) this.reveal(sel);
  }

  /** Note that showing something leads to another day. */
  noteDay(record, on) {
    if (!on || on === this.store.state.on) return;
    this.note = t("The day shown is now {day}, to show “{name}”.", {
      day: day(on),
      name: record.name ?? record.key,
    });
  }

  /** Show the neighbors of what is selected; of what was just picked all are in sight. */
  explain(neighbors, pairs) {
    const { sel } = this.store.state;
    this.view.explain(neighbors, pairs);
    if (sel && this.fitting === idOf(sel)) this.view.revealNeighbors(this.model.find(sel), neighbors);
    this.fitting = null;
  }

  reveal(sel, isSmooth = true) {
    const record = this.model?.find(sel);
    this.awaited = record ? null : sel;
    if (record) this.view.reveal(record, isSmooth);
  }

  close() {
    const { sel } = this.store.state;
    if (!sel) return;
    const hadFocus = focused()?.closest("#card");
    this.store.go({ sel: null, tab: tabOf(sel) }, { isStep: true });
    if (hadFocus) this.panel.focusOn(this.from ?? idOf(sel));
  }

  point(sel) {
    this.view.point(sel);
    this.panel.point(sel && idOf(sel));
  }

  pointNeighbor(neighbor) {
    this.view.pointNeighbor(neighbor?.plots ?? null);
    this.view.point(neighbor ? { kind: neighbor.kind, key: neighbor.key } : null);
  }

  listenToKeys() {
    document.addEventListener("keydown", (event) => {
      const isTyping = focused()?.matches("input, select, textarea");
      if (event.key === "/" && !isTyping) {
        event.preventDefault();
        if (isNarrow()) this.sheet.set("full");
        if (this.store.state.sel) this.close();
        byId("q").focus();
      } else if (event.key === "Escape" && this.store.state.sel) this.close();
      else if (event.key === "Escape" && focused()?.id === "q") this.store.go({ q: "" });
    });
  }

  busy(isBusy) {
    byId("map-page").setAttribute("aria-busy", String(isBusy));
  }

  fail(error) {
    const sentence = failureSentence(error);
    const again = button(t("Try again"), () => this.load());
    const failure = t("The map of {day} could not be loaded.", { day: day(this.store.state.on) });
    byId("failure").replaceChildren(h("p", `${failure} ${sentence}`), again);
    if (!(error instanceof Unavailable)) throw error;
  }

  /** Say something to everyone (briefly seen) or, with `isSeen` false, to screen readers only. */
  say(sentence, isSeen = true) {
    const place = byId("spoken");
    place.textContent = sentence;
    place.classList.toggle("is-seen", isSeen);
    clearTimeout(this.silence);
    this.silence = setTimeout(() => place.classList.remove("is-seen"), 2500);
  }
}

/** Return the versions of all time, for the search and the cards; null where only a day is there. */
async function allOfTime(parks) {
  const [companies, facilities, plots] = await Promise.all(["companies", "facilities", "plots"].map(history));
  return companies && facilities && { parks, companies, facilities, plots };
}

/** Return what makes the address of a key under a page's; null without the page, as in a file of its own. */
function addressUnder(page, more = "") {
  return page ? (key) => `${page}/${encodeURIComponent(key)}${more}` : null;
}

/** Return what makes the address of all changes of a thing; null for those who may not see them. */
function changesAddress(page) {
  return page ? (kind, key) => `${page}?${new URLSearchParams({ whose: "all", [kind]: key })}` : null;
}

new MapPage(startPage());
