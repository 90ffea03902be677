/** The strip of a plan, in pixels: a row a stop, its windows behind, its visit and waiting before them. */
import { numberOf } from "#planner/plan/texts";
import { minutesOf, overMidnight, spanOf } from "#planner/stops/clock";
import { finished } from "#planner/tour_request";

export const ROW_PX = 24;
export const HEAD_PX = 20;
const STEPS_MIN = [5, 10, 15, 30, 60, 120, 180];
const LEAST_TICK_PX = 56;

/**
 * Lay out a plan.
 * @param {{visits: any[], left_out: any[], starts_at: string, ends_at: string}|null} plan visits carry the `id` of
 *   their stop
 * @param {any} request
 * @param {{width: number, nameWidth: number}} size pixels; names stand left of the time
 * @returns {{height: number, width: number, ticks: {x: number, minute: number}[], ends: {x: number, kind: string}[],
 *   rows: any[], walks: {x1: number, y1: number, x2: number, y2: number}[]}}
 */
export function stripLayout(plan, request, { width, nameWidth }) {
  const visits = plan?.visits ?? [];
  const [from, to] = span(visits, request);
  const scale = (width - nameWidth) / (to - from);
  const x = (minute) => nameWidth + (minute - from) * scale;
  const rows = rowsOf(visits, request).map((row, i) => ({
    ...row,
    ...bars(row, x, request),
    y: HEAD_PX + i * ROW_PX,
  }));
  const gone = rows.filter((row) => row.visit);
  return {
    width,
    height: HEAD_PX + rows.length * ROW_PX + 4,
    ticks: ticks(from, to, scale).map((minute) => ({ minute, x: x(minute) })),
    ends: [
      ["earliest", request.earliest],
      ["latest", request.latest],
    ]
      .filter(([, time]) => time)
      .map(([kind, time]) => ({ kind, x: x(overMidnight(minutesOf(request.earliest), minutesOf(time))) })),
    rows,
    walks: gone
      .slice(1)
      .map((row, i) => ({
        x1: x(minutesOf(gone[i].planned.departs_at)),
        y1: gone[i].y + ROW_PX / 2,
        x2: x(minutesOf(row.planned.arrives_at)),
        y2: row.y + ROW_PX / 2,
      })),
  };
}

/** Return the first and last minute shown, whole ticks of ten minutes. */
export function span(visits, request) {
  const windows = request.stops.flatMap((stop) =>
    finished(stop.windows).flatMap((one) => spanOf(one, request)),
  );
  const planned = visits.flatMap((visit) => [visit.arrives_at, visit.departs_at]).map(minutesOf);
  const [start, end] = [minutesOf(request.earliest), request.latest && minutesOf(request.latest)];
  const shown = [start, ...(request.latest ? [overMidnight(start, end)] : []), ...windows, ...planned];
  const from = Math.floor(Math.min(...shown) / 10) * 10;
  return [from, Math.max(Math.ceil(Math.max(...shown) / 10) * 10, from + 30)];
}

/** Stops in the order walked, then the others in theirs. */
function rowsOf(visits, request) {
  const byId = new Map(request.stops.map((stop) => [stop.id, stop]));
  const gone = visits.filter((visit) => byId.has(visit.id));
  const ids = new Set(gone.map((visit) => visit.id));
  return [
    ...gone.map((visit) => ({
      id: visit.id,
      stop: byId.get(visit.id),
      planned: visit,
      number: numberOf(visit),
    })),
    ...request.stops
      .filter((stop) => !ids.has(stop.id))
      .map((stop) => ({ id: stop.id, stop, planned: null, number: null })),
  ];
}

function bars({ stop, planned }, x, request) {
  const between = (from, until) => ({ x: x(from), w: x(until) - x(from) });
  const bar = (opens, closes) => between(minutesOf(opens), minutesOf(closes));
  const windows = finished(stop.windows)
    .map((window) => spanOf(window, request))
    .filter(([from, until]) => from <= until)
    .map(([from, until]) => between(from, until));
  if (!planned) return { windows, visit: null, wait: null };
  const wait = planned.arrives_at < planned.begins_at ? bar(planned.arrives_at, planned.begins_at) : null;
  return { windows, wait, visit: bar(planned.begins_at, planned.ends_at) };
}

/** Return the whole minutes to be written above, far enough from one another. */
function ticks(from, to, scale) {
  const step = STEPS_MIN.find((one) => one * scale >= LEAST_TICK_PX) ?? 240;
  const first = Math.ceil(from / step) * step;
  return Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, i) => first + i * step);
}
