import assert from "node:assert/strict";
import { test } from "node:test";
import { publicTexts } from "#planner/questions";
import { shiftWords, shifted } from "#planner/shifting";
import { emptyRequest, fromService, toService, withMeeting, withStop } from "#planner/tour_request";

const EMPTY = emptyRequest({ park: "p", on: "2026-05-04" });
const A = { company: "a", name: "A" };
const POINT = { name: "Gate", lon: 10.7, lat: 52.3 };
const WISH = {
  ...withStop(
    withStop(EMPTY, A, {
      windows: [
        ["14:00", "14:30"],
        ["16:00", ""],
      ],
    }),
    POINT,
  ),
  latest: "17:00",
  pause: { minutes: 10, earliest: "15:00", latest: "15:30" },
};

test("a whole tour is moved with its windows, and back again", () => {
  const later = shifted(WISH, 45);
  assert.deepEqual([later.earliest, later.latest], ["13:45", "17:45"]);
  assert.deepEqual(later.stops[0].windows, [
    ["14:45", "15:15"],
    ["16:00", ""],
  ]);
  assert.deepEqual(later.pause, { minutes: 10, earliest: "15:45", latest: "16:15" });
  assert.deepEqual(shifted(later, -45), WISH);
});

test("into the night and back: hours are written as people write them", () => {
  const night = shifted(WISH, 9 * 60);
  assert.deepEqual([night.earliest, night.latest], ["22:00", "02:00"]);
  assert.deepEqual(night.stops[0].windows[0], ["23:00", "23:30"]);
  assert.deepEqual([night.pause.earliest, night.pause.latest], ["00:00", "00:30"]);
  assert.deepEqual(shifted(night, -9 * 60), WISH);
});

test("nothing leaves the tour's day and the night after", () => {
  assert.equal(shifted(WISH, -14 * 60), null);
  assert.equal(shifted(WISH, 11 * 60), null);
  assert.notEqual(shifted(WISH, -13 * 60), null);
});

test("what was moved is said", () => {
  assert.equal(shiftWords(WISH, 45), "45 minutes later: start, end, 1 time window, pause.");
  assert.equal(shiftWords({ ...EMPTY, meeting: A }, -5), "5 minutes earlier: meeting point.");
});

test("where people meet is no visit, and comes back from the service", () => {
  const met = withMeeting(WISH, "s2");
  assert.deepEqual(
    met.stops.map(({ name }) => name),
    ["A"],
  );
  assert.deepEqual(toService(met).meeting, POINT);
  assert.deepEqual(fromService(toService(met), "", () => "A").meeting, POINT);
  const atFirm = withMeeting(WISH, "s1");
  assert.deepEqual(toService(atFirm).meeting, { company: "a" });
  assert.deepEqual(fromService(toService(atFirm), "", () => "A").meeting, A);
  assert.equal(toService(WISH).meeting, null);
});

test("every typed text is shown before it is public", () => {
  const request = {
    ...WISH,
    title: "Walk",
    stops: WISH.stops.map((stop) => ({ ...stop, note: `ask at ${stop.name}` })),
  };
  assert.deepEqual(
    publicTexts({ ...request, meeting: POINT }, "Bring boots").map(([, text]) => text),
    ["Walk", "Bring boots", "Gate", "ask at A", "Gate", "ask at Gate"],
  );
  assert.deepEqual(
    publicTexts(EMPTY).map(([, text]) => text),
    [""],
  );
});
