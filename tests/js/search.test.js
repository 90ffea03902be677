import assert from "node:assert/strict";
import { test } from "node:test";
import { folded, haystack, matching, plain, score } from "#page/search";

const records = [
  "Hohenbüchen",
  "Peter-Hurst-Straße 4",
  "Bäckerei Leifert",
  "Mömax",
  "Neue Quelle",
  "Bauer & Söhne",
].map((name) => ({ name, hay: haystack([name, null, undefined]) }));
const names = (query) => matching(records, query).map(({ name }) => name);

test("umlauts are found whichever way they are written", () => {
  for (const query of ["Hohenbüchen", "hohenbuechen", "HOHENBUCHEN", "hohenb", "büchen", "buechen"]) {
    assert.deepEqual(names(query), ["Hohenbüchen"], query);
  }
  assert.deepEqual(names("baeckerei"), ["Bäckerei Leifert"]);
  assert.deepEqual(names("moemax"), ["Mömax"]);
  assert.deepEqual(names("peter hurst strasse"), ["Peter-Hurst-Straße 4"]);
  assert.deepEqual(names("Straße 4"), ["Peter-Hurst-Straße 4"]);
});

test("a real ue is found as it is written, from its middle, too", () => {
  assert.deepEqual(names("quelle"), ["Neue Quelle"]);
  assert.deepEqual(names("elle"), ["Neue Quelle"]);
  assert.deepEqual(names("auer"), ["Bauer & Söhne"]);
});

test("every word must be found, in any order", () => {
  assert.deepEqual(names("leifert back"), ["Bäckerei Leifert"]);
  assert.deepEqual(names("leifert mömax"), []);
});

test("no query finds all, in their order; nothing but marks counts as none", () => {
  assert.equal(matching(records, "  "), records);
  assert.equal(matching(records, "-"), records);
});

test("the start of the name comes before the start of a word, and that before its middle", () => {
  const hays = ["Kaufland", "Zentrum Kauf", "Verkaufshaus"].map((name) => haystack([name, "Kaufweg"]));
  const points = hays.map((hay) => score(hay, "kauf"));
  assert.ok(points[0] > points[1] && points[1] > points[2] && points[2] > 0, String(points));
});

test("any piece of any text is found in it, however its umlauts are spelled", () => {
  const letters = [..."aeouäöüßAEOUÄÖÜ bst-4é"];
  let seed = 7;
  const next = (n) => (seed = (seed * 48271) % 2147483647) % n;
  for (let round = 0; round < 3000; round += 1) {
    const text = Array.from({ length: 1 + next(14) }, () => letters[next(letters.length)]).join("");
    const from = next(text.length);
    const piece = text.slice(from, from + 1 + next(6));
    const hay = haystack([text]);
    assert.ok(score(hay, piece) > 0, `${piece} in ${text}`);
    const spelled = text.replace(/[äÄ]/g, "ae").replace(/[öÖ]/g, "oe").replace(/[üÜ]/g, "ue");
    assert.ok(score(hay, spelled) > 0, `${spelled} for ${text}`);
    assert.equal(plain(plain(text)), plain(text));
    assert.ok(folded(text).length <= plain(text).length);
  }
});
