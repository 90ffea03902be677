/** Signs: a shape, a letter and a color together, made of elements only. */
import { h, svg } from "#page/dom";
import { t } from "#page/i18n";
import { ICON_PATHS } from "#page/icon_paths";
import { lookOf } from "#tours/tour_looks";

/**
 * Draw an icon in the color of the text around it.
 * @param {string} name a name of `ICON_PATHS`; an unknown one draws the sign for "unknown"
 * @returns {SVGElement}
 */
export function icon(name) {
  const paths = ICON_PATHS[name] ?? ICON_PATHS.unknown;
  const drawn = paths.map((d) => svg("path", { d }));
  return svg(
    "svg",
    { viewBox: "0 0 16 16", class: "icon", "aria-hidden": "true", focusable: "false" },
    ...drawn,
  );
}

/** Return the letter of a style: its own, or the first of its label in the language spoken. */
function letterOf(style) {
  return style.letter ?? t(style.label).charAt(0).toUpperCase();
}

/**
 * Draw a sign of a sector or a facility.
 * @param {{label: string, color: string, ink: string, icon: string}} style
 * @param {{shape?: "round"|"square", isApproximate?: boolean, letter?: boolean}} [options]
 *   an approximate place has a broken rim
 * @returns {HTMLElement}
 */
export function sign(style, { shape = "round", isApproximate = false, letter = true } = {}) {
  return h(
    "span",
    {
      class: `sign sign-${shape}${isApproximate ? " is-approximate" : ""}`,
      style: { "--sign": style.color, "--sign-ink": style.ink },
    },
    icon(style.icon),
    letter && h("b.sign-letter", { "aria-hidden": "true" }, letterOf(style)),
  );
}

/** Draw the sign of a walk, with its letter where there are others. */
export function tourSign(tour) {
  const letter = tour.letter && h("b.sign-letter", { "aria-hidden": "true" }, tour.letter);
  return h("span", { class: `sign sign-stop ${lookOf(tour)}` }, icon("walk"), letter);
}

/** Draw the swatch of a plot status as the map fills it. */
export function swatch(status, style) {
  const drawn = svg("svg", { viewBox: "0 0 22 16", class: "swatch", "aria-hidden": "true" });
  drawn.append(
    svg("rect", { x: 1, y: 1, width: 20, height: 14, rx: 2, class: "swatch-land" }),
    svg("rect", {
      x: 1,
      y: 1,
      width: 20,
      height: 14,
      rx: 2,
      ...plotPaint(status, style),
      class: "swatch-plot",
    }),
  );
  return drawn;
}

/** Return the SVG paint of a plot status. */
export function plotPaint(status, style) {
  if (style.pattern) return { fill: `url(#pattern-${status})`, "fill-opacity": 1, stroke: style.color };
  return { fill: style.color, "fill-opacity": style.fill, stroke: style.color };
}

/** Put the patterns of the plot statuses into the page, once. */
export function definePatterns(styles) {
  if (document.getElementById("plot-patterns")) return;
  const patterns = Object.entries(styles)
    .filter(([, style]) => style.pattern)
    .map(([status, style]) => patternOf(status, style));
  const holder = svg("svg", {
    id: "plot-patterns",
    width: 0,
    height: 0,
    "aria-hidden": "true",
    class: "patterns",
  });
  holder.append(svg("defs", {}, ...patterns));
  document.body.append(holder);
}

function patternOf(status, style) {
  const ground = svg("rect", { width: 8, height: 8, fill: style.color, "fill-opacity": style.fill });
  const mark =
    style.pattern === "hatch"
      ? svg("path", {
          d: "M0 8L8 0M-2 2L2-2M6 10L10 6",
          stroke: style.color,
          "stroke-width": 1.4,
          "stroke-opacity": 0.8,
        })
      : svg("circle", { cx: 4, cy: 4, r: 0.8, fill: style.color, "fill-opacity": 0.55 });
  const size = { width: 8, height: 8, patternUnits: "userSpaceOnUse" };
  return svg("pattern", { id: `pattern-${status}`, ...size }, ground, mark);
}

/** Draw a short line in the style of a relation. */
export function relationLine(style) {
  const drawn = svg("svg", { viewBox: "0 0 28 10", class: "relation-line", "aria-hidden": "true" });
  const line = (y, extra = {}) =>
    svg("path", {
      d: `M2 ${y}H26`,
      stroke: style.color,
      "stroke-width": 3.2,
      "stroke-linecap": "round",
      ...extra,
    });
  if (style.line === "double") drawn.append(line(3, { "stroke-width": 2 }), line(7.4, { "stroke-width": 2 }));
  else if (style.line === "dotted") drawn.append(line(5, { "stroke-dasharray": "0.1 6" }));
  else if (style.line === "dashed") drawn.append(line(5, { "stroke-dasharray": "5.5 5.5" }));
  else if (style.line === "solid") drawn.append(line(5));
  else
    drawn.append(
      svg("circle", { cx: 10, cy: 5, r: 3.4, fill: "currentColor" }),
      svg("circle", { cx: 18, cy: 5, r: 3.4, fill: "currentColor" }),
    );
  return drawn;
}
