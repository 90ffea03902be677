/** Distance and direction between two positions in degrees; good to a metre within a park. */

import { N_ } from "#page/i18n";

const RADIUS_M = 6_371_000;
const radians = (degrees) => (degrees * Math.PI) / 180;

/** The eight winds from north, clockwise; English texts to be translated. */
export const WINDS = [
  N_("north"),
  N_("northeast"),
  N_("east"),
  N_("southeast"),
  N_("south"),
  N_("southwest"),
  N_("west"),
  N_("northwest"),
];

/**
 * Return metres as the crow flies.
 * @param {{lon: number, lat: number}} from
 * @param {{lon: number, lat: number}} to
 */
export function distanceM(from, to) {
  const [east, north] = offset(from, to);
  return Math.hypot(east, north);
}

/** Return the direction from one position to another in degrees clockwise from north, 0 to 360. */
export function bearingDeg(from, to) {
  const [east, north] = offset(from, to);
  return ((Math.atan2(east, north) * 180) / Math.PI + 360) % 360;
}

function offset(from, to) {
  const middle = radians((from.lat + to.lat) / 2);
  return [radians(to.lon - from.lon) * Math.cos(middle) * RADIUS_M, radians(to.lat - from.lat) * RADIUS_M];
}

/** Return the one of `WINDS` that a direction is nearest to. */
export function wind(degrees) {
  return WINDS[Math.round((((degrees % 360) + 360) % 360) / 45) % 8];
}

/** Return where a position lies in the drawing, by the plan's `to_map`. */
export function onMap([a, b, c, d, e, f], { lon, lat }) {
  return { x: a * lon + b * lat + c, y: d * lon + e * lat + f };
}
