/** Making a tour public: every text that somebody typed is shown before everybody can read it. */
import { button, h } from "#page/dom";
import { t } from "#page/i18n";
import { glyph } from "#planner/plan/glyphs";

/**
 * Return the texts of a tour that everybody will read, each with where it stands.
 *
 * Names of companies and facilities are known to everybody, and are none of them.
 *
 * @param {import("#planner/tour_request").Wish} wish
 * @param {string|null} [note] what the stored tour says of itself
 * @returns {string[][]}
 */
export function publicTexts(wish, note = null) {
  const isPoint = (stop) => !stop.company && !stop.facility;
  const ofStop = (stop) => [isPoint(stop) && [t("Name of a place"), stop.name], stop.note && [t("Note on {name}", { name: stop.name }), stop.note]];
  const met = wish.meeting && isPoint(wish.meeting) && [t("Meeting point"), wish.meeting.name];
  return [[t("Title"), wish.title], note && [t("Note on the tour"), note], met, ...wish.stops.flatMap(ofStop)].filter(Boolean);
}

/**
 * Make the question whether what is listed is to be public; nothing happens until it is answered.
 *
 * @param {string[][]} texts
 * @param {{yes: () => void, no: () => void}} answers
 * @param {string} verb words of the button that makes them public
 * @returns {{element: HTMLElement, focus: () => void}}
 */
export function publishingQuestion(texts, { yes, no }, verb) {
  const keep = button(t("Not yet"), no);
  const go = button(verb, yes, { class: "btn btn-primary btn-sm", dataset: { verb: "publish-now" } });
  const title = h("p.notice-title", { id: "publishing-title" }, t("Everybody will read these texts: on the page, the visit sheet, in calendars and downloads."));
  const rows = texts.flatMap(([where, text]) => [h("dt", where), h("dd", { lang: "de" }, text)]);
  const warning = h("p", t("Is no name of a person among them? Whoever is named must have agreed."));
  const element = h("div.notice.is-calm", { role: "alertdialog", "aria-labelledby": "publishing-title" }, glyph("globe"), h("div", title, h("dl.public-texts", ...rows), warning, h("div.save-buttons", go, keep)));
  element.addEventListener("keydown", (event) => event.key === "Escape" && no());
  return { element, focus: () => keep.focus() };
}
