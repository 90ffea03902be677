// What the planner asks of the service, over real HTTP.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import test from "node:test";

import { Unavailable } from "#page/api";
import { Gone, Service, Stale } from "#planner/service";
import { emptyRequest, withStop } from "#planner/tour_request";

const REQUEST = ["a", "b"].reduce(
  (request, company) => withStop(request, { company, name: company.toUpperCase() }),
  emptyRequest({ park: "hk", on: "2026-05-04" }),
);

/** Run `act` with a service whose answers are `[status, body]`; return what was asked of it. */
async function served(answers, act, key = null) {
  const asked = [];
  const server = createServer(async (message, answer) => {
    const chunks = await message.toArray();
    const text = Buffer.concat(chunks).toString();
    asked.push({
      method: message.method,
      url: message.url,
      token: message.headers["x-csrftoken"] ?? null,
      seen: message.headers["if-match"] ?? null,
      body: text ? JSON.parse(text) : null,
    });
    const [status, body] = answers[asked.length - 1];
    answer.writeHead(status, { "Content-Type": "application/json" }).end(body && JSON.stringify(body));
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  try {
    const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
    await act(new Service({ api: `http://127.0.0.1:${port}/api`, token: "secret", key }));
  } finally {
    server.closeAllConnections();
    server.close();
  }
  return asked;
}

test("visits and stops left out carry the ids of their stops", async () => {
  const plan = { visits: [{ stop: 1 }], left_out: [{ stop: 0 }] };
  const asked = await served([[200, plan]], async (service) => {
    const answer = await service.quickPlan(REQUEST);
    assert.equal(answer.visits[0].id, REQUEST.stops[1].id);
    assert.equal(answer.left_out[0].id, REQUEST.stops[0].id);
  });
  assert.deepEqual(
    [asked[0].method, asked[0].url, asked[0].token],
    ["POST", "/api/tours/plan?quick=1", "secret"],
  );
  assert.deepEqual(
    asked[0].body.stops.map(({ company }) => company),
    ["a", "b"],
  );
});

test("a stored tour is named where access permissions may depend on it", async () => {
  const plan = { visits: [], left_out: [] };
  const asked = await served([[200, plan]], (service) => service.plan(REQUEST), "a/b");
  assert.equal(asked[0].url, "/api/tours/plan?tour=a%2Fb");
});

test("a new tour is posted, a stored one put with the version it was seen in", async () => {
  const answers = [
    [201, { key: "k", version: 1 }],
    [200, { version: 3 }],
  ];
  const asked = await served(answers, async (service) => {
    assert.deepEqual(await service.save(null, REQUEST, null), { key: "k", version: 1 });
    assert.deepEqual(await service.save("k", REQUEST, 2), { key: "k", version: 3 });
  });
  assert.deepEqual(
    asked.map(({ method, url }) => [method, url]),
    [
      ["POST", "/api/tours"],
      ["PUT", "/api/tours/k"],
    ],
  );
  assert.deepEqual([asked[0].seen, asked[1].seen], [null, '"2"']);
});

test("refusals are told apart, and say what the service says", async () => {
  const refused = [404, 409, 422, 503, 500].map((status) => [
    status,
    status === 500 ? null : { error: `no ${status}` },
  ]);
  await served(refused, async (service) => {
    const fail = () => service.remove("k", 1).then(assert.fail, (error) => error);
    const [gone, stale, wrong, busy, broken] = [
      await fail(),
      await fail(),
      await fail(),
      await fail(),
      await fail(),
    ];
    assert.ok(gone instanceof Gone && stale instanceof Stale);
    assert.deepEqual([wrong.isRefused, busy.isBusy, stale.isRefused], [true, true, undefined]);
    assert.deepEqual([gone.message, broken.message], ["no 404", "The service answered with an error (500)."]);
  });
});

test("deleting answers nothing; reading sends no token", async () => {
  const asked = await served([[204], [200, { never_visited: ["c"] }]], async (service) => {
    assert.equal(await service.remove("k", 7), null);
    assert.deepEqual(await service.neverVisited("hk", "2026-05-04"), ["c"]);
  });
  assert.deepEqual([asked[0].url, asked[0].seen], ["/api/tours/k", '"7"']);
  assert.equal(asked[1].token, null);
});

test("a service that is not there is unavailable; what was given up fails as given up", async () => {
  const nowhere = new Service({ api: "http://127.0.0.1:1/api", token: null, key: null });
  await assert.rejects(nowhere.stored("k"), Unavailable);
  const given = AbortSignal.abort();
  await assert.rejects(nowhere.plan(REQUEST, given), { name: "AbortError" });
});
