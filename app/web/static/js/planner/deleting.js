/** Deleting a tour: asked once more before it is done. */
import { button, h } from "#page/dom";
import { t } from "#page/i18n";
import { glyph } from "#planner/plan/glyphs";

/**
 * Make the question whether a tour is to be deleted; nothing happens until it is answered.
 *
 * @param {string} title
 * @param {{yes: () => void, no: () => void}} answers
 * @returns {{element: HTMLElement, focus: () => void}}
 */
export function deletionQuestion(title, { yes, no }) {
  const keep = button(t("Keep it"), no);
  const gone = button(t("Delete for good"), yes, { class: "btn btn-danger btn-sm", dataset: { verb: "delete-now" } });
  const words = t("Delete “{title}” for good? Its share link then leads nowhere; this cannot be undone.", { title });
  const element = h("div.notice.is-wrong", { role: "alertdialog", "aria-label": t("Delete the tour") }, glyph("warn"), h("div", h("p", words), h("div.save-buttons", gone, keep)));
  element.addEventListener("keydown", (event) => event.key === "Escape" && no());
  return { element, focus: () => keep.focus() };
}
