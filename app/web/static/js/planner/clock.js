/**
 * Times of day as people type them, and as minutes from midnight.
 */

/**
 * Return `HH:MM` for what was typed: `14:30`, `14.30`, `1430`, `9`, `14:30 Uhr`; null for what is no time of day.
 *
 * @param {string} text
 * @returns {string|null}
 */
export function parseClock(text) {
  const bare = text
    .trim()
    .toLowerCase()
    .replace(/\s*(uhr|h)$/, "");
  const found = /^(\d{1,2})(?:\s*[:.,]\s*(\d{2}))?$/.exec(bare) ?? /^(\d{1,2})(\d{2})$/.exec(bare);
  if (!found) return null;
  const [hours, mins] = [Number(found[1]), Number(found[2] ?? 0)];
  return hours < 24 && mins < 60 ? written(hours * 60 + mins) : null;
}

/** Return the minutes from midnight of `HH:MM`. */
export function minutesOf(text) {
  const [hours, mins] = text.split(":").map(Number);
  return hours * 60 + mins;
}

/** Return `HH:MM` of minutes from midnight, kept within the day. */
export function written(total) {
  const held = Math.min(Math.max(Math.round(total), 0), 24 * 60 - 1);
  return `${pad(Math.floor(held / 60))}:${pad(held % 60)}`;
}

function pad(value) {
  return String(value).padStart(2, "0");
}
