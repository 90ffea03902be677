/** Finding by words, whichever way umlauts are written: Hohenbüchen, hohenbuechen, HOHENBUCHEN. */
import { SYNONYMS } from "#page/synonyms";
import { isMeant } from "#page/typos";

/** The points of a word that was found as it is written; less for another word for it, least for a slip of the finger. */
const ANOTHER_WORD = 0.5;
const A_SLIP = 0.25;
/** So much of a word must be typed before others for it are looked for. */
const LEAST_OF_SYNONYM = 3;

/**
 * Return the text in small plain letters: accents gone, ß as ss, everything else than letters and digits as one space.
 * @param {string} text
 * @returns {string}
 */
export function plain(text) {
  return text
    .toLowerCase()
    .replace(/ß/g, "ss")
    .normalize("NFD")
    .replace(/\p{M}+/gu, "")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** Return `plain` text with ae, oe, ue drawn together to a, o, u, as ä, ö, ü are. */
export function folded(text) {
  return plain(text).replace(/([aou])e+/g, "$1");
}

const MEANINGS = SYNONYMS.map((words) => words.map(folded));

/** @typedef {{plain: string, folded: string}} Haystack */

/**
 * Prepare texts for `score`.
 * @param {(string|null|undefined)[]} texts most important first
 * @returns {Haystack}
 */
export function haystack(texts) {
  const joined = texts
    .filter(Boolean)
    .map((text) => plain(text))
    .join(" | ");
  return { plain: joined, folded: joined.replace(/([aou])e+/g, "$1") };
}

/**
 * Say how well every word of a query is found.
 * @param {Haystack} hay
 * @param {string} query
 * @param {{forgives?: boolean}} [options] `forgives`: one slip of the finger a word, from four letters on
 * @returns {number} 0 where a word is missing; more the earlier and the more at a word's start it is found, less for
 *   another word of the same meaning; 1 for an empty query
 */
export function score(hay, query, { forgives = false } = {}) {
  const needle = plain(query);
  if (!needle) return 1;
  let total = 0;
  for (const word of needle.split(" ")) {
    const found = placed(hay, word) || meaning(hay, word) || (forgives ? slipped(hay, word) : 0);
    if (found === 0) return 0;
    total += found;
  }
  return total;
}

function placed(hay, word) {
  return Math.max(place(hay.plain, word), place(hay.folded, folded(word)));
}

/** Look for other words of the same meaning: at the start of a word of the text, short ones as a whole word. */
function meaning(hay, word) {
  if (word.length < LEAST_OF_SYNONYM) return 0;
  const typed = folded(word);
  const others = MEANINGS.filter((words) => words.some((one) => one.startsWith(typed))).flat();
  const text = ` ${hay.folded} `;
  const isThere = (other) => text.includes(` ${other}${other.length > LEAST_OF_SYNONYM ? "" : " "}`);
  return others.some(isThere) ? ANOTHER_WORD : 0;
}

function slipped(hay, word) {
  const typed = folded(word);
  return hay.folded.split(/[ |]+/).some((one) => isMeant(typed, one)) ? A_SLIP : 0;
}

/** 4 at the very start, 3 at the start of a word in the first text, 2 of any word, 1 inside one, 0 nowhere. */
function place(text, word) {
  if (text.startsWith(word)) return 4;
  const at = ` ${text}`.indexOf(` ${word}`);
  if (at >= 0) return at < ` ${text}|`.indexOf("|") ? 3 : 2;
  return text.includes(word) ? 1 : 0;
}

/**
 * Return the records that match, the best first, equal ones in their order.
 * @template {{hay: Haystack}} R
 * @param {R[]} records
 * @param {string} query
 * @param {{forgives?: boolean}} [options] as of `score`
 * @returns {R[]}
 */
export function matching(records, query, options = {}) {
  if (!plain(query)) return records;
  return records
    .map((record, position) => ({ record, position, points: score(record.hay, query, options) }))
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points || a.position - b.position)
    .map(({ record }) => record);
}
