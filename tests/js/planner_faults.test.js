import assert from "node:assert/strict";
import { test } from "node:test";
import { scrollSpeed } from "#planner/stops/edge_scroll";
import { hasFault, hoursFault, pauseFault, windowFault } from "#planner/stops/faults";
import { emptyRequest, withChange, withStop } from "#planner/tour_request";

const EMPTY = emptyRequest({ park: "p", on: "2026-05-04" });

test("a window must last as long as the visit; one that is not finished is no fault yet", () => {
  assert.match(windowFault(["14:30", "14:00"], 0), /ends before it begins/);
  assert.match(windowFault(["14:00", "14:19"], 20), /shorter than the visit/);
  for (const right of [
    ["14:00", "14:20"],
    ["14:00", ""],
    ["", "14:00"],
    ["", ""],
  ])
    assert.equal(windowFault(right, 20), "");
  assert.equal(windowFault(["14:00", "14:00"], 0), "");
});

test("the tour and its pause go forward in time", () => {
  assert.equal(hoursFault(EMPTY), "");
  assert.equal(hoursFault({ ...EMPTY, latest: "13:00" }), "");
  assert.notEqual(hoursFault({ ...EMPTY, latest: "12:59" }), "");
  assert.equal(pauseFault(EMPTY), "");
  assert.equal(pauseFault({ pause: { minutes: 5, earliest: "14:00", latest: "14:00" } }), "");
  assert.notEqual(pauseFault({ pause: { minutes: 5, earliest: "14:00", latest: "13:00" } }), "");
});

test("one fault anywhere is a fault of the wish", () => {
  const request = withStop(EMPTY, { company: "a", name: "A" });
  assert.equal(hasFault(request), false);
  assert.equal(
    hasFault(
      withChange(request, "s1", {
        windows: [
          ["13:00", "14:00"],
          ["15:00", "14:00"],
        ],
      }),
    ),
    true,
  );
  assert.equal(hasFault(withChange(request, "s1", { windows: [["13:00", "14:00"]], dwell_min: 61 })), true);
  assert.equal(hasFault({ ...request, latest: "12:00" }), true);
  assert.equal(hasFault({ ...request, pause: { minutes: 5, earliest: "14:00", latest: "13:00" } }), true);
});

test("near an edge it scrolls, the faster the nearer, and never in the middle", () => {
  const frame = { top: 100, bottom: 700 };
  assert.equal(scrollSpeed(400, frame), 0);
  const speeds = [150, 120, 100, 20].map((y) => scrollSpeed(y, frame));
  assert.deepEqual(
    speeds,
    speeds.toSorted((a, b) => b - a),
  );
  assert.ok(speeds[0] < 0);
  assert.equal(speeds[2], speeds[3]);
  for (const y of [100, 130, 156, 690]) assert.equal(scrollSpeed(y, frame) + scrollSpeed(800 - y, frame), 0);
  assert.equal(scrollSpeed(105, { top: 100, bottom: 110 }), 0);
});
