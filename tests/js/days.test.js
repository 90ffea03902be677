import assert from "node:assert/strict";
import { test } from "node:test";
import { dayBefore, nextStep, parseDay, previousStep, stepAt, steps, yearMarks } from "#page/days";

test("days are read as people write them", () => {
  for (const text of ["24.04.2024", "24.4.2024", "24.4.24", "24. 4. 2024", "2024-04-24", " 2024-4-24 "])
    assert.equal(parseDay(text), "2024-04-24", text);
  assert.equal(parseDay("4/2024"), "2024-04-01");
  assert.equal(parseDay("04.2024"), "2024-04-01");
  assert.equal(parseDay("2013"), "2013-01-01");
});

test("days are read as the page and as phones write them, too", () => {
  for (const text of [
    "24 Apr 2024",
    "24\u00a0Apr\u00a02024",
    "24. April 2024",
    "24 april 2024",
    "24,4,2024",
    "24042024",
  ])
    assert.equal(parseDay(text), "2024-04-24", text);
  assert.equal(parseDay("1. März 2024"), "2024-03-01");
  assert.equal(parseDay("3 Oct 2024"), parseDay("3. Oktober 2024"));
  assert.equal(parseDay("31 Dez 2024"), parseDay("31 Dec 2024"));
});

test("whatever day a page shows can be typed in again", async () => {
  const { day, speak } = await import("#page/i18n");
  for (const language of ["de", "en"]) {
    speak(language, {});
    for (let month = 1; month <= 12; month++) {
      const iso = `2024-${String(month).padStart(2, "0")}-05`;
      assert.equal(parseDay(day(iso)), iso, day(iso));
    }
  }
});

test("what is no day is none", () => {
  for (const text of [
    "30.02.2024",
    "30 Feb 2024",
    "3 Foo 2024",
    "32132024",
    "2024-02-30",
    "29.02.2023",
    "0.1.2024",
    "1.13.2024",
    "",
    "heute",
    "24.04",
    "1.1.0001",
    "20240424",
  ])
    assert.equal(parseDay(text), null, text);
  assert.equal(parseDay("29.02.2024"), "2024-02-29");
});

test("steps go from the day before the first change to today", () => {
  const days = steps(["2021-11-18", "2013-01-01"], "2026-11-22");
  assert.deepEqual(days, ["2012-12-31", "2013-01-01", "2021-11-18", "2026-11-22"]);
  assert.deepEqual(steps([], "2026-11-22"), ["2026-11-22"]);
  assert.deepEqual(steps(["2026-11-22"], "2026-11-22"), ["2026-11-21", "2026-11-22"]);
  assert.equal(dayBefore("2024-03-01"), "2024-02-29");
});

test("stepping agrees with counting through all days", () => {
  const days = steps(["2013-01-01", "2017-01-01", "2021-07-25"], "2022-01-01");
  for (let day = Date.UTC(2012, 11, 25); day < Date.UTC(2022, 0, 9); day += 86_400_000 * 3) {
    const on = new Date(day).toISOString().slice(0, 10);
    assert.equal(previousStep(days, on), days.filter((one) => one < on).at(-1) ?? null);
    assert.equal(nextStep(days, on), days.filter((one) => one > on)[0] ?? null);
    assert.equal(stepAt(days, on), Math.max(0, days.filter((one) => one <= on).length - 1));
  }
});

test("a line of days tells its years where there is room, the last ones first", () => {
  const days = ["2012-12-31", "2017-01-01", "2017-06-01", "2020-03-15", "2026-11-30"];
  assert.deepEqual(
    yearMarks(days, 0.1).map(({ year, at }) => [year, at]),
    [
      ["2012", 0],
      ["2017", 0.25],
      ["2020", 0.75],
      ["2026", 1],
    ],
  );
  assert.deepEqual(
    yearMarks(days, 0.5).map(({ year }) => year),
    ["2017", "2026"],
  );
  assert.deepEqual(yearMarks(["2026-11-30"], 0.1), [{ year: "2026", at: 0 }]);
  assert.deepEqual(yearMarks([], 0.1), []);
});
