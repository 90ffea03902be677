/** What was typed, kept in this tab so that a reload loses nothing. */

const FORM = 1;
const name = (key) => `planner:${key ?? "new"}`;

/**
 * Keep a wish; a browser that refuses to keep anything is left alone.
 *
 * @param {string|null} key of the stored tour, null for one not stored
 * @param {{wish: object, version: number|null, isChanged: boolean}} kept `isChanged`: other than stored
 */
export function keep(key, kept) {
  try {
    sessionStorage.setItem(name(key), JSON.stringify({ form: FORM, ...kept }));
  } catch {
    // Without storage a reload loses the wish; planning works.
  }
}

/** Return what was kept, null when nothing was or it cannot be read. */
export function kept(key) {
  try {
    const found = JSON.parse(sessionStorage.getItem(name(key)));
    return found?.form === FORM ? found : null;
  } catch {
    return null;
  }
}

/** Forget what was kept. */
export function forget(key) {
  try {
    sessionStorage.removeItem(name(key));
  } catch {
    // There is nothing to forget then.
  }
}
