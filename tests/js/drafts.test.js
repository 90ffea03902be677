// What drafts are by themselves; that they are stored and found again is tried in a browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isAlike, putValues, valuesOf } from "#companies/values";
import { forgotten, isSame, keyOf, newest, savedOf } from "#page/drafts";
import { instant, learn, speak, t } from "#page/i18n";

const DRAFT = { person: 1, park: "hk", form: "/companies/k/move", base: "7", at: 5 };

test("a draft is known by person, park, form and base version", () => {
  assert.deepEqual(keyOf(DRAFT), [1, "hk", "/companies/k/move", "7"]);
  assert.ok(isSame(DRAFT, { ...DRAFT, at: 9, values: {} }));
  for (const name of ["person", "park", "form", "base"])
    assert.ok(!isSame(DRAFT, { ...DRAFT, [name]: "x" }), name);
});

test("the newest is found; none among none", () => {
  assert.equal(newest([DRAFT, { ...DRAFT, at: 6 }, { ...DRAFT, at: 4 }]).at, 6);
  assert.equal(newest([]), null);
});

test("saved are those of the form and version that the service names, as they were sent, no others", () => {
  const other = { ...DRAFT, base: "8" };
  assert.deepEqual(savedOf([DRAFT, other], [["/companies/k/move", "7", DRAFT.at]]), [DRAFT]);
  assert.deepEqual(
    savedOf([DRAFT], [["/companies/k/move", "7", DRAFT.at - 1]]),
    [],
    "typed after it was sent",
  );
  assert.deepEqual(savedOf([DRAFT, other], []), []);
});

test("only old drafts of visitors are forgotten", () => {
  const week = 8 * 24 * 3600 * 1000;
  const visitor = { ...DRAFT, person: "" };
  assert.deepEqual(forgotten([DRAFT, visitor, { ...visitor, at: week }], week), [visitor]);
});

const field = (name, value, more = {}) => ({ name, value, type: "text", ...more });
const form = (...elements) => ({ elements });

test("what stands in a form, chosen and ticked things included, without what is the page's", () => {
  const here = form(
    field("csrf_token", "secret"),
    field("name", "Real"),
    field("only", "yes", { type: "checkbox", checked: false }),
    field("choice-name", "theirs", { type: "radio", checked: false }),
    field("choice-name", "mine", { type: "radio", checked: true }),
    field("step", "preview", { type: "submit" }),
    field("", "no name"),
  );
  assert.deepEqual(valuesOf(here), { name: "Real", only: "", "choice-name": "mine" });
});

test("values go back into a form, but not over what is being typed", () => {
  const [name, note] = [field("name", "a"), field("note", "b")];
  const tick = field("only", "yes", { type: "checkbox", checked: false });
  putValues(form(name, note, tick), { name: "A", note: "B", only: "yes", gone: "x" }, new Set(["note"]));
  assert.deepEqual([name.value, note.value, tick.checked], ["A", "b", true]);
  assert.deepEqual(valuesOf(form(name, note, tick)), { name: "A", note: "b", only: "yes" });
});

test("empty is the same as not there", () => {
  assert.ok(isAlike({ a: "1", b: "" }, { a: "1" }));
  assert.ok(!isAlike({ a: "1" }, { a: "2" }));
});

test("what every page says is known beside what one page says", () => {
  learn("de", { Discard: "Verwerfen" });
  speak("de", { Save: "Speichern" });
  assert.deepEqual([t("Discard"), t("Save")], ["Verwerfen", "Speichern"]);
  assert.equal(instant(Date.parse("2026-12-01T13:05:00Z")), "01.12.2026, 14:05\u00a0Uhr");
});
