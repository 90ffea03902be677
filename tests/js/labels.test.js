import assert from "node:assert/strict";
import { test } from "node:test";
import { fitted, isWhole, waysAround, wholeFirst } from "#labels/label_layer";
import { boxesAlong, overlap, placeLabels } from "#labels/placing";
import { chains, placesAlong } from "#labels/street_names";

let seed = 3;
const next = (n) => (seed = (seed * 48271) % 2147483647) % n;
const box = () => ({ x: next(400) - 50, y: next(300) - 50, w: 10 + next(90), h: 8 + next(20) });

test("no two labels touch, and none touches an obstacle", () => {
  for (let round = 0; round < 60; round += 1) {
    const obstacles = Array.from({ length: 8 }, box);
    const candidates = Array.from({ length: 60 }, () => ({
      priority: next(5),
      choices: Array.from({ length: 1 + next(3) }, () => Array.from({ length: 1 + next(2) }, box)),
    }));
    const placed = placeLabels(candidates, obstacles).map(
      ({ candidate, choice }) => candidate.choices[choice],
    );
    placed.forEach((boxes, index) => {
      const others = [...obstacles, ...placed.slice(0, index).flat()];
      assert.ok(boxes.every((one) => others.every((other) => !overlap(one, other))));
    });
  }
});

test("what is left out had no room beside what is more important", () => {
  const candidates = Array.from({ length: 80 }, (_, id) => ({ id, priority: next(4), choices: [[box()]] }));
  const placed = placeLabels(candidates);
  const chosen = new Set(placed.map(({ candidate }) => candidate.id));
  for (const left of candidates.filter(({ id }) => !chosen.has(id))) {
    const rivals = placed.filter(({ candidate }) => candidate.priority >= left.priority);
    assert.ok(rivals.some(({ candidate }) => overlap(candidate.choices[0][0], left.choices[0][0])));
  }
});

test("boxes along a turned text cover its whole length", () => {
  for (const angle of [0, 0.4, -1.2, Math.PI / 2]) {
    const boxes = boxesAlong({ x: 5, y: 7 }, angle, 100, 14);
    for (let along = -50; along <= 50; along += 1) {
      const [x, y] = [5 + Math.cos(angle) * along, 7 + Math.sin(angle) * along];
      assert.ok(
        boxes.some(
          (one) =>
            x >= one.x - 1e-9 && x <= one.x + one.w + 1e-9 && y >= one.y - 1e-9 && y <= one.y + one.h + 1e-9,
        ),
      );
    }
  }
});

test("pieces of a street become one line, whichever way each runs", () => {
  const lines = [
    [
      [0, 0],
      [1, 0],
    ],
    [
      [2, 1],
      [1, 0],
    ],
    [
      [2, 1],
      [3, 3],
    ],
    [
      [9, 9],
      [8, 8],
    ],
  ];
  const joined = chains(lines).map((line) => (line[0][0] < line.at(-1)[0] ? line : line.toReversed()));
  joined.sort((a, b) => a[0][0] - b[0][0]);
  assert.deepEqual(joined, [
    [
      [0, 0],
      [1, 0],
      [2, 1],
      [3, 3],
    ],
    [
      [8, 8],
      [9, 9],
    ],
  ]);
});

test("a name stands on a straight stretch, readable from left to right, apart from its like", () => {
  const line = [
    { x: 1000, y: 0 },
    { x: 500, y: 0 },
    { x: 480, y: 30 },
    { x: 500, y: 60 },
    { x: 480, y: 90 },
    { x: 500, y: 120 },
  ];
  const places = placesAlong(line, 100, 200);
  assert.ok(places.length >= 2);
  for (const place of places) {
    assert.ok(Math.abs(place.angle) <= Math.PI / 2 + 1e-9);
    assert.ok(place.y < 1 && place.x >= 550 && place.x <= 950);
  }
  places.forEach((a, i) =>
    places.slice(0, i).forEach((b) => assert.ok(Math.hypot(a.x - b.x, a.y - b.y) >= 200)),
  );
  assert.deepEqual(placesAlong(line.slice(0, 1).concat({ x: 990, y: 0 }), 100), []);
});

test("a name lies where the edge of the map cuts nothing off, if it can", () => {
  const ways = [
    { x: 90, y: 0 },
    { x: 20, y: 0 },
    { x: 60, y: 9 },
    { x: -5, y: 3 },
  ];
  assert.deepEqual(
    wholeFirst(ways, 40, { left: 0, right: 100 }).map(({ x }) => x),
    [20, 60, 90, -5],
  );
});

test("the name of a street is written where all of it is seen, however it is turned", () => {
  const frame = { left: 0, top: 0, right: 100, bottom: 50 };
  const at = (x, y, angle) => isWhole({ x, y, angle }, 40, frame);
  assert.deepEqual([at(50, 25, 0), at(15, 25, 0), at(90, 25, 0)], [true, false, false]);
  assert.deepEqual([at(5, 25, Math.PI / 2), at(50, 10, -Math.PI / 2)], [true, false]);
});

test("a text that is too wide ends in “…”, with as much of it as fits", () => {
  // Pairs of surrogates are one character, and as wide as one.
  const widthOf = (text) => 7 * [...text].length;
  assert.equal(fitted("Gewerbepark", 77, widthOf), "Gewerbepark");
  assert.equal(fitted("Gewerbepark", 76, widthOf), "Gewerbepa…");
  assert.equal(fitted("Am Rand der Stadt", 7 * 9, widthOf), "Am Rand…");
  assert.equal(fitted("🏭🏭🏭🏭", 7 * 3, widthOf), "🏭🏭…");
  assert.equal(fitted("Gewerbepark", 3, widthOf), "…");
  const long = "Gewerbepark mit einem sehr langen Namen an der Landesgrenze, Bauabschnitt Nordost IV";
  for (let width = 7; width < widthOf(long); width += 5) {
    const shown = fitted(long, width, widthOf);
    const beginning = shown.slice(0, -1);
    assert.ok(widthOf(shown) <= width && shown.endsWith("…") && long.startsWith(beginning));
    assert.ok(widthOf(`${long.slice(0, beginning.length + 1)}…`) > width || long[beginning.length] === " ");
  }
});

test("what stands above or below a place is moved into the frame", () => {
  const frame = { left: 0, top: 0, right: 100, bottom: 60 };
  const above = (x, y, width) => waysAround({ x, y }, width, 10, { above: true }, frame)[0];
  assert.deepEqual(
    [above(50, 40, 30), above(5, 40, 30), above(95, 40, 30), above(120, 40, 100), above(50, -8, 30)],
    [
      { x: 35, y: 30 },
      { x: 0, y: 30 },
      { x: 70, y: 30 },
      { x: 0, y: 30 },
      { x: 35, y: 5 },
    ],
  );
  assert.deepEqual(waysAround({ x: 50, y: 40 }, 30, 10, { above: true }, frame)[1], { x: 35, y: 50 });
  const beside = (x, width) => waysAround({ x, y: 30 }, width, 10, { radius: 7 }, frame);
  assert.deepEqual(beside(30, 80), [
    { x: 40, y: 30 },
    { x: -60, y: 30 },
    { x: 0, y: 45 },
    { x: 0, y: 15 },
  ]);
  assert.deepEqual(wholeFirst(beside(30, 80), 80, frame)[0], { x: 0, y: 45 });
});

test("a centred text stays on its place unless it takes most of the frame", () => {
  const frame = { left: 0, top: 0, right: 100, bottom: 60 };
  const centred = (x, width) => waysAround({ x, y: 30 }, width, 10, {}, frame)[0].x;
  assert.deepEqual([centred(50, 30), centred(5, 30), centred(5, 60), centred(95, 100)], [35, -10, 0, 0]);
});
