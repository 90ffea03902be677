import assert from "node:assert/strict";
import { test } from "node:test";
import { LOOKS, letterAt, lookOf, withLooks } from "#tours/tour_looks";

const tours = (...days) => days.map((toured_on, n) => ({ key: `t${n}`, toured_on }));

test("walks get letters and looks by their days, in the order given", () => {
  const found = withLooks(tours("2026-05-01", "2024-04-24", "2025-01-01"));
  assert.deepEqual(
    found.map(({ key, letter, look }) => [key, letter, look]),
    [
      ["t0", "C", 2],
      ["t1", "A", 0],
      ["t2", "B", 1],
    ],
  );
});

test("a later walk changes no other's look", () => {
  const before = withLooks(tours("2024-04-24", "2025-01-01"));
  const after = withLooks(tours("2024-04-24", "2025-01-01", "2026-05-01"));
  assert.deepEqual(after.slice(0, 2), before);
});

test("one walk alone has no letter, and what has no look has the first", () => {
  assert.equal(withLooks(tours("2024-04-24"))[0].letter, null);
  assert.deepEqual(withLooks([]), []);
  assert.equal(lookOf({}), "tour-look-0");
});

test("looks come round again, letters go on", () => {
  const many = withLooks(
    tours(...Array.from({ length: 28 }, (_, n) => `2026-01-${String(n + 1).padStart(2, "0")}`)),
  );
  assert.equal(many[LOOKS].look, 0);
  assert.deepEqual([letterAt(25), letterAt(26), many[27].letter], ["Z", "AA", "AB"]);
});
