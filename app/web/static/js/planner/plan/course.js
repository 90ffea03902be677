/**
 * The course of the tour: visits and the walks between them, with directions folded away.
 */
import { h } from "#page/dom";
import { clock, t, timeOfDay, tn } from "#page/i18n";
import { legWords, numberOf, visitWords } from "#planner/plan/texts";

/**
 * Make the course of a plan.
 *
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
  return h("ol", { class: "timetable" }, ...rows.filter(Boolean), isBack && backRow(plan, places[0]));
}

function visitRow(visit, isFirst, isLast) {
  const looks = ["stop", isFirst && "is-first", isLast && "is-last"].filter(Boolean).join(" ");
  return h(
    "li",
    { class: looks },
    h("div", { class: "when" }, h("time", { datetime: timeOfDay(visit.arrives_at), text: clock(visit.arrives_at) })),
    h("div", { class: "rail" }, h("span", { class: "number", text: String(numberOf(visit)) })),
    h(
      "div",
      { class: "what" },
      h("h3", { lang: "de", text: visit.name }),
      h("p", { class: "quiet", text: visit.position !== null ? visitWords(visit) : t("Meeting point") }),
      visit.note && h("p", { class: "quiet", text: visit.note }),
    ),
  );
}

function legRow(leg, actions) {
  const notes = leg.notes.map((text) => h("span", { class: "hint", text }));
  return h(
    "li",
    { class: "leg" },
    h("div", { class: "when" }),
    h("div", { class: "rail" }),
    h(
      "div",
      { class: "what" },
      h("p", { class: "leg-words" }, legWords(leg), ...notes),
      leg.directions.length > 0 && directionsOf(leg.directions, actions),
    ),
  );
}

function directionsOf(directions, actions) {
  const steps = directions.map(({ text, lon, lat }) =>
    h("li", { text, on: { pointerenter: () => actions.point([lat, lon]), pointerleave: () => actions.point(null) } }),
  );
  return h(
    "details",
    { class: "directions" },
    h("summary", { text: tn(directions.length, "{n} direction", "{n} directions") }),
    h("ol", {}, ...steps),
  );
}

function backRow(plan, start) {
  return h(
    "li",
    { class: "stop is-last" },
    h("div", { class: "when" }, h("time", { datetime: timeOfDay(plan.ends_at), text: clock(plan.ends_at) })),
    h("div", { class: "rail" }, h("span", { class: "number", text: String(numberOf(start)) })),
    h("div", { class: "what" }, h("h3", { lang: "de", text: start.name }), h("p", { class: "quiet", text: t("Back at the start") })),
  );
}
