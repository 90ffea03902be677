import assert from "node:assert/strict";
import { test } from "node:test";
import { choiceOf } from "#page/downloads";
import { speak } from "#page/i18n";
import { plotsInBox, selectionWords } from "#land/plot_selection";
import { selectedWords } from "#land/ticks";

const PLOTS = [
  { key: "a", at: [52.1, 10.1], area_m2: 10_000.4, official_area_m2: null },
  { key: "b", at: [52.2, 10.2], area_m2: 1, official_area_m2: 2_500 },
  { key: "c", at: [52.3, 10.3], area_m2: 7, official_area_m2: null },
];

test("a box chooses the plots whose middle is in it", () => {
  const box = { south: 52, west: 10, north: 52.25, east: 10.25 };
  assert.deepEqual(plotsInBox(PLOTS, box), ["a", "b"]);
  assert.deepEqual(plotsInBox(PLOTS, { ...box, west: 10.15 }), ["b"]);
});

test("the land chosen is summed, official areas first", () => {
  speak("de", {});
  assert.equal(selectionWords(PLOTS.slice(0, 2)), "2 plots selected: 12.500\u00a0m² (1,25 ha)");
  assert.equal(selectionWords(PLOTS.slice(2)), "1 plot selected: 7\u00a0m² (0,00 ha)");
  assert.match(selectionWords([]), /box/);
  assert.equal(selectedWords("{n}: {m2} m² ({ha} ha)", [10_000.4, 2_500]), "2: 12.500 m² (1,25 ha)");
});

test("marketing statuses narrow a download beside the use", () => {
  const state = { tab: "plots", on: "2026-04-24", park: null, only: ["reserved"], q: "" };
  assert.equal(choiceOf(state, []).choice.marketing_status, "reserved");
  const both = choiceOf({ ...state, only: ["vacant", "reserved", "available"] }, []);
  assert.equal(
    both.choice.filter,
    "use_status IN ('vacant') AND marketing_status IN ('reserved','available')",
  );
});
