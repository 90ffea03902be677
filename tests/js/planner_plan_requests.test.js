import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { PlanRequests } from "#planner/plan_requests";
import { History } from "#planner/history";

// Time passes when a test says so: a busy machine changes nothing.
mock.timers.enable({ apis: ["setTimeout"] });

/** Let time pass, and what is due at each moment be done to its end. */
async function rest(ms) {
  for (let i = 0; i < ms; i += 1) {
    mock.timers.tick(1);
    await new Promise((go) => setImmediate(go));
  }
}

const QUICK = { restMs: 5, calmMs: 5, busyMs: 5 };

/** A service whose answers are given by hand. */
function handmade() {
  const asked = [];
  const open = (kind) => (subject, signal) =>
    new Promise((answer, refuse) => {
      asked.push({ kind, subject, signal, answer, refuse });
      signal.addEventListener("abort", () =>
        refuse(Object.assign(new Error("gone"), { name: "AbortError" })),
      );
    });
  return { asked, service: { quickPlan: open("quick"), plan: open("plan"), explain: open("explain") } };
}

const planOf = (subject, isProved = true) => ({ subject, status: "planned", is_proved: isProved });
const [A, B, C] = ["a", "b", "c"].map((subject) => planOf(subject));

test("quick changes are one question, and the last one counts", async () => {
  const { asked, service } = handmade();
  const news = [];
  const plans = new PlanRequests(service, (_, why) => news.push(why), QUICK);
  plans.ask("a");
  plans.ask("b");
  plans.ask("c");
  await rest(20);
  assert.deepEqual(
    asked.map(({ subject }) => subject),
    ["c"],
  );
  asked[0].answer(C);
  await rest(1);
  assert.equal(plans.state.answer, C);
  assert.equal(plans.state.subject, "c");
  assert.deepEqual(news, ["asking", "asking", "asking", "planned"]);
});

test("a newer question ends the older one, whose answer comes too late", async () => {
  const { asked, service } = handmade();
  const plans = new PlanRequests(service, () => {}, QUICK);
  plans.ask("a");
  await rest(10);
  plans.ask("b");
  assert.equal(asked[0].signal.aborted, true);
  await rest(10);
  asked[1].answer(B);
  asked[0].answer(A);
  await rest(2);
  assert.equal(plans.state.answer, B);
  assert.equal(plans.state.error, null);
});

test("what is found at once is shown while the planner goes on", async () => {
  const { asked, service } = handmade();
  const news = [];
  const plans = new PlanRequests(
    service,
    ({ answer, isAsking }, why) => news.push([why, answer, isAsking]),
    QUICK,
  );
  plans.ask("a");
  await rest(10);
  const first = planOf("a", false);
  asked[0].answer(first);
  await rest(1);
  assert.deepEqual(news.at(-1), ["preliminary", first, true]);
  asked[1].answer(A);
  await rest(1);
  assert.deepEqual(news.at(-1), ["planned", A, false]);
  assert.deepEqual(
    asked.map(({ kind }) => kind),
    ["quick", "plan"],
  );
  plans.ask("b");
  await rest(10);
  asked.at(-1).answer({ status: "unknown", is_proved: false });
  await rest(1);
  assert.deepEqual(news.at(-1), ["asking", A, true], "nothing found yet is no news");
  asked.at(-1).answer(planOf("b", false));
  await rest(1);
  assert.deepEqual(news.at(-1), ["planned", planOf("b", false), false]);
});

test("what contradicts itself is not asked twice", async () => {
  const { asked, service } = handmade();
  const plans = new PlanRequests(service, () => {}, QUICK);
  plans.ask("a");
  await rest(10);
  asked[0].answer({ status: "infeasible", is_proved: false });
  await rest(1);
  assert.deepEqual([asked.length, plans.state.isAsking, plans.state.answer.status], [1, false, "infeasible"]);
});

test("the old plan stays until there is a new one, also when asking fails", async () => {
  const { asked, service } = handmade();
  const plans = new PlanRequests(service, () => {}, QUICK);
  plans.ask("a");
  await rest(10);
  asked[0].answer(A);
  await rest(1);
  plans.ask("b");
  assert.deepEqual([plans.state.answer, plans.state.isAsking], [A, true]);
  await rest(10);
  asked.at(-1).refuse(new Error("broken"));
  await rest(1);
  assert.deepEqual(
    [plans.state.answer, plans.state.isAsking, plans.state.error.message],
    [A, false, "broken"],
  );
});

test("reasons are asked for once a plan has rested, and never shown for another plan", async () => {
  const { asked, service } = handmade();
  const plans = new PlanRequests(service, () => {}, QUICK);
  plans.ask("a");
  await rest(10);
  asked[0].answer(A);
  await rest(15);
  assert.equal(asked[1].kind, "explain");
  plans.ask("b");
  assert.equal(asked[1].signal.aborted, true);
  assert.equal(plans.state.isExplaining, false);
  await rest(10);
  assert.equal(plans.state.explanation, null);
  asked[2].answer(B);
  await rest(15);
  asked[3].refuse(new Error("no reasons today"));
  await rest(2);
  assert.deepEqual([plans.state.answer, plans.state.explanation, plans.state.error], [B, null, null]);
});

test("a busy service is asked again, but not for ever", async () => {
  let n = 0;
  const busy = Object.assign(new Error("busy"), { isBusy: true });
  const plans = new PlanRequests(
    {
      quickPlan: () => ((n += 1) < 3 ? Promise.reject(busy) : Promise.resolve(A)),
      explain: () => Promise.reject(busy),
    },
    () => {},
    QUICK,
  );
  plans.ask("a");
  await rest(40);
  assert.equal(plans.state.answer, A);
  n = -1000;
  plans.ask("b");
  await rest(80);
  assert.equal(plans.state.error, busy);
  assert.equal(n, -994);
});

test("clearing forgets plan and question", async () => {
  const { asked, service } = handmade();
  const plans = new PlanRequests(service, () => {}, QUICK);
  plans.ask("a");
  await rest(10);
  plans.clear();
  assert.equal(asked[0].signal.aborted, true);
  await rest(5);
  assert.deepEqual([plans.state.answer, plans.state.isAsking, plans.state.error], [null, false, null]);
});

test("undo and redo go back and forth, and a new step ends what was undone", () => {
  const history = new History(0);
  for (const value of [1, 2, 3]) assert.equal(history.go(value), true);
  assert.equal(history.go(3), false);
  assert.equal(history.undo() && history.undo() && history.now, 1);
  assert.equal(history.redo() && history.now, 2);
  history.go(9);
  assert.equal(history.redo(), false);
  assert.equal(history.undo() && history.now, 2);
  while (history.undo());
  assert.equal(history.now, 0);
});

test("typing in one place is one step, until one stops or goes elsewhere", () => {
  let time = 0;
  const history = new History("", () => time);
  for (const text of ["a", "ab", "abc"]) history.go(text, "title");
  history.go("abc+note", "note");
  time += 5000;
  history.go("abc+note2", "note");
  assert.deepEqual(history.past, ["", "abc", "abc+note"]);
  history.undo();
  history.go("other", "note");
  assert.deepEqual(history.past, ["", "abc", "abc+note"]);
});
