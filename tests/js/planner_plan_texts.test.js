import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Unavailable } from "#page/api";
import { speak } from "#page/i18n";
import { inOneDirection } from "#tours/tour_layer";
import { holds, legFeatures, partsOf } from "#planner/plan/legs";
import { HEAD_PX, ROW_PX, span, stripLayout } from "#planner/plan/strip";
import { emptyRequest, withChange, withStop } from "#planner/tour_request";
import {
  figures,
  legWords,
  longWaits,
  proofSentence,
  spokenNews,
  spokenPlan,
  visitWords,
} from "#planner/plan/texts";

beforeEach(() => speak("en", {}));

const plan = {
  status: "planned",
  is_proved: true,
  objective: "walking",
  gap: 0,
  starts_at: "13:05",
  ends_at: "14:24",
  length_m: 1427.4,
  walk_min: 24.2,
  dwell_min: 45,
  wait_min: 0,
  visits: [{}, {}, {}],
  left_out: [],
};

const out = [{ stop: 2 }];

test("proved is said only when it is", () => {
  for (const objective of ["walking", "duration", "value"]) {
    assert.match(
      proofSentence({ is_proved: true, objective, gap: 0, value_gap: 0, left_out: [] }),
      /^Proven: no order/,
    );
    assert.match(
      proofSentence({ is_proved: true, objective, gap: 0, value_gap: 0, left_out: out }),
      /^Proven: no tour visits more/,
    );
    assert.match(
      proofSentence({ is_proved: false, objective, gap: null, value_gap: 0, left_out: [] }),
      /not known/,
    );
    assert.match(
      proofSentence({ is_proved: false, objective, gap: null, value_gap: null, left_out: out }),
      /not known/,
    );
    assert.match(
      proofSentence({ is_proved: false, objective, gap: null, value_gap: 0.5, left_out: out }),
      /^Not proven: at most 50\u00a0% more/,
    );
    assert.match(
      proofSentence({ is_proved: false, objective, gap: null, value_gap: 0, left_out: out }),
      /^No tour visits more; .*not ruled out$/,
    );
  }
  for (const objective of ["walking", "duration"]) {
    const one = { is_proved: false, objective, value_gap: 0, left_out: [] };
    assert.match(proofSentence({ ...one, gap: 0.034 }), /^Not proven: at most 3\.4\u00a0% less/);
    assert.match(proofSentence({ ...one, gap: 0 }), /^Not proven: at most 0\.1/);
  }
});

test("an order by hand is not called the best, though nothing in it is better", () => {
  const at = (...positions) => ({ is_order_kept: false, stops: positions.map((position) => ({ position })) });
  const kept = { ...at(null, null), is_order_kept: true };
  for (const objective of ["walking", "duration", "value"]) {
    const proved = { is_proved: true, objective, gap: 0, value_gap: 0, left_out: [] };
    assert.match(proofSentence(proved, kept), /^Your own order/);
    assert.match(proofSentence(proved, at(1, 2)), /^Your own order/);
    assert.match(proofSentence(proved, at(null, 2)), /^Proven.*, with your fixed places$/);
    for (const free of [at(null, null), at()])
      assert.match(proofSentence(proved, free), /^Proven: no [a-z ]+$/);
  }
  assert.match(spokenPlan(plan, kept), /Your own order; others may be shorter\.$/);
});

test("that another order may visit more is said only where something is left out", () => {
  const kept = { is_order_kept: true, stops: [] };
  for (const objective of ["walking", "duration", "value"]) {
    const proved = { is_proved: true, objective, gap: 0, value_gap: 0 };
    assert.doesNotMatch(proofSentence({ ...proved, left_out: [] }, kept), /visit more/);
    assert.match(proofSentence({ ...proved, left_out: out }, kept), /others may visit more$/);
  }
});

test("a plan is told in a sentence, and that there is none", () => {
  assert.equal(
    spokenPlan(plan),
    "New plan: 3 stops, 13:05 to 14:24, 1,427\u00a0m on foot. Proven: no order is shorter.",
  );
  assert.match(spokenPlan({ ...plan, left_out: [{}] }), /1 stop is left out\.$/);
  assert.match(spokenPlan({ status: "infeasible" }), /^No tour meets/);
  assert.match(spokenPlan({ status: "unknown" }), /time allowed/);
});

test("those who listen are told of refusals and contradictions as well, and of nothing twice", () => {
  const found = { answer: plan, error: null, explanation: null, subject: null };
  assert.equal(spokenNews(found, "planned"), spokenPlan(plan));
  assert.match(
    spokenNews({ ...found, error: new Unavailable("Too far away.") }, "failed"),
    /could not be planned\. Too far away\.$/,
  );
  assert.match(
    spokenNews({ ...found, error: new TypeError("x") }, "failed"),
    /Something went wrong in the page\.$/,
  );
  assert.match(spokenNews(found, "held"), /correct the marked times/);
  const contradiction = {
    ...found,
    answer: { status: "infeasible" },
    explanation: { conflict: ["A and B."] },
  };
  assert.equal(spokenNews(contradiction, "explained"), "A and B.");
  for (const why of ["preliminary", "explaining", "explained"]) assert.equal(spokenNews(found, why), null);
  assert.equal(spokenNews({ ...found, answer: null }, "planned"), null);
});

test("waiting and pauses are told where there are any", () => {
  const visit = { begins_at: "13:10", ends_at: "13:20", wait_min: 0, pause_at: null };
  assert.equal(visitWords(visit), "13:10–13:20");
  assert.equal(
    visitWords({ ...visit, wait_min: 5, pause_at: "13:20" }),
    "13:10–13:20 · 5\u00a0min waiting · pause from 13:20",
  );
  assert.equal(figures(plan).length, 5);
  assert.deepEqual(figures({ ...plan, wait_min: 5 }).at(-1), ["Waiting", "5\u00a0min"]);
  assert.equal(legWords({ length_m: 240, off_network_m: 0.3, walk_min: 4 }), "240\u00a0m, 4\u00a0min");
  assert.match(
    legWords({ length_m: 240, off_network_m: 12, walk_min: 4 }),
    /of this 12\u00a0m off the paths$/,
  );
});

test("a leg is split where it leaves the paths, and nothing is lost", () => {
  const line = [
    [0, 0],
    [0, 1],
    [1, 1],
    [2, 1],
    [2, 2],
  ];
  const off = [
    {
      coordinates: [
        [0, 0],
        [0, 1],
      ],
    },
    {
      coordinates: [
        [2, 2],
        [2, 1],
      ],
    },
  ];
  const parts = partsOf({ geometry: { coordinates: line }, off_network: off });
  assert.deepEqual(
    parts.map(({ isOnNetwork }) => isOnNetwork),
    [false, true, false],
  );
  assert.deepEqual([parts[0].line[0], ...parts.flatMap(({ line: part }) => part.slice(1))], line);
  assert.equal(partsOf({ geometry: { coordinates: line }, off_network: [] }).length, 1);
  const features = legFeatures([{ walk_min: 7, geometry: { coordinates: line }, off_network: off }]);
  assert.equal(
    features.reduce((sum, { properties }) => sum + properties.walk_min, 0),
    7,
  );
});

test("a leg without any length is no line", () => {
  assert.deepEqual(partsOf({ geometry: { coordinates: [[1, 1]] }, off_network: [] }), []);
});

test("a place is in an area, outside of it, or in its hole", () => {
  const ring = [
    [0, 0],
    [4, 0],
    [4, 4],
    [0, 4],
    [0, 0],
  ];
  const hole = [
    [1, 1],
    [2, 1],
    [2, 2],
    [1, 2],
    [1, 1],
  ];
  const area = { type: "Polygon", coordinates: [ring, hole] };
  assert.equal(holds(area, [3, 3]), true);
  assert.equal(holds(area, [1.5, 1.5]), false);
  assert.equal(holds(area, [5, 3]), false);
  assert.equal(holds({ type: "MultiPolygon", coordinates: [[hole], [ring]] }, [3, 3]), true);
});

const request = ["a", "b", "c"].reduce((held, company) => withStop(held, { company, name: company }), {
  ...emptyRequest({ park: "p", on: "2026-05-04" }),
  latest: "15:00",
});
const windowed = withChange(request, "s2", {
  windows: [
    ["14:00", "14:30"],
    ["", "16:00"],
  ],
});
const visits = [
  { id: "s2", position: 0, arrives_at: "13:50", begins_at: "14:00", ends_at: "14:10", departs_at: "14:10" },
  { id: "s1", position: 1, arrives_at: "14:20", begins_at: "14:20", ends_at: "14:35", departs_at: "14:35" },
];

test("the strip shows stops as walked, each bar at its time", () => {
  const strip = stripLayout({ visits, left_out: [] }, windowed, { width: 700, nameWidth: 100 });
  assert.deepEqual(
    strip.rows.map((row) => [row.id, row.number, row.y]),
    [
      ["s2", 1, HEAD_PX],
      ["s1", 2, HEAD_PX + ROW_PX],
      ["s3", null, HEAD_PX + 2 * ROW_PX],
    ],
  );
  // 13:00 to 15:00 on 600 pixels: five a minute.
  const [first, second, out] = strip.rows;
  assert.deepEqual(first.windows, [{ x: 400, w: 150 }]);
  assert.deepEqual(first.wait, { x: 350, w: 50 });
  assert.deepEqual(first.visit, { x: 400, w: 50 });
  assert.equal(second.wait, null);
  assert.deepEqual([out.visit, out.wait], [null, null]);
  assert.deepEqual(
    strip.walks.map(({ x1, x2 }) => [x1, x2]),
    [[450, 500]],
  );
  assert.deepEqual(
    strip.ends.map(({ x }) => x),
    [100, 700],
  );
});

test("times above the strip are round, apart, and within it, however long the tour", () => {
  for (const latest of ["13:05", "13:40", "16:00", "20:00", "23:59"]) {
    const one = { ...request, latest };
    const [from, to] = span([], one);
    assert.ok(from <= 13 * 60 && to >= from + 30);
    const { ticks } = stripLayout(null, one, { width: 500, nameWidth: 100 });
    assert.ok(ticks.length >= 2 && ticks.length <= 8, latest);
    ticks.forEach(({ x, minute }, i) => {
      assert.ok(x >= 100 && x <= 500.001 && minute % 5 === 0, latest);
      if (i) assert.ok(x - ticks[i - 1].x >= 55.9, latest);
    });
  }
});

test("a strip without a plan shows the windows", () => {
  const strip = stripLayout(null, windowed, { width: 700, nameWidth: 100 });
  assert.equal(strip.rows.length, 3);
  assert.equal(strip.rows[1].windows.length, 1);
  assert.deepEqual(strip.walks, []);
});

test("the way to a stop off the paths and the way from it are drawn alike, and nothing else is turned", () => {
  const leg = (line, isOnNetwork) => ({
    geometry: { type: "LineString", coordinates: line },
    properties: { is_on_network: isOnNetwork },
  });
  for (const line of [
    [
      [0, 0],
      [1, 1],
    ],
    [
      [0, 0],
      [0, 1],
    ],
    [
      [1, 0],
      [0, 1],
    ],
  ]) {
    const drawn = (one, isOn) => inOneDirection(leg(one, isOn)).geometry;
    assert.deepEqual(drawn(line, false), drawn([...line].reverse(), false));
    assert.deepEqual(drawn([...line].reverse(), true).coordinates, [...line].reverse());
  }
});

test("hours of waiting for what may be left out are told", () => {
  const request = { stops: ["a", "b", "c"].map((id) => ({ id, is_optional: id !== "b" })) };
  const visits = (...waits) => waits.map(([id, wait_min]) => ({ id, name: id.toUpperCase(), wait_min }));
  const waits = (...given) => longWaits({ visits: visits(...given) }, request);
  assert.deepEqual(waits(["a", 0], ["b", 59], ["c", 10]), []);
  assert.deepEqual(waits(["b", 0], ["c", 200]), ["200\u00a0min of waiting at “C”, which may be left out."]);
  assert.deepEqual(waits(["a", 0], ["b", 90]), [
    "90\u00a0min of waiting at “B” after “A”, which may be left out.",
  ]);
  // Nobody waits for an optional stop there: without it, the others are visited at the same time.
  assert.deepEqual(waits(["b", 300], ["c", 0]), []);
  assert.deepEqual(longWaits({ visits: visits(["a", 0], ["b", 90]), meeting: {} }, request), []);
});
