/** Where the device is, once its owner allows to ask. */

/** Own steps wind about: so much longer than the crow's flight is the way, about. */
const DETOUR = 1.25;
const METRES_A_MINUTE = 60;

/**
 * Follow the device's position.
 * @param {(place: {lon: number, lat: number, accuracyM: number, headingDeg: number|null}) => void} found
 * @param {(reason: "denied"|"unknown") => void} failed
 * @returns {() => void} ends it
 */
export function follow(found, failed) {
  if (!("geolocation" in navigator)) {
    failed("unknown");
    return () => {};
  }
  const watch = navigator.geolocation.watchPosition(
    ({ coords }) =>
      found({
        lon: coords.longitude,
        lat: coords.latitude,
        accuracyM: coords.accuracy,
        headingDeg: Number.isFinite(coords.heading) ? coords.heading : null,
      }),
    (error) => failed(error.code === error.PERMISSION_DENIED ? "denied" : "unknown"),
    { enableHighAccuracy: true, maximumAge: 5000, timeout: 20_000 },
  );
  return () => navigator.geolocation.clearWatch(watch);
}

/** Return about how many minutes a walk takes whose goal is `metres` away as the crow flies. */
export function walkMin(metres) {
  return (metres * DETOUR) / METRES_A_MINUTE;
}
