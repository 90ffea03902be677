/** The page for the person who walks ahead: one large button, and what to do next. */
import { all, embedded, first } from "#page/dom";
import { speak, t } from "#page/i18n";
import { keepAwake } from "#walk/awake";
import { distanceM } from "#walk/bearing";
import { keepPage } from "#walk/offline";
import { follow, walkMin } from "#walk/place";
import { advanced, lateMin, parseEvents, stateOf } from "#walk/progress";
import { showMoment, showState } from "#walk/show";

const TICK_MS = 5000;
const plan = embedded("plan");
const page = embedded("walk-page");
// A plan that was changed since begins anew.
const STORED = `walk:${plan.key}:${plan.starts_at}:${plan.version}`;

let events = [];
let place = null;
let unfollow = null;

function main() {
  speak(plan.language, embedded("messages"));
  events = parseEvents(stored(), plan.goals.length);
  on("step", () => change(advanced(events, plan.goals.length, Date.now())));
  on("back", () => change(events.slice(0, -1)));
  on("again", () => change([]));
  on("locate", toggleFollowing);
  for (const button of all(document, "[data-head]")) {
    const event = { kind: "head", step: Number(button.dataset.head) };
    button.addEventListener("click", () => change([...events, { ...event, at: Date.now() }]));
  }
  draw();
  setInterval(moment, TICK_MS);
  document.addEventListener("visibilitychange", moment);
  document.documentElement.classList.add("has-script");
  keepAwake();
  prepareOffline();
}

function on(name, act) {
  document.querySelector(`[data-show="${name}"]`).addEventListener("click", act);
}

function change(next) {
  events = next;
  try {
    localStorage.setItem(STORED, JSON.stringify(events));
  } catch {
    // A device that keeps nothing still shows the way.
  }
  draw();
  document.querySelector('[data-show="kicker"]').scrollIntoView({ block: "nearest" });
}

function stored() {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null;
  }
}

function draw() {
  showState(plan, events);
  moment();
}

function moment() {
  const now = Date.now();
  const state = stateOf(events, plan.goals.length);
  const leftMin = place && state.phase === "walk" ? walkMin(distanceM(place, plan.goals[state.step])) : null;
  showMoment(plan, events, now, lateMin(plan, events, now, leftMin), place);
}

function toggleFollowing() {
  const button = document.querySelector('[data-show="locate"]');
  if (unfollow) {
    unfollow();
    [unfollow, place] = [null, null];
    say("");
    moment();
  } else {
    say(t("Looking for your position …"));
    unfollow = follow(found, failed);
  }
  button.setAttribute("aria-pressed", String(unfollow !== null));
}

function found(here) {
  place = here;
  say("");
  moment();
}

function failed(reason) {
  say(
    reason === "denied"
      ? t("Access to the position is not allowed; the plan shows the way.")
      : t("No position at the moment; the plan shows the way."),
  );
  place = null;
  moment();
}

function say(text) {
  document.querySelector('[data-show="said"]').textContent = text;
}

async function prepareOffline() {
  const isKept = await keepPage(page);
  const sign = first(document, '[data-show="offline"]');
  sign.textContent = isKept ? t("works without a network") : t("needs a network");
  sign.dataset.kept = String(isKept);
}

main();
