/** Where along a street its name can stand: pieces are joined to chains, and the straightest stretch wins. */

/** A straight text leaves a bent street by at most this many pixels. */
const MOST_BEND = 7;

/**
 * Join lines whose ends meet into longer ones.
 * @param {[number, number][][]} lines
 * @returns {[number, number][][]}
 */
export function chains(lines) {
  const rest = lines.map((line) => [...line]);
  const done = [];
  while (rest.length) {
    let chain = rest.pop();
    for (let at = joinable(chain, rest); at >= 0; at = joinable(chain, rest)) {
      chain = joined(chain, rest.splice(at, 1)[0]);
    }
    done.push(chain);
  }
  return done;
}

const same = (a, b) => Math.abs(a[0] - b[0]) < 1e-7 && Math.abs(a[1] - b[1]) < 1e-7;
const first = (line) => line[0];
const last = (line) => line[line.length - 1];

function joinable(chain, lines) {
  return lines.findIndex((line) =>
    [first(line), last(line)].some((end) => same(end, first(chain)) || same(end, last(chain))),
  );
}

function joined(chain, line) {
  if (same(last(chain), first(line))) return [...chain, ...line.slice(1)];
  if (same(last(chain), last(line))) return [...chain, ...line.toReversed().slice(1)];
  if (same(first(chain), last(line))) return [...line, ...chain.slice(1)];
  return [...line.toReversed(), ...chain.slice(1)];
}

/**
 * Find places for a text of `width` along a line, the straightest first, at least `apart` from one another.
 * @param {{x: number, y: number}[]} line pixels
 * @param {number} width pixels
 * @param {number} [apart] pixels between the middles
 * @returns {{x: number, y: number, angle: number, bend: number}[]} middle, angle in radians such that
 *   the text reads from left to right, and how far the line leaves the straight stretch in pixels
 */
export function placesAlong(line, width, apart = 420) {
  const lengths = [0];
  for (let i = 1; i < line.length; i += 1) {
    lengths.push(lengths[i - 1] + Math.hypot(line[i].x - line[i - 1].x, line[i].y - line[i - 1].y));
  }
  const total = lengths[lengths.length - 1];
  const found = [];
  for (let start = 0; start + width <= total; start += Math.max(8, width / 4)) {
    found.push(stretch(line, lengths, start, start + width));
  }
  const chosen = [];
  for (const place of found.sort((a, b) => a.bend - b.bend)) {
    const isFar = chosen.every((other) => Math.hypot(other.x - place.x, other.y - place.y) >= apart);
    if (place.bend < MOST_BEND && isFar) chosen.push(place);
  }
  return chosen;
}

function stretch(line, lengths, from, to) {
  const [a, b] = [pointAt(line, lengths, from), pointAt(line, lengths, to)];
  const within = line.filter((_, index) => lengths[index] > from && lengths[index] < to);
  const chord = Math.hypot(b.x - a.x, b.y - a.y) || 1;
  const off = (p) => Math.abs((b.x - a.x) * (a.y - p.y) - (a.x - p.x) * (b.y - a.y)) / chord;
  const bend = Math.max(0, to - from - chord, ...within.map(off));
  const isBackward = b.x < a.x;
  const angle = Math.atan2(isBackward ? a.y - b.y : b.y - a.y, isBackward ? a.x - b.x : b.x - a.x);
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, angle, bend };
}

/** Return the point at a length along the line. */
function pointAt(line, lengths, length) {
  const i = Math.min(
    Math.max(
      1,
      lengths.findIndex((sum) => sum >= length),
    ),
    line.length - 1,
  );
  const share = (length - lengths[i - 1]) / (lengths[i] - lengths[i - 1] || 1);
  return {
    x: line[i - 1].x + (line[i].x - line[i - 1].x) * share,
    y: line[i - 1].y + (line[i].y - line[i - 1].y) * share,
  };
}
