/** The legend: only what the map shows on the day. */
import { h, svg } from "#page/dom";
import { relationLine, sign, swatch } from "#page/icons";
import { t } from "#page/i18n";

/**
 * Fill the legend.
 * @param {HTMLElement} place
 * @param {any} model its `states` are those of plots that are drawn as tiles
 * @param {Record<string, any>} styles
 * @param {"marketing"|null} [by] by what the plots are colored; null is their use
 */
export function fillLegend(place, model, styles, by = null) {
  const used = (records) => new Set(records.map((record) => record.filter));
  const rows = (kind, values, mark) =>
    Object.entries(styles[kind])
      .filter(([value]) => values.has(value))
      .map(([value, style]) => row(mark(value, style), t(style.label)));
  const isUnsure = [...model.companies, ...model.facilities].some((record) => record.isUncertain);
  const relations = Object.entries(styles.relations).filter(([relation]) => relation !== "same_plot");
  place.replaceChildren(
    by
      ? part(
          t("Marketing status"),
          rows(by, new Set(model.plots.map((plot) => plot.marketing_status)), swatch),
        )
      : part(t("Plots"), rows("plots", model.states ?? used(model.plots), swatch)),
    part(
      t("Companies"),
      rows("sectors", used(model.companies), (_, style) => sign(style)),
    ),
    part(
      t("Facilities"),
      rows("facilities", used(model.facilities), (_, style) =>
        sign(style, { shape: "square", letter: Boolean(style.letter) }),
      ),
    ),
    part(t("Neighbors of what is selected"), [
      row(neighborSwatch(), t("Neighboring plot")),
      ...relations.map(([, style]) => row(relationLine(style), t(style.label))),
    ]),
    part(t("Lines"), [
      row(line("legend-tour"), t("Tour")),
      row(line("legend-tour is-off-network"), t("Tour, off the paths")),
      row(line("legend-way"), t("Walk network")),
    ]),
    part(t("Reliability"), [
      row(
        h("span.sign.is-approximate", { style: { "--sign": "#767d86", "--sign-ink": "#fff" } }),
        t("location approximate"),
      ),
      ...(isUnsure ? [row(unsureSign(), t("Not known whether already there"))] : []),
    ]),
  );
}

function unsureSign() {
  const drawn = h("span.sign", { style: { "--sign": "#767d86", "--sign-ink": "#fff" } });
  return h("span.sign-unsure.is-uncertain", drawn);
}

function neighborSwatch() {
  const shape = { class: "legend-neighbor", x: 1, y: 1, width: 20, height: 14, rx: 2 };
  return svg("svg", { viewBox: "0 0 22 16", class: "swatch", "aria-hidden": "true" }, svg("rect", shape));
}

function line(className) {
  return svg(
    "svg",
    { viewBox: "0 0 28 10", class: `relation-line ${className}`, "aria-hidden": "true" },
    svg("path", { d: "M2 5H26" }),
  );
}

function part(title, rows) {
  return h("section", { hidden: rows.length === 0 }, h("h3", title), h("ul", ...rows));
}

function row(mark, text) {
  return h("li", h("span.legend-mark", mark), h("span", text));
}
