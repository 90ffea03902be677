/** Asking the service for plans, and to keep tours. */
import { Unavailable, fetchFrom, json } from "#page/api";
import { t } from "#page/i18n";
import { tokenOf } from "#page/signing_in";
import { toService } from "#planner/tour_request";

/** The service has no time just now. */
class Busy extends Unavailable {
  isBusy = true;
}

/** What was asked for cannot be had, however often it is asked. */
class Refused extends Unavailable {
  isRefused = true;
}

/** Somebody else changed the tour in between. */
export class Stale extends Unavailable {}

/** Somebody else deleted the tour in between, or it has another name by now. */
export class Gone extends Unavailable {
  isRefused = true;
}

/** What the planner's page asks of the service. */
export class Service {
  /**
   * @param {{api: string, token: string|null, key: string|null, account?: any}} settings `token` proves that what is sent comes
   *   from our page; `key` is that of the stored tour, if it is one; `account` is whose session the token is of
   */
  constructor({ api, token, key, account = null }) {
    this.tours = `${api}/tours`;
    this.token = token;
    this.account = account;
    this.key = key;
  }

  /** Return the plan that is found at once; see `plan`. */
  quickPlan(request, signal) {
    return this.plan(request, signal, { quick: "1" });
  }

  /** Plan a request; each visit and what is left out carries the id of its stop. */
  async plan(request, signal, how = {}) {
    const answer = await this.send("POST", `/plan${this.ofTour(how)}`, toService(request), signal);
    return {
      ...answer,
      visits: withIds(answer.visits, request),
      left_out: withIds(answer.left_out, request),
    };
  }

  /** Say why stops were left out, what contradicts what, and which other tours there are. */
  async explain(request, signal) {
    const answer = await this.send("POST", `/explain${this.ofTour()}`, toService(request), signal);
    const alternatives = answer.alternatives.map((one) => ({
      ...one,
      ids: one.order.map((i) => request.stops[i].id),
    }));
    return { ...answer, left_out: withIds(answer.left_out, request), alternatives };
  }

  /** Leave to use a gate may be given to one stored tour alone. */
  ofTour(how = {}) {
    const query = new URLSearchParams({ ...how, ...(this.key !== null && { tour: this.key }) });
    return query.size ? `?${query}` : "";
  }

  /** Return the keys of the companies that no tour has visited. */
  async neverVisited(park, on) {
    const query = new URLSearchParams({ park, on });
    return (await this.send("GET", `/suggestions?${query}`)).never_visited;
  }

  /** Return a stored tour: `{request, title, status, version, share}`. */
  stored(key) {
    return this.send("GET", `/${encodeURIComponent(key)}/wish`);
  }

  /** Store a tour, a new one without a key: `{key, version}`. */
  async save(key, request, version) {
    const body = { wish: toService(request), title: request.title };
    if (key === null) return this.write("POST", "", body);
    return { key, ...(await this.write("PUT", `/${encodeURIComponent(key)}`, body, version)) };
  }

  /** Do something with a stored tour: `copy`, `share`; as it was seen last: `publish`, `withdraw`. */
  act(key, verb, version) {
    return this.write("POST", `/${encodeURIComponent(key)}/${verb}`, {}, version);
  }

  /** Delete a stored tour for good, as it was seen last. */
  remove(key, version) {
    return this.write("DELETE", `/${encodeURIComponent(key)}`, undefined, version);
  }

  /** Make the share link lead nowhere. */
  unshare(key) {
    return this.write("DELETE", `/${encodeURIComponent(key)}/share`);
  }

  /** Change something, of the version that was seen; whose session has ended signs in first, in place. */
  async write(method, path, body, version = null) {
    if (this.account) this.token = await tokenOf(this.account);
    if (!this.token) throw new Unavailable(t("Nothing was sent: please sign in first."));
    return this.send(method, path, body, undefined, version);
  }

  async send(method, path, body, signal, version = null) {
    const headers = { Accept: "application/json" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (this.token && method !== "GET") headers["X-CSRFToken"] = this.token;
    if (version !== null) headers["If-Match"] = `"${version}"`;
    const options = { method, headers, signal, body: body && JSON.stringify(body) };
    const response = await fetchFrom(this.tours + path, options);
    return response.status === 204 ? null : json(response, REFUSALS);
  }
}

const REFUSALS = { 400: Refused, 404: Gone, 409: Stale, 422: Refused, 503: Busy };

function withIds(rows, request) {
  return rows.map((row) => ({ ...row, id: request.stops[row.stop].id }));
}
