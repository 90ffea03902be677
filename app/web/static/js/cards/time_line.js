/** When something was what: a table of periods, drawn as bars over years; each bar leads to a day in it. */
import { axisOf } from "#cards/axis";
import { dayBefore } from "#page/days";
import { h } from "#page/dom";
import { day, since, t } from "#page/i18n";
import { addressOf } from "#map/model";
import { holdsOn, knownFrom } from "#page/periods";

/**
 * @typedef {{row: import("#page/periods").Dated & {starts_precision?: string}, sel: {kind: string, key: string},
 *   text?: string|null, color?: string}} Bar `text` is what it was then
 * @typedef {{name: string, bars: Bar[]}} Line
 */

/** Return the part of a company's card that shows its places and names over time; empty where nothing is known. */
export function companyTime(company, context) {
  if (!context.model.history) return [];
  const rows = context.model.history.companies
    .map(({ properties }) => properties)
    .filter((row) => row.company === company.key);
  const isRenamed = new Set(rows.map((row) => row.name)).size > 1;
  const sel = { kind: "company", key: company.key };
  const nameOf = (row) => addressOf(row) ?? row.plot ?? context.parks.get(row.park) ?? row.park;
  const bars = rows.map((row) => [nameOf(row), { row, sel, text: isRenamed ? row.name : null }]);
  return timeLine(linesOf(bars), context);
}

/** Return the part of a plot's card that shows its uses and who was on it; empty where nothing is known. */
export function plotTime(plot, context) {
  if (!context.model.history) return [];
  const { companies, facilities, plots } = context.model.history;
  const own = (plots ?? []).map(({ properties }) => properties).filter((row) => row.key === plot.key);
  const isHere = ({ properties }) => properties.plot === plot.key;
  const style = (status) => context.styles.plots[status] ?? context.styles.plots.unknown;
  const bars = [
    ...(own.length ? own : [plot]).map((row) => [
      t("Use"),
      {
        row,
        sel: { kind: "plot", key: plot.key },
        text: t(style(row.use_status).label),
        color: style(row.use_status).color,
      },
    ]),
    ...companies
      .filter(isHere)
      .map(({ properties: row }) => [row.name, { row, sel: { kind: "company", key: row.company } }]),
    ...facilities
      .filter(isHere)
      .map(({ properties: row }) => [row.name, { row, sel: { kind: "facility", key: row.key } }]),
  ];
  return timeLine(linesOf(bars), context);
}

/** @returns {Line[]} one a name, in the order of their first bars */
function linesOf(named) {
  const lines = new Map();
  for (const [name, bar] of named) lines.set(name, [...(lines.get(name) ?? []), bar]);
  return [...lines].map(([name, bars]) => ({
    name,
    bars: bars.sort((a, b) => ((a.row.valid_from ?? "") < (b.row.valid_from ?? "") ? -1 : 1)),
  }));
}

/**
 * Make the table.
 * @param {Line[]} lines
 * @param {{on: string, today: string, pick: (sel: object, on?: string) => void}} context
 */
function timeLine(lines, context) {
  const rows = lines.flatMap(({ bars }) => bars.map(({ row }) => row));
  const known = rows.flatMap((row) => [knownFrom(row), row.valid_to]).filter(Boolean);
  if (!known.length) return [];
  const axis = axisOf([...known, context.today]);
  const table = h(
    "table.time-line",
    h("caption.visually-hidden", t("What was when; each period leads to a day in it")),
    h("tbody", ...lines.map((line) => lineRow(line, axis, context))),
    h(
      "tfoot",
      { "aria-hidden": "true" },
      h("tr", h("td"), h("td", h("div.time-years", ...marks(axis, context)))),
    ),
  );
  return [h("section.card-part", h("h3", t("Over time")), table)];
}

function lineRow({ name, bars }, axis, context) {
  const drawn = bars.map((bar) => barLink(name, bar, axis, context));
  return h("tr", h("th", { scope: "row" }, name), h("td", h("div.time-bars", ...drawn)));
}

function barLink(name, { row, sel, text, color }, axis, context) {
  const on = dayIn(row, context);
  const words = [text, periodWords(row)].filter(Boolean).join(", ");
  const params = new URLSearchParams({ ...(on !== context.today && { on }), sel: `${sel.kind}:${sel.key}` });
  const [from, to] = [
    row.valid_from ? axis.shareOf(row.valid_from) : 0,
    row.valid_to ? axis.shareOf(row.valid_to) : 1,
  ];
  const certain = row.valid_from ? from : axis.shareOf(knownFrom(row) ?? context.today);
  const go = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    context.pick({ ...sel, name: sel.kind === "plot" ? sel.key : name }, on);
  };
  return h(
    "a.time-bar",
    {
      href: `?${params}`,
      title: words,
      "aria-current": holdsOn(row, context.on) ? "date" : null,
      style: {
        "--from": String(from),
        "--to": String(to),
        "--certain": String(to > from ? Math.min(1, Math.max(0, (certain - from) / (to - from))) : 0),
        ...(color && { "--bar": color }),
      },
      on: { click: go },
    },
    h("span", text ?? ""),
    h("span.visually-hidden", `${name}: ${words}`),
  );
}

/** Return a day on which a row holds: the day shown or today if it does then, else its last, else its first. */
function dayIn(row, { on, today }) {
  const shown = [on, today].find((one) => holdsOn(row, one));
  return shown ?? (row.valid_to && row.valid_to <= today ? dayBefore(row.valid_to) : (row.valid_from ?? on));
}

/** Say a period: `seit 2013, bis 24.07.2021`. */
function periodWords({ valid_from: from, valid_to: to, starts_precision: precision = "day", as_of: asOf }) {
  return [since(from, precision, asOf), to && t("until {when}", { when: day(dayBefore(to)) })]
    .filter(Boolean)
    .join(", ");
}

function marks(axis, { on, today }) {
  const mark = (className, iso) => h(`i.${className}`, { style: { "--at": String(axis.shareOf(iso)) } });
  return [
    ...axis.years.map(({ year, at }) => h("span", { style: { "--at": String(at) } }, year)),
    mark("is-today", today),
    mark("is-shown", on),
  ];
}
