import assert from "node:assert/strict";
import { test } from "node:test";
import { KINDS, TABS, formatAddress, parseAddress, parseSelection } from "#map/address";

const parse = (text) => {
  const at = text.indexOf("#");
  return at < 0 ? parseAddress(text) : parseAddress(text.slice(0, at), text.slice(at));
};

test("an address stays readable", () => {
  const address = {
    on: "2021-01-01",
    sel: { kind: "company", key: "real" },
    q: "hohen büchen",
    layers: ["plots", "labels"],
    view: { zoom: 16, lat: 52.37, lon: 10.74 },
  };
  assert.equal(
    formatAddress(address),
    "?on=2021-01-01&sel=company:real&q=hohen+b%C3%BCchen&layers=plots,labels#16/52.37000/10.74000",
  );
  assert.equal(formatAddress({}), "");
  const past = { on: "2021-01-01", known: "2024-04-24T14:05" };
  assert.equal(formatAddress(past), "?on=2021-01-01&known=2024-04-24T14:05");
});

test("what is wrong in an address counts as not said", () => {
  const address = parse("?on=gestern&sel=dragon:1&tab=secret&layers=#99/1/2");
  assert.deepEqual([address.on, address.sel, address.tab, address.view], [null, null, null, null]);
  assert.deepEqual(address.layers, []);
  assert.equal(parse("").layers, null);
  for (const text of [null, "", "company", "company:", ":x", "plot"])
    assert.equal(parseSelection(text), null);
  assert.deepEqual(parseSelection("plot:a:b"), { kind: "plot", key: "a:b" });
});

test("writing and reading give back what was there", () => {
  let seed = 11;
  const next = (n) => (seed = (seed * 48271) % 2147483647) % n;
  const pick = (list) => list[next(list.length)];
  const word = () => Array.from({ length: next(8) }, () => pick([...'aü ß:%&#=+/?"<>`${}-'])).join("");
  for (let round = 0; round < 2000; round += 1) {
    const address = {
      on: pick([null, "2024-04-24"]),
      sel: pick([null, { kind: pick(KINDS), key: `k${word()}` }]),
      tab: pick([null, ...TABS]),
      q: word(),
      park: pick([null, "heinenkamp-1"]),
      only: pick([[], ["retail"], ["retail", "fuel"]]),
      by: pick([null, "marketing"]),
      layers: pick([null, [], ["plots"], ["plots", "tours"]]),
      view: pick([null, { zoom: 15.5, lat: 52.37123, lon: -10.5 }]),
      lang: pick([null, "en"]),
    };
    assert.deepEqual(parse(formatAddress(address)), address);
  }
});
