// Every change of a request: what it makes of it, what is said, and that it can be taken back.
import assert from "node:assert/strict";
import test from "node:test";

import { idOf } from "#map/model";
import { Editor } from "#planner/editor";
import { MOST_STOPS, emptyRequest } from "#planner/tour_request";

const place = (key, park) => ({ key, park });
const ALPHA = {
  kind: "company",
  key: "alpha",
  name: "Alpha",
  places: [place("alpha@1", "hk1"), place("alpha@2", "hk2")],
};
const BETA = { kind: "company", key: "beta", name: "Beta", places: [place("beta@1", "hk2")] };
const PARKING = { kind: "facility", key: "trucks", name: "Trucks", park: "hk1" };
const RECORDS = [ALPHA, BETA, PARKING];

function made() {
  const said = [];
  const page = {
    changed: () => {},
    say: (sentence) => said.push(sentence),
    find: (sel) => RECORDS.find((record) => idOf(record) === idOf(sel)) ?? null,
    recordOf: ({ company, facility }) =>
      RECORDS.find(
        ({ key, places }) => key === (company ?? facility) || places?.some((one) => one.key === company),
      ) ?? null,
    neverVisited: async () => ["beta", "alpha"],
    shown: () => editor.request.stops.map(({ id }) => id).reverse(),
  };
  const editor = new Editor(emptyRequest({ park: "hk1", on: "2026-05-04" }), page);
  return { editor, said, names: () => editor.request.stops.map(({ name }) => name) };
}

test("a firm is one stop, by whichever of its keys it comes", () => {
  const { editor, said, names } = made();
  editor.addRecord(ALPHA);
  editor.add({ company: "alpha", name: "Alpha" });
  editor.addNamed("company:alpha");
  assert.deepEqual(names(), ["Alpha"]);
  assert.equal(editor.request.stops[0].company, "alpha@1");
  assert.deepEqual(said, [
    "Alpha added.",
    "Alpha is already among the stops.",
    "Alpha is already among the stops.",
  ]);
});

test("the first stop says which park the tour is in", () => {
  const { editor } = made();
  editor.addRecord(BETA);
  editor.addRecord(PARKING);
  assert.equal(editor.request.park, "hk2");
});

test("what a link names wrongly is said, and nothing changes", () => {
  const { editor, said, names } = made();
  for (const text of ["company:nobody", "plot:HK1-001", "alpha"]) editor.addNamed(text);
  assert.deepEqual(names(), []);
  assert.equal(new Set(said).size, 1);
});

test("more stops than can be planned are refused", () => {
  const { editor, said } = made();
  for (let i = 0; i <= MOST_STOPS; i += 1) editor.addPoint(10.7 + i / 1000, 52.4);
  assert.equal(editor.request.stops.length, MOST_STOPS);
  assert.match(said.at(-1), new RegExp(`at most ${MOST_STOPS} stops`));
});

test("all that were never visited come in one step, optional, and go in one", async () => {
  const { editor, said, names } = made();
  await editor.addNeverVisited();
  assert.deepEqual(names(), ["Beta", "Alpha"]);
  assert.ok(editor.request.stops.every((stop) => stop.is_optional));
  assert.equal(editor.request.objective, "value");
  assert.equal(said.at(-1), "2 companies added.");
  editor.step("undo");
  assert.deepEqual([names(), editor.request.objective, said.at(-1)], [[], "walking", "Undone."]);
  editor.step("redo");
  assert.deepEqual([names(), said.at(-1)], [["Beta", "Alpha"], "Redone."]);
});

test("an order made by hand is kept, and said to be the first time only", () => {
  const { editor, said, names } = made();
  for (const record of RECORDS) editor.addRecord(record);
  const [a, b, c] = editor.request.stops.map(({ id }) => id);
  editor.reorder([c, a, b], c);
  assert.deepEqual([names(), editor.request.is_order_kept], [["Trucks", "Alpha", "Beta"], true]);
  assert.equal(said.at(-1), "Trucks is now no. 1. The order is kept from now on.");
  editor.reorder([a, c, b], c);
  assert.equal(said.at(-1), "Trucks is now no. 2.");
  editor.keepOrder(false);
  assert.equal(editor.request.is_order_kept, false);
  editor.keepOrder(true);
  assert.deepEqual(names(), ["Beta", "Trucks", "Alpha"]);
});

test("another tour is taken over with its stops alone, none of them optional", () => {
  const { editor, names } = made();
  for (const record of RECORDS) editor.addRecord(record);
  const [a, , c] = editor.request.stops.map(({ id }) => id);
  editor.go({
    ...editor.request,
    stops: editor.request.stops.map((stop) => ({ ...stop, is_optional: true })),
  });
  editor.take({ ids: [c, a] });
  assert.deepEqual(names(), ["Trucks", "Alpha"]);
  assert.ok(editor.request.stops.every((stop) => !stop.is_optional));
});

test("a stop becomes the meeting point, and is no visit any more", () => {
  const { editor, names } = made();
  for (const record of [ALPHA, PARKING]) editor.addRecord(record);
  editor.meetAt(editor.request.stops[1].id);
  assert.deepEqual([names(), editor.request.meeting], [["Alpha"], { facility: "trucks", name: "Trucks" }]);
  editor.meetAtRecord(null);
  assert.equal(editor.request.meeting, null);
});

test("times move together, and not out of the tour's day", () => {
  const { editor, said } = made();
  editor.set({ earliest: "13:00", latest: "15:00" });
  editor.shift(-30);
  assert.deepEqual([editor.request.earliest, editor.request.latest], ["12:30", "14:30"]);
  editor.shift(-13 * 60);
  assert.deepEqual([editor.request.earliest, said.length], ["12:30", 2]);
});
