import assert from "node:assert/strict";
import { test } from "node:test";
import { folded, haystack, matching, plain, score } from "#page/search";
import { SYNONYMS } from "#page/synonyms";
import { isMeant, isOneSlipApart } from "#page/typos";

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

test("other words of the same meaning are found, in both languages, after what is written so", () => {
  const places = ["Lkw-Stellplatz", "Haltestelle Klauskamp", "AVIA Tankstelle", "Truck Center"];
  const things = places.map((name) => ({ name, hay: haystack([name]) }));
  const found = (query) => matching(things, query).map(({ name }) => name);
  assert.deepEqual(found("lkw"), ["Lkw-Stellplatz", "Truck Center"]);
  assert.deepEqual(found("truck"), ["Truck Center", "Lkw-Stellplatz"]);
  assert.deepEqual(found("Parkplatz"), ["Lkw-Stellplatz"]);
  assert.deepEqual(found("parking lorry"), ["Lkw-Stellplatz"]);
  assert.deepEqual(found("bus"), ["Haltestelle Klauskamp"]);
  assert.deepEqual(found("petrol"), ["AVIA Tankstelle"]);
  assert.deepEqual(found("bu"), []);
  const short = ["Carl Maier", "Car Wash"].map((name) => ({ name, hay: haystack([name]) }));
  assert.deepEqual(
    matching(short, "kfz").map(({ name }) => name),
    ["Car Wash"],
  );
});

test("a word is in one group of synonyms only, and written without doubles", () => {
  const every = SYNONYMS.flat().map(folded);
  assert.deepEqual(
    every.filter((word, n) => every.indexOf(word) !== n),
    [],
  );
});

test("one slip is forgiven where it is asked for, from four letters on", () => {
  const forgiving = (query) => matching(records, query, { forgives: true }).map(({ name }) => name);
  for (const query of ["hohnbüchen", "hohenbuechne", "hohnbü", "Hohemb"]) {
    assert.deepEqual(forgiving(query), ["Hohenbüchen"], query);
    assert.deepEqual(names(query), [], query);
  }
  assert.deepEqual(forgiving("Mömx"), ["Mömax"]);
  assert.deepEqual(forgiving("mxm"), []);
  assert.deepEqual(forgiving("hohnnbchen"), []);
});

/** The restricted Damerau-Levenshtein distance, by its definition. */
function distance(a, b) {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => [i]);
  rows[0] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1)
    for (let j = 1; j <= b.length; j += 1) {
      const cost = Number(a[i - 1] !== b[j - 1]);
      rows[i][j] = Math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1);
    }
  return rows[a.length][b.length];
}

test("one slip is what a table of distances says", () => {
  let seed = 11;
  const next = (n) => (seed = (seed * 48271) % 2147483647) % n;
  const word = () => Array.from({ length: next(7) }, () => "abc"[next(3)]).join("");
  let n = 0;
  for (let round = 0; round < 20_000; round += 1) {
    const [a, b] = [word(), word()];
    const isNear = distance(a, b) <= 1;
    n += Number(isNear);
    assert.equal(isOneSlipApart(a, b), isNear, `${a} ${b}`);
    const starts = Array.from({ length: b.length + 1 }, (_, end) => b.slice(0, end));
    const isBegun = a.length >= 4 && starts.some((start) => distance(a, start) <= 1);
    assert.equal(isMeant(a, b), isBegun, `${a} of ${b}`);
  }
  assert.ok(n > 500);
});
