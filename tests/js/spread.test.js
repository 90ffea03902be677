import assert from "node:assert/strict";
import { test } from "node:test";
import { spread } from "#map/spread";

let seed = 5;
const next = (n) => (seed = (seed * 48271) % 2147483647) % n;

function nearest(points) {
  let least = Infinity;
  points.forEach((a, i) =>
    points.slice(0, i).forEach((b) => (least = Math.min(least, Math.hypot(a.x - b.x, a.y - b.y)))),
  );
  return least;
}

test("signs at one very place all come to lie side by side, near it", () => {
  for (const n of [2, 3, 5, 9]) {
    const points = spread(
      Array.from({ length: n }, () => ({ x: 100, y: 50 })),
      28,
    );
    assert.ok(nearest(points) > 26, `${n}: ${nearest(points)}`);
    assert.ok(points.every(({ x, y }) => Math.hypot(x - 100, y - 50) < 28 * Math.sqrt(n) + 14));
  }
});

test("signs with room around them stay where they are", () => {
  const anchors = Array.from({ length: 30 }, (_, i) => ({ x: (i % 6) * 60, y: Math.floor(i / 6) * 60 }));
  assert.deepEqual(spread(anchors, 28), anchors);
});

test("crowds thin out until nearly nothing is covered; the same crowd always the same way", () => {
  for (let round = 0; round < 20; round += 1) {
    const anchors = Array.from({ length: 45 }, () => ({ x: next(500), y: next(300) }));
    const points = spread(anchors, 24);
    assert.ok(nearest(points) > 24 * 0.75, String(nearest(points)));
    assert.deepEqual(spread(anchors, 24), points);
  }
});

test("nothing to spread is nothing", () => {
  assert.deepEqual(spread([], 28), []);
});
