import assert from "node:assert/strict";
import { test } from "node:test";
import { webAddress } from "#page/dom";
import { buildModel, middle } from "#map/model";
import { byRelation, measure } from "#neighbors/neighbor_list";
import { settle } from "#map/sheet";
import { matching } from "#page/search";

const feature = (properties, geometry) => ({ properties, geometry });
const point = (x, y) => ({ type: "Point", coordinates: [x, y] });
const square = {
  type: "Polygon",
  coordinates: [
    [
      [0, 0],
      [4, 0],
      [4, 2],
      [0, 2],
      [0, 0],
    ],
  ],
};
const of = (...features) => ({ features });
const company = (key, firm, plot, more = {}) =>
  feature({ key, company: firm, name: firm.toUpperCase(), plot, park: "p1", ...more }, point(1, 1));

const data = {
  parks: of(feature({ key: "p1", name: "Park I" }, square)),
  plots: of(
    feature({ key: "A", park: "p1", use_status: "occupied" }, square),
    feature({ key: "B", park: "p1", use_status: "vacant" }, square),
  ),
  companies: of(
    company("x-1", "x", "A"),
    company("x-2", "x", null, { street: "Wolfsacker" }),
    company("y-1", "y", "A", { sector_group: "retail" }),
  ),
  facilities: of(feature({ key: "t", name: "T", kind: "truck_parking" }, square)),
  tours: of(feature({ key: "r", title: "R", toured_on: "2024-04-24" }, null)),
  "tour-stops": of(
    feature({ tour: "r", position: 2, name: "b" }, point(2, 2)),
    feature({ tour: "r", position: 1, name: "a" }, point(1, 1)),
    feature({ tour: "q", position: 1, name: "c" }, point(1, 1)),
  ),
  "tour-legs": of(
    feature({ tour: "r", position: 1, part: 2 }, null),
    feature({ tour: "r", position: 1, part: 1 }, null),
  ),
};
const model = buildModel(data, (kind, value) => `${kind} ${value}`);

test("a company is one record with all its places, a plot knows its companies", () => {
  assert.deepEqual(
    model.companies.map(({ key, places }) => [key, places.length]),
    [
      ["x", 2],
      ["y", 1],
    ],
  );
  assert.deepEqual(
    model.find({ kind: "plot", key: "A" }).firms.map(({ key }) => key),
    ["x", "y"],
  );
  assert.deepEqual(model.find({ kind: "plot", key: "B" }).firms, []);
  assert.equal(model.find({ kind: "plot", key: "C" }), null);
  assert.equal(model.find(null), null);
});

test("companies are found by name, street, plot, sector and park", () => {
  const found = (query) => matching(model.companies, query).map(({ key }) => key);
  assert.deepEqual(found("wolfsacker"), ["x"]);
  assert.deepEqual(found("sectors retail"), ["y"]);
  assert.deepEqual(found("A"), ["x", "y"]);
  assert.deepEqual(found("park i"), ["x", "y"]);
});

test("a tour has its own stops and legs, in order", () => {
  const [tour] = model.tours;
  assert.deepEqual(
    tour.stops.map(({ name }) => name),
    ["a", "b"],
  );
  assert.deepEqual(
    tour.legs.map(({ properties }) => properties.part),
    [1, 2],
  );
});

test("the middle of a shape is its centroid, of several the largest one's", () => {
  assert.deepEqual(middle(square), [2, 1]);
  const small = [
    [
      [9, 9],
      [9.1, 9],
      [9.1, 9.1],
      [9, 9],
    ],
  ];
  assert.deepEqual(middle({ type: "MultiPolygon", coordinates: [small, square.coordinates] }), [2, 1]);
  assert.deepEqual(middle(point(3, 4)), [3, 4]);
});

test("neighbors stand by the strength of their relation, with the length that matters", () => {
  const neighbors = [
    { relation: "across", gap_m: 12.2, shared_m: null },
    { relation: "edge", gap_m: 0, shared_m: 48.2 },
    { relation: "same_plot", gap_m: null, shared_m: null },
  ];
  assert.deepEqual(
    byRelation(neighbors).map(([relation]) => relation),
    ["same_plot", "edge", "across"],
  );
  assert.deepEqual(neighbors.map(measure), ["12\u00a0m", "48\u00a0m", ""]);
});

test("only web addresses become links", () => {
  assert.equal(webAddress("https://example.org/a?b"), "https://example.org/a?b");
  for (const text of [
    "javascript:alert(1)",
    " JavaScript:alert(1)",
    "data:text/html,x",
    "//example.org",
    "example.org",
    "",
    null,
    "https://",
  ])
    assert.equal(webAddress(text), null, String(text));
});

test("the sheet settles at the nearest height; a flick carries it one further", () => {
  const tops = { peek: 720, half: 440, full: 80 };
  assert.deepEqual(
    [700, 430, 300, 100].map((top) => settle(top, 0, tops)),
    ["peek", "half", "half", "full"],
  );
  assert.equal(settle(430, 1, tops), "half");
  assert.equal(settle(450, 1, tops), "peek");
  assert.equal(settle(430, -1, tops), "full");
  assert.equal(settle(800, 2, tops), "peek");
});
