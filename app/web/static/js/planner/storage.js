/** What was typed, held in this tab so that a reload loses nothing. */

// Rises when what is stored means something else: since 2, positions count from 0.
const FORM = 2;
const name = (key) => `planner:${key ?? "new"}`;

/** Do something with the tab's storage; a browser that refuses to hold anything is left alone. */
function attempt(act) {
  try {
    return act();
  } catch {
    return null;
  }
}

/**
 * Store what was typed.
 * @param {string|null} key of the stored tour, null for one not stored
 * @param {{request: object, version: number|null, isChanged: boolean}} draft `isChanged`: other than stored
 */
export function storeDraft(key, draft) {
  attempt(() => sessionStorage.setItem(name(key), JSON.stringify({ form: FORM, ...draft })));
}

/** Return what was stored, null when nothing was or it cannot be read. */
export function loadDraft(key) {
  const found = attempt(() => JSON.parse(sessionStorage.getItem(name(key))));
  return found?.form === FORM ? found : null;
}

/** Remove what was stored. */
export function removeDraft(key) {
  attempt(() => sessionStorage.removeItem(name(key)));
}
