/**
 * Lines and points as people edit them: pure, no page. A position is [longitude, latitude] in degrees.
 *
 * Every function returns a new line and leaves the one it is given as it is.
 */

/** A way joins what lies nearer to one of its ends; the service does the same, and has the last word. */
export const SNAP_M = 3;
const METRES_PER_DEGREE = 111_320;
const DECIMALS = 7;

/** @typedef {[number, number]} Position */

/** Return how many metres a position lies east and north of another one. */
function offset([lon, lat], [toLon, toLat]) {
  const narrow = Math.cos((lat * Math.PI) / 180);
  return [(toLon - lon) * METRES_PER_DEGREE * narrow, (toLat - lat) * METRES_PER_DEGREE];
}

/**
 * Return a position some metres to the east and to the north.
 * @param {Position} at
 * @returns {Position}
 */
export function shifted([lon, lat], east, north) {
  const narrow = Math.cos((lat * Math.PI) / 180);
  return [lon + east / (METRES_PER_DEGREE * narrow), lat + north / METRES_PER_DEGREE];
}

/** Return the metres between two positions. */
export function distance(one, other) {
  return Math.hypot(...offset(one, other));
}

/** Return the length of a line in metres. */
export function lengthOf(line) {
  return line.slice(1).reduce((sum, at, i) => sum + distance(line[i], at), 0);
}

/** Return a position as a field has it; the same text for the same place, however often it is read. */
export function pointText([lon, lat]) {
  return `${lon.toFixed(DECIMALS)}, ${lat.toFixed(DECIMALS)}`;
}

/** Return a line as a field has it. */
export function lineText(line) {
  return line.map(pointText).join("; ");
}

/**
 * Read a line of a field; null for what is none, however many corners it has.
 * @param {string} text
 * @returns {Position[]|null}
 */
export function parseLine(text) {
  const parts = text.split(";").filter((part) => part.trim());
  const line = parts.map((part) => part.split(",").map((number) => (number.trim() ? Number(number) : NaN)));
  const isSound = (at) => at.length === 2 && Math.abs(at[0]) <= 180 && Math.abs(at[1]) <= 90;
  return line.every(isSound) ? /** @type {Position[]} */ (line) : null;
}

/** Return a line with one more corner before the `i`-th one. */
export function inserted(line, i, at) {
  return [...line.slice(0, i), at, ...line.slice(i)];
}

/** Return a line with its `i`-th corner elsewhere. */
export function moved(line, i, at) {
  return line.map((old, n) => (n === i ? at : old));
}

/** Return a line without its `i`-th corner. */
export function removed(line, i) {
  return line.filter((_, n) => n !== i);
}

/** Return the position in the middle between two. */
export function between([lon, lat], [otherLon, otherLat]) {
  return [(lon + otherLon) / 2, (lat + otherLat) / 2];
}

/**
 * Return what an end joins: the nearest end of a way within reach, else the nearest place of one, else nothing.
 * @param {Position} at
 * @param {{name: string, line: Position[]}[]} ways
 * @returns {{at: Position, way: any, isTip: boolean, metres: number}|null}
 */
export function joint(at, ways, reach = SNAP_M) {
  const tips = ways.flatMap((way) => [way.line[0], way.line.at(-1)].map((tip) => found(at, tip, way, true)));
  const near = tips.filter(({ metres }) => metres <= reach);
  if (near.length) return nearest(near);
  const feet = ways.map((way) => found(at, footOn(at, way.line), way, false));
  return nearest(feet.filter(({ metres }) => metres <= reach));
}

function found(from, at, way, isTip) {
  return { at, way, isTip, metres: distance(from, at) };
}

function nearest(all) {
  return all.reduce((best, one) => (best && best.metres <= one.metres ? best : one), null);
}

/** Return the place of a line that is nearest to a position. */
function footOn(at, line) {
  const feet = line.slice(1).map((end, i) => {
    const [x, y] = offset(line[i], end);
    const [px, py] = offset(line[i], at);
    const share = Math.min(1, Math.max(0, (px * x + py * y) / (x * x + y * y || 1)));
    const [lon, lat] = line[i];
    const foot = [lon + (end[0] - lon) * share, lat + (end[1] - lat) * share];
    return { at: foot, metres: distance(at, foot) };
  });
  return feet.length ? nearest(feet).at : line[0];
}
