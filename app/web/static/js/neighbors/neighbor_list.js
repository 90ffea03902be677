/** The neighbors of a company or plot, grouped by relation, each with its metres and the reason. */
import { button, h } from "#page/dom";
import { relationLine } from "#page/icons";
import { metres, t } from "#page/i18n";

const STRONGEST_FIRST = ["same_plot", "overlap", "edge", "corner", "across"];

/**
 * Group neighbors by relation, the strongest relation first, in the order given within one.
 * @param {any[]} neighbors
 * @returns {any[][]} relation and members
 */
export function byRelation(neighbors) {
  const of = (relation) => neighbors.filter((neighbor) => neighbor.relation === relation);
  return STRONGEST_FIRST.flatMap((relation) => (of(relation).length ? [[relation, of(relation)]] : []));
}

/**
 * Make the list.
 * @param {any[]} neighbors as the service tells them
 * @param {{styles: any, isKnown: (sel: object) => boolean, pick: (sel: object) => void, point: (neighbor: any|null) => void}} context
 * @returns {HTMLElement}
 */
export function neighborList(neighbors, context) {
  const groups = byRelation(neighbors);
  return h("div.neighbors", ...groups.map(([relation, members]) => group(relation, members, context)));
}

function group(relation, members, context) {
  const style = context.styles.relations[relation];
  return h(
    "section.neighbor-group",
    h("h4", relationLine(style), h("span", t(style.label)), h("span.count", String(members.length))),
    h("ul", ...members.map((neighbor) => h("li", ...neighborButton(neighbor, context)))),
  );
}

function neighborButton(neighbor, { isKnown, pick, point }) {
  const sel = { kind: neighbor.kind, key: neighbor.key };
  const firms = neighbor.members ?? [];
  const isGroup = firms.length > 1;
  const decided = neighbor.is_override ? h("span.tag", t("decided by hand")) : null;
  const vacant = neighbor.kind === "plot" && !firms.length ? h("span.tag", t("plot")) : null;
  const show = {
    mouseenter: () => point(neighbor),
    mouseleave: () => point(null),
    focus: () => point(neighbor),
    blur: () => point(null),
  };
  const row = h(
    "button.neighbor",
    { type: "button", disabled: !isKnown(sel), on: { click: () => pick(sel), ...show } },
    h(
      "span.neighbor-name",
      isGroup ? (neighbor.group_name ?? neighbor.name) : neighbor.name,
      vacant,
      decided,
    ),
    h("span.neighbor-length", measure(neighbor)),
    h("span.neighbor-reason", neighbor.reason),
  );
  const names = neighbor.kind === "plot" || isGroup ? firms : [];
  return names.length
    ? [row, h("div.neighbor-firms", ...names.map((firm) => firmLink(firm, isKnown, pick)))]
    : [row];
}

function firmLink(firm, isKnown, pick) {
  const sel = { kind: "company", key: firm.key };
  return button(firm.name, () => pick(sel), { class: "inline-link", disabled: !isKnown(sel) });
}

/** Return the length that matters for a relation: the common boundary, or the distance across. */
export function measure(neighbor) {
  if (neighbor.relation === "across") return neighbor.gap_m === null ? "" : metres(neighbor.gap_m);
  return neighbor.shared_m ? metres(neighbor.shared_m) : "";
}
