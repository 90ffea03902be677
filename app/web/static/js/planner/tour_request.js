/**
 * What is wished of a tour: a value that is never changed, only replaced.
 *
 * Stops are told by an id of their own, so that a plan, the table and the map speak of the same stop
 * however they are ordered; the service is told their places in the list.
 */

/** So many stops the service takes. */
export const MOST_STOPS = 64;
const DWELL_MIN = 15;

/**
 * @typedef {{id: string, company?: string, facility?: string, lon?: number, lat?: number, name: string,
 *   dwell_min: number, windows: [string, string][], is_optional: boolean, value: number,
 *   position: number|null, note: string|null}} Stop
 *   `position` counts from 0; `windows` may hold unfinished ones, with an empty text for a time not yet given
 * @typedef {{title: string, park: string, on: string, earliest: string, latest: string|null, objective: string,
 *   stops: Stop[], first: string|null, last: string|null, is_round: boolean, orders: [string, string][],
 *   is_order_kept: boolean, group_size: number, is_step_free: boolean, max_walk_m: number|null,
 *   pause: {minutes: number, earliest: string, latest: string}|null,
 *   meeting: {company?: string, facility?: string, lon?: number, lat?: number, name: string}|null, next: number}} TourRequest
 *   at `meeting` people meet at `earliest` sharp; it is no visit
 */

/**
 * Return a request without stops.
 * @param {{park: string, on: string}} start
 * @returns {TourRequest}
 */
export function emptyRequest({ park, on }) {
  return {
    title: "",
    park,
    on,
    earliest: "13:00",
    latest: null,
    objective: "walking",
    stops: [],
    first: null,
    last: null,
    is_round: false,
    orders: [],
    is_order_kept: false,
    group_size: 10,
    is_step_free: false,
    max_walk_m: null,
    pause: null,
    meeting: null,
    next: 1,
  };
}

/** Return what names a place: `company:key`, `facility:key`, or its coordinates. */
export function placeOf(stop) {
  if (stop.company) return `company:${stop.company}`;
  if (stop.facility) return `facility:${stop.facility}`;
  return `point:${stop.lon},${stop.lat}`;
}

/**
 * Add a place unless it is among the stops, or there are as many as can be.
 * @param {TourRequest} request
 * @param {{company?: string, facility?: string, name: string, lon?: number, lat?: number}} place
 * @param {Partial<Stop>} [more] other than usual
 * @returns {TourRequest} the same when nothing was added
 */
export function withStop(request, place, more = {}) {
  const isThere = request.stops.some((stop) => placeOf(stop) === placeOf(place));
  if (isThere || request.stops.length >= MOST_STOPS) return request;
  const stop = {
    dwell_min: DWELL_MIN,
    windows: [],
    is_optional: false,
    value: 1,
    position: null,
    note: null,
    ...more,
    ...place,
    id: `s${request.next}`,
  };
  return { ...request, stops: [...request.stops, stop], next: request.next + 1 };
}

/** Return the request without a stop and without what was said of it. */
export function withoutStop(request, id) {
  return {
    ...request,
    stops: request.stops.filter((stop) => stop.id !== id),
    first: request.first === id ? null : request.first,
    last: request.last === id ? null : request.last,
    orders: request.orders.filter((pair) => !pair.includes(id)),
  };
}

/** Return the request with a stop changed. */
export function withChange(request, id, change) {
  return { ...request, stops: request.stops.map((stop) => (stop.id === id ? { ...stop, ...change } : stop)) };
}

/** Return the request with a stop made the first or last one, or no longer; a round has no other last one. */
export function withEnd(request, end, id) {
  const other = end === "first" ? "last" : "first";
  return {
    ...request,
    [end]: id,
    [other]: id !== null && request[other] === id ? null : request[other],
    is_round: end === "last" && id !== null ? false : request.is_round,
  };
}

/**
 * Return the request with its stops in an order that is kept from now on.
 *
 * Stops not named follow behind. A place held by number, and a first or last stop, would now
 * contradict the order where they differ, so they follow it.
 */
export function withOrder(request, ids) {
  const rank = new Map(ids.map((id, i) => [id, i]));
  const stops = [...request.stops].sort(
    (a, b) => (rank.get(a.id) ?? Infinity) - (rank.get(b.id) ?? Infinity) || 0,
  );
  return {
    ...request,
    is_order_kept: true,
    orders: [],
    stops: stops.map((stop, i) => (stop.position === null ? stop : { ...stop, position: i })),
    first: request.first && stops[0].id,
    last: request.last && stops.at(-1).id,
  };
}

/** Return ids with one of them moved to another place in the list. */
export function moved(ids, id, to) {
  const others = ids.filter((one) => one !== id);
  const at = Math.min(Math.max(to, 0), others.length);
  return [...others.slice(0, at), id, ...others.slice(at)];
}

/** Return the windows of a stop that are finished. */
export function finished(windows) {
  return windows.filter(([opens, closes]) => opens && closes);
}

/**
 * Return the request as the service is told it.
 * @param {TourRequest} request
 * @returns {object}
 */
export function toService(request) {
  const { title: _, next: __, is_order_kept: isKept, ...sent } = request;
  const at = (id) => {
    const index = request.stops.findIndex((stop) => stop.id === id);
    return index < 0 ? null : index;
  };
  const chain = request.stops.slice(1).map((_stop, i) => [i, i + 1]);
  return {
    ...sent,
    stops: request.stops.map(stopToService),
    first: at(request.first),
    last: at(request.last),
    meeting: request.meeting && placeToService(request.meeting),
    orders: isKept ? chain : request.orders.map((pair) => pair.map(at)),
  };
}

/** @param {Stop} stop */
function stopToService({ id: _, name, lon, lat, ...stop }) {
  const place = stop.company || stop.facility ? {} : { name, lon, lat };
  return { ...stop, ...place, windows: finished(stop.windows) };
}

/** @param {Partial<Stop>} place */
function placeToService({ company, facility, name, lon, lat }) {
  if (company) return { company };
  return facility ? { facility } : { name, lon, lat };
}

/** Return the request with a stop made the place where people meet, and no visit any more. */
export function withMeeting(request, id) {
  const { company, facility, name, lon, lat } = request.stops.find((stop) => stop.id === id);
  const place = company ? { company, name } : facility ? { facility, name } : { name, lon, lat };
  return { ...withoutStop(request, id), meeting: place };
}

/**
 * Return the request that the service stored.
 * @param {any} stored as from `toService`
 * @param {string} title
 * @param {(place: object) => string} nameOf the name of a company or facility
 * @returns {TourRequest}
 */
export function fromService(stored, title, nameOf) {
  const { park, on } = stored;
  const stops = stored.stops.map((stop, i) => ({
    dwell_min: DWELL_MIN,
    windows: [],
    is_optional: false,
    value: 1,
    position: null,
    note: null,
    ...stop,
    name: stop.name ?? nameOf(stop),
    id: `s${i + 1}`,
  }));
  const id = (index) => stops[index]?.id ?? null;
  const orders = stored.orders ?? [];
  const isKept =
    stops.length > 1 &&
    orders.length === stops.length - 1 &&
    orders.every(([a, b], i) => a === i && b === i + 1);
  return {
    ...emptyRequest({ park, on }),
    ...stored,
    title,
    stops,
    first: id(stored.first),
    last: id(stored.last),
    meeting: stored.meeting
      ? { ...stored.meeting, name: stored.meeting.name ?? nameOf(stored.meeting) }
      : null,
    is_order_kept: isKept,
    orders: isKept ? [] : orders.map((pair) => pair.map(id)),
    next: stops.length + 1,
  };
}
