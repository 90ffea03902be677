import assert from "node:assert/strict";
import { test } from "node:test";
import { clockAt, dayOf, speak } from "#page/i18n";
import { bearingDeg, distanceM, onMap, wind, WINDS } from "#walk/bearing";
import { advanced, isFar, lateMin, marksOf, parseEvents, shiftOf, stateOf } from "#walk/progress";
import { lateness, measured, planned } from "#walk/texts";

const MINUTE = 60_000;
const START = Date.parse("2024-04-24T14:00:00+02:00");
const iso = (minutes) => new Date(START + minutes * MINUTE).toISOString();
const goal = (arrives, begins, departs, walk = null) => ({
  position: 1,
  arrives_at: iso(arrives),
  begins_at: iso(begins),
  ends_at: iso(departs),
  departs_at: iso(departs),
  leg: walk === null ? null : { walk_min: walk, length_m: walk * 60, heading_deg: 45, turns: [], notes: [] },
});
/** Ten minutes at A; five to B, five of waiting and ten there; five to C, ten there. */
const plan = {
  starts_at: iso(0),
  ends_at: iso(45),
  goals: [goal(0, 0, 10), goal(15, 20, 30, 5), goal(35, 35, 45, 5)],
};
const happened = (...list) =>
  list.map(([kind, step, minutes]) => ({ kind, step, at: START + minutes * MINUTE }));
const late = (events, minutes, left = null) => lateMin(plan, events, START + minutes * MINUTE, left);

test("one button leads from the first stop to the last", () => {
  let events = [];
  const phases = [];
  for (let n = 0; n < 7; n += 1) {
    const { step, phase } = stateOf(events, 3);
    phases.push(`${phase} ${step}`);
    events = advanced(events, 3, START + n * MINUTE);
  }
  assert.deepEqual(phases, ["walk 0", "here 0", "walk 1", "here 1", "walk 2", "done 2", "done 2"]);
  assert.equal(events.length, 5);
  assert.deepEqual(marksOf(plan, events), ["done", "done", "done"]);
  assert.deepEqual(marksOf(plan, events.slice(0, 2)), ["done", "now", "ahead"]);
});

test("one may go to any stop next, and take it back", () => {
  const events = happened(["arrive", 0, 0], ["head", 2, 5]);
  assert.deepEqual(stateOf(events, 3), { step: 2, phase: "walk", since: START + 5 * MINUTE });
  assert.equal(stateOf(events.slice(0, -1), 3).phase, "here");
});

test("a walk as planned is on time at every moment", () => {
  const events = happened(
    ["arrive", 0, 0],
    ["leave", 0, 10],
    ["arrive", 1, 15],
    ["leave", 1, 30],
    ["arrive", 2, 35],
  );
  for (let n = 0; n <= events.length; n += 1) {
    const from = n === 0 ? -10 : (events[n - 1].at - START) / MINUTE;
    const until = n === events.length ? from + 30 : (events[n].at - START) / MINUTE;
    for (let minute = from; minute <= until; minute += 1)
      assert.equal(late(events.slice(0, n), minute), 0, `${n} ${minute}`);
  }
});

test("late and early are told as minutes at the next arrival or departure", () => {
  assert.equal(late([], 7), 7);
  assert.equal(late(happened(["arrive", 0, 4]), 5), 4);
  assert.equal(late(happened(["arrive", 0, 4]), 20), 10);
  assert.equal(late(happened(["arrive", 0, 0], ["leave", 0, 8]), 9), -2);
  assert.equal(late(happened(["arrive", 0, 0], ["leave", 0, 8]), 20), 5);
});

test("a host who waits begins as planned: being early there gains nothing, being late by less than the wait costs nothing", () => {
  assert.equal(late(happened(["leave", 0, 5], ["arrive", 1, 10]), 11), 0);
  assert.equal(late(happened(["leave", 0, 14], ["arrive", 1, 19]), 19), 0);
  assert.equal(late(happened(["leave", 0, 18], ["arrive", 1, 23]), 23), 3);
});

test("where the position is known, the way that is left counts", () => {
  assert.equal(late(happened(["leave", 0, 10]), 12, 5), 2);
  assert.equal(late(happened(["leave", 0, 10]), 12, 1), -2);
});

test("on another day the clock counts from the first step", () => {
  const later = 400 * 24 * 60;
  assert.equal(late([], later), null);
  assert.ok(isFar(plan, START + later * MINUTE));
  assert.equal(late(happened(["arrive", 0, later]), later + 5), 0);
  assert.equal(late(happened(["arrive", 0, later], ["leave", 0, later + 13]), later + 14), 3);
  assert.equal(shiftOf(plan, happened(["leave", 0, 12])), 0);
});

test("what a device kept is believed only where it can be true", () => {
  const events = happened(["arrive", 0, 0], ["leave", 0, 10]);
  assert.deepEqual(parseEvents(JSON.stringify(events), 3), events);
  const broken = [
    null,
    "",
    "{",
    "{}",
    '[{"kind":"fly","step":0,"at":1}]',
    '[{"kind":"arrive","step":3,"at":1}]',
    '[{"kind":"leave","step":2,"at":1}]',
    '[{"kind":"arrive","step":0.5,"at":1}]',
    '[{"kind":"arrive","step":0,"at":null}]',
    "[null]",
  ];
  for (const text of broken) assert.deepEqual(parseEvents(text, 3), [], text);
});

test("directions and distances agree with the globe", () => {
  const here = { lon: 10.75, lat: 52.37 };
  // A degree of latitude is 111.2 km on a sphere of the earth's mean radius.
  assert.ok(Math.abs(distanceM(here, { lon: 10.75, lat: 52.371 }) - 111.2) < 0.1);
  assert.ok(
    Math.abs(distanceM(here, { lon: 10.751, lat: 52.37 }) - 111.2 * Math.cos((52.37 * Math.PI) / 180)) < 0.1,
  );
  WINDS.forEach((name, n) => {
    const turn = (n * Math.PI) / 4;
    const there = {
      lon: here.lon + (Math.sin(turn) * 0.001) / Math.cos((52.37 * Math.PI) / 180),
      lat: here.lat + Math.cos(turn) * 0.001,
    };
    assert.equal(wind(bearingDeg(here, there)), name);
  });
  assert.equal(wind(-1), "north");
  assert.equal(wind(359.9), "north");
  assert.deepEqual(onMap([1, 2, 3, 4, 5, 6], { lon: 10, lat: 100 }), { x: 213, y: 546 });
});

test("words in the park's time and the page's language", () => {
  speak("de", {
    "{minutes} late": "{minutes} später",
    "{length} on foot, {minutes}": "{length} zu Fuß, {minutes}",
    "first {wind}": "zuerst nach {wind}",
    northeast: "Nordosten",
    min: "Min.",
  });
  assert.equal(clockAt(START), "14:00");
  assert.equal(clockAt(Date.parse("2024-12-24T14:00:00+01:00")), "14:00");
  // Half past midnight in the park, the evening before in Greenwich.
  assert.equal(dayOf(Date.parse("2024-04-23T22:30:00Z")), "Mittwoch, 24.04.2024");
  assert.deepEqual(lateness(3.4), { text: "3\u00a0Min. später", kind: "late" });
  assert.equal(lateness(0.4).kind, "on-time");
  assert.equal(lateness(-1.2).kind, "early");
  assert.equal(lateness(null), null);
  assert.equal(planned(plan.goals[1].leg), "300\u00a0m zu Fuß, 5\u00a0Min., zuerst nach Nordosten");
  assert.equal(planned(null), "");
  const far = {
    ...plan.goals[1].leg,
    length_m: 0,
    is_reachable: false,
    heading_deg: null,
    notes: ["Not reachable"],
  };
  assert.equal(planned(far), "Not reachable");
  assert.equal(measured(10, 0, 30), "You are there.");
  assert.match(measured(233, 0, 10), /235/);
});
