/**
 * What of a request and its plan is shown where: one order and one numbering for the table, the map and the strip.
 */
import { t } from "#page/i18n";
import { idOf } from "#map/model";
import { toService } from "#planner/tour_request";

/** What the place where people meet is called among the stops on the map. */
export const MEETING = "meeting";

/**
 * Return what a plan depends on, as a text to compare; null when there is nothing to plan.
 *
 * Notes and titles change no plan.
 */
export function toBePlanned(request) {
  if (!request.stops.length) return null;
  const state = toService(request);
  return JSON.stringify({ ...state, stops: state.stops.map(({ note: _, name: __, ...stop }) => stop) });
}

/** Return a text by which a request is told from the one stored. */
export function fingerprint(request) {
  return JSON.stringify([request.title, toService(request)], inOneOrder);
}

/** The database gives members back in an order of its own. */
function inOneOrder(_name, value) {
  if (!value || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Return the ids of the stops in the order shown: the request's own where it is kept, else as walked, the others behind.
 * @param {any} request
 * @param {{visits: {id: string}[]}|null} answer
 * @returns {string[]}
 */
export function shownOrder(request, answer) {
  const ids = request.stops.map((stop) => stop.id);
  if (request.is_order_kept || !answer) return ids;
  const walked = answer.visits.map((visit) => visit.id).filter((id) => ids.includes(id));
  return [...walked, ...ids.filter((id) => !walked.includes(id))];
}

/** Return what the table shows of a plan, by the stops' ids. */
export function tablePlan(state) {
  const { answer, explanation } = state;
  const leftOut = new Set((answer?.left_out ?? []).map((one) => one.id));
  const reasons = (explanation?.left_out ?? answer?.left_out ?? []).filter((one) => leftOut.has(one.id));
  return {
    visits: new Map((answer?.visits ?? []).map((visit) => [visit.id, visit])),
    leftOut,
    reasons: new Map(reasons.map((one) => [one.id, one.reasons.length ? one.reasons : withoutReason(state)])),
  };
}

/** Say of a stop that is left out why no reason stands there. */
function withoutReason({ explanation, isExplaining }) {
  if (isExplaining) return [t("Finding out what would make room for this stop …")];
  return explanation ? [t("What would make room for this stop could not be found out in time.")] : [];
}

/**
 * Return the stops as the map shows them; what is visited lies where the plan says.
 * @param {any} request
 * @param {any} answer
 * @param {(stop: any) => any} recordOf the company or facility of a stop, null for a point
 */
export function stopsOnMap(request, answer, recordOf) {
  const met = request.meeting && { ...request.meeting, id: MEETING };
  const visits = new Map((answer?.visits ?? []).map((visit) => [visit.id, visit]));
  if (met && answer?.meeting) visits.set(MEETING, answer.meeting);
  return [...request.stops, ...(met ? [met] : [])]
    .map((stop) => {
      const visit = visits.get(stop.id);
      const record = recordOf(stop);
      const at = visit ? [visit.lat, visit.lon] : placeOnMap(stop, record);
      return {
        id: stop.id,
        name: stop.name,
        record: record && idOf(record),
        position: stop.id === MEETING ? 0 : visit ? visit.position + 1 : null,
        at,
      };
    })
    .filter((stop) => stop.at);
}

function placeOnMap({ lat, lon, company }, record) {
  if (!record) return lat === undefined ? null : [lat, lon];
  const place = record.places?.find(({ key }) => key === company) ?? record.places?.[0];
  return place?.at ?? record.at;
}
