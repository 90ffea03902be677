/** Small line drawings for the planner's buttons. */
import { svg } from "#page/dom";

const PATHS = {
  add: "M8 3v10M3 8h10",
  bell: "M8 4v4l2.5 1.5M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2z",
  check: "M3 8.5l3.2 3.2L13 5",
  copy: "M6 6h7v7H6zM10 6V3H3v7h3",
  delete: "M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.6 9h5.8l.6-9M6.8 7v4.2M9.2 7v4.2",
  down: "M3.5 6L8 10.5 12.5 6",
  drag: "M6 3.5v.01M6 8v.01M6 12.5v.01M10 3.5v.01M10 8v.01M10 12.5v.01",
  globe: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM2 8h12M8 2c-4 4-4 8 0 12M8 2c4 4 4 8 0 12",
  lock: "M4 7.5h8V14H4zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
  more: "M3.5 8v.01M8 8v.01M12.5 8v.01",
  neighbors: "M2 3h5v10H2zM9 3h5v4H9zM11.5 9.5v4M9.5 11.5h4",
  redo: "M12.5 6.5H6a3.5 3.5 0 0 0 0 7h3M12.5 6.5l-3-3M12.5 6.5l-3 3",
  remove: "M4 4l8 8M12 4l-8 8",
  save: "M3 3h8l2 2v8H3zM5.5 3v3.5h5V3M5.5 13V9.5h5V13",
  share:
    "M6.5 9.5a2.5 2.5 0 0 0 3.5 0l2.5-2.5A2.5 2.5 0 0 0 9 3.5l-1 1M9.5 6.5a2.5 2.5 0 0 0-3.5 0L3.5 9A2.5 2.5 0 0 0 7 12.5l1-1",
  undo: "M3.5 6.5H10a3.5 3.5 0 0 1 0 7H7M3.5 6.5l3-3M3.5 6.5l3 3",
  up: "M3.5 10L8 5.5l4.5 4.5",
  warn: "M8 2.5L14 13H2zM8 6.5v3M8 11.2v.01",
};

/**
 * Draw a sign in the color of the text around it.
 * @param {string} name one of `PATHS`
 * @returns {SVGElement}
 */
export function glyph(name) {
  const shape = {
    viewBox: "0 0 16 16",
    class: `glyph glyph-${name}`,
    "aria-hidden": "true",
    focusable: "false",
  };
  return svg("svg", shape, svg("path", { d: PATHS[name] }));
}
