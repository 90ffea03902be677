import assert from "node:assert/strict";
import { test } from "node:test";
import { axisOf } from "#cards/axis";
import { differences, inWords } from "#map/differences";
import { buildModel } from "#map/model";
import { nearest, otherDays, othersOn } from "#map/other_days";
import { Player } from "#map/player";
import { heldOn, holdsOn, isUncertain, knownFrom } from "#page/periods";
import { matching } from "#page/search";

const TODAY = "2026-12-01";
const at = { type: "Point", coordinates: [10.8, 52.4] };
const square = {
  type: "Polygon",
  coordinates: [
    [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 0],
    ],
  ],
};
const row = (properties, geometry = at) => ({ properties, geometry });
const occupancy = (key, company, name, plot, from, to, more = {}) =>
  row({ key, company, name, plot, park: "p", valid_from: from, valid_to: to, ...more });
const plot = (key, use, from, to) =>
  row({ key, park: "p", use_status: use, area_m2: 100, valid_from: from, valid_to: to }, square);

const parks = [row({ key: "p", name: "Park" }, square)];
const history = {
  parks,
  companies: [
    occupancy("real-1", "real", "real", "A", null, "2021-07-25", { as_of: "2021-11" }),
    occupancy("kaufland-1", "kaufland", "Kaufland", "A", "2021-11-18", null),
    occupancy("hornbach-1", "hornbach", "HORNBACH", "B", null, null, { as_of: "2026-05" }),
    occupancy("old-1", "firm", "Alt GmbH", "C", "2010-01-01", "2020-01-01"),
    occupancy("old-1", "firm", "Neu GmbH", "C", "2020-01-01", null),
    occupancy("next-1", "next", "Kommt AG", "C", "2027-03-01", null),
  ],
  facilities: [
    row({ key: "t", kind: "truck_parking", name: "Lkw-Stellplatz", plot: "D", valid_from: "2023-09-26" }),
  ],
  plots: [
    plot("A", "occupied", null, null),
    plot("B", "occupied", null, null),
    plot("C", "unknown", null, "2010-01-01"),
    plot("C", "occupied", "2010-01-01", null),
    plot("D", "facility", null, null),
  ],
};

function modelOn(on) {
  const none = { features: [] };
  const names = ["parks", "companies", "facilities", "plots"];
  const data = Object.fromEntries(names.map((name) => [name, { features: heldOn(history[name], on) }]));
  return buildModel(
    { ...data, tours: none, "tour-stops": none, "tour-legs": none },
    (_, value) => value,
    (one) => isUncertain(one, on, TODAY),
  );
}

test("a period holds from its first day up to, not including, its end", () => {
  const period = { valid_from: "2020-01-01", valid_to: "2020-01-02" };
  assert.deepEqual(
    ["2019-12-31", "2020-01-01", "2020-01-02"].map((on) => holdsOn(period, on)),
    [false, true, false],
  );
  assert.ok(holdsOn({}, "1900-01-01"));
});

test("the first day known is the own one, else that of the source's state, at the latest the last one", () => {
  assert.equal(knownFrom({ valid_from: "2013-01-01", as_of: "2012" }), "2013-01-01");
  assert.equal(knownFrom({ as_of: "2026-05" }), "2026-05-01");
  assert.equal(knownFrom({ as_of: "2019" }), "2019-01-01");
  assert.equal(knownFrom({ as_of: "2019-03-04" }), "2019-03-04");
  assert.equal(knownFrom({ as_of: "2018-02", valid_to: "2017-01-01" }), "2016-12-31");
  assert.equal(knownFrom({ as_of: "spring" }), null);
  assert.equal(knownFrom({}), null);
});

test("before the first day known nobody knows, from it on everybody does", () => {
  const of = (one, on) => isUncertain(one, on, TODAY);
  assert.ok(of({ as_of: "2026-05" }, "2026-04-30"));
  assert.ok(!of({ as_of: "2026-05" }, "2026-05-01"));
  assert.ok(of({}, "2026-11-30"));
  assert.ok(!of({}, TODAY));
  assert.ok(!of({ valid_from: "2027-01-01" }, "1900-01-01"));
});

test("firms of which it is not known are told apart, and plots that only they use", () => {
  const before = modelOn("1900-01-01");
  assert.deepEqual(
    before.companies.map(({ name, isUncertain: is }) => [name, is]),
    [
      ["HORNBACH", true],
      ["real", true],
    ],
  );
  const unsure = (model) => model.plots.filter((one) => one.isUncertain).map(({ key }) => key);
  assert.deepEqual(unsure(before), ["A", "B"]);
  assert.deepEqual(unsure(modelOn("2022-01-01")), ["B"]);
  assert.deepEqual(unsure(modelOn(TODAY)), []);
});

test("what differs between two days is named, in both directions", () => {
  const words = (from, to) => inWords(differences(modelOn(from), modelOn(to)), (use) => use);
  assert.equal(words("2021-07-24", "2021-11-18"), "+ Kaufland, – real");
  assert.equal(words("2021-11-18", "2021-07-24"), "+ real, – Kaufland");
  assert.equal(words("2019-12-31", "2020-01-01"), "Alt GmbH → Neu GmbH");
  // The plot was occupied because the firm came: that is one change.
  assert.equal(words("2009-12-31", "2010-01-01"), "+ Alt GmbH");
  assert.equal(words("2023-09-25", "2023-09-26"), "+ Lkw-Stellplatz");
  assert.equal(words("2024-01-01", "2024-01-02"), "");
});

test("a long list of changes ends in their number", () => {
  const came = Array.from({ length: 8 }, (_, n) => ({ kind: "facility", name: `F${n}` }));
  assert.equal(inWords({ came, gone: [], changed: [] }, String), "+ F0, + F1, + F2, + F3, + F4, 3 more");
});

test("the search finds what is gone, what comes, and former names, each with its day", () => {
  const others = otherDays(history, parks, TODAY, (_, value) => value);
  const found = (q) => matching(others, q).map(({ kind, key, otherDay }) => [kind, key, otherDay]);
  assert.deepEqual(found("real"), [["company", "real", { on: "2021-07-24", isLater: false }]]);
  assert.deepEqual(found("alt gmbh"), [["company", "firm", { on: "2019-12-31", isLater: false }]]);
  assert.deepEqual(found("kommt"), [["company", "next", { on: "2027-03-01", isLater: true }]]);
  assert.deepEqual(found("kaufland"), []);
  const then = otherDays(history, parks, "2000-01-01", (_, value) => value);
  assert.deepEqual(
    matching(then, "lkw").map(({ key, otherDay }) => [key, otherDay]),
    [["t", { on: "2023-09-26", isLater: true }]],
  );
});

test("all that is found is there on the day told, and on no day between", () => {
  const names = { companies: "company", facilities: "key", plots: "key" };
  for (let year = 2000; year < 2030; year += 1) {
    const on = `${year}-06-15`;
    for (const { kind, key, name, otherDay } of otherDays(history, parks, on, (_, value) => value)) {
      const collection = { company: "companies", facility: "facilities", plot: "plots" }[kind];
      const own = history[collection].filter(({ properties: p }) => p[names[collection]] === key);
      const there = heldOn(own, otherDay.on);
      assert.ok(there.length, `${name} on ${otherDay.on}`);
      assert.equal(otherDay.isLater, otherDay.on > on);
    }
  }
});

test("a gap leads to the last day before it", () => {
  const period = (from, to) => ({ properties: { valid_from: from, valid_to: to } });
  const rows = [period(null, "2005-01-01"), period("2008-01-01", "2010-01-01"), period("2030-01-01", null)];
  assert.deepEqual(nearest(rows, "2020-01-01"), { on: "2009-12-31", isLater: false });
  assert.deepEqual(nearest(rows.slice(2), "2020-01-01"), { on: "2030-01-01", isLater: true });
});

test("a plot's card names who was there and who comes", () => {
  const told = (plots, on) => othersOn(history, plots, on).map(({ name, on: day }) => [name, day]);
  assert.deepEqual(told(["A"], TODAY), [["real", "2021-07-24"]]);
  assert.deepEqual(told(["A"], "2021-01-01"), [["Kaufland", "2021-11-18"]]);
  assert.deepEqual(told(["C"], TODAY), [
    ["Alt GmbH", "2019-12-31"],
    ["Kommt AG", "2027-03-01"],
  ]);
});

test("days lie on the line in their order, with few years below", () => {
  const { shareOf, years } = axisOf(["2013-01-01", null, "2027-03-01"]);
  const shares = ["2013-01-01", "2021-07-24", "2027-03-01"].map(shareOf);
  assert.ok(shares[0] > 0 && shares[0] < shares[1] && shares[1] < shares[2] && shares[2] < 1);
  assert.equal(shareOf("1900-01-01"), 0);
  assert.equal(shareOf("2199-01-01"), 1);
  assert.ok(years.length >= 2 && years.length <= 7, JSON.stringify(years));
  assert.deepEqual(
    [...years].sort((a, b) => a.at - b.at),
    years,
  );
  const one = axisOf(["2026-12-01"]);
  assert.equal(one.shareOf("2026-12-01").toFixed(6), "0.500000");
  assert.ok(axisOf(["1650-01-01", "2026-12-01"]).years.length <= 7);
});

test("playing goes on after each step that is shown, until the last one or a stop", (context) => {
  globalThis.matchMedia = () => ({ matches: false });
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const [told, steps] = [[], [1, 2, 3]];
  const player = new Player(
    () => steps.shift() !== undefined,
    (isPlaying) => told.push(isPlaying),
  );
  player.toggle();
  assert.deepEqual([told, steps], [[true], [2, 3]]);
  context.mock.timers.tick(60_000);
  assert.deepEqual(steps, [2, 3], "nothing goes on before the step is shown");
  player.shown();
  context.mock.timers.tick(60_000);
  assert.deepEqual(steps, [3]);
  player.toggle();
  player.shown();
  context.mock.timers.tick(60_000);
  assert.deepEqual([told, steps], [[true, false], [3]]);
  player.toggle();
  player.shown();
  context.mock.timers.tick(60_000);
  assert.deepEqual(told, [true, false, true, false]);
});
