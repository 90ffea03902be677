import assert from "node:assert/strict";
import { test } from "node:test";
import { minutesOf, parseClock, written } from "#planner/clock";

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
  };
  for (const [typed, time] of Object.entries(cases)) assert.equal(parseClock(typed), time, typed);
});

test("what is no time of day is refused", () => {
  for (const typed of ["", "24:00", "12:60", "2460", "noon", "1:2:3", "-1", "12:5", "123456", "14:30 pm"]) {
    assert.equal(parseClock(typed), null, typed);
  }
});

test("every minute of the day is written and read back", () => {
  for (let minute = 0; minute < 1440; minute += 1) {
    assert.equal(minutesOf(written(minute)), minute);
    assert.equal(parseClock(written(minute)), written(minute));
    assert.equal(parseClock(written(minute).replace(":", "")), written(minute));
  }
  assert.equal(written(1500), "23:59");
  assert.equal(written(-5), "00:00");
});
