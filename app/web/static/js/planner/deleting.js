/**
 * Deleting a tour: asked once more before it is done.
 */
import { h } from "#page/dom";
import { t } from "#page/i18n";
import { button } from "#planner/stops/fields";
import { glyph } from "#planner/plan/glyphs";

/**
 * Make the question whether a tour is to be deleted; nothing happens until it is answered.
 *
 * @param {string} title
 * @param {{yes: () => void, no: () => void}} answers
 * @returns {{element: HTMLElement, focus: () => void}}
 */
export function deletionQuestion(title, { yes, no }) {
  const keep = button(t("Keep it"), no, { class: "btn btn-quiet btn-sm" });
  const gone = button(t("Delete for good"), yes, { class: "btn btn-danger btn-sm", dataset: { verb: "delete-now" } });
  const words = t("Delete “{title}” for good? Its share link will stop working; this cannot be undone.", { title });
  const element = h(
    "div",
    { class: "notice is-wrong", role: "alertdialog", "aria-label": t("Delete the tour") },
    glyph("warn"),
    h("div", {}, h("p", { text: words }), h("div", { class: "save-buttons" }, gone, keep)),
  );
  element.addEventListener("keydown", (event) => event.key === "Escape" && no());
  return { element, focus: () => keep.focus() };
}
