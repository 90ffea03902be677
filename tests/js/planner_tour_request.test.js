import assert from "node:assert/strict";
import { test } from "node:test";
import { fingerprint, shownOrder, stopsOnMap, tablePlan, toBePlanned } from "#planner/plan/shown";
import {
  MOST_STOPS,
  emptyRequest,
  fromService,
  moved,
  toService,
  withChange,
  withEnd,
  withOrder,
  withStop,
  withoutStop,
} from "#planner/tour_request";

const START = { park: "p", on: "2026-05-04" };
const wishOf = (...names) =>
  names.reduce(
    (request, name) => withStop(request, { company: name, name: name.toUpperCase() }),
    emptyRequest(START),
  );
const names = (request) => request.stops.map((stop) => stop.company);

test("a place is a stop once, and there are no more than can be", () => {
  const request = wishOf("a", "b");
  assert.equal(withStop(request, { company: "a", name: "A" }), request);
  assert.notEqual(withStop(request, { facility: "a", name: "A" }), request);
  const full = wishOf(...Array.from({ length: MOST_STOPS + 7 }, (_, i) => `c${i}`));
  assert.equal(full.stops.length, MOST_STOPS);
  assert.equal(new Set(full.stops.map((stop) => stop.id)).size, MOST_STOPS);
});

test("an id is never given twice, also after removing", () => {
  const request = withStop(withoutStop(wishOf("a", "b"), "s2"), { company: "c", name: "C" });
  assert.deepEqual(
    request.stops.map((stop) => stop.id),
    ["s1", "s3"],
  );
});

test("removing a stop forgets all that was said of it", () => {
  const request = {
    ...wishOf("a", "b", "c"),
    first: "s1",
    last: "s3",
    orders: [
      ["s1", "s2"],
      ["s2", "s3"],
    ],
  };
  const left = withoutStop(request, "s1");
  assert.deepEqual([left.first, left.last, left.orders], [null, "s3", [["s2", "s3"]]]);
  assert.deepEqual(toService(left).orders, [[0, 1]]);
  assert.equal(toService(left).last, 1);
});

test("values are replaced, never changed", () => {
  const frozen = (value) => {
    if (value && typeof value === "object") Object.values(value).forEach(frozen);
    return Object.freeze(value);
  };
  const request = frozen(wishOf("a", "b", "c"));
  withChange(request, "s1", { dwell_min: 3 });
  withOrder(request, ["s3", "s1", "s2"]);
  withEnd(request, "first", "s1");
  withoutStop(request, "s2");
  toService(request);
  assert.deepEqual(names(request), ["a", "b", "c"]);
});

test("one stop is not both first and last, and a round has no last one", () => {
  const first = withEnd(wishOf("a", "b"), "first", "s1");
  const both = withEnd(first, "last", "s1");
  assert.deepEqual([both.first, both.last], [null, "s1"]);
  assert.equal(withEnd({ ...first, is_round: true }, "last", "s2").is_round, false);
  assert.equal(withEnd({ ...first, is_round: true }, "first", "s2").is_round, true);
});

test("an order made by hand is kept, and nothing contradicts it", () => {
  const request = withChange({ ...wishOf("a", "b", "c"), first: "s1", last: "s3" }, "s1", { position: 1 });
  const kept = withOrder(request, moved(["s1", "s2", "s3"], "s1", 2));
  assert.deepEqual(names(kept), ["b", "c", "a"]);
  const found = toService(kept);
  assert.deepEqual(found.orders, [
    [0, 1],
    [1, 2],
  ]);
  assert.deepEqual([found.first, found.last, found.stops[2].position], [0, 2, 2]);
});

test("moving keeps all stops, wherever to", () => {
  const ids = ["a", "b", "c", "d"];
  for (const id of ids) {
    for (let to = -2; to < 7; to += 1) {
      const after = moved(ids, id, to);
      assert.deepEqual([...after].sort(), ids);
      assert.equal(after.indexOf(id), Math.min(Math.max(to, 0), 3));
      assert.deepEqual(
        after.filter((one) => one !== id),
        ids.filter((one) => one !== id),
      );
    }
  }
});

test("the service is told no ids, no names of companies, and no unfinished windows", () => {
  const request = withChange(wishOf("a"), "s1", {
    windows: [
      ["14:00", ""],
      ["15:00", "16:00"],
      ["", ""],
    ],
  });
  const point = withStop(request, { name: "Tor", lon: 10.7, lat: 52.3 });
  const [company, place] = toService(point).stops;
  assert.deepEqual(company, {
    dwell_min: 15,
    windows: [["15:00", "16:00"]],
    is_optional: false,
    value: 1,
    position: null,
    note: null,
    company: "a",
  });
  assert.deepEqual([place.name, place.lon, place.lat], ["Tor", 10.7, 52.3]);
  for (const name of ["title", "next", "is_order_kept"]) assert.equal(name in toService(point), false, name);
});

test("what was stored comes back the same, also when its members come in another order", () => {
  const shuffled = (value) => {
    if (Array.isArray(value)) return value.map(shuffled);
    if (!value || typeof value !== "object") return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([name, part]) => [name, shuffled(part)]),
    );
  };
  const request = withStop(
    {
      ...wishOf("a", "b", "c"),
      title: "T",
      first: "s2",
      pause: { minutes: 5, earliest: "14:00", latest: "14:30" },
    },
    { name: "Tor", lon: 10.7, lat: 52.3 },
  );
  for (const one of [
    request,
    withOrder(request, ["s3", "s1", "s2", "s4"]),
    { ...request, orders: [["s3", "s1"]] },
  ]) {
    const back = fromService(shuffled(toService(one)), "T", ({ company }) => company.toUpperCase());
    assert.equal(JSON.stringify(toService(back).orders), JSON.stringify(toService(one).orders));
    assert.deepEqual(toService(back), toService(one));
    assert.equal(back.is_order_kept, one.is_order_kept);
    assert.deepEqual(
      back.stops.map((stop) => stop.name),
      one.stops.map((stop) => stop.name),
    );
    assert.equal(
      fingerprint(back),
      fingerprint(fromService(toService(one), "T", ({ company }) => company.toUpperCase())),
    );
  }
});

test("notes, titles and unfinished windows ask for no new plan, all else does", () => {
  const request = wishOf("a", "b");
  const asked = toBePlanned(request);
  assert.equal(toBePlanned(emptyRequest(START)), null);
  assert.equal(toBePlanned({ ...request, title: "x" }), asked);
  assert.equal(toBePlanned(withChange(request, "s1", { note: "x" })), asked);
  assert.equal(toBePlanned(withChange(request, "s1", { windows: [["14:00", ""]] })), asked);
  for (const change of [
    { dwell_min: 1 },
    { is_optional: true },
    { position: 1 },
    { windows: [["14:00", "15:00"]] },
  ]) {
    assert.notEqual(toBePlanned(withChange(request, "s1", change)), asked, JSON.stringify(change));
  }
  assert.notEqual(toBePlanned({ ...request, on: "2026-05-05" }), asked);
  assert.notEqual(toBePlanned({ ...request, first: "s1" }), asked);
});

const answer = {
  visits: [
    { id: "s3", position: 0, lat: 1, lon: 2 },
    { id: "s1", position: 1, lat: 3, lon: 4 },
  ],
  left_out: [{ id: "s2", reasons: [] }],
  legs: [],
};

test("stops are shown as walked, those left out behind; a kept order stays", () => {
  const request = wishOf("a", "b", "c", "d");
  assert.deepEqual(shownOrder(request, null), ["s1", "s2", "s3", "s4"]);
  assert.deepEqual(shownOrder(request, answer), ["s3", "s1", "s2", "s4"]);
  assert.deepEqual(shownOrder(withoutStop(request, "s3"), answer), ["s1", "s2", "s4"]);
  assert.deepEqual(shownOrder({ ...request, is_order_kept: true }, answer), ["s1", "s2", "s3", "s4"]);
});

test("reasons are told of those left out alone", () => {
  const explanation = {
    left_out: [
      { id: "s2", reasons: ["r"] },
      { id: "s1", reasons: ["x"] },
    ],
  };
  const found = tablePlan({ answer, explanation });
  assert.deepEqual([...found.reasons], [["s2", ["r"]]]);
  assert.deepEqual([...found.leftOut], ["s2"]);
  assert.equal(found.visits.get("s1").position, 1);
});

test("a stop that is left out without a reason says that one is sought, or was not found", () => {
  const sentence = (found) => tablePlan(found).reasons.get("s2");
  const without = { ...answer, left_out: answer.left_out.map((one) => ({ ...one, reasons: [] })) };
  const none = { left_out: [{ id: "s2", reasons: [] }] };
  assert.deepEqual(sentence({ answer: without, explanation: null, isExplaining: false }), []);
  assert.match(sentence({ answer: without, explanation: null, isExplaining: true })[0], /^Finding out/);
  assert.match(
    sentence({ answer: without, explanation: none, isExplaining: false })[0],
    /not be found out in time/,
  );
});

test("the map has every stop that has a place, with the number of the table", () => {
  const request = withStop(wishOf("a", "b", "c", "gone"), { name: "Tor", lon: 10, lat: 52 });
  const places = [
    { key: "a1", at: [5, 5] },
    { key: "b", at: [6, 6] },
  ];
  const records = { a: { kind: "company", key: "a", places }, b: { kind: "company", key: "b", places } };
  const shown = stopsOnMap(request, answer, (stop) => records[stop.company] ?? null);
  assert.deepEqual(
    shown.map(({ id, position, at, record }) => [id, position, at, record]),
    [
      ["s1", 2, [3, 4], "company:a"],
      ["s2", null, [6, 6], "company:b"],
      ["s3", 1, [1, 2], null],
      ["s5", null, [52, 10], null],
    ],
  );
});
