/** What is asked once more before it is done: making a tour public, and deleting it. */
import { button, h } from "#page/dom";
import { t } from "#page/i18n";
import { glyph } from "#planner/plan/glyphs";

/** @typedef {{yes: () => void, no: () => void}} Answers */

/**
 * Return the texts of a tour that everybody will read, each with where it stands.
 *
 * Names of companies and facilities are known to everybody, and are none of them.
 * @param {import("#planner/tour_request").TourRequest} request
 * @param {string|null} [note] what the stored tour says of itself
 * @returns {string[][]}
 */
export function publicTexts(request, note = null) {
  const isPoint = (stop) => !stop.company && !stop.facility;
  const ofStop = (stop) => [
    isPoint(stop) && [t("Name of a place"), stop.name],
    stop.note && [t("Note on {name}", { name: stop.name }), stop.note],
  ];
  const met = request.meeting && isPoint(request.meeting) && [t("Meeting point"), request.meeting.name];
  return [
    [t("Title"), request.title],
    note && [t("Note on the tour"), note],
    met,
    ...request.stops.flatMap(ofStop),
  ].filter(Boolean);
}

/**
 * Ask whether what is listed is to be public: every text that somebody typed is shown before everybody can read it.
 * @param {string[][]} texts
 * @param {Answers} answers
 * @param {string} verb words of the button that makes them public
 */
export function publishingQuestion(texts, answers, verb) {
  const title = t(
    "Everybody will be able to read these texts: on the page, the visit sheet, in calendars and downloads.",
  );
  const rows = texts.flatMap(([where, text]) => [h("dt", where), h("dd", { lang: "de" }, text)]);
  const warning = h("p", t("Do they contain no names of persons? Anyone named must have agreed."));
  const body = [h("p.notice-title", title), h("dl.public-texts", ...rows), warning];
  const go = button(verb, answers.yes, { class: "btn btn-primary btn-sm", dataset: { verb: "publish-now" } });
  return question("notice is-calm", title, [glyph("globe"), body, go], t("Not yet"), answers.no);
}

/**
 * Ask whether a tour is to be deleted.
 * @param {string} title
 * @param {Answers} answers
 */
export function deletionQuestion(title, { yes, no }) {
  const words = t("Delete “{title}” for good? Its share link will stop working; this cannot be undone.", {
    title,
  });
  const go = button(t("Delete for good"), yes, {
    class: "btn btn-danger btn-sm",
    dataset: { verb: "delete-now" },
  });
  return question(
    "notice is-wrong",
    t("Delete the tour"),
    [glyph("warn"), h("p", words), go],
    t("Keep it"),
    no,
  );
}

/** Make a question that Escape answers, too; nothing happens until it is answered. `focus` leads to the harmless button. */
function question(look, name, [mark, body, go], refusal, no) {
  const stay = button(refusal, no);
  const props = { class: look, role: "alertdialog", "aria-label": name };
  const element = h("div", props, mark, h("div", body, h("div.save-buttons", go, stay)));
  element.addEventListener("keydown", (event) => event.key === "Escape" && no());
  return { element, focus: () => stay.focus() };
}
