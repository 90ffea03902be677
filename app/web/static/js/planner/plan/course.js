/** The course of the tour: visits and the walks between them, with directions folded away. */
import { h } from "#page/dom";
import { clock, t, timeOfDay, tn } from "#page/i18n";
import { legWords, numberOf, visitWords } from "#planner/plan/texts";

/**
 * Make the course of a plan.
 * @param {any} plan
 * @param {{point: (at: [number, number]|null) => void}} actions show a place on the map
 * @returns {HTMLElement}
 */
export function courseOf(plan, actions) {
  const places = plan.meeting ? [plan.meeting, ...plan.visits] : plan.visits;
  const rows = places.flatMap((visit, i) => [
    visitRow(visit, i === 0, i === plan.legs.length),
    plan.legs[i] && legRow(plan.legs[i], actions),
  ]);
  const isBack = plan.legs.length === places.length && places.length > 0;
  return h("ol.timetable", ...rows.filter(Boolean), isBack && backRow(plan, places[0]));
}

function visitRow(visit, isFirst, isLast) {
  const looks = ["stop", isFirst && "is-first", isLast && "is-last"].filter(Boolean).join(" ");
  return h(
    "li",
    { class: looks },
    h("div.when", h("time", { datetime: timeOfDay(visit.arrives_at) }, clock(visit.arrives_at))),
    h("div.rail", h("span.number", String(numberOf(visit)))),
    h(
      "div.what",
      h("h3", { lang: "de" }, visit.name),
      h("p.quiet", visit.position !== null ? visitWords(visit) : t("Meeting point")),
      visit.note && h("p.quiet", visit.note),
    ),
  );
}

function legRow(leg, actions) {
  const notes = leg.notes.map((text) => h("span.hint", text));
  return h(
    "li.leg",
    h("div.when"),
    h("div.rail"),
    h(
      "div.what",
      h("p.leg-words", legWords(leg), ...notes),
      leg.directions.length > 0 && directionsOf(leg.directions, actions),
    ),
  );
}

function directionsOf(directions, actions) {
  const steps = directions.map(({ text, lon, lat }) =>
    h(
      "li",
      { on: { pointerenter: () => actions.point([lat, lon]), pointerleave: () => actions.point(null) } },
      text,
    ),
  );
  return h(
    "details.directions",
    h("summary", tn(directions.length, "{n} direction", "{n} directions")),
    h("ol", ...steps),
  );
}

function backRow(plan, start) {
  return h(
    "li.stop.is-last",
    h("div.when", h("time", { datetime: timeOfDay(plan.ends_at) }, clock(plan.ends_at))),
    h("div.rail", h("span.number", String(numberOf(start)))),
    h("div.what", h("h3", { lang: "de" }, start.name), h("p.quiet", t("Back at the start"))),
  );
}
