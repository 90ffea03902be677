import assert from "node:assert/strict";
import { test } from "node:test";
import { keepAwake } from "#walk/awake";

function world({ refuses = false } = {}) {
  const asked = [];
  const document = Object.assign(new EventTarget(), { visibilityState: "visible" });
  const request = (kind) => {
    asked.push(kind);
    const lock = { released: false };
    document.lock = lock;
    return refuses ? Promise.reject(new DOMException("no", "NotAllowedError")) : Promise.resolve(lock);
  };
  const turn = async (state) => {
    // The browser releases the lock of a page that is not seen.
    if (state === "hidden") document.lock.released = true;
    document.visibilityState = state;
    document.dispatchEvent(new Event("visibilitychange"));
    await new Promise(setImmediate);
  };
  return { asked, document, turn, navigator: { wakeLock: { request } } };
}

test("the screen is kept on, and again after the page was hidden", async () => {
  const one = world();
  keepAwake(one);
  await one.turn("visible");
  assert.deepEqual(one.asked, ["screen"]);
  await one.turn("hidden");
  assert.deepEqual(one.asked, ["screen"]);
  await one.turn("visible");
  assert.deepEqual(one.asked, ["screen", "screen"]);
});

test("a refusal is no error, and it is tried again the next time", async () => {
  const one = world({ refuses: true });
  keepAwake(one);
  await one.turn("hidden");
  await one.turn("visible");
  assert.deepEqual(one.asked, ["screen", "screen"]);
});

test("a browser without it is left alone", () => {
  const document = { addEventListener: () => assert.fail("nothing is to be listened to") };
  keepAwake({ navigator: {}, document });
});
