/**
 * A firm and a facility that are one thing, a filling station say: one sign on the map, each reachable from the other.
 */

/** Nearer than this they are at one place, even where no plot says so. */
const ONE_PLACE_M = 10;

/**
 * Say whether a facility is what a firm is at one of its places: there, and with the same icon.
 * @param {any} facility
 * @param {any} company
 * @param {{plot: string|null, at: [number, number]}} place of the company
 * @param {Record<string, any>} styles
 */
function isTwin(facility, company, place, styles) {
  const [one, other] = [styles.facilities[facility.filter]?.icon, styles.sectors[company.filter]?.icon];
  if (!one || one !== other) return false;
  return (
    Boolean(facility.plot && facility.plot === place.plot) ||
    metresBetween(facility.at, place.at) < ONE_PLACE_M
  );
}

/** Return the firm that a facility is, or undefined. */
export function firmOf(facility, companies, styles) {
  return companies.find((company) =>
    company.places.some((place) => isTwin(facility, company, place, styles)),
  );
}

/** Return the facilities that a firm is. */
export function facilitiesOf(company, facilities, styles) {
  return facilities.filter((facility) =>
    company.places.some((place) => isTwin(facility, company, place, styles)),
  );
}

/**
 * Let signs of firms stand for those of facilities that are the same.
 * @param {{layer: string, id: string, record: any, place?: any, twin?: object, also?: string}[]} signs are changed:
 *   a facility's gets the `twin` that stands for it, that one the id it stands for, `also`
 * @param {Record<string, any>} styles
 */
export function pairTwins(signs, styles) {
  const firms = signs.filter(({ layer }) => layer === "companies");
  for (const sign of signs.filter(({ layer }) => layer === "facilities")) {
    sign.twin = firms.find((firm) => !firm.also && isTwin(sign.record, firm.record, firm.place, styles));
    if (sign.twin) sign.twin.also = sign.id;
  }
}

/** Say whether a sign stands for what has an id. */
export function isOf(sign, id) {
  return id !== null && (sign.id === id || sign.also === id);
}

function metresBetween([lat, lon], [otherLat, otherLon]) {
  const perDegree = 111_320;
  const east = (lon - otherLon) * Math.cos((lat * Math.PI) / 180);
  return Math.hypot(lat - otherLat, east) * perDegree;
}
