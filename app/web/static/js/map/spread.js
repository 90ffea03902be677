/** Signs that would cover one another are moved apart, so that each can be seen and reached. */

/**
 * Move points apart until no two are nearer than `distance`; each stays as near to its place as that allows.
 * @param {{x: number, y: number}[]} anchors pixels
 * @param {number} distance pixels
 * @param {number} [rounds]
 * @returns {{x: number, y: number}[]} in the same order; the same for the same input
 */
export function spread(anchors, distance, rounds = 80) {
  const points = anchors.map((anchor, index) => startOf(anchor, index, anchors, distance));
  for (let round = 0; round < rounds; round += 1) {
    const pull = round < rounds * 0.6 ? 0.08 : 0;
    points.forEach((point, index) => {
      point.x += (anchors[index].x - point.x) * pull;
      point.y += (anchors[index].y - point.y) * pull;
    });
    if (!pushApart(points, distance) && pull === 0) break;
  }
  return points;
}

/** Points at one very place start on a small circle around it, or they would have no direction to part in. */
function startOf(anchor, index, anchors, distance) {
  const twins = anchors.reduce((found, other, position) => {
    if (Math.hypot(other.x - anchor.x, other.y - anchor.y) < 0.5) found.push(position);
    return found;
  }, []);
  if (twins.length === 1) return { x: anchor.x, y: anchor.y };
  const angle = (2 * Math.PI * twins.indexOf(index)) / twins.length - Math.PI / 2;
  return { x: anchor.x + Math.cos(angle) * distance * 0.4, y: anchor.y + Math.sin(angle) * distance * 0.4 };
}

function pushApart(points, distance) {
  let moved = false;
  for (const [a, b] of nearPairs(points, distance)) {
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    const apart = Math.hypot(dx, dy);
    if (apart >= distance - 1e-6) continue;
    const [ux, uy] = apart > 1e-9 ? [dx / apart, dy / apart] : [1, 0];
    const step = (distance - apart) / 2 + 0.01;
    a.x -= ux * step;
    a.y -= uy * step;
    b.x += ux * step;
    b.y += uy * step;
    moved = true;
  }
  return moved;
}

/** Pairs of points in the same or adjoining cells of a grid as wide as `distance`, each pair once. */
function* nearPairs(points, distance) {
  const cells = new Map();
  for (const [index, point] of points.entries()) {
    const [column, row] = [Math.floor(point.x / distance), Math.floor(point.y / distance)];
    for (let dx = -1; dx <= 1; dx += 1) {
      for (let dy = -1; dy <= 1; dy += 1) {
        for (const other of cells.get(`${column + dx},${row + dy}`) ?? []) yield [points[other], point];
      }
    }
    const cell = `${column},${row}`;
    if (cells.has(cell)) cells.get(cell).push(index);
    else cells.set(cell, [index]);
  }
}
