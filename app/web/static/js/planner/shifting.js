/** Shifting a whole tour in time: its start, its end, every window and the pause. */
import { t, tn } from "#page/i18n";
import { LAST_MIN, minutesOf, overMidnight, spanOf, written } from "#planner/stops/clock";

const DAY_MIN = 24 * 60;

/**
 * Return the request with all its times moved, null where one would leave the tour's day and the night after.
 * @param {import("#planner/tour_request").TourRequest} request without a fault
 * @param {number} by minutes, negative for earlier
 * @returns {import("#planner/tour_request").TourRequest|null}
 */
export function shifted(request, by) {
  const start = minutesOf(request.earliest) + by;
  const end =
    request.latest === null
      ? null
      : overMidnight(minutesOf(request.earliest), minutesOf(request.latest)) + by;
  const spans = [
    ...request.stops.flatMap((stop) => stop.windows.filter(isWhole).map((window) => spanOf(window, request))),
    ...(request.pause ? [spanOf([request.pause.earliest, request.pause.latest], request)] : []),
  ].flat();
  const isOutside = [end ?? start, ...spans.map((minute) => minute + by)].some(
    (minute) => minute < 0 || minute > LAST_MIN,
  );
  if (isOutside || start < 0 || start >= DAY_MIN) return null;
  const hours = { earliest: written(start), latest: end === null ? null : shortest([start, end])[1] };
  const moved = (window) =>
    isWhole(window)
      ? fitting(
          spanOf(window, request).map((minute) => minute + by),
          hours,
        )
      : window;
  const pause = request.pause && moved([request.pause.earliest, request.pause.latest]);
  return {
    ...request,
    ...hours,
    pause: pause && { ...request.pause, earliest: pause[0], latest: pause[1] },
    stops: request.stops.map((stop) => ({ ...stop, windows: stop.windows.map(moved) })),
  };
}

const isWhole = ([opens, closes]) => Boolean(opens && closes);

/** Return hours as people write them, `02:00` in the night after, where they are read as meant; else `26:00`. */
function fitting(span, tour) {
  const short = span.map((minute) => written(minute % DAY_MIN));
  return String(spanOf(short, tour)) === String(span) ? short : span.map(written);
}

function shortest([from, until]) {
  const short = written(until % DAY_MIN);
  return [written(from), overMidnight(from, minutesOf(short)) === until ? short : written(until)];
}

/** Say what was moved. */
export function shiftWords(request, by) {
  const n = request.stops.reduce((sum, stop) => sum + stop.windows.filter(isWhole).length, 0);
  const parts = [
    request.meeting ? t("meeting point") : t("start"),
    request.latest !== null && t("end"),
    n > 0 && tn(n, "{n} time window", "{n} time windows"),
    request.pause && t("pause"),
  ].filter(Boolean);
  const values = { parts: parts.join(", ") };
  return by < 0
    ? tn(-by, "{n} minute earlier: {parts}.", "{n} minutes earlier: {parts}.", values)
    : tn(by, "{n} minute later: {parts}.", "{n} minutes later: {parts}.", values);
}
