import assert from "node:assert/strict";
import { test } from "node:test";

import { choiceOf } from "#page/downloads";

const state = { tab: "plots", on: "2024-04-24", park: null, only: [], q: "" };
const records = [{ key: "HK1-001" }, { key: "o'neill" }];

test("a list without filters is the whole day", () => {
  assert.deepEqual(choiceOf(state, records), { choice: { on: "2024-04-24", park: null }, isAll: false });
});

test("one value is a parameter, several are a filter", () => {
  const one = choiceOf({ ...state, park: "p", only: ["vacant"] }, records);
  assert.deepEqual(one.choice, { on: "2024-04-24", park: "p", use_status: "vacant" });
  const two = choiceOf({ ...state, tab: "companies", only: ["retail", "craft"] }, records);
  assert.equal(two.choice.filter, "sector_group IN ('retail','craft')");
});

test("what words found is named, quotes included", () => {
  const { choice, isAll } = choiceOf({ ...state, q: "a", only: ["vacant"] }, records);
  assert.equal(choice.filter, "key IN ('HK1-001','o''neill')");
  assert.equal(isAll, false);
  const firms = choiceOf({ ...state, tab: "companies", q: "a" }, records);
  assert.equal(firms.choice.filter, "company IN ('HK1-001','o''neill')");
});

test("too many to be named are all of the list, and say so", () => {
  const many = Array.from({ length: 900 }, (_, n) => ({ key: `HK1-${n}` }));
  const { choice, isAll } = choiceOf({ ...state, q: "h", only: ["vacant"] }, many);
  assert.deepEqual(choice, { on: "2024-04-24", park: null, use_status: "vacant" });
  assert.equal(isAll, true);
});
