/** Forgiving one slip of the finger: a letter too many, too few, another one, or two changed about. */

/** In fewer letters too many words are one slip apart. */
const LEAST_LETTERS = 4;

/**
 * Say whether two texts are at most one slip apart: a Damerau-Levenshtein distance of 0 or 1.
 * @param {string} one
 * @param {string} other
 */
export function isOneSlipApart(one, other) {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  if (long.length - short.length > 1) return false;
  let at = 0;
  while (at < short.length && short[at] === long[at]) at += 1;
  if (short.length < long.length) return short.slice(at) === long.slice(at + 1);
  const isReplaced = short.slice(at + 1) === long.slice(at + 1);
  const isSwapped =
    short[at] === long[at + 1] && short[at + 1] === long[at] && short.slice(at + 2) === long.slice(at + 2);
  return isReplaced || isSwapped;
}

/**
 * Say whether somebody who types a word may mean another, or be about to: it is one slip from it or its beginning.
 * @param {string} typed
 * @param {string} word
 */
export function isMeant(typed, word) {
  if (typed.length < LEAST_LETTERS) return false;
  return [-1, 0, 1].some((more) => isOneSlipApart(typed, word.slice(0, typed.length + more)));
}
