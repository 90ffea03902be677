/** Dragging rows to another place, with the mouse, a pen or a finger on their handle. */
import { EdgeScroll } from "#planner/stops/edge_scroll";

/**
 * Let rows be dragged by what matches `.handle`.
 * @param {HTMLElement} body holds the rows
 * @param {{rows: () => HTMLElement[], drop: (row: HTMLElement, to: number) => void}} actions
 *   `rows` are those that can be dragged in their order; `to` counts without the dragged one
 */
export function letRowsBeDragged(body, { rows, drop }) {
  body.addEventListener("pointerdown", (event) => {
    const handle = /** @type {Element} */ (event.target).closest(".handle");
    if (!handle || event.button !== 0) return;
    start(handle, event, { rows, drop });
  });
}

function start(handle, event, { rows, drop }) {
  const row = handle.closest("tr");
  const others = rows().filter((one) => one !== row);
  let to = null;
  handle.setPointerCapture(event.pointerId);
  const move = ({ clientY }) => {
    if (to === null && Math.abs(clientY - event.clientY) < 5) return;
    edge.at(clientY);
    point(clientY);
  };
  const point = (y) => {
    to = placeAt(others, y);
    row.classList.add("is-dragged");
    others.forEach((one, i) => {
      one.classList.toggle("is-before", i === to);
      one.classList.toggle("is-after", to === others.length && i === others.length - 1);
    });
  };
  // The rows move under a pointer that rests.
  const edge = new EdgeScroll(row, point);
  const end = ({ type }) => {
    edge.stop();
    handle.removeEventListener("pointermove", move);
    for (const one of [row, ...others]) one.classList.remove("is-dragged", "is-before", "is-after");
    if (type === "pointerup" && to !== null) drop(row, to);
  };
  handle.addEventListener("pointermove", move);
  for (const type of ["pointerup", "pointercancel"]) handle.addEventListener(type, end, { once: true });
}

/** Return before which of the rows a height lies, their number below all. */
function placeAt(rows, y) {
  const at = rows.findIndex((row) => {
    const { top, height } = row.getBoundingClientRect();
    return y < top + height / 2;
  });
  return at < 0 ? rows.length : at;
}
