import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { isAmong, quoted } from "#page/api";
import { FarList } from "#land/far_list";
import { plotsOf } from "#map/model";

const WANTED = { q: "", park: null, only: [] };

/** Plots p0, p1, ... in pages of two; every answer takes `delay` milliseconds. */
function service(n, delay = 0) {
  const all = Array.from({ length: n }, (_, i) => ({ key: `p${i}` }));
  const from = (at) => ({ records: all.slice(at, at + 2), n, page: at + 2 });
  return {
    on: "2024-04-24",
    counts: () => pause(delay, new Map([["vacant", n]])),
    first: () => pause(delay, from(0)),
    after: (at) => pause(delay, at < n ? from(at) : null),
  };
}

/** A list, and a promise of its next change. */
function listening() {
  const heard = [];
  let tell;
  const list = new FarList(
    () => tell?.(),
    (error) => heard.push(error.message),
  );
  const changed = () => new Promise((resolve) => (tell = resolve));
  return { list, changed, heard };
}

test("a list is had page by page, to its end", async () => {
  const { list, changed } = listening();
  const first = changed();
  list.want(service(3), WANTED, true);
  assert.equal(list.isWaiting, true);
  await first;
  assert.deepEqual([list.total, list.records.length, list.hasMore, list.isWaiting], [3, 2, true, false]);
  await list.more();
  assert.deepEqual([list.records.map(({ key }) => key), list.hasMore], [["p0", "p1", "p2"], false]);
});

test("what was asked for before is void", async () => {
  const { list, changed } = listening();
  list.want(service(9, 60), WANTED, true);
  await pause(20);
  const second = changed();
  list.want(service(1), WANTED, true);
  await second;
  await pause(80);
  assert.deepEqual([list.total, list.records.length], [1, 1]);
});

test("only the number is asked for where the plots are not listed", async () => {
  const { list, changed } = listening();
  const found = changed();
  list.want(service(5), { ...WANTED, only: ["retail"] }, false);
  await found;
  assert.deepEqual([list.total, list.records.length, list.hasMore], [5, 0, false]);
});

test("a failure is told, and the same can be asked for again", async () => {
  const { list, changed, heard } = listening();
  const far = { ...service(2), first: () => Promise.reject(new Error("gone")) };
  list.want(far, WANTED, true);
  await pause(20);
  assert.deepEqual(heard, ["gone"]);
  assert.equal(list.isWaiting, false);
  Object.assign(far, service(2));
  const again = changed();
  list.want(far, WANTED, true);
  await again;
  assert.equal(list.records.length, 2);
});

test("text is written so that it cannot end its quotes", () => {
  assert.equal(quoted("O'Neill' OR '1'='1"), "'O''Neill'' OR ''1''=''1'");
  assert.equal(isAmong("key", ["a", "b'"]), "key IN ('a','b''')");
});

test("a record covers its plots, each once", () => {
  const places = [{ plot: "A" }, { plot: null }, { plot: "A" }, { plot: "B" }];
  assert.deepEqual(plotsOf({ kind: "company", places }), ["A", "B"]);
  assert.deepEqual(plotsOf({ kind: "facility", facilityKind: "bus_stop", plot: "A" }), []);
  assert.deepEqual(plotsOf(null), []);
});
