/** Shifting a whole tour in time: its start, its end, every window and the pause. */
import { t, tn } from "#page/i18n";
import { LAST_MIN, minutesOf, overMidnight, spanOf, written } from "#planner/stops/clock";

const DAY_MIN = 24 * 60;

/**
 * Return the wish with all its times moved, null where one would leave the tour's day and the night after.
 *
 * @param {import("#planner/tour_request").Wish} wish without a fault
 * @param {number} by minutes, negative for earlier
 * @returns {import("#planner/tour_request").Wish|null}
 */
export function shifted(wish, by) {
  const start = minutesOf(wish.earliest) + by;
  const end = wish.latest === null ? null : overMidnight(minutesOf(wish.earliest), minutesOf(wish.latest)) + by;
  const spans = [
    ...wish.stops.flatMap((stop) => stop.windows.filter(isWhole).map((window) => spanOf(window, wish))),
    ...(wish.pause ? [spanOf([wish.pause.earliest, wish.pause.latest], wish)] : []),
  ].flat();
  const isOutside = [end ?? start, ...spans.map((minute) => minute + by)].some((minute) => minute < 0 || minute > LAST_MIN);
  if (isOutside || start < 0 || start >= DAY_MIN) return null;
  const hours = { earliest: written(start), latest: end === null ? null : shortest([start, end])[1] };
  const moved = (window) => (isWhole(window) ? fitting(spanOf(window, wish).map((minute) => minute + by), hours) : window);
  const pause = wish.pause && moved([wish.pause.earliest, wish.pause.latest]);
  return {
    ...wish,
    ...hours,
    pause: pause && { ...wish.pause, earliest: pause[0], latest: pause[1] },
    stops: wish.stops.map((stop) => ({ ...stop, windows: stop.windows.map(moved) })),
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
export function shiftWords(wish, by) {
  const n = wish.stops.reduce((sum, stop) => sum + stop.windows.filter(isWhole).length, 0);
  const parts = [
    wish.meeting ? t("meeting point") : t("start"),
    wish.latest !== null && t("end"),
    n > 0 && tn(n, "{n} time window", "{n} time windows"),
    wish.pause && t("pause"),
  ].filter(Boolean);
  const values = { parts: parts.join(", ") };
  return by < 0
    ? tn(-by, "{n} minute earlier: {parts}.", "{n} minutes earlier: {parts}.", values)
    : tn(by, "{n} minute later: {parts}.", "{n} minutes later: {parts}.", values);
}
