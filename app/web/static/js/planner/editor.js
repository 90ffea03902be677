/** Everything that changes the request, one step of undo each. */
import { Unavailable, failureSentence, neighbors } from "#page/api";
import { t, tn } from "#page/i18n";
import { History } from "#planner/history";
import { shiftWords, shifted } from "#planner/shifting";
import { MOST_STOPS, placeOf, withMeeting, withOrder, withStop, withoutStop } from "#planner/tour_request";

/** Changes the request and says what it did. */
export class Editor {
  /**
   * @param {any} start first request
   * @param {{changed: () => void, say: (sentence: string) => void, find: (sel: object) => any,
   *   recordOf: (place: object) => any, neverVisited: (park: string, on: string) => Promise<string[]>, shown: () => string[]}} page
   *   `shown`: ids of the stops in the order shown
   */
  constructor(start, page) {
    this.page = page;
    this.history = new History(start);
  }

  get request() {
    return this.history.now;
  }

  /** Begin with another request; there is nothing to undo then. */
  begin(request) {
    this.history = new History(request);
  }

  /** Go on to another request; quick changes with one mark are one step. */
  go(request, mark = null) {
    if (this.history.go(request, mark)) this.page.changed();
  }

  /** Change what holds for the whole tour. */
  set(change, mark = null) {
    this.go({ ...this.request, ...change }, mark);
  }

  /** Move all times of the tour by minutes. */
  shift(by) {
    const request = shifted(this.request, by);
    if (!request)
      return this.page.say(
        t("The times cannot be moved so far: they would fall outside the tour's day and the night after."),
      );
    this.go(request);
    this.page.say(shiftWords(request, by));
  }

  /** Make a stop the place where people meet; it is no visit any more. */
  meetAt(id) {
    const { name } = this.request.stops.find((stop) => stop.id === id);
    this.go(withMeeting(this.request, id));
    this.page.say(t("{name} is now the meeting point, no longer a visit.", { name }));
  }

  /** Let people meet at a company or facility, or nowhere. */
  meetAtRecord(record) {
    this.set({ meeting: record && this.placeOfRecord(record) });
  }

  /** Take the last step back, or `redo` it. */
  step(verb) {
    if (!this.history[verb]()) return;
    this.page.changed();
    this.page.say(verb === "undo" ? t("Undone.") : t("Redone."));
  }

  /** Add a company, a facility, or a point. */
  add(place) {
    const { name } = place;
    const request = withStop(this.inParkOf(place), place);
    if (this.isThere(place)) this.page.say(t("{name} is already among the stops.", { name }));
    else if (request.stops.length === this.request.stops.length) this.page.say(this.full());
    else {
      this.go(request);
      this.page.say(t("{name} added.", { name }));
    }
  }

  isThere(place) {
    return this.request.stops.some((stop) => this.identity(stop) === this.identity(place));
  }

  /** Return the same for the same place: a firm may be told by its own key or by that of its place. */
  identity(place) {
    const record = place.company ? this.page.recordOf(place) : null;
    return record ? `place:${placeIn(record, this.request.park, place.company).key}` : placeOf(place);
  }

  countPoints() {
    return this.request.stops.filter((stop) => !stop.company && !stop.facility).length;
  }

  full() {
    return t("A tour has at most {n} stops: with more, no order can be proven optimal.", { n: MOST_STOPS });
  }

  /** The first stop says which park the tour is in. */
  inParkOf(place) {
    const record = this.page.recordOf(place);
    const park = record?.places?.[0].park ?? record?.park;
    return park && !this.request.stops.length ? { ...this.request, park } : this.request;
  }

  /** Add a company or facility. */
  addRecord(record) {
    this.add(this.placeOfRecord(record));
  }

  /** Add a place that has no name yet. */
  addPoint(lon, lat) {
    this.add({ name: t("Point {n}", { n: this.countPoints() + 1 }), lon, lat });
  }

  placeOfRecord(record) {
    const { park } = this.request;
    const isPlaceOfMany = record.kind === "company" && record.places.length > 1;
    const key = isPlaceOfMany ? placeIn(record, park).key : record.key;
    return { [record.kind]: key, name: record.name };
  }

  /** Add what the address names, `company:key` or `facility:key`. */
  addNamed(text) {
    const [kind, ...rest] = text.split(":");
    const record = ["company", "facility"].includes(kind) && this.page.find({ kind, key: rest.join(":") });
    if (record) this.addRecord(record);
    else this.page.say(t("What the link refers to is not recorded on this day."));
  }

  /** Add companies, told by their keys or those of their places, in one step, and say how many were new. */
  addCompanies(keys, more, request = this.request) {
    const records = keys
      .map((key) => [key, this.page.recordOf({ company: key })])
      .filter(([, record]) => record);
    const places = records
      .map(([company, { name }]) => ({ company, name }))
      .filter((place) => !this.isThere(place));
    const all = places.reduce((held, place) => withStop(held, place, more), request);
    const n = all.stops.length - this.request.stops.length;
    if (n) this.go(all);
    const isFull = all.stops.length >= MOST_STOPS;
    const added = n ? tn(n, "{n} company added.", "{n} companies added.") : t("Nothing to add.");
    this.page.say(isFull ? `${added} ${this.full()}` : added);
  }

  /** Add the companies that are neighbors of a stop's. */
  addNeighbors(id) {
    return this.fetching(async () => {
      const record = this.page.recordOf(this.request.stops.find((stop) => stop.id === id));
      if (!record) return;
      const found = await neighbors("company", record.key, this.request.on);
      const firms = found.neighbors.filter(({ kind }) => kind === "company");
      // Of a firm without a plot the service says why nobody is its neighbor.
      if (!firms.length && found.note) this.page.say(found.note);
      else this.addCompanies(firms.map(({ key }) => key));
    });
  }

  /** Add the companies no tour has visited: as many as the time allows are to be visited. */
  addNeverVisited() {
    return this.fetching(async () => {
      const keys = await this.page.neverVisited(this.request.park, this.request.on);
      this.addCompanies(keys, { is_optional: true }, { ...this.request, objective: "value" });
    });
  }

  async fetching(act) {
    try {
      await act();
    } catch (error) {
      this.page.say(failureSentence(error));
      if (!(error instanceof Unavailable)) throw error;
    }
  }

  /** Remove a stop. */
  remove(id) {
    const { name } = this.request.stops.find((stop) => stop.id === id);
    this.go(withoutStop(this.request, id));
    this.page.say(t("{name} removed.", { name }));
  }

  /** Remove all stops. */
  clear() {
    this.set({ stops: [], first: null, last: null, orders: [], is_order_kept: false });
  }

  /** Take over an order made by hand; from now on it is kept. */
  reorder(ids, id) {
    const wasKept = this.request.is_order_kept;
    this.go(withOrder(this.request, ids));
    const { name } = this.request.stops.find((stop) => stop.id === id);
    const said = t("{name} is now no. {n}.", { name, n: ids.indexOf(id) + 1 });
    this.page.say(wasKept ? said : `${said} ${t("The order is kept from now on.")}`);
  }

  /** Keep the order shown, or let the planner find one. */
  keepOrder(isKept) {
    if (isKept) this.go(withOrder(this.request, this.page.shown()));
    else this.set({ is_order_kept: false, orders: [] });
  }

  /** Take over another tour: its stops and no others, in its order. */
  take({ ids }) {
    const gone = this.request.stops.filter((stop) => !ids.includes(stop.id));
    const left = gone.reduce((request, stop) => withoutStop(request, stop.id), this.request);
    const must = { ...left, stops: left.stops.map((stop) => ({ ...stop, is_optional: false })) };
    this.go(withOrder(must, ids));
    this.page.say(t("Applied; the order is kept from now on."));
  }
}

/** Return the place of a firm that a key names, else its place in the park. */
function placeIn({ places }, park, key = null) {
  return (
    places.find((place) => place.key === key) ?? places.find((place) => place.park === park) ?? places[0]
  );
}
