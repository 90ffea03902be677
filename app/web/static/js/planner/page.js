/** The planner's page: brings the wish, its plan, the table and the map together. */
import { Unavailable, collections, failureSentence } from "#page/api";
import { button, byId as find, focused, h } from "#page/dom";
import { t } from "#page/i18n";
import { buildModel, idOf, recordOf } from "#map/model";
import { Desk } from "#planner/plan_requests";
import { Editor } from "#planner/editor";
import { hasFault } from "#planner/stops/faults";
import { headOnPaper, openOnPaper } from "#planner/plan/on_paper";
import { Picker } from "#planner/stops/picker";
import { PlannerMap } from "#planner/plan/planner_map";
import { Results } from "#planner/plan/results";
import { Saving } from "#planner/saving";
import { Service } from "#planner/service";
import { Settings } from "#planner/settings";
import { MEETING, fingerprint, shownOrder, stopsOnMap, tablePlan, toBePlanned } from "#planner/plan/shown";
import { StopTable } from "#planner/stops/stop_table";
import { loadDraft, removeDraft, storeDraft } from "#planner/storage";
import { emptyWish, fromService, withChange, withEnd } from "#planner/tour_request";
import { spokenNews } from "#planner/plan/texts";

const NAMES = ["parks", "plots", "companies", "facilities", "walkways", "footprints"];
const NOTHING = { features: [] };
const SEEN_MS = 3500;

/** The page. */
export class PlannerPage {
  /** @param {any} config of the page */
  constructor(config) {
    this.config = config;
    this.model = null;
    this.stored = null;
    this.asked = null;
    this.service = new Service({ ...config.planner, api: config.service.api });
    this.desk = new Desk(this.service, (told, why) => this.onPlan(told, why));
    this.editor = new Editor(emptyWish({ park: config.planner.park, on: config.on }), {
      changed: () => this.changed(),
      say: (sentence) => this.say(sentence),
      find: (sel) => this.model?.find(sel) ?? null,
      recordOf: (place) => this.recordOf(place),
      neverVisited: (park, on) => this.service.neverVisited(park, on),
      shown: () => this.order,
    });
    this.makeForm();
    this.makeView();
    this.listen();
  }

  get wish() {
    return this.editor.wish;
  }

  get order() {
    return shownOrder(this.wish, this.desk.told.answer);
  }

  makeForm() {
    const { config, editor } = this;
    this.settings = new Settings(find("settings"), config.planner.parks, editor);
    this.table = new StopTable(find("stops"), {
      change: (id, change, mark) => editor.go(withChange(this.wish, id, change), mark && `${id} ${mark}`),
      order: (ids, id) => editor.reorder(ids, id),
      remove: (id) => this.remove(id),
      end: (end, id) => editor.go(withEnd(this.wish, end, id)),
      addNeighbors: (id) => editor.addNeighbors(id),
      reveal: (id) => this.map.reveal(id),
      meetAt: (id) => editor.meetAt(id),
      point: (id) => this.point(id),
    });
    this.saving = new Saving(find("saving"), this.service, config.planner, {
      wish: () => this.wish,
      isChanged: () => this.isChanged(),
      rename: (title) => editor.set({ title }, "title"),
      isFaulty: () => hasFault(this.wish),
      saved: (key, version, wish) => this.saved(key, version, wish),
      leave: (key) => this.leaveTo(key),
      reload: () => this.loadAnew(),
      deleted: () => this.leaveForGood(),
      say: (sentence) => this.say(sentence),
    });
  }

  makeView() {
    const { config, editor } = this;
    this.map = new PlannerMap(window.parkMaps.planner, config.styles, {
      add: (record) => editor.addRecord(record),
      addPoint: (lon, lat) => editor.addPoint(lon, lat),
      reveal: (id) => id !== MEETING && this.table.reveal(id),
      point: (id) => this.point(id),
    });
    const parts = { field: find("pick", HTMLInputElement), list: find("pick-list") };
    this.picker = new Picker(parts, config, (record) => editor.addRecord(record));
    const places = ["summary", "strip", "course", "notices", "alternatives"].map((id) => [id, find(id)]);
    this.results = new Results(Object.fromEntries(places), {
      again: () => this.desk.ask(this.wish),
      undo: () => editor.step("undo"),
      take: (one) => editor.take(one),
      point: (at) => this.map.pointAt(at),
    });
  }

  listen() {
    const press = (id, act) => find(id).addEventListener("click", act);
    press("undo", () => this.editor.step("undo"));
    press("redo", () => this.editor.step("redo"));
    press("never-visited", () => this.editor.addNeverVisited());
    press("remove-all", () => this.editor.clear());
    press("fit", () => this.map.fit());
    const keepOrder = find("keep-order", HTMLInputElement);
    keepOrder.addEventListener("change", () => this.editor.keepOrder(keepOrder.checked));
    document.addEventListener("keydown", (event) => this.onKey(event));
    openOnPaper(find("course"));
    // A closed page needs no answer: the service stops working on it.
    window.addEventListener("pagehide", () => this.desk.drop());
  }

  onKey(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const verb = { z: event.shiftKey ? "redo" : "undo", y: "redo" }[event.key.toLowerCase()];
    if (!verb) return;
    event.preventDefault();
    // What is still being typed counts as a step; and its field shows what undoing brought.
    if (focused()?.matches("input")) focused().blur();
    this.editor.step(verb);
  }

  /** Load what the page shows: what was typed before, or the stored tour, and what the address asks for. */
  async start() {
    const { key, stop } = this.config.planner;
    const before = loadDraft(key);
    // Where nothing was planned yet, the address says which park and day.
    if (before?.request.stops.length || before?.request.title) this.editor.begin(before.request);
    await this.draw();
    try {
      if (key !== null) await this.loadStored(key, before);
    } catch (error) {
      this.fail(find("map-failure"), error, () => location.reload());
    }
    if (stop) this.addAsked(stop);
    this.changed();
    find("planner").setAttribute("aria-busy", "false");
    if (this.wish.stops.length > 1) this.map.fit();
    else this.map.keepInSight();
  }

  addAsked(stop) {
    this.editor.addNamed(stop);
    // Once is enough: a reload must not add it again after it was removed.
    const here = new URL(location.href);
    here.searchParams.delete("stop");
    history.replaceState(null, "", here);
  }

  async loadStored(key, before) {
    const told = await this.service.stored(key);
    const wish = fromService(told.wish, told.title, (place) => this.nameOf(place));
    const isKept = Boolean(before?.isChanged);
    if (!isKept) this.editor.begin(wish);
    this.stored = { print: fingerprint(wish), version: isKept ? before.version : told.version };
    this.saving.stored({ status: told.status, version: this.stored.version, share: told.share, note: told.note }, wish);
    if (this.day !== this.wish.on) await this.draw();
    if (isKept) this.say(t("Your unsaved changes are still here."));
  }

  nameOf(place) {
    return this.recordOf(place)?.name ?? place.company ?? place.facility;
  }

  recordOf(place) {
    return this.model && recordOf(this.model, place);
  }

  /** Get and draw the ground of the wish's day; a newer call makes an older one void. */
  async draw() {
    const on = (this.day = this.wish.on);
    const { styles } = this.config;
    try {
      const data = await collections(NAMES, on);
      if (this.day !== on) return;
      const all = { ...data, tours: NOTHING, "tour-stops": NOTHING, "tour-legs": NOTHING };
      this.model = buildModel(all, (kind, value) => t(styles[kind][value]?.label ?? value));
      this.map.draw(data, this.model);
      find("map-failure").replaceChildren();
    } catch (error) {
      this.fail(find("map-failure"), error, () => this.draw().then(() => this.refresh()));
    }
  }

  fail(place, error, again) {
    place.replaceChildren(h("p", failureSentence(error)), button(t("Try again"), again));
    if (!(error instanceof Unavailable)) throw error;
  }

  /** Show the wish, and ask for its plan where that can be another now. */
  changed() {
    if (this.day !== this.wish.on) this.draw().then(() => this.refresh());
    const asked = toBePlanned(this.wish);
    if (asked === null) this.desk.clear();
    else if (hasFault(this.wish)) this.desk.hold();
    else if (asked !== this.asked) this.desk.ask(this.wish);
    this.asked = hasFault(this.wish) ? null : asked;
    this.keep();
    this.refresh();
  }

  keep() {
    const { wish, saving } = this;
    storeDraft(saving.key, { request: wish, version: this.stored?.version ?? null, isChanged: this.isChanged() });
  }

  isChanged() {
    return this.stored ? this.stored.print !== fingerprint(this.wish) : this.wish.stops.length > 0;
  }

  /** Show everything as it is now. */
  refresh() {
    const { wish, order, desk, editor } = this;
    this.settings.update(wish, this.offered(), this.recordOf(wish.meeting ?? {}));
    this.table.update(wish, order, tablePlan(desk.told));
    this.results.update(wish, desk.told);
    this.saving.refresh();
    headOnPaper(find("on-paper"), wish, this.config.planner.parks);
    this.map.plan(stopsOnMap(wish, desk.told.answer, (stop) => this.recordOf(stop)), desk.told.answer?.legs ?? []);
    this.map.showPark(wish.park);
    this.picker.offer(this.offered(), new Set(wish.stops.map((stop) => this.recordOf(stop)).filter(Boolean).map(idOf)), wish.park);
    find("undo", HTMLButtonElement).disabled = !editor.history.past.length;
    find("redo", HTMLButtonElement).disabled = !editor.history.future.length;
    find("keep-order", HTMLInputElement).checked = wish.is_order_kept;
    find("planner").classList.toggle("is-empty", !wish.stops.length);
  }

  offered() {
    return this.model ? [...this.model.companies, ...this.model.facilities] : [];
  }

  onPlan(told, why) {
    find("plan").setAttribute("aria-busy", String(told.isAsking));
    find("planner").classList.toggle("is-asking", told.isAsking);
    // From the first answer on, what is shown is a plan of this wish, though a better one may follow.
    find("planner").classList.toggle("is-old", why === "asking");
    if (why === "asking") return;
    this.refresh();
    if (why === "planned" || why === "failed") this.map.keepInSight();
    // For those who listen.
    find("spoken-plan").textContent = spokenNews(told, why) ?? find("spoken-plan").textContent;
  }

  remove(id) {
    const place = this.table.ids.indexOf(id);
    this.editor.remove(id);
    if (!this.table.focusAfter(place)) find("pick").focus();
  }

  point(id) {
    this.map.point(id);
    this.table.point(id);
  }

  /** Note what was stored; a new tour gets its address. */
  saved(key, version, wish = null) {
    if (this.config.planner.key !== key) removeDraft(this.config.planner.key);
    this.config.planner.key = this.service.key = key;
    this.stored = { print: wish ? fingerprint(wish) : this.stored.print, version };
    history.replaceState(null, "", `${this.config.planner.planner}/${encodeURIComponent(key)}`);
    this.keep();
  }

  leaveTo(key) {
    location.assign(`${this.config.planner.planner}/${encodeURIComponent(key)}`);
  }

  /** Go to the list; nothing of the deleted tour is kept. */
  leaveForGood() {
    removeDraft(this.saving.key);
    location.assign(this.config.planner.tours);
  }

  loadAnew() {
    removeDraft(this.saving.key);
    location.reload();
  }

  /** Say what was done, seen for a while. */
  say(sentence) {
    const place = find("spoken");
    place.textContent = sentence;
    place.classList.add("is-seen");
    clearTimeout(this.silence);
    this.silence = setTimeout(() => place.classList.remove("is-seen"), SEEN_MS);
  }
}
