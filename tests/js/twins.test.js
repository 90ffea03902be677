import assert from "node:assert/strict";
import { test } from "node:test";
import { facilitiesOf, firmOf, isOf, pairTwins } from "#cards/twins";

const styles = {
  sectors: { fuel: { icon: "fuel" }, retail: { icon: "retail" } },
  facilities: { fuel: { icon: "fuel" }, bus_stop: { icon: "bus_stop" } },
};
const AT = [52.3716, 10.74667];
const firm = (key, filter, plot, at = AT) => ({ kind: "company", key, filter, places: [{ plot, at }] });
const station = (plot, at = AT) => ({ kind: "facility", key: "station", filter: "fuel", plot, at });

test("a filling station and its firm are one on one plot, or at one place", () => {
  const companies = [firm("shop", "retail", "P1"), firm("avia", "fuel", "P1")];
  assert.equal(firmOf(station("P1", [52.4, 10.7]), companies, styles).key, "avia");
  assert.equal(firmOf(station(null), companies, styles).key, "avia");
  assert.equal(firmOf(station("P2", [52.4, 10.7]), companies, styles), undefined);
  assert.deepEqual(
    facilitiesOf(companies[1], [station("P1")], styles).map(({ key }) => key),
    ["station"],
  );
});

test("nine metres are one place, eleven are two; no plot is no common plot", () => {
  const companies = [firm("avia", "fuel", null)];
  const north = (metres) => station(null, [AT[0] + metres / 111_320, AT[1]]);
  assert.ok(firmOf(north(9), companies, styles));
  assert.equal(firmOf(north(11), companies, styles), undefined);
});

test("what has another icon keeps its own sign", () => {
  const stop = { ...station("P1"), filter: "bus_stop" };
  assert.equal(firmOf(stop, [firm("avia", "fuel", "P1")], styles), undefined);
});

test("the firm's sign stands for the station's, and for one only", () => {
  const record = firm("avia", "fuel", "P1");
  const sign = { layer: "companies", id: "company:avia", record, place: record.places[0] };
  const stations = ["a", "b"].map((key) => ({
    layer: "facilities",
    id: `facility:${key}`,
    record: station("P1"),
  }));
  pairTwins([sign, ...stations], styles);
  assert.deepEqual([stations[0].twin, stations[1].twin, sign.also], [sign, undefined, "facility:a"]);
  assert.ok(isOf(sign, "facility:a") && isOf(sign, "company:avia"));
  assert.ok(!isOf(sign, null) && !isOf(stations[1], "facility:a"));
});
