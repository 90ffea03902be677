/**
 * How walks are told apart on one map: each has a letter and a color, and a line of its own inside the line.
 *
 * The colors stay apart under the common kinds of color blindness, and numbers can be read on them.
 */

/** How many looks there are; `.tour-look-0` and its like in map.css. */
export const LOOKS = 5;

/**
 * Give walks their looks, those of earlier days first, so that a new walk changes no other's.
 * @template {{key: string, toured_on: string}} T
 * @param {T[]} tours
 * @returns {(T & {look: number, letter: string|null})[]} in the order given; one walk alone needs no letter
 */
export function withLooks(tours) {
  const order = [...tours].sort((a, b) => compare(a.toured_on, b.toured_on) || compare(a.key, b.key));
  const place = new Map(order.map((tour, index) => [tour.key, index]));
  return tours.map((tour) => ({
    ...tour,
    look: place.get(tour.key) % LOOKS,
    letter: tours.length > 1 ? letterAt(place.get(tour.key)) : null,
  }));
}

/** Return the class of a walk's look; that of the first for a walk without one. */
export function lookOf(tour) {
  return `tour-look-${tour.look ?? 0}`;
}

/** Return A, B ... Z, AA, AB ... */
export function letterAt(index) {
  const last = String.fromCharCode(65 + (index % 26));
  return index < 26 ? last : letterAt(Math.floor(index / 26) - 1) + last;
}

function compare(a, b) {
  return a < b ? -1 : Number(a > b);
}
