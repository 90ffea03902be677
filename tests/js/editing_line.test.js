import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import test from "node:test";
import { gzipSync } from "node:zlib";
import {
  SNAP_M,
  between,
  distance,
  inserted,
  joint,
  lengthOf,
  lineText,
  moved,
  parseLine,
  pointText,
  removed,
  shifted,
} from "#editing/line";

const HERE = [10.7276, 52.3731];
const east = (m) => shifted(HERE, m, 0);
const north = (m) => shifted(HERE, 0, m);
/** Metres on the sphere by the haversine formula: a second answer. */
function haversine([lon, lat], [otherLon, otherLat]) {
  const rad = Math.PI / 180;
  const [a, b] = [((otherLat - lat) * rad) / 2, ((otherLon - lon) * rad) / 2];
  const part = Math.sin(a) ** 2 + Math.cos(lat * rad) * Math.cos(otherLat * rad) * Math.sin(b) ** 2;
  return 2 * 6_378_137 * Math.asin(Math.sqrt(part));
}

test("a step is as long as it says, in every direction", () => {
  for (const [x, y] of [
    [1, 0],
    [0, 1],
    [-10, 0],
    [30, -40],
  ]) {
    const wanted = Math.hypot(x, y);
    assert.ok(Math.abs(haversine(HERE, shifted(HERE, x, y)) - wanted) < wanted * 0.002);
    assert.ok(Math.abs(distance(HERE, shifted(HERE, x, y)) - wanted) < wanted * 0.001);
  }
  assert.ok(Math.abs(lengthOf([HERE, east(30), shifted(HERE, 30, 40)]) - 70) < 0.1);
});

test("text and line are the same, and bad text is none", () => {
  const text = "10.7276000, 52.3731000; 10.7280000, 52.3733000";
  assert.equal(lineText(parseLine(text)), text);
  assert.equal(lineText(parseLine(lineText(parseLine(" 10.7276,52.3731;10.728 , 52.3733; ")))), text);
  assert.equal(pointText(HERE), "10.7276000, 52.3731000");
  assert.deepEqual(parseLine(""), []);
  for (const bad of ["hier; dort", "10.7", "10.7, 52.3, 1", "10.7, ", "200, 52", "10, 95", "NaN, 1"])
    assert.equal(parseLine(bad), null, bad);
});

test("corners come, move and go, and the line that was stays as it was", () => {
  const line = Object.freeze([HERE, east(10)]);
  const more = inserted(line, 1, between(...line));
  assert.equal(more.length, 3);
  assert.ok(Math.abs(distance(more[1], HERE) - 5) < 0.01);
  assert.deepEqual(removed(more, 1), [...line]);
  assert.deepEqual(moved(line, 1, north(3)), [HERE, north(3)]);
  assert.equal(line[0], HERE);
});

test("an end joins the nearest tip, else the nearest place of a way, else nothing", () => {
  const way = { name: "Weg", line: [east(-50), east(50)] };
  const tip = joint(shifted(HERE, 51, 1), [way]);
  assert.equal(tip.isTip, true);
  assert.equal(tip.at, way.line[1]);
  const foot = joint(north(2), [way]);
  assert.equal(foot.isTip, false);
  assert.ok(distance(foot.at, HERE) < 0.01);
  assert.ok(Math.abs(foot.metres - 2) < 0.01);
  assert.equal(joint(north(SNAP_M + 0.1), [way]), null);
  assert.equal(joint(HERE, []), null);
  // A tip within reach counts before a nearer place of another way, as on the service.
  const near = { name: "nah", line: [shifted(HERE, -5, 1), shifted(HERE, 5, 1)] };
  const far = { name: "fern", line: [north(-2), north(-60)] };
  assert.equal(joint(HERE, [near, far]).way, far);
});

test("ways of one place, of no length, do no harm", () => {
  const met = joint(HERE, [{ name: "Punkt", line: [HERE, HERE] }]);
  assert.equal(met.metres, 0);
});

test("what is loaded to edit stays small", () => {
  const folder = new URL("../../app/web/static/js/editing/", import.meta.url);
  const sizes = readdirSync(folder).map((name) => gzipSync(readFileSync(new URL(name, folder))).length);
  assert.ok(sizes.length >= 7);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(bytes <= 20_000, `${bytes} bytes`);
});
