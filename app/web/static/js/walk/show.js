/** What the page shows of a state: the next stop, the list, the map. All text goes in as text. */
import { first, h, svg } from "#page/dom";
import { clockAt, dayOf, t } from "#page/i18n";
import { bearingDeg, distanceM, onMap } from "#walk/bearing";
import { marksOf, nextKind, shiftOf, stateOf } from "#walk/progress";
import { lateness, measured, planned } from "#walk/texts";

// More letters than fit on three lines in large type.
const LONG_NAME = 48;
const find = (name) => first(document, `[data-show="${name}"]`);

/** Show where the walk is: all that changes with a step. */
export function showState(plan, events) {
  const state = stateOf(events, plan.goals.length);
  const goal = plan.goals[state.step];
  setText("kicker", kicker(state, goal));
  setText("number", goal.position ? String(goal.position) : "•");
  setText("name", goal.name);
  find("name").parentElement.classList.toggle("is-long", goal.name.length > LONG_NAME);
  setText(
    "note",
    [goal.note, goal.is_approximate ? t("The location is only approximate.") : null]
      .filter(Boolean)
      .join(" · "),
  );
  showTurns(state, goal);
  showButtons(state, events);
  showMarks(plan, events);
  showOnMap(state, goal);
}

/** Show what changes with the clock and the position. */
export function showMoment(plan, events, now, late, place) {
  const state = stateOf(events, plan.goals.length);
  const goal = plan.goals[state.step];
  showLateness(lateness(late));
  setText("times", times(plan, events, state, goal, now));
  showWay(state, goal, place);
  showPlace(plan, place);
}

function kicker(state, goal) {
  if (state.phase === "done") return t("End of the tour");
  if (state.phase === "here") return t("You are here");
  if (goal.is_return) return t("Back to the start");
  if (goal.position === 0) return t("Meeting point");
  return state.step === 0 ? t("Start of the tour") : t("Next stop");
}

function setText(name, text) {
  const element = find(name);
  if (element.textContent !== text) element.textContent = text;
  element.hidden = text === "";
}

function showTurns(state, goal) {
  const leg = state.phase === "walk" ? goal.leg : null;
  const lines = leg ? [...leg.turns.map((turn) => turn.text), ...leg.notes] : [];
  find("turns").replaceChildren(...lines.map((line) => h("li", line)));
  find("turns-box").hidden = lines.length === 0;
}

function showButtons(state, events) {
  const kind = nextKind(state);
  const button = find("step");
  button.hidden = kind === null;
  button.textContent = kind === "leave" ? t("Continue") : t("Arrived");
  find("back").toggleAttribute("disabled", events.length === 0);
}

function showMarks(plan, events) {
  marksOf(plan, events).forEach((mark, step) => {
    const row = first(document, `[data-goal="${step}"]`);
    row.dataset.mark = mark;
    if (mark === "now") row.setAttribute("aria-current", "step");
    else row.removeAttribute("aria-current");
    row.querySelector("[data-done]").textContent = mark === "done" ? t("done") : "";
  });
}

function showOnMap(state, goal) {
  for (const sign of document.querySelectorAll(".walk-map .stop")) {
    if (!(sign instanceof SVGElement)) continue;
    const isNow = sign.dataset.stop.split(" ").includes(String(goal.position));
    sign.classList.toggle("is-now", isNow && state.phase !== "done");
  }
}

function showLateness(late) {
  const pill = find("late");
  pill.hidden = late === null;
  pill.textContent = late?.text ?? "";
  pill.dataset.kind = late?.kind ?? "";
}

function times(plan, events, state, goal, now) {
  const shift = shiftOf(plan, events);
  const at = (instant) => clockAt(Date.parse(instant) + shift);
  const rehearsed = shift ? ` · ${t("rehearsal, timed from the first step")}` : "";
  if (state.phase === "done") return t("Arrived at {time}", { time: clockAt(state.since) }) + rehearsed;
  if (state.phase === "here") {
    const next =
      state.step === 0 && goal.stay_min === 0 ? "" : t("here until {time}", { time: at(goal.departs_at) });
    return next + rehearsed;
  }
  if (state.since === null) return begins(plan, now);
  return t("planned for {time}", { time: at(goal.arrives_at) }) + rehearsed;
}

function begins(plan, now) {
  const at = Date.parse(plan.starts_at);
  const left = Math.round((at - now) / 60_000);
  if (left > 0 && left < 180) return t("begins at {time}, in {left} min", { time: clockAt(at), left });
  return t("begins at {time} on {day}", { time: clockAt(at), day: dayOf(at) });
}

function showWay(state, goal, place) {
  const arrow = find("arrow");
  const isWalking = state.phase === "walk";
  const degrees = isWalking ? wayDeg(goal, place) : null;
  arrow.hidden = degrees === null;
  if (degrees !== null) arrow.style.setProperty("--turn", `${degrees - (place?.headingDeg ?? 0)}deg`);
  setText("way", isWalking ? wayWords(goal, place) : "");
}

function wayDeg(goal, place) {
  return place ? bearingDeg(place, goal) : (goal.leg?.heading_deg ?? null);
}

function wayWords(goal, place) {
  return place
    ? measured(distanceM(place, goal), bearingDeg(place, goal), place.accuracyM)
    : planned(goal.leg);
}

function showPlace(plan, place) {
  const drawing = document.querySelector(".walk-map");
  let dot = drawing.querySelector(".own-place");
  if (!place) {
    dot?.remove();
    return;
  }
  if (!dot) {
    dot = svg("circle", { class: "own-place", r: 2.4 });
    drawing.append(dot);
  }
  const { x, y } = onMap(plan.to_map, place);
  dot.setAttribute("cx", x.toFixed(2));
  dot.setAttribute("cy", y.toFixed(2));
}
