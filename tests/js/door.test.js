// What a phone at the door makes of what it knows; that a browser keeps it is tried in a browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  answerWords,
  asSent,
  newDevice,
  notedAt,
  present,
  statusOf,
  undo,
  walkIn,
  walkIns,
} from "#meetings/door_entries";
import { axesOf, fold, inForce } from "#meetings/door_fold";

const NOW = Date.parse("2026-06-10T10:00:00Z");
const presenceOf = (events, company) => axesOf(fold(events), company).presence;

test("a phone has a name of its own, which names nobody", () => {
  assert.match(newDevice(), /^phone-[0-9a-f]{16}$/);
  assert.notEqual(newDevice(), newDevice());
});

test("what is noted counts on from all that the phone has seen", () => {
  const [first] = present([], "phone-a", "alpha", NOW);
  const [second] = present([{ ...first, counter: 7 }], "phone-a", "beta", NOW);
  assert.deepEqual([first.counter, second.counter], [1, 8]);
  assert.match(first.event_id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("undo names all that the phone knows, and no more", () => {
  const one = present([], "phone-a", "alpha", NOW);
  const two = present(one, "phone-b", "alpha", NOW);
  const both = [...one, ...two];
  const back = undo(both, "phone-a", notedAt(both, "alpha"), NOW);
  assert.deepEqual(back.map(({ of }) => of).sort(), both.map(({ event_id: id }) => id).sort());
  assert.equal(presenceOf([...both, ...back], "alpha"), "unknown");
  const late = present([], "phone-c", "alpha", NOW);
  assert.equal(presenceOf([...late, ...both, ...back], "alpha"), "present");
});

test("what takes back can be taken back, a circle takes nothing back, and twice is once", () => {
  const [one] = present([], "phone-a", "alpha", NOW);
  const [back] = undo([one], "phone-a", [one], NOW);
  const [again] = undo([one, back], "phone-a", [back], NOW);
  assert.equal(presenceOf([again, back, one, one], "alpha"), "present");
  const circle = [
    { ...one, event_id: "1", of: "2" },
    { ...one, event_id: "2", of: "1" },
  ];
  assert.deepEqual(inForce([...circle, one]), [one]);
});

test("a firm that nobody knows is noted as it was typed, until the office has found out", () => {
  const events = walkIn([], "phone-a", "Zelte Süd", NOW);
  assert.deepEqual(
    walkIns(events).map(({ value }) => value.note),
    ["Zelte Süd"],
  );
  assert.deepEqual(walkIns([...events, ...undo(events, "server", events, NOW)]), []);
  assert.equal(fold(events).size, 0);
});

test("sent is what the service takes", () => {
  const [{ event_id: id, ...one }] = present([], "phone-a", "alpha", NOW);
  assert.deepEqual(asSent({ event_id: id, ...one }), {
    event_id: id,
    kind: "presence",
    company: "alpha",
    note: null,
    of: null,
    counter: 1,
    device: "phone-a",
    client_time: "2026-06-10T10:00:00.000Z",
  });
  assert.equal(asSent(walkIn([], "phone-a", "X", NOW)[0]).note, "X");
});

test("what a company answered, in words", () => {
  const words = (axes) => answerWords({ ...axesOf(new Map(), "x"), ...axes });
  assert.deepEqual(
    [
      { answer: "accepted", heads: 1 },
      { answer: "accepted", heads: 3 },
      { answer: "accepted" },
      { answer: "declined" },
      { answer: "maybe" },
      { invited_at: "2026-05-01" },
      {},
    ].map(words),
    [
      "accepted, 1 person",
      "accepted, 3 persons",
      "accepted",
      "declined",
      "not sure yet",
      "invited, no answer",
      "not invited",
    ],
  );
});

test("the phone says what is not sent yet, and whether there is a connection", () => {
  const said = (n, isAway) => Object.values(statusOf(n, isAway)).join("/");
  assert.deepEqual(
    [said(0, false), said(3, false), said(0, true), said(2, true)],
    ["all sent/done", "3 not sent yet/waiting", "no connection/away", "no connection · 2 not sent yet/away"],
  );
});
