/** Draws the strip of a plan; what it shows the table tells in words. */
import { svg } from "#page/dom";
import { t, timeOfDay } from "#page/i18n";
import { written } from "#planner/stops/clock";
import { HEAD_PX, ROW_PX, stripLayout } from "#planner/plan/strip";
import { visitWords } from "#planner/plan/texts";

const BAR_PX = 12;
const NARROW_PX = 480;
/** Half of the last time written above reaches beyond the time shown. */
const BEYOND_PX = 20;

/** So wide a letter is about, and so much stands before the name. */
const LETTER_PX = 6.6;
const BEFORE_NAME_PX = 36;

/** Draw the strip into its place, as wide as that is. */
export function drawStrip(place, plan, request) {
  const width = Math.max(place.clientWidth, 240);
  const nameWidth = width < NARROW_PX ? 110 : 190;
  const layout = stripLayout(plan, request, { width: width - BEYOND_PX, nameWidth });
  place.replaceChildren(drawing(layout, nameWidth));
}

function drawing(layout, nameWidth) {
  const { width, height } = layout;
  const shape = {
    class: "strip",
    width: width + BEYOND_PX,
    height,
    viewBox: `0 0 ${width + BEYOND_PX} ${height}`,
    role: "img",
  };
  return svg(
    "svg",
    {
      ...shape,
      "aria-label": t("Times of the visits and of the time windows; the table gives them in words"),
    },
    ...layout.ticks.map((tick) => tickMark(tick, height)),
    ...layout.ends.map((end) => endMark(end, height)),
    // A walk sets out and ends within windows: they lie behind it.
    ...layout.rows.flatMap((row) => row.windows.map((window) => bar(row, window, "window", 6))),
    ...layout.walks.map((walk) => svg("line", { ...walk, class: "strip-walk" })),
    ...layout.rows.map((row) => rowMark(row, nameWidth)),
  );
}

function tickMark({ x, minute }, height) {
  return svg(
    "g",
    { class: "strip-tick" },
    svg("line", { x1: x, x2: x, y1: HEAD_PX - 4, y2: height }),
    svg("text", { x, y: HEAD_PX - 8, "text-anchor": "middle" }, timeOfDay(written(minute))),
  );
}

function endMark({ x, kind }, height) {
  return svg("line", { x1: x, x2: x, y1: HEAD_PX - 4, y2: height, class: `strip-end is-${kind}` });
}

/** Cut a name that is wider than its place. */
function shortened(name, width) {
  const most = Math.floor((width - BEFORE_NAME_PX) / LETTER_PX);
  return name.length > most ? `${name.slice(0, most - 1).trimEnd()}…` : name;
}

function bar({ y }, part, kind, more = 0) {
  const top = y + (ROW_PX - BAR_PX - more) / 2;
  return svg("rect", {
    x: part.x,
    width: Math.max(part.w, 2),
    y: top,
    height: BAR_PX + more,
    rx: 2,
    class: `strip-${kind}`,
  });
}

function rowMark(row, nameWidth) {
  const { y, stop, planned, number, wait, visit } = row;
  const middle = y + ROW_PX / 2;
  return svg(
    "g",
    { class: `strip-row${planned ? "" : " is-out"}` },
    svg("title", {}, `${stop.name}: ${planned ? visitWords(planned) : t("left out")}`),
    svg(
      "text",
      { x: 14, y: middle + 4, "text-anchor": "middle", class: "strip-number" },
      number === null ? "–" : String(number),
    ),
    svg("text", { x: 28, y: middle + 4, class: "strip-name" }, shortened(stop.name, nameWidth)),
    ...(wait ? [bar(row, wait, "wait", -6)] : []),
    ...(visit ? [bar(row, visit, "visit")] : []),
  );
}
