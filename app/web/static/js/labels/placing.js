/**
 * Which labels fit on the map. A label is one or more upright boxes; none may touch what was placed before.
 */

/**
 * @typedef {{x: number, y: number, w: number, h: number}} Box  top left corner and size, pixels
 * @typedef {{priority: number, choices: Box[][]}} Candidate
 *   `choices` are the ways it may lie, the best first; each is the boxes it covers then
 */

const CELL = 64;

/** Boxes taken so far, found by grid cell. */
class Taken {
  constructor() {
    this.cells = new Map();
  }

  /** Say whether a box touches none that is taken. */
  isFree(box) {
    return cellsOf(box).every((cell) => (this.cells.get(cell) ?? []).every((other) => !overlap(box, other)));
  }

  /** Take a box. */
  take(box) {
    for (const cell of cellsOf(box)) {
      if (this.cells.has(cell)) this.cells.get(cell).push(box);
      else this.cells.set(cell, [box]);
    }
  }
}

function cellsOf(box) {
  const cells = [];
  for (let column = Math.floor(box.x / CELL); column <= Math.floor((box.x + box.w) / CELL); column += 1) {
    for (let row = Math.floor(box.y / CELL); row <= Math.floor((box.y + box.h) / CELL); row += 1) {
      cells.push(`${column},${row}`);
    }
  }
  return cells;
}

/** Say whether two boxes share more than a border. */
export function overlap(a, b) {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

/**
 * Place labels, the most important first.
 * @template {Candidate} C
 * @param {C[]} candidates higher priority first wins; equal ones in their order
 * @param {Box[]} [obstacles] what no label may cover
 * @returns {{candidate: C, choice: number}[]} those that fit, with the way they lie
 */
export function placeLabels(candidates, obstacles = []) {
  const taken = new Taken();
  obstacles.forEach((box) => taken.take(box));
  const ordered = candidates
    .map((candidate, position) => ({ candidate, position }))
    .sort((a, b) => b.candidate.priority - a.candidate.priority || a.position - b.position);
  const placed = [];
  for (const { candidate } of ordered) {
    const choice = candidate.choices.findIndex((boxes) => boxes.every((box) => taken.isFree(box)));
    if (choice < 0) continue;
    candidate.choices[choice].forEach((box) => taken.take(box));
    placed.push({ candidate, choice });
  }
  return placed;
}

/**
 * Cover a turned text by small upright boxes along its line.
 * @param {{x: number, y: number}} middle
 * @param {number} angle radians
 * @param {number} width
 * @param {number} height
 * @returns {Box[]}
 */
export function boxesAlong(middle, angle, width, height) {
  const n = Math.max(1, Math.ceil(width / height));
  return Array.from({ length: n }, (_, index) => {
    const along = ((index + 0.5) / n - 0.5) * width;
    const [x, y] = [middle.x + Math.cos(angle) * along, middle.y + Math.sin(angle) * along];
    return { x: x - height / 2, y: y - height / 2, w: height, h: height };
  });
}
