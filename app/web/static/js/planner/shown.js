/**
 * What of a wish and its plan is shown where: one order and one numbering for the table, the map and the strip.
 */
import { placeOf, toService } from "#planner/wish";

/**
 * Return what a plan depends on, as a text to compare; null when there is nothing to plan.
 *
 * Notes and titles change no plan.
 */
export function toBePlanned(wish) {
  if (!wish.stops.length) return null;
  const told = toService(wish);
  return JSON.stringify({ ...told, stops: told.stops.map(({ note: _, name: __, ...stop }) => stop) });
}

/** Return a text by which a wish is told from the one stored. */
export function fingerprint(wish) {
  return JSON.stringify([wish.title, toService(wish)]);
}

/**
 * Return the ids of the stops in the order shown: the wish's own where it is kept, else as walked, the others behind.
 *
 * @param {any} wish
 * @param {{visits: {id: string}[]}|null} answer
 * @returns {string[]}
 */
export function shownOrder(wish, answer) {
  const ids = wish.stops.map((stop) => stop.id);
  if (wish.is_order_kept || !answer) return ids;
  const walked = answer.visits.map((visit) => visit.id).filter((id) => ids.includes(id));
  return [...walked, ...ids.filter((id) => !walked.includes(id))];
}

/** Return what the table shows of a plan, by the stops' ids. */
export function tablePlan({ answer, explanation }) {
  const leftOut = new Set((answer?.left_out ?? []).map((one) => one.id));
  const told = explanation?.left_out ?? answer?.left_out ?? [];
  return {
    visits: new Map((answer?.visits ?? []).map((visit) => [visit.id, visit])),
    leftOut,
    reasons: new Map(told.filter((one) => leftOut.has(one.id)).map((one) => [one.id, one.reasons])),
  };
}

/**
 * Return the stops as the map shows them; what is visited lies where the plan says.
 *
 * @param {any} wish
 * @param {any} answer
 * @param {(stop: any) => [number, number]|null} placeOfStop latitude, longitude of what is not in the plan
 */
export function stopsOnMap(wish, answer, placeOfStop) {
  const visits = new Map((answer?.visits ?? []).map((visit) => [visit.id, visit]));
  return wish.stops
    .map((stop) => {
      const visit = visits.get(stop.id);
      const at = visit ? [visit.lat, visit.lon] : placeOfStop(stop);
      return { id: stop.id, name: stop.name, place: placeOf(stop), position: visit?.position ?? null, at };
    })
    .filter((stop) => stop.at);
}
