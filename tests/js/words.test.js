import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { clock, clockSpan, day, metres, number, since, speak, squareMetres, t, tn } from "#page/i18n";

const GERMAN = {
  "since {when}": "seit {when}",
  "start unknown": "Beginn unbekannt",
  "start unknown (as of {asOf})": "Beginn unbekannt (Stand {asOf})",
  "{n} stop": "{n} Station",
  "{n} stops": "{n} Stationen",
};
afterEach(() => speak("de", {}));

test("German numbers, lengths, areas, days", () => {
  speak("de", GERMAN);
  assert.equal(number(1234.5, 1), "1.234,5");
  assert.equal(squareMetres(29979.6), "29.980\u00a0m²");
  assert.deepEqual([48.2, 9.96, 3.24, 3, 0.03, 0.004, 0].map(metres), [
    "48\u00a0m",
    "10\u00a0m",
    "3,2\u00a0m",
    "3\u00a0m",
    "3\u00a0cm",
    "1\u00a0cm",
    "0\u00a0m",
  ]);
  assert.equal(day("2024-04-04"), "04.04.2024");
  assert.equal(clock("14:25"), "14:25\u00a0Uhr");
  assert.equal(clock("24:10"), "00:10\u00a0Uhr (+1 day)");
  assert.equal(clockSpan("23:50", "24:10"), "23:50–00:10\u00a0Uhr (+1 day)");
  assert.equal(clockSpan("13:50", "14:10"), "13:50–14:10\u00a0Uhr");
  assert.deepEqual([number(null), metres(undefined), day(null)], ["–", "–", "–"]);
});

test("since when, as exactly as it is known", () => {
  speak("de", GERMAN);
  assert.equal(since("2013-01-01", "year"), "seit 2013");
  assert.equal(since("2020-12-01", "month"), "seit 12/2020");
  assert.equal(since("2021-11-18", "day"), "seit 18.11.2021");
  assert.equal(since(null, "unknown", "2026-05"), "Beginn unbekannt (Stand 05/2026)");
  assert.equal(since(null, "unknown", "2026-05-04"), "Beginn unbekannt (Stand 04.05.2026)");
  assert.equal(since(null, "unknown", "2026-05/06"), "Beginn unbekannt (Stand 2026-05/06)");
  assert.equal(since(null, "unknown"), "Beginn unbekannt");
});

test("one and many", () => {
  speak("de", GERMAN);
  assert.deepEqual(
    [0, 1, 2, 1200].map((n) => tn(n, "{n} stop", "{n} stops")),
    ["0 Stationen", "1 Station", "2 Stationen", "1.200 Stationen"],
  );
  speak("en", {});
  assert.deepEqual(
    [0, 1, 2].map((n) => tn(n, "{n} stop", "{n} stops")),
    ["0 stops", "1 stop", "2 stops"],
  );
  assert.equal(day("2024-04-24"), "24\u00a0Apr\u00a02024");
});

test("values are put in as they are, whatever they look like", () => {
  const hostile = "<img src=x> ${1} {other} $& constructor";
  assert.equal(t("“{name}”, {toString}", { name: hostile }), `“${hostile}”, {toString}`);
  assert.equal(t("constructor"), "constructor");
});
