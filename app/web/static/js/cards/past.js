/** What was and will be at the place that a card tells of. */
import { dayBefore } from "#page/days";
import { button, h } from "#page/dom";
import { fact, hint, link, quiet } from "#cards/facts";
import { asKnown, day, t } from "#page/i18n";
import { addressOf } from "#map/model";
import { nearest, othersOn } from "#map/other_days";
import { heldOn, holdsOn } from "#page/periods";

/**
 * Return the facts of who was and will be on some plots, and what of a thing itself is planned.
 * @param {{kind: string, key: string, name: string}} record
 * @param {string[]} plots keys
 * @param {any} context
 * @param {Set<string>} [named] keys of companies that the card names anyway
 */
export function pastAndFuture(record, plots, context, named = new Set()) {
  const { history } = context.model;
  if (!history) return [];
  const others = othersOn(history, plots, context.on).filter(
    ({ kind, key }) =>
      !(kind === record.kind && key === record.key) && !(kind === "company" && named.has(key)),
  );
  const here = (list) => list.flatMap((one) => [jump(one, context), quiet(`(${until(one)})`)]);
  const later = others.filter(({ isLater }) => isLater);
  return [
    fact(t("Formerly here"), ...here(others.filter(({ isLater }) => !isLater))),
    fact(t("Later here"), ...here(later.filter(({ on }) => on <= context.today))),
    ...later.filter(({ on }) => on > context.today).map((one) => planned(one.row, jump(one, context))),
    ...ownRows(history, record)
      .filter((row) => row.valid_from > context.today && !holdsOn(row, context.on))
      .map((row) => planned(row, ...PLANNED[record.kind](row, context))),
  ].filter(Boolean);
}

const PLANNED = {
  company: (row, { parks }) => [row.name, quiet(addressOf(row) ?? row.plot ?? parks.get(row.park))],
  facility: (row) => [row.name],
  plot: (row, { styles }) => [t(styles.plots[row.use_status]?.label ?? "use unknown")],
};

function planned({ valid_from: from, starts_precision: precision }, ...what) {
  return fact(t("Planned from {when}", { when: asKnown(from, precision) }), ...what);
}

function until({ isLater, on, row }) {
  return isLater
    ? t("from {when}", { when: asKnown(on, row.starts_precision) })
    : t("until {when}", { when: day(on) });
}

function jump({ kind, key, name, on }, context) {
  return button(name, () => context.pick({ kind, key, name }, on), { class: "inline-link" });
}

/** Return the rows of a thing with all of its versions. */
function ownRows(history, { kind, key }) {
  const [name, column] = {
    company: ["companies", "company"],
    facility: ["facilities", "key"],
    plot: ["plots", "key"],
  }[kind] ?? ["", ""];
  return (history[name] ?? []).map(({ properties }) => properties).filter((row) => row[column] === key);
}

/** Make the hint that it is not known whether something was there on the day shown; false where it is. */
export function unsureHint(isUncertain, context) {
  return isUncertain && hint(t("not known whether already there on {day}", { day: day(context.on) }));
}

/**
 * Tell of something that is not there on the day shown.
 * @param {{kind: string, key: string}} sel
 * @param {any} context
 * @returns {{then: HTMLElement|null, on: string|null}} `then`: who was there on the day; `on`: today, if it is there
 *   then, else the nearest day on which it is
 */
export function thereThen(sel, context) {
  const { history } = context.model;
  const rows = history ? ownRows(history, sel).map((properties) => ({ properties })) : [];
  if (!rows.length) return { then: null, on: context.today };
  const near = nearest(rows, context.on).on;
  const [{ properties: own }] = heldOn(rows, near);
  const plot = own.plot && context.model.find({ kind: "plot", key: own.plot });
  const firms = plot ? context.model.on(plot.key) : [];
  const names = firms.flatMap((firm, n) => [n ? ", " : " ", link(firm, firm.name, context)]);
  const words = firms.length ? names : [" ", t("None known on this day.")];
  const then = plot && h("p", t("There then:"), ...words);
  return { then, on: heldOn(rows, context.today).length ? context.today : near };
}

/** Say until when a row holds; null where it is open. */
export function untilWords(row) {
  return row.valid_to && t("until {when}", { when: day(dayBefore(row.valid_to)) });
}
