/** The walk of a plan as the map draws it: what runs beside the paths apart from the rest. */

const place = ([lon, lat]) => `${lon.toFixed(7)},${lat.toFixed(7)}`;
const step = (a, b) => [place(a), place(b)].sort().join(" ");

/**
 * Split a leg's line where it leaves the paths.
 * @param {{geometry: {coordinates: [number, number][]}, off_network: {coordinates: [number, number][]}[]}} leg
 * @returns {{isOnNetwork: boolean, line: [number, number][]}[]} in walking order
 */
export function partsOf(leg) {
  const off = new Set(
    leg.off_network.flatMap(({ coordinates: line }) => line.slice(1).map((to, i) => step(line[i], to))),
  );
  const parts = [];
  const line = leg.geometry.coordinates;
  for (let i = 1; i < line.length; i += 1) {
    const isOnNetwork = !off.has(step(line[i - 1], line[i]));
    if (parts.at(-1)?.isOnNetwork === isOnNetwork) parts.at(-1).line.push(line[i]);
    else parts.push({ isOnNetwork, line: [line[i - 1], line[i]] });
  }
  return parts;
}

/** Return the legs as GeoJSON features with what lines and labels of tours ask for. */
export function legFeatures(legs) {
  return legs.flatMap((leg, position) =>
    partsOf(leg).map(({ isOnNetwork, line }, part) => ({
      type: "Feature",
      geometry: { type: "LineString", coordinates: line },
      properties: {
        position,
        part,
        is_on_network: isOnNetwork,
        length_m: planarLength(line),
        walk_min: part === 0 ? leg.walk_min : 0,
      },
    })),
  );
}

function planarLength(line) {
  const [, lat] = line[0];
  const narrow = Math.cos((lat * Math.PI) / 180);
  const lengths = line.slice(1).map(([x, y], i) => Math.hypot((x - line[i][0]) * narrow, y - line[i][1]));
  return lengths.reduce((sum, length) => sum + length, 0) * 111_320;
}

/**
 * Say whether a position lies in an area.
 * @param {{type: string, coordinates: any}} geometry Polygon or MultiPolygon
 * @param {[number, number]} position longitude, latitude
 * @returns {boolean}
 */
export function holds(geometry, [x, y]) {
  const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  return polygons.some((rings) => rings.reduce((isIn, ring) => isIn !== isInside(ring, x, y), false));
}

function isInside(ring, x, y) {
  let isIn = false;
  for (let i = 1; i < ring.length; i += 1) {
    const [ax, ay, bx, by] = [...ring[i - 1], ...ring[i]];
    if (ay > y !== by > y && x < ax + ((bx - ax) * (y - ay)) / (by - ay)) isIn = !isIn;
  }
  return isIn;
}
