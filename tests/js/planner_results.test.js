import assert from "node:assert/strict";
import { test } from "node:test";
import { Results } from "#planner/plan/results";

test("the course is drawn anew where it changed, not when reasons come: opened directions stay open", (t) => {
  globalThis.document = { createElement: () => ({ append() {}, setAttribute() {}, addEventListener() {} }) };
  t.after(() => delete globalThis.document);
  const replaceChildren = t.mock.fn();
  const results = Object.assign(Object.create(Results.prototype), {
    places: { course: { replaceChildren } },
  });
  const draw = (plan) => {
    results.drawCourse(plan);
    return replaceChildren.mock.callCount();
  };
  const leg = { length_m: 48, walk_min: 1, notes: [], directions: [{ text: "right", lon: 10.7, lat: 52.4 }] };
  const visit = (name) => ({ name, position: 0, arrives_at: "14:00", begins_at: "14:00", ends_at: "14:10" });
  const plan = { visits: [visit("A"), visit("B")], legs: [leg], ends_at: "14:20", is_proved: false };
  assert.equal(draw(plan), 1);
  assert.equal(draw({ ...structuredClone(plan), is_proved: true, left_out: [{ reasons: ["late"] }] }), 1);
  assert.equal(draw({ ...plan, legs: [{ ...leg, length_m: 50 }] }), 2);
  assert.equal(draw(null), 3);
  assert.equal(draw(null), 3);
  assert.equal(draw(plan), 4);
});
