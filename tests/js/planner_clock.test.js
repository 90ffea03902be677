import assert from "node:assert/strict";
import { test } from "node:test";
import { minutesOf, parseClock, spanOf, written } from "#planner/stops/clock";

test("times are read as people type them", () => {
  const cases = {
    "14:30": "14:30",
    "14.30": "14:30",
    "14,30": "14:30",
    1430: "14:30",
    930: "09:30",
    9: "09:00",
    " 14:30 Uhr ": "14:30",
    "14 Uhr": "14:00",
    "14h": "14:00",
    "00:00": "00:00",
    "23:59": "23:59",
    "26:00": "26:00",
  };
  for (const [typed, time] of Object.entries(cases)) assert.equal(parseClock(typed), time, typed);
});

test("what is no time of day is refused", () => {
  for (const typed of ["", "48:00", "12:60", "2460", "noon", "1:2:3", "-1", "12:5", "123456", "14:30 pm"]) {
    assert.equal(parseClock(typed), null, typed);
  }
});

test("every minute of the day is written and read back", () => {
  for (let minute = 0; minute < 2880; minute += 1) {
    assert.equal(minutesOf(written(minute)), minute);
    assert.equal(parseClock(written(minute)), written(minute));
    assert.equal(parseClock(written(minute).replace(":", "")), written(minute));
  }
  assert.equal(written(3000), "48:00");
  assert.equal(written(-5), "00:00");
});

test("hours over midnight are read as the service reads them", () => {
  const evening = { earliest: "21:00", latest: null };
  const night = { earliest: "21:00", latest: "03:00" };
  assert.deepEqual(spanOf(["22:00", "02:00"], evening), [1320, 1560]);
  assert.deepEqual(spanOf(["00:00", "02:00"], night), [1440, 1560]);
  assert.deepEqual(spanOf(["00:00", "02:00"], evening), [0, 120]);
  assert.deepEqual(spanOf(["22:00", "23:00"], night), [1320, 1380]);
  // A slip of the keyboard is no night of 23 hours.
  assert.deepEqual(spanOf(["15:00", "14:00"], evening), [900, 840]);
});
