/** The planner's page: brings the request, its plan, the table and the map together. */
import { Unavailable, collections, failureSentence } from "#page/api";
import { button, byId as find, embedded, focused, h } from "#page/dom";
import { t } from "#page/i18n";
import { buildModel, idOf, recordOf } from "#map/model";
import { PlanRequests } from "#planner/plan_requests";
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
import { loadTour, removeSaved, removeTour, storeTour, watchTour } from "#planner/storage";
import { emptyRequest, fromService, withChange, withEnd } from "#planner/tour_request";
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
    const account = embedded("account")?.account;
    this.service = new Service({ ...config.planner, api: config.service.api, account });
    this.plans = new PlanRequests(this.service, (state, why) => this.onPlan(state, why));
    this.editor = new Editor(emptyRequest({ park: config.planner.park, on: config.on }), {
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

  get request() {
    return this.editor.request;
  }

  get order() {
    return shownOrder(this.request, this.plans.state.answer);
  }

  makeForm() {
    const { config, editor } = this;
    this.settings = new Settings(find("settings"), config.planner.parks, editor);
    this.table = new StopTable(find("stops"), {
      change: (id, change, mark) => editor.go(withChange(this.request, id, change), mark && `${id} ${mark}`),
      order: (ids, id) => editor.reorder(ids, id),
      remove: (id) => this.remove(id),
      end: (end, id) => editor.go(withEnd(this.request, end, id)),
      addNeighbors: (id) => editor.addNeighbors(id),
      reveal: (id) => this.map.reveal(id),
      meetAt: (id) => editor.meetAt(id),
      point: (id) => this.point(id),
    });
    this.saving = new Saving(find("saving"), this.service, config.planner, {
      request: () => this.request,
      isChanged: () => this.isChanged(),
      rename: (title) => editor.set({ title }, "title"),
      isFaulty: () => hasFault(this.request),
      saved: (key, version, sentAt, request) => this.saved(key, version, sentAt, request),
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
      again: () => this.plans.ask(this.request),
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
    window.addEventListener("pagehide", () => this.plans.drop());
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
    const before = await loadTour(key);
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
    watchTour(
      () => ({ key: this.saving.key, version: this.stored?.version ?? null }),
      (other) => this.follow(other),
    );
    find("planner").setAttribute("aria-busy", "false");
    if (this.request.stops.length > 1) this.map.fit();
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
    const tour = await this.service.stored(key);
    const request = fromService(tour.wish, tour.title, (place) => this.nameOf(place));
    const isKept = Boolean(before?.isChanged);
    if (!isKept) this.editor.begin(request);
    this.stored = { print: fingerprint(request), version: isKept ? before.version : tour.version };
    const { status, share, note } = tour;
    this.saving.stored({ status, version: this.stored.version, share, note }, request);
    if (this.day !== this.request.on) await this.draw();
    if (isKept) this.say(t("Your unsaved changes are still here."));
  }

  nameOf(place) {
    return this.recordOf(place)?.name ?? place.company ?? place.facility;
  }

  recordOf(place) {
    return this.model && recordOf(this.model, place);
  }

  /** Get and draw the ground of the request's day; a newer call makes an older one void. */
  async draw() {
    const on = (this.day = this.request.on);
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

  /** Show the request, and ask for its plan where that can be another now. */
  changed() {
    if (this.day !== this.request.on) this.draw().then(() => this.refresh());
    const asked = toBePlanned(this.request);
    if (asked === null) this.plans.clear();
    else if (hasFault(this.request)) this.plans.hold();
    else if (asked !== this.asked) this.plans.ask(this.request);
    this.asked = hasFault(this.request) ? null : asked;
    this.keep();
    this.refresh();
  }

  /** Store each gesture, once. */
  keep() {
    const { request, saving } = this;
    if (this.kept === request) return null;
    this.kept = request;
    const isChanged = this.isChanged() || (!this.stored && Boolean(request.title));
    return storeTour(saving.key, { request, version: this.stored?.version ?? null, isChanged });
  }

  /** Show what another tab makes of the same tour. */
  follow({ request }) {
    if (JSON.stringify(request) === JSON.stringify(this.request)) return;
    this.kept = request;
    this.editor.go(request);
    this.say(t("This tour is open in another tab, too: both show the same."));
  }

  isChanged() {
    return this.stored ? this.stored.print !== fingerprint(this.request) : this.request.stops.length > 0;
  }

  /** Show everything as it is now. */
  refresh() {
    const { request, order, plans, editor } = this;
    this.settings.update(request, this.offered(), this.recordOf(request.meeting ?? {}));
    this.table.update(request, order, tablePlan(plans.state));
    this.results.update(request, plans.state);
    this.saving.refresh();
    headOnPaper(find("on-paper"), request, this.config.planner.parks);
    this.map.plan(
      stopsOnMap(request, plans.state.answer, (stop) => this.recordOf(stop)),
      plans.state.answer?.legs ?? [],
    );
    this.map.showPark(request.park);
    this.picker.offer(
      this.offered(),
      new Set(
        request.stops
          .map((stop) => this.recordOf(stop))
          .filter(Boolean)
          .map(idOf),
      ),
      request.park,
    );
    find("undo", HTMLButtonElement).disabled = !editor.history.past.length;
    find("redo", HTMLButtonElement).disabled = !editor.history.future.length;
    find("keep-order", HTMLInputElement).checked = request.is_order_kept;
    find("planner").classList.toggle("is-empty", !request.stops.length);
  }

  offered() {
    return this.model ? [...this.model.companies, ...this.model.facilities] : [];
  }

  onPlan(state, why) {
    find("plan").setAttribute("aria-busy", String(state.isAsking));
    find("planner").classList.toggle("is-asking", state.isAsking);
    // From the first answer on, what is shown is a plan of this request, though a better one may follow.
    find("planner").classList.toggle("is-old", why === "asking");
    if (why === "asking") return;
    this.refresh();
    if (why === "planned" || why === "failed") this.map.keepInSight();
    // For those who listen.
    find("spoken-plan").textContent = spokenNews(state, why) ?? find("spoken-plan").textContent;
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

  /** Note what was stored of what was typed until it was sent; a new tour gets its address. */
  saved(key, version, sentAt, request = null) {
    removeSaved(this.config.planner.key, this.stored?.version ?? null, sentAt);
    this.config.planner.key = this.service.key = key;
    this.stored = { print: request ? fingerprint(request) : this.stored.print, version };
    history.replaceState(null, "", `${this.config.planner.planner}/${encodeURIComponent(key)}`);
    this.kept = null;
    this.keep();
  }

  leaveTo(key) {
    location.assign(`${this.config.planner.planner}/${encodeURIComponent(key)}`);
  }

  /** Go to the list; nothing of the deleted tour is kept. */
  async leaveForGood() {
    await removeTour(this.saving.key);
    location.assign(this.config.planner.tours);
  }

  async loadAnew() {
    await removeTour(this.saving.key);
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
